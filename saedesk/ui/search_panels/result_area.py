"""Shows answers: the results as typed beside the steered ones, and which of them is chosen."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from saedesk.jobs.search_documents import ResultRow, SearchAnswer
from saedesk.session.search_state import SearchState
from saedesk.ui.search_panels.result_columns import ResultColumns
from saedesk.ui.search_panels.result_head import (
    SETTINGS,
    TYPED,
    asked_for,
    list_names,
    told_settings,
    told_steering,
)
from saedesk.ui.search_panels.result_list import ResultList
from saedesk.ui.search_panels.shown_result import (
    DocumentCaption,
    NameOf,
    plain_results,
    rank_links,
    side_by_side,
    steered_results,
)

AT_REST = "Results"
CALM_SECONDS = 0.3
"""Rows slide to their new places only when the answer before is at least this old."""


class ResultArea(ResultColumns):
    """Both lists under their heads; without steering only the plain one, at full width.

    Of two settings A stands at the left and B at the right, whichever is in force.
    """

    explained = Signal(object, bool)
    """ResultRow or None, and whether it is one of the steered list."""
    document_opened = Signal(int)
    """The id of a document somebody wants to read."""
    like_wanted = Signal(object, bool)
    """The ids of documents to search with, and whether beside those before."""
    unlike_wanted = Signal(object)
    """The ids of documents that results should not be like."""
    chosen_changed = Signal()
    """Other documents are chosen."""
    copy_wanted = Signal()
    titles_copy_wanted = Signal(str)
    """The titles of the chosen documents, one in a line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._answer: SearchAnswer | None = None
        self._own: SearchAnswer | None = None
        self._compared: SearchAnswer | None = None
        self._caption = DocumentCaption(())
        self._can_steer = True
        self._chosen: int | None = None
        self._in_steered = True
        self._answered_at = 0.0
        self._in_force: str | None = None
        self._name_of: NameOf | None = None
        for shown in (self.plain, self.steered):
            shown.selected.connect(self._on_selected)
            shown.opened.connect(self._on_opened)
            shown.like_wanted.connect(self._on_like)
            shown.unlike_wanted.connect(self._on_unlike)
            shown.chosen_changed.connect(self.chosen_changed)
            shown.copy_wanted.connect(self._on_copy)
            shown.side_wanted.connect(self._on_side)
        self.steered.hovered.connect(self._on_hovered)

    # -- what is shown ---------------------------------------------------------------------------

    def set_source(
        self, caption: DocumentCaption, can_steer: bool, name_of: NameOf | None = None
    ) -> None:
        """Sets what stands under titles, whether there are features to steer with, their names."""
        self._caption, self._name_of = caption, name_of
        self._can_steer = can_steer
        self.show_columns(not can_steer, can_steer)
        self.show_more(None)
        self.plain_head.set_text("Plain" if can_steer else "Results", TYPED)
        self._in_steered = can_steer
        self.forget()

    def forget(self) -> None:
        """Forgets which document was chosen: the next answer is shown from its first, which is
        explained."""
        self._chosen = None
        self.keep_place(False)
        self._in_steered = self._can_steer
        self._answered_at = 0.0

    @property
    def choice(self) -> tuple[int | None, bool]:
        """The id of the document that somebody chose, if any, and whether in the steered list."""
        return self._chosen, self._in_steered

    def choose_again(self, choice: tuple[int | None, bool]) -> None:
        """Chooses what `choice` was, as far as the next answer has it, and does not scroll."""
        self.keep_place(True)
        self._chosen, self._in_steered = choice[0], choice[1] and self._can_steer

    def show_answer(
        self,
        answer: SearchAnswer,
        state: SearchState | None = None,
        compared: SearchAnswer | None = None,
    ) -> None:
        """Shows an answer to what `state` asks; what did not change is not painted again.

        With `compared`, the answer under other settings, those two stand side by side.
        """
        count = self._count()
        in_force = None
        if compared is not None and state is not None and state.comparison is not None:
            in_force = state.comparison.in_force
        if compared is not None and in_force == "A":
            answer, compared = compared, answer
        self._go_to_setting(in_force)
        self._compared, self._own = compared, answer
        names = list_names(state, compared)
        if compared is not None:
            answer = side_by_side(answer, compared)
        now = time.monotonic()
        animate = now - self._answered_at > CALM_SECONDS and self._answer is not None
        self._answered_at = now
        same_plain = self._answer is not None and self._answer.plain is answer.plain
        self._answer = answer
        state = state or SearchState(answer.text, answer.like)
        self.open_at_the_top(state.wanted)
        first = names[0] if self._can_steer else "Results"
        notes = asked_for(state, self._name_of), told_steering(state)
        if compared is not None:
            notes = told_settings(state)
        self.plain_head.set_text(first, notes[0])
        for shown in (self.plain, self.steered):
            shown.set_searched_with(len(answer.like))
        if not same_plain or self._can_steer:
            gone = "" if compared is None else f"not in {names[1]}"
            self.plain.set_rows(plain_results(answer, self._caption, gone, self._name_of))
        if self._can_steer:
            came = "" if compared is None else f"not in {names[0]}"
            rows = steered_results(answer, self._caption, self._name_of, came)
            self.steered.set_rows(rows, animate)
            self.show_links(rank_links(answer), animate)
            # At rest both lists are the same: one of them is enough.
            is_moved = compared is not None or not (state.by_words_alone or answer.plan.at_rest)
            if not is_moved and self.plain.isVisibleTo(self):
                self._leave_plain()
            self.steered.set_at_rest(not is_moved)
            self.show_columns(is_moved, True)
            self.steered_head.set_text(names[1] if is_moved else AT_REST, notes[1])
        if self._count() != count:
            self.count_changed.emit()
        self._select_again()
        self.chosen_changed.emit()

    def _go_to_setting(self, in_force: str | None) -> None:
        """Explained is the setting that a person chose; None where two are not compared."""
        if in_force != self._in_force:
            self._in_force = in_force
            self._in_steered = self._can_steer and in_force != "A"

    def _leave_plain(self) -> None:
        """The keyboard and what is explained go on in the other list, which is the same."""
        if self.plain.hasFocus():
            self.steered.setFocus(Qt.FocusReason.OtherFocusReason)
        self._in_steered = True

    def answer_of(self, is_steered: bool) -> SearchAnswer | None:
        """The answer that a list shows, as the engine gave it."""
        return self._own if is_steered or self._compared is None else self._compared

    @property
    def explained_setting(self) -> str:
        """“Setting A” or “Setting B”, to which the explained result belongs; "" of neither."""
        if self._compared is None:
            return ""
        return SETTINGS[1] if self._in_steered else SETTINGS[0]

    # -- the chosen result -----------------------------------------------------------------------

    @property
    def chosen(self) -> ResultRow | None:
        """The result that is explained."""
        results, place = self._results(), self._chosen_place()
        return results[place] if results else None

    @property
    def chosen_documents(self) -> tuple[int, ...]:
        """The ids of all documents that are chosen, from the top."""
        return self._shown.chosen

    def _results(self) -> tuple[ResultRow, ...]:
        if self._answer is None:
            return ()
        return self._answer.steered if self._in_steered else self._answer.plain

    def _chosen_place(self) -> int:
        """Where the chosen document is now; the first place when it left the list."""
        for place, result in enumerate(self._results()):
            if result.document.id == self._chosen:
                return place
        return 0

    def _select_again(self) -> None:
        place = self._chosen_place() if self._results() else -1
        self.plain.set_selected(-1 if self._in_steered else place)
        self.steered.set_selected(place if self._in_steered else -1)
        self._emphasise(-1)
        self.explained.emit(self._to_explain(), self._in_steered)

    def _to_explain(self) -> ResultRow | None:
        """The chosen result; of two settings as its own answer has it, compared with the query."""
        answer = self.answer_of(self._in_steered)
        if self._compared is None or answer is None or not answer.steered:
            return self.chosen
        return answer.steered[self._chosen_place()]

    def _emphasise(self, hovered: int) -> None:
        rank = self.steered.selected_place if self._in_steered else self._steered_place()
        at_rest = self._compared is None and (self._own is None or self._own.plan.at_rest)
        if at_rest:
            self.links.set_emphasis(None, None)
        else:
            self.links.set_emphasis(None if hovered < 0 else hovered, None if rank < 0 else rank)

    def _steered_place(self) -> int:
        chosen = self.chosen
        if self._answer is None or chosen is None:
            return -1
        rows = [result.row for result in self._answer.steered]
        return rows.index(chosen.row) if chosen.row in rows else -1

    def take_keyboard(self, first: bool = False) -> bool:
        """Puts the keyboard into the list of the chosen result, perhaps on its first one.

        Returns whether there is one.
        """
        if not self._results():
            return False
        if first:
            self._shown.choose_first()
        self._shown.setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def _on_selected(self, place: int) -> None:
        self._in_steered = self.sender() is self.steered
        results = self._results()
        if 0 <= place < len(results):
            self._chosen = results[place].document.id
            self._select_again()

    def _on_opened(self, place: int) -> None:
        shown = self.steered if self.sender() is self.steered else self.plain
        if 0 <= place < len(shown.rows):
            self.document_opened.emit(shown.rows[place].document_id)

    def _on_hovered(self, place: int) -> None:
        self._emphasise(place)

    def _on_side(self) -> None:
        if not self._can_steer or not self.plain.isVisibleTo(self):
            return
        other = self.plain if self.sender() is self.steered else self.steered
        other.setFocus(Qt.FocusReason.TabFocusReason)
        self._in_steered = other is self.steered
        self._select_again()

    def _on_like(self, adds: bool) -> None:
        self.like_wanted.emit(self.chosen_documents, adds)

    def _on_unlike(self) -> None:
        self.unlike_wanted.emit(self.chosen_documents)

    def _on_copy(self, what: str) -> None:
        if what == "titles":
            self.copy_titles()
        else:
            self.copy_wanted.emit()

    def copy_titles(self) -> None:
        """Asks for the titles of the chosen documents, one in a line."""
        chosen = set(self.chosen_documents)
        titles = [
            " ".join(row.title.split()) for row in self._shown.rows if row.document_id in chosen
        ]
        if titles:
            self.titles_copy_wanted.emit("\n".join(titles))

    @property
    def _shown(self) -> ResultList:
        return self.steered if self._in_steered else self.plain
