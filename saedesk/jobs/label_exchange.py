"""Labels, stars, notes and tags out to a file, and from one into the project."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from saedesk.errors import BadInput
from saedesk.jobs.analyse_features import sae_to_use
from saedesk.jobs.export_table import write_table
from saedesk.jobs.exports.feature_rows import SCORE_KINDS, score_cells
from saedesk.jobs.label_file import LabelRow, read_label_file, tags_text
from saedesk.jobs.table_writers import Kind, Row
from saedesk.project.feature_marks import FeatureMark
from saedesk.project.label_store import PERSON, FeatureLabel
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.task_control import Progress, TaskControl

_KINDS: dict[str, Kind] = {
    "feature": int,
    "label": str,
    "source": str,
    "author": str,
    **SCORE_KINDS,
    "starred": bool,
    "hidden": bool,
    "note": str,
    "tags": str,
}
_ROWS_AT_ONCE = 1000


@dataclass(frozen=True)
class ExportLabelsRequest:
    """Where to write; the ending chooses CSV, JSON Lines or Parquet."""

    path: Path
    sae: str = ""
    """Hash of the SAE; "" for the one in use."""


@dataclass(frozen=True)
class ImportLabelsRequest:
    """Which file to read."""

    path: Path
    sae: str = ""
    """Hash of the SAE; "" for the one in use."""
    replace_person: bool = False
    """Whether labels and notes that a person wrote give way, and stars and hidden features too."""


@dataclass(frozen=True)
class ImportPreview:
    """What an import would do."""

    rows: int
    unknown: int
    """Rows with a number that this SAE has no feature for."""
    same: int
    """Rows that say what is here already, or nothing."""
    new_labels: int
    """Labels for features without one."""
    replaced_labels: int
    """Labels that take the place of one by keywords or a language model."""
    person_labels: int
    """Labels for features that a person named otherwise."""
    new_marks: int
    """Features that get a star, a note, a tag, or are hidden."""
    person_marks: int
    """Features whose note would be another, or that would lose a star or be shown again."""


@dataclass(frozen=True)
class ImportResult:
    """What an import did; `labels` and `marks` are before and after, for one step back."""

    preview: ImportPreview
    labels: tuple[dict[int, int | None], dict[int, int]]
    """Numbers in the history, by latent."""
    marks: tuple[dict[int, FeatureMark], dict[int, FeatureMark]]


@dataclass
class _Plan:
    """What is to be written."""

    preview: ImportPreview
    labels: dict[int, FeatureLabel] = field(default_factory=dict)
    marks: dict[int, FeatureMark] = field(default_factory=dict)


def export_labels(project: Project, request: ExportLabelsRequest, control: TaskControl) -> int:
    """Write a row for every feature with a label or a mark; returns how many.

    Texts that a spreadsheet would run as a formula get a leading apostrophe in CSV, which an import
    takes away again. Raises BadSetting for another ending, BadInput where there is nothing.
    """
    sae = sae_to_use(project, request.sae)
    labels, marks = project.labels.current(sae.hash), project.marks.marks(sae.hash)
    latents = sorted({latent for latent, label in labels.items() if label.text} | set(marks))
    if not latents:
        raise BadInput("No feature has a label, a star, a note or a tag yet.")
    scores = project.labels.scores(sae.hash)

    def rows() -> Iterator[Row]:
        for done, latent in enumerate(latents):
            if done % _ROWS_AT_ONCE == 0:
                control.checkpoint()
                control.report(Progress(done, len(latents), "features"))
            label, mark = labels.get(latent), marks.get(latent, FeatureMark())
            is_labelled = label is not None and bool(label.text)
            yield {
                "feature": latent,
                "label": label.text if label else "",
                "source": label.source if label and is_labelled else "",
                "author": label.author if label and is_labelled else "",
                **score_cells(scores.get(latent, {}) if is_labelled else {}),
                "starred": mark.starred,
                "hidden": mark.hidden,
                "note": mark.note,
                "tags": tags_text(mark.tags),
            }

    return write_table(request.path, rows(), _KINDS)


def preview_labels(
    project: Project, request: ImportLabelsRequest, control: TaskControl
) -> ImportPreview:
    """What an import would do; nothing is written. Raises BadInput, which names the line."""
    return _planned(project, sae_to_use(project, request.sae), request, control).preview


def import_labels(
    project: Project, request: ImportLabelsRequest, control: TaskControl
) -> ImportResult:
    """Take labels and marks from a file, matched by the number of the feature.

    Empty cells leave what is here; tags are added. What a person wrote stays unless the request
    says otherwise. Scores are not taken: they are measured here. Raises BadInput, which names the
    line, and then nothing was written.
    """
    project.check_writable()
    sae = sae_to_use(project, request.sae)
    plan = _planned(project, sae, request, control)
    control.checkpoint()
    current = project.labels.current(sae.hash)
    before = {i: current[i].id if i in current else None for i in plan.labels}
    marks_before = project.marks.of_latents(sae.hash, plan.marks)
    ids = project.labels.add(sae.hash, plan.labels.values()) if plan.labels else []
    if plan.marks:
        project.marks.put(sae.hash, plan.marks)
    after = dict(zip(plan.labels, ids, strict=True))
    return ImportResult(plan.preview, (before, after), (marks_before, plan.marks))


def _planned(
    project: Project, sae: ArtifactRecord, request: ImportLabelsRequest, control: TaskControl
) -> _Plan:
    rows = read_label_file(request.path, control)
    count = _count_of_latents(sae)
    known = [row for row in rows if row.feature < count]
    if rows and not known:
        raise BadInput(
            f"None of the {len(rows):,} features of {request.path.name} is in this SAE, which has "
            f"those from 0 to {count - 1:,}. The file belongs to another SAE."
        )
    matching = _Matching(project.labels.current(sae.hash), project.marks.marks(sae.hash), request)
    for row in known:
        matching.take(row)
    return matching.plan(len(rows), len(rows) - len(known))


def _count_of_latents(sae: ArtifactRecord) -> int:
    return int(sae.summary["n_latents"])


class _Matching:
    """Rows against what is here."""

    def __init__(
        self,
        labels: Mapping[int, FeatureLabel],
        marks: Mapping[int, FeatureMark],
        request: ImportLabelsRequest,
    ) -> None:
        self._labels, self._marks, self._request = labels, marks, request
        self._new_labels: dict[int, FeatureLabel] = {}
        self._new_marks: dict[int, FeatureMark] = {}
        self._counts = dict.fromkeys(
            ("same", "new_labels", "replaced_labels", "person_labels", "new_marks", "person_marks"),
            0,
        )

    def take(self, row: LabelRow) -> None:
        """Match one row."""
        changes = [kind for kind in (self._label(row), *self._mark(row)) if kind]
        for kind in changes or ["same"]:
            self._counts[kind] += 1

    def plan(self, rows: int, unknown: int) -> _Plan:
        """What all of them come to."""
        preview = ImportPreview(rows, unknown, **self._counts)
        return _Plan(preview, self._new_labels, self._new_marks)

    def _label(self, row: LabelRow) -> str:
        here = self._labels.get(row.feature)
        if not row.label or (here is not None and here.text == row.label):
            return ""
        kind = "new_labels"
        if here is not None and here.source == PERSON:
            # A label that a person took away is a decision too.
            kind = "person_labels"
        elif here is not None and here.text:
            kind = "replaced_labels"
        if kind != "person_labels" or self._request.replace_person:
            name = self._request.path.name
            told = row.source != PERSON and row.author
            self._new_labels[row.feature] = FeatureLabel(
                row.feature,
                row.label,
                row.source,
                row.author if told else _author(row.author, name),
                details={"imported_from": name},
            )
        return kind

    def _mark(self, row: LabelRow) -> Iterator[str]:
        here = self._marks.get(row.feature, FeatureMark())
        added = replace(
            here,
            starred=here.starred or bool(row.starred),
            hidden=here.hidden or bool(row.hidden),
            note=here.note or row.note,
            tags=here.tags | row.tags,
        )
        wanted = replace(
            added,
            starred=added.starred if row.starred is None else row.starred,
            hidden=added.hidden if row.hidden is None else row.hidden,
            note=row.note or here.note,
        )
        if added != here:
            yield "new_marks"
        if wanted != added:
            yield "person_marks"
        taken = wanted if self._request.replace_person else added
        if taken != here:
            self._new_marks[row.feature] = taken


def _author(author: str, file: str) -> str:
    """Who wrote a label elsewhere; “you” is somebody else here."""
    return f"{author} ({file})" if author not in ("", "you") else file
