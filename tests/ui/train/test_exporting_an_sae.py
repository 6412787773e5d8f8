"""Giving an SAE away from the window: for whom, where to, under which licence."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QUrl
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from saedesk.jobs import load_sae
from saedesk.sae.formats.any_format import inspect_sae
from saedesk.session.session import Session
from saedesk.task_control import Unattended
from saedesk.ui.main_window import MainWindow
from saedesk.ui.shell import project_doors
from saedesk.ui.train_panels.sae_export_dialog import SaeExportDialog
from saedesk.ui.workspaces.train_workspace import TrainWorkspace
from tests.ui.train.foreign_saes import FEATURES, write_jump_relu
from tests.ui.train.test_train_workspace import press

SECONDS = 30_000


class _Desktop:
    """Stands in for the file manager."""

    shown: ClassVar[list[str]] = []

    @classmethod
    def openUrl(cls, url: QUrl) -> None:
        cls.shown.append(url.toLocalFile())


def opened(qtbot: QtBot) -> SaeExportDialog:
    """The dialog, once it knows which formats can hold the SAE."""
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, SaeExportDialog)
    qtbot.waitUntil(lambda: not dialog._question.is_open, timeout=SECONDS)
    return dialog


def test_the_sae_in_use_is_written_for_another_library(
    qtbot: QtBot,
    project_window: MainWindow,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = project_window.session
    project_window.actions_by_name["export_sae"].trigger()
    dialog = opened(qtbot)
    suggested = Path(dialog.folder.text())
    assert suggested.name == "abstracts-run-1-saelens"
    dialog.formats.buttons["sparsify"].click()
    assert Path(dialog.folder.text()).name == "abstracts-run-1-sparsify"
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "file").touch()
    dialog.folder.setText(str(taken))
    assert not dialog.start.isEnabled()
    assert "taken" in dialog.error.text()
    dialog.folder.setText(str(tmp_path / "given"))
    assert dialog.error.text() == ""
    dialog.licence.setText("cc-by-4.0")
    press(qtbot, dialog.start)
    qtbot.waitUntil(lambda: not session.compute.tasks, timeout=SECONDS)
    assert inspect_sae(tmp_path / "given").n_latents == 48
    assert "cc-by-4.0" in (tmp_path / "given" / "README.md").read_text("utf-8")
    assert "given" in project_window.message.text
    monkeypatch.setattr(project_doors, "QDesktopServices", _Desktop)
    project_window.message.activated.emit()
    assert _Desktop.shown == [str(tmp_path / "given")]


def test_a_format_that_cannot_hold_the_sae_says_so(
    qtbot: QtBot, workspace: TrainWorkspace, empty_session: Session, tmp_path: Path
) -> None:
    project = empty_session.project
    assert project is not None
    request = load_sae.LoadSaeRequest(write_jump_relu(tmp_path / "jump"))
    load_sae.run(project, request, Unattended())
    empty_session.runs_changed.emit()
    (run,) = workspace.book.runs
    actions = {action.text(): action for action in workspace.runs.menu_for(run).actions()}
    actions["Export this SAE…"].trigger()
    dialog = opened(qtbot)
    assert not dialog.formats.buttons["sparsify"].isEnabled()
    assert "sparsify cannot hold" in dialog.formats.sentences["sparsify"].text()
    assert dialog.formats.buttons["saelens"].isEnabled()
    assert dialog.formats.current == "saelens"
    assert run.n_latents == FEATURES
    dialog.reject()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
