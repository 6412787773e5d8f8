"""While a slider is dragged only what changed is painted, and it looks as if all had been."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, Qt, QVariantAnimation
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QRegion
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from saedesk.session.session import Session
from saedesk.ui.search_panels.result_row_painting import (
    RowColumns,
    changed_parts,
    paint_row,
    row_colours,
)
from saedesk.ui.search_panels.shown_result import ShownResult
from saedesk.ui.search_panels.steering_row import SteeringRow
from saedesk.ui.theme import Theme, tokens
from saedesk.ui.widgets.painting import draw_line_of_text, text_width
from saedesk.ui.workspaces.search_workspace import SearchWorkspace

SECONDS = 20_000


@pytest.fixture
def searched(session: Session, qtbot: QtBot) -> SearchWorkspace:
    workspace = SearchWorkspace(session)
    qtbot.addWidget(workspace)
    workspace.resize(1376, 820)
    workspace.show()
    qtbot.waitExposed(workspace)
    assert session.search is not None
    session.search.set_text("planets around other stars")
    come_to_rest(workspace, session, qtbot)
    return workspace


def come_to_rest(workspace: SearchWorkspace, session: Session, qtbot: QtBot) -> None:
    stopped = QVariantAnimation.State.Stopped
    moving = [*workspace.findChildren(QVariantAnimation)]

    def rests() -> bool:
        return (
            not session.query.tasks
            and not workspace._after_painting.isActive()
            and all(one.state() == stopped for one in moving)
        )

    for _ in range(3):
        qtbot.waitUntil(rests, timeout=SECONDS)
        QApplication.processEvents()


def mouse(row: SteeringRow, kind: QEvent.Type, x: float) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    place = QPointF(x, row.slider.height() / 2)
    button = none if kind == QEvent.Type.MouseMove else left
    event = QMouseEvent(
        kind, place, row.slider.mapToGlobal(place), button, left, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(row.slider, event)


def assert_screen_is_whole(workspace: SearchWorkspace) -> None:
    """What was painted bit by bit looks like everything painted anew."""
    seen = workspace.screen().grabWindow(workspace.winId()).toImage()
    anew = workspace.grab().toImage()
    for part in (workspace.results, workspace.steering, workspace.explanation):
        place = QRect(part.mapTo(workspace, QPoint(0, 0)), part.size())
        one, other = (
            image.copy(place).convertToFormat(QImage.Format.Format_RGB32) for image in (seen, anew)
        )
        assert one == other, type(part).__name__


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_what_is_seen_is_what_a_full_paint_shows(
    searched: SearchWorkspace, session: Session, qtbot: QtBot, mode: str
) -> None:
    Theme.current().set_mode(mode)
    come_to_rest(searched, session, qtbot)
    assert_screen_is_whole(searched)
    for at, places in enumerate([(100, 130, 180, 230), (90, 40, 10), (120, 240)]):
        row = searched.steering.rows[at]
        mouse(row, QEvent.Type.MouseButtonPress, places[0])
        for x in places[1:]:
            mouse(row, QEvent.Type.MouseMove, x)
            come_to_rest(searched, session, qtbot)
            assert_screen_is_whole(searched)
        mouse(row, QEvent.Type.MouseButtonRelease, places[-1])
    qtbot.keyClick(searched.results.steered, Qt.Key.Key_Down)
    searched.resize(1100, 760)
    come_to_rest(searched, session, qtbot)
    assert_screen_is_whole(searched)
    Theme.current().set_mode("dark" if mode == "light" else "light")
    come_to_rest(searched, session, qtbot)
    assert_screen_is_whole(searched)
    Theme.current().set_mode("light")


class Paints(QObject):
    """Counts what is painted."""

    def __init__(self) -> None:
        super().__init__()
        self.of: Counter[QObject] = Counter()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.of[watched] += 1
        return False


def test_a_move_paints_each_list_once_and_nothing_behind_it(
    searched: SearchWorkspace, session: Session, qtbot: QtBot, qapp: QApplication
) -> None:
    row = searched.steering.rows[0]
    mouse(row, QEvent.Type.MouseButtonPress, 100)
    mouse(row, QEvent.Type.MouseMove, 140)
    come_to_rest(searched, session, qtbot)
    # Rows that slide would be painted again and again; in a drag the answer before is young.
    searched.results._answered_at = float("inf")
    paints = Paints()
    qapp.installEventFilter(paints)
    mouse(row, QEvent.Type.MouseMove, 230)
    come_to_rest(searched, session, qtbot)
    qapp.removeEventFilter(paints)
    mouse(row, QEvent.Type.MouseButtonRelease, 230)
    assert paints.of[searched.results.steered] == 1
    assert paints.of[searched.results.plain] <= 1
    still = [other for other in searched.steering.rows if other is not row]
    behind: list[QWidget] = [searched, searched.steering, searched.results, searched._answer_view]
    for widget in (*behind, *(other.lock for other in still)):
        assert paints.of[widget] == 0, widget


def test_the_sum_behind_a_score_waits_while_something_is_dragged(
    searched: SearchWorkspace, session: Session, qtbot: QtBot, qapp: QApplication
) -> None:
    assert session.search is not None
    row = searched.steering.rows[0]
    searched._answered_at = 0.0  # Long ago: an answer by itself is explained at once.
    mouse(row, QEvent.Type.MouseButtonPress, 100)
    searched.explanation.installEventFilter(paints := Paints())
    with qtbot.waitSignal(session.search.answered, timeout=SECONDS):
        mouse(row, QEvent.Type.MouseMove, 140)
    assert session.search.is_dragging
    assert searched._after_painting.isActive()
    assert paints.of[searched.explanation] == 0
    mouse(row, QEvent.Type.MouseButtonRelease, 140)
    come_to_rest(searched, session, qtbot)
    assert not session.search.is_dragging


def test_sentences_are_not_looked_for_while_something_is_turned(
    searched: SearchWorkspace, session: Session, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: searched._sentences._calm.isActive(), timeout=SECONDS)
    mouse(searched.steering.rows[0], QEvent.Type.MouseButtonPress, 100)
    mouse(searched.steering.rows[0], QEvent.Type.MouseMove, 140)
    assert not searched._sentences._calm.isActive()
    assert not searched._sentences._question.is_open
    mouse(searched.steering.rows[0], QEvent.Type.MouseButtonRelease, 140)
    come_to_rest(searched, session, qtbot)
    qtbot.waitUntil(lambda: bool(searched._sentences._kept), timeout=SECONDS)


TITLES = ["Halos of dark matter", "Über Gänge", "\u0e01\u0e35\u0e49 \u0e17\u0e35\u0e48", "数据"]
"""Letters of other scripts may be higher than a line."""


def some_row(chance: random.Random) -> ShownResult:
    noted = chance.choice(["", "was 12th", "was far below"])
    parts = tuple((kind, chance.uniform(-0.3, 0.6)) for kind in ("typed", "rest", "up"))
    return ShownResult(
        chance.randrange(3),
        3,
        chance.choice(TITLES),
        chance.choice([(), ("Astronomy", "2021"), ("\u0e01\u0e49",)]),
        chance.uniform(-1, 1),
        noted,
        chance.choice(["up", "down", ""]),
        chance.randrange(40),
        parts,
        is_faded=chance.random() < 0.5,
        giver=chance.choice(["", "halos"]),
    )


def other_row(chance: random.Random, row: ShownResult) -> ShownResult:
    """The same document with some of what is told of it changed."""
    new = some_row(chance)
    names = ("score", "parts", "note", "direction", "places", "is_faded", "giver", "pieces")
    taken = {name: getattr(new, name) for name in names if chance.random() < 0.3}
    return replace(row, **taken)


@pytest.mark.parametrize("with_moves", [False, True])
def test_a_row_painted_in_part_is_the_whole_row(qapp: QApplication, with_moves: bool) -> None:
    chance = random.Random(4)
    columns, height = RowColumns.of(420, with_moves), tokens().row_height.result
    place = QRect(0, 0, 420, height)

    def paint(image: QImage, row: ShownResult, largest: float, dirty: QRegion | None) -> None:
        painter = QPainter(image)
        if dirty is not None:
            painter.setClipRegion(dirty)
        painter.fillRect(place, Qt.GlobalColor.white)
        paint_row(painter, place, columns, row_colours(), row, largest, True, dirty)
        painter.end()

    def blank() -> QImage:
        image = QImage(place.size(), QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        return image

    in_part = 0
    for _ in range(300):
        before = some_row(chance)
        now = other_row(chance, before)
        largest = chance.choice([1.0, 1.3])
        bit_by_bit, whole = blank(), blank()
        paint(bit_by_bit, before, 1.0, None)
        changed = changed_parts(place, columns, before, now, largest == 1.0)
        in_part += changed != QRegion(place)
        if not changed.isEmpty():
            paint(bit_by_bit, now, largest, changed)
        paint(whole, now, largest, None)
        assert bit_by_bit == whole, (before, now)
    assert in_part > 100


def test_lines_that_were_measured_are_drawn_as_before(qapp: QApplication) -> None:
    def drawn(text: str, room: int) -> QImage:
        image = QImage(200, 30, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        draw_line_of_text(painter, QRect(0, 0, room, 30), text, "body")
        painter.end()
        return image

    text = "Galaxies seen from the side"
    first, cut = drawn(text, 200), drawn(text, 60)
    assert first != cut
    assert drawn(text, 200) == first
    assert drawn(text, 60) == cut
    assert text_width(text) > 60 > text_width("Gal")
