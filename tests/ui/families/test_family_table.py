"""The columns of the list of families: heads are whole, names have room."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from saedesk.session.family_book import FamilyBook
from saedesk.session.session import Session
from saedesk.ui.widgets.painting import text_width
from saedesk.ui.workspaces.families_workspace import FamiliesWorkspace
from tests.ui.families.conftest import settle


def inked_rows(workspace: FamiliesWorkspace, row: int) -> np.ndarray:
    """(height,) bool: lines of pixels of a name in which something is written."""
    table = workspace.list.table
    cell = table.visualRect(table.row_model.index(row, 0))
    place = QRect(table.side_padding, cell.top() + 1, cell.width() - 30, cell.height() - 3)
    image = table.viewport().grab(place).toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    grey = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    grey = grey[:, : image.width()].astype(int)
    return np.ptp(grey, axis=1) > 40


def test_the_heads_are_whole_with_a_scroll_bar_and_without(
    qtbot: QtBot, workspace: FamiliesWorkspace, families_session: Session
) -> None:
    table = workspace.list.table
    assert not table.verticalScrollBar().isVisible()
    head = table.horizontalHeader()
    for at, column in enumerate(table.row_model.columns):
        section = QRectF(0, 0, head.sectionSize(at), head.height())
        room = table.itemDelegate().content_rect(section, at).width()
        assert text_width(column.title, "sorted column head") <= room, column.title
    settle(qtbot, families_session)


def test_a_long_name_has_two_lines(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_session: Session
) -> None:
    families.rename(families.families[1].root, "Galaxies")
    families.rename(families.families[2].root, "Reinforcement learning of policies")
    short, long = inked_rows(workspace, 1), inked_rows(workspace, 2)
    assert np.diff(np.flatnonzero(short)).max() == 1, "one line"
    assert len(np.flatnonzero(long)) > 1.5 * len(np.flatnonzero(short))
    settle(qtbot, families_session)


def test_the_foot_takes_no_room_from_the_families(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_session: Session
) -> None:
    families.measure()
    settle(qtbot, families_session)
    assert not families.measures_missing
    foot = workspace.list.height() - workspace.list.table.geometry().bottom()
    assert foot < 80
    families.set_hidden([families.families[0].root], True)
    foot = workspace.list.height() - workspace.list.table.geometry().bottom()
    assert foot < 100
    settle(qtbot, families_session)


def test_the_list_gets_the_room_that_the_foot_gives_up_at_once(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_session: Session
) -> None:
    shown = workspace.list

    def foot() -> int:
        return shown.height() - shown.table.geometry().bottom()

    with_button = foot()
    assert not shown.measure.isHidden()
    # No event is handled between a change and a look at the places.
    heights: list[int] = []
    families.measuring_changed.connect(lambda: heights.append(foot()))
    families.measure()
    settle(qtbot, families_session)
    without = foot()
    assert heights[-1] == without
    assert without <= with_button - shown.measure.height()
    families.set_hidden([families.families[0].root], True)
    assert foot() > without, "the link to what is hidden has its room at once"
    settle(qtbot, families_session)
