"""A selected family that is none while thresholds are tried: what stays, what waits, and why."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from saedesk.session.family_book import FamilyBook
from saedesk.session.session import Session
from saedesk.ui.family_panels.family_head import NO_FAMILY
from saedesk.ui.workspaces.families_workspace import FamiliesWorkspace
from tests.ui.families.conftest import settle


@pytest.fixture
def messages(families_session: Session) -> list[str]:
    """What was told."""
    told: list[str] = []
    families_session.message.connect(lambda message: told.append(message.sentence))
    return told


def try_the_highest(qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook) -> None:
    """Thresholds at which nothing is a family."""
    edge = workspace.page.thresholds.edge
    with qtbot.waitSignal(families.families_changed):
        edge.setValue(edge.maximum())
    assert not families.families


def test_nothing_can_be_done_to_what_is_no_family_and_the_buttons_say_why(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_session: Session
) -> None:
    head = workspace.page.head
    buttons = (head.pencil, head.pin, head.menu_button, head.steer)
    assert all(button.isEnabled() for button in buttons)
    try_the_highest(qtbot, workspace, families)
    for button in buttons:
        assert not button.isEnabled()
        assert "no family at the thresholds" in button.accessibleDescription()
    qtbot.keyClick(workspace.page.thresholds.edge, Qt.Key.Key_Home)
    settle(qtbot, families_session)
    assert all(button.isEnabled() for button in buttons)


def test_a_name_that_is_typed_waits_for_its_family(
    qtbot: QtBot,
    workspace: FamiliesWorkspace,
    families: FamilyBook,
    families_session: Session,
    messages: list[str],
) -> None:
    head, root = workspace.page.head, families.selected
    head.edit()
    qtbot.keyClicks(head.field, "My own name")
    try_the_highest(qtbot, workspace, families)
    qtbot.keyClick(head.field, Qt.Key.Key_Return)
    assert head.is_editing
    assert head.field.error == NO_FAMILY
    families.try_settings(families.kept_settings)
    qtbot.waitUntil(lambda: families.family(root) is not None)
    assert head.field.error is None
    qtbot.keyClick(head.field, Qt.Key.Key_Return)
    assert families.name(root) == "My own name"
    assert not messages
    settle(qtbot, families_session)


def test_a_name_that_cannot_be_kept_is_told(
    qtbot: QtBot,
    workspace: FamiliesWorkspace,
    families: FamilyBook,
    families_session: Session,
    messages: list[str],
) -> None:
    head = workspace.page.head
    head.edit()
    qtbot.keyClicks(head.field, "My own name")
    try_the_highest(qtbot, workspace, families)
    families.select(None)
    assert not head.is_editing
    assert "“My own name” was not kept" in messages[-1]
    settle(qtbot, families_session)


def test_nothing_moves_when_the_family_goes_and_comes(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_session: Session
) -> None:
    page = workspace.page
    parts = (page.thresholds, page.thresholds.edge, page.drawing)

    def tops() -> list[int]:
        QApplication.processEvents()
        return [part.mapTo(page, QPoint(0, 0)).y() for part in parts]

    qtbot.keyClick(page.thresholds.edge, Qt.Key.Key_Right)
    settle(qtbot, families_session)
    before = tops()
    try_the_highest(qtbot, workspace, families)
    assert page.nothing.isVisible()
    assert tops() == before
    settle(qtbot, families_session)
