"""Projects of invented documents whose vectors lie around invented topics, for benchmarks."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from saedesk.corpus.corpus_input import InputRequest, preview_input
from saedesk.embedding.model_catalogue import resolve_model
from saedesk.jobs import (
    analyse_features,
    embed_documents,
    import_documents,
    label_features,
    train_sae,
)
from saedesk.project import artifact_readers as names
from saedesk.project.atomic_files import write_array
from saedesk.project.project_folder import Project
from saedesk.sae.architectures.topk import TopKConfig
from saedesk.task_control import Unattended

WIDTH = 384
TOPICS = 200
HEAD = ("id", "title", "text", "category", "year")


def build(folder: Path, documents: int, *, with_labels: bool = False) -> Path:
    """A project with vectors and an SAE of 1,024 features; the folder it is in."""
    rng = np.random.default_rng(0)
    topic = rng.integers(TOPICS, size=documents)
    centres = rng.standard_normal((TOPICS, WIDTH))
    vectors = centres[topic] + 1.2 * rng.standard_normal((documents, WIDTH))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    control = Unattended()
    with Project.create(folder / "invented.saedesk") as project:
        add_documents(project, folder, (_document(row, t) for row, t in enumerate(topic)))
        _add_vectors(project, vectors)
        config = TopKConfig(n_latents=1024, k=32, epochs=2)
        train_sae.run(project, train_sae.TrainRequest(config, device="cpu"), control)
        analyse_features.run(project, analyse_features.AnalyseRequest(device="cpu"), control)
        if with_labels:
            label_features.run(project, label_features.LabelRequest(), control)
        return project.folder


def add_new_documents(project: Project, folder: Path, documents: int) -> None:
    """Documents without vectors, of 15 to 180 words."""
    rng = np.random.default_rng(1)
    lengths = rng.integers(1, 13, size=documents)
    text = "The masses of halos of dark matter follow from gravitational lensing of galaxies. "
    rows = (
        (f"new {row}", f"New {row}", f"Seen from side {row}. " + int(n) * text, "New", 2025)
        for row, n in enumerate(lengths)
    )
    add_documents(project, folder, rows)


def add_documents(project: Project, folder: Path, rows: Iterable[tuple[object, ...]]) -> None:
    """Import rows of id, title, text, category and year by way of a CSV file in a folder."""
    file = folder / "documents.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(HEAD)
        writer.writerows(rows)
    seen = preview_input(file)
    wanted = InputRequest((file,), seen.uses, seen.encoding, seen.delimiter)
    import_documents.run(project, import_documents.ImportRequest(wanted), Unattended())


def _document(row: int, topic: int) -> tuple[object, ...]:
    about = f"topic {topic} seen from side {row % 97}"
    text = f"This document is about {about}. " * 12
    return row, f"On {about}", text, f"Field {topic % 9}", 2000 + row % 25


def _add_vectors(project: Project, vectors: np.ndarray) -> None:
    """Vectors as the default model would have left them."""
    model = resolve_model("all-MiniLM-L6-v2")
    ids, hashes = project.documents.embedding_rows()
    inputs = embed_documents.vectors_inputs(project, model)
    with project.new_artifact("vectors", inputs, use=True) as draft:
        write_array(draft.folder / names.VECTORS_NAME, vectors)
        write_array(draft.folder / names.DOCUMENT_IDS_NAME, ids)
        write_array(draft.folder / names.TEXT_HASHES_NAME, hashes)
        write_array(draft.folder / names.BAD_ROWS_NAME, np.zeros(0, np.int64))
        draft.summary.update(model=model.name, documents=len(ids), dimensions=vectors.shape[1])
