"""Chunks of work on several threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing

import numpy as np
import pytest
import torch

import saedesk
from saedesk.sae import sparse_autoencoder
from saedesk.sae.quantised_product import RoundedWeights
from saedesk.sae.side_by_side import chunks_at_once, in_order
from saedesk.task_control import Cancelled, Unattended


@pytest.fixture
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def threads_of_chunks() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name.startswith("chunks")]


def squares() -> Callable[[int], int]:
    return lambda item: item * item


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_results_come_in_the_order_of_the_items(at_once: int) -> None:
    assert list(in_order(squares, range(40), at_once)) == [n * n for n in range(40)]
    assert list(in_order(squares, range(0), at_once)) == []


def test_each_thread_has_its_own_work_and_its_share_of_the_cores(two_threads: None) -> None:
    assert chunks_at_once() == 2
    both = threading.Barrier(2, timeout=10)

    def make() -> Callable[[int], tuple[int, int, int]]:
        mine = object()

        def work(item: int) -> tuple[int, int, int]:
            if item < 2:
                both.wait()  # So that neither thread takes both.
            return id(mine), threading.get_ident(), torch.get_num_threads()

        return work

    found = list(in_order(make, range(20), 2))
    assert len({(work, thread) for work, thread, _ in found}) == 2
    assert {cores for *_, cores in found} == {1}
    assert torch.get_num_threads() == 2


def test_what_the_work_raises_is_raised_and_no_thread_is_left() -> None:
    def make() -> Callable[[int], float]:
        return lambda item: 1 / (5 - item)

    found = in_order(make, range(1000), 2)
    assert [next(found) for _ in range(5)] == [1 / 5, 1 / 4, 1 / 3, 1 / 2, 1]
    with pytest.raises(ZeroDivisionError):
        next(found)
    assert not threads_of_chunks()


def test_no_thread_goes_on_when_nobody_wants_more() -> None:
    begun: list[int] = []

    def make() -> Callable[[int], None]:
        return lambda item: begun.append(item)

    with closing(in_order(make, range(1000), 2)) as found:
        next(found)
    assert not threads_of_chunks()
    assert len(begun) < 10


@pytest.mark.parametrize("precision", ["int8", "bfloat16", "float32"])
def test_chunks_side_by_side_give_the_codes_of_one_after_the_other(
    precision: str, two_threads: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("saedesk.sae.product_choice.search_precision", lambda *_: precision)
    rows = np.random.default_rng(2).standard_normal((700, 24)).astype(np.float32)
    sae = saedesk.train(rows, n_latents=96, k=6, steps=20, device="cpu")
    whole = sae.encode(rows)
    used: set[str] = set()
    encode_rows = sparse_autoencoder.encode_rows

    def noted(*arguments: object, **wanted: bool) -> object:
        used.add(threading.current_thread().name)
        return encode_rows(*arguments, **wanted)

    monkeypatch.setattr(sparse_autoencoder, "encode_rows", noted)
    monkeypatch.setattr(sparse_autoencoder, "_LARGEST_DENSE", 200 * 96)
    chunked = sae.encode(rows)
    assert used
    assert {name.startswith("chunks") for name in used} == {precision == "int8"}
    assert np.array_equal(whole.indptr, chunked.indptr)
    assert np.array_equal(whole.indices, chunked.indices)
    assert np.array_equal(whole.data, chunked.data)


def test_the_weights_of_an_sae_are_rounded_once_for_all_that_is_encoded(
    two_threads: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("saedesk.sae.product_choice.search_precision", lambda *_: "int8")
    monkeypatch.setattr("saedesk.sae.pre_activations.has_integer_product", lambda *_: True)
    rows = np.random.default_rng(2).standard_normal((700, 24)).astype(np.float32)
    sae = saedesk.train(rows, n_latents=96, k=6, steps=5, device="cpu")
    rounded: list[int] = []
    original = RoundedWeights._rounded
    monkeypatch.setattr(
        RoundedWeights, "_rounded", lambda *args: rounded.append(1) or original(*args)
    )
    first = sae.encode(rows)
    monkeypatch.setattr(sparse_autoencoder, "_LARGEST_DENSE", 200 * 96)
    again = sae.encode(rows)
    assert len(rounded) == 1
    assert np.array_equal(first.data, again.data)


def test_encoding_is_cancelled_between_chunks(
    two_threads: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    class CancelledInTheMiddle(Unattended):
        def __init__(self) -> None:
            self.left = 3

        def checkpoint(self) -> None:
            self.left -= 1
            if self.left < 0:
                raise Cancelled

    rows = np.random.default_rng(2).standard_normal((700, 24)).astype(np.float32)
    sae = saedesk.train(rows, n_latents=96, k=6, steps=5, device="cpu")
    monkeypatch.setattr(sparse_autoencoder, "_LARGEST_DENSE", 32 * 96)
    chunks = sae.encode_chunks(rows, control=CancelledInTheMiddle())
    with pytest.raises(Cancelled):
        list(chunks)
    assert not threads_of_chunks()
