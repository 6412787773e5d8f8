"""A plot or a drawing that cannot be saved says so in the window, in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QDialog, QMenu, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from saedesk.errors import KnownError
from saedesk.ui.family_panels.family_tree_view import FamilyTreeView
from saedesk.ui.theme import Theme
from saedesk.ui.widgets import plot_saving
from saedesk.ui.widgets.message_bar import MessageBar
from saedesk.ui.widgets.plot_saving import save_where_asked
from saedesk.ui.widgets.plots import BarPlot, PlotHead
from tests.ui.families.made_up_families import densities, family


@pytest.fixture
def page(qtbot: QtBot) -> QWidget:
    """A window with a message bar, a plot with its head and a drawing."""
    Theme.current()
    window = QWidget()
    window.bar, window.drawing = MessageBar(), FamilyTreeView()
    plot = BarPlot("Density")
    plot.set_data(np.arange(4.0), np.array([1.0, 2.0, 3.0]))
    window.head = PlotHead("Densities", plot=plot)
    window.drawing.show_family(family({0: [1, 2]}), {}, densities(3))
    column = QVBoxLayout(window)
    for part in (window.bar, window.head, plot, window.drawing):
        column.addWidget(part)
    qtbot.addWidget(window)
    window.resize(600, 700)
    window.show()
    return window


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path | None], None]:
    """What the file dialog answers from now on."""

    def answer(path: Path | None) -> None:
        monkeypatch.setattr(plot_saving, "choose_file", lambda *_, **__: path)

    return answer


def saving(menu: QMenu) -> Sequence[Callable[[], None]]:
    return [action.trigger for action in menu.actions() if action.text().startswith("Save")]


def menus_of(page: QWidget) -> list[QMenu]:
    page.head._open_menu()
    page.drawing.menu.open_at(page.mapToGlobal(page.rect().center()))
    found = page.head.findChildren(QMenu) + page.drawing.findChildren(QMenu)
    assert len(found) == 2
    return found


def test_a_bad_place_is_told_in_the_bar_by_plots_and_drawings(
    page: QWidget, answers: Callable[[Path | None], None], tmp_path: Path
) -> None:
    bad = tmp_path / "missing" / "picture"
    answers(bad)
    for menu in menus_of(page):
        save_all = saving(menu)
        assert len(save_all) == 3
        for save in save_all:
            page.bar.hide()
            save()
            assert page.bar.isVisible()
            assert page.bar.kind == "error"
            assert page.bar.text == (
                f"{bad} could not be written (No such file or directory): choose another place."
            )
        menu.close()


def test_a_good_place_is_written_and_nothing_is_told(
    page: QWidget, answers: Callable[[Path | None], None], tmp_path: Path
) -> None:
    for number, menu in enumerate(menus_of(page)):
        for at, save in enumerate(saving(menu)):
            path = tmp_path / f"{number}{at}"
            answers(path)
            save()
            assert path.stat().st_size > 20
        menu.close()
    assert not page.bar.isVisible()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["00", "01", "02", "10", "11", "12"]


def test_a_full_disk_leaves_what_was_there(page: QWidget, tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "bars.csv"
    path.write_text("before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("saedesk.project.atomic_files.os.fsync", full)
    with pytest.raises(KnownError, match="No space left on device"):
        page.head._plot.save_csv(path)
    assert path.read_text() == "before"
    assert [one.name for one in tmp_path.iterdir()] == ["bars.csv"]


def test_a_dialog_tells_in_the_window_it_belongs_to(
    page: QWidget, answers: Callable[[Path | None], None], tmp_path: Path, qtbot: QtBot
) -> None:
    dialog = QDialog(page)
    qtbot.addWidget(dialog)
    answers(tmp_path / "x.png")

    def refuse(_: Path) -> None:
        raise KnownError("No.")

    assert save_where_asked(dialog, "png", "x", refuse) is None
    assert page.bar.text == "No."
    with pytest.raises(KnownError):
        save_where_asked(QWidget(), "png", "x", refuse)
