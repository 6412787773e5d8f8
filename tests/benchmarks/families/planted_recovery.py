"""How well planted trees of topics are found again when more and more activations are wrong.

    python -m tests.benchmarks.families.planted_recovery [--csv FILE] [--svg FILE]

Noise is the share of a document's activations that are replaced by a feature drawn at random. The
Jaccard of a tree is that of its features with the members of the family that fits it best.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np

from saedesk.features.families.co_occurrence import co_occurrence
from saedesk.features.families.family_metrics import measure_families
from saedesk.features.families.family_settings import FamilySettings
from saedesk.features.families.family_stability import best_overlaps, bootstrap_families
from saedesk.features.families.family_tree import FeatureFamily, find_families
from tests.benchmarks.families.line_plot import Line, write_lines
from tests.benchmarks.families.planted_documents import Planted, write
from tests.benchmarks.sae_peers.markdown_table import markdown_table

PLANTED = Planted(trees=40, size=25, alone=200)
DOCUMENTS = 60_000
NOISE = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class Found:
    """What was found at one level of noise."""

    noise: float
    jaccard: float
    """Mean over the trees."""
    whole: float
    """Share of the trees with Jaccard 1."""
    edges: float
    """Share of the planted edges that are edges of a family, in the same direction."""
    stability: float
    """Mean over the trees: how often the family that fits best returns in draws of documents."""
    block_ratio: float
    r_cooc: float


def main() -> None:
    """Print the table; write the curve where asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--svg", type=Path)
    arguments = parser.parse_args()
    found = [_found(noise) for noise in NOISE]
    names = [field.name for field in fields(Found)]
    print(
        f"{PLANTED.trees} trees of {PLANTED.size} features in {DOCUMENTS:,} documents of "
        f"{PLANTED.topics} topics, {PLANTED.alone} features in no tree\n"
    )
    columns = ("noise", "Jaccard", "whole trees", "edges", "stability", "block ratio", "R_cooc")
    rows = [[f"{value:.2f}" for value in asdict(one).values()] for one in found]
    print(markdown_table(columns, rows))
    if arguments.csv:
        with arguments.csv.open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(names)
            writer.writerows([f"{value:.4f}" for value in asdict(one).values()] for one in found)
    if arguments.svg:
        lines = [
            Line("Jaccard with the planted tree", [one.jaccard for one in found]),
            Line("trees found whole", [one.whole for one in found]),
            Line("edges found", [one.edges for one in found]),
            Line("stability over draws of documents", [one.stability for one in found]),
        ]
        write_lines(lines, NOISE, arguments.svg, title="Planted trees", below="wrong activations")


def _found(noise: float) -> Found:
    settings = FamilySettings()
    with tempfile.TemporaryDirectory() as folder:
        activations = write(PLANTED, DOCUMENTS, Path(folder), noise=noise)
        counted = co_occurrence(activations)
        families = find_families(counted, settings)
        directions = np.eye(PLANTED.n_latents, dtype=np.float32)
        grouping = measure_families(activations, counted, families, settings, directions)[1]
        stability = bootstrap_families(activations, counted, families, settings)
    trees = PLANTED.members()
    best, which = _best(trees, families)
    edges = {(edge.parent, edge.child) for one in families for edge in one.edges}
    returns = [stability.families[number] if number >= 0 else 0.0 for number in which]
    return Found(
        noise,
        float(best.mean()),
        float((best == 1).mean()),
        len(edges & PLANTED.edges()) / len(PLANTED.edges()),
        float(np.mean(returns)),
        grouping.block_ratio or 0.0,
        grouping.r_cooc or 0.0,
    )


def _best(
    trees: Sequence[set[int]], families: Sequence[FeatureFamily]
) -> tuple[np.ndarray, list[int]]:
    """The best Jaccard of each tree, and with which family; −1 for none."""
    best, which = np.zeros(len(trees)), [-1] * len(trees)
    for number, one in enumerate(families):
        overlaps = best_overlaps([tuple(tree) for tree in trees], [one.members])
        for tree in np.flatnonzero(overlaps > best):
            best[tree], which[tree] = overlaps[tree], number
    return best, which


if __name__ == "__main__":
    main()
