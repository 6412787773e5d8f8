"""Comparing encoders from the window, and analysing with another one."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from saedesk.project.project_folder import Project
from saedesk.sae.encoders import encoders
from saedesk.session.session import Session
from saedesk.ui.train_panels import encoder_panel
from saedesk.ui.train_panels.encoder_panel import EncoderPanel

SECONDS = 60_000


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> EncoderPanel:
    made = EncoderPanel(session)
    qtbot.addWidget(made)
    made.resize(900, 260)
    with qtbot.waitExposed(made):
        made.show()
    return made


def project_of(session: Session) -> Project:
    assert session.project is not None
    return session.project


def compare(qtbot: QtBot, panel: EncoderPanel) -> None:
    qtbot.mouseClick(panel.compare, Qt.MouseButton.LeftButton)
    assert not panel.compare.isEnabled()
    assert panel.sentence.text() in (encoder_panel.BUSY, encoder_panel.MEASURING)
    qtbot.waitUntil(lambda: panel._task is None, timeout=SECONDS)


def test_without_a_run_it_says_what_it_is_for(panel: EncoderPanel) -> None:
    assert panel.sentence.text() == encoder_panel.NO_RUN
    assert not panel.compare.isVisible()
    assert not panel._table.isVisible()


def test_comparing_fills_a_row_for_every_encoder(
    qtbot: QtBot, panel: EncoderPanel, session: Session
) -> None:
    panel.show_run(project_of(session).current("saes"))
    assert panel.sentence.text() == encoder_panel.WHAT_FOR
    compare(qtbot, panel)
    assert not panel.sentence.isVisible()
    assert list(panel.rows) == ["own", *(n for n in encoders() if n != "own")]
    own, optimised = panel.rows["own"], panel.rows["optimised"]
    assert float(optimised.fvu.text()) < float(own.fvu.text())
    assert own.meter.accessibleName().startswith("FVU of The SAE’s own ")
    assert own.l0.text() == "4.0"
    for row in panel.rows.values():
        assert 0 < float(row.cosine.text()) <= 1
        assert float(row.time.text().replace(",", "")) > 0
    assert own.chip.isVisible()
    assert not own.use.isVisible()
    assert "12 documents" in panel.head.note.text()
    # Another run has numbers of its own; coming back, these are still there.
    panel.show_run(None)
    assert not own.fvu.isVisible()
    panel.show_run(project_of(session).current("saes"))
    assert own.fvu.isVisible()


def test_the_features_are_found_anew_with_the_chosen_encoder(
    qtbot: QtBot, panel: EncoderPanel, session: Session
) -> None:
    panel.show_run(project_of(session).current("saes"))
    compare(qtbot, panel)
    row = panel.rows["matching_pursuit"]
    assert not row.chip.isVisible()
    qtbot.mouseClick(row.use, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: row.chip.isVisible(), timeout=SECONDS)
    assert session.sae is not None
    assert session.sae.encoder.name == "matching_pursuit"
    assert panel.rows["own"].use.isVisible()


def test_a_stopped_comparison_and_a_failed_one_say_so(
    qtbot: QtBot, panel: EncoderPanel, session: Session
) -> None:
    project = project_of(session)
    record = project.current("saes")
    assert record is not None
    panel.show_run(record)
    qtbot.mouseClick(panel.compare, Qt.MouseButton.LeftButton)
    session.compute.cancel_all()
    qtbot.waitUntil(lambda: panel._task is None, timeout=SECONDS)
    assert panel.sentence.text() == encoder_panel.STOPPED
    assert panel.compare.isEnabled()
    Path(project.path_of(record), "sae.safetensors").unlink()
    compare(qtbot, panel)
    assert "sae.safetensors" in panel.sentence.text()


def test_another_project_starts_anew(qtbot: QtBot, panel: EncoderPanel, session: Session) -> None:
    panel.show_run(project_of(session).current("saes"))
    compare(qtbot, panel)
    session.close_project()
    assert panel.sentence.text() == encoder_panel.NO_RUN
    assert not panel._table.isVisible()
