"""The doors of Families in the whole window: into it, out of it, and what fills it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from saedesk.features.families.family_documents import family_documents
from saedesk.session.family_book import FamilyBook, family_book
from saedesk.ui.main_window import MainWindow
from saedesk.ui.workspaces.families_workspace import FamiliesWorkspace
from tests.ui.families.conftest import settle
from tests.ui.families.test_families_workspace import entry

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def workspace(qtbot: QtBot, families_window: MainWindow) -> FamiliesWorkspace:
    """The workspace in view, after what it asked for is there."""
    shown = families_window.current_workspace
    assert isinstance(shown, FamiliesWorkspace)
    settle(qtbot, families_window.session)
    return shown


@pytest.fixture
def families(families_window: MainWindow) -> FamilyBook:
    """The family book of the window."""
    return family_book(families_window.session)


def test_a_feature_clicked_in_the_tree_is_selected_in_features(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_window: MainWindow
) -> None:
    tree = workspace.page.drawing.tree
    child = families.families[0].children[0]
    place = tree.canvas.rect_on_screen(tree.drawing.node_rect(child)).center()
    qtbot.mouseClick(tree.canvas.viewport(), LEFT, pos=place)
    families_window.show_workspace("features")
    assert families_window.current_workspace.list.table.current_id == child
    settle(qtbot, families_window.session)


def test_documents_of_a_family_are_a_filter_of_corpus(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_window: MainWindow
) -> None:
    root = families.selected
    family = families.family(root)
    session = families_window.session
    rows = family_documents(session.sae.activations, root, family.children)
    entry(workspace.actions_of.make_menu([root]), "Show its documents").trigger()
    assert families_window.shown == "corpus"
    corpus = families_window.current_workspace
    qtbot.waitUntil(lambda: corpus.view.filtered_ids is not None, timeout=10_000)
    expected = np.sort(session.document_ids(rows))
    assert np.array_equal(np.sort(corpus.view.filtered_ids), expected)
    chosen = corpus.view.filter.chosen
    assert chosen.documents_of == f"the family “{families.name(root)}”"
    settle(qtbot, families_window.session)


def test_features_of_a_family_are_a_filter_of_the_list(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_window: MainWindow
) -> None:
    family = families.family(families.selected)
    entry(workspace.actions_of.make_menu([family.root]), "Show its features").trigger()
    assert families_window.shown == "features"
    listed = families_window.current_workspace.list
    assert set(listed.table.row_model.order.tolist()) == set(family.members)
    chip = listed.head.chips.conditions["group"]
    assert chip.isVisible()
    qtbot.keyClick(chip, Qt.Key.Key_Delete)
    assert len(listed.table.row_model.order) == 48
    settle(qtbot, families_window.session)


def test_the_page_of_a_feature_leads_to_its_family(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_window: MainWindow
) -> None:
    family = families.families[1]
    families_window.session.show_feature(family.children[0])
    sections = families_window.current_workspace.aside.neighbours
    qtbot.waitUntil(lambda: sections.open_family.isVisible(), timeout=10_000)
    qtbot.mouseClick(sections.open_family, LEFT)
    assert families_window.shown == "families"
    assert family.children[0] in families.family(families.selected).members
    settle(qtbot, families_window.session)


def test_the_palette_finds_families_by_name(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_window: MainWindow
) -> None:
    root = families.families[3].root
    families.rename(root, "Quite another matter")
    families_window.show_workspace("corpus")
    families_window.commands.find()
    palette = families_window.cards.palette
    qtbot.keyClicks(palette.field, "another matter")
    rows = [row for row in palette.list.rows if row.kind == "family"]
    assert [(row.key, row.text) for row in rows] == [(root, "Quite another matter")]
    assert palette.list.chosen == rows[0]
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert families_window.shown == "families"
    assert families.selected == root
    settle(qtbot, families_window.session)


def test_a_project_without_families_finds_them_with_one_button(
    qtbot: QtBot, project_window: MainWindow
) -> None:
    project_window.show_workspace("families")
    workspace = project_window.current_workspace
    assert workspace.empty.isVisible()
    assert workspace.empty.button.text() == "Find the families"
    assert QApplication.focusWidget() is workspace.empty.button
    qtbot.keyClick(workspace.empty.button, Qt.Key.Key_Return)
    assert not workspace.empty.button.isEnabled()
    assert QApplication.focusWidget() is workspace, "and not the rail"
    qtbot.waitUntil(lambda: not workspace.empty.isVisible(), timeout=30_000)
    assert QApplication.focusWidget() is workspace.list.table
    settle(qtbot, project_window.session)
    book = workspace._book
    assert book.is_found
    assert workspace.list.order().tolist() == [one.root for one in book.families]
    with qtbot.waitSignal(book.families_changed):
        workspace.page.thresholds.fields["above_chance"].setValue(0)
    settle(qtbot, project_window.session)
    assert len(workspace.list.order()) >= 4


def test_without_an_sae_the_way_leads_to_train(
    qtbot: QtBot, main_window: MainWindow, tmp_path: Path
) -> None:
    assert main_window.session.create_project(tmp_path / "new.saedesk")
    main_window.show_workspace("families")
    workspace = main_window.current_workspace
    assert workspace.empty.button.text() == "Train an SAE"
    qtbot.mouseClick(workspace.empty.button, LEFT)
    assert main_window.shown == "train"


def test_below_1360_pixels_the_right_column_is_a_drawer(
    qtbot: QtBot, workspace: FamiliesWorkspace, families_window: MainWindow
) -> None:
    assert workspace.aside.isVisible()
    assert not workspace.has_drawer
    families_window.resize(1280, 800)
    qtbot.waitUntil(lambda: workspace.has_drawer)
    assert not workspace.aside.isVisible()
    qtbot.keyClick(families_window, Qt.Key.Key_F9)
    assert workspace.aside.isVisible()
    assert families_window.width() == 1280
    assert workspace.page.width() >= workspace.page.minimumSizeHint().width()
    settle(qtbot, families_window.session)


def test_a_command_measures_the_families(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook, families_window: MainWindow
) -> None:
    assert families.measures_missing == len(families.families)
    families_window.actions_by_name["measure_families"].trigger()
    assert families.is_measuring
    settle(qtbot, families_window.session)
    assert families.measures(families.selected) is not None
    assert not families.measures_missing
