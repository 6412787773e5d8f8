"""Presets of the steering panel: applied, saved, renamed and deleted."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from saedesk.errors import KnownError
from saedesk.project.saved_searches import SavedSearch
from saedesk.project.selection_store import LONGEST_NAME
from saedesk.session.live_search import LiveSearch
from saedesk.session.message import Message
from saedesk.session.preset_settings import (
    change_settings,
    means_the_same,
    save_settings,
    settings_of,
)
from saedesk.session.search_history import search_book
from saedesk.session.search_state import SearchState
from saedesk.session.session import Session
from saedesk.session.steering_settings import SteeringSettings
from saedesk.ui.selection_panels.naming_row import NamingRow
from saedesk.ui.widgets.choice_field import ChoiceField
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip

NOT_SAVED, NONE = "not saved", "none"
"""What stands for a preset where the sliders are none, and where they are at rest."""
SAVE = "Save these…"
"""The last line of the field."""
ABOUT = (
    "Sliders that were saved under a name. Choosing one puts all sliders but the locked ones where "
    "it has them."
)


class SteeringPresets(QObject):
    """A field that chooses, a row that asks for a name, and the lines of a menu."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session, self._book = session, search_book(session)
        self._search: LiveSearch | None = None
        self._known: list[tuple[SavedSearch, SteeringSettings | None]] = []
        self._renamed: int | None = None
        self.choice = ChoiceField([NONE], "Preset", NONE, "Preset of the sliders")
        set_plain_tooltip(self.choice, ABOUT)
        self.choice.activated.connect(self._on_chosen)
        self.naming = NamingRow("Name of the preset", LONGEST_NAME)
        self.naming.kept.connect(self._on_named)
        self.naming.given_up.connect(self.naming.end)
        self.naming.hide()
        self._book.saved_changed.connect(self.refresh)

    def set_search(self, search: LiveSearch | None) -> None:
        """Tell another search what is chosen."""
        self._search = search
        self.naming.end()
        self.refresh()

    def refresh(self) -> None:
        """Read the presets again."""
        self._known = [(preset, self._read(preset)) for preset in self._saved()]
        self._show()

    def show_state(self, _state: SearchState) -> None:
        """Show which preset the sliders are."""
        self._show()

    def _saved(self) -> tuple[SavedSearch, ...]:
        try:
            return self._book.presets
        except KnownError:
            return ()  # The project was closed, or is damaged, which its opening says.

    def _read(self, preset: SavedSearch) -> SteeringSettings | None:
        try:
            return settings_of(self._book, preset)
        except KnownError:
            return None

    @property
    def current(self) -> SavedSearch | None:
        """The preset at which the sliders stand."""
        settings = self._settings
        if settings is None or settings.at_rest:
            return None
        found = (
            preset
            for preset, known in self._known
            if known is not None and means_the_same(settings, known)
        )
        return next(found, None)

    @property
    def _settings(self) -> SteeringSettings | None:
        return None if self._search is None else self._search.state.settings

    @property
    def _can_save(self) -> bool:
        """Whether something is turned that is no preset."""
        settings = self._settings
        return settings is not None and not settings.at_rest and self.current is None

    def _show(self) -> None:
        settings, current = self._settings, self.current
        rest = NONE if settings is None or settings.at_rest else NOT_SAVED
        names = [preset.name for preset, _ in self._known]
        items = [rest, *names, *([SAVE] if self._can_save else [])]
        shown = [self.choice.itemText(at) for at in range(self.choice.count())]
        at = 0 if current is None else 1 + [one.id for one, _ in self._known].index(current.id)
        if items != shown:
            self.choice.set_items(items)
        if at != self.choice.currentIndex():
            blocked = self.choice.blockSignals(True)
            self.choice.setCurrentIndex(at)
            self.choice.blockSignals(blocked)
            self.choice.update()
        self.choice.setEnabled(len(items) > 1)
        # The field is too narrow for many names.
        named = "" if current is None else f"“{current.name}”\n"
        set_plain_tooltip(self.choice, f"{named}{ABOUT}")

    # -- what a person does ----------------------------------------------------------------------

    def fill_menu(self, menu: QMenu) -> None:
        """What can be done with presets, and why not where it cannot."""
        current = self.current
        menu.addAction("Save these sliders as a preset…", self._begin_saving).setEnabled(
            self._can_save
        )
        name = "the preset" if current is None else f"“{current.name}”"
        for words, do in (
            (f"Rename {name}…", self._begin_renaming),
            (f"Delete {name}", self._delete),
        ):
            menu.addAction(words, do).setEnabled(current is not None)
        replaced = menu.addMenu("Save these sliders in the place of")
        for preset, _ in self._known:
            action = replaced.addAction(preset.name)
            action.setData(preset.id)
        replaced.triggered.connect(self._on_replace)
        replaced.setEnabled(self._can_save and bool(self._known))

    def _on_chosen(self, at: int) -> None:
        if at > len(self._known):
            self._begin_saving()
        elif at > 0 and self._search is not None:
            preset, _ = self._known[at - 1]
            self._try(lambda: self._apply(preset))
        self._show()

    def _apply(self, preset: SavedSearch) -> None:
        assert self._search is not None
        self._search.apply_preset(settings_of(self._book, preset))

    def _begin_saving(self) -> None:
        self._renamed = None
        self.naming.begin("")

    def _begin_renaming(self) -> None:
        current = self.current
        if current is not None:
            self._renamed = current.id
            self.naming.begin(current.name)

    def _on_named(self, name: str) -> None:
        settings = self._settings
        try:
            if self._renamed is not None:
                self._book.rename(self._renamed, name)
            elif settings is not None:
                save_settings(self._book, name, settings)
        except KnownError as error:
            self.naming.say(error.sentence)
        else:
            # First the keyboard, where the name is shown now: what had it before stays chosen.
            self.choice.setFocus()
            self.naming.end()

    def _delete(self) -> None:
        current = self.current
        if current is not None:
            self._try(lambda: self._book.delete(current.id))

    def _on_replace(self, action) -> None:  # type: ignore[no-untyped-def]
        settings = self._settings
        if settings is not None:
            self._try(lambda: change_settings(self._book, int(action.data()), settings))

    def _try(self, do: Callable[[], object]) -> None:
        try:
            do()
        except KnownError as error:
            self._session.message.emit(Message("warning", error.sentence))
