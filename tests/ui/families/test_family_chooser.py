"""Another family is chosen among all of them: to merge with, or to compare."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from saedesk.session.family_book import FamilyBook
from saedesk.session.session import Session
from saedesk.ui.workspaces.families_workspace import FamiliesWorkspace
from tests.ui.families.conftest import settle
from tests.ui.families.test_families_workspace import entry


def test_a_family_is_merged_with_one_that_is_found_by_typing(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_session: Session
) -> None:
    first, last = families.families[0], families.families[-1]
    families.rename(last.root, "Quite another matter")
    actions = workspace.actions_of
    entry(actions.make_menu([first.root]), "Merge with").trigger()
    chooser = actions.chooser
    assert chooser.table.row_model.rowCount() == len(families.families) - 1
    assert first.root not in chooser.table.row_model.order
    qtbot.keyClicks(chooser.field, "another matter")
    assert chooser.table.row_model.order.tolist() == [last.root]
    qtbot.keyClick(chooser.field, Qt.Key.Key_Return)
    merged = next(one for one in families.families if first.root in one.members)
    assert set(merged.members) == set(first.members) | set(last.members)
    families_session.undo.undo()
    assert families.family(last.root) is not None
    settle(qtbot, families_session)


def test_arrows_mark_the_family_to_compare_with(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_session: Session
) -> None:
    first, actions = families.families[0], workspace.actions_of
    entry(actions.make_menu([first.root]), "Compare with").trigger()
    chooser = actions.chooser
    qtbot.keyClick(chooser.field, Qt.Key.Key_Down)
    other = chooser.table.row_model.row_id(1)
    assert chooser.table.current_id == other
    with qtbot.waitSignal(actions.compare_wanted) as asked:
        qtbot.keyClick(chooser.field, Qt.Key.Key_Return)
    assert asked.args == [first.root, other]
    settle(qtbot, families_session)
