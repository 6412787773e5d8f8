"""Every key that the overview names works where it says, and every key that is handled is named."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import saedesk.ui
from saedesk.ui.corpus_panels.corpus_filter import CorpusFilter
from saedesk.ui.main_window import MainWindow
from saedesk.ui.selection_panels.selections_dialog import SelectionsDialog
from saedesk.ui.shell.key_table import PLACES, command_groups, key_columns
from tests.ui.families.conftest import built_families as built_families
from tests.ui.families.conftest import families_folder as families_folder
from tests.ui.shell import (  # noqa: F401 - the trials keep themselves
    keys_of_families_and_corpus,
    keys_of_features,
    keys_of_search_and_train,
)
from tests.ui.shell.key_trials import TRIALS, Keys, in_features

LINES = [(group.title, line) for group in PLACES for line in group.lines]


def test_every_line_of_the_overview_has_a_trial() -> None:
    assert set(TRIALS) == {(title, line.words) for title, line in LINES}


@pytest.fixture
def window(main_window: MainWindow, families_folder: Path, qtbot: QtBot) -> MainWindow:
    """The real window with a project that has families."""
    assert main_window.doors.open_folder(families_folder)
    return main_window


def reset(window: MainWindow) -> None:
    """As nothing had been pressed: no edits, no filters, one feature selected, no other window."""
    session = window.session
    in_features(window).page.title.give_up()
    session.undo.setIndex(0)
    for dialog in window.findChildren(SelectionsDialog):
        dialog.close()
    head, table = in_features(window).list.head, in_features(window).list.table
    head._ask_for_all()
    window.activateWindow()
    table.select_id(int(table.row_model.row_id(0)), tell=True)
    corpus = window._workspaces.get("corpus")
    if corpus is not None:
        corpus.view.set_filter(CorpusFilter())
    session.select_feature(int(table.row_model.row_id(1)))


@pytest.mark.parametrize("title", [group.title for group in PLACES])
def test_every_key_does_what_the_overview_says(
    window: MainWindow, qtbot: QtBot, title: str
) -> None:
    for _, line in (one for one in LINES if one[0] == title):
        reset(window)
        try:
            TRIALS[title, line.words](window, qtbot, Keys(line))
        except BaseException as problem:
            problem.add_note(f"{title}: {line.words}")
            raise


def test_the_keys_of_commands_reach_them(project_window: MainWindow) -> None:
    lines = [line for group in command_groups() for line in group.lines]
    assert len(lines) > 15
    for line in lines:
        (action,) = [
            one
            for one in project_window.actions_by_name.values()
            if one.text().removesuffix("…") == line.words
        ]
        action.triggered.disconnect()
        action.setEnabled(True)
        told = QSignalSpy(action.triggered)
        Keys(line)(project_window)
        assert told.count() == 1, line.words


def test_both_arrangements_show_every_group_once(project_window: MainWindow) -> None:
    wanted = {group.title for group in (*command_groups(), *PLACES)}
    for is_wide in (False, True):
        shown = [group.title for column in key_columns(is_wide) for group in column]
        assert sorted(shown) == sorted(wanted)
    overview = project_window.cards.keys
    for width, columns in ((1280, 3), (1920, 4)):
        project_window.resize(width, 1080)
        overview.open()
        assert overview._content.layout().count() == columns
        assert overview.card.width() <= width - 48
    bar = overview._scroll.verticalScrollBar()
    assert bar.maximum() == 0, "at 1920 × 1080 nothing is cut"
    project_window.resize(1280, 720)
    overview.place()
    QApplication.processEvents()
    assert bar.maximum() > 0
    QTest.keyClick(overview, Qt.Key.Key_PageDown)
    assert bar.value() > 0


# -- what is handled ---------------------------------------------------------------------------

SAME = {
    "Return": "Enter",
    "Enter": "Enter",
    "Escape": "Esc",
    "Delete": "Del",
    "Backspace": "Del",
    "Left": "←",
    "Right": "→",
    "Up": "↑",
    "Down": "↓",
    "PageUp": "PgUp",
    "PageDown": "PgDn",
    "Plus": "+",
    "Equal": "+",
    "Minus": "−",
    "Ctrl+Return": "Ctrl Enter",
    "Shift+F6": "Shift F6",
    "Find": "Ctrl F",
    "Undo": "Ctrl Z",
    "Redo": "Ctrl Shift Z",
    "Copy": "Ctrl C",
    "SelectAll": "Ctrl A",
}


def handled() -> set[tuple[str, str]]:
    """Every key that a source file of the window names, as (file, key)."""
    found = set()
    for path in sorted(Path(saedesk.ui.__file__).parent.rglob("*.py")):
        text = path.read_text("utf-8")
        if "Key_" in text or "QKeySequence" in text:
            found |= {(path.name, key) for key in keys_in(ast.parse(text))}
    return found


def keys_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr.startswith("Key_"):
            yield node.attr.removeprefix("Key_")
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
            if node.value.attr == "StandardKey":
                yield node.attr
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "QKeySequence":
            (given,) = node.args
            if isinstance(given, ast.Constant):
                yield str(given.value)


def test_every_key_that_is_handled_is_named() -> None:
    groups = (*command_groups(), *PLACES)
    lines = [line.caps for group in groups for line in group.lines]
    named = {" ".join(caps) for caps in lines} | {cap for caps in lines for cap in caps}
    keys = handled()
    assert not {(file, key) for file, key in keys if SAME.get(key, key) not in named}
    assert len(keys) > 60
