"""Trials of the keys everywhere, in lists and in Features."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QToolTip

from saedesk.ui.features_panels.card_marks import CardMarks
from saedesk.ui.features_panels.document_choice import BY_QUANTILE
from saedesk.ui.features_panels.feature_filter import WELL
from saedesk.ui.widgets.segmented import SegmentedControl
from saedesk.ui.widgets.text_marks import TextMark
from tests.ui.features.test_marked_cards import FILLING, one_card
from tests.ui.shell.key_trials import in_features, table_of, works

# -- everywhere and lists ----------------------------------------------------------------------


@works("Everywhere", "Next or previous control")
def _(window, qtbot, press):
    press(window.header.project_button)
    assert QApplication.focusWidget() is not window.header.project_button


@works("Everywhere", "Press what has the keyboard")
@works("Everywhere", "Tick or press it")
def _(window, qtbot, press):
    press(window.rail.help_button)
    assert window.cards.keys.isVisible()
    window.cards.keys.close_card()


@works("Everywhere", "Choose another of several")
def _(window, qtbot, press):
    control = next(
        one for one in in_features(window).aside.findChildren(SegmentedControl) if one.isVisible()
    )
    press(control, 1)
    second = control.current
    press(control, 0)
    assert control.current != second


@works("Everywhere", "Take a filter or a tag away")
def _(window, qtbot, press):
    head = in_features(window).list.head
    head.chips.ask(score=WELL)
    press(head.chips.conditions["score"])
    assert not head.filter.score


@works("Everywhere", "Close a card, clear a field")
def _(window, qtbot, press):
    field = in_features(window).list.field
    field.setText("typed")
    press(field)
    assert field.text() == ""


@works("Lists", "Move")
def _(window, qtbot, press):
    table = table_of(window)
    first = table.current_id
    press(table, 1)
    assert table.current_id != first
    press(table, 0)
    assert table.current_id == first


@works("Lists", "Open what is chosen")
def _(window, qtbot, press):
    opened = QSignalSpy(in_features(window).list.opened)
    press(table_of(window))
    assert opened.count() == 1


@works("Lists", "Select several")
def _(window, qtbot, press):
    table = table_of(window)
    press(table, 1)
    assert len(table.selected_ids()) == 2


@works("Lists", "Select all that is shown")
def _(window, qtbot, press):
    table = table_of(window)
    press(table)
    assert len(table.selected_ids()) == table.row_model.rowCount()


@works("Lists", "Copy the chosen rows")
def _(window, qtbot, press):
    QGuiApplication.clipboard().clear()
    table = table_of(window)
    press(table)
    assert str(table.current_id) in QGuiApplication.clipboard().text()


@works("Lists", "From a filter into its list")
def _(window, qtbot, press):
    press(in_features(window).list.field)
    assert in_features(window).list.table.hasFocus()


# -- features ----------------------------------------------------------------------------------


@works("List of features", "Star, or take the star away")
def _(window, qtbot, press):
    table = table_of(window)
    press(table)
    assert window.session.book.is_starred(table.current_id)


@works("List of features", "Hide, or show again")
def _(window, qtbot, press):
    table = table_of(window)
    latent = table.current_id
    press(table)
    assert window.session.book.mark(latent).hidden


@works("List of features", "Tag")
def _(window, qtbot, press):
    press(table_of(window))
    assert in_features(window).list.bar.field.hasFocus()


@works("List of features", "Edit the label")
def _(window, qtbot, press):
    press(table_of(window))
    assert in_features(window).page.title.is_editing


@works("List of features", "Select one only")
def _(window, qtbot, press):
    table = table_of(window)
    table.selectAll()
    press(table)
    assert len(table.selected_ids()) == 1


@works("Page of a feature", "Next bar of the histogram")
def _(window, qtbot, press):
    histogram = in_features(window).page.histogram
    press(histogram, 1)
    press(histogram, 1)
    assert histogram._bin == 1
    press(histogram, 0)
    assert histogram._bin == 0


@works("Page of a feature", "Its documents")
def _(window, qtbot, press):
    histogram = in_features(window).page.histogram
    histogram.show_bin(0)
    clicked = QSignalSpy(histogram.bin_clicked)
    press(histogram)
    assert clicked.count() == 1


@works("Page of a feature", "Move the threshold")
def _(window, qtbot, press):
    histogram = in_features(window).page.histogram
    press(histogram, 1)
    press(histogram, 1)
    moved = histogram.threshold
    assert moved is not None
    press(histogram, 0)
    assert histogram.threshold != moved


def cards_of(window, qtbot):
    cards = in_features(window).page.documents.cards
    qtbot.waitUntil(lambda: len(cards.cards) > 2, timeout=10_000)
    return cards


@works("Page of a feature", "Next document")
def _(window, qtbot, press):
    cards = cards_of(window, qtbot)
    press(cards, 1)
    first = cards.current
    press(cards, 1)
    assert cards.current is not first
    press(cards, 0)
    assert cards.current is first


@works("Page of a feature", "First or last document")
def _(window, qtbot, press):
    cards = cards_of(window, qtbot)
    press(cards, 1)
    assert cards.current is cards.cards[-1]
    press(cards, 0)
    assert cards.current is cards.cards[0]


@works("Page of a feature", "Next marked sentence")
def _(window, qtbot, press):
    made = one_card(qtbot, FILLING)
    first, second = (TextMark(at, at + 9, 1.0, None, f"the tip at {at}") for at in (0, 30))
    made.set_marks(7, CardMarks(text=(first, second)))
    with qtbot.waitActive(made):
        made.activateWindow()
    made.setFocus(Qt.FocusReason.TabFocusReason)
    press(made, 1)
    press(made, 1)
    assert "tip at 30" in QToolTip.text()
    press(made, 0)
    assert "tip at 0" in QToolTip.text()
    QToolTip.hideText()
    made.close()


@works("Page of a feature", "Open the document in Corpus")
def _(window, qtbot, press):
    cards = cards_of(window, qtbot)
    QTest.keyClick(cards, Qt.Key.Key_Down)
    wanted = cards.current.document_id
    press(cards)
    assert (window.shown, window.session.document) == ("corpus", wanted)


@works("Page of a feature", "Copy the document")
def _(window, qtbot, press):
    QGuiApplication.clipboard().clear()
    cards = cards_of(window, qtbot)
    QTest.keyClick(cards, Qt.Key.Key_Down)
    press(cards)
    assert cards.current.title in QGuiApplication.clipboard().text()


@works("Page of a feature", "Keep or give up a label")
def _(window, qtbot, press):
    title, book = in_features(window).page.title, window.session.book
    for at, kept in ((0, "Kept"), (1, "Kept")):
        title.edit()
        title.field.setText("Kept" if at == 0 else "Given up")
        press(title.field, at)
        assert not title.is_editing
        assert book.text(window.session.feature) == kept


def band_of(window, qtbot):
    documents = in_features(window).page.documents
    documents.tabs._choose(documents.tabs._words.index(BY_QUANTILE))
    band = documents.band
    qtbot.waitUntil(band.isVisible, timeout=5000)
    return band


@works("Page of a feature", "Slide through the quantiles")
@works("Page of a feature", "Slide in smaller steps")
def _(window, qtbot, press):
    band = band_of(window, qtbot)
    band.setValue(50)
    press(band, 1)
    higher = band.value()
    assert higher > 50
    press(band, 0)
    assert band.value() == 50
