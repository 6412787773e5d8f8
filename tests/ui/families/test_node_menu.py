"""The menu of a feature in both drawings of families, by the mouse and by the menu key."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from saedesk.features.families.edited_families import ShownFamily
from saedesk.session.family_book import FamilyBook
from saedesk.session.session import Session
from saedesk.ui.family_panels.family_drawing import ALL_FAMILIES, THIS_FAMILY
from saedesk.ui.family_panels.family_scene import FamilyCanvas
from saedesk.ui.family_panels.family_tree_view import FamilyTreeView
from saedesk.ui.family_panels.tree_drawing import NODE, TreeHit
from saedesk.ui.workspaces.families_workspace import FamiliesWorkspace
from tests.ui.families.conftest import settle
from tests.ui.families.test_family_tree_view import mouse_to

ABOUT_FEATURE = [
    "Show the feature",
    "Steer a search with it",
    "Split the family here",
    "Copy its label",
]


def menu_of(host, at: QPoint | None) -> QMenu:
    """What opens at a place of the canvas, or with the menu key."""
    canvas: FamilyCanvas = host.canvas
    if at is None:
        near = QPoint(3, 3)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, near, canvas.mapToGlobal(near))
        QApplication.sendEvent(canvas, event)
    else:
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, canvas.mapToGlobal(at))
        QApplication.sendEvent(canvas.viewport(), event)
    return host.findChildren(QMenu)[-1]


def words(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def node_of(tree: FamilyTreeView, latent: int) -> QPoint:
    target = tree.drawing.target(TreeHit(NODE, latent), tree.canvas.viewing)
    return QPoint(round(target.left() + 3), round(target.center().y()))


def inner(families: FamilyBook) -> tuple[ShownFamily, int]:
    """A family and a feature of it, not the root, with something below."""
    return next(
        (one, edge.parent)
        for one in families.families
        for edge in one.edges
        if edge.parent != one.root
    )


@pytest.fixture
def tree(workspace: FamiliesWorkspace, families: FamilyBook) -> FamilyTreeView:
    families.select(inner(families)[0].root)
    return workspace.page.drawing.tree


def test_a_right_click_on_a_node_offers_its_feature_and_hides_the_card(
    tree: FamilyTreeView, families: FamilyBook, families_session: Session
) -> None:
    latent = inner(families)[1]
    at = node_of(tree, latent)
    mouse_to(tree.canvas, at.toPointF())
    assert tree._card.isVisible()
    menu = menu_of(tree, at)
    assert not tree._card.isVisible()
    assert words(menu)[:4] == ABOUT_FEATURE
    assert "Save as PNG…" in words(menu)
    assert families_session.feature == latent
    menu.actions()[3].trigger()
    assert QGuiApplication.clipboard().text() == tree._facts.texts[latent]
    menu.close()


def test_beside_all_nodes_there_is_only_the_picture(tree: FamilyTreeView) -> None:
    menu = menu_of(tree, QPoint(2, 2))
    assert words(menu)[0] == "Show the whole picture"
    menu.close()


def test_the_menu_key_opens_the_menu_of_the_selected_feature(
    tree: FamilyTreeView, families: FamilyBook, families_session: Session, qtbot: QtBot
) -> None:
    family, latent = inner(families)
    tree.select(family.children[0])
    menu = menu_of(tree, None)
    assert words(menu)[:4] == ABOUT_FEATURE
    menu.close()
    tree.select(latent)
    wanted = []
    families_session.workspace_wanted.connect(wanted.append)
    for at in (0, 1):
        menu = menu_of(tree, None)
        menu.actions()[at].trigger()
        menu.close()
    assert wanted == ["features", "search"]
    assert families_session.feature == latent
    assert latent in families_session.search.state.settings.added


def test_a_family_is_split_where_it_was_clicked(
    tree: FamilyTreeView, families: FamilyBook, families_session: Session, qtbot: QtBot
) -> None:
    family, latent = inner(families)
    menu = menu_of(tree, node_of(tree, family.root))
    assert not menu.actions()[2].isEnabled()
    menu.close()
    menu = menu_of(tree, node_of(tree, latent))
    menu.actions()[2].trigger()
    menu.close()
    settle(qtbot, families_session)
    assert latent in [one.root for one in families.families]
    assert latent not in families.family(family.root).children


def test_the_overview_has_the_same_menu(
    workspace: FamiliesWorkspace, families: FamilyBook, families_session: Session
) -> None:
    drawing = workspace.page.drawing
    drawing.show_view(ALL_FAMILIES)
    family, latent = inner(families)
    overview = drawing.overview
    overview.go_to(family.root)
    layout = overview.drawing.layout
    node = layout.places[layout.latents == latent][0]
    x, y = overview.canvas.viewing.to_screen(node[None])[0]
    menu = menu_of(overview, QPoint(round(x), round(y)))
    assert words(menu)[:4] == ABOUT_FEATURE
    assert menu.actions()[2].isEnabled()
    menu.actions()[0].trigger()
    menu.close()
    assert families_session.feature == latent
    menu = menu_of(overview, None)
    assert words(menu)[:4] == ABOUT_FEATURE
    menu.close()
    drawing.show_view(THIS_FAMILY)
