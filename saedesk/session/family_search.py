"""Ways into and out of a family: its slider in Search, and the family of a feature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Slot

from saedesk.errors import BadSetting
from saedesk.search.family_steering import FamilySlider, Part, Weighting, family_slider
from saedesk.session.family_book import family_book
from saedesk.session.session import Message, Session


def make_slider(
    session: Session,
    root: int,
    children: Sequence[int],
    part: Part = "both",
    weighting: Weighting = "density",
) -> FamilySlider | None:
    """The slider of a family at rest; None, and a message, where there is nothing to turn."""
    sae = session.sae
    if sae is None:
        return None
    statistics = sae.statistics
    sizes = statistics.density if weighting == "density" else statistics.mean
    try:
        return family_slider(root, children, sae.decoder, sizes, part, weighting)
    except BadSetting as error:
        session.message.emit(Message("warning", error.sentence))
        return None


def add_family(session: Session, root: int) -> bool:
    """Put a slider for a family into Search; whether one is there now."""
    search, family = session.search, family_book(session).family(root)
    if search is None or family is None:
        return False
    if search.state.family(root) is None:
        slider = make_slider(session, root, family.children)
        if slider is None:
            return False
        search.put_family(slider)
    return True


def steer_with_family(session: Session, root: int) -> None:
    """Put a slider for a family into Search and show it there."""
    if add_family(session, root):
        session.show("search")


def change_slider(session: Session, root: int, part: Part, weighting: Weighting) -> None:
    """Let the slider of a family turn another part of it, by other weights; it stays where it is.

    A move of any part is as long as that of a feature, so the query moves as far as before.
    """
    search = session.search
    before = None if search is None else search.state.family(root)
    if search is None or before is None:
        return
    slider = make_slider(session, root, before.children, part, weighting)
    if slider is not None:
        search.put_family(slider.with_strength(before.strength))


class FamilySliders(QObject):
    """Lets the sliders of families in Search turn the members that these have now.

    A slider stays where it is, and this is no step of its own to undo: it follows the edit, and
    its undoing. The slider of a family that is there no more, as of one that was merged into
    another, stays as it was; so do all while thresholds are only tried.
    """

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._book = session, family_book(session)
        self._book.families_changed.connect(self.refresh)
        session.sae_changed.connect(self._follow_search)
        self._follow_search()

    @Slot()
    def _follow_search(self) -> None:
        if self._session.search is not None:
            # A step undone or redone brings back what a slider turned then.
            self._session.search.state_changed.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Look at every slider."""
        search, book = self._session.search, self._book
        if search is None or book.is_trying:
            return
        settings = search.state.settings
        for before in settings.families:
            family = book.family(before.root)
            if family is None or family.children == before.children:
                continue
            what = family.children, before.part, before.weighting
            if (slider := make_slider(self._session, before.root, *what)) is not None:
                settings = settings.with_family(slider.with_strength(before.strength))
        if settings != search.state.settings:
            search.restore(replace(search.state, settings=settings))


def family_with(session: Session, latent: int) -> int | None:
    """The root of the family in which a feature stands, the largest of several; None of none."""
    families = family_book(session).families
    return next((one.root for one in families if latent in one.members), None)


def open_family_of(session: Session, latent: int) -> None:
    """Show the family in which a feature stands, the largest of several, in Families."""
    root = family_with(session, latent)
    if root is not None:
        family_book(session).select(root)
    session.select_feature(latent)
    session.show("families")
