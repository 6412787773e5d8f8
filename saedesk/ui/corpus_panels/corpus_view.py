"""What the panels of Corpus share: the columns, the filter in force and its newest answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from saedesk.jobs.corpus_columns import (
    CategoryColumn,
    CorpusColumns,
    read_columns,
)
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.project_folder import Project
from saedesk.session.lane_question import LaneQuestion
from saedesk.session.message import FILTER
from saedesk.session.session import Message, Session
from saedesk.task_control import TaskControl
from saedesk.ui.corpus_panels.corpus_filter import (
    CorpusAnswer,
    CorpusFilter,
    FeatureRows,
    FilterQuestion,
)

REPLACED = "The filters that were set in Corpus were taken away to show these documents."


class CorpusView(QObject):
    """Keeps the filter, asks the query lane, tells the panels."""

    columns_changed = Signal()
    """Other documents: `columns` is another object, or None."""
    filter_changed = Signal(object)
    """CorpusFilter."""
    answered = Signal(object)
    """CorpusAnswer to the filter in force."""
    labels_changed = Signal()
    """A label of a feature reads differently now."""
    features_changed = Signal()
    """Another SAE is in use: `strongest_latent` and `strongest_value` are other arrays."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.columns: CorpusColumns | None = None
        self._wanted: DocumentFilter | None = None
        self.filter = CorpusFilter()
        self.answer: CorpusAnswer | None = None
        self.features: FeatureRows | None = None
        self.strongest_latent = np.zeros(0, np.int32)
        """(n,) by position: the strongest feature of each document, −1 where there is none."""
        self.strongest_value = np.zeros(0)
        """(n,) float64: its activation, NaN where there is none."""
        self._reading = LaneQuestion(session, "Reading the fields", self)
        self._reading.answered.connect(self._on_columns)
        self._asking = LaneQuestion(session, "Filtering the documents", self)
        self._asking.answered.connect(self._on_answer)
        for question in (self._reading, self._asking):
            question.failed.connect(self._on_failed)
        session.project_changed.connect(self._on_project)
        session.documents_changed.connect(self.read)
        session.sae_changed.connect(self._on_sae)
        session.documents_wanted.connect(self.show_documents)
        self._follow_labels()
        self.read()

    @property
    def session(self) -> Session:
        """The session the panels talk through."""
        return self._session

    @property
    def filtered_ids(self) -> np.ndarray | None:
        """(m,) int64: the documents that pass the filter in force; None where all do."""
        answer, columns = self.answer, self.columns
        if self.filter.is_empty or answer is None or columns is None:
            return None
        ids: np.ndarray = columns.ids[answer.positions]
        return ids

    @property
    def is_reading(self) -> bool:
        """Whether the columns are on their way."""
        return self._reading.is_open

    @Slot()
    def read(self) -> None:
        """Read the columns again, after documents came in."""
        project = self._session.project
        if project is None or not project.documents.count():
            self._reading.drop()
            self._asking.drop()
            self._take_columns(None)
            return
        self._reading.ask(_ReadColumns(project))

    def update(self, **changes: Any) -> None:
        """Change some conditions of the filter."""
        self.set_filter(replace(self.filter, **changes))

    def set_filter(self, wanted: CorpusFilter) -> None:
        """Put another filter in force and ask."""
        if wanted == self.filter:
            return
        self.filter = wanted
        self.filter_changed.emit(wanted)
        self._session.message_over.emit(FILTER)
        self._ask()

    def clear_facets(self) -> None:
        """Take every condition away but the words."""
        self.set_filter(CorpusFilter(words=self.filter.words))

    def replace_filter(self, wanted: CorpusFilter) -> None:
        """Put another filter in force, and say so where conditions of a person go with the old."""
        goes = not replace(self.filter, chosen=None, chosen_of=None).is_empty
        self.set_filter(wanted)
        if goes:
            self._session.tell(REPLACED, (FILTER,))

    @Slot(object)
    def show_documents(self, wanted: DocumentFilter) -> None:
        """Show only the documents that somebody asked for; fields become ticks where they can."""
        if self.columns is None and self.is_reading:
            self._wanted = wanted
            return
        ticked, rest = {}, {}
        for name, values in wanted.categories.items():
            column = None if self.columns is None else self.columns.fields.get(name)
            is_facet = isinstance(column, CategoryColumn) and column.is_facet
            if is_facet and set(values) <= set(column.values):
                ticked[name] = frozenset(values)
            else:
                rest[name] = values
        chosen: DocumentFilter | None = replace(wanted, words="", categories=rest)
        assert chosen is not None
        self.replace_filter(
            CorpusFilter(
                words=wanted.words,
                categories=ticked,
                chosen=None if chosen.is_empty else chosen,
                chosen_of=self._feature_of(chosen.document_ids),
            )
        )

    def _feature_of(self, document_ids: np.ndarray | None) -> int | None:
        """The selected feature, where it is active in all of some documents."""
        latent = self._session.feature
        if document_ids is None or self.columns is None or self.features is None or latent is None:
            return None
        positions = self.columns.positions(document_ids)
        there = np.isin(positions, self.features.documents_with(latent))
        return latent if len(positions) and bool(np.all(there)) else None

    def toggle_category(self, name: str, value: str) -> None:
        """Tick a value of a field, or take its tick away."""
        ticked = self.filter.categories.get(name, frozenset()) ^ {value}
        categories = {k: v for k, v in self.filter.categories.items() if k != name}
        self.update(categories={**categories, name: ticked} if ticked else categories)

    def set_range(self, name: str, bins: tuple[int, int] | None) -> None:
        """Let only some bins of a field through; None lets all through."""
        ranges = {k: v for k, v in self.filter.ranges.items() if k != name}
        self.update(ranges=ranges if bins is None else {**ranges, name: bins})

    def require_feature(self, latent: int, leave_out: bool = False) -> None:
        """Show only documents with the feature, or only those without."""
        required = tuple(i for i in self.filter.required if i != latent)
        left_out = tuple(i for i in self.filter.left_out if i != latent)
        if leave_out:
            left_out = (*left_out, latent)
        else:
            required = (*required, latent)
        self.update(required=required, left_out=left_out)

    def drop_feature(self, latent: int) -> None:
        """Take a feature out of the filter."""
        self.update(
            required=tuple(i for i in self.filter.required if i != latent),
            left_out=tuple(i for i in self.filter.left_out if i != latent),
        )

    # -- answers -----------------------------------------------------------------------------

    def _ask(self) -> None:
        project = self._session.project
        if project is not None and self.columns is not None:
            self._asking.ask(
                FilterQuestion(self.filter, self.columns, project.documents, self.features)
            )

    @Slot()
    def _on_project(self) -> None:
        self.filter = CorpusFilter()
        self._wanted = None
        self._take_columns(None)
        self.filter_changed.emit(self.filter)
        self.read()

    @Slot(object)
    def _on_columns(self, columns: object) -> None:
        assert isinstance(columns, CorpusColumns)
        self._take_columns(columns)
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self.show_documents(wanted)
        else:
            self._ask()

    def _take_columns(self, columns: CorpusColumns | None) -> None:
        self.columns = columns
        self.answer = None
        self._read_features()
        self.columns_changed.emit()

    @Slot(object)
    def _on_answer(self, answer: object) -> None:
        assert isinstance(answer, CorpusAnswer)
        self.answer = answer
        self.answered.emit(answer)

    @Slot(str)
    def _on_failed(self, sentence: str) -> None:
        self._session.message.emit(Message("error", sentence))

    @Slot()
    def _on_sae(self) -> None:
        self._read_features()
        self._follow_labels()
        self.features_changed.emit()
        if self.filter.names_features:
            # The numbers of features mean something else in another SAE.
            self.update(required=(), left_out=(), chosen_of=None)

    def _follow_labels(self) -> None:
        if self._session.book is not None:
            self._session.book.labels_changed.connect(self._on_labels)

    @Slot(object)
    def _on_labels(self, _: object) -> None:
        self.labels_changed.emit()

    def _read_features(self) -> None:
        sae, columns = self._session.sae, self.columns
        self.features = None
        n = 0 if columns is None else len(columns)
        self.strongest_latent = np.full(n, -1, np.int32)
        self.strongest_value = np.full(n, np.nan)
        if sae is None or columns is None or not n:
            return
        ids = np.asarray(sae.vectors.document_ids)
        found = np.clip(np.searchsorted(columns.ids, ids), 0, n - 1)
        there = columns.ids[found] == ids
        self.features = FeatureRows(sae.activations, np.where(there, found, -1))
        latents, values = sae.activations.strongest()
        active = there & (np.asarray(latents) >= 0)
        self.strongest_latent[found[active]] = np.asarray(latents)[active]
        self.strongest_value[found[active]] = np.asarray(values)[active]


class _ReadColumns:
    def __init__(self, project: Project) -> None:
        self._project = project

    def __call__(self, control: TaskControl) -> CorpusColumns:
        return read_columns(self._project, control)
