"""SAEs of other libraries from the window: looked at, loaded, read like one trained here."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from saedesk.session.session import Session
from saedesk.ui.main_window import MainWindow
from saedesk.ui.train_panels.origin_panel import NO_CURVES
from saedesk.ui.train_panels.run_head import ORIGIN
from saedesk.ui.train_panels.sae_loading_dialog import SaeLoadingDialog, open_loading_dialog
from saedesk.ui.workspaces.train_workspace import TrainWorkspace
from tests.ui.train.conftest import DIMENSIONS, DOCUMENTS, made_up_vectors
from tests.ui.train.foreign_saes import FEATURES, dictionary, write_saerch, write_sparsify
from tests.ui.train.test_train_workspace import press, project_of, wait_idle

K = 3
SECONDS = 30_000


def look(qtbot: QtBot, session: Session, place: TrainWorkspace | MainWindow, path: Path):  # type: ignore[no-untyped-def]
    """The dialog, once it has looked at a file or folder."""
    open_loading_dialog(session, path, place)
    return looked(qtbot)


def looked(qtbot: QtBot) -> SaeLoadingDialog:
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, SaeLoadingDialog)
    qtbot.waitUntil(lambda: not dialog.looker.is_busy, timeout=SECONDS)
    return dialog


def facts(dialog: SaeLoadingDialog) -> dict[str, str]:
    return {fact.caption: fact.text for fact in dialog.card.facts.facts}


def fvu_of_top_k(vectors: np.ndarray) -> float:
    """Σ‖x − x̂‖² / Σ‖x − mean‖² of the K largest positive products, document by document."""
    directions = dictionary(FEATURES, DIMENSIONS).numpy().astype(np.float64)
    error = 0.0
    for x in vectors.astype(np.float64):
        products = directions @ x
        kept = np.argsort(-products)[:K]
        z = np.zeros(FEATURES)
        z[kept] = np.maximum(products[kept], 0)
        error += float(((x - z @ directions) ** 2).sum())
    return error / float(((vectors - vectors.mean(0)) ** 2).sum())


def test_an_sae_from_a_file_is_a_run_without_an_invented_training(
    qtbot: QtBot, workspace: TrainWorkspace, empty_session: Session, tmp_path: Path
) -> None:
    file = write_saerch(tmp_path / "weights.pth")
    dialog = look(qtbot, empty_session, workspace, file)
    assert facts(dialog)["Library"] == "saerch"
    assert facts(dialog)["Size"].startswith(f"{FEATURES} features of {DIMENSIONS} dimensions")
    # The file does not say k: it is asked for, with the keyboard in the field.
    assert dialog.k.isVisible()
    assert dialog.focusWidget() is dialog.k
    assert not dialog.start.isEnabled()
    QTest.keyClicks(dialog.k, str(FEATURES + 1))
    assert not dialog.start.isEnabled()
    assert f"1 to {FEATURES}" in (dialog.k.error or "")
    dialog.k.setText(str(K))
    press(qtbot, dialog.start)
    wait_idle(qtbot, workspace)

    (run,) = workspace.book.runs
    assert (run.name, run.state, run.in_use, run.analysed) == ("Loaded 1", "loaded", True, True)
    assert run.fvu == pytest.approx(fvu_of_top_k(made_up_vectors(DOCUMENTS, DIMENSIONS)), rel=1e-4)
    texts = {column.name: column.text(run.id) for column in workspace.runs.model.columns}
    assert (texts["k"], texts["features"]) == (str(K), str(FEATURES))
    assert (texts["epochs"], texts["time"]) == ("", "")
    workspace.runs.choice.show("setting learning_rate", True)
    workspace.runs._rebuild()
    texts = {column.name: column.text(run.id) for column in workspace.runs.model.columns}
    assert texts["setting learning_rate"] == ""
    # Its page says where it comes from; there is nothing to draw and nothing to train on with.
    assert workspace.head.loaded_view.isVisible()
    assert workspace.head.loaded_view.current == ORIGIN
    assert not workspace.head.view.isVisible()
    assert workspace.origin.sentence.isVisible()
    assert workspace.origin.sentence.text() == NO_CURVES
    told = {fact.caption: fact.text for fact in workspace.origin.facts.facts}
    assert told["File"] == "weights.pth"
    assert told["SHA-256"][:12] == hashlib.sha256(file.read_bytes()).hexdigest()[:12]
    assert workspace.book.series_of(run.id) is None
    names = [action.text() for action in workspace.runs.menu_for(run).actions()]
    assert "Copy the settings to the form" not in names
    assert "Export this SAE…" in names
    captions = [cell.accessibleName() for cell, _, _ in workspace.head.strip._cells]
    assert not [caption for caption in captions if "Epoch" in caption or "–" in caption]
    # It is read like any other: its features are those of the session.
    assert empty_session.sae is not None
    assert empty_session.sae.n_latents == FEATURES
    qtbot.waitUntil(lambda: workspace.origin.density.place.is_filled, timeout=SECONDS)


def test_of_several_saes_in_a_folder_one_is_chosen(
    qtbot: QtBot, workspace: TrainWorkspace, empty_session: Session, tmp_path: Path
) -> None:
    for k, name in ((2, "layers.1"), (5, "layers.2")):
        write_sparsify(tmp_path / "saes" / name, k, seed=k)
    # One that cannot be used keeps nobody from the others.
    (tmp_path / "saes" / "layers.0").mkdir()
    (tmp_path / "saes" / "layers.0" / "sae.safetensors").write_bytes(b"\xff" * 20)
    dialog = look(qtbot, empty_session, workspace, tmp_path / "saes")
    choices = [dialog.choice.itemText(at) for at in range(dialog.choice.count())]
    assert [choice.split("/")[0] for choice in choices] == ["layers.0", "layers.1", "layers.2"]
    assert "sae.safetensors" in dialog.error.text()
    assert dialog.focusWidget() is dialog.choice
    QTest.keyClick(dialog.choice, Qt.Key.Key_Down)
    dialog = looked(qtbot)
    assert facts(dialog)["Active at once, k"] == "2"
    dialog.choice.setFocus()
    QTest.keyClick(dialog.choice, Qt.Key.Key_Down)
    dialog = looked(qtbot)
    assert facts(dialog)["Active at once, k"] == "5"
    assert "k: 5" in dialog.card.settings.text().splitlines()
    dialog.name.setText("Layer one")
    press(qtbot, dialog.start)
    wait_idle(qtbot, workspace)
    assert [(run.name, run.k) for run in workspace.book.runs] == [("Layer one", 5)]
    # The name is taken now.
    dialog = look(qtbot, empty_session, workspace, tmp_path / "saes")
    dialog.name.setText("Layer one")
    assert not dialog.start.isEnabled()
    assert "called Layer one already" in (dialog.name.error or "")
    dialog.reject()


def test_an_sae_of_another_width_is_not_offered(
    qtbot: QtBot, workspace: TrainWorkspace, empty_session: Session, tmp_path: Path
) -> None:
    dialog = look(qtbot, empty_session, workspace, write_saerch(tmp_path / "wide.pth", 48))
    assert "48 dimensions" in dialog.error.text()
    assert f"have {DIMENSIONS}" in dialog.error.text()
    assert not dialog.start.isVisible()
    assert not dialog.k.isVisible()
    assert not project_of(empty_session).artifacts("saes")
    dialog.reject()


def test_an_sae_can_come_before_the_vectors(
    qtbot: QtBot, empty_session: Session, tmp_path: Path
) -> None:
    assert empty_session.create_project(tmp_path / "bare.saedesk")
    workspace = TrainWorkspace(empty_session)
    qtbot.addWidget(workspace)
    workspace.resize(1376, 820)
    workspace.show()
    assert workspace.is_empty
    dialog = look(qtbot, empty_session, workspace, write_sparsify(tmp_path / "sae", 2))
    press(qtbot, dialog.start)
    wait_idle(qtbot, workspace)
    assert not workspace.is_empty
    (run,) = workspace.book.runs
    assert (run.in_use, run.analysed, run.fvu) == (True, False, None)
    # What needs vectors is not offered, and the page stands without them.
    workspace.head.loaded_view.setFocus()
    QTest.keyClick(workspace.head.loaded_view, Qt.Key.Key_Right)
    assert not workspace.head.analyse.isVisible()
    assert not workspace.new_run.preset_list.isVisible()
    assert not workspace.new_run.forecast.button.isEnabled()
    assert "vectors" in workspace.new_run.forecast.button.toolTip()


class _Runs:
    """A pickle that would write a file when it is opened."""

    def __init__(self, proof: Path) -> None:
        self._proof = proof

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self._proof,)


def test_what_cannot_be_used_is_one_sentence(
    qtbot: QtBot, workspace: TrainWorkspace, empty_session: Session, tmp_path: Path
) -> None:
    proof = tmp_path / "proof"
    torch.save({"encoder.weight": _Runs(proof)}, tmp_path / "hostile.pt")
    (tmp_path / "text.pth").write_text("not weights", "utf-8")
    (tmp_path / "cut.safetensors").write_bytes(b"\xff" * 40)
    nan = torch.full((FEATURES,), torch.nan)
    write_saerch(tmp_path / "nan.pth", latent_bias=nan)
    for name in ("hostile.pt", "text.pth", "cut.safetensors", "nan.pth"):
        dialog = look(qtbot, empty_session, workspace, tmp_path / name)
        sentence = dialog.error.text()
        assert sentence.endswith("."), name
        assert name in sentence
        assert "Traceback" not in sentence
        assert not dialog.start.isVisible()
        assert not dialog.card.isVisible()
        dialog.reject()
    assert not proof.exists()
    assert not project_of(empty_session).artifacts("saes")


def test_a_dropped_sae_opens_the_dialog_and_without_a_project_a_sentence(
    qtbot: QtBot, main_window: MainWindow, vector_project: Path, tmp_path: Path
) -> None:
    file = write_saerch(tmp_path / f"{K}_{FEATURES}_8.pth")
    main_window.doors.take_dropped([file])
    assert QApplication.activeModalWidget() is None
    assert "project with vectors" in main_window.message.text
    folder = Path(shutil.copytree(vector_project, tmp_path / "made-up.saedesk"))
    assert main_window.doors.open_folder(folder)
    main_window.doors.take_dropped([file])
    dialog = looked(qtbot)
    assert facts(dialog)["Active at once, k"] == str(K)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert QApplication.activeModalWidget() is None
    # The palette and the menu of the project lead there too.
    main_window.actions_by_name["load_sae"].trigger()
    dialog = looked(qtbot)
    assert dialog.focusWidget() is dialog.source.file
    dialog.source.kind.setFocus()
    QTest.keyClick(dialog.source.kind, Qt.Key.Key_Right)
    assert not dialog.source.look.isEnabled()
    QTest.keyClicks(dialog.source.name, "nobody/nothing")
    QTest.keyClick(dialog.source.name, Qt.Key.Key_Return)
    dialog = looked(qtbot)
    assert not dialog.source.download.isChecked()
    assert "nobody/nothing" in dialog.error.text()
    # A download is a task of its own, and what it cannot do is told in the dialog.
    dialog.source.download.click()
    dialog.source.look.click()
    (task,) = main_window.session.compute.tasks
    assert task.title == "Fetching nobody/nothing"
    dialog = looked(qtbot)
    assert "nobody/nothing" in dialog.error.text()
    dialog.reject()
