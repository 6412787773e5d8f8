"""Asks before something is taken away for good; not doing it is the default."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from saedesk.ui.widgets.dialogs import Question

KEEP = "Keep"


def deletion_question(parent: QWidget | None, button: str, details: str) -> Question:
    """“Delete run 4?”, with Keep as what Enter and Escape answer."""
    question = Question(parent, f"{button}?", f"{details} This cannot be undone.", (KEEP, button))
    # Escape is the last answer otherwise.
    question.answer = KEEP
    return question


def may_delete(parent: QWidget | None, button: str, details: str) -> bool:
    """Asks and waits; whether the answer is to delete."""
    question = deletion_question(parent, button, details)
    question.exec()
    answer = question.answer
    question.deleteLater()
    return answer == button
