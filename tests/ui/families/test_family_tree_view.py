"""The picture of one family, driven with real events in a real widget."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from saedesk.errors import KnownError
from saedesk.features.families.edited_families import ShownFamily
from saedesk.ui.family_panels.family_scene import FamilyCanvas
from saedesk.ui.family_panels.family_tree_view import FamilyTreeView
from saedesk.ui.family_panels.node_colours import STEPS, NodeColours
from saedesk.ui.family_panels.tree_drawing import TreeHit
from saedesk.ui.theme import Theme
from tests.ui.families.made_up_families import densities, family, random_family

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

GRAPHS = family({0: [1, 2, 3], 1: [4, 5], 4: [6]})
TEXTS = dict(
    enumerate(
        (
            "Graphs",
            "Message passing on graphs",
            "Knowledge graphs",
            "Communities",
            "Molecular property prediction",
            "Attention over edges",
            "Binding",
        )
    )
)


def count_of(a: int, b: int) -> int:
    return 492 if a == b else 226


@pytest.fixture
def view(qtbot: QtBot) -> FamilyTreeView:
    Theme.current()
    made = FamilyTreeView()
    qtbot.addWidget(made)
    made.resize(640, 560)
    made.show()
    return made


def show_graphs(view: FamilyTreeView, **options: object) -> None:
    given = {"count_of": count_of, "roots": {0, 1}} | options
    view.show_family(GRAPHS, TEXTS, densities(7), **given)  # type: ignore[arg-type]


def mouse_to(canvas: FamilyCanvas, at: QPointF, kind: QEvent.Type = QEvent.Type.MouseMove) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    button = none if kind == QEvent.Type.MouseMove else left
    place = QPointF(canvas.viewport().mapToGlobal(at.toPoint()))
    event = QMouseEvent(kind, at, place, button, none, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(canvas.viewport(), event)


def place_of(view: FamilyTreeView, latent: int, kind: str = "node") -> QPointF:
    assert view.drawing is not None
    target = view.drawing.target(TreeHit(kind, latent), view.canvas.viewing)
    if kind != "node":
        return target.center()
    return QPointF(target.left() + 3, target.center().y())


def clicked(view: FamilyTreeView, at: QPointF) -> None:
    mouse_to(view.canvas, at, QEvent.Type.MouseButtonPress)
    mouse_to(view.canvas, at, QEvent.Type.MouseButtonRelease)


def test_all_of_a_small_family_is_in_view_and_no_two_labels_overlap(view: FamilyTreeView) -> None:
    show_graphs(view)
    assert view.drawing is not None
    assert view.canvas.viewport().rect().contains(view.canvas.rect_on_screen(view.drawing.bounds))
    assert view.canvas.viewing.scale == 1
    rects = [view.drawing.node_rect(latent) for latent in range(7)]
    for at, rect in enumerate(rects):
        assert not any(rect.intersects(other) for other in rects[at + 1 :])
    x = [view.drawing.placed.places[place][0] for place in range(7)]
    assert x[0] < x[1] == x[2] == x[3] < x[4] == x[5] < x[6]


def test_a_click_on_a_node_or_its_label_chooses_the_feature(
    view: FamilyTreeView, qtbot: QtBot
) -> None:
    show_graphs(view)
    for latent in (4, 2):
        with qtbot.waitSignal(view.feature_chosen) as told:
            clicked(view, place_of(view, latent))
        assert told.args == [latent]
        assert view.selected == latent
    assert view.drawing is not None
    rect = view.canvas.rect_on_screen(view.drawing.node_rect(5))
    with qtbot.waitSignal(view.feature_chosen) as told:
        clicked(view, QPointF(rect.right() - 4, rect.center().y()))
    assert told.args == [5]


def test_a_click_beside_everything_takes_the_choice_back(view: FamilyTreeView) -> None:
    show_graphs(view)
    view.select(2)
    clicked(view, QPointF(4, 4))
    assert view.selected is None


def test_a_double_click_opens_only_families(view: FamilyTreeView, qtbot: QtBot) -> None:
    show_graphs(view)
    with qtbot.assertNotEmitted(view.family_wanted):
        mouse_to(view.canvas, place_of(view, 2), QEvent.Type.MouseButtonDblClick)
    with qtbot.waitSignal(view.family_wanted) as told:
        mouse_to(view.canvas, place_of(view, 1), QEvent.Type.MouseButtonDblClick)
    assert told.args == [1]


def test_arrow_keys_walk_and_enter_opens(view: FamilyTreeView, qtbot: QtBot) -> None:
    show_graphs(view)
    chosen: list[int] = []
    view.feature_chosen.connect(chosen.append)
    keys = Qt.Key
    for key in (keys.Key_Right, keys.Key_Right, keys.Key_Down, keys.Key_Left, keys.Key_Right):
        qtbot.keyClick(view.canvas, key)
    assert chosen == [0, 1, 2, 0, 1]
    with qtbot.waitSignal(view.family_wanted) as told:
        qtbot.keyClick(view.canvas, keys.Key_Return)
    assert told.args == [1]
    assert "226 of 492 documents 46 %" in view.canvas.accessibleDescription()
    qtbot.keyClick(view.canvas, keys.Key_Escape)
    assert view.selected is None


def test_space_folds_what_is_below_and_unfolds_it_again(view: FamilyTreeView, qtbot: QtBot) -> None:
    show_graphs(view)
    view.select(1)
    qtbot.keyClick(view.canvas, Qt.Key.Key_Space)
    assert view.drawing is not None
    assert view.drawing.tree.latents.tolist() == [0, 1, 2, 3]
    assert view.drawing.placed.hidden.tolist() == [0, 3, 0, 0]
    assert view.folded.text.text() == "4 of 7 features shown"
    qtbot.keyClick(view.canvas, Qt.Key.Key_Right)
    assert len(view.drawing.tree) > 4
    assert view.selected == 4


def test_cards_name_the_feature_and_the_share(view: FamilyTreeView, qtbot: QtBot) -> None:
    show_graphs(view, edge_stability={(1, 4): 0.9})
    mouse_to(view.canvas, place_of(view, 4))
    told = view._card.accessibleName()
    assert view._card.isVisible()
    assert "Molecular property prediction" in told
    assert "226 of 492 documents" in told
    mouse_to(view.canvas, place_of(view, 4, "edge"))
    title, *lines = view._card.accessibleName().split(". ")
    assert title == "Message passing on graphs"
    assert lines[0] == "Molecular property prediction"
    assert "Found again in samples" in lines
    view.canvas.zoom(1.2)
    assert not view._card.isVisible()


def test_a_family_of_470_is_folded_to_what_can_be_read(view: FamilyTreeView, qtbot: QtBot) -> None:
    size = 471
    large = random_family(size, seed=5)
    view.show_family(large, {n: f"Feature number {n}" for n in range(size)}, densities(size))
    assert view.drawing is not None
    seen = view.canvas.rect_on_screen(view.drawing.bounds)
    assert view.canvas.viewport().rect().adjusted(-1, -1, 1, 1).contains(seen)
    assert view.canvas.viewing.scale == 1
    assert 10 < len(view.drawing.tree) < 60
    hidden = int(view.drawing.placed.hidden.sum())
    assert len(view.drawing.tree) + hidden == size
    place = int(np.flatnonzero(view.drawing.placed.hidden)[-1])
    latent, more = int(view.drawing.tree.latents[place]), int(view.drawing.placed.hidden[place])
    before = len(view.drawing.tree)
    clicked(view, place_of(view, latent, "more"))
    assert before < len(view.drawing.tree) <= before + more
    view.folded.show_all.click()
    assert len(view.drawing.tree) == size
    assert not view.folded.isVisible()


def deep_family(levels: int = 9) -> tuple[ShownFamily, dict[int, str]]:
    """A line of features in which every second one has three more, with long names."""
    below: dict[int, list[int]] = {}
    number = levels
    for level in range(levels - 1):
        below[level] = [level + 1]
        if level % 2:
            below[level] += [number, number + 1, number + 2]
            number += 3
    words = ("Washington", "spectroscopy", "of distant", "quasars", "reionization")
    texts = {n: " ".join(words[(n + k) % 5] for k in range(1 + n % 4)) for n in range(number)}
    return family(below), texts


def struck(view: FamilyTreeView) -> list[str]:
    """Names that an edge, a node or another name lies on."""
    assert view.drawing is not None
    drawing, viewing = view.drawing, view.canvas.viewing
    shown = np.flatnonzero(drawing._labels_shown(viewing))
    screen = viewing.to_screen(drawing.placed.places)
    rects = {at: drawing._label_rect(int(at), *screen[at]).adjusted(0, 3, 0, -3) for at in shown}
    points = drawing._curves(viewing)[1:].reshape(-1, 2).tolist() + screen.tolist()
    found = []
    for at, rect in rects.items():
        others = [other for place, other in rects.items() if place != at]
        if any(rect.intersects(other) for other in others) or any(
            rect.contains(QPointF(*point)) for point in points
        ):
            found.append(" ".join(drawing.placed.lines[at]))
    return found


@pytest.mark.parametrize("width", [480, 640, 900])
def test_a_deep_family_is_never_cut_at_the_right_edge(view: FamilyTreeView, width: int) -> None:
    view.resize(width, 560)
    shown, texts = deep_family()
    view.show_family(shown, texts, densities(40))
    assert view.drawing is not None
    assert view.canvas.viewing.scale == 1
    for act in (view.folded.show_all.click, view.fit):
        act()
        assert len(view.drawing.tree) == shown.size
        screen = view.canvas.viewing.to_screen(view.drawing.placed.places)
        right = (screen[:, 0] + view.drawing.placed.label_rects[:, 2]).max()
        assert right <= view.canvas.viewport().width() + 1
        assert screen[:, 0].min() >= 0
        assert struck(view) == []
    first_words = [line.split()[0] for lines in view.drawing.placed.lines for line in lines]
    assert not any(word.endswith("…") for word in first_words)


def test_names_stay_while_the_rows_have_room_for_them(view: FamilyTreeView) -> None:
    size = 27
    names = {n: f"Feature number {n}" for n in range(size)}
    view.show_family(family({0: list(range(1, size))}), names, densities(size))
    view.folded.show_all.click()
    view.fit()
    assert view.drawing is not None
    assert 0.7 < view.canvas.viewing.scale < 1
    assert view.drawing._labels_shown(view.canvas.viewing).all()
    view.show_family(random_family(90, seed=2), {}, densities(90))
    view.folded.show_all.click()
    view.fit()
    shown = view.drawing._labels_shown(view.canvas.viewing)
    assert shown.any()
    assert not shown.all()
    assert struck(view) == []


def test_a_long_name_is_whole_where_its_row_is_empty(view: FamilyTreeView) -> None:
    view.resize(1000, 300)
    long = "Unsupervised learning of disentangled representations in generative models of images"
    texts = {n: f"Feature {n}" for n in range(12)} | {3: long}
    view.show_family(family({0: list(range(1, 12))}), texts, densities(12))
    assert view.drawing is not None
    assert view.drawing.placed.lines[3] == (long,)


def test_selecting_a_folded_feature_unfolds_the_way_to_it(view: FamilyTreeView) -> None:
    size = 300
    view.show_family(random_family(size, seed=5), {}, densities(size))
    assert view.drawing is not None
    assert view.drawing.place_of(size - 1) is None
    view.select(size - 1)
    assert view.drawing.place_of(size - 1) is not None
    rect = view.canvas.rect_on_screen(view.drawing.node_rect(size - 1))
    assert view.canvas.viewport().rect().intersects(rect)


def test_rarer_features_are_hidden_with_what_is_below(view: FamilyTreeView) -> None:
    show_graphs(view)
    view.set_smallest_density(float(densities(7)[3]))
    assert view.drawing is not None
    assert view.drawing.tree.latents.tolist() == [0, 1, 2, 3]


def colours_in(image: QImage) -> set[str]:
    found = set()
    for y in range(0, image.height(), 2):
        for x in range(0, image.width(), 2):
            found.add(image.pixelColor(x, y).name())
    return found


def test_colours_follow_the_values_and_the_theme(view: FamilyTreeView) -> None:
    values = np.linspace(0, 1, 7)
    values[2] = np.nan
    colours = NodeColours.spanning("Label score", values, lambda value: f"{value:.2f}")
    assert colours.steps(np.arange(7)).tolist() == [0, 1, STEPS, 6, 8, 10, 11]
    show_graphs(view, colours=colours)
    assert [group.title for group in view.legend.groups] == ["Together", "Density", "Label score"]
    light = Theme.current().ramp("heat")[-1].name()
    assert light in colours_in(view.grab().toImage())
    Theme.current().set_mode("dark")
    try:
        dark = Theme.current().ramp("heat")[-1].name()
        assert dark in colours_in(view.grab().toImage())
    finally:
        Theme.current().set_mode("light")


def test_doubtful_edges_are_dashed_and_explained(view: FamilyTreeView) -> None:
    show_graphs(view)
    plain = view.canvas.grab().toImage()
    show_graphs(view, edge_stability={(0, 1): 0.2, (0, 2): 0.95})
    assert [group.title for group in view.legend.groups][-1] == "Found again"
    assert view.canvas.grab().toImage() != plain


def test_the_wheel_scrolls_what_does_not_fit_and_zooms_with_ctrl(view: FamilyTreeView) -> None:
    view.show_family(random_family(200, seed=5), {}, densities(200))
    view.folded.show_all.click()
    before = view.canvas.viewing

    def turn(keys: Qt.KeyboardModifier) -> None:
        at = QPointF(200, 200)
        event = QWheelEvent(
            at,
            at,
            QPoint(),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            keys,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(view.canvas.viewport(), event)

    turn(Qt.KeyboardModifier.NoModifier)
    assert view.canvas.viewing.scale == before.scale
    assert view.canvas.viewing.top > before.top
    turn(Qt.KeyboardModifier.ControlModifier)
    assert view.canvas.viewing.scale < before.scale
    view.fit()
    assert view.drawing is not None
    seen = view.canvas.rect_on_screen(view.drawing.bounds)
    assert view.canvas.viewport().rect().adjusted(-2, -2, 2, 2).contains(seen)


def test_the_picture_is_copied_and_saved_whole(view: FamilyTreeView, tmp_path: Path) -> None:
    show_graphs(view)
    view.menu.save_png(tmp_path / "tree.png")
    view.menu.save_svg(tmp_path / "tree.svg")
    view.menu.save_csv(tmp_path / "tree.csv")
    drawing = (tmp_path / "tree.svg").read_text()
    assert "<image" not in drawing
    assert "Message passing" in drawing
    assert not QImage(str(tmp_path / "tree.png")).isNull()
    rows = (tmp_path / "tree.csv").read_text().splitlines()
    assert rows[0].startswith("family,family_name,parent,parent_label,child")
    assert len(rows) == 7
    view.menu.copy_image()
    assert not QGuiApplication.clipboard().image().isNull()
    with pytest.raises(KnownError, match="could not be written"):
        view.menu.save_png(tmp_path / "none" / "tree.png")


def test_markup_in_labels_is_shown_as_it_is(view: FamilyTreeView) -> None:
    view.show_family(GRAPHS, {**TEXTS, 0: "<b>bold</b> &amp;"}, densities(7))
    assert view.drawing is not None
    assert " ".join(view.drawing.placed.lines[0]) == "<b>bold</b> &amp;"


def test_the_same_family_shown_again_keeps_choice_and_folds(view: FamilyTreeView) -> None:
    show_graphs(view)
    view.select(1)
    view._fold(1)
    show_graphs(view, edge_stability={(0, 1): 0.9})
    assert view.selected == 1
    assert view.drawing is not None
    assert len(view.drawing.tree) == 4
    view.show_family(family({7: [8, 9, 10]}, 7), {}, densities(11))
    assert view.selected is None
    assert len(view.drawing.tree) == 4


def test_a_large_tree_chooses_its_labels_ahead_and_hovering_draws_it_once(
    view: FamilyTreeView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = 200
    large = random_family(size, seed=5)
    view.show_family(large, {n: f"Feature number {n}" for n in range(size)}, densities(size))
    view.folded.show_all.click()
    qtbot.waitUntil(lambda: view.canvas.ahead.is_done)
    drawing, canvas = view.drawing, view.canvas
    assert drawing is not None
    monkeypatch.delattr("saedesk.ui.family_panels.tree_drawing.chosen_labels")
    canvas.zoom(1e-6)
    while canvas.viewing.scale < 1:
        canvas.zoom(1.01)
        canvas.grab()
    painted: list[int] = []
    whole = drawing._paint_labels
    monkeypatch.setattr(drawing, "_paint_labels", lambda *a: painted.append(1) or whole(*a))
    canvas.zoom(1.2)
    canvas.reveal(drawing.node_rect(0))
    pictures = []
    for hovered in (None, 0, *large.children[:9], None):
        drawing.hovered = None if hovered is None else TreeHit("node", hovered)
        pictures.append(canvas.grab().toImage())
    assert len(painted) == 2, "once directly, once for the layer"
    assert pictures[0] == pictures[-1]
    assert pictures[1] != pictures[0], "a ring around the feature"
