"""The section of the document page that takes a document apart into features."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from saedesk.ui.corpus_panels.corpus_view import CorpusView
from saedesk.ui.corpus_panels.document_marks import SentenceMarks
from saedesk.ui.corpus_panels.document_texts import count_of
from saedesk.ui.corpus_panels.feature_bars import FeatureBar, FeatureBars
from saedesk.ui.feature_names import name_in_list
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.section_head import SectionHead
from saedesk.ui.widgets.text_label import LinkButton, TextLabel

STRONGEST = 8


class DocumentFeatures(QWidget):
    """The strongest features as bars; hidden without an SAE or where none is active."""

    def __init__(
        self,
        view: CorpusView,
        marks: SentenceMarks,
        title: str = "Features of this document",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._view, self._marks = view, marks
        marks.changed.connect(self.refresh)
        self._document: int | None = None
        self._codes: tuple[np.ndarray, np.ndarray] | None = None
        self._expanded = False
        head = SectionHead(title, "activation")
        head.note.set_explanation(
            "How strongly the feature fires in this text; 0 where it does not. A click on a bar "
            "marks the sentences that drive it, a click on a name opens the feature"
        )
        self.bars = FeatureBars()
        self.bars.activated.connect(self._open)
        self.bars.mark_toggled.connect(marks.toggle)
        self.bars.menu_requested.connect(self._open_menu)
        self.problem = TextLabel("", "caption", "text3", wrap=True)
        self.more = LinkButton("")
        self.more.clicked.connect(self._toggle)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, tokens().space[3], 0, tokens().space[2])
        layout.setSpacing(tokens().space[1])
        layout.addWidget(head)
        layout.addWidget(self.bars)
        layout.addWidget(self.more)
        layout.addWidget(self.problem)

    def show_document(self, document_id: int | None) -> None:
        """Shows the features of another document, the weak ones folded."""
        self._document, self._codes, self._expanded = document_id, None, False
        self.refresh()

    def show_codes(self, latents: np.ndarray, values: np.ndarray) -> None:
        """Shows the features of a text that is no document: (k,) latents and activations."""
        self._document, self._codes, self._expanded = None, (latents, values), False
        self.refresh()

    def _read(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Latents and activations, strongest first; None where there are none."""
        sae = self._view.session.sae
        if sae is None or self._document is None:
            return None if sae is None else self._codes
        row = sae.vectors.row_of(self._document)
        return None if row is None else sae.activations.document(row)

    def refresh(self) -> None:
        """Reads activations and labels again."""
        session, codes = self._view.session, self._read()
        if codes is None or session.book is None:
            self.hide()
            return
        latents, values = codes
        top = float(values[0]) if len(values) else 1.0
        bars = [
            FeatureBar(
                int(latent),
                name_in_list(session.book, int(latent)),
                float(v),
                float(v) / top,
                self._marks.series_of(int(latent)),
                self._marks.note_of(int(latent)),
            )
            for latent, v in zip(latents, values, strict=True)
        ]
        weaker = len(bars) - STRONGEST
        said = self._marks.problem or self._marks.unread
        self.problem.setText(said)
        self.problem.setVisible(bool(said))
        self.bars.set_bars(bars if self._expanded else bars[:STRONGEST])
        folded = count_of(weaker, "weaker feature", "weaker features")
        self.more.setText("Only the strongest" if self._expanded else folded)
        self.more.setAccessibleName(self.more.text())
        self.more.setVisible(weaker > 0)
        self.more.updateGeometry()
        self.setVisible(bool(bars))

    def _toggle(self) -> None:
        self._expanded = not self._expanded
        self.refresh()

    @Slot(int)
    def _open(self, latent: int) -> None:
        self._view.session.show_feature(latent)

    @Slot(int, QPoint)
    def _open_menu(self, latent: int, place: QPoint) -> None:
        book = self._view.session.book
        if book is None:
            return
        menu = QMenu(self)
        show = menu.addAction("Show the feature")
        is_marked = self._marks.series_of(latent) is not None
        mark = menu.addAction("Unmark its sentences" if is_marked else "Mark its sentences")
        mark.setEnabled(not self._marks.problem)
        require = menu.addAction("Only documents with it")
        leave_out = menu.addAction("Only documents without it")
        menu.addSeparator()
        copy = menu.addAction("Copy label")
        chosen = menu.exec(place)
        if chosen is show:
            self._open(latent)
        elif chosen is mark:
            self._marks.toggle(latent)
        elif chosen is require or chosen is leave_out:
            self._view.require_feature(latent, leave_out=chosen is leave_out)
        elif chosen is copy:
            QGuiApplication.clipboard().setText(book.text(latent))
        menu.deleteLater()
