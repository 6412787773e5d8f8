"""What is done with the labels of the SAE in use on the compute lane: scores, files, duplicates."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from saedesk.features.near_duplicates import NearDuplicate, near_duplicates
from saedesk.jobs import label_exchange
from saedesk.jobs.label_exchange import (
    ExportLabelsRequest,
    ImportLabelsRequest,
    ImportPreview,
    ImportResult,
)
from saedesk.project.label_store import PERSON
from saedesk.session.book_commands import features_text
from saedesk.session.feature_book import FeatureBook
from saedesk.session.lane_jobs import LaneJob
from saedesk.session.message import LABELS, SAE
from saedesk.session.session import Session
from saedesk.session.task_lane import Task
from saedesk.task_control import TaskControl

NOTHING_TO_LABEL = (
    "There are no features to label yet. Train an SAE, or find the features of the one in use."
)


def label_by_keywords(session: Session, *, only_missing: bool = False) -> Task | None:
    """Make and score keyword labels; None, and a message, where there are no features to label."""
    from saedesk.jobs import label_features as job

    book = session.book
    if book is None:
        session.tell(NOTHING_TO_LABEL, (SAE,))
        return None
    request = job.LabelRequest(book.sae.hash, only_missing=only_missing)
    work = LaneJob(job.run, session.writable_project(), request)
    return session.run("Labelling by keywords", work, partial(_on_labelled, session, book))


def score_labels(session: Session, latents: tuple[int, ...] | None = None) -> Task:
    """Score the labels in force, of all features or some; lists show the scores when it is done."""
    from saedesk.jobs import score_labels as job

    book = _book(session)
    request = job.ScoreLabelsRequest(book.sae.hash, latents=latents)
    work = LaneJob(job.run, session.writable_project(), request)
    return session.run("Scoring the labels", work, partial(_on_scored, session, book))


def export_labels(session: Session, path: Path) -> Task:
    """Write labels and marks to a file."""
    request = ExportLabelsRequest(path, _book(session).sae.hash)
    work = LaneJob(label_exchange.export_labels, session.opened_project(), request)
    return session.run(f"Writing {path.name}", work, partial(_on_written, session, path))


def preview_labels(session: Session, path: Path, then: Callable[[ImportPreview], None]) -> Task:
    """Read a file of labels; `then` gets what an import would do."""
    request = ImportLabelsRequest(path, _book(session).sae.hash)
    work = LaneJob(label_exchange.preview_labels, session.opened_project(), request)
    return session.run(f"Reading {path.name}", work, then)


def import_labels(session: Session, path: Path, *, replace_person: bool) -> Task:
    """Take labels and marks from a file, one step to undo."""
    book = _book(session)
    request = ImportLabelsRequest(path, book.sae.hash, replace_person)
    work = LaneJob(label_exchange.import_labels, session.writable_project(), request)
    return session.run(f"Importing {path.name}", work, partial(_on_imported, session, book, path))


def find_near_duplicates(session: Session, then: Callable[[list[NearDuplicate]], None]) -> Task:
    """Look for features that nearly repeat another one; `then` gets those that can be hidden."""
    book = _book(session)
    work = partial(_near_duplicates, book.sae, _worth(book))
    return session.run("Looking for near-duplicates", work, then)


def _near_duplicates(sae: Any, worth: np.ndarray, control: TaskControl) -> list[NearDuplicate]:
    return near_duplicates(sae.directions, sae.activations, worth, control)


def _worth(book: FeatureBook) -> np.ndarray:
    """(m,) float64: a star counts most, then a person's label, any label, the score, density."""
    worth = np.asarray(book.sae.statistics.density, np.float64).copy()
    for latent, label in book.labels.items():
        score = book.score(latent)
        worth[latent] += 10 * bool(label.text) + 10 * (label.source == PERSON and bool(label.text))
        worth[latent] += 0.0 if score is None else 5 * score.score
    for latent, mark in book.marks.items():
        worth[latent] += 100 * mark.starred - 1000 * mark.hidden
    return worth


def _book(session: Session) -> FeatureBook:
    assert session.book is not None
    return session.book


def _on_labelled(session: Session, book: FeatureBook, result: Any) -> None:
    if book is session.book:
        book.reload()
    told = f"{features_text(result.labelled)} labelled by keywords"
    if result.kept:
        told += f", {result.kept:,} left as they were"
    if result.unlabelled:
        told += f", {result.unlabelled:,} without telling words"
    session.tell(f"{told}.", (LABELS,))


def _on_scored(session: Session, book: FeatureBook, result: Any) -> None:
    if book is session.book:
        book.reload()
    told = f"{result.scored:,} labels are scored."
    if result.unscored:
        told += f" {result.unscored:,} have too few documents to spare."
    session.tell(" ".join([told, *result.notes]), (LABELS,))


def _on_written(session: Session, path: Path, rows: int) -> None:
    sentence = f"{path.name} is written, {features_text(rows)}."
    session.exchange.written.emit(path, sentence)


def _on_imported(session: Session, book: FeatureBook, path: Path, result: ImportResult) -> None:
    if book is not session.book:
        return
    count = len(set(result.labels[1]) | set(result.marks[1]))
    if count:
        book.take_in(f"Labels from {path.name}", result.labels, result.marks)
        session.tell(f"{features_text(count)} took something from {path.name}.", (LABELS,))
    else:
        session.tell(f"Nothing in {path.name} is new here.", (LABELS,))
