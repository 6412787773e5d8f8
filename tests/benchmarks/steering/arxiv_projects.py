"""What the benchmark steers: a real project of abstracts, its labels from other documents.

The 30,000 abstracts have three roles. The *label half* gives the labels, the words of the judges
and their scales; the *search half* is searched and never seen by the labeller; the *queries* are
the titles of abstracts in neither, so that no query has an obvious answer. The SAEs are trained on
all of the label half and most of the search half, as they are in the application, where the
documents that are searched are those that were trained on.
"""

from __future__ import annotations

import csv
import gzip
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import saedesk
from saedesk.cli.command_line import main as run_command
from saedesk.sae.sparse_autoencoder import SparseAutoencoder

NAME = "arxiv_ml_astro_30k"
MODEL = "all-MiniLM-L6-v2"
LABEL_HALF = slice(0, 14_000)
SEARCH_HALF = slice(14_000, 29_600)
QUERIES = slice(29_600, 30_000)
TRAINED_ON = slice(0, 28_000)
STEERED, JUDGE = "steered", "judge"
_TRAINING: dict[str, dict[str, Any]] = {
    STEERED: {"n_latents": 768, "k": 8, "seed": 0},
    JUDGE: {"n_latents": 1024, "k": 8, "seed": 1},
}
EPOCHS = 120
_COLUMNS = ("id", "title", "abstract", "primary_category")


@dataclass(frozen=True, eq=False)
class Abstracts:
    """The abstracts of one role, row by row their vectors."""

    titles: list[str]
    texts: list[str]
    """Title and abstract."""
    categories: list[frozenset[str]]
    """All categories of each, cross-lists too."""
    vectors: np.ndarray
    """(n, 384) float32 at length 1."""


@dataclass(frozen=True, eq=False)
class Material:
    """Everything that is made once."""

    labelled: Abstracts
    searched: Abstracts
    asked: Abstracts
    steered_sae: SparseAutoencoder
    judge_sae: SparseAutoencoder
    project: Path
    """Of the search half, with the steered SAE and the labels of the label half."""


def material(data: Path, cache: Path) -> Material:
    """Read from the cache, and made there where it is not."""
    cache.mkdir(parents=True, exist_ok=True)
    rows = _read_rows(data / "arxiv" / f"{NAME}.csv.gz")
    vectors = np.load(data / "arxiv" / f"{NAME}.minilm.f16.npy", allow_pickle=False)
    unit = vectors.astype(np.float32)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    saes = {name: _sae(cache, name, unit[TRAINED_ON]) for name in _TRAINING}
    labels = cache / "labels.csv"
    project = cache / "search.saedesk"
    if not project.exists():
        folder = _project(cache, "label", rows[LABEL_HALF], unit[LABEL_HALF])
        _run("label", folder)
        _run("labels", "export", folder, labels)
        made = _project(cache, "search-unlabelled", rows[SEARCH_HALF], unit[SEARCH_HALF])
        _run("labels", "import", made, labels)
        made.rename(project)
    return Material(
        _abstracts(rows, unit, LABEL_HALF),
        _abstracts(rows, unit, SEARCH_HALF),
        _abstracts(rows, unit, QUERIES),
        saes[STEERED],
        saes[JUDGE],
        project,
    )


def _read_rows(file: Path) -> list[dict[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _abstracts(rows: list[dict[str, str]], vectors: np.ndarray, part: slice) -> Abstracts:
    return Abstracts(
        [row["title"] for row in rows[part]],
        [f"{row['title']}. {row['abstract']}" for row in rows[part]],
        [frozenset(row["categories"].split()) for row in rows[part]],
        vectors[part],
    )


def _sae(cache: Path, name: str, vectors: np.ndarray) -> SparseAutoencoder:
    folder = cache / name
    if not (folder / "sae.safetensors").exists():
        print(f"(training the {name} SAE …)", flush=True)
        sae = saedesk.train(
            vectors,
            **_TRAINING[name],
            epochs=EPOCHS,
            batch_size=1024,
            learning_rate=5e-4,
            learning_rate_decay="linear",
            dead_after_steps=112,
            held_out_share=0.0,
            device="cpu",
        )
        unfinished = cache / f"unfinished-{name}"
        sae.save(unfinished)
        unfinished.rename(folder)
    return saedesk.load_sae(folder)


def _project(cache: Path, name: str, rows: list[dict[str, str]], vectors: np.ndarray) -> Path:
    """A project of some abstracts in their order, with the steered SAE analysed on them."""
    folder = cache / f"{name}.saedesk"
    shutil.rmtree(folder, ignore_errors=True)
    documents, array = cache / f"{name}.csv", cache / f"{name}.npy"
    with documents.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(_COLUMNS)
        writer.writerows([row[column] for column in _COLUMNS] for row in rows)
    np.save(array, vectors)
    _run("new", folder, "--name", f"arXiv, {name}")
    _run("import", folder, documents)
    _run("import-vectors", folder, array, "--model", MODEL, "--match", "order")
    _run("load-sae", folder, cache / STEERED, "--name", "Steered")
    _run("analyse", folder)
    return folder


def _run(command: str, *options: object) -> None:
    if run_command([command, *(str(option) for option in options)]) != 0:
        raise SystemExit(f"saedesk {command} failed")
