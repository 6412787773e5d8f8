"""What a feature was called before, by whom, when, and how well; and used again."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from saedesk.features.labels.label_score import LabelScore
from saedesk.project.label_store import LANGUAGE_MODEL, FeatureLabel
from saedesk.session.session import Session
from saedesk.ui.feature_names import NO_LABEL_YET
from saedesk.ui.widgets.painting import text_width
from saedesk.ui.widgets.text_label import TextLabel
from saedesk.ui.workspaces.features_workspace import FeaturesWorkspace
from tests.ui.features.test_features_workspace import book_of, shown

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def workspace(session: Session, qtbot: QtBot) -> FeaturesWorkspace:
    return shown(session, qtbot)


def test_the_history_tells_of_every_label_who_when_and_how_good(
    workspace: FeaturesWorkspace, session: Session
) -> None:
    latent, title, book = session.feature, workspace.page.title, book_of(session)
    assert latent is not None
    assert session.project is not None
    first = book.label(latent)
    assert first is not None
    model = FeatureLabel(latent, "By a machine", LANGUAGE_MODEL, "small-7b")
    (number,) = session.project.labels.add(book.sae.hash, [model])
    session.project.labels.put_scores([(number, LabelScore("embedding", 0.86, 0.8, 0.92, 80))])
    book.reload()
    book.set_label(latent, "By hand")
    QTest.mouseClick(title.earlier, LEFT)
    history = title.history
    assert history is not None
    notes = [label.text() for label in history.findChildren(TextLabel)]
    machine = next(note for note in notes if note.startswith("By the language model small-7b"))
    assert re.search(r" on \d+ \w+, \d\d:\d\d · 0\.80 – 0\.92 on 80 documents$", machine)
    assert [chip.accessibleName() for chip in history.scores] == [
        "no score",
        "score 0.86",
        "no score",
    ]
    assert "between 0.80 and 0.92" in history.scores[1].toolTip()
    told = next(one for one in history.findChildren(TextLabel) if one.text() == machine)
    assert told.width() >= text_width(machine, "caption"), "nothing of it is cut"
    assert notes.count("In use") == 1
    assert history.uses[0].hasFocus()
    QTest.keyClick(history.uses[0], Qt.Key.Key_Return)
    current = book.label(latent)
    assert current is not None
    assert (current.source, current.author) == (LANGUAGE_MODEL, "small-7b"), "not “you”"
    score = book.score(latent)
    assert score is not None
    assert score.score == 0.86
    assert workspace.page.numbers._cells[4][1].text() == "0.86"
    session.undo.undo()
    assert book.text(latent) == "By hand"
    session.undo.redo()
    assert book.text(latent) == "By a machine"


def test_a_feature_without_a_label_says_so_once(
    workspace: FeaturesWorkspace, session: Session
) -> None:
    latent, title, book = session.feature, workspace.page.title, book_of(session)
    assert latent is not None
    book.put_labels_in_force({latent: None})
    assert title.title.text() == NO_LABEL_YET
    assert title.provenance.isHidden()
    assert title.earlier.isVisible(), "what it was called before can still be seen"
    book.set_label(latent, "Named")
    assert title.provenance.isVisible()
