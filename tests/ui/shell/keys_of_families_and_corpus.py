"""Trials of the keys of Families and Corpus."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from pytestqt.qtbot import QtBot

from saedesk.ui.corpus_panels.document_text import DocumentText
from saedesk.ui.family_panels.co_occurrence_map import CoOccurrenceMap
from saedesk.ui.family_panels.threshold_slider import ThresholdSlider
from saedesk.ui.selection_panels.selections_dialog import SelectionsDialog
from saedesk.ui.widgets.text_marks import TextMark
from tests.ui.families.test_co_occurrence_map import features as map_features
from tests.ui.shell.key_trials import Trial, in_corpus, works

# -- families ----------------------------------------------------------------------------------


def in_families(window, qtbot):
    window.show_workspace("families")
    workspace = window.current_workspace
    qtbot.waitUntil(lambda: workspace.list.table.row_model.rowCount() > 2, timeout=10_000)
    return workspace


def emits(name: str) -> Trial:
    def trial(window, qtbot, press) -> None:
        table = in_families(window, qtbot).list.table
        QTest.keyClick(table, Qt.Key.Key_Down)
        told: list[object] = []
        getattr(table, name).connect(lambda *_: told.append(1))
        press(table)
        assert told

    return trial


works("Families", "Name the family")(emits("rename_wanted"))
works("Families", "Merge the selected ones")(emits("merge_wanted"))
works("Families", "Pin, or let go")(emits("pin_wanted"))
works("Families", "Hide, or show again")(emits("hide_wanted"))


def walks(*ways: str) -> Trial:
    def trial(window, qtbot, press) -> None:
        canvas = in_families(window, qtbot).page.drawing.tree.canvas
        told: list[str] = []
        canvas.walked.connect(told.append)
        for at in range(len(ways)):
            press(canvas, at)
        assert told == list(ways)

    return trial


works("Families", "Walk along the edges")(walks("left", "right", "up", "down"))
works("Families", "Fold or unfold")(walks("fold"))
works("Families", "To the root, to the last")(walks("home", "end"))
works("Families", "Show the family of the node")(walks("open"))


@works("Families", "Larger, smaller, all of it")
def _(window, qtbot, press):
    canvas = in_families(window, qtbot).page.drawing.tree.canvas
    qtbot.waitUntil(lambda: canvas.drawing is not None, timeout=5000)
    press(canvas, 2)
    whole = canvas.viewing
    press(canvas, 0)
    assert canvas.viewing.scale > whole.scale
    larger = canvas.viewing.scale
    press(canvas, 1)
    assert canvas.viewing.scale < larger
    press(canvas, 0)
    press(canvas, 2)
    assert canvas.viewing == whole


@works("Families", "Scroll the drawing")
def _(window, qtbot, press):
    canvas = in_families(window, qtbot).page.drawing.tree.canvas
    qtbot.waitUntil(lambda: canvas.drawing is not None, timeout=5000)
    for _step in range(8):
        QTest.keyClick(canvas, Qt.Key.Key_Plus)
    press(canvas, 0)
    press(canvas, 0)
    top = canvas.viewing.top
    press(canvas, 1)
    assert canvas.viewing.top > top


def map_of(qtbot: QtBot) -> CoOccurrenceMap:
    made = CoOccurrenceMap()
    qtbot.addWidget(made)
    made.show_cells(map_features())
    made.show()
    made.show_cell((1, 2))
    return made


@works("Families", "Move in the map")
def _(window, qtbot, press):
    made = map_of(qtbot)
    for at, cell in enumerate(((1, 1), (1, 2), (0, 2), (1, 2))):
        press(made, at)
        assert made._cell == cell
    made.close()


@works("Families", "By whole families")
def _(window, qtbot, press):
    made = map_of(qtbot)
    press(made, 3)
    assert made._cell[0] >= 11, "the next family begins there"
    made.close()


def chooses(signal: str, expected: Callable[[CoOccurrenceMap], int]) -> Trial:
    def trial(window, qtbot, press) -> None:
        made = map_of(qtbot)
        told: list[int] = []
        getattr(made, signal).connect(told.append)
        press(made)
        assert told == [expected(made)]
        made.close()

    return trial


works("Families", "Choose the row of a cell")(
    chooses("feature_chosen", lambda made: made._cells.keys[1])
)
works("Families", "Choose its column")(chooses("feature_chosen", lambda made: made._cells.keys[2]))
works("Families", "Choose its family")(
    chooses("family_chosen", lambda made: made._cells.block_at(1).root)
)


def threshold_of(qtbot: QtBot) -> ThresholdSlider:
    made = ThresholdSlider("Draw an edge from", (0.05, 0.1, 0.2), str)
    qtbot.addWidget(made)
    made.show()
    made.set_threshold(0.1)
    made.set_kept(0.1)
    return made


@works("Families", "A threshold up or down")
def _(window, qtbot, press):
    made = threshold_of(qtbot)
    told: list[float] = []
    made.chosen.connect(told.append)
    press(made, 1)
    press(made, 0)
    assert told == [0.2, 0.1]


@works("Families", "The threshold as it is kept")
def _(window, qtbot, press):
    made = threshold_of(qtbot)
    QTest.keyClick(made, Qt.Key.Key_Right)
    told: list[float] = []
    made.chosen.connect(told.append)
    press(made)
    assert told == [0.1]


# -- corpus ------------------------------------------------------------------------------------


@works("Corpus", "Tick a value of a field")
def _(window, qtbot, press):
    workspace = in_corpus(window, qtbot)
    facet = next(one for one in workspace.facets.facets.values() if hasattr(one, "list"))
    press(facet.list)
    assert workspace.view.filter.categories


def brush_of(window, qtbot):
    workspace = in_corpus(window, qtbot)
    facet = next(one for one in workspace.facets.facets.values() if hasattr(one, "brush"))
    return workspace.view, facet.brush


@works("Corpus", "Move an end of a range")
def _(window, qtbot, press):
    view, brush = brush_of(window, qtbot)
    press(brush, 1)
    (moved,) = view.filter.ranges.values()
    assert moved[0] == 1
    press(brush, 0)
    assert [low for low, _ in view.filter.ranges.values()] in ([], [0])


@works("Corpus", "The other end of the range")
def _(window, qtbot, press):
    view, brush = brush_of(window, qtbot)
    press(brush, 1)
    QTest.keyClick(brush, Qt.Key.Key_Left)
    (moved,) = view.filter.ranges.values()
    assert moved[0] == 0
    press(brush, 0)
    QTest.keyClick(brush, Qt.Key.Key_Right)
    (both,) = view.filter.ranges.values()
    assert both[0] == 1


@works("Corpus", "All of the range")
def _(window, qtbot, press):
    view, brush = brush_of(window, qtbot)
    QTest.keyClick(brush, Qt.Key.Key_Right)
    press(brush)
    assert view.filter.ranges == {}


@works("Corpus", "Mark the sentences of a feature")
def _(window, qtbot, press):
    workspace = in_corpus(window, qtbot)
    window.session.select_document(11)
    bars = workspace.page.features.bars
    qtbot.waitUntil(lambda: len(bars.bars) > 2, timeout=10_000)
    told = QSignalSpy(bars.mark_toggled)
    bars._current = 1
    press(bars)
    assert told.count() == 1


def marked_text(qtbot: QtBot) -> DocumentText:
    made = DocumentText()
    qtbot.addWidget(made)
    made.resize(400, 200)
    made.show_text("One is here. Two is here. Three is here.")
    made.show()
    made.set_marks([TextMark(at, at + 4, 1.0, None, "tip") for at in (0, 13, 26)])
    return made


@works("Corpus", "Next mark")
def _(window, qtbot, press):
    made = marked_text(qtbot)
    for start in (0, 13):
        press(made)
        assert made.textCursor().selectionStart() == start


@works("Corpus", "Previous mark")
def _(window, qtbot, press):
    made = marked_text(qtbot)
    QTest.keyClick(made, Qt.Key.Key_N)
    press(made)
    assert made.textCursor().selectionStart() == 26


def selections_of(window) -> SelectionsDialog:
    window.session.selections.save("One", np.array([1, 2]))
    window.actions_by_name["saved_selections"].trigger()
    return window.findChildren(SelectionsDialog)[-1]


@works("Corpus", "Rename a saved selection")
def _(window, qtbot, press):
    dialog = selections_of(window)
    press(dialog.table)
    assert dialog.naming.isVisible()


@works("Corpus", "Delete a saved selection")
def _(window, qtbot, press):
    press(selections_of(window).table)
    assert window.session.selections.selections == ()
