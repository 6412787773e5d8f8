"""Time and memory of families at the size of the paper, beside the dense one-hot product.

    python -m tests.benchmarks.families.family_scale --cache FOLDER [--documents 420000]

The released code of O'Neill et al. 2024 makes an array of ones and zeros (documents, features) and
multiplies it with itself. Both count the same slice of the documents, in the same run and with the
same number of threads, and must agree.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np

from saedesk.features.families.co_occurrence import SMALLEST_SHARE, CoOccurrence, co_occurrence
from saedesk.features.families.family_metrics import measure_families
from saedesk.features.families.family_settings import FamilySettings
from saedesk.features.families.family_stability import bootstrap_families
from saedesk.features.families.family_tree import find_families
from saedesk.features.sparse_activations import SparseActivations
from tests.benchmarks.families.planted_documents import Planted, write
from tests.benchmarks.sae_peers.markdown_table import markdown_table

PLANTED = Planted(trees=256, size=32, alone=1024, topics=8, active=64)
SLICE = 32_768
TURNS = 3
MOVES = (0.1, 0.12, 0.15, 0.2, 0.08, 0.1, 0.3, 0.11)
"""Thresholds that a slider is moved to."""

Answer = TypeVar("Answer")


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--cache", type=Path, required=True, help="folder for what is made once")
    parser.add_argument("--documents", type=int, default=420_000)
    parser.add_argument("--all", action="store_true", help="measures and stability too")
    parser.add_argument("--write-only", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.write_only:
        write(PLANTED, arguments.write_only, arguments.cache / str(arguments.write_only))
        return
    rows = _counted(arguments.cache, arguments.documents, arguments.all)
    rows += _beside_dense(arguments.cache)
    print(f"{PLANTED.n_latents:,} features, {PLANTED.active} of them active in each document\n")
    print(markdown_table(("what", "measured"), rows))


def _counted(cache: Path, documents: int, with_measures: bool) -> list[tuple[str, str]]:
    activations = _made(cache, documents)
    before = _peak_memory()
    found, seconds = _timed(lambda: co_occurrence(activations))
    extra = _peak_memory() - before
    families, finding = _timed(lambda: find_families(found))
    moved = []
    for threshold in MOVES:
        settings = FamilySettings(threshold=threshold, later_threshold=0.7 * max(threshold, 0.1))
        moved.append(_timed(lambda s=settings: find_families(found, s))[1])
    rows = [
        (f"co-occurrence of {documents:,} documents", f"{seconds:.1f} s"),
        ("its memory beside what was there", f"{extra:.0f} MB"),
        ("pairs kept", f"{len(found.together):,}"),
        ("tree and families", f"{finding:.2f} s"),
        ("families", f"{len(families):,}"),
        ("another threshold, median", f"{1000 * statistics.median(moved):.0f} ms"),
        ("another threshold, slowest", f"{1000 * max(moved):.0f} ms"),
    ]
    if with_measures:
        directions = np.random.default_rng(0).standard_normal((PLANTED.n_latents, 384))
        settings = FamilySettings()
        _, measuring = _timed(
            lambda: measure_families(activations, found, families, settings, directions)
        )
        _, drawing = _timed(lambda: bootstrap_families(activations, found, families, settings))
        rows += [
            ("measures of all families", f"{measuring:.1f} s"),
            ("stability from 20 draws", f"{drawing:.1f} s"),
            ("peak memory of the process", f"{_peak_memory():.0f} MB"),
        ]
    return rows


def _beside_dense(cache: Path) -> list[tuple[str, str]]:
    activations = _made(cache, SLICE)
    # Taking turns, the best of each: what else the machine does slows both.
    own, dense = [], []
    for _ in range(TURNS):
        found, seconds = _timed(lambda: co_occurrence(activations))
        own.append(seconds)
        product, seconds = _timed(lambda: _one_hot_product(activations))
        dense.append(seconds)
    _check_same(found, product)
    threads = os.environ.get("OMP_NUM_THREADS", f"{os.cpu_count()}")
    return [
        (f"a slice of {SLICE:,} documents", f"{min(own):.2f} s"),
        (f"the same as a dense product, {threads} threads", f"{min(dense):.1f} s"),
        ("times as fast", f"{min(dense) / min(own):.0f}"),
    ]


def _one_hot_product(activations: SparseActivations) -> np.ndarray:
    one_hot = np.zeros((activations.n_documents, activations.n_latents), np.float32)
    rows = np.repeat(np.arange(activations.n_documents), np.diff(activations.document_offsets))
    one_hot[rows, activations.document_latents] = 1
    return one_hot.T @ one_hot


def _check_same(found: CoOccurrence, product: np.ndarray) -> None:
    """Raise AssertionError where a count differs, or a pair is missing."""
    assert found.counts.tolist() == product.diagonal().tolist()
    np.testing.assert_array_equal(product[found.rarer, found.denser], found.together)
    rarer = np.minimum.outer(found.counts, found.counts)
    np.fill_diagonal(product, 0)
    kept = (product >= SMALLEST_SHARE * (rarer + 1)) & (product > 0)
    assert kept.sum() == 2 * len(found.together)


def _made(cache: Path, documents: int) -> SparseActivations:
    """Made by another process, so that its memory does not count here."""
    folder = cache / str(documents)
    if not (folder / "strongest_values.npy").exists():
        own = [sys.executable, "-m", "tests.benchmarks.families.family_scale"]
        subprocess.run(
            [*own, "--cache", str(cache), "--write-only", str(documents)], check=True, timeout=3600
        )
    return SparseActivations.open(folder)


def _timed(work: Callable[[], Answer]) -> tuple[Answer, float]:
    start = time.perf_counter()
    answer = work()
    return answer, time.perf_counter() - start


def _peak_memory() -> float:
    """MB, with the pages of mapped files."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
