"""Packs all families anew, by what they have in common, once thresholds have come to rest."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from saedesk.features.families.bridges import bridges_among
from saedesk.features.families.family_tree import FeatureFamily
from saedesk.jobs.feature_details import FeatureDetails
from saedesk.session.family_book import family_book
from saedesk.session.feature_reader import FeatureReader
from saedesk.session.session import Session
from saedesk.task_control import TaskControl
from saedesk.ui.family_panels.overview_layout import Links, PackedFamilies, Packing

LINKS = 60
"""Broadest bridges that are drawn between families."""
REST_MS = 100
"""So long after the last change families are at rest."""


class _PackingQuestion:
    """The bridges between all families, and where these lie then."""

    def __init__(self, families: tuple[FeatureFamily, ...], packing: Packing) -> None:
        self.families, self.packing = families, packing

    def __call__(self, details: FeatureDetails, control: TaskControl) -> PackedFamilies:
        found = bridges_among(details.sae.activations, self.families, control, count=LINKS)
        links = [(one.root, one.other, one.share) for one in found.found]
        return PackedFamilies(self.packing, links, self.packing.centres(links, control))


class FamiliesAtRest(QObject):
    """Knows whether all families move, and asks the query lane for their places when they rest."""

    packed = Signal()
    """The families rest: `answer` says where, None where that could not be found out."""
    wanted = Signal()
    """The time has come for `ask`."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._book = family_book(session)
        self.is_moving = self._is_packed = False
        """Whether families stay where they were drawn, until they rest."""
        self.answer: PackedFamilies | None = None
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self.wanted)
        self._reader = FeatureReader(session, "Looking for bridges", self)
        self._reader.answered.connect(self._on_answer)
        self._reader.failed.connect(self._on_failed)

    @property
    def links(self) -> Links:
        """Of the families that rested last, until `forget`."""
        return () if self.answer is None else self.answer.links

    @property
    def is_done(self) -> bool:
        """Whether the families rest."""
        return self._is_packed and not self._rest.isActive()

    @property
    def is_asked(self) -> bool:
        """Whether the families rest, or will without another question."""
        return self._is_packed or self._rest.isActive() or self._reader.is_open

    def move(self) -> None:
        """Other families are shown, those that stay where they were."""
        self.is_moving, self._is_packed = True, False
        self._reader.drop()
        self._rest.start()

    def drawn(self) -> None:
        """What moves was drawn just now: from here on it may rest."""
        if self._rest.isActive():
            self._rest.start()

    def forget(self) -> None:
        """Families are shown that have nothing to do with those before."""
        self.is_moving = self._is_packed = False
        self.answer = None
        self._rest.stop()
        self._reader.drop()

    def ask(self, packing: Packing) -> None:
        """Find out where the families of the book lie, whose discs these are."""
        families = tuple(one.family for one in self._book.families)
        if families:
            self._reader.read(_PackingQuestion(families, packing))
        else:
            self.is_moving, self._is_packed, self.answer = False, True, None

    @Slot(object)
    def _on_answer(self, answer: object) -> None:
        assert isinstance(answer, PackedFamilies)
        self._settle(answer)

    @Slot(str)
    def _on_failed(self, _: str) -> None:
        self._settle(None)

    def _settle(self, answer: PackedFamilies | None) -> None:
        self.is_moving, self._is_packed, self.answer = False, True, answer
        self.packed.emit()
