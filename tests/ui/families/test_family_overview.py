"""All families in one picture, driven with real events in a real widget."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtWidgets import QApplication

from saedesk.ui.family_panels.family_overview import FamilyOverview
from saedesk.ui.family_panels.overview_drawing import OverviewHit
from saedesk.ui.family_panels.viewing import Viewing
from saedesk.ui.theme import Theme
from tests.ui.families.made_up_families import densities, random_family
from tests.ui.families.test_family_tree_view import mouse_to

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

FAMILIES = [random_family(30 - n, 40 * n, seed=n) for n in range(24)]
NAMES = {one.root: f"Topic {n}" for n, one in enumerate(FAMILIES)}
TEXTS = {latent: f"feature {latent}" for one in FAMILIES for latent in one.members}
TEXTS[405] = "Galaxy clusters"
LINKS = [(0, 40, 0.4), (0, 80, 0.05)]


@pytest.fixture
def overview(qtbot: QtBot) -> FamilyOverview:
    Theme.current()
    made = FamilyOverview()
    qtbot.addWidget(made)
    made.resize(700, 620)
    made.show()
    made.show_families(FAMILIES, NAMES, densities(1000), None, LINKS, TEXTS)
    return made


def middle_of(overview: FamilyOverview, root: int) -> QPointF:
    assert overview.drawing is not None
    return QPointF(overview.canvas.rect_on_screen(overview.drawing.disc_rect(root)).center())


def node_at(overview: FamilyOverview, latent: int) -> QPointF:
    assert overview.drawing is not None
    layout = overview.drawing.layout
    place = overview.canvas.viewing.to_screen(layout.places[layout.latents == latent])[0]
    return QPointF(*place)


def clicked(overview: FamilyOverview, at: QPointF) -> None:
    mouse_to(overview.canvas, at, QEvent.Type.MouseButtonPress)
    mouse_to(overview.canvas, at, QEvent.Type.MouseButtonRelease)


def test_all_families_are_in_view_with_names_that_do_not_overlap(overview: FamilyOverview) -> None:
    assert overview.drawing is not None
    canvas = overview.canvas
    seen = canvas.rect_on_screen(overview.drawing.bounds)
    assert canvas.viewport().rect().adjusted(-2, -2, 2, 2).contains(seen)
    far, near = 0, 0
    for step in range(14):
        chosen, rects = overview.drawing.labels.rects(canvas.viewing)
        low, high = rects[:, :2], rects[:, 2:]
        over = ((low[:, None] < high[None]) & (low[None] < high[:, None])).all(axis=2)
        assert over.sum() == len(chosen)
        far, near = (len(chosen), near) if step == 0 else (far, len(chosen))
        canvas.zoom(1.25)
    assert near > 3 * far


def test_a_click_chooses_family_and_feature_and_a_double_click_opens(
    overview: FamilyOverview, qtbot: QtBot
) -> None:
    latent = FAMILIES[3].children[5]
    overview.go_to(FAMILIES[3].root)
    told: list[int] = []
    overview.family_chosen.connect(told.append)
    overview.feature_chosen.connect(told.append)
    clicked(overview, node_at(overview, latent))
    assert told == [120, latent]
    assert overview.selected == 120
    with qtbot.waitSignal(overview.family_wanted) as wanted:
        mouse_to(overview.canvas, node_at(overview, latent), QEvent.Type.MouseButtonDblClick)
    assert wanted.args == [120]


def test_the_filter_keeps_families_by_name_and_by_feature(overview: FamilyOverview) -> None:
    overview.set_filter("topic 23")
    assert overview.matching == (FAMILIES[23].root,)
    assert overview.note.text() == "1 of 24 families with “topic 23”"
    overview.set_filter("galaxy")
    assert overview.matching == (400,)
    assert overview.drawing is not None
    kept = overview.drawing.layout.latents[overview.drawing.kept_nodes]
    assert kept.tolist() == [405]
    chosen, _rects = overview.drawing.labels.rects(overview.canvas.viewing)
    assert overview.drawing.labels.families[chosen].tolist() == [10]
    overview.set_filter("nothing of the kind")
    assert overview.matching == ()
    overview.set_filter("")
    assert len(overview.matching) == 24
    assert overview.note.text() == "24 families"


@pytest.mark.parametrize("scale", [1.45, 1.68, 1.7, 2.3, 3.9, 4.0])
def test_a_name_touches_its_own_node_at_every_scale(overview: FamilyOverview, scale: float) -> None:
    drawing = overview.drawing
    assert drawing is not None
    viewing = Viewing(scale, 0.0, 0.0)
    chosen, rects = drawing.labels.rects(viewing)
    places, radii = viewing.to_screen(drawing.layout.places), drawing._radii(scale)
    nodes = drawing.labels.nodes_named()[chosen]
    assert (drawing.layout.latents[nodes[drawing.labels.nodes[chosen] < 0]] % 40 == 0).all()
    assert len(chosen) > 24
    for node, (left, top, right, bottom) in zip(nodes, rects, strict=True):
        away_x = max(left - places[:, 0][node], places[:, 0][node] - right, 0)
        away_y = max(top - places[:, 1][node], places[:, 1][node] - bottom, 0)
        assert np.hypot(away_x, away_y) <= radii[node] + 2
        x, y = np.clip(places, (left, top), (right, bottom)).T
        gaps = np.hypot(places[:, 0] - x, places[:, 1] - y) - radii
        gaps[node] = np.inf
        if drawing.layout.depths[node]:
            assert gaps.min() > -6


def test_names_keep_off_the_nodes_of_other_families(overview: FamilyOverview) -> None:
    drawing = overview.drawing
    assert drawing is not None
    viewing = overview.canvas.viewing
    chosen, rects = drawing.labels.rects(viewing)
    places = viewing.to_screen(drawing.layout.places)
    below = viewing.to_screen(
        drawing.layout.centres + np.column_stack([np.zeros(24), drawing.layout.disc_radii])
    )
    here, there = 0, 0
    for label, (left, top, right, bottom) in zip(chosen, rects, strict=True):
        family = drawing.labels.families[label]
        others = places[drawing.layout.families != family]
        x, y = below[family]
        half, height = (right - left) / 2, bottom - top
        here += int(((others > (left, top)) & (others < (right, bottom))).all(axis=1).sum())
        inside = (others > (x - half, y)) & (others < (x + half, y + height))
        there += int(inside.all(axis=1).sum())
    assert here < there / 2


def test_other_names_give_way_to_the_chosen_and_the_hovered(overview: FamilyOverview) -> None:
    drawing = overview.drawing
    assert drawing is not None
    viewing = Viewing(overview.canvas.viewing.scale * 0.7)
    before = set(drawing.labels.rects(viewing)[0].tolist())
    gone = next(n for n in range(24) if n not in before)
    root = int(drawing.layout.roots[drawing.labels.families[gone]])
    drawing.selected = root
    for hovered in (None, *drawing.layout.roots.tolist()):
        drawing.hovered = None if hovered is None else OverviewHit(hovered)
        chosen, rects = drawing.labels.rects(viewing, drawing.picked)
        assert gone in chosen
        low, high = rects[:, :2], rects[:, 2:]
        over = ((low[:, None] < high[None]) & (low[None] < high[:, None])).all(axis=2)
        assert over.sum() == len(chosen)


@pytest.mark.parametrize("size", [(700, 620), (420, 380)])
def test_the_largest_families_have_their_names_when_all_are_in_view(
    overview: FamilyOverview, size: tuple[int, int]
) -> None:
    overview.resize(*size)
    overview.fit()
    assert overview.drawing is not None
    labels = overview.drawing.labels
    chosen, _rects = labels.rects(overview.canvas.viewing)
    assert set(labels.families[chosen].tolist()) >= set(range(10))


def test_what_later_frames_need_is_there_before_them(
    overview: FamilyOverview, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    qtbot.waitUntil(lambda: overview.canvas.ahead.is_done)
    drawing, canvas = overview.drawing, overview.canvas
    assert drawing is not None
    for name in ("chosen_labels", "disc_names", "node_names"):
        monkeypatch.delattr(f"saedesk.ui.family_panels.overview_labels.{name}")
    canvas.zoom(1e-6)
    named = set()
    while canvas.viewing.scale < canvas.scales[1]:
        canvas.zoom(1.05)
        named |= set(drawing.labels.rects(canvas.viewing)[0].tolist())
    assert len(named) > 100
    monkeypatch.undo()
    overview.set_filter("galaxy")
    qtbot.waitUntil(lambda: canvas.ahead.is_done)
    monkeypatch.delattr("saedesk.ui.family_panels.overview_labels.chosen_labels")
    canvas.zoom(3)
    assert drawing.labels.families[drawing.labels.rects(canvas.viewing)[0]].tolist() == [10, 10]


def test_hovering_draws_no_tree_anew_and_the_picture_stays_the_same(
    overview: FamilyOverview, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing, canvas = overview.drawing, overview.canvas
    assert drawing is not None
    overview.select(80)
    painted: list[int] = []
    whole = drawing._paint_edges
    monkeypatch.setattr(drawing, "_paint_edges", lambda *a: painted.append(1) or whole(*a))

    def picture(hovered: int | None) -> np.ndarray:
        drawing.hovered = None if hovered is None else OverviewHit(hovered)
        image = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
        lines = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
        return lines.astype(int)

    canvas.zoom(1.3)
    direct = picture(None)
    for root in (0, 40, 120, 800):
        assert np.abs(picture(root) - direct).max() > 20, "the mark of the hovered family"
    assert np.abs(picture(None) - direct).max() <= 3
    assert len(painted) == 2, "once directly, once for the layer"
    canvas.zoom(1.1)
    picture(None)
    assert len(painted) == 3, "another part is drawn anew"
    overview.set_filter("galaxy")
    picture(None)
    assert len(painted) == 4, "so is what is filtered"


def test_a_search_moves_to_its_matches_leaves_only_dots_and_comes_back(
    overview: FamilyOverview, qtbot: QtBot
) -> None:
    canvas, drawing = overview.canvas, overview.drawing
    assert drawing is not None
    before, at = canvas.viewing, middle_of(overview, 120)
    assert drawing.hit(before, at.x(), at.y()) is not None
    plain = canvas.grab().toImage()
    overview.search.setText("topic 1")
    room = canvas.viewport().rect()

    def is_there() -> bool:
        seen = canvas.rect_on_screen(drawing.kept_rect())
        return room.contains(seen) and (
            seen.width() > room.width() * 0.6 or seen.height() > room.height() * 0.6
        )

    qtbot.waitUntil(is_there)
    at = middle_of(overview, 120)
    assert drawing.hit(canvas.viewing, at.x(), at.y()) is None
    chosen, _rects = drawing.labels.rects(canvas.viewing)
    assert drawing.kept_families[drawing.labels.families[chosen]].all()
    overview.search.setText("galaxy")
    qtbot.waitUntil(lambda: canvas.viewing.scale > 1.5)
    overview.search.setText("")
    qtbot.waitUntil(lambda: canvas.viewing == before)
    assert canvas.grab().toImage() == plain


def test_enter_in_the_search_goes_from_match_to_match(
    overview: FamilyOverview, qtbot: QtBot
) -> None:
    overview.search.setText("topic 1")
    found = []
    overview.family_chosen.connect(found.append)
    for _ in range(13):
        qtbot.keyClick(overview.search, Qt.Key.Key_Return)
    roots = [40, *(40 * n for n in range(10, 20)), 840]
    assert found == [*roots, 40]
    middle = middle_of(overview, 40)
    room = overview.canvas.viewport().rect()
    assert (middle - QPointF(room.center())).manhattanLength() < 4
    assert overview.canvas.viewing.scale >= 1.5


def test_arrow_keys_walk_from_family_to_family_and_enter_opens(
    overview: FamilyOverview, qtbot: QtBot
) -> None:
    qtbot.keyClick(overview.canvas, Qt.Key.Key_Right)
    first = overview.selected
    assert first == FAMILIES[0].root
    before = middle_of(overview, first)
    qtbot.keyClick(overview.canvas, Qt.Key.Key_Left)
    assert overview.selected is not None
    assert overview.selected != first
    assert middle_of(overview, overview.selected).x() < before.x()
    with qtbot.waitSignal(overview.family_wanted) as told:
        qtbot.keyClick(overview.canvas, Qt.Key.Key_Return)
    assert told.args == [overview.selected]
    assert "features" in overview.canvas.accessibleDescription()


def test_dragging_pans_and_is_no_click(overview: FamilyOverview, qtbot: QtBot) -> None:
    overview.canvas.zoom(3)
    before, at = overview.canvas.viewing, QPointF(300, 250)
    with qtbot.assertNotEmitted(overview.family_chosen):
        mouse_to(overview.canvas, at, QEvent.Type.MouseButtonPress)
        mouse_to(overview.canvas, at + QPointF(-60, -30))
        mouse_to(overview.canvas, at + QPointF(-60, -30), QEvent.Type.MouseButtonRelease)
    after = overview.canvas.viewing
    assert (after.left - before.left) * after.scale == pytest.approx(60)
    assert (after.top - before.top) * after.scale == pytest.approx(30)


def test_the_wheel_zooms_around_the_mouse_within_limits(overview: FamilyOverview) -> None:
    at = QPointF(200, 180)
    held = overview.canvas.viewing.to_picture(at.x(), at.y())

    def turn(turned: int) -> None:
        event = QWheelEvent(
            at,
            at,
            QPoint(),
            QPoint(0, turned),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(overview.canvas.viewport(), event)

    first = overview.canvas.viewing.scale
    turn(120)
    assert overview.canvas.viewing.scale > first
    assert overview.canvas.viewing.to_picture(at.x(), at.y()) == pytest.approx(held)
    for _ in range(60):
        turn(120)
    assert overview.canvas.viewing.scale == 4
    for _ in range(120):
        turn(-120)
    assert overview.canvas.viewing.scale == pytest.approx(0.7 * overview.canvas.fit_scale())


def test_a_card_tells_of_the_family_and_its_relations(overview: FamilyOverview) -> None:
    mouse_to(overview.canvas, node_at(overview, 0))
    told = overview._card.accessibleName()
    assert told == "Topic 0. Features. Families with documents in common"
    overview.go_to(0)
    mouse_to(overview.canvas, node_at(overview, FAMILIES[0].children[0]))
    assert overview._card.accessibleName().startswith(TEXTS[FAMILIES[0].children[0]])


def test_rare_features_leave_the_picture(overview: FamilyOverview, qtbot: QtBot) -> None:
    assert overview.drawing is not None
    before = overview.drawing
    for at in (400, 450, 500):
        overview.set_smallest_density(float(densities(1000)[at]))
    assert overview.drawing is before
    qtbot.waitUntil(lambda: overview.drawing is not before)
    layout = overview.drawing.layout
    assert len(layout.roots) == 24
    assert layout.latents[layout.depths > 0].max() <= 500


def test_families_can_all_go(overview: FamilyOverview, qtbot: QtBot) -> None:
    overview.show_families([], {}, densities(1000))
    overview.grab()
    qtbot.keyClick(overview.canvas, Qt.Key.Key_Right)
    mouse_to(overview.canvas, QPointF(100, 100))
    assert overview.note.text() == "0 families"


def test_the_whole_picture_is_saved_as_shapes_and_edges(
    overview: FamilyOverview, tmp_path: Path
) -> None:
    overview.canvas.zoom(5)
    overview.menu.save_svg(tmp_path / "all.svg")
    overview.menu.save_csv(tmp_path / "all.csv")
    drawing = (tmp_path / "all.svg").read_text()
    assert "<image" not in drawing
    assert all(name in drawing for name in ("Topic 0", "Topic 5"))
    nodes = sum(one.size for one in FAMILIES)
    assert drawing.count("<circle") + drawing.count("<ellipse") >= nodes
    assert len((tmp_path / "all.csv").read_text().splitlines()) == 1 + nodes - len(FAMILIES)


def test_both_pictures_are_painted_anew_in_the_other_theme(overview: FamilyOverview) -> None:
    light = overview.canvas.grab().toImage()
    Theme.current().set_mode("dark")
    try:
        dark = overview.canvas.grab().toImage()
        assert dark.pixelColor(2, 2) == Theme.current().colour("surface")
        assert dark != light
    finally:
        Theme.current().set_mode("light")
    assert overview.canvas.grab().toImage() == light


def test_what_is_not_looked_at_is_laid_out_when_it_is(overview: FamilyOverview) -> None:
    overview.hide()
    before = overview.drawing
    overview.show_families(FAMILIES[:5], NAMES, densities(1000), None, (), TEXTS)
    assert overview.drawing is before
    overview.select(FAMILIES[20].root)
    overview.set_filter("topic 2")
    overview.show()
    assert overview.matching == (FAMILIES[2].root,)
    assert overview.drawing is not None
    assert len(overview.drawing.layout.roots) == 5
