"""The form of a new run: presets, what differs, errors in their place."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from saedesk.sae.architectures.topk import TopKConfig
from saedesk.sae.sae_config import describe
from saedesk.ui.widgets.form_row import FieldRow
from saedesk.ui.workspaces.train_workspace import TrainWorkspace

LEFT = Qt.MouseButton.LeftButton


def rows_by_name(workspace: TrainWorkspace) -> dict[str, FieldRow]:
    return workspace.new_run.form._rows


def test_every_setting_of_the_config_has_a_field(workspace: TrainWorkspace) -> None:
    assert set(rows_by_name(workspace)) == {info.name for info in describe(TopKConfig)}
    for info in describe(TopKConfig):
        field = workspace.new_run.form.field(info.name)
        field.set_setting(info.default)
        assert field.setting == info.default, info.name
        assert field.accessibleName() == info.label


def test_a_preset_fills_the_form_and_edits_are_marked(
    qtbot: QtBot, workspace: TrainWorkspace
) -> None:
    panel = workspace.new_run
    form = panel.form
    assert panel.preset_list.rows[1].isChecked()
    assert form.differing() == []
    epochs = form.field("epochs")
    epochs.setFocus()
    epochs.selectAll()
    qtbot.keyClicks(epochs, "33")
    qtbot.waitUntil(lambda: form.differing() == ["epochs"])
    qtbot.waitUntil(lambda: form._head.note.text() == "1 differs from the preset")
    qtbot.mouseClick(panel.preset_list.rows[0], LEFT)
    assert form.differing() == []
    assert form._head.note.text() == ""
    assert epochs.setting == panel._presets[0].config.epochs


def test_a_wrong_setting_is_said_under_its_field_and_nothing_starts(
    qtbot: QtBot, workspace: TrainWorkspace
) -> None:
    panel = workspace.new_run
    k = panel.form.field("k")
    k.setFocus()
    k.selectAll()
    qtbot.keyClicks(k, "999")
    sentence = "k is 999, but there are only 64 features. Choose a smaller k."
    qtbot.waitUntil(lambda: k.error == sentence)
    assert rows_by_name(workspace)["k"].remark.text() == sentence
    assert rows_by_name(workspace)["k"].remark.isVisible()
    assert not panel.forecast.button.isEnabled()
    assert sentence in panel.forecast.button.toolTip().replace("&#x27;", "'")
    panel.start()
    assert not workspace.book.is_lane_busy
    k.selectAll()
    qtbot.keyClicks(k, "4")
    qtbot.waitUntil(lambda: k.error is None)
    assert panel.forecast.button.isEnabled()


def test_a_number_out_of_range_is_kept_and_named(qtbot: QtBot, workspace: TrainWorkspace) -> None:
    panel = workspace.new_run
    latents = panel.form.field("n_latents")
    latents.setFocus()
    latents.selectAll()
    qtbot.keyClicks(latents, "2")
    qtbot.keyClick(latents, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: latents.error is not None)
    assert latents.setting == 2
    assert latents.error == "Features must lie between 4 and 262,144; it is 2."


def test_a_wrong_further_setting_unfolds_them(workspace: TrainWorkspace) -> None:
    form = workspace.new_run.form
    clip = form.field("gradient_clip")
    assert not clip.isVisible()
    clip.setValue(0)
    workspace.new_run.refresh()
    assert clip.isVisible()
    assert clip.error is not None


def test_shares_are_percent_and_small_numbers_are_kept(workspace: TrainWorkspace) -> None:
    form = workspace.new_run.form
    share, rate = form.field("held_out_share"), form.field("learning_rate")
    assert share.text() == "5 %"
    assert share.setting == 0.05
    share.setValue(12.5)
    assert share.setting == 0.125
    rate.setValue(0.00025)
    assert rate.setting == 0.00025
    assert form.field("adam_epsilon").setting == 1e-8


def test_the_steppers_stay_within_the_range(workspace: TrainWorkspace) -> None:
    k = workspace.new_run.form.field("k")
    k.setValue(1)
    k.stepDown()
    assert k.setting == 1


def test_warnings_are_said_before_anything_starts(workspace: TrainWorkspace) -> None:
    panel = workspace.new_run
    panel.form.field("n_latents").setValue(250)
    panel.refresh()
    assert "documents for each feature" in panel.forecast.sentences.text()
    assert panel.forecast.button.isEnabled()


def test_the_device_is_among_the_further_settings(qtbot: QtBot, workspace: TrainWorkspace) -> None:
    form = workspace.new_run.form
    assert not form._device.isVisible()
    advanced = sum(info.advanced for info in describe(TopKConfig))
    assert form._fold.text() == f"{advanced + 1} more settings"
    qtbot.mouseClick(form._fold, LEFT)
    assert form._device.isVisible()
    form._device.setCurrentText("cpu")
    assert workspace.new_run.request().device == "cpu"


def test_ctrl_enter_starts_with_the_number_as_typed(
    qtbot: QtBot, workspace: TrainWorkspace
) -> None:
    panel, book = workspace.new_run, workspace.book
    epochs = panel.form.field("epochs")
    epochs.setFocus()
    epochs.selectAll()
    qtbot.keyClicks(epochs, "11")
    qtbot.keyClick(epochs, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert book.is_lane_busy
    qtbot.waitUntil(lambda: not book.is_lane_busy, timeout=60_000)
    assert [run.epochs_text() for run in book.runs] == ["11 of 11"]
    assert workspace.runs.table.hasFocus()
