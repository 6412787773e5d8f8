"""Tooltips: a card in the window, below what it explains, with the text as it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QLabel, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from saedesk.ui.theme import Theme
from saedesk.ui.widgets.hover_card import shadow_edge
from saedesk.ui.widgets.plain_tooltip import escaped, set_plain_tooltip
from saedesk.ui.widgets.tooltip_card import TooltipCard, Tooltips

TEXT = "Share of all documents in which the feature <b>is</b> active.\nMost lie below 5 %."


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[QWidget]:
    Theme.current()
    shown = QWidget()
    qtbot.addWidget(shown)
    shown.resize(900, 600)
    shown.show()
    qtbot.waitExposed(shown)
    yield shown
    QToolTip.hideText()
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


def thing(window: QWidget, x: int, y: int) -> QWidget:
    made = QLabel("Density", window)
    made.setGeometry(x, y, 80, 20)
    made.show()
    set_plain_tooltip(made, TEXT)
    return made


def ask(widget: QWidget, x: int = 10, y: int = 10) -> TooltipCard:
    place = QPoint(x, y)
    QApplication.sendEvent(
        widget, QHelpEvent(QEvent.Type.ToolTip, place, widget.mapToGlobal(place))
    )
    tooltips = Tooltips.current()
    assert tooltips is not None
    assert tooltips.card is not None
    return tooltips.card


def body(card: TooltipCard):  # type: ignore[no-untyped-def]
    edge = shadow_edge()
    return card.geometry().adjusted(edge, edge, -edge, -edge)


def test_a_card_stands_below_the_thing_and_shows_plain_text(window: QWidget) -> None:
    widget = thing(window, 100, 100)
    card = ask(widget)
    assert card.isVisible()
    assert card.window() is window
    assert card.text == TEXT
    assert not body(card).intersects(widget.geometry())
    assert body(card).top() > widget.geometry().bottom()
    assert body(card).width() <= 320


def test_it_stays_inside_the_window(window: QWidget) -> None:
    widget = thing(window, 810, 575)
    card = ask(widget)
    assert window.rect().contains(body(card))
    assert body(card).bottom() < widget.geometry().top()


def test_it_follows_texts_told_by_the_place_in_a_list(window: QWidget, qtbot: QtBot) -> None:
    rows = QWidget(window)
    rows.setGeometry(0, 0, 900, 600)
    rows.show()
    for y, text in ((40, "first"), (400, "second")):
        place = rows.mapToGlobal(QPoint(300, y))
        QApplication.sendEvent(rows, QHelpEvent(QEvent.Type.ToolTip, QPoint(300, y), place))
        QToolTip.showText(place, escaped(text), rows)
        tooltips = Tooltips.current()
        assert tooltips is not None
        assert tooltips.card is not None
        assert tooltips.card.text == text
        assert body(tooltips.card).top() > y
    QToolTip.showText(QPoint(), "")
    qtbot.waitUntil(lambda: tooltips.card is None)
