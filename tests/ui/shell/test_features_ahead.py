"""Features is made before it is wanted, in pieces, and is the one that opens."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from saedesk.ui.main_window import MainWindow
from saedesk.ui.shell.features_ahead import FeaturesAhead
from saedesk.ui.workspaces.features_workspace import FeaturesWorkspace


def test_the_one_made_ahead_is_the_one_that_opens(
    qtbot: QtBot, main_window: MainWindow, tiny_project: Path
) -> None:
    qtbot.waitUntil(lambda: main_window.ahead.is_made)
    assert not main_window.stack.findChildren(FeaturesWorkspace)[0].isVisible()
    (made,) = main_window.stack.findChildren(FeaturesWorkspace)
    assert main_window.doors.open_folder(tiny_project)
    assert main_window.current_workspace is made
    assert made.list.table.row_model.rowCount() == main_window.session.sae.n_latents  # type: ignore[union-attr]
    assert made.page.isVisible()
    assert not main_window.ahead.is_made


def test_whoever_comes_in_between_gets_it_whole(
    qtbot: QtBot, main_window: MainWindow, tiny_project: Path
) -> None:
    ahead = FeaturesAhead(main_window.session, main_window.stack)
    assert ahead.take() is None, "nothing was begun"
    ahead = FeaturesAhead(main_window.session, main_window.stack)
    ahead._go_on()
    ahead._go_on()
    assert not ahead.is_made
    made = ahead.take()
    assert isinstance(made, FeaturesWorkspace)
    assert main_window.session.open_project(tiny_project)
    assert made.list.table.row_model.rowCount()


def test_features_can_be_made_at_once(project_window: MainWindow) -> None:
    ahead = project_window.ahead
    assert isinstance(project_window.current_workspace, FeaturesWorkspace)
    project_window.session.close_project()
    assert not ahead.is_made
    assert not ahead._timer.isActive(), "there is one already"
