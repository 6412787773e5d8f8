"""What stands in the place of the sliders while there are no features."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from saedesk.session.session import Session
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.empty_panel import EmptyPanel


class MissingFeatures(EmptyPanel):
    """A sentence, and the button that leads to features."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("", "Train an SAE", "play", parent)
        self._session = session
        self.sentence.setFixedWidth(tokens().space[8] * 9)
        self.activated.connect(self._fill)

    def refresh(self) -> None:
        """Say what is missing now."""
        if self._has_sae():
            self.set_text(
                "The features of this SAE are not counted yet; until then the search is plain.",
                "Find the features",
                "play",
            )
        else:
            self.set_text(
                "Sliders need features. Train an SAE to take queries apart; until then the "
                "search is plain.",
                "Train an SAE",
                "play",
            )

    def _has_sae(self) -> bool:
        project = self._session.project
        return project is not None and project.current("saes") is not None

    def _fill(self) -> None:
        if self._has_sae():
            self._session.analyse()
        else:
            self._session.show("train")
