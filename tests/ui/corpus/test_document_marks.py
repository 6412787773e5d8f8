"""Sentences marked on the document page, by feature and colour."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolTip
from pytestqt.qtbot import QtBot

from saedesk.jobs import sentence_evidence
from saedesk.jobs.sentence_evidence import UNKNOWN_ENCODER, EvidenceEngine
from saedesk.session.session import Session
from saedesk.ui.corpus_panels.document_text import DocumentText
from saedesk.ui.theme import Theme
from saedesk.ui.widgets.text_marks import TextMark
from saedesk.ui.workspaces.corpus_workspace import CorpusWorkspace

Idle = Callable[[], None]


def open_document(workspace: CorpusWorkspace, session: Session, idle: Idle, document: int) -> None:
    session.select_document(document)
    idle()


def click_dot(workspace: CorpusWorkspace, at: int) -> None:
    bars = workspace.page.features.bars
    place = bars.row_rect(at).topLeft() + QPoint(4, bars.row_rect(at).height() // 2)
    QTest.mouseClick(bars, Qt.MouseButton.LeftButton, pos=place)


def test_the_three_strongest_features_mark_their_sentences(
    workspace: CorpusWorkspace, session: Session, idle: Idle
) -> None:
    open_document(workspace, session, idle, 11)
    assert session.sae is not None
    assert session.project is not None
    latents = session.sae.activations.document(10)[0][:3].tolist()
    page = workspace.page
    assert list(page.marks.marked) == latents
    assert [bar.series for bar in page.features.bars.bars[:4]] == [0, 1, 2, None]
    found = EvidenceEngine(session.project, session.sae).evidence([11])[0].evidence
    assert found is not None
    grades = np.stack([found.grades(latent) for latent in latents])
    row = session.project.documents.rows([11])[0]
    expected = [
        (row.text[span.start : span.end], int(grades[:, at].argmax()))
        for at, span in enumerate(found.spans)
        if grades[:, at].any() and not span.in_title
    ]
    shown = page.text.toPlainText()
    assert [(shown[m.start : m.end], m.series) for m in page.text.marks] == expected
    in_title = any(grades[:, at].any() for at, span in enumerate(found.spans) if span.in_title)
    assert bool(page.title.marks) == in_title
    assert expected or in_title


def test_one_feature_is_ochre_and_dots_and_the_space_bar_choose(
    workspace: CorpusWorkspace, session: Session, idle: Idle
) -> None:
    open_document(workspace, session, idle, 11)
    page = workspace.page
    first, second, third = page.marks.marked
    height = page.text.height()
    click_dot(workspace, 1)
    assert page.marks.marked == (first, third)
    bars = page.features.bars
    bars.setFocus()
    bars._current = 2
    QTest.keyClick(bars, Qt.Key.Key_Space)
    assert page.marks.marked == (first,)
    assert {mark.series for mark in [*page.text.marks, *page.title.marks]} <= {None}
    assert page.text.height() == height
    for at in (1, 2, 3):
        click_dot(workspace, at)
    assert len(page.marks.marked) == 4
    assert len({bar.series for bar in bars.bars[:4]}) == 4
    assert session.feature != second
    open_document(workspace, session, idle, 12)
    assert 11 not in page.marks.marked
    assert len(page.marks.marked) == 3


def test_tooltips_have_the_numbers_and_keys_reach_them(
    workspace: CorpusWorkspace, session: Session, idle: Idle
) -> None:
    open_document(workspace, session, idle, 11)
    text, page = workspace.page.text, workspace.page
    note = page.marks.note_of(page.marks.marked[0])
    assert "without this sentence" in note or "stands out" in note
    if not text.marks:
        text.set_marks([TextMark(0, 10, 1.0, 0, "Activation 0.4; 0.1 without this sentence")])
    mark = text.marks[0]
    text.setFocus()
    QTest.keyClick(text, Qt.Key.Key_N)
    cursor = text.textCursor()
    assert (cursor.selectionStart(), cursor.selectionEnd()) == (mark.start, mark.end)
    assert "without this sentence" in QToolTip.text()
    assert "without this sentence" in text.accessibleDescription()
    QTest.keyClick(text, Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    assert text.textCursor().selectionStart() == text.marks[-1].start
    QToolTip.hideText()


def test_places_hold_with_line_breaks_of_windows_and_signs_of_two_units(qtbot: QtBot) -> None:
    text = "One \U0001f600 is here.\r\nTwo \U0001f600 is here.\r\n\r\nThree is here."
    made = DocumentText()
    qtbot.addWidget(made)
    made.resize(400, 200)
    made.show_text(text)
    made.show()
    start = text.index("Two")
    made.set_marks([TextMark(start, start + len("Two \U0001f600 is here."), 1.0, None, "tip")])
    QTest.keyClick(made, Qt.Key.Key_N)
    assert made.textCursor().selectedText() == "Two \U0001f600 is here."
    made.setTextCursor(type(made.textCursor())(made.document()))
    image = made.viewport().grab().toImage()
    ochre = Theme.current().colour("mark").rgb()
    rows = {
        y for y in range(image.height()) for x in range(image.width()) if image.pixel(x, y) == ochre
    }
    line = Theme.current().line_height("text of a document")
    assert rows
    assert all(line <= y < 2 * line for y in rows)
    made.show_text("Another text.")
    assert made.marks == ()
    QToolTip.hideText()


def test_an_unknown_encoder_is_said_under_the_features(
    workspace: CorpusWorkspace, session: Session, idle: Idle
) -> None:
    sae = session.sae
    assert sae is not None
    inputs = {**sae.vectors.record.inputs, "model": "", "model_fingerprint": ""}
    record = dataclasses.replace(sae.vectors.record, inputs=inputs)
    session.sae = dataclasses.replace(sae, vectors=dataclasses.replace(sae.vectors, record=record))
    open_document(workspace, session, idle, 11)
    page = workspace.page
    assert page.features.problem.text() == UNKNOWN_ENCODER
    assert page.marks.marked == ()
    click_dot(workspace, 0)
    assert page.marks.marked == ()
    assert not page.text.marks


def test_what_the_encoder_does_not_read_is_said(
    workspace: CorpusWorkspace, session: Session, idle: Idle, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert session.project is not None
    # The document gets another text here, which the engine would otherwise notice.
    monkeypatch.setattr(sentence_evidence, "SAME_VECTOR", -1.0)
    connection = session.project.database.connection()
    row = session.project.documents.rows([11])[0]
    unread = "Unread words stand here. " * 300
    connection.execute(
        "UPDATE documents SET text = ? WHERE id = 11", (f"{row.text} {row.text} {unread}",)
    )
    connection.commit()
    open_document(workspace, session, idle, 11)
    said = workspace.page.features.problem.text()
    assert "until “Unread words stand here. …”; what follows has no effect" in said
    text = workspace.page.text
    first = text.toPlainText().index("Unread")
    # The window of 256 tokens ends within the first sixty of these sentences.
    assert all(mark.start <= first + 25 * 60 for mark in text.marks)
