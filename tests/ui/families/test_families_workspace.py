"""The Families workspace in the real window: list, page, thresholds, edits, empty states."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from saedesk.features.families.family_documents import family_documents
from saedesk.project.project_folder import Project
from saedesk.session.family_book import FamilyBook, family_book
from saedesk.session.session import Session
from saedesk.ui.family_panels.family_drawing import ALL_FAMILIES, THIS_FAMILY
from saedesk.ui.workspaces.families_workspace import FamiliesWorkspace
from tests.ui.families.conftest import settle

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


def entry(menu: QMenu, words: str) -> QAction:
    """The entry of a menu that begins so."""
    return next(action for action in menu.actions() if action.text().startswith(words))


def click_row(qtbot: QtBot, workspace: FamiliesWorkspace, row: int, keys=None) -> None:
    table = workspace.list.table
    place = table.visualRect(table.row_model.index(row, 0)).center()
    modifiers = keys or Qt.KeyboardModifier.NoModifier
    qtbot.mouseClick(table.viewport(), LEFT, modifiers, place)


# -- the list ------------------------------------------------------------------------------------


def test_the_list_shows_the_families_largest_first(
    workspace: FamiliesWorkspace, families: FamilyBook
) -> None:
    roots = [one.root for one in families.families]
    assert workspace.list.order().tolist() == roots
    sizes = [families.family(root).size for root in roots]
    assert sizes == sorted(sizes, reverse=True)
    assert workspace.list.count.text() == f"{len(roots)}"
    assert families.selected == roots[0]
    assert workspace.list.table.current_id == roots[0]
    placed = {latent for one in families.families for latent in one.members}
    assert workspace.list.foot.text() == (
        f"{len(placed)} of 48 features belong to a family. {48 - len(placed)} stand alone at "
        "these thresholds."
    )


def test_arrows_move_through_the_families_and_the_page_follows(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_session: Session
) -> None:
    table = workspace.list.table
    assert QApplication.focusWidget() is table
    qtbot.keyClick(table, Qt.Key.Key_Down)
    second = families.families[1]
    assert families.selected == second.root
    page = workspace.page
    assert page.head.place.text() == f"Family 2 of {len(families.families)}"
    assert page.head.title.text() == families.name(second.root)
    sae = families_session.sae
    rows = family_documents(sae.activations, second.root, second.children)

    def shown(name: str) -> str:
        return next(
            value.text() for _, value, caption in page.numbers._cells if caption.text() == name
        )

    assert shown("Features") == f"{second.size}"
    qtbot.waitUntil(lambda: shown("Documents") == f"{len(rows):,}")
    assert page.drawing.tree.family.root == second.root
    settle(qtbot, families_session)


def test_the_filter_finds_families_by_name_and_by_member(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_session: Session
) -> None:
    book = families_session.book
    family = families.families[-1]
    member = family.children[-1]
    others = {
        label for one in families.families for label in [families.name(one.root)] if one != family
    }
    assert book.text(member) not in others
    qtbot.keyClick(workspace, Qt.Key.Key_F, CTRL)
    field = QApplication.focusWidget()
    assert field is workspace.list.field
    qtbot.keyClicks(field, book.text(member))
    found = workspace.list.order().tolist()
    assert family.root in found
    assert all(
        any(book.text(member).casefold() in book.text(i).casefold() for i in one.members)
        for one in families.families
        if one.root in found
    )
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert QApplication.focusWidget() is workspace.list.table
    assert families.selected in found
    workspace.list.field.setText("nothing like this")
    assert not len(workspace.list.order())


def test_a_click_on_a_head_sorts_by_label(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook
) -> None:
    head = workspace.list.table.horizontalHeader()
    place = QPoint(head.sectionViewportPosition(0) + 30, head.height() // 2)
    qtbot.mouseClick(head.viewport(), LEFT, pos=place)
    names = [families.name(root).casefold() for root in workspace.list.order().tolist()]
    assert names == sorted(names)
    assert workspace.list.table.current_id == families.selected


# -- the drawing ---------------------------------------------------------------------------------


def test_a_click_on_a_feature_selects_it_everywhere(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_session: Session
) -> None:
    tree, session = workspace.page.drawing.tree, families_session
    child = families.families[0].children[0]
    place = tree.canvas.rect_on_screen(tree.drawing.node_rect(child)).center()
    qtbot.mouseClick(tree.canvas.viewport(), LEFT, pos=place)
    assert session.feature == child
    assert tree.selected == child
    settle(qtbot, families_session)


def test_a_feature_selected_elsewhere_is_marked_in_the_tree(
    workspace: FamiliesWorkspace, families: FamilyBook, families_session: Session
) -> None:
    child = families.families[0].children[-1]
    families_session.select_feature(child)
    assert workspace.page.drawing.tree.selected == child


def test_enter_in_the_list_leads_into_the_tree(
    qtbot: QtBot, workspace: FamiliesWorkspace, families_session: Session
) -> None:
    qtbot.keyClick(workspace.list.table, Qt.Key.Key_Return)
    tree = workspace.page.drawing.tree
    assert QApplication.focusWidget() is tree.canvas
    qtbot.keyClick(tree.canvas, Qt.Key.Key_Right)
    qtbot.keyClick(tree.canvas, Qt.Key.Key_Right)
    assert families_session.feature in tree.family.children


def test_all_families_are_drawn_and_a_double_click_opens_one(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_session: Session
) -> None:
    drawing = workspace.page.drawing
    qtbot.keyClick(drawing.view, Qt.Key.Key_Right)
    assert drawing.view.current == ALL_FAMILIES
    assert drawing.overview.isVisible()
    settle(qtbot, families_session)
    wanted = families.families[2].root
    drawing.overview.family_wanted.emit(wanted)
    assert drawing.view.current == THIS_FAMILY
    assert families.selected == wanted
    assert drawing.tree.family.root == wanted


def test_colours_tell_a_statistic_or_a_field(
    qtbot: QtBot, workspace: FamiliesWorkspace, families_session: Session
) -> None:
    choice = workspace.page.drawing.colour
    told = []
    choice.changed.connect(told.append)
    entry(choice.make_menu(), "Density").trigger()
    density = families_session.sae.statistics.density
    assert told[-1].values == pytest.approx(density)
    field = next(iter(one for one in choice._fields if one.value is None))
    entry(choice.make_menu(), field.title).trigger()
    qtbot.waitUntil(lambda: len(told) == 2)
    assert told[-1].title == f"Mean {field.title}"
    assert np.isfinite(told[-1].values[density > 0]).any()
    entry(choice.make_menu(), "Depth").trigger()
    assert told[-1] is None


# -- thresholds ----------------------------------------------------------------------------------


def test_a_threshold_acts_at_once_and_back_restores(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_session: Session
) -> None:
    thresholds = workspace.page.thresholds
    before = [one.members for one in families.families]
    assert thresholds.edge_value.text() == "10 % together"
    assert not thresholds.keep.isVisible()
    thresholds.edge.setFocus()
    with qtbot.waitSignal(families.families_changed):
        for _ in range(4):
            qtbot.keyClick(thresholds.edge, Qt.Key.Key_Right, SHIFT)
    settle(qtbot, families_session)
    assert families.settings.threshold == 0.3
    assert families.settings.later_threshold == pytest.approx(0.21)
    assert thresholds.edge_value.text() == "30 % together"
    assert [one.members for one in families.families] != before
    assert all(edge.weight >= 0.2 for one in families.families for edge in one.edges)
    assert thresholds.told.text().startswith("Tried, not kept")
    assert workspace.list.order().tolist() == [one.root for one in families.families]
    qtbot.mouseClick(thresholds.back, LEFT)
    settle(qtbot, families_session)
    assert [one.members for one in families.families] == before
    assert not thresholds.keep.isVisible()


def test_a_family_that_is_none_at_the_thresholds_of_the_moment_is_not_drawn(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_session: Session
) -> None:
    page, root = workspace.page, families.selected
    with qtbot.waitSignal(families.families_changed):
        page.thresholds.edge.setValue(page.thresholds.edge.maximum())
    settle(qtbot, families_session)
    assert families.family(root) is None
    assert page.nothing.isVisible()
    assert not page.drawing.tree.isVisible()
    assert not page.numbers.isVisible()
    qtbot.mouseClick(page.drawing.copy, LEFT)
    qtbot.keyClick(page.thresholds.edge, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: families.family(root) is not None)
    assert page.drawing.tree.isVisible()
    assert not page.nothing.isVisible()
    settle(qtbot, families_session)


def test_keep_stores_what_was_tried(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_session: Session
) -> None:
    thresholds = workspace.page.thresholds
    with qtbot.waitSignal(families.families_changed):
        qtbot.keyClick(thresholds.edge, Qt.Key.Key_Left, SHIFT)
    settle(qtbot, families_session)
    tried = [one.members for one in families.families]
    assert families.settings.threshold == 0.05
    qtbot.mouseClick(thresholds.keep, LEFT)
    qtbot.waitUntil(lambda: families.kept_settings.threshold == 0.05, timeout=20_000)
    settle(qtbot, families_session)
    assert not thresholds.keep.isVisible()
    session = families_session
    folder = session.project.folder
    session.close_project()
    assert session.open_project(folder)
    assert [one.members for one in families.families] == tried


def test_rare_features_and_what_is_below_them_go(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_session: Session
) -> None:
    slider, counts = workspace.page.thresholds.density, families_session.sae.statistics.count
    most = int(slider.values[-1])
    with qtbot.waitSignal(families.families_changed):
        slider.setValue(slider.maximum())
    settle(qtbot, families_session)
    assert families.settings.fewest_documents == most
    members = [latent for one in families.families for latent in one.members]
    assert all(counts[latent] >= most for latent in members)
    assert workspace.page.thresholds.density_value.text() == "5.00 % density"


def test_other_settings_are_folded_away_and_a_bad_one_is_a_sentence(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_session: Session
) -> None:
    thresholds = workspace.page.thresholds
    passes = thresholds.fields["passes"]
    assert not passes.isVisible()
    qtbot.mouseClick(thresholds.fold, LEFT)
    assert passes.isVisible()
    passes.setValue(99)
    assert "between 1 and 10" in passes.error
    assert families.settings.passes == 3
    with qtbot.waitSignal(families.families_changed):
        passes.setValue(1)
    assert passes.error is None
    settle(qtbot, families_session)
    assert {one.found_in_pass for one in families.families} == {1}


# -- edits ---------------------------------------------------------------------------------------


def test_a_name_is_edited_in_place_and_undone(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_session: Session
) -> None:
    root = families.selected
    before = families.name(root)
    qtbot.keyClick(workspace.list.table, Qt.Key.Key_F2)
    field = workspace.page.head.field
    assert QApplication.focusWidget() is field
    qtbot.keyClicks(field, "My own name")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert families.name(root) == "My own name"
    assert workspace.page.head.title.text() == "My own name"
    assert workspace.list.table.row_model.columns[0].text(root) == "My own name"
    families_session.undo.undo()
    assert workspace.page.head.title.text() == before
    qtbot.mouseClick(workspace.page.head.pencil, LEFT)
    qtbot.keyClicks(field, "never mind")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert families.name(root) == before


def test_two_families_are_merged_and_come_apart_again(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_session: Session
) -> None:
    before = {one.root: set(one.members) for one in families.families}
    click_row(qtbot, workspace, 0)
    click_row(qtbot, workspace, 1, CTRL)
    roots = workspace.list.chosen()
    assert workspace.list.bar.isVisible()
    assert workspace.list.bar.count.text() == "2 selected"
    qtbot.mouseClick(workspace.list.bar.merge, LEFT)
    assert len(families.families) == len(before) - 1
    merged = families.families[0]
    assert set(merged.members) == before[roots[0]] | before[roots[1]]
    assert "merged or split by you" in workspace.page.head.place.text()
    families_session.undo.undo()
    assert {one.root: set(one.members) for one in families.families} == before
    settle(qtbot, families_session)


def test_a_branch_is_split_off_where_the_selected_feature_is(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_session: Session
) -> None:
    session, actions = families_session, workspace.actions_of
    family, branch = next(
        (one, edge.parent)
        for one in families.families
        for edge in one.edges
        if edge.parent != one.root
    )
    families.select(family.root)
    session.select_feature(family.root)
    menu = actions.make_menu([family.root])
    assert not [a for a in menu.actions() if a.text().startswith("Split off")]
    assert not entry(menu, "Split here").isEnabled()
    assert "in the tree" in entry(menu, "Split here").toolTip()
    session.select_feature(branch)
    entry(actions.make_menu([family.root]), "Split off").trigger()
    assert families.family(branch) is not None
    assert branch not in families.family(family.root).members
    session.undo.undo()
    assert branch in families.family(family.root).members
    settle(qtbot, families_session)


def test_a_pinned_family_stays_whatever_the_thresholds(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_session: Session
) -> None:
    root = families.selected
    members = families.family(root).members
    qtbot.keyClick(workspace.list.table, Qt.Key.Key_P)
    assert "pinned" in workspace.page.head.place.text()
    with qtbot.waitSignal(families.families_changed):
        workspace.page.thresholds.edge.setValue(workspace.page.thresholds.edge.maximum())
    settle(qtbot, families_session)
    assert [one.members for one in families.families] == [members]
    assert workspace.list.order().tolist() == [root]


def test_hidden_families_leave_the_list_and_can_be_shown(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_session: Session
) -> None:
    root, many = families.selected, len(families.families)
    assert not workspace.list.hidden_link.isVisible()
    qtbot.keyClick(workspace.list.table, Qt.Key.Key_H)
    assert root not in workspace.list.order()
    assert workspace.list.hidden_link.text() == "Show 1 hidden family"
    qtbot.mouseClick(workspace.list.hidden_link, LEFT)
    assert root in workspace.list.order()
    assert len(workspace.list.order()) == many
    families_session.undo.undo()
    assert not workspace.list.hidden_link.isVisible()
    settle(qtbot, families_session)


# -- beyond --------------------------------------------------------------------------------------


def test_two_families_are_compared_and_escape_goes_back(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_session: Session
) -> None:
    click_row(qtbot, workspace, 0)
    click_row(qtbot, workspace, 1, SHIFT)
    first, second = (families.family(root) for root in workspace.list.chosen())
    qtbot.mouseClick(workspace.list.bar.compare, LEFT)
    page = workspace.page.comparison
    qtbot.waitUntil(lambda: page.shown is not None)
    assert page.isVisible()
    assert (page.shown.first, page.shown.second) == (first.root, second.root)
    activations = families_session.sae.activations
    both = np.intersect1d(
        family_documents(activations, first.root, first.children),
        family_documents(activations, second.root, second.children),
    )
    assert page.shown.documents_in_both == len(both)
    assert set(page.shown.members) == set(first.members) & set(second.members)
    assert families.name(first.root) in page.title.text()
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert workspace.page.drawing.isVisible()
    settle(qtbot, families_session)


def test_families_are_written_and_a_published_file_is_found_again(
    qtbot: QtBot,
    workspace: FamiliesWorkspace,
    families: FamilyBook,
    families_session: Session,
    tmp_path: Path,
) -> None:
    files, page = workspace.actions_of.files, workspace.page.published
    for name, published in (("families.graphml", False), ("clean_families.json", True)):
        files.save(tmp_path / name, published=published)
    settle(qtbot, families_session)
    assert "<graphml" in (tmp_path / "families.graphml").read_text("utf-8")
    files.comparison_wanted.emit(tmp_path / "clean_families.json")
    qtbot.waitUntil(lambda: page.shown is not None)
    assert page.isVisible()
    assert page.shown.found_again == len(families.families)
    assert page.shown.mean_overlap == 1.0
    second = page.table.row_model.row_id(1)
    place = page.table.visualRect(page.table.row_model.index(1, 0)).center()
    qtbot.mouseClick(page.table.viewport(), LEFT, pos=place)
    assert families.selected == page.shown.matches[second].root
    assert page.isVisible()
    files.comparison_wanted.emit(tmp_path / "families.graphml")
    qtbot.waitUntil(lambda: "not JSON" in page.told.text())
    assert not page.table.isVisible()
    qtbot.mouseClick(page.close_button, LEFT)
    assert workspace.page.drawing.isVisible()


# -- what there may not be -----------------------------------------------------------------------


def test_a_read_only_project_is_looked_at_and_not_changed(
    qtbot: QtBot, empty_session: Session, families_folder: Path
) -> None:
    with Project.open(families_folder):
        assert empty_session.open_project(families_folder)
        assert empty_session.project.read_only
        families = family_book(empty_session)
        workspace = FamiliesWorkspace(empty_session)
        qtbot.addWidget(workspace)
        workspace.show()
        settle(qtbot, empty_session)
        before = [(one.root, one.hidden) for one in families.families]
        assert len(before) >= 4
        qtbot.keyClick(workspace.list.table, Qt.Key.Key_H)
        assert [(one.root, one.hidden) for one in families.families] == before
        with qtbot.waitSignal(families.families_changed):
            qtbot.keyClick(workspace.page.thresholds.edge, Qt.Key.Key_Right, SHIFT)
        assert workspace.page.thresholds.keep.isVisible()
        assert not workspace.page.thresholds.keep.isEnabled()
        assert not workspace.page.head.pencil.isEnabled()
        settle(qtbot, empty_session)
        empty_session.close_project()


# -- for everybody -------------------------------------------------------------------------------


def test_every_control_has_a_name_and_tab_goes_through_the_page_in_its_order(
    qtbot: QtBot, workspace: FamiliesWorkspace
) -> None:
    workspace.list.field.setFocus()
    reached = []
    while (focus := QApplication.focusWidget()) not in reached:
        reached.append(focus)
        qtbot.keyClick(focus, Qt.Key.Key_Tab)
    assert not [control for control in reached if not control.accessibleName()]
    page = workspace.page
    expected = [
        workspace.list.field,
        workspace.list.table,
        page.head.pencil,
        page.head.pin,
        page.head.menu_button,
        page.head.steer,
        page.thresholds.edge,
        page.thresholds.density,
        page.thresholds.fold,
        page.drawing.view,
        page.drawing.colour,
        page.drawing.copy,
        page.drawing.save,
        page.drawing.tree.canvas,
        workspace.aside.map,
    ]
    places = [reached.index(control) for control in expected]
    assert places == sorted(places)


def test_the_drawing_is_copied_as_an_image(
    qtbot: QtBot, workspace: FamiliesWorkspace, families_session: Session
) -> None:
    clipboard = QGuiApplication.clipboard()
    clipboard.clear()
    qtbot.mouseClick(workspace.page.drawing.copy, LEFT)
    assert clipboard.image().width() > 100
    workspace.page.drawing.show_view(ALL_FAMILIES)
    settle(qtbot, families_session)
    tree = clipboard.image()
    qtbot.mouseClick(workspace.page.drawing.copy, LEFT)
    assert clipboard.image() != tree
