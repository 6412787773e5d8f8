"""The heat map of who fires with whom: colours, mouse, keyboard, what is copied and saved."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from saedesk.features.families.block_counts import MeanShares
from saedesk.features.families.block_order import Block, BlockOrder
from saedesk.features.families.bridges import Bridges
from saedesk.features.families.family_tree import FamilyEdge, FeatureFamily
from saedesk.ui.family_panels.co_occurrence_blocks import (
    FEATURE_SCALE,
    Blocks,
    MapCells,
    named_cells,
    summary_text,
)
from saedesk.ui.family_panels.co_occurrence_map import CoOccurrenceMap
from saedesk.ui.family_panels.map_drawing import cell_colours
from saedesk.ui.theme import Theme
from saedesk.ui.widgets.hover_card import HoverCard

LEFT = Qt.MouseButton.LeftButton
NO_KEY, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
NO_BRIDGES = Bridges((), 0, 0)
# What a person without one kind of cones sees, on linear light (Viénot, Brettel and Mollon 1999;
# the last as a plain loss of blue).
VISIONS = {
    "normal": np.eye(3),
    "protan": np.array([[0.112, 0.888, 0.0], [0.112, 0.888, 0.0], [0.004, -0.004, 1.0]]),
    "deutan": np.array([[0.293, 0.707, 0.0], [0.293, 0.707, 0.0], [-0.021, 0.021, 1.0]]),
    "tritan": np.array([[1.0, 0.15, -0.15], [0.0, 0.87, 0.13], [0.0, 0.87, 0.13]]),
}


def family(root: int, *children: int) -> FeatureFamily:
    return FeatureFamily(
        root, children, tuple(FamilyEdge(root, child, 0.3) for child in children), 1
    )


FAMILIES = (
    family(50, *range(51, 62)),
    family(10, *range(11, 22)),
    family(30, *range(31, 42)),
)


def features(chosen: int | None = 50) -> MapCells:
    """36 features of three families; the second fires with the first in 226 of 492 documents."""
    blocks = tuple(Block(one.root, one.members, len(one.members)) for one in FAMILIES)
    together = np.full((36, 36), 3, np.int64)
    np.fill_diagonal(together, 492)
    together[1, 0] = together[0, 1] = 226
    together[:, 35] = together[35, :] = 0
    together[35, 35] = 40
    found = Blocks(chosen, BlockOrder(blocks), FAMILIES, together, None, NO_BRIDGES)
    return named_cells(found, lambda i: f"Feature {i}", lambda i: f"Family {i} & more")


def families() -> MapCells:
    shares = np.array([[0.2, 0.05, np.nan], [0.02, 0.3, 0.004], [0.01, 0.0, 0.1]])
    means = MeanShares(shares, 10, 10)
    found = Blocks(None, None, FAMILIES, np.zeros((0, 0), np.int64), means, NO_BRIDGES)
    return named_cells(found, str, lambda i: f"Family {i}")


@pytest.fixture
def plot(qtbot: QtBot) -> CoOccurrenceMap:
    made = CoOccurrenceMap()
    qtbot.addWidget(made)
    made.show_cells(features())
    made.show()
    return made


@pytest.fixture(autouse=True)
def light(qapp: object) -> Iterator[None]:
    Theme.current().set_mode("light")
    yield
    Theme.current().set_mode("light")


def at(plot: CoOccurrenceMap, row: int, column: int) -> QPoint:
    return plot.place_of(row, column).center().toPoint()


def click(plot: CoOccurrenceMap, where: QPoint) -> None:
    QTest.mouseClick(plot.viewport(), LEFT, NO_KEY, where)


def luminance(colours: np.ndarray, vision: str) -> np.ndarray:
    """(n,) of (n, 3) uint8 sRGB."""
    linear = np.where(
        colours / 255 <= 0.04045, colours / 255 / 12.92, ((colours / 255 + 0.055) / 1.055) ** 2.4
    )
    return np.clip(linear @ VISIONS[vision].T, 0, 1) @ np.array([0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("vision", list(VISIONS))
def test_more_is_farther_from_the_ground_for_every_kind_of_eyes(mode: str, vision: str) -> None:
    Theme.current().set_mode(mode)
    shares = np.geomspace(0.01, 0.6, 12)[None, :]
    cells = MapCells((1,), ("one",), shares, np.ones((1, 1), np.int64), ())
    seen = luminance(cell_colours(cells)[0, :, :3].astype(float), vision)
    steps = np.diff(seen) if mode == "dark" else -np.diff(seen)
    assert (steps > 0).all()
    assert abs(seen[-1] - seen[0]) > 0.6


def test_nothing_in_common_has_the_colour_of_the_ground_and_the_diagonal_none_of_the_scale() -> (
    None
):
    cells = features()
    colours = cell_colours(cells)
    theme = Theme.current()
    assert tuple(colours[0, 35, :3]) == theme.colour("heat0").getRgb()[:3]
    assert tuple(colours[4, 4, :3]) == theme.colour("lineStrong").getRgb()[:3]
    assert FEATURE_SCALE.places(np.array([0.0, 0.01, 0.6, 0.9])).tolist() == [0, 0, 1, 1]


def test_another_theme_recolours_the_cells(plot: CoOccurrenceMap) -> None:
    before = plot.grab().toImage().pixelColor(at(plot, 1, 0))
    Theme.current().set_mode("dark")
    after = plot.grab().toImage().pixelColor(at(plot, 1, 0))
    assert before.lightnessF() < 0.5 < after.lightnessF()


def test_the_card_names_both_features_and_the_documents(plot: CoOccurrenceMap) -> None:
    QTest.mouseMove(plot.viewport(), at(plot, 1, 0))
    assert plot.current_cell == (1, 0)
    assert plot.accessibleDescription() == "Feature 51. Feature 50. 46 % 226 of 492 documents"
    card = plot.window().findChild(HoverCard)
    assert card is not None
    assert card.isVisible()
    assert "46 % 226 of 492 documents" in card.accessibleName()
    QTest.mouseMove(plot.viewport(), at(plot, 4, 4))
    assert "492 documents in which it fires" in plot.accessibleDescription()


def test_a_click_chooses_the_row_and_a_bar_or_a_name_the_family(
    plot: CoOccurrenceMap, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(plot.feature_chosen) as chosen:
        click(plot, at(plot, 1, 30))
    assert chosen.args == [51]
    top = QPoint(at(plot, 0, 13).x(), 5)
    QTest.mouseMove(plot.viewport(), top)
    card = plot.window().findChild(HoverCard)
    assert card is not None
    assert card.accessibleName() == "Family 10 & more. 12 features"
    with qtbot.waitSignal(plot.family_chosen) as shown:
        click(plot, top)
    assert shown.args == [10]
    block, rect, _ = next(one for one in plot.names() if one[0].root == 30)
    with qtbot.waitSignal(plot.family_chosen) as shown, qtbot.assertNotEmitted(plot.feature_chosen):
        click(plot, rect.center().toPoint())
    assert shown.args == [block.root]


def test_names_stand_beside_their_blocks_and_not_over_one_another(plot: CoOccurrenceMap) -> None:
    names = plot.names()
    # The chosen family is the title of the page.
    assert {block.root for block, _, _ in names} == {10, 30}
    for block, rect, text in names:
        assert text == f"Family {block.root} & more"
        first = plot.place_of(block.start, block.start)
        last = plot.place_of(block.stop - 1, block.stop - 1)
        assert not rect.intersects(first.united(last))
        assert first.top() <= rect.center().y() <= last.bottom()
    assert not names[0][1].intersects(names[1][1])


def test_arrows_move_a_mark_and_enter_chooses(plot: CoOccurrenceMap, qtbot: QtBot) -> None:
    plot.setFocus()
    keys = Qt.Key
    QTest.keyClick(plot, keys.Key_Right)
    assert plot.current_cell == (0, 1)
    QTest.keyClick(plot, keys.Key_Down)
    QTest.keyClick(plot, keys.Key_Left)
    assert plot.current_cell == (1, 0)
    QTest.keyClick(plot, keys.Key_Left)
    assert plot.current_cell == (1, 0)
    with qtbot.waitSignal(plot.feature_chosen) as chosen:
        QTest.keyClick(plot, keys.Key_Return)
    assert chosen.args == [51]
    with qtbot.waitSignal(plot.feature_chosen) as chosen:
        QTest.keyClick(plot, keys.Key_Return, SHIFT)
    assert chosen.args == [50]


def test_control_moves_by_family_and_chooses_one(plot: CoOccurrenceMap, qtbot: QtBot) -> None:
    plot.setFocus()
    keys = Qt.Key
    for key in (keys.Key_Right, keys.Key_Down):
        QTest.keyClick(plot, key)
    QTest.keyClick(plot, keys.Key_Down, CTRL)
    assert plot.current_cell == (12, 1)
    QTest.keyClick(plot, keys.Key_Down, CTRL)
    QTest.keyClick(plot, keys.Key_Down, CTRL)
    assert plot.current_cell == (35, 1)
    QTest.keyClick(plot, keys.Key_Up, CTRL)
    assert plot.current_cell == (12, 1)
    with qtbot.waitSignal(plot.family_chosen) as shown:
        QTest.keyClick(plot, keys.Key_Return, CTRL)
    assert shown.args == [10]


def test_escape_takes_the_mark_away(plot: CoOccurrenceMap) -> None:
    plot.setFocus()
    QTest.keyClick(plot, Qt.Key.Key_Down)
    card = plot.window().findChild(HoverCard)
    assert card is not None
    assert card.isVisible()
    QTest.keyClick(plot, Qt.Key.Key_Escape)
    assert plot.current_cell is None
    assert not card.isVisible()


def test_the_same_features_keep_the_mark_and_others_lose_it(plot: CoOccurrenceMap) -> None:
    plot.show_cell((2, 1))
    plot.show_cells(features(chosen=10))
    assert plot.current_cell == (2, 1)
    plot.show_cells(families())
    assert plot.current_cell is None


def test_the_selected_feature_is_marked_beside_the_cells(plot: CoOccurrenceMap) -> None:
    before = plot.grab().toImage()
    plot.select_feature(52)
    after = plot.grab().toImage()
    row = plot.place_of(2, 2)
    places = [QPoint(x, y) for x in range(60) for y in range(60)]
    changed = [place for place in places if before.pixel(place) != after.pixel(place)]
    beside = QRectF(0, row.top() - 4, 12, row.height() + 8)
    above = QRectF(row.left() - 4, 0, row.width() + 8, 12)
    assert any(beside.contains(place) for place in changed)
    assert any(above.contains(place) for place in changed)
    assert all(beside.contains(place) or above.contains(place) for place in changed)


def test_a_cell_of_two_families_chooses_the_family(plot: CoOccurrenceMap, qtbot: QtBot) -> None:
    plot.show_cells(families())
    # The name of the first family stands in the middle of this cell.
    corner = plot.place_of(0, 1).topLeft().toPoint() + QPoint(4, 4)
    QTest.mouseMove(plot.viewport(), corner)
    assert plot.accessibleDescription().startswith("Family 50. Family 10. 5.0 % on average")
    with qtbot.waitSignal(plot.family_chosen) as shown:
        click(plot, at(plot, 1, 2))
    assert shown.args == [10]
    assert summary_text(plot.cells, 3) == "All 3 families, alike ones side by side"
    assert summary_text(plot.cells, 812) == "The 3 largest of 812 families, alike ones side by side"


def test_the_picture_can_be_saved_and_its_numbers_too(
    plot: CoOccurrenceMap, tmp_path: Path
) -> None:
    heads, *rows = csv.reader(io.StringIO(plot.to_csv()))
    assert heads[-3:] == ["documents_of_row", "documents_of_both", "share"]
    assert len(rows) == 35 * 34
    assert rows[34][:6] == [
        *("51", "Feature 51", "Family 50 & more"),
        *("50", "Feature 50", "Family 50 & more"),
    ]
    assert float(rows[34][8]) == pytest.approx(226 / 492)
    plot.save_svg(tmp_path / "map.svg")
    drawing = (tmp_path / "map.svg").read_text("utf-8")
    # Sharp at every size: cells are drawn, not an image; names are text.
    assert "<image" not in drawing
    assert "Family 10 &amp; more" in drawing
    plot.save_png(tmp_path / "map.png")
    assert (tmp_path / "map.png").stat().st_size > 2000
    before = plot.image().pixelColor(at(plot, 1, 0) * 2)
    assert before.lightnessF() < 0.5


def test_nothing_to_show_is_drawn_without_a_legend(plot: CoOccurrenceMap) -> None:
    plot.show_cells(MapCells((), (), np.zeros((0, 0)), np.zeros((0, 0), np.int64), ()))
    drawn = plot.grab().toImage()
    ground = Theme.current().colour("panel").rgb()
    assert all(drawn.pixel(x, y) == ground for x in range(0, 300, 7) for y in range(0, 400, 7))
