"""Vectors that somebody made already into the project, matched to its documents."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from saedesk.embedding.vector_files.vector_file import VectorTable
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.task_control import TaskControl

Match = Literal["auto", "key", "order", "new documents"]


@dataclass(frozen=True)
class ImportVectorsRequest:
    """Which vectors to bring in, and what to do about rows that cannot or should not be used."""

    path: Path
    table: str = ""
    """Name of the table where the file has several."""
    match: Match = "auto"
    key_column: str = ""
    """Column of the keys; "" for the likely one."""
    model: str = ""
    """Name or folder of the encoder that made the vectors; "" where it is unknown."""
    unusable: Literal["ask", "drop", "keep out"] = "ask"
    """Zero, NaN and infinite rows: "ask" refuses the import and names them, "drop" leaves these
    documents without a vector, "keep out" keeps the rows but never trains on or finds them."""
    duplicates: Literal["use", "drop", "keep out"] = "use"
    """Rows equal to an earlier one: "keep out" leaves them out of training only."""


@dataclass(frozen=True)
class VectorsPreview:
    """What an import would do."""

    table: VectorTable
    match: str
    """"key", "order" or "new documents"."""
    documents: int
    """In the project."""
    matched: int
    """Rows that have a document."""
    without_vector: int
    """Documents that get no vector."""
    without_document: int
    """Rows that are left out because no document has their key."""
    examples: tuple[tuple[int, str, str], ...]
    """(row from 0, key in the file or row number from 1, heading of the document), the first."""
    zero_rows: np.ndarray
    """Row numbers from 0, ascending, int64; so the following three."""
    nan_rows: np.ndarray
    infinite_rows: np.ndarray
    duplicate_rows: np.ndarray
    """Rows equal to an earlier row."""
    notes: tuple[str, ...]
    """Sentences worth showing."""


@dataclass(frozen=True)
class ImportVectorsResult:
    """What was stored."""

    record: ArtifactRecord
    stored: int
    """Documents that have a vector now."""
    dropped: int
    """Rows left out as unusable or duplicate."""
    kept_out: int
    """Rows stored but kept out of training."""
    model_cosine: float | None
    """Mean cosine to what the named model makes of the texts; None where it was not compared."""
    documents_made: int


def preview(
    project: Project | None, request: ImportVectorsRequest, control: TaskControl
) -> VectorsPreview:
    """What `run` would do; reads the whole file once and stores nothing. Raises BadInput."""
    raise NotImplementedError


def run(
    project: Project, request: ImportVectorsRequest, control: TaskControl
) -> ImportVectorsResult:
    """Store the vectors and put them in use; raises BadInput, and then nothing has changed."""
    raise NotImplementedError
