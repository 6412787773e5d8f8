"""What Families say of labels and measures that are not there, and of those that are."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from saedesk.features.families.family_documents import family_documents
from saedesk.features.families.family_metrics import FamilyMeasures
from saedesk.session.family_book import FamilyBook
from saedesk.session.session import Session
from saedesk.ui.family_panels import family_page
from saedesk.ui.family_panels.family_quality import FamilyQuality, rows_of_family
from saedesk.ui.family_panels.measuring_words import BEING_MEASURED, NOT_YET, ONLY_TRIED
from saedesk.ui.theme import tokens
from saedesk.ui.workspaces.families_workspace import FamiliesWorkspace
from tests.ui.families.conftest import settle

LEFT = Qt.MouseButton.LeftButton


def tip(workspace: FamiliesWorkspace, name: str) -> str:
    """What is told of a number of the strip."""
    cells = workspace.page.numbers._cells
    return next(v.toolTip().removeprefix("<qt>") for _, v, c in cells if c.text() == name)


def test_missing_measures_are_told_and_made_by_the_button(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_session: Session
) -> None:
    listed, aside = workspace.list, workspace.aside
    many = len(families.families)
    assert listed.missing.text() == f"{many} families lack a label or measures."
    assert tip(workspace, "Stability").startswith(NOT_YET)
    qtbot.mouseClick(listed.measure, LEFT)
    assert families.is_measuring
    assert listed.missing.text() == f"{many} families are being measured."
    assert not listed.measure.isVisible()
    assert tip(workspace, "Denser inside").startswith(BEING_MEASURED)
    assert aside.quality._labels[0].text() == BEING_MEASURED
    settle(qtbot, families_session)
    assert not listed.missing.isVisible()
    assert not listed.measure.isVisible()
    assert NOT_YET not in tip(workspace, "Stability")
    rows = {row.text: row for row in aside.own.rows}
    measures = families.measures(families.selected)
    assert f"over {measures.dimensions:.1f} directions" in (
        rows["Directions it spreads over"].explanation
    )
    assert not aside.kept.isVisible()
    told = aside.quality.rows
    with qtbot.waitSignal(families.families_changed):
        qtbot.keyClick(workspace.page.thresholds.edge, Qt.Key.Key_Right)
    settle(qtbot, families_session)
    assert aside.kept.isVisible()
    assert f"{many} families that are kept" in aside.kept.text()
    assert aside.quality.rows == told
    with qtbot.waitSignal(families.families_changed):
        qtbot.mouseClick(workspace.page.thresholds.back, LEFT)
    assert not aside.kept.isVisible()
    settle(qtbot, families_session)


def test_families_that_are_only_tried_say_so(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_session: Session
) -> None:
    with qtbot.waitSignal(families.families_changed):
        qtbot.keyClick(workspace.page.thresholds.edge, Qt.Key.Key_Left)
    settle(qtbot, families_session)
    families.select(families.families[0].root)
    assert tip(workspace, "Stability").startswith(ONLY_TRIED)
    settle(qtbot, families_session)


def test_documents_of_a_family_are_counted_beside_the_window(
    qtbot: QtBot,
    workspace: FamiliesWorkspace,
    families: FamilyBook,
    families_session: Session,
) -> None:
    assert not hasattr(family_page, "family_documents")
    second = families.families[1]
    families.select(second.root)
    value = workspace.page.numbers._cells[1][1]
    assert value.text() == "…"
    rows = family_documents(families_session.sae.activations, second.root, second.children)
    qtbot.waitUntil(lambda: value.text() == f"{len(rows):,}")
    settle(qtbot, families_session)


def test_one_family_shows_how_it_holds_together() -> None:
    measures = FamilyMeasures(492, 0.21, 0.01, 21.0, 2.44, (0.5, 0.3), 4.2)
    rows = {row.text: row for row in rows_of_family(measures)}
    assert rows["Together inside this family"].value == "21 %"
    assert rows["Closer to the root"].value == "2.4 ×"
    spread = rows["Directions it spreads over"]
    assert spread.value == "4.2"
    assert spread.explanation.startswith("Its features spread over 4.2 directions.")
    assert spread.explanation.endswith("50 %, 30 %.")
    bare = FamilyMeasures(3, 0.0, 0.0, None, None, (), 0.0)
    assert [row.value for row in rows_of_family(bare)] == ["0 %", "0 %"]


def test_numbers_that_go_leave_no_room_behind(qtbot: QtBot) -> None:
    quality = FamilyQuality()
    qtbot.addWidget(quality)
    quality.show()
    before = quality.sizeHint().height()
    measures = FamilyMeasures(492, 0.21, 0.01, 21.0, 2.44, (0.5, 0.3), 4.2)
    quality.show_rows(rows_of_family(measures), "")
    assert quality.sizeHint().height() == 4 * tokens().row_height.short_list
    quality.show_rows([], NOT_YET)
    assert quality.sizeHint().height() <= max(before, tokens().row_height.short_list)
