"""Chunks of work on several threads, each with its share of the cores.

Only the large products of a chunk use all cores well; searching, sorting and the many small steps
between them run on one. Chunks side by side keep the others busy meanwhile: at (1,536, 9,216, 64)
two cores encode a third more documents than with one chunk after the other.
"""

from __future__ import annotations

import functools
import math
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

_MOST = 8
"""Chunks at a time; more would all read the same weights from memory."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def chunks_at_once() -> int:
    """How many chunks this thread may have worked at, 1 where cores cannot be shared out."""
    import torch

    cores = torch.get_num_threads()
    return cores // math.ceil(cores / _MOST) if cores > 1 and _can_share_cores() else 1


def in_order(
    make: Callable[[], Callable[[Item], Result]], items: Iterable[Item], at_once: int
) -> Generator[Result]:
    """work(item) of `items`, in their order, `at_once` of them at a time.

    `make` returns the work; it is called once for each thread, so that each has its own buffers.
    What the work raises is raised here. No thread is left when the iterator is closed.
    """
    if at_once == 1:
        yield from map(make(), items)
        return
    import torch

    share = max(1, torch.get_num_threads() // at_once)
    works = [make() for _ in range(at_once)]
    own = threading.local()

    def start() -> None:
        _use_cores(share)
        own.work = works.pop()

    pool = ThreadPoolExecutor(at_once, "chunks", start)
    try:
        yield from _results(pool, lambda item: own.work(item), items, at_once)
    finally:
        pool.shutdown(cancel_futures=True)


def _results(
    pool: ThreadPoolExecutor, work: Callable[[Item], Result], items: Iterable[Item], at_once: int
) -> Generator[Result]:
    pending: deque[Future[Result]] = deque()
    for item in items:
        # One more than threads, so that none waits for whoever takes the results.
        if len(pending) > at_once:
            yield pending.popleft().result()
        pending.append(pool.submit(work, item))
    while pending:
        yield pending.popleft().result()


def _use_cores(count: int) -> None:
    """Of the calling thread; torch's own setting would hold for all threads."""
    import torch

    torch.get_num_threads()  # It settles a new thread's number at first, and not again.
    for library in _thread_libraries():
        library.set_num_threads(count)


@functools.cache
def _thread_libraries() -> tuple[Any, ...]:
    from threadpoolctl import ThreadpoolController

    return tuple(ThreadpoolController().select(user_api="openmp").lib_controllers)


@functools.cache
def _can_share_cores() -> bool:
    """Whether a thread's number of cores can be set and torch keeps to it."""
    import torch

    with ThreadPoolExecutor(1, "chunks", lambda: _use_cores(1)) as pool:
        return pool.submit(torch.get_num_threads).result() == 1
