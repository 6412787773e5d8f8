"""How much of a vector its features leave unexplained, beside the other documents."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from saedesk.features.reconstruction_error import CorpusErrors, ReconstructionError
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.bars import draw_bar
from saedesk.ui.widgets.painting import draw_rounded, shade
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip
from saedesk.ui.widgets.section_head import SectionHead
from saedesk.ui.widgets.text_label import TextLabel


class ErrorBar(QWidget):
    """The error on a track, the middle half of the corpus as a soft band, its median as a mark."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._error: ReconstructionError | None = None
        self.setFixedHeight(tokens().space[4])
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Reconstruction error beside the other documents")

    def show_error(self, error: ReconstructionError) -> None:
        """Show another error."""
        self._error = error
        self.setAccessibleDescription(told_error(error))
        self.update()

    @property
    def end(self) -> float:
        """What the right end of the track stands for: all of the usual distance, or more."""
        return 1.0 if self._error is None else max(1.0, self._error.unexplained)

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 6, tokens().space[4])

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._error is None:
            return
        painter = QPainter(self)
        corpus, wide = self._error.corpus, float(self.width())
        low, high = (min(1.0, at / self.end) * wide for at in corpus.middle_half)
        height = self.height() - tokens().grid
        band = QRectF(low, tokens().grid / 2, max(2.0, high - low), height)
        track = QRectF(0, 0, wide, self.height())
        thickness = tokens().bar.document_feature
        draw_bar(painter, track, 0.0, thickness=thickness)
        draw_rounded(painter, band, tokens().radius.mark, "natural")
        share = self._error.unexplained / self.end
        draw_bar(painter, track, share, "accent", track=None, thickness=thickness)
        x = round(min(1.0, corpus.typical / self.end) * wide) - 1
        painter.fillRect(QRectF(x, 0, 2, self.height()), shade("text1"))


class ReconstructionSection(QWidget):
    """Hidden until there is an error to tell."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.head = SectionHead("Reconstruction error", "")
        self.bar = ErrorBar()
        self.said = TextLabel("", "caption", "text3", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, tokens().space[1], 0, tokens().space[3])
        column.setSpacing(tokens().space[1])
        column.addWidget(self.head)
        column.addWidget(self.bar)
        column.addWidget(self.said)
        Theme.current().changed.connect(self.bar.update)
        self.hide()

    def show_error(self, error: ReconstructionError | None) -> None:
        """Show the error of another vector; None hides the section."""
        self.setVisible(error is not None)
        if error is None:
            return
        self.head.set_note(percent(error.unexplained))
        self.bar.show_error(error)
        self.said.setText(told_place(error))
        tip = f"{told_error(error)}\n{ABOUT}\n{told_corpus(error.corpus)}"
        set_plain_tooltip(self.bar, tip)
        for label in (self.head.title, self.head.note, self.said):
            label.set_explanation(tip)


ABOUT = (
    "The squared distance between the vector and what its features rebuild, as a share of the "
    "usual squared distance of a document from the mean of all. 0 is perfect; the mean over all "
    "documents is the SAE’s FVU. Far above the usual, the features miss something in this text."
)


def percent(share: float) -> str:
    """ "24 %"; "0.4 %" where it is small."""
    return f"{100 * share:.1f} %" if share < 0.02 else f"{100 * share:.0f} %"


def told_error(error: ReconstructionError) -> str:
    """The error, the usual one and the cosine, in a line."""
    return (
        f"{percent(error.unexplained)} of the vector is not explained by its features; "
        f"{percent(error.corpus.typical)} is usual in this corpus. Cosine of vector and "
        f"reconstruction {error.cosine:.2f}"
    ).replace("-", "\u2212")


def told_place(error: ReconstructionError) -> str:
    """Where it stands among the documents, and the cosine."""
    worse, usual = error.share_worse, percent(error.corpus.typical)
    said = (
        f"Rebuilt better than {percent(worse)} of the documents"
        if worse >= 0.5
        else f"Rebuilt worse than {percent(1 - worse)} of the documents"
    )
    cosine = f"{error.cosine:.2f}".replace("-", "\u2212")
    return f"{said}; cosine {cosine}. The mark shows what is usual, {usual}."


def told_corpus(corpus: CorpusErrors) -> str:
    """What the comparison rests on."""
    low, high = (percent(end) for end in corpus.middle_half)
    looked_at = len(corpus.unexplained)
    among = f"all {looked_at:,} documents"
    if looked_at < corpus.documents:
        among = f"{looked_at:,} of {corpus.documents:,} documents"
    return f"Half of the documents lie between {low} and {high} (the band), measured on {among}."
