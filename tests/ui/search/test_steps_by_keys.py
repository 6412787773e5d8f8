"""Keys on a slider as steps to undo, and the note about sliders of the query before."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QUndoCommand
from pytestqt.qtbot import QtBot

from saedesk.session import search_state
from saedesk.session.session import Session
from saedesk.ui.search_panels.steering_panel import SteeringPanel
from saedesk.ui.workspaces.search_workspace import SearchWorkspace

SECONDS = 20_000
"""Longest wait in milliseconds."""
LEFT = Qt.MouseButton.LeftButton


def idle(qtbot: QtBot, session: Session) -> None:
    qtbot.waitUntil(lambda: not session.query.tasks, timeout=SECONDS)


@pytest.fixture
def panel(session: Session, qtbot: QtBot) -> SteeringPanel:
    """The panel in Search, with the answer to a query of two documents."""
    workspace = SearchWorkspace(session)
    qtbot.addWidget(workspace)
    workspace.resize(1376, 900)
    workspace.show()
    qtbot.waitExposed(workspace)
    session.search.set_like([5, 40])
    idle(qtbot, session)
    return workspace.steering


def test_keys_that_follow_one_another_at_once_are_one_step(
    panel: SteeringPanel, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel.window().activateWindow()
    order = np.argsort(-session.sae.statistics.density)
    session.steer_with(next(int(i) for i in order if i not in session.search.query.latents))
    undo = session.undo
    sliders = (panel.rows[1].slider, panel.rows[0].places, panel.head.meter)
    for slider in sliders:
        steps = undo.count()
        for _ in range(3):
            qtbot.keyClick(slider, Qt.Key.Key_Up)
            assert not session.search.is_dragging
        state = session.search.state
        assert undo.count() == steps + 1
        undo.undo()
        assert session.search.state != state
        undo.redo()
        assert session.search.state == state
        # What was undone and redone is over, and so is what a pause follows.
        qtbot.keyClick(slider, Qt.Key.Key_Up)
        assert undo.count() == steps + 2
        with monkeypatch.context() as clock:
            clock.setattr(search_state, "KEYS_SECONDS", 0.0)
            qtbot.keyClick(slider, Qt.Key.Key_Up)
            qtbot.keyClick(slider, Qt.Key.Key_Up)
        assert undo.count() == steps + 3
    idle(qtbot, session)


def test_another_step_comes_between_keys_on_the_same_slider(
    panel: SteeringPanel, session: Session, qtbot: QtBot
) -> None:
    undo, (row, other, *_) = session.undo, panel.rows
    thumb = QPoint(round(row.slider._x(row.slider.strength)), row.slider.height() // 2)

    def drag() -> None:
        qtbot.mousePress(row.slider, LEFT, pos=thumb)
        qtbot.mouseMove(row.slider, thumb - QPoint(20, 0))
        qtbot.mouseMove(row.slider, thumb - QPoint(30, 0))
        qtbot.mouseRelease(row.slider, LEFT, pos=thumb - QPoint(30, 0))

    def lock_and_undo() -> None:
        qtbot.keyClick(row.slider, Qt.Key.Key_L)
        undo.undo()

    between = {
        "another slider": (lambda: qtbot.keyClick(other.slider, Qt.Key.Key_Right), 3),
        "a lock": (lambda: qtbot.keyClick(row.slider, Qt.Key.Key_L), 3),
        "a lock undone": (lock_and_undo, 2),
        "a drag": (drag, 3),
    }
    for name, (step, wanted) in between.items():
        steps = undo.count()
        qtbot.keyClick(row.slider, Qt.Key.Key_Right)
        step()
        qtbot.keyClick(row.slider, Qt.Key.Key_Right)
        assert undo.count() == steps + wanted, name
        undo.setIndex(steps)
        undo.push(QUndoCommand("a step of something else"))
    idle(qtbot, session)


def test_what_was_left_behind_is_told_beside_a_locked_slider_and_until_any_other_step(
    panel: SteeringPanel, session: Session, qtbot: QtBot
) -> None:
    search, line, (locked, left, *_) = session.search, panel.left_behind, panel.rows
    search.set_position(locked.slid, locked.slider.typed + 0.3)
    search.set_lock(locked.slid, True)
    search.set_position(left.slid, left.slider.typed + 0.3)
    search.set_like([41])
    # What the locked slider holds is put into force with the answer, which is no step.
    idle(qtbot, session)
    assert line.text().startswith("1 feature of the query before is back at rest. Lock")
    assert line.isVisible()
    search.set_mode("clamp")
    assert not line.isVisible()
    idle(qtbot, session)
