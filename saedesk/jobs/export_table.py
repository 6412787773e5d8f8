"""Write a table of the project to a file: features, documents, or search results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saedesk.corpus.document import FieldType
from saedesk.errors import BadInput, BadSetting
from saedesk.jobs.loaded_sae import LoadedSae, feature_row, open_analysed_sae
from saedesk.jobs.search_documents import ResultRow
from saedesk.jobs.table_writers import WRITERS, Kind, Row
from saedesk.project.atomic_files import replacement
from saedesk.project.document_store import DocumentRow, DocumentStore
from saedesk.project.project_folder import Project
from saedesk.task_control import Progress, TaskControl

TABLES = ("features", "documents")
FORMATS = tuple(WRITERS)
_STRONGEST_FEATURES = 8
_NUMBERS = {FieldType.NUMBER, FieldType.LATITUDE, FieldType.LONGITUDE}
_FEATURE_KINDS: dict[str, Kind] = {
    "feature": int,
    "label": str,
    "label_source": str,
    "starred": bool,
    "documents": int,
    "density": float,
    "mean": float,
    "maximum": float,
}


@dataclass(frozen=True)
class ExportRequest:
    """What to write, and where; the ending of the path chooses the format."""

    table: str
    """One of TABLES."""
    path: Path
    sae: str = ""
    """Hash of the SAE; "" for the one in use."""


def run(project: Project, request: ExportRequest, control: TaskControl) -> int:
    """Write the table; returns the number of rows. Raises BadSetting, BadInput, OutOfRoom."""
    if request.table == "features":
        rows, kinds = _feature_rows(project, request.sae, control), _FEATURE_KINDS
    elif request.table == "documents":
        rows = _document_rows(project, request.sae, control)
        kinds = document_kinds(project.documents)
    else:
        raise BadSetting(
            f"There is no table “{request.table}” to export. There are: {', '.join(TABLES)}."
        )
    return write_table(request.path, rows, kinds)


def write_table(path: Path, rows: Iterable[Row], kinds: Mapping[str, Kind] | None = None) -> int:
    """Write rows as CSV, JSON Lines or Parquet by the path's ending; returns how many.

    The rows have the columns of the first one and are taken one after the other, never all at
    once. The file takes the place of an older one when all are written; whatever stops that
    before leaves the older one and nothing else. `kinds` are the types of columns in Parquet,
    for rows that come too late to tell. Text cells of a CSV that a spreadsheet would run as a
    formula get a leading apostrophe; the other formats carry the exact text.
    """
    write = WRITERS[_check_path(path)]
    with replacement(path.absolute()) as file:
        return write(file, rows, kinds or {})


def _check_path(path: Path) -> str:
    """The format that the ending of a path asks for, before any row is made."""
    ending = path.suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        raise BadSetting(
            f"The name {path.name} must end in {', '.join('.' + name for name in FORMATS)}."
        )
    if not path.absolute().parent.is_dir():
        raise BadInput(f"There is no folder {path.absolute().parent} to write {path.name} to.")
    return ending


def result_rows(results: Sequence[ResultRow], label: dict[int, str]) -> list[Row]:
    """Search results as rows: rank, key, title, scores, and what made the score."""
    return [
        {
            "rank": result.rank,
            "rank_before": result.rank_before,
            "key": result.document.key,
            "title": result.document.title,
            "score": round(result.score, 6),
            "score_before": (
                None if result.score_before is None else round(result.score_before, 6)
            ),
            "contributions": "; ".join(
                f"{_name_of(part.latent, label)} {part.value:+.4f}" for part in result.contributions
            ),
        }
        for result in results
    ]


def _name_of(latent: int | None, label: dict[int, str]) -> str:
    if latent is None:
        return "not explained by features"
    return label.get(latent, f"feature {latent}")


def _feature_rows(project: Project, hash_: str, control: TaskControl) -> Iterator[Row]:
    sae = open_analysed_sae(project, hash_)
    labels = project.labels.current(sae.hash)
    stars = project.labels.starred(sae.hash)
    for latent in range(sae.n_latents):
        if latent % 200 == 0:
            control.checkpoint()
            control.report(Progress(latent, sae.n_latents, "features"))
        yield feature_row(sae, latent, labels, stars)


def _document_rows(project: Project, hash_: str, control: TaskControl) -> Iterator[Row]:
    has_sae = project.current("saes") is not None
    sae = open_analysed_sae(project, hash_) if has_sae or hash_ else None
    labels = {} if sae is None else project.labels.current(sae.hash)
    total = project.documents.count()
    for done, document in enumerate(project.documents.iterate()):
        if done % 200 == 0:
            control.checkpoint()
            control.report(Progress(done, total, "documents"))
        row = document_cells(document)
        if sae is not None:
            row["features"] = _features_of(sae, document.id, labels)
        yield row


def document_cells(document: DocumentRow) -> Row:
    """A document as a row of a table: key, title, text and fields."""
    fields = {f"field:{name}": value for name, value in document.fields.items()}
    return {"key": document.key, "title": document.title, "text": document.text, **fields}


def document_kinds(store: DocumentStore) -> dict[str, Kind]:
    """The types of the columns that `document_cells` makes, and of the features beside them."""
    fields = {f"field:{f.name}": float if f.type in _NUMBERS else str for f in store.fields()}
    return {"key": str, "title": str, "text": str, "features": str, **fields}


def _features_of(sae: LoadedSae, document_id: int, labels: dict[int, Any]) -> str:
    position = sae.vectors.row_of(document_id)
    if position is None:
        return ""
    latents, values = sae.activations.document(position)
    parts = zip(latents[:_STRONGEST_FEATURES], values[:_STRONGEST_FEATURES], strict=True)
    return "; ".join(
        f"{labels[int(i)].text if int(i) in labels else f'feature {i}'} {value:.4f}"
        for i, value in parts
    )
