"""The map of the places of a feature: what it draws, what it tells, what a click shows."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from saedesk.features.geographic_places import Places, places_of
from saedesk.features.place_marks import PlaceMarks, place_marks
from saedesk.features.spatial_autocorrelation import SpatialStructure
from saedesk.project.document_filter import DocumentFilter
from saedesk.session.session import Session
from saedesk.ui.features_panels.field_rows import MORAN_ABOUT
from saedesk.ui.features_panels.place_map import PlaceMap
from saedesk.ui.features_panels.place_words import (
    graticule_step,
    latitude_text,
    longitude_text,
    mark_title,
)
from saedesk.ui.theme import Theme
from saedesk.ui.workspaces.features_workspace import FeaturesWorkspace

LEFT = Qt.MouseButton.LeftButton


def shown_map(qtbot: QtBot, marks: PlaceMarks, width: int = 320) -> PlaceMap:
    page = QWidget()
    column = QVBoxLayout(page)
    made = PlaceMap()
    column.addWidget(made)
    column.addStretch(1)
    made.show_marks(marks)
    page.resize(width, 320)
    # The page, because a plot that is closed by itself takes its scene with it.
    qtbot.addWidget(page)
    with qtbot.waitExposed(page):
        page.show()
    made.page = page
    return made


def five_places() -> tuple[Places, PlaceMarks]:
    latitude = np.array([10.0, 10, 20, 30, 40, 25])
    longitude = np.array([5.0, 5, 15, 25, 35, 30])
    places = places_of(latitude, longitude)
    active = np.zeros(5, np.int64)
    active[places.place_of[[0, 3, 4]]] = 1
    return places, place_marks(places, active)


def test_marks_stand_where_their_coordinates_are_and_a_click_tells_which(qtbot: QtBot) -> None:
    places, marks = five_places()
    made = shown_map(qtbot, marks)
    chosen: list[list[int]] = []
    made.mark_chosen.connect(lambda found: chosen.append(found.tolist()))
    at = int(places.place_of[3])
    QTest.mouseMove(made, made.place_of(at).toPoint())
    QTest.mouseClick(made.viewport(), LEFT, pos=made.place_of(at).toPoint())
    assert chosen == [[at]]
    assert made.accessibleDescription() == "30° N, 25° E: fires in 1 of 1 document"
    silent = int(places.place_of[2])
    QTest.mouseClick(made.viewport(), LEFT, pos=made.place_of(silent).toPoint())
    assert made.current == silent
    assert len(chosen) == 1, "there is nothing to show where it is silent"
    image = made.grab().toImage()
    accent, place = Theme.current().colour("accent"), made.place_of(at).toPoint()
    ratio = image.devicePixelRatio()
    pixel = image.pixelColor(round(place.x() * ratio), round(place.y() * ratio))
    assert abs(pixel.red() - accent.red()) < 30


def test_the_keyboard_walks_over_the_places_where_it_fires(qtbot: QtBot) -> None:
    places, marks = five_places()
    made = shown_map(qtbot, marks)
    chosen: list[list[int]] = []
    made.mark_chosen.connect(lambda found: chosen.append(found.tolist()))
    with qtbot.waitActive(made.window()):
        made.window().activateWindow()
    made.setFocus()
    QTest.keyClick(made, Qt.Key.Key_Right)
    first = made.current
    assert marks.active[first]
    for _ in range(3):
        QTest.keyClick(made, Qt.Key.Key_Up)
    assert made.current == int(places.place_of[4])
    QTest.keyClick(made, Qt.Key.Key_Down)
    assert made.current == int(places.place_of[3])
    QTest.keyClick(made, Qt.Key.Key_Return)
    assert chosen == [[int(places.place_of[3])]]


def test_a_million_documents_are_cells_that_are_painted_in_a_frame(qtbot: QtBot) -> None:
    draw = np.random.default_rng(3)
    n = 10_000
    places = places_of(draw.uniform(-60, 75, n), draw.uniform(-180, 180, n))
    many = replace(places, documents=draw.integers(50, 150, len(places.documents)), are_cells=True)
    assert many.documents.sum() > 900_000
    marks = place_marks(many, draw.binomial(many.documents, 0.02))
    assert marks.cell >= 5
    made = shown_map(qtbot, marks)
    made.grab()
    started = time.perf_counter()
    made.grab()
    assert time.perf_counter() - started < 0.2
    assert mark_title(marks, 0).startswith(f"{marks.cell:g}° around ")
    heads, rows = made.table()
    assert heads[2:] == ("documents", "documents in which it fires")
    assert sum(row[2] for row in rows) == many.documents.sum()
    assert all(-180 <= row[1] <= 180 for row in rows)
    for at in (0, len(marks.documents) // 2):
        assert made._mark_at(made.place_of(at)) == at


def test_degrees_in_words() -> None:
    assert longitude_text(190.0) == "170° W"
    assert longitude_text(-180.0) == longitude_text(180.0) == "180°"
    assert longitude_text(0.0) == latitude_text(0.0) == "0°"
    assert latitude_text(-37.56) == "37.56° S"
    assert graticule_step(360, 4) == 90
    assert graticule_step(10, 4) == 5


@pytest.fixture
def workspace(session: Session, qtbot: QtBot) -> FeaturesWorkspace:
    made = FeaturesWorkspace(session)
    qtbot.addWidget(made)
    made.resize(1376, 820)
    made.show()
    assert session.sae is not None
    latent = int(np.argmax(session.sae.statistics.count))
    session.select_feature(latent)
    qtbot.waitUntil(lambda: made.aside._shown is not None, timeout=5000)
    return made


def test_a_click_on_the_map_shows_the_documents_there_in_corpus(
    workspace: FeaturesWorkspace, session: Session, qtbot: QtBot
) -> None:
    assert session.sae is not None
    n = session.sae.activations.n_documents
    places = places_of(np.arange(n) % 12 * 3.0, np.arange(n) % 12 * 2.0)
    details = workspace.aside.place._reader._shared.opening().details()
    details._fields = replace(details.fields(), places=places)
    latent = session.feature
    assert latent is not None
    structure = details.spatial_structure(latent)
    assert isinstance(structure, SpatialStructure)
    marks = place_marks(places, structure.active_documents)
    aside = workspace.aside
    assert aside._shown is not None
    aside._on_fields(replace(aside._shown, places=structure, marks=marks))
    assert aside.place.map.isVisibleTo(aside)
    assert MORAN_ABOUT in aside.place.said.toolTip()
    assert structure.by_chance is not None
    assert "where chance gives" in aside.place.text()
    rows = np.asarray(session.sae.activations.latent(latent)[0])
    at = int(places.place_of[rows[0]])
    expected = rows[places.place_of[rows] == at]
    with qtbot.waitSignal(session.documents_wanted) as wanted:
        aside.place.map.show_mark(at)
        QTest.keyClick(aside.place.map, Qt.Key.Key_Return)
    shown = wanted.args[0]
    assert isinstance(shown, DocumentFilter)
    assert shown.document_ids is not None
    assert sorted(shown.document_ids.tolist()) == sorted(session.document_ids(expected).tolist())
