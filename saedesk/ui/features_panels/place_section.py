"""The section of the right column about space: a map, and Moran's I in a sentence."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from saedesk.features.place_marks import PlaceMarks
from saedesk.features.spatial_autocorrelation import SpatialStructure
from saedesk.project.document_filter import DocumentFilter
from saedesk.session.feature_reader import FeatureReader
from saedesk.session.session import Message, Session
from saedesk.ui.features_panels.field_rows import MORAN_ABOUT, places_text
from saedesk.ui.features_panels.place_map import PlaceMap
from saedesk.ui.features_panels.surroundings import PlaceQuestion, PlaceRows
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.plots import PlotHead
from saedesk.ui.widgets.text_label import TextLabel

LEGEND = "Grey: documents. In colour: where it fires, stronger in the places with a larger share."


class PlaceSection(QWidget):
    """A click on a place shows the documents there in which the feature fires, in Corpus."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._latent: int | None = None
        self.map = PlaceMap()
        self.map.mark_chosen.connect(self._ask)
        self.head = PlotHead("In space", "", self.map)
        self.legend = TextLabel(LEGEND, "caption", "text3", wrap=True)
        self.said = TextLabel("", "body", "text2", wrap=True)
        self.said.set_explanation(MORAN_ABOUT)
        self._reader = FeatureReader(session, "Choosing the documents of a place", self)
        self._reader.answered.connect(self._show)
        self._reader.failed.connect(self._tell)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens().space[1])
        for part in (self.map, self.legend, self.said):
            column.addWidget(part)

    def text(self) -> str:
        """The sentence about the places."""
        return self.said.text()

    def show_places(self, latent: int, places: SpatialStructure, marks: PlaceMarks | None) -> None:
        """Show the places of a feature."""
        self._latent = latent
        self.said.setText(places_text(places))
        for part in (self.map, self.legend):
            part.setVisible(marks is not None)
        if marks is not None:
            self.map.show_marks(marks)

    @Slot(object)
    def _ask(self, places: np.ndarray) -> None:
        if self._latent is not None:
            self._reader.read(PlaceQuestion(self._latent, places))

    @Slot(object)
    def _show(self, answer: object) -> None:
        assert isinstance(answer, PlaceRows)
        if answer.latent == self._latent and len(answer.rows):
            ids = np.sort(self._session.document_ids(answer.rows)).astype(np.int64)
            self._session.show_documents(DocumentFilter(document_ids=ids))

    @Slot(str)
    def _tell(self, sentence: str) -> None:
        self._session.message.emit(Message("error", sentence))
