"""How good keyword labels are, on corpora whose documents have a gold category.

    SAEDESK_DATA=FOLDER python -m tests.benchmarks.label_quality --cache FOLDER [--corpus NAME]

For each gold category the features that single it out are those with the highest F1 between "the
feature is active" and "the document is of this category". A category counts as named when one of
their labels shares a word stem with its name or an obvious synonym (`category_words.py`). The
first run embeds some thousand documents of each corpus and trains an SAE on them, which takes some
minutes; both are kept in the cache folder.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from saedesk.features.labels.keyword_labels import keyword_labels
from saedesk.features.labels.label_scoring import label_stems
from saedesk.features.labels.word_forms import say_the_same, word_stems
from saedesk.features.sparse_activations import SparseActivations
from saedesk.jobs.loaded_sae import LoadedSae, open_analysed_sae
from saedesk.project.project_folder import Project
from tests.benchmarks.category_words import WORDS
from tests.benchmarks.labelled_corpora import CORPORA, build, gold

SINGLING_OUT = 3
"""Features of a category whose labels are looked at."""
LEAST_F1 = 0.5
"""Share of the best one's F1 that the others need."""


@dataclass(frozen=True)
class Row:
    """One category and what its best features are called."""

    category: str
    f1: float
    area: float
    labels: tuple[str, ...]
    """Of the features that single it out, best first."""
    named: str
    """The first label that names it, or ""."""
    first: bool
    """Whether that is the label of the best feature."""


def main() -> None:
    """Print a table for each corpus."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--cache", type=Path, required=True, help="folder for what is made once")
    parser.add_argument("--corpus", choices=sorted(WORDS), action="append")
    parser.add_argument("--brief", action="store_true", help="only the last line of each table")
    arguments = parser.parse_args()
    data = os.environ.get("SAEDESK_DATA")
    if not data:
        parser.error("set SAEDESK_DATA to the folder of the labelled corpora")
    arguments.cache.mkdir(parents=True, exist_ok=True)
    named = total = 0
    for corpus in CORPORA:
        if arguments.corpus and corpus.name not in arguments.corpus:
            continue
        folder = build(corpus, Path(data), arguments.cache)
        with Project.open(folder, read_only=True) as project:
            rows = _rows(project, corpus.category, WORDS[corpus.name])
        _print(corpus.name, rows, brief=arguments.brief)
        named, total = named + sum(bool(row.named) for row in rows), total + len(rows)
    if total:
        print(f"All corpora: {named} of {total} categories are named ({100 * named / total:.0f} %)")


def labels_of(project: Project, sae: LoadedSae) -> dict[int, str]:
    """Keyword labels of all features, without storing them."""
    ids = sae.vectors.document_ids

    def texts(rows: np.ndarray) -> Sequence[tuple[str, str]]:
        return [(row.title, row.text) for row in project.documents.rows(ids[rows])]

    made = keyword_labels(sae.activations, texts, directions=sae.directions)
    return {label.latent: label.text for label in made}


def _rows(project: Project, column: str, words: dict[str, str]) -> list[Row]:
    sae = open_analysed_sae(project)
    started = time.perf_counter()
    labels = labels_of(project, sae)
    print(f"{len(labels):,} labels in {time.perf_counter() - started:.1f} s")
    categories = gold(project, sae.vectors.document_ids, column)
    return [_row(name, categories == name, sae.activations, labels, words[name]) for name in words]


def _row(
    category: str,
    is_of: np.ndarray,
    activations: SparseActivations,
    labels: dict[int, str],
    words: str,
) -> Row:
    f1 = np.zeros(activations.n_latents)
    for latent in labels:
        rows = activations.latent(latent)[0]
        f1[latent] = 2 * is_of[rows].sum() / (len(rows) + is_of.sum())
    best = np.argsort(-f1, kind="stable")[:SINGLING_OUT]
    best = best[f1[best] >= LEAST_F1 * f1[best[0]]]
    wanted = frozenset().union(*(word_stems(word) for word in words.split()))
    texts = tuple(labels[int(latent)] for latent in best)
    names = [text for text in texts if _names(text, wanted)]
    area = _area(activations, int(best[0]), is_of)
    return Row(
        *(category, float(f1[best[0]]), area, texts, names[0] if names else ""),
        bool(names) and names[0] == texts[0],
    )


def _names(label: str, wanted: frozenset[str]) -> bool:
    return any(say_the_same(stems, wanted) for stems in label_stems(label))


def _area(activations: SparseActivations, latent: int, is_of: np.ndarray) -> float:
    from saedesk.features.labels.roc_area import roc_area

    rows, values = activations.latent(latent)
    strength = np.zeros(len(is_of))
    strength[rows] = values
    return roc_area(strength, is_of)


def _print(name: str, rows: Sequence[Row], *, brief: bool) -> None:
    print(f"\n{name}")
    if not brief:
        print(f"{'':2}{'Category':49} {'F1':>4} {'Area':>5}  Labels of the features, best first")
        for row in rows:
            mark = "+" if row.named else "-"
            labels = " | ".join(row.labels)
            print(f"{mark:2}{row.category[:48]:49} {row.f1:4.2f} {row.area:5.2f}  {labels}")
    named, first = sum(bool(row.named) for row in rows), sum(row.first for row in rows)
    print(
        f"{named} of {len(rows)} categories are named ({100 * named / len(rows):.0f} %), "
        f"{first} of them by the label of the best feature"
    )


if __name__ == "__main__":
    main()
