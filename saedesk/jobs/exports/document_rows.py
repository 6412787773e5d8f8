"""Documents as rows: key, title, text, typed fields, and the features that are active in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from saedesk.corpus.document import FieldType
from saedesk.jobs.exports.export_request import sae_if_any
from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.jobs.table_writers import Kind, Row
from saedesk.project.document_store import DocumentRow, DocumentStore
from saedesk.project.label_store import FeatureLabel
from saedesk.project.project_folder import Project
from saedesk.task_control import Progress, TaskControl

_STRONGEST_FEATURES = 8
_AT_ONCE = 200
_NUMBERS = {FieldType.NUMBER, FieldType.LATITUDE, FieldType.LONGITUDE}


def document_rows(
    project: Project,
    sae_hash: str,
    ids: np.ndarray | None,
    structured: bool,
    control: TaskControl,
) -> tuple[Iterator[Row], dict[str, Kind]]:
    """One row for each document, all of them or those with `ids` in that order, and the types.

    With an analysed SAE the column `features` holds the eight strongest features as a text, and,
    where `structured`, the column `active_features` all of them with their activations, strongest
    first. Numbers are numbers; dates stay texts, because a year alone is a date too. Raises
    BadInput when the SAE called `sae_hash` is not there or not analysed.
    """
    sae = sae_if_any(project, sae_hash)
    kinds = document_kinds(project.documents)
    if sae is not None and structured:
        kinds["active_features"] = [{"feature": int, "label": str, "activation": float}]
    return _rows(project, sae, ids, structured, control), kinds


def _rows(
    project: Project,
    sae: LoadedSae | None,
    ids: np.ndarray | None,
    structured: bool,
    control: TaskControl,
) -> Iterator[Row]:
    labels = {} if sae is None else project.labels.current(sae.hash)
    total = project.documents.count() if ids is None else len(ids)
    for done, document in enumerate(project.documents.iterate(ids, batch=_AT_ONCE)):
        if done % _AT_ONCE == 0:
            control.checkpoint()
            control.report(Progress(done, total, "documents"))
        row = document_cells(document)
        if sae is not None:
            row |= _features_of(sae, document.id, labels, structured)
        yield row


def document_cells(document: DocumentRow) -> Row:
    """A document as a row of a table: key, title, text and fields."""
    fields = {f"field:{name}": value for name, value in document.fields.items()}
    return {"key": document.key, "title": document.title, "text": document.text, **fields}


def document_kinds(store: DocumentStore) -> dict[str, Kind]:
    """The types of the columns that `document_cells` makes, and of the features beside them."""
    kinds: dict[str, Kind] = {"key": str, "title": str, "text": str, "features": str}
    for field in store.fields():
        kinds[f"field:{field.name}"] = float if field.type in _NUMBERS else str
    return kinds


def _features_of(
    sae: LoadedSae, document_id: int, labels: Mapping[int, FeatureLabel], structured: bool
) -> Row:
    position = sae.vectors.row_of(document_id)
    latents: Sequence[int] = ()
    values: Sequence[float] = ()
    if position is not None:
        latents, values = (part.tolist() for part in sae.activations.document(position))
    strongest = zip(latents[:_STRONGEST_FEATURES], values[:_STRONGEST_FEATURES], strict=True)
    cells: Row = {
        "features": "; ".join(
            f"{labels[i].text if i in labels else f'feature {i}'} {value:.4f}"
            for i, value in strongest
        )
    }
    if structured:
        cells["active_features"] = [
            {"feature": i, "label": labels[i].text if i in labels else "", "activation": value}
            for i, value in zip(latents, values, strict=True)
        ]
    return cells
