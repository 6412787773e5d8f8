"""Keeps what a large SAE holds in memory out of Python's garbage collections.

A collection looks at every object there is, in whatever thread it begins, and all others wait for
it: with labels and scores of 100,000 features for 60 ms and more, again and again while torch is
imported or a language model is asked.
"""

from __future__ import annotations

import gc

MANY_LABELS = 20_000
"""Fewer are looked through within 10 ms."""


def keep_out_of_collections(labels: int) -> None:
    """Let collections pass over all objects that are there now, where they are many."""
    if labels >= MANY_LABELS:
        gc.freeze()


def collect_again() -> None:
    """Let collections look at everything, as what was kept out may be garbage from now on."""
    gc.unfreeze()
