"""The page of one feature: label, numbers, histogram, documents."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from saedesk.features.labels.language_model.detection_score import DETECTION_F1
from saedesk.features.latent_statistics import QUANTILES
from saedesk.session.session import Session
from saedesk.ui.features_panels.feature_documents import FeatureDocuments
from saedesk.ui.features_panels.feature_histogram import FeatureHistogram
from saedesk.ui.features_panels.feature_notes import FeatureNotes
from saedesk.ui.features_panels.feature_title import FeatureTitle
from saedesk.ui.features_panels.number_texts import (
    activation_text,
    density_text,
    documents_text,
)
from saedesk.ui.features_panels.score_words import (
    ABOUT_BEING_SCORED,
    BEING_SCORED,
    DETECTION,
    interval_text,
    score_explanation,
)
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.bars import NumberStrip
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.scroll_area import ScrollArea
from saedesk.ui.widgets.text_label import TextLabel

_MEDIAN = QUANTILES.index(0.5)
_NEVER = (
    "No document activates this feature, so there is nothing to read. A few such features are "
    "normal; many mean that the dictionary is larger than the corpus can fill."
)
_ABOUT = {
    "density": (
        "Share of all documents in which the feature is active. Most useful features lie between "
        "0.1 and 5 %; one in nearly every document says little."
    ),
    "mean": "Mean activation over the documents in which the feature is active.",
    "median": "Half of the active documents lie above this activation, half below.",
    "strongest": (
        "Largest activation in any document. The farther it lies above the mean, the more the "
        "strongest documents stand out."
    ),
}


class FeaturePage(ScrollArea):
    """Shows the selected feature; everything here is read in the window's own thread."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        content = QWidget()
        content.setProperty("ground", "surface")
        super().__init__(content, accessible_name="Feature", parent=parent)
        self._session = session
        self._latent: int | None = None
        self.title = FeatureTitle(session)
        self.notes = FeatureNotes(session)
        self.numbers = NumberStrip()
        self.plot = FeatureHistogram(session)
        self.histogram = self.plot.histogram
        # The scroll bar lies in the padding.
        pad = tokens().padding.work_area
        self._sides = (pad, pad - self.verticalScrollBar().sizeHint().width())
        self.documents = FeatureDocuments(session, *self._sides)
        self.histogram.bin_clicked.connect(self._on_bin)
        self.documents.bin_changed.connect(self.histogram.mark_bin)
        self.never = TextLabel(_NEVER, "body", "text2", wrap=True)
        self._build(content)
        session.feature_selected.connect(self.show_feature)
        session.sae_changed.connect(self._on_sae)
        session.edited_labels.changed.connect(self._on_scoring)
        self._on_sae()

    def _build(self, content: QWidget) -> None:
        left, right = self._sides
        space = tokens().space
        head = QVBoxLayout()
        head.setContentsMargins(left, space[4], right, 0)
        head.setSpacing(0)
        head.addWidget(self.title)
        head.addWidget(self.notes)
        head.addSpacing(space[3] + 2)
        head.addWidget(Hairline())
        head.addSpacing(space[4])
        head.addWidget(self.numbers)
        head.addSpacing(space[3] + 2)
        head.addWidget(Hairline())
        head.addSpacing(space[3])
        head.addWidget(self.plot)
        head.addWidget(self.never)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.documents)
        column.addStretch(1)

    @Slot(object)
    def show_feature(self, latent: int | None) -> None:
        """Show another feature, from the top of the page."""
        sae = self._session.sae
        if sae is None or latent is None or not 0 <= latent < sae.n_latents:
            self._latent = None
            return
        is_other = latent != self._latent
        self._latent = latent
        self.title.show_feature(latent)
        self.notes.show_feature(latent)
        is_active = bool(sae.statistics.count[latent])
        self.plot.setVisible(is_active)
        self.documents.setVisible(is_active)
        self.never.setVisible(not is_active)
        self.numbers.set_entries(self._entries(latent))
        if is_active:
            self.plot.show_feature(latent)
            self.documents.show_feature(latent)
        if is_other:
            self.verticalScrollBar().setValue(0)

    def focus_documents(self) -> None:
        """Put the keyboard into the documents, or on the label where there are none."""
        if self.documents.isVisible():
            self.documents.cards.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.title.pencil.setFocus(Qt.FocusReason.TabFocusReason)

    def _entries(self, latent: int) -> list[tuple[str, str, str]]:
        assert self._session.sae is not None
        statistics = self._session.sae.statistics
        count = int(statistics.count[latent])
        values = {
            "mean": float(statistics.mean[latent]),
            "median": float(statistics.quantiles[latent, _MEDIAN]),
            "strongest": float(statistics.maximum[latent]),
        }
        captions = {"mean": "Mean when active", "median": "Median", "strongest": "Strongest"}
        share = density_text(float(statistics.density[latent]))
        density = (share, f"Density, {documents_text(count)}", _ABOUT["density"])
        return [
            density,
            *(
                (activation_text(value) if count else "–", captions[name], _ABOUT[name])
                for name, value in values.items()
            ),
            self._score_entry(latent),
            *self._detection_entries(latent),
        ]

    def _detection_entries(self, latent: int) -> list[tuple[str, str, str]]:
        """What a language model made of the label, where one was asked."""
        book = self._session.book
        assert book is not None
        scores = book.scores(latent) if book.has_label(latent) else {}
        score = scores.get(DETECTION_F1)
        if score is None:
            return []
        about = score_explanation({n: s for n, s in scores.items() if n in DETECTION})
        return [(f"{score.score:.2f}", f"Detection F1, {interval_text(score)}", about)]

    def _score_entry(self, latent: int) -> tuple[str, str, str]:
        book = self._session.book
        assert book is not None
        score = book.score(latent)
        if latent in self._session.edited_labels.pending:
            return "–", f"Label score, {BEING_SCORED}", ABOUT_BEING_SCORED
        caption = "Label score" if score is None else f"Label score, {interval_text(score)}"
        value = "–" if score is None else f"{score.score:.2f}"
        return value, caption, score_explanation(book.scores(latent), book.has_label(latent))

    @Slot(float, float)
    def _on_bin(self, low: float, high: float) -> None:
        self.documents.show_bin(low, high)

    @Slot()
    def _on_sae(self) -> None:
        book = self._session.book
        self._latent = None
        self.title.give_up()
        if book is not None:
            book.labels_changed.connect(self._on_labels)
            book.stars_changed.connect(self._on_marks)
            book.marks_changed.connect(self._on_marks)
            self.show_feature(self._session.feature)

    @Slot(object)
    def _on_labels(self, latents: frozenset[int]) -> None:
        if self._latent is None or self.sender() is not self._session.book:
            return
        if self._latent in latents:
            self.title.refresh_label()
            self.numbers.set_entries(self._entries(self._latent))

    @Slot(object)
    def _on_scoring(self, latents: frozenset[int]) -> None:
        if self._latent in latents and self._session.book is not None:
            self.numbers.set_entries(self._entries(self._latent))

    @Slot(object)
    def _on_marks(self, latents: frozenset[int]) -> None:
        if self._latent in latents and self.sender() is self._session.book:
            self.title.refresh_star()
            self.notes.refresh()
