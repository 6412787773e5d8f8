"""What stands over the two lists: their names, what they answer, and what was changed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from saedesk.jobs.search_documents import SearchAnswer
from saedesk.search.steering_plan import Mode, SteeringPlan
from saedesk.session.search_state import SearchState
from saedesk.session.slider_names import Slid, counted
from saedesk.ui.search_panels.shown_result import NameOf
from saedesk.ui.search_panels.unsteered_note import NOT_STEERED
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.painting import (
    RIGHT,
    draw_hairline,
    draw_line_of_text,
    fill_ground,
    stand_on_own_ground,
)

TYPED = "the query as typed"
SETTINGS = "Setting A", "Setting B"
MODE_WORDS: dict[Mode, str] = {"add": "Add", "clamp": "Clamp"}


class ListHead(QWidget):
    """Title and note of a list over its columns."""

    def __init__(self, title: str, note: str, left: int, right: int) -> None:
        super().__init__()
        self._title, self._note = title, note
        self._left, self._right = left, right
        stand_on_own_ground(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(tokens().space[8] + tokens().space[2] + tokens().line)
        self._tell()

    @property
    def title(self) -> str:
        """The title."""
        return self._title

    @property
    def note(self) -> str:
        """What stands after the title."""
        return self._note

    def set_text(self, title: str, note: str) -> None:
        """Shows another title and note."""
        if (title, note) != (self._title, self._note):
            self._title, self._note = title, note
            self._tell()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(tokens().space[8] * 7, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        fill_ground(painter, event, "surface")
        space = tokens().space
        line = QRect(self._left, space[1], self.width() - self._left - self._right, self.height())
        line.setHeight(self.height() - space[1])
        score = draw_line_of_text(painter, line, "Score", "column head", "text2", RIGHT)
        used = draw_line_of_text(painter, line, self._title, "head of a section")
        line.setLeft(line.left() + int(used) + space[2])
        line.setRight(line.right() - int(score) - space[2])
        draw_line_of_text(painter, line, self._note, "body", "text2")
        y = self.height() - 1
        draw_hairline(painter, self._left, y, self.width() - self._right, y)

    def _tell(self) -> None:
        self.setAccessibleName(f"{self._title}, {self._note}")


def list_names(state: SearchState | None, compared: SearchAnswer | None) -> tuple[str, str]:
    """What the two lists are called; A is always at the left."""
    if state is None or state.comparison is None or compared is None:
        return "Plain", "Steered"
    return SETTINGS


def told_settings(state: SearchState) -> tuple[str, str]:
    """What was changed in A and in B."""
    there = state.comparison
    own = told_changes(state.settings.turned)
    if there is None:
        return own, own
    other = told_changes(there.other.turned)
    plans = state.settings.plan, there.other.plan
    own, other = _with_limits(own, *plans), _with_limits(other, *reversed(plans))
    return (own, other) if there.in_force == "A" else (other, own)


def _with_limits(told: str, plan: SteeringPlan, other: SteeringPlan) -> str:
    """Before what was turned: the mode, the cap and the optimisation, each where they differ."""
    parts = []
    if plan.mode != other.mode:
        parts.append(MODE_WORDS[plan.mode])
    if plan.cap != other.cap:
        parts.append("no cap" if plan.cap is None else f"cap {plan.cap:.2f}")
    if plan.optimise != other.optimise:
        parts.append("optimised" if plan.optimise else "not optimised")
    return ", ".join([*parts, told])


def asked_for(state: SearchState, name_of: NameOf | None) -> str:
    """What the plain list answers."""
    if state.target is not None:
        return "a feature alone" if name_of is None else f"“{name_of(state.target)}” alone"
    told = f"like {_documents(len(state.like))}" if state.like else TYPED
    return f"{told}, unlike {_documents(len(state.unlike))}" if state.unlike else told


def _documents(count: int) -> str:
    return "one document" if count == 1 else f"{count} documents"


def told_steering(state: SearchState) -> str:
    """What was turned, or that words alone are not steered."""
    return NOT_STEERED if state.by_words_alone else told_changes(state.settings.turned)


def told_changes(turned: Sequence[Slid]) -> str:
    """“4 features and 1 family changed”."""
    return f"{counted(turned)} changed" if turned else "nothing changed"
