"""Driving sentences marked in the cards of a feature's documents."""

from __future__ import annotations

import dataclasses
import random

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from saedesk.jobs.sentence_evidence import UNKNOWN_ENCODER, EvidenceEngine
from saedesk.session.session import Session
from saedesk.ui.features_panels.card_marks import CardMarks, excerpt, marked_excerpt
from saedesk.ui.features_panels.document_card import DocumentCard
from saedesk.ui.features_panels.document_cards import DocumentCards
from saedesk.ui.features_panels.document_choice import ABOUT_WAYS, NEAR_MISSES, SILENT, WAYS
from saedesk.ui.theme import Theme
from saedesk.ui.widgets.text_marks import TextMark
from saedesk.ui.workspaces.features_workspace import FeaturesWorkspace

WAIT = 30_000
FILLING = "Nothing is said here that anybody would want to know about anything. "


@pytest.fixture
def workspace(session: Session, qtbot: QtBot) -> FeaturesWorkspace:
    """The real workspace with the feature that is strongest in document 11."""
    made = FeaturesWorkspace(session)
    qtbot.addWidget(made)
    made.resize(1376, 2400)
    made.show()
    assert session.sae is not None
    session.select_feature(int(session.sae.activations.document(10)[0][0]))
    return made


def has_colour(image: QImage, colour: QColor) -> bool:
    wanted = colour.rgb()
    return any(
        image.pixel(x, y) == wanted
        for y in range(0, image.height(), 2)
        for x in range(0, image.width(), 2)
    )


def test_the_sentence_with_the_largest_effect_is_marked_and_no_card_moves(
    workspace: FeaturesWorkspace, session: Session, qtbot: QtBot
) -> None:
    cards = workspace.page.documents.cards
    before = list(cards._tops)
    first = [card.document_id for card in cards.cards[:4]]
    qtbot.waitUntil(lambda: all(i in cards._marks for i in first), timeout=WAIT)
    assert cards._tops == before
    assert session.sae is not None
    assert session.project is not None
    latent = session.feature
    assert latent is not None
    marked = 0
    for answer in EvidenceEngine(session.project, session.sae).evidence(first):
        found, marks = answer.evidence, cards._marks[answer.document_id]
        assert found is not None
        expected = {
            (span.in_title, span.start, span.end, round(grade, 4))
            for span, grade in zip(found.spans, found.grades(latent).tolist(), strict=True)
            if grade > 0
        }
        shown = {(False, m.start, m.end, round(m.grade, 4)) for m in marks.text}
        if marks.title is not None:
            shown.add((True, marks.title.start, marks.title.end, round(marks.title.grade, 4)))
        assert shown == expected
        assert bool(marks.note) is not bool(expected)
        assert ("Driving sentence" in marks.said) is bool(expected)
        marked += bool(expected)
    assert marked


def one_card(qtbot: QtBot, source: str, marks: CardMarks | None = None) -> DocumentCards:
    made = DocumentCards()
    qtbot.addWidget(made)
    made.resize(600, 300)
    made.set_cards(
        [DocumentCard(7, 0.4, 1.0, "A title", excerpt(source), ("a fact",), source=source)]
    )
    made.show()
    if marks is not None:
        made.set_marks(7, marks)
    return made


def marked_words(cards: DocumentCards) -> list[str]:
    text = cards._excerpt_of(0)[0].text()
    return [text[mark.start : mark.end] for mark in cards.marks_of(0)]


def test_a_sentence_further_down_is_brought_into_the_lines(qtbot: QtBot) -> None:
    sentence = "Galaxies rotate."
    for after in (0, 1, 40):
        source = FILLING * 20 + sentence + " " + FILLING * after
        start = source.index(sentence)
        mark = TextMark(start, start + len(sentence), 1.0, None, "tip")
        made = one_card(qtbot, source, CardMarks(text=(mark,)))
        assert marked_words(made) == [sentence]
        layout, height = made._excerpt_of(0)
        assert layout.lineCount() == 3
        assert height == 3 * Theme.current().line_height("excerpt")
    near = TextMark(0, len(FILLING) - 1, 1.0, None, "tip")
    made = one_card(qtbot, FILLING * 20, CardMarks(text=(near,)))
    assert made._excerpt_of(0)[0].text().startswith(FILLING)


def test_marks_are_painted_in_ochre_and_told_on_hover_and_by_keys(qtbot: QtBot) -> None:
    made = one_card(qtbot, FILLING)
    ochre = Theme.current().colour("mark")
    assert not has_colour(made.grab().toImage(), ochre)
    mark = TextMark(0, 30, 1.0, None, "Activation 0.400; 0.100 without <b>this</b> sentence")
    title = TextMark(0, 7, 1.0, None, "the title's effect")
    made.set_marks(7, CardMarks(title, (mark,), said="Driving sentence: Nothing"))
    assert has_colour(made.grab().toImage(), ochre)

    def told_at(place: QPoint) -> str:
        QApplication.sendEvent(
            made, QHelpEvent(QEvent.Type.ToolTip, place, made.mapToGlobal(place))
        )
        return QToolTip.text()

    places = {mark.tip: rect.center().toPoint() for rect, mark in made._marked_places(0)}
    assert "0.100 without &lt;b&gt;this" in told_at(places[mark.tip])
    assert "effect" in told_at(places[title.tip])
    with qtbot.waitActive(made):
        made.activateWindow()
    made.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(made, Qt.Key.Key_Down)
    assert "Driving sentence: Nothing" in made.accessibleDescription()
    QTest.keyClick(made, Qt.Key.Key_Right)
    assert "title" in QToolTip.text()
    QTest.keyClick(made, Qt.Key.Key_Right)
    assert "0.100 without" in QToolTip.text()
    QTest.keyClick(made, Qt.Key.Key_Left)
    assert "title" in QToolTip.text()
    QToolTip.hideText()


def test_what_is_not_in_view_is_not_asked_for(qtbot: QtBot, session: Session) -> None:
    made = FeaturesWorkspace(session)
    qtbot.addWidget(made)
    made.resize(1376, 500)
    assert session.sae is not None
    most = int(session.sae.statistics.count.argmax())
    cards = made.page.documents.cards
    asked: list[list[int]] = []
    cards.marks_wanted.connect(asked.append)
    made.show()
    session.select_feature(most)
    area = cards.scroll_area()
    assert area is not None
    QTest.qWait(300)
    area.ensureWidgetVisible(cards, 0, 0)
    qtbot.waitUntil(lambda: bool(asked), timeout=WAIT)
    assert len(asked[-1]) < len(cards.cards)


def test_vectors_of_an_unknown_encoder_are_told_of_once(session: Session, qtbot: QtBot) -> None:
    made = FeaturesWorkspace(session)
    qtbot.addWidget(made)
    sae = session.sae
    assert sae is not None
    inputs = {**sae.vectors.record.inputs, "model": "", "model_fingerprint": ""}
    record = dataclasses.replace(sae.vectors.record, inputs=inputs)
    vectors = dataclasses.replace(sae.vectors, record=record)
    session.sae = dataclasses.replace(sae, vectors=vectors)
    made.show()
    session.select_feature(int(sae.activations.document(10)[0][0]))
    documents = made.page.documents
    assert documents.problem.text() == UNKNOWN_ENCODER
    assert documents.problem.isVisible()
    assert not documents.finder.is_open


def test_places_in_an_excerpt_are_those_of_the_text(qtbot: QtBot) -> None:
    random.seed(2)
    for _ in range(300):
        words = random.choices(["a", "bb", "\U0001f600c", "word,", "星系。"], k=400)
        source = "".join(word + random.choice([" ", "  ", "\n", "\r\n", "\t "]) for word in words)
        ends = sorted(random.sample(range(len(source)), 2))
        piece = source[ends[0] : ends[1]]
        start = ends[0] + len(piece) - len(piece.lstrip())
        end = ends[0] + len(piece.rstrip())
        if start >= end:
            continue
        mark = TextMark(start, end)
        shown, placed = marked_excerpt(source, [mark], 200)
        assert len(placed) == 1
        units = shown.encode("utf-16-le")
        seen = units[2 * placed[0].start : 2 * placed[0].end].decode("utf-16-le")
        assert " ".join(source[start:end].split()).startswith(seen)
        assert seen


def test_a_document_without_a_title_shows_its_text_and_its_marks(
    session: Session, qtbot: QtBot
) -> None:
    assert session.project is not None
    connection = session.project.database.connection()
    connection.execute("UPDATE documents SET title = '' WHERE id = 11")
    connection.commit()
    made = FeaturesWorkspace(session)
    qtbot.addWidget(made)
    assert session.sae is not None
    session.select_feature(int(session.sae.activations.document(10)[0][0]))
    cards = made.page.documents.cards
    card = next(card for card in cards.cards if card.document_id == 11)
    row = session.project.documents.rows([11])[0]
    assert card.title == ""
    assert row.text.startswith(card.text[:40])
    at = cards.cards.index(card)
    mark = TextMark(0, 30, 1.0, None, "tip")
    cards.set_marks(11, CardMarks(text=(mark,)))
    top = cards.place_of(at).top()
    first = cards._marked_places(at)[0][0]
    assert top <= first.top() < top + 30
    assert cards.place_of(at).height() < cards.place_of(1 - min(at, 1)).height()


def test_silent_documents_have_no_marks_and_near_misses_say_what_is_closest_to_firing(
    workspace: FeaturesWorkspace, session: Session, qtbot: QtBot
) -> None:
    documents = workspace.page.documents
    cards, choice = documents.cards, documents.evidence.choice
    documents.tabs.chosen.emit(SILENT)
    qtbot.waitUntil(lambda: bool(cards.cards), timeout=WAIT)
    cards.marks_wanted.emit([card.document_id for card in cards.cards])
    assert not documents.finder.is_open, "nothing is measured for them"
    assert not choice.isEnabled()
    assert "silent" in choice.toolTip()
    documents.tabs.chosen.emit(NEAR_MISSES)
    qtbot.waitUntil(lambda: bool(cards.cards), timeout=WAIT)
    assert choice.isEnabled()
    first = [card.document_id for card in cards.cards[:4]]
    qtbot.waitUntil(lambda: all(i in cards._marks for i in first), timeout=WAIT)
    marks = [cards._marks[i] for i in first]
    assert not any(one.text or one.title for one in marks)
    assert any(one.note.startswith("closest to firing: “") for one in marks)
    assert not any("Driving sentence" in one.said for one in marks)
    at = next(i for i, one in enumerate(marks) if one.note.startswith("closest"))
    place = cards._facts_rect(at).center()
    QApplication.sendEvent(cards, QHelpEvent(QEvent.Type.ToolTip, place, cards.mapToGlobal(place)))
    assert "closer to firing" in QToolTip.text()
    QToolTip.hideText()


def test_the_tabs_say_what_they_choose(workspace: FeaturesWorkspace) -> None:
    tabs = workspace.page.documents.tabs
    for word in WAYS:
        place = tabs.place_of(word).center()
        QApplication.sendEvent(
            tabs, QHelpEvent(QEvent.Type.ToolTip, place, tabs.mapToGlobal(place))
        )
        assert ABOUT_WAYS[word] in QToolTip.text()
    QToolTip.hideText()
    tabs.set_current(SILENT)
    assert tabs.accessibleDescription().startswith(ABOUT_WAYS[SILENT])
