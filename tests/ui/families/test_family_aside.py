"""The right column of Families: what it counts, what it shows, where it leads."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from saedesk.features.families.bridges import Bridge, Bridges
from saedesk.features.families.family_metrics import GroupingMeasures
from saedesk.features.families.family_settings import FamilySettings
from saedesk.jobs import find_families
from saedesk.session.family_book import FamilyBook, family_book
from saedesk.session.session import Session
from saedesk.task_control import TaskControl, Unattended
from saedesk.ui.family_panels import family_aside
from saedesk.ui.family_panels.co_occurrence_blocks import Blocks, BlocksQuestion
from saedesk.ui.family_panels.family_aside import FamilyAside
from saedesk.ui.family_panels.family_bridges import FamilyBridges
from saedesk.ui.family_panels.family_quality import NOT_MEASURED, FamilyQuality

SETTINGS = FamilySettings(
    threshold=0.05,
    later_threshold=0.05,
    fewest_documents=2,
    fewest_branches=2,
    fewest_children=2,
    most_density=1.0,
)
MEASURES = GroupingMeasures(
    *(214, 2381, 3072, 11.1, 0.21, 0.008, 26.2, 9.1, 2.44, 0.775, None, 0.96, 1.02, 0.98)
)


@pytest.fixture
def book(session: Session) -> FamilyBook:
    """Of the small project, with settings that let its few documents have families."""
    project = session.opened_project()
    find_families.run(project, find_families.FamiliesRequest("", SETTINGS), Unattended())
    made = family_book(session)
    assert len(made.families) >= 2
    return made


@pytest.fixture
def page(qtbot: QtBot) -> QWidget:
    """Kept for the whole test: a parent that nobody keeps goes, and its children with it."""
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def aside(session: Session, book: FamilyBook, page: QWidget, qtbot: QtBot) -> FamilyAside:
    made = FamilyAside(session, book, page)
    made.resize(412, 800)
    page.resize(800, 800)
    page.show()
    assert made.isVisible()
    wait_for(qtbot, made)
    return made


def wait_for(qtbot: QtBot, aside: FamilyAside) -> None:
    qtbot.waitUntil(lambda: not aside.is_counting and bool(aside.map.cells.keys))


def test_without_a_choice_it_shows_all_families(aside: FamilyAside, book: FamilyBook) -> None:
    cells = aside.map.cells
    assert cells.chosen is None
    every = {latent for one in book.families for latent in one.members}
    assert set(cells.keys) <= every
    assert cells.blocks[0].root == book.families[0].root
    assert aside.summary.text().endswith("families, in family order")
    assert aside.bridges.head.title.text() == "Broadest bridges"


def test_the_chosen_family_is_first_whole_and_counted_exactly(
    aside: FamilyAside, book: FamilyBook, session: Session, qtbot: QtBot
) -> None:
    root = book.families[1].root
    book.select(root)
    qtbot.waitUntil(lambda: aside.map.cells.chosen == root)
    cells = aside.map.cells
    assert set(cells.keys[: cells.blocks[0].stop]) == set(book.families[1].members)
    assert cells.blocks[0].name == book.name(root)
    assert session.sae is not None
    active = (session.sae.activations.to_csr()[:, list(cells.keys)] > 0).astype(int).toarray()
    np.testing.assert_array_equal(cells.together, active.T @ active)
    assert aside.bridges.head.title.text() == "Bridges from this family"


def test_of_several_choices_only_the_newest_is_shown(
    aside: FamilyAside, book: FamilyBook, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[int | None] = []
    show = aside.map.show_cells

    def watched(cells) -> None:  # type: ignore[no-untyped-def]
        shown.append(cells.chosen)
        show(cells)

    monkeypatch.setattr(aside.map, "show_cells", watched)
    roots = [one.root for one in book.families]
    for root in (*roots, *roots, roots[0]):
        book.select(root)
    qtbot.waitUntil(lambda: not aside.is_counting)
    assert shown == [roots[0]]


def test_a_cell_selects_its_feature_and_a_bridge_its_family(
    aside: FamilyAside, book: FamilyBook, session: Session, qtbot: QtBot
) -> None:
    aside.map.setFocus()
    QTest.keyClick(aside.map, Qt.Key.Key_Down)
    QTest.keyClick(aside.map, Qt.Key.Key_Return)
    assert session.feature == aside.map.cells.keys[0]
    root, other = book.families[0].root, book.families[1].root
    found = Bridges((Bridge(root, other, 30, 100),), 100, 100)
    aside.bridges.show_bridges(found, True, book.name)
    QTest.mouseClick(
        aside.bridges.rows,
        Qt.MouseButton.LeftButton,
        pos=aside.bridges.rows.place_of(0).center(),
    )
    assert book.selected == other
    wait_for(qtbot, aside)


def test_a_new_label_is_shown_at_once_without_counting_again(
    aside: FamilyAside, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    class Watched(BlocksQuestion):
        def __call__(self, details, control: TaskControl) -> Blocks:  # type: ignore[no-untyped-def]
            asked.append(self)
            return super().__call__(details, control)

    monkeypatch.setattr(family_aside, "BlocksQuestion", Watched)
    latent = aside.map.cells.keys[3]
    assert session.book is not None
    session.book.set_label(latent, "Spiral galaxies")
    assert aside.map.cells.names[3] == "Spiral galaxies"
    assert not asked
    session.undo.undo()
    assert aside.map.cells.names[3] != "Spiral galaxies"


def test_other_thresholds_are_counted_and_none_are_a_sentence(
    aside: FamilyAside, book: FamilyBook, qtbot: QtBot
) -> None:
    book.try_settings(FamilySettings(**{**SETTINGS.as_json(), "threshold": 1.0, "passes": 1}))
    qtbot.waitUntil(lambda: not book.families)
    assert aside.nothing.isVisible()
    assert not aside.map.isVisible()
    book.try_settings(SETTINGS)
    qtbot.waitUntil(lambda: aside.map.isVisible() and bool(aside.map.cells.keys))
    assert not aside.nothing.isVisible()


def test_a_closed_drawer_counts_nothing_before_it_is_opened(
    aside: FamilyAside, book: FamilyBook, qtbot: QtBot
) -> None:
    aside.hide()
    root = book.families[1].root
    book.select(root)
    assert not aside.is_counting
    aside.show()
    qtbot.waitUntil(lambda: aside.map.cells.chosen == root)


def test_the_picture_is_as_wide_as_the_column_whatever_scrolls(aside: FamilyAside) -> None:
    for width in (380, 412, 520):
        aside.resize(width, 400)
        assert aside.map.width() == width - 40
        assert aside.map.place_of(0, 0).left() == 12


def test_the_numbers_stand_beside_those_of_chance(qtbot: QtBot) -> None:
    quality = FamilyQuality()
    qtbot.addWidget(quality)
    quality.show()
    assert quality.findChild(QWidget).text() == NOT_MEASURED
    quality.show_measures(MEASURES, 0.81)
    rows = {row.text: (row.value, row.random) for row in quality.rows}
    assert rows["Together inside a family"] == ("21 %", "")
    assert rows["Together across families"] == ("0.8 %", "")
    assert rows["Denser inside"] == ("26 ×", "random 1.0 ×")
    assert rows["Closer to the root"] == ("2.4 ×", "random 1.0 ×")
    assert rows["Features placed in one family only"] == ("96 %", "")
    assert rows["Found again in other documents"] == ("81 %", "")
    assert "In a family with a good label" not in rows
    assert all(len(row.explanation) > 40 for row in quality.rows)
    assert NOT_MEASURED not in {label.text() for label in visible_labels(quality)}


def visible_labels(of: QWidget) -> list:  # type: ignore[type-arg]
    return [child for child in of.findChildren(QWidget) if child.isVisible()]


@pytest.mark.parametrize("sampled", [False, True])
def test_bridges_tell_how_many_documents_and_leave_out_the_faint(
    qtbot: QtBot, sampled: bool
) -> None:
    made = FamilyBridges()
    qtbot.addWidget(made)
    made.show()
    name: Callable[[int], str] = "family {}".format
    bridges = (Bridge(1, 2, 226, 492), Bridge(1, 3, 49, 492), Bridge(1, 4, 4, 492))
    made.show_bridges(Bridges(bridges, 492, 900 if sampled else 492), True, name)
    rows = made.rows.rows
    assert [(row.text, row.value) for row in rows] == [("family 2", "46 %"), ("family 3", "10 %")]
    assert rows[0].share > rows[1].share > 0
    assert "226 of 492 documents of “family 1”" in rows[0].tooltip
    assert ("drawn from 900" in rows[0].tooltip) == sampled
    assert not made.nothing.isVisible()
    made.show_bridges(Bridges((), 492, 492), True, name)
    assert made.nothing.isVisible()
    assert not made.rows.isVisible()
