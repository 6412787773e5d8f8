"""Cards that set a condition are there at once, and their values when the lane has read them."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QWidget
from pytestqt.qtbot import QtBot

from saedesk.corpus.document import FieldDefinition, FieldType
from saedesk.errors import KnownError
from saedesk.jobs.corpus_columns import Binning
from saedesk.jobs.search_facets import SearchFacets
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.document_store import CategoryCount, DocumentStore
from saedesk.session.session import Session
from saedesk.session.task_lane import Task
from saedesk.task_control import TaskControl
from saedesk.ui.main_window import MainWindow
from saedesk.ui.search_panels.filter_cards import LINES_A_TURN, NOT_YET, CategoryCard, RangeCard
from saedesk.ui.search_panels.filter_range_card import bounds_of_bins
from saedesk.ui.search_panels.filter_row import FilterRow
from saedesk.ui.search_panels.filter_values import FieldValues
from saedesk.ui.search_panels.filter_words_card import WordsCard
from saedesk.ui.shell.command_palette import CommandPalette
from saedesk.ui.workspaces.search_workspace import SearchWorkspace

SECONDS = 20_000


class Gate:
    """Work that holds the query lane until it is opened."""

    def __init__(self) -> None:
        self.open = threading.Event()

    def __call__(self, _: TaskControl) -> None:
        self.open.wait(20)


@pytest.fixture
def row(session: Session, qtbot: QtBot) -> FilterRow:
    made = FilterRow(session)
    qtbot.addWidget(made)
    made.resize(900, 30)
    made.show()
    return made


@pytest.fixture
def gate(session: Session) -> Iterator[Gate]:
    """The query lane is busy until the gate is opened."""
    made = Gate()
    session.query.submit(Task("Busy", made))
    yield made
    made.open.set()


def wait_until_read(qtbot: QtBot, session: Session) -> None:
    qtbot.waitUntil(lambda: not session.query.tasks, timeout=SECONDS)


def test_a_category_waits_for_its_values(
    row: FilterRow, session: Session, gate: Gate, qtbot: QtBot
) -> None:
    row.edit("category", row.add_button)
    card = row.card
    assert isinstance(card, CategoryCard)
    assert card.isVisible()
    assert card._waiting is not None
    assert card._waiting.text() == NOT_YET
    height = card.height()
    gate.open.set()
    wait_until_read(qtbot, session)
    assert card._waiting is None
    assert len(card.boxes) == 6
    assert card.height() > height
    assert card.boxes[0][1].isVisible()
    next(box for value, box, _ in card.boxes if value == "Language").click()
    qtbot.mouseClick(card.apply_button, Qt.MouseButton.LeftButton)
    assert row.card is None
    assert session.search is not None
    assert session.search.state.wanted.categories == {"category": ("Language",)}


def test_applying_before_the_values_are_there_changes_nothing(
    row: FilterRow, session: Session, gate: Gate, qtbot: QtBot
) -> None:
    assert session.search is not None
    session.search.set_filter(DocumentFilter(categories={"category": ("Language",)}))
    row.edit("category", row.add_button)
    assert row.card is not None
    qtbot.keyClick(row.card, Qt.Key.Key_Return)
    assert row.card is None
    assert session.search.state.wanted.categories == {"category": ("Language",)}
    gate.open.set()
    wait_until_read(qtbot, session)
    QApplication.processEvents()
    assert row.card is None


def test_a_range_takes_typing_before_its_ends_are_known(
    row: FilterRow, session: Session, gate: Gate, qtbot: QtBot
) -> None:
    row.edit("date", row.add_button)
    card = row.card
    assert isinstance(card, RangeCard)
    assert card.low.placeholderText() == NOT_YET
    qtbot.keyClicks(card.low, "2010")
    gate.open.set()
    wait_until_read(qtbot, session)
    years = [card.low.placeholderText(), card.high.placeholderText()]
    assert all(year.isdigit() and len(year) == 4 for year in years)
    assert years[0] < years[1]
    qtbot.keyClick(card.low, Qt.Key.Key_Return)
    assert session.search is not None
    assert session.search.state.wanted.ranges == {"date": ("2010", None)}


def test_only_the_newest_card_gets_values(
    row: FilterRow, session: Session, gate: Gate, qtbot: QtBot
) -> None:
    row.edit("date", row.add_button)
    first = row.card
    assert isinstance(first, RangeCard)
    row.edit("category", row.add_button)
    second = row.card
    assert isinstance(second, CategoryCard)
    gate.open.set()
    wait_until_read(qtbot, session)
    assert first.low.placeholderText() == NOT_YET
    assert len(second.boxes) == 6


def test_many_values_come_in_parts_that_hold_nothing_up(qapp: QApplication, qtbot: QtBot) -> None:
    counts = tuple(CategoryCount(f"value {i}", 100 - i) for i in range(100))
    card = CategoryCard(FieldDefinition("kind", FieldType.CATEGORY), ("value 90", "gone"))
    qtbot.addWidget(card)
    card.show()
    card.set_values(FieldValues(counts=counts))
    assert len(card.boxes) == LINES_A_TURN
    # Not every line is made, and no choice is lost.
    assert set(card.condition().values) == {"value 90", "gone"}
    qtbot.keyClicks(card._find, "value 9")
    qtbot.waitUntil(lambda: len(card.boxes) == 101)
    qapp.processEvents()
    assert [value for value, _, line in card.boxes if line.isVisible()] == [
        value for value, _, _ in card.boxes if value.startswith("value 9")
    ]
    next(box for value, box, _ in card.boxes if value == "value 90").click()
    assert card.condition().values == ("gone",)


@pytest.mark.parametrize("field", ["category", "date"])
def test_values_that_cannot_be_read_are_told_in_the_card(
    row: FilterRow, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    def refuse(*_: object) -> None:
        raise KnownError("The disk is away.")

    monkeypatch.setattr(SearchFacets, "read", refuse)
    monkeypatch.setattr(DocumentStore, "category_counts", refuse)
    monkeypatch.setattr(DocumentStore, "numeric_values", refuse)
    row.edit(field, row.add_button)
    card = row.card
    assert card is not None
    wait_until_read(qtbot, session)
    said = card.error if isinstance(card, RangeCard) else card._waiting  # type: ignore[attr-defined]
    assert said.isVisible()
    assert said.text() == "The disk is away."


@pytest.fixture
def window(session: Session, qtbot: QtBot) -> QWidget:
    """A window with the row at its top and room for a card."""
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(900, 600)
    row = FilterRow(session, made)
    row.setObjectName("row")
    row.setGeometry(0, 0, 900, 30)
    elsewhere = QWidget(made)
    elsewhere.setObjectName("elsewhere")
    elsewhere.setGeometry(500, 300, 200, 200)
    made.show()
    return made


def ticked_card(window: QWidget, session: Session, qtbot: QtBot) -> CategoryCard:
    row = window.findChild(FilterRow)
    row.edit("category", row.add_button)
    card = row.card
    assert isinstance(card, CategoryCard)
    wait_until_read(qtbot, session)
    qtbot.keyClick(card.boxes[0][1], Qt.Key.Key_Space)
    assert card.boxes[0][1].isChecked()
    return card


def test_a_click_beside_a_card_applies_what_is_ticked(
    window: QWidget, session: Session, qtbot: QtBot
) -> None:
    card = ticked_card(window, session, qtbot)
    assert window.rect().contains(card.geometry().center())
    value = card.boxes[0][0]
    qtbot.mouseClick(window.findChild(QWidget, "elsewhere"), Qt.MouseButton.LeftButton)
    assert session.search is not None
    assert session.search.state.wanted.categories == {"category": (value,)}


def test_enter_on_a_tick_applies_and_escape_leaves(
    window: QWidget, session: Session, qtbot: QtBot
) -> None:
    assert session.search is not None
    card = ticked_card(window, session, qtbot)
    qtbot.keyClick(card.boxes[0][1], Qt.Key.Key_Escape)
    assert session.search.state.wanted.is_empty
    card = ticked_card(window, session, qtbot)
    value = card.boxes[0][0]
    qtbot.keyClick(card.boxes[0][1], Qt.Key.Key_Return)
    assert session.search.state.wanted.categories == {"category": (value,)}


def test_tab_stays_in_the_card(window: QWidget, session: Session, qtbot: QtBot) -> None:
    card = ticked_card(window, session, qtbot)
    for _ in range(12):
        focused = window.focusWidget()
        assert focused is not None
        assert card.isAncestorOf(focused)
        qtbot.keyClick(focused, Qt.Key.Key_Tab)


def test_bounds_the_wrong_way_round_are_a_sentence(
    window: QWidget, session: Session, qtbot: QtBot
) -> None:
    row = window.findChild(FilterRow)
    row.edit("date", row.add_button)
    card = row.card
    assert isinstance(card, RangeCard)
    qtbot.keyClicks(card.low, "2015")
    qtbot.keyClicks(card.high, "2010")
    qtbot.keyClick(card.high, Qt.Key.Key_Return)
    assert "lies above" in card.error.text()
    assert card.isVisible()
    assert session.search is not None
    assert session.search.state.wanted.is_empty
    wait_until_read(qtbot, session)


def test_a_card_goes_with_its_row_and_what_it_says_holds(
    window: QWidget, session: Session, qtbot: QtBot
) -> None:
    card = ticked_card(window, session, qtbot)
    value = card.boxes[0][0]
    row = window.findChild(FilterRow)
    row.hide()
    assert row.card is None
    assert session.search is not None
    assert session.search.state.wanted.categories == {"category": (value,)}


def test_values_are_counted_among_what_passes_the_other_conditions(
    row: FilterRow, session: Session, qtbot: QtBot
) -> None:
    assert session.search is not None
    session.search.set_filter(DocumentFilter(ranges={"date": ("2012", "2014-12-31")}))
    row.edit("category", row.add_button)
    qtbot.waitUntil(lambda: bool(row.card.boxes), timeout=SECONDS)
    wait_until_read(qtbot, session)
    passing = session.project.documents.find(session.search.state.wanted)
    names = [box.accessibleName() for _, box, _ in row.card.boxes]
    counts = [int(name.split(", ")[-1].split()[0]) for name in names]
    assert sum(counts) == len(passing) < 120
    row.card.close()


def test_a_range_is_drawn_over_bars_and_counted(
    row: FilterRow, session: Session, qtbot: QtBot
) -> None:
    row.edit("date", row.add_button)
    card = row.card
    assert isinstance(card, RangeCard)
    qtbot.waitUntil(lambda: card.brush is not None, timeout=SECONDS)
    assert card.count.text() == "120 of 120 documents"
    card.brush.setFocus()
    qtbot.keyClick(card.brush, Qt.Key.Key_Right)
    assert card.brush.chosen == (1, card._binning.n_bins - 1)
    low, high = card._binning.low_texts[1], card._binning.high_texts[-1]
    assert (card.low.text(), card.high.text()) == (low, high)
    card.high.setText(low)
    wanted = DocumentFilter(ranges={"date": (low, f"{low}-12-31")})
    passing = len(session.project.documents.find(wanted))
    assert card.count.text() == f"{passing} of 120 documents"
    assert card.brush.chosen == (1, 1)
    card.low.setText("soon")
    assert card.count.text() == ""
    card.low.setText(low)
    card.apply()
    assert session.search.state.wanted.ranges == {"date": (low, f"{low}-12-31")}


def test_bins_of_months_and_of_long_tails_can_be_typed() -> None:
    months = Binning(np.zeros(1, np.int32), ("Dec 2015", "Jan 2016"), ("Dec 2015", "Jan 2016"))
    assert bounds_of_bins(months, 0, 1) == ("2015-12", "2016-01")
    tail = Binning(np.zeros(1, np.int32), ("1,000", "2,000"), ("1,999", "2,000 and more"))
    assert bounds_of_bins(tail, 0, 1) == ("1000", "")
    assert bounds_of_bins(tail, 0, 0) == ("1000", "1999")


def test_conditions_on_no_field_have_chips_too(
    row: FilterRow, session: Session, qtbot: QtBot
) -> None:
    assert session.search is not None
    ids = np.array([3, 5, 8], np.int64)
    session.search.set_filter(DocumentFilter("stars", document_ids=ids, documents_of="“Light”"))
    assert [chip.text() for chip in row.chips] == ["Has “stars”", "3 documents of “Light”"]
    row.chips[0].removed.emit()
    wanted = session.search.state.wanted
    assert (wanted.words, wanted.document_ids.tolist()) == ("", [3, 5, 8])
    row.chips[0].removed.emit()
    assert session.search.state.wanted.is_empty
    session.undo.undo()
    assert [chip.text() for chip in row.chips] == ["3 documents of “Light”"]


def test_a_link_is_filtered_by_the_words_in_it(
    row: FilterRow, session: Session, qtbot: QtBot
) -> None:
    search = session.search
    assert search is not None
    search.set_filter(DocumentFilter(categories={"category": ("Language",)}))
    row.edit("url", row.add_button)
    card = row.card
    assert isinstance(card, WordsCard)
    wait_until_read(qtbot, session)
    assert card.count.text() == "20 of 20 documents say something here"
    # Documents 0003, 0009 … 0117 are about language; three of them have no 00.
    assert "“waves” is not in “wave”" in card.words.toolTip()
    qtbot.keyClicks(card.words, "EXAMPLE 00")
    qtbot.waitUntil(lambda: card.count.text().startswith("17 of 20"), timeout=SECONDS)
    assert card.count.text() == "17 of 20 documents have these words here"
    qtbot.keyClick(card.words, Qt.Key.Key_Return)
    assert row.card is None
    assert search.state.wanted.field_words == {"url": "EXAMPLE 00"}
    assert [chip.text() for chip in row.chips] == ["Language", "Url: “EXAMPLE 00”"]
    row.edit("url", row.chips[1])
    again = row.card
    assert isinstance(again, WordsCard)
    assert again.words.text() == "EXAMPLE 00"
    again.words.setText("  ")
    qtbot.mouseClick(again.apply_button, Qt.MouseButton.LeftButton)
    assert search.state.wanted.field_words == {}
    assert search.state.wanted.categories == {"category": ("Language",)}


def test_every_field_that_has_a_type_is_in_the_menu(
    row: FilterRow, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(
        QMenu, "popup", lambda menu, _: shown.extend(a.text() for a in menu.actions())
    )
    row.add_button.click()
    assert shown == ["Category", "Date", "Citations", "Url"]


def test_ticked_values_stand_at_the_top_when_the_card_is_opened_again(
    row: FilterRow, session: Session, qtbot: QtBot
) -> None:
    row.edit("category", row.add_button)
    wait_until_read(qtbot, session)
    assert isinstance(row.card, CategoryCard)
    usual = [value for value, _, _ in row.card.boxes]
    ticked = (usual[-1], usual[2])
    row.card.close()
    assert session.search is not None
    session.search.set_filter(DocumentFilter(categories={"category": ticked}))
    row.edit("category", row.add_button)
    wait_until_read(qtbot, session)
    assert isinstance(row.card, CategoryCard)
    assert [value for value, box, _ in row.card.boxes if box.isChecked()] == [usual[2], usual[-1]]
    expected = [usual[2], usual[-1], *(value for value in usual if value not in ticked)]
    assert [value for value, _, _ in row.card.boxes] == expected
    assert row.card._lines.itemAt(0).widget() is row.card.boxes[0][2]
    row.card.close()


def test_the_palette_and_a_dialog_close_an_open_card_and_nothing_is_applied(
    project_window: MainWindow, qtbot: QtBot
) -> None:
    window = project_window
    session = window.session
    session.show("search")
    filters = window.findChild(SearchWorkspace).bar.filters
    chip = filters.add_button

    def open_card() -> CategoryCard:
        filters.edit("category", chip)
        wait_until_read(qtbot, session)
        assert isinstance(filters.card, CategoryCard)
        filters.card.boxes[0][1].click()
        filters.card.boxes[0][1].setFocus()
        return filters.card

    open_card()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = window.findChild(CommandPalette)
    assert palette.isVisible()
    assert filters.card is None
    palette.close_card()
    assert chip.hasFocus()
    open_card()
    dialog = QDialog(window)
    qtbot.addWidget(dialog)
    dialog.show()
    assert filters.card is None
    dialog.close()
    assert session.search.state.wanted.is_empty
