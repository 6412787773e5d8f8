"""The switch at the head of a feature's documents: whether driving sentences are marked."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from saedesk.jobs.sentence_evidence import NO_TEXTS
from saedesk.session.session import Session
from saedesk.session.settings import Settings
from saedesk.ui.features_panels.card_evidence import DRIVING, NOTHING, SETTING
from saedesk.ui.workspaces.features_workspace import FeaturesWorkspace

WAIT = 30_000


def shown(session: Session, qtbot: QtBot) -> FeaturesWorkspace:
    made = FeaturesWorkspace(session)
    qtbot.addWidget(made)
    made.resize(1376, 2400)
    made.show()
    assert session.sae is not None
    session.select_feature(int(session.sae.activations.document(10)[0][0]))
    return made


def test_switched_off_by_key_nothing_is_marked_or_measured_and_it_is_kept(
    session: Session, qtbot: QtBot
) -> None:
    workspace = shown(session, qtbot)
    documents = workspace.page.documents
    cards, choice = documents.cards, documents.evidence.choice
    first = cards.cards[0].document_id
    qtbot.waitUntil(lambda: first in cards._marks, timeout=WAIT)
    tops = list(cards._tops)
    assert choice.currentText() == DRIVING
    choice.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(choice, Qt.Key.Key_Down)
    assert choice.currentText() == NOTHING
    assert cards._marks == {}
    assert all(cards.marks_of(at) == () for at in range(len(cards.cards)))
    assert cards._tops == tops, "no card moves"
    assert session.settings.get(SETTING) is False
    assert Settings().get(SETTING) is False, "it is in the file"
    cards.marks_wanted.emit([first])
    assert not documents.finder.is_open
    again = shown(session, qtbot)
    assert again.page.documents.evidence.choice.currentText() == NOTHING
    QTest.keyClick(choice, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: first in cards._marks, timeout=WAIT)


def test_where_no_document_has_a_text_the_sentence_says_so(session: Session, qtbot: QtBot) -> None:
    assert session.project is not None
    connection = session.project.database.connection()
    connection.execute("UPDATE documents SET title = '', text = '', words = 0")
    connection.commit()
    workspace = shown(session, qtbot)
    documents = workspace.page.documents
    assert documents.problem.text() == NO_TEXTS
    assert documents.problem.isVisible()
    documents.evidence.choice.setCurrentText(NOTHING)
    assert not documents.problem.isVisible()


@pytest.mark.parametrize("width", [1136, 1296, 1376, 1856])
def test_the_switch_is_never_cut(session: Session, qtbot: QtBot, width: int) -> None:
    workspace = shown(session, qtbot)
    workspace.resize(width, 820)
    documents = workspace.page.documents
    choice, tabs = documents.evidence.choice, documents.tabs
    assert choice.width() >= choice.sizeHint().width()
    last = tabs.place_of("Near misses")
    assert last.right() <= tabs.width() + 1
    assert tabs.geometry().right() < choice.geometry().left()
