"""The right column: what is near a feature, and what the fields of its documents say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from saedesk.features import field_breakdown
from saedesk.features.absorption import AbsorbedPair
from saedesk.features.absorption_of_feature import SuspectedAbsorption
from saedesk.features.families.family_settings import FamilySettings
from saedesk.features.families.family_tree import FamilyEdge
from saedesk.features.field_columns import category_column
from saedesk.features.field_contrasts import CategoryContrast
from saedesk.features.spatial_autocorrelation import SpatialStructure
from saedesk.jobs import find_families
from saedesk.jobs.feature_details import FeatureDetails
from saedesk.project.document_filter import DocumentFilter
from saedesk.session.family_book import family_book
from saedesk.session.session import Session
from saedesk.task_control import Unattended
from saedesk.ui.features_panels.feature_aside import FeatureAside
from saedesk.ui.features_panels.field_rows import difference_rows
from saedesk.ui.features_panels.neighbour_rows import OPPOSED, SHARE, family_rows, lift_text
from saedesk.ui.features_panels.number_texts import cosine_text, share_text
from saedesk.ui.features_panels.share_rows import ShareRows
from saedesk.ui.features_panels.surroundings import category_shares
from saedesk.ui.field_titles import shown_name
from saedesk.ui.workspaces.features_workspace import FeaturesWorkspace

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def workspace(session: Session, qtbot: QtBot) -> FeaturesWorkspace:
    made = FeaturesWorkspace(session)
    qtbot.addWidget(made)
    made.resize(1376, 820)
    made.show()
    select(made, session, densest(session), qtbot)
    return made


def densest(session: Session) -> int:
    assert session.sae is not None
    return int(np.argmax(session.sae.statistics.count))


def select(workspace: FeaturesWorkspace, session: Session, latent: int, qtbot: QtBot) -> None:
    session.select_feature(latent)
    aside = workspace.aside
    qtbot.waitUntil(
        lambda: aside._shown is not None and aside._shown.latent == latent, timeout=5000
    )


def details_of(session: Session) -> FeatureDetails:
    assert session.project is not None
    assert session.sae is not None
    return FeatureDetails(session.project, session.sae)


def click(rows: ShareRows, at: int) -> None:
    QTest.mouseClick(rows, LEFT, pos=rows.place_of(at).center())


def keys(rows: ShareRows) -> list[object]:
    return [row.key for row in rows.rows]


def test_switches_show_the_other_side_and_the_other_measure(
    workspace: FeaturesWorkspace, session: Session
) -> None:
    latent = session.feature
    assert latent is not None
    around, aside = details_of(session).neighbours(latent), workspace.aside
    assert keys(aside.nearest) == around.nearest[0].tolist()
    assert keys(aside.together) == around.by_lift.latents.tolist()
    assert [row.value for row in aside.together.rows] == [
        lift_text(lift) for lift in around.by_lift.lift.tolist()
    ]
    QTest.keyClick(aside.neighbours.side, Qt.Key.Key_Right)
    QTest.keyClick(aside.neighbours.measure, Qt.Key.Key_Right)
    assert (aside.neighbours.side.current, aside.neighbours.measure.current) == (OPPOSED, SHARE)
    assert keys(aside.nearest) == around.opposed[0].tolist()
    assert aside.nearest.rows[0].value == cosine_text(float(around.opposed[1][0]))
    shares = around.by_share.share_of_this.tolist()
    assert [row.value for row in aside.together.rows] == [share_text(share) for share in shares]
    tip = aside.together.rows[0].tooltip
    assert f"Fires in {around.by_share.together[0]} of the " in tip
    low, high = float(around.by_share.lift_low[0]), float(around.by_share.lift_high[0])
    assert f"95 % interval {lift_text(low)} – {lift_text(high)}" in tip
    first = aside.together.rows[0].key
    click(aside.together, 0)
    assert session.feature == first
    assert aside.neighbours.measure.current == SHARE


def test_families_show_parents_and_children_and_a_click_goes_there(
    workspace: FeaturesWorkspace, session: Session, qtbot: QtBot
) -> None:
    aside = workspace.aside
    assert not aside.sections["family"].isVisible()
    assert session.project is not None
    assert session.book is not None
    request = find_families.FamiliesRequest(settings=FamilySettings(above_chance=0.0))
    find_families.run(session.project, request, Unattended())
    families = find_families.read_families(
        session.project, session.project.artifacts("families")[-1]
    )
    edge = families[0].edges[0]
    select(workspace, session, next(i for i in range(48) if i != edge.child), qtbot)
    select(workspace, session, edge.child, qtbot)
    assert aside.sections["family"].isVisible()
    around = details_of(session).neighbours(edge.child)
    assert around.parents
    assert keys(aside.neighbours.family)[: len(around.parents)] == [
        e.parent for e in around.parents
    ]
    assert aside.neighbours.family.rows[0].text.startswith("↑ ")
    click(aside.neighbours.family, 0)
    assert session.feature == around.parents[0].parent
    many = replace(around, children=tuple(FamilyEdge(0, i, 0.5) for i in range(1, 20)))
    rows = family_rows(session.book, many)
    assert rows[-1].text == "13 more children"
    assert rows[-1].key is None


def test_what_is_done_to_families_is_seen_at_once_and_when_one_comes_back(
    workspace: FeaturesWorkspace, session: Session, qtbot: QtBot
) -> None:
    aside, book = workspace.aside, family_book(session)
    request = find_families.FamiliesRequest(settings=FamilySettings(above_chance=0.0))
    assert session.project is not None
    find_families.run(session.project, request, Unattended())
    book._read()
    family = book.families[0]
    book.rename(family.root, "Far galaxies")
    select(workspace, session, family.root, qtbot)
    qtbot.waitUntil(aside.sections["family"].isVisible)
    told = "Show the family “Far galaxies” in Families"
    assert aside.neighbours.open_family.accessibleName() == told
    workspace.hide()
    book.set_hidden([one.root for one in book.families], True)
    workspace.show()
    qtbot.waitUntil(lambda: not aside.sections["family"].isVisible())
    session.undo.undo()
    qtbot.waitUntil(lambda: aside.sections["family"].isVisible())


def test_absorption_is_only_told_where_it_is_suspected(
    workspace: FeaturesWorkspace, session: Session
) -> None:
    aside = workspace.aside
    assert aside._near is not None
    assert session.feature is not None
    suspected = SuspectedAbsorption((AbsorbedPair(session.feature, 7, 0.6, 40, 30),), ())
    nothing = SuspectedAbsorption((), ())
    aside.neighbours.show_near(replace(aside._near, absorption=nothing))
    assert not aside.sections["absorbed by"].isVisible()
    aside.neighbours.show_near(replace(aside._near, absorption=suspected))
    assert aside.sections["absorbed by"].isVisible()
    assert not aside.sections["absorbs"].isVisible()
    row = aside.neighbours.absorbed_by.rows[0]
    assert (row.key, row.value) == (7, "75 %")
    assert "In 30 of 40 documents of that feature" in row.tooltip
    click(aside.neighbours.absorbed_by, 0)
    assert session.feature == 7


def test_what_differs_is_told_with_effect_interval_and_q(
    workspace: FeaturesWorkspace, session: Session, qtbot: QtBot
) -> None:
    aside, details = workspace.aside, details_of(session)
    for latent in range(48):
        contrasts = details.field_answers(latent).contrasts
        sure = [c for c in contrasts if isinstance(c, CategoryContrast) and c.at_least]
        if sure:
            break
    select(workspace, session, latent, qtbot)
    value = sure[0].values[0]
    found = [row for row in aside.differences.rows if row.key == (sure[0].field, value.value)]
    assert len(found) == 1
    assert len(contrasts) > 1
    assert found[0].text == f"{shown_name(sure[0].field)}: {value.value}"
    assert difference_rows([sure[0]])[0].text == value.value, "one field needs no name"
    sign = "+" if value.difference > 0 else ""
    assert found[0].value == sign + cosine_text(value.difference)
    assert f"95 % interval {'+' if value.low > 0 else ''}{cosine_text(value.low)} to" in (
        found[0].tooltip
    )
    assert "q " in found[0].tooltip
    for row in aside.differences.rows:
        assert row.interval is not None
        low, effect, high = row.interval
        assert low <= effect <= high
        assert low > 0 or high < 0
    wanted: list[DocumentFilter] = []
    session.documents_wanted.connect(wanted.append)
    at = aside.differences.rows.index(found[0])
    click(aside.differences, at)
    assert wanted[0].categories == {sure[0].field: (value.value,)}
    assert session.project is not None
    assert len(session.project.documents.find(wanted[0])) == value.active


def test_shares_of_a_category_are_those_of_every_value(qtbot: QtBot) -> None:
    generator = np.random.default_rng(3)
    for n_values in (3, 6, 7, 12):
        names = [f"value {at:02d}" for at in range(n_values)]
        codes = generator.integers(-1, n_values, 400)
        rows = np.flatnonzero(generator.random(400) < 0.2)
        column = category_column("kind", codes, names)
        values = [names[code] if code >= 0 else None for code in codes.tolist()]
        assert category_shares(column, rows) == field_breakdown.category_shares(values, rows)


def test_places_are_told_in_a_sentence(workspace: FeaturesWorkspace) -> None:
    aside: FeatureAside = workspace.aside
    assert not aside.sections["place"].isVisible()
    shown = aside._shown
    assert shown is not None
    nothing = np.zeros(40)
    places = SpatialStructure(0.41, -0.03, 6.0, 0.001, 999, 40, 12, nothing, nothing)
    aside._on_fields(replace(shown, places=places))
    assert aside.sections["place"].isVisible()
    assert aside.place.text() == (
        "Its activations gather in space: Moran’s I 0.41, where \u22120.03 is expected by chance "
        "(p = 0.001, 999 permutations). It fires at 12 of 40 places."
    )
    aside._on_fields(replace(shown, places=replace(places, p=0.4)))
    assert "show no sure structure in space" in aside.place.text()
