"""What the colour of the nodes says: depth, a statistic, or a field of the documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QPoint, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from saedesk.features.field_columns import CategoryColumn, NumberColumn
from saedesk.features.sparse_activations import SparseActivations
from saedesk.jobs.feature_details import FeatureDetails
from saedesk.session.feature_reader import FeatureReader
from saedesk.session.session import Message, Session
from saedesk.task_control import TaskControl
from saedesk.ui.family_panels.node_colours import NodeColours
from saedesk.ui.features_panels.number_texts import activation_text, density_text, share_text
from saedesk.ui.field_titles import shown_name
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.buttons import DefaultButton

DEPTH = "Depth"
MOST_VALUES = 8
"""Values of a category that are offered, the most frequent ones."""
_TIP = "What the colour of a feature says: how deep it lies, a statistic, or a field"


@dataclass(frozen=True)
class _Field:
    """A field, or one value of a category."""

    name: str
    value: str | None = None

    @property
    def title(self) -> str:
        name = shown_name(self.name)
        return name if self.value is None else f"{name}: {self.value}"


@dataclass(frozen=True)
class _FieldsQuestion:
    """Which fields there are, with the most frequent values of categories."""

    def __call__(self, details: FeatureDetails, control: TaskControl) -> list[_Field]:
        columns = details.fields(control)
        offered = [_Field(column.name) for column in columns.numbers]
        for column in columns.categories:
            best = np.argsort(-column.counts, kind="stable")[:MOST_VALUES].tolist()
            offered += [_Field(column.name, column.values[at]) for at in best]
        return offered


@dataclass(frozen=True)
class _ValuesQuestion:
    """The mean of a field, or the share of a value, over the documents of each feature."""

    field: _Field

    def __call__(self, details: FeatureDetails, control: TaskControl) -> NodeColours:
        columns = details.fields(control)
        if self.field.value is None:
            column = next(one for one in columns.numbers if one.name == self.field.name)
            return _number_colours(self.field, column, details.sae.activations)
        category = columns.category(self.field.name)
        assert category is not None
        return _share_colours(self.field, category, details.sae.activations)


class ColourChoice(DefaultButton):
    """A button whose menu chooses; `changed` comes when the colours are there."""

    changed = Signal(object)
    """NodeColours, or None for the depth."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(f"Colour: {DEPTH.lower()}", tooltip=_TIP, trailing_icon="chevron-down")
        if parent is not None:
            self.setParent(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._session = session
        self._fields: list[_Field] = []
        self._chosen: str | _Field = DEPTH
        self._offered = FeatureReader(session, "Looking for fields", self)
        self._offered.answered.connect(self._on_fields)
        self._values = FeatureReader(session, "Reading a field", self)
        self._values.answered.connect(self.changed)
        for reader in (self._offered, self._values):
            reader.failed.connect(self._on_failed)
        self.clicked.connect(self._open)
        session.sae_changed.connect(self._on_sae)
        session.documents_changed.connect(self._on_sae)
        self._on_sae()

    def minimumSizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 3, self.sizeHint().height())

    @Slot()
    def _on_sae(self) -> None:
        self._fields = []
        self._offered.read(_FieldsQuestion())
        self.choose(DEPTH)

    @Slot(object)
    def _on_fields(self, fields: object) -> None:
        assert isinstance(fields, list)
        self._fields = fields

    @Slot(str)
    def _on_failed(self, sentence: str) -> None:
        self._session.message.emit(Message("error", sentence))

    def make_menu(self) -> QMenu:
        """Depth, statistics, fields."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for title in (DEPTH, *_STATISTICS):
            self._add(menu, title, title)
        if self._fields:
            menu.addSeparator()
        parts: dict[str, QMenu] = {}
        for field in self._fields:
            if field.value is None:
                self._add(menu, field.title, field)
                continue
            if field.name not in parts:
                parts[field.name] = menu.addMenu(shown_name(field.name).replace("&", "&&"))
            self._add(parts[field.name], field.value, field)
        return menu

    def _add(self, menu: QMenu, words: str, choice: str | _Field) -> None:
        action = menu.addAction(words.replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(choice == self._chosen)
        action.triggered.connect(partial(self._on_choice, choice))

    def _open(self) -> None:
        self.make_menu().popup(self.mapToGlobal(QPoint(0, self.height())))

    def _on_choice(self, choice: str | _Field, *_: object) -> None:
        self.choose(choice)

    def choose(self, choice: str | _Field) -> None:
        """Let the colour say something else."""
        self._chosen = choice
        title = choice if isinstance(choice, str) else choice.title
        short = title if len(title) <= 28 else f"{title[:27]}…"
        self.set_text(f"Colour: {short[:1].lower()}{short[1:]}")
        self._values.drop()
        if isinstance(choice, _Field):
            self._values.read(_ValuesQuestion(choice))
        else:
            make = _STATISTICS.get(choice)
            self.changed.emit(None if make is None else make(self._session))


def _density(session: Session) -> NodeColours | None:
    sae = session.sae
    if sae is None:
        return None
    return NodeColours.spanning("Density", sae.statistics.density, density_text)


def _mean(session: Session) -> NodeColours | None:
    sae = session.sae
    if sae is None:
        return None
    values = np.where(sae.statistics.count > 0, sae.statistics.mean, np.nan)
    return NodeColours.spanning("Mean activation", values, activation_text)


def _strongest(session: Session) -> NodeColours | None:
    sae = session.sae
    if sae is None:
        return None
    values = np.where(sae.statistics.count > 0, sae.statistics.maximum, np.nan)
    return NodeColours.spanning("Strongest activation", values, activation_text)


def _score(session: Session) -> NodeColours | None:
    sae, book = session.sae, session.book
    if sae is None or book is None:
        return None
    values = np.full(sae.n_latents, np.nan)
    for latent, score in book.shown_scores.items():
        values[latent] = score.score
    return NodeColours.spanning("Label score", values, _two_decimals)


_STATISTICS: dict[str, Callable[[Session], NodeColours | None]] = {
    "Density": _density,
    "Mean activation": _mean,
    "Strongest activation": _strongest,
    "Label score": _score,
}


def _number_colours(
    field: _Field, column: NumberColumn, activations: SparseActivations
) -> NodeColours:
    known = np.isfinite(column.values)
    sums = _sums(activations, np.where(known, column.values, 0.0))
    counts = _sums(activations, known.astype(np.float64))
    means = np.full(activations.n_latents, np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    return NodeColours.spanning(f"Mean {field.title}", means, _number_text)


def _share_colours(
    field: _Field, column: CategoryColumn, activations: SparseActivations
) -> NodeColours:
    has_value = column.codes >= 0
    wanted = column.codes == column.values.index(field.value or "")
    shares = np.full(activations.n_latents, np.nan)
    counts = _sums(activations, has_value.astype(np.float64))
    np.divide(_sums(activations, wanted.astype(np.float64)), counts, out=shares, where=counts > 0)
    return NodeColours.spanning(f"Share of {field.value}", shares, share_text)


def _sums(activations: SparseActivations, of_rows: np.ndarray) -> np.ndarray:
    """(n_latents,) float64: for each feature the sum over its documents."""
    offsets = np.asarray(activations.latent_offsets)
    running = np.concatenate([[0.0], np.cumsum(of_rows[np.asarray(activations.latent_rows)])])
    sums: np.ndarray = running[offsets[1:]] - running[offsets[:-1]]
    return sums


def _two_decimals(value: float) -> str:
    return f"{value:.2f}"


def _number_text(value: float) -> str:
    return f"{value:,.4g}".replace("-", "−") if abs(value) >= 10_000 else f"{value:.4g}"
