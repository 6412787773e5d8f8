"""How many processors torch may use while a window is up."""

from __future__ import annotations

import functools

import psutil


def compute_threads() -> int:
    """Physical cores but one, which stays with the window; at least one.

    More threads than free cores make torch slower, because they spin while they wait.
    """
    cores = psutil.cpu_count(logical=False) or psutil.cpu_count() or 1
    return max(1, cores - 1)


@functools.cache
def limit_torch_threads() -> None:
    """Tell torch, once, from the first task that uses it."""
    import torch

    torch.set_num_threads(compute_threads())
