"""The field that finds a feature or a family to search with alone."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from saedesk.session.family_book import family_book
from saedesk.session.family_search import make_slider
from saedesk.session.feature_book import FeatureBook
from saedesk.session.session import Session
from saedesk.ui.search_panels.feature_completion import FeatureField
from saedesk.ui.search_panels.feature_names import NamedFamily, NamedFeature
from saedesk.ui.theme import tokens


class TargetField(FeatureField):
    """Typing finds features and families; the chosen one is the whole query."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("sliders-horizontal", tokens().query_field_height, "lead", parent)
        self._session = session
        self._is_stale = True
        self._book: FeatureBook | None = None
        self.chosen.connect(self._on_feature)
        self.family_chosen.connect(self._on_family)
        families = family_book(session)
        families.families_changed.connect(self._forget_names)
        session.sae_changed.connect(self._forget_names)
        self.set_families([])

    def set_families(self, families: Sequence[NamedFamily]) -> None:
        """Sets the families that can be found, the first to be found first."""
        super().set_families(families)
        name = "Find a feature or a family" if families else "Find a feature"
        self.setPlaceholderText(name)
        self.setAccessibleName(name)

    def _forget_names(self) -> None:
        self._is_stale = True
        if self.isVisible():
            self._read_names()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self._read_names()

    def _read_names(self) -> None:
        """Labels change; they are read while the field is shown."""
        sae, book = self._session.sae, self._session.book
        if sae is None or book is None:
            return
        self._is_stale = False
        density, families = sae.statistics.density, family_book(self._session)
        self.set_features(
            [NamedFeature(i, book.text(i), float(density[i])) for i in range(sae.n_latents)]
        )
        self.set_families(
            [NamedFamily(one.root, families.name(one.root), one.size) for one in families.families]
        )
        if book is not self._book:
            self._book = book
            book.labels_changed.connect(self._forget_names)

    def _on_feature(self, latent: int) -> None:
        if self._session.search is not None:
            self._session.search.set_target(latent)

    def _on_family(self, root: int) -> None:
        search_family(self._session, root)


def search_family(session: Session, root: int) -> None:
    """Search with a family alone: all its features, by their densities."""
    family = family_book(session).family(root)
    slider = None if family is None else make_slider(session, root, family.children)
    if session.search is not None and slider is not None:
        session.search.set_target(slider)
