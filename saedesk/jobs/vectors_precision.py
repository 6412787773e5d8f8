"""In which number format the vectors of a project were computed, each row of them.

The fastest format differs from computer to computer, and a text is embedded once: a project that
grows on another computer keeps the vectors it has and gets the new ones in the format that is
fastest there. Both have a cosine above 0.9999 to float32, so they are searched and trained on
together; what is of which format is written down:

    inputs     "precision": absent for float32, else the format, or the formats joined by "+";
               of several also "precision_rows", a hash of the list of every row's format
    summary    "precision" for people, "precisions": number of rows of each format
    file       precisions.npy, (n,) uint8 places in PRECISIONS, where there are several
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from saedesk.embedding.text_model import PRECISIONS, precision_named
from saedesk.project.artifact_readers import PRECISIONS_NAME
from saedesk.project.atomic_files import open_array
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project

PRECISION_INPUTS = ("precision", "precision_rows")


def precision_inputs(codes: np.ndarray) -> dict[str, Any]:
    """What tells vectors of one precision from those of another, for (n,) uint8 `codes`."""
    names = list(precision_counts(codes))
    if names == ["float32"]:
        # As in projects from before there was a choice: their vectors keep their names.
        return {}
    if len(names) == 1:
        return {"precision": names[0]}
    rows = hashlib.sha256(np.ascontiguousarray(codes, np.uint8).tobytes()).hexdigest()[:16]
    return {"precision": "+".join(names), "precision_rows": rows}


def precision_counts(codes: np.ndarray) -> dict[str, int]:
    """Rows of each precision there is, the most frequent first."""
    counts = np.bincount(codes, minlength=len(PRECISIONS))
    order = np.argsort(-counts, kind="stable")
    return {PRECISIONS[code]: int(counts[code]) for code in order if counts[code]}


def precision_in_words(codes: np.ndarray) -> str:
    """The precision, or how many rows are of which."""
    counts = precision_counts(codes)
    if len(counts) == 1:
        return next(iter(counts))
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())


def precision_codes(project: Project, record: ArtifactRecord, rows: int) -> np.ndarray:
    """(rows,) uint8: place in PRECISIONS of every row of a vectors artifact."""
    if PRECISIONS_NAME in record.files:
        return np.asarray(open_array(project.path_of(record, PRECISIONS_NAME)))
    name = precision_named(record.inputs.get("precision", record.summary.get("precision")))
    return np.full(rows, PRECISIONS.index(name), np.uint8)


def same_but_for_precision(record: ArtifactRecord, inputs: dict[str, Any]) -> bool:
    """Whether an artifact was made from `inputs`, in whatever precision."""
    kept = {key: value for key, value in record.inputs.items() if key not in PRECISION_INPUTS}
    return kept == inputs
