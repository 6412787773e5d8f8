"""What is done with all labels of the SAE in use, from the list's menu: made, scored, compared."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from saedesk.features.near_duplicates import NearDuplicate
from saedesk.session import label_work
from saedesk.session.message import LABELS, SAE, WORKSPACE
from saedesk.session.session import Session
from saedesk.ui.features_panels.duplicates_dialog import NONE_FOUND, DuplicatesDialog
from saedesk.ui.features_panels.feature_rows import FeatureRows
from saedesk.ui.features_panels.write_permission import may_write


class LabelTasks(QObject):
    """Starts the tasks and shows what comes of them."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._widget = session, parent
        self.rows: FeatureRows | None = None
        """The features in the list; None without any."""
        self.duplicates: DuplicatesDialog | None = None

    @Slot()
    def label_all(self) -> None:
        """Make keyword labels anew; what people and language models wrote stays."""
        if may_write(self._session):
            label_work.label_by_keywords(self._session)

    @Slot()
    def label_missing(self) -> None:
        """Make keyword labels for the features that have no label."""
        if may_write(self._session):
            label_work.label_by_keywords(self._session, only_missing=True)

    @Slot()
    def score_all(self) -> None:
        """Measure how good the labels are."""
        if self._session.sae is not None and may_write(self._session):
            label_work.score_labels(self._session)

    @Slot()
    def score_missing(self) -> None:
        """Measure how good the labels are that were written since the others were scored."""
        if self.rows is None or not may_write(self._session):
            return
        latents = self.rows.labelled_without_score()
        if len(latents):
            label_work.score_labels(self._session, tuple(latents.tolist()))
        else:
            self._session.tell("Every label has a score.", (LABELS, WORKSPACE))

    @Slot()
    def find_duplicates(self) -> None:
        """Look for features that nearly repeat another one, then suggest to hide them."""
        if self._session.sae is not None:
            book = self._session.book
            label_work.find_near_duplicates(self._session, partial(self.show_duplicates, book))

    def show_duplicates(self, book: object, found: list[NearDuplicate]) -> None:
        """Suggest to hide some features of the SAE that `book` belongs to."""
        if book is not self._session.book or self._session.book is None:
            # Another SAE is in use by now, where these numbers mean something else.
            return
        if not found:
            self._session.tell(NONE_FOUND, (LABELS, SAE, WORKSPACE))
            return
        self.duplicates = DuplicatesDialog(self._session, found, self._widget.window())
        self.duplicates.show()
