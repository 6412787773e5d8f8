"""Private mode has a switch in the settings menu and in the palette, and is in force at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from saedesk.errors import BadSetting
from saedesk.jobs.feature_choice import NUMBERS, FeatureChoice
from saedesk.jobs.label_with_model import LabelWithModelRequest
from saedesk.jobs.model_endpoint import is_surely_here
from saedesk.session import model_labels
from saedesk.session.task_lane import Stopped
from saedesk.ui.main_window import MainWindow
from saedesk.ui.shell.window_commands import PRIVATE_OFF, PRIVATE_ON, settings_menu
from tests.chat_server import ChatServer, hangs


def switch(window: MainWindow) -> QAction:
    """The entry of the settings menu."""
    (found,) = [
        action for action in settings_menu(window).actions() if "Private mode" in action.text()
    ]
    return found


def test_the_settings_menu_turns_it_on_and_off_for_everything(
    main_window: MainWindow, settings_folder: Path
) -> None:
    request = LabelWithModelRequest("https://192.0.2.1/v1", "tiny")
    action, models = switch(main_window), main_window.session.model_labels
    assert action.isCheckable()
    assert not action.isChecked()
    request.checked_endpoint()
    action.trigger()
    assert action.isChecked()
    assert models.is_private
    assert json.loads((settings_folder / "settings.json").read_text("utf-8"))["private_mode"]
    assert main_window.message.text == PRIVATE_ON
    with pytest.raises(BadSetting, match="Private mode is on"):
        request.checked_endpoint()
    main_window.actions_by_name["private_mode"].trigger()
    assert not action.isChecked()
    assert main_window.message.text == PRIVATE_OFF
    request.checked_endpoint()


def test_the_switch_follows_the_dialog(main_window: MainWindow) -> None:
    main_window.session.model_labels.set_private(True)
    assert switch(main_window).isChecked()


@pytest.mark.parametrize("is_here", [True, False])
def test_what_is_being_asked_elsewhere_ends(
    project_window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, is_here: bool
) -> None:
    session = project_window.session
    if not is_here:
        monkeypatch.setattr(model_labels, "is_surely_here", lambda _: False)
    with ChatServer(hangs) as server:
        assert session.book is not None
        choice = FeatureChoice(NUMBERS, tuple(session.book.labels)[:3])
        request = LabelWithModelRequest(server.url, "tiny", features=choice, concurrency=1)
        task = session.model_labels.start(request)
        qtbot.waitUntil(lambda: bool(server.requests), timeout=10_000)
        project_window.actions_by_name["private_mode"].trigger()
        if is_here:
            assert task.is_running, "a model on this computer may still be asked"
            task.cancel()
        qtbot.waitUntil(lambda: task.outcome is not None, timeout=10_000)
        assert isinstance(task.outcome, Stopped)


@pytest.mark.parametrize(
    ("url", "is_here"),
    [
        ("http://127.0.0.1:11434/v1", True),
        ("http://localhost/v1", True),
        ("http://[::1]:8000/v1", True),
        ("https://api.example.org/v1", False),
        ("http://192.168.1.4/v1", False),
        ("not an address", False),
    ],
)
def test_only_this_computer_is_surely_here(url: str, is_here: bool) -> None:
    assert is_surely_here(url) == is_here
