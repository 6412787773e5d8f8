"""The histogram of a feature: its threshold, what is made of it, and lines of groups."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from saedesk.features.activation_histogram import feature_histogram
from saedesk.project.document_filter import DocumentFilter
from saedesk.session.session import Session
from saedesk.ui.features_panels.feature_histogram import FeatureHistogram, silent_text
from saedesk.ui.features_panels.number_texts import activation_text
from saedesk.ui.workspaces.features_workspace import FeaturesWorkspace

LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def workspace(session: Session, qtbot: QtBot) -> FeaturesWorkspace:
    return shown(session, qtbot)


def shown(session: Session, qtbot: QtBot) -> FeaturesWorkspace:
    made = FeaturesWorkspace(session)
    qtbot.addWidget(made)
    made.resize(1376, 820)
    made.show()
    assert session.sae is not None
    session.select_feature(int(np.argmax(session.sae.statistics.count)))
    return made


@pytest.fixture
def plot(workspace: FeaturesWorkspace) -> FeatureHistogram:
    return workspace.page.plot


def values_of(session: Session) -> np.ndarray:
    assert session.sae is not None
    assert session.feature is not None
    return np.asarray(session.sae.activations.latent(session.feature)[1], np.float64)


def documents_from(session: Session, threshold: float) -> list[int]:
    assert session.sae is not None
    rows, values = session.sae.activations.latent(session.feature)
    chosen = np.asarray(rows)[np.asarray(values, np.float64) >= threshold]
    return sorted(session.document_ids(chosen).tolist())


def test_the_silent_share_is_told(plot: FeatureHistogram, session: Session) -> None:
    share = 100 * (1 - len(values_of(session)) / 120)
    assert plot.head.note.text() == f"Silent in {share:.2f} % of documents"
    assert "logarithmic" in plot.head.note.toolTip()
    assert session.sae is not None
    counts = feature_histogram(session.sae.activations, session.feature)
    object.__setattr__(counts, "n_documents", 10**7)
    assert silent_text(counts) == "more than 99.99 %"


def test_the_mark_counts_documents_as_it_is_dragged(
    workspace: FeaturesWorkspace, plot: FeatureHistogram, session: Session
) -> None:
    histogram, values = plot.histogram, values_of(session)
    assert plot.threshold.count.text() == f"All {len(values)} documents in which it fires"
    place = histogram.place_of_mark().toPoint()
    QTest.mousePress(histogram, LEFT, pos=place)
    seen = set()
    for step in (40, 120, 260):
        QTest.mouseMove(histogram, place + QPoint(step, 0))
        threshold = histogram.threshold
        assert threshold is not None
        count = int((values >= threshold).sum())
        seen.add(count)
        said = f"{activation_text(threshold)} or more: {count} of {len(values)} documents"
        assert plot.threshold.count.text().startswith(said)
    assert len(seen) == 3
    QTest.mouseRelease(histogram, LEFT, pos=place + QPoint(260, 0))
    assert not workspace.page.documents.chip.isVisible(), "no bin was clicked"
    QTest.mousePress(histogram, LEFT, pos=histogram.place_of_mark().toPoint())
    QTest.mouseMove(histogram, QPoint(0, place.y()))
    QTest.mouseRelease(histogram, LEFT, pos=QPoint(0, place.y()))
    assert histogram.threshold is None


def test_keys_move_the_mark_and_its_documents_are_shown_in_corpus(
    plot: FeatureHistogram, session: Session
) -> None:
    histogram = plot.histogram
    histogram.setFocus()
    for _ in range(3):
        QTest.keyClick(histogram, Qt.Key.Key_Right, SHIFT)
    assert histogram.threshold == histogram._edges[3]
    QTest.keyClick(histogram, Qt.Key.Key_Left, SHIFT)
    assert histogram.threshold == histogram._edges[2]
    wanted: list[DocumentFilter] = []
    session.documents_wanted.connect(wanted.append)
    QTest.mouseClick(plot.threshold.show_button, LEFT)
    assert wanted[0].document_ids is not None
    assert wanted[0].document_ids.tolist() == documents_from(session, histogram.threshold)
    assert 0 < len(wanted[0].document_ids) < len(values_of(session))
    assert wanted[0].documents_where == f"{activation_text(histogram.threshold)} or more"
    menu = plot.threshold.open_menu()
    assert menu.actions()[0].text() == "Save these documents as a selection…"
    menu.close()
    other = 3 if session.feature != 3 else 4
    session.select_feature(other)
    assert histogram.threshold is None
    assert plot.threshold.count.text().startswith("All ")


def test_documents_from_a_threshold_are_saved_under_a_name_and_found_again(
    plot: FeatureHistogram, session: Session
) -> None:
    row, histogram, project = plot.threshold, plot.histogram, session.project
    assert project is not None
    QTest.keyClick(histogram, Qt.Key.Key_Right, SHIFT)
    QTest.keyClick(histogram, Qt.Key.Key_Right, SHIFT)
    threshold = histogram.threshold
    assert threshold is not None
    menu = row.open_menu()
    menu.actions()[0].trigger()
    menu.hide()
    assert row.name.isVisible()
    assert activation_text(threshold) in row.name.text()
    QTest.keyClick(row.name, Qt.Key.Key_Escape)
    assert not row.name.isVisible()
    assert project.selections.all() == []
    for _ in range(2):
        row._begin_naming()
        row.name.setText("The & strong ones")
        QTest.keyClick(row.name, Qt.Key.Key_Return)
    assert "already" in (row.name.error or "")
    QTest.mouseClick(row.cancel_button, LEFT)
    saved = project.selections.all()
    assert [one.name for one in saved] == ["The & strong ones"]
    expected = documents_from(session, threshold)
    assert project.selections.document_ids(saved[0].id).tolist() == expected
    assert saved[0].origin["feature"] == session.feature
    assert saved[0].origin["threshold"] == threshold
    wanted: list[DocumentFilter] = []
    session.documents_wanted.connect(wanted.append)
    menu = row.open_menu()
    action = menu.actions()[-1]
    assert action.text() == f"The && strong ones, {len(expected)} documents"
    action.trigger()
    menu.hide()
    assert wanted[0].document_ids is not None
    assert wanted[0].document_ids.tolist() == expected


def test_nothing_is_saved_into_a_project_that_cannot_be_written(
    session: Session, tiny_project: Path, qtbot: QtBot
) -> None:
    second = Session()
    try:
        assert second.open_project(tiny_project)
        workspace = shown(second, qtbot)
        row = workspace.page.plot.threshold
        menu = row.open_menu()
        assert not menu.actions()[0].isEnabled()
        menu.hide()
        row._begin_naming()
        row._save()
        assert "read-only" in (row.name.error or "")
    finally:
        assert second.close()


def test_lines_of_groups_add_up_and_follow_the_feature(
    plot: FeatureHistogram, session: Session, qtbot: QtBot
) -> None:
    histogram = plot.histogram
    assert not plot.legend.isVisible()
    bare = histogram.grab().toImage()
    plot.field.setCurrentIndex(1)
    qtbot.waitUntil(lambda: bool(plot._groups), timeout=5000)
    total = np.sum([counts for counts, _ in histogram._groups], axis=0)
    assert total.tolist() == histogram._counts.tolist()
    assert plot.legend.isVisible()
    assert plot.legend.entries[0].text == plot._groups[0].name
    first = plot._groups[0]
    assert f"fires in {first.active} of {first.documents} documents" in plot.legend.entries[0].told
    assert histogram.grab().toImage() != bare
    session.select_feature(3 if session.feature != 3 else 4)
    assert plot._groups == []
    qtbot.waitUntil(lambda: bool(plot._groups), timeout=5000)
    total = np.sum([counts for counts, _ in histogram._groups], axis=0)
    assert total.tolist() == histogram._counts.tolist()
    plot.field.setCurrentIndex(0)
    assert histogram._groups == []
    assert not plot.legend.isVisible()
