"""What the line under the header says goes when it is over, and its button does what it says."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from saedesk.errors import KnownError
from saedesk.project.document_filter import DocumentFilter
from saedesk.session.message import (
    DOCUMENTS,
    FILTER,
    LABELS,
    SAE,
    VECTORS,
    WORKSPACE,
    Message,
    Offer,
)
from saedesk.ui.corpus_panels.corpus_view import REPLACED, CorpusView
from saedesk.ui.main_window import MainWindow
from tests.tiny_projects import train_request

LEFT = Qt.MouseButton.LeftButton


def button(window: MainWindow, name: str) -> QAbstractButton:
    found = [
        one
        for one in window.message.findChildren(QAbstractButton)
        if one.accessibleName() == name and one.isVisible()
    ]
    assert len(found) == 1
    return found[0]


def test_an_sae_beside_another_can_be_used_at_once(
    project_window: MainWindow, qtbot: QtBot
) -> None:
    session, bar = project_window.session, project_window.message
    assert session.sae is not None
    first = session.sae.hash
    session.train(train_request(seed=3, epochs=2))
    qtbot.waitUntil(lambda: bar.isVisible() and not session.compute.tasks, timeout=60_000)
    assert bar.text == (
        f"Run 2 is ready. Features and Search stay with {session.sae.name} until it is in use."
    )
    use = button(project_window, "Use it now")
    use.setFocus()
    QTest.keyClick(use, Qt.Key.Key_Return)
    assert session.sae is not None
    assert session.sae.hash != first
    assert bar.isHidden(), "nothing is left to say"


def test_it_goes_when_the_sae_is_chosen_elsewhere_or_removed(
    project_window: MainWindow, qtbot: QtBot
) -> None:
    session, bar = project_window.session, project_window.message
    assert session.project is not None
    session.train(train_request(seed=3, epochs=2))
    qtbot.waitUntil(lambda: bar.isVisible() and not session.compute.tasks, timeout=60_000)
    session.remove_sae(session.project.artifacts("saes")[-1])
    assert bar.isHidden()
    session.tell("It is ready.", (SAE,))
    assert bar.isVisible()
    session.sae_changed.emit()
    assert bar.isHidden()


@pytest.mark.parametrize("about", [LABELS, DOCUMENTS, VECTORS, FILTER])
def test_a_sentence_is_over_when_what_it_is_about_changes(
    project_window: MainWindow, about: str
) -> None:
    session, bar = project_window.session, project_window.message
    assert session.book is not None
    changes = {
        LABELS: lambda: session.book.set_star(3, True),
        DOCUMENTS: session.documents_changed.emit,
        VECTORS: session.vectors_changed.emit,
        FILTER: lambda: session.message_over.emit(FILTER),
    }
    session.tell("This stays.")
    for change in changes.values():
        change()
    assert bar.isVisible(), "it is about nothing"
    session.undo.undo()
    session.tell("This goes.", (about,))
    for name, change in changes.items():
        if name != about:
            change()
    assert bar.isVisible()
    changes[about]()
    assert bar.isHidden()


def test_that_filters_were_taken_away_is_said_until_they_change_again(
    project_window: MainWindow, qtbot: QtBot
) -> None:
    session, bar = project_window.session, project_window.message
    project_window.show_workspace("corpus")
    view = project_window.findChild(CorpusView)
    assert isinstance(view, CorpusView)
    qtbot.waitUntil(lambda: view.answer is not None, timeout=10_000)
    view.update(words="galaxy")
    session.show_documents(DocumentFilter(document_ids=np.array([3, 17], np.int64)))
    assert bar.text == REPLACED
    assert bar.isVisible()
    view.clear_facets()
    assert bar.isHidden()


def test_an_offer_that_fails_says_why(project_window: MainWindow) -> None:
    def fail() -> None:
        raise KnownError("It is gone.")

    session = project_window.session
    session.message.emit(Message("info", "There is something.", offer=Offer("Take it", fail)))
    QTest.mouseClick(button(project_window, "Take it"), LEFT)
    assert (project_window.message.text, project_window.message.kind) == ("It is gone.", "error")


def test_what_only_matters_in_one_workspace_does_not_follow_into_another(
    project_window: MainWindow,
) -> None:
    session, bar = project_window.session, project_window.message
    session.tell("No feature nearly repeats another one.", (LABELS, WORKSPACE))
    project_window.show_workspace("features")
    assert bar.isVisible(), "it is the workspace in view"
    project_window.show_workspace("families")
    assert bar.isHidden()
    session.tell("Run 2 is ready.", (SAE,))
    project_window.show_workspace("features")
    assert bar.isVisible()
