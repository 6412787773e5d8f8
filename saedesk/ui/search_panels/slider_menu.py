"""The menu of one slider: how it is turned, and what else can be done with its row."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu

from saedesk.session.steering_settings import WAYS, Way
from saedesk.ui.search_panels.slider_words import WAY_MEANING, WAY_WORDS

if TYPE_CHECKING:
    from saedesk.ui.search_panels.steering_row import SteeringRow


def fill_slider_menu(menu: QMenu, row: SteeringRow, everything: bool) -> None:
    """Puts the ways of a row into a menu, and `everything` else that can be done with it."""
    if everything:
        _add(menu, f"Open the {row.what}", row.opened.emit, row.slid)
        _add(menu, "Search with it alone", row.alone_wanted.emit, row.slid)
        _add(menu, "Copy the label", _copy, row.label)
        menu.addSeparator()
    for way in WAYS:
        _add_way(menu, row, way)
    row.add_choices(menu)
    if not everything:
        return
    menu.addSeparator()
    locked = row.view.is_locked
    lock = _add(menu, "Locked", row.lock_wanted.emit, row.slid, not locked)
    lock.setCheckable(True)
    lock.setChecked(locked)
    lock.setEnabled(not row.reason)
    reset = _add(menu, "Reset", row.reset_wanted.emit, row.slid)
    reset.setEnabled(row.view.is_changed and not locked and not row.reason)
    if row.remove_button.isVisibleTo(row):
        _add(menu, "Remove", row.remove_wanted.emit, row.slid)


def _add_way(menu: QMenu, row: SteeringRow, way: Way) -> None:
    is_offered = not row.reason and (way != "less" or row.may_be_less)
    meaning = WAY_MEANING[way] if is_offered or row.reason else row.less_problem
    action = _add(menu, f"{WAY_WORDS[way]}: {meaning}", row.want_way, way)
    action.setCheckable(True)
    action.setChecked(row.view.way == way)
    action.setEnabled(is_offered)


def _add(menu: QMenu, text: str, do: Callable[..., object], *told: object) -> QAction:
    action = menu.addAction(text)
    action.triggered.connect(partial(_do, do, told))
    return action


def _do(do: Callable[..., object], told: tuple[object, ...], *_: object) -> None:
    do(*told)


def _copy(label: str) -> None:
    QGuiApplication.clipboard().setText(label)
