"""The device that the form and the footer name, whatever torch is doing meanwhile."""

from __future__ import annotations

import sys
import types

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from saedesk.session import torch_threads
from saedesk.session.torch_threads import KnownDevice
from saedesk.ui.shell import machine_strip
from saedesk.ui.shell.machine_strip import MachineStrip
from saedesk.ui.workspaces.train_workspace import TrainWorkspace


@pytest.fixture
def torch_is_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    """What other threads see of torch while one imports it."""
    monkeypatch.setattr(torch_threads, "_known", None)
    monkeypatch.setitem(sys.modules, "torch", types.ModuleType("torch"))


def noted_device(workspace: TrainWorkspace) -> str:
    workspace.new_run.refresh()
    return workspace.new_run.forecast._notes["Time"].text()


def test_the_form_names_the_processor_while_torch_loads(
    workspace: TrainWorkspace, torch_is_loading: None
) -> None:
    assert noted_device(workspace).startswith("CPU, ")


def test_the_form_names_what_auto_means_once_that_is_known(
    workspace: TrainWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch_threads, "_known", KnownDevice("cuda", "NVIDIA H200"))
    assert noted_device(workspace) == "NVIDIA H200"
    workspace.new_run.form._device.setCurrentText("cpu")
    assert noted_device(workspace).startswith("CPU, ")
    workspace.new_run.form._device.setCurrentText("auto")
    monkeypatch.setattr(torch_threads, "_known", KnownDevice("cpu", "CPU"))
    assert noted_device(workspace).startswith("CPU, ")


@pytest.mark.usefixtures("torch_is_loading")
def test_the_footer_names_the_device_as_soon_as_it_is_known(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine_strip, "_SECONDS_BETWEEN_LOOKS", 0.02)
    strip = MachineStrip()
    qtbot.addWidget(strip)
    strip.show()
    QTest.qWait(60)
    assert strip.device.text().startswith("CPU, ")
    monkeypatch.setattr(torch_threads, "_known", KnownDevice("cuda", "NVIDIA H200"))
    qtbot.waitUntil(lambda: strip.device.text() == "NVIDIA H200")
