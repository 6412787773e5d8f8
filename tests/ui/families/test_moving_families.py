"""All families while a threshold moves: what stays, stays where it is; at rest all is as new."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from saedesk.session.family_book import FamilyBook
from saedesk.ui.family_panels.family_drawing import ALL_FAMILIES
from saedesk.ui.family_panels.family_overview import FamilyOverview
from saedesk.ui.family_panels.kept_places import kept_places
from saedesk.ui.family_panels.overview_layout import overview_layout
from saedesk.ui.workspaces.families_workspace import FamiliesWorkspace
from tests.ui.families.made_up_families import densities, family, random_family

FAMILIES = [random_family(30 - n, 40 * n, seed=n) for n in range(24)]
NEW = random_family(26, 2000)
NAMES = {one.root: f"Topic {n}" for n, one in enumerate(FAMILIES)} | {NEW.root: "New topic"}
SHARES = densities(2100)


@pytest.fixture
def overview(qtbot: QtBot) -> FamilyOverview:
    made = FamilyOverview()
    qtbot.addWidget(made)
    made.resize(700, 620)
    made.show()
    show(made, FAMILIES, is_moving=False)
    return made


def show(overview: FamilyOverview, families: list, is_moving: bool) -> None:
    overview.show_families(families, NAMES, SHARES, is_moving=is_moving)


def centres(overview: FamilyOverview) -> dict[int, tuple[float, float]]:
    assert overview.drawing is not None
    layout = overview.drawing.layout
    return dict(zip(layout.roots.tolist(), map(tuple, layout.centres.tolist()), strict=True))


def names_shown(overview: FamilyOverview) -> dict[str, tuple[float, ...]]:
    """Each name that is shown, and its rectangle."""
    assert overview.drawing is not None
    labels = overview.drawing.labels
    chosen, rects = labels.rects(overview.canvas.viewing)
    roots = labels.layout.roots[labels.families[chosen]].tolist()
    return {NAMES[root]: tuple(rect) for root, rect in zip(roots, rects.tolist(), strict=True)}


def overlap(places: np.ndarray, radii: np.ndarray) -> bool:
    apart = np.hypot(*(places[:, None] - places).transpose(2, 0, 1))
    apart += np.diag(np.full(len(radii), np.inf))
    return bool((apart < radii[:, None] + radii - 1e-4 * (1 + radii)).any())


@pytest.mark.parametrize("seed", range(4))
def test_what_has_a_place_keeps_it_and_nothing_overlaps(seed: int) -> None:
    rng = np.random.default_rng(seed)
    had = rng.uniform(5, 40, 60)
    before = kept_places(had, *(np.full(shape, np.nan) for shape in ((60, 2), 60, (60, 2))))
    assert not overlap(before, had)
    radii, gone = had.copy(), rng.choice(60, 12, replace=False)
    radii[gone[:6]] *= 1.4
    before[gone[6:]] = np.nan
    wanted = np.full((60, 2), np.nan)
    after = kept_places(radii, before, had, wanted)
    assert not overlap(after, radii)
    assert (after == kept_places(radii, before, had, wanted)).all()
    stays = (after == before).all(axis=1)
    assert stays.sum() >= 30
    fits = [np.isfinite(before).all(axis=1) & (radii <= had)][0]
    moved = fits & ~stays
    grown = gone[:6]
    for disc in np.flatnonzero(moved):
        near = np.hypot(*(before[grown] - before[disc]).T)
        assert (near < radii[grown] + radii[disc]).any(), "only what grew takes its place"


def test_a_new_disc_lies_near_where_it_is_wanted() -> None:
    had = np.full(30, 10.0)
    nothing = np.full((30, 2), np.nan)
    before = kept_places(had, nothing, np.full(30, np.nan), nothing)
    edge = before[np.argmax(before[:, 0])] + (60.0, 0.0)
    before[29], wanted = np.nan, nothing.copy()
    wanted[29] = edge
    assert np.hypot(*(kept_places(had, before, had, wanted)[29] - edge)) < 35


def test_families_and_names_stay_while_thresholds_move(overview: FamilyOverview) -> None:
    places, names, viewing = centres(overview), names_shown(overview), overview.canvas.viewing
    assert len(names) > 8
    show(overview, [NEW, *FAMILIES[2:]], is_moving=True)
    now = centres(overview)
    assert set(now) == {NEW.root, *(one.root for one in FAMILIES[2:])}
    assert {root: now[root] for root in now if root != NEW.root} == {
        root: places[root] for root in now if root != NEW.root
    }
    assert overview.drawing is not None
    layout = overview.drawing.layout
    assert not overlap(layout.centres, layout.disc_radii)
    carried = names_shown(overview)
    assert set(carried) == set(names) - {"Topic 0", "Topic 1"}
    if overview.canvas.viewing == viewing:
        assert carried == {name: names[name] for name in carried}


def test_names_of_features_stay_too(overview: FamilyOverview) -> None:
    overview.canvas.zoom(4)
    assert overview.drawing is not None
    before = overview.drawing.labels
    viewing = overview.canvas.viewing
    shown = before.rects(viewing)[0]
    told = {
        (int(before.layout.roots[before.families[at]]), int(before.nodes[at] >= 0)) for at in shown
    }
    assert (FAMILIES[0].root, 1) in told
    show(overview, FAMILIES[:-1], is_moving=True)
    after = overview.drawing.labels
    assert overview.canvas.viewing == viewing
    latents = after.layout.latents[after.nodes[after.nodes >= 0]]
    was = before.layout.latents[before.nodes[shown[before.nodes[shown] >= 0]]]
    assert set(latents.tolist()) <= set(was.tolist())
    assert len(latents) > 0.8 * len(was)


def test_a_picture_at_rest_is_that_of_a_first_look(overview: FamilyOverview, qtbot: QtBot) -> None:
    for families in (FAMILIES[3:], [NEW, *FAMILIES], FAMILIES[:20], [NEW, *FAMILIES[4:]]):
        show(overview, families, is_moving=True)
        overview.canvas.grab()
    show(overview, [NEW, *FAMILIES[4:]], is_moving=False)
    other = FamilyOverview()
    qtbot.addWidget(other)
    other.resize(700, 620)
    other.show()
    show(other, [NEW, *FAMILIES[4:]], is_moving=False)
    # The legend takes room of the first look.
    qtbot.waitUntil(lambda: other.canvas.size() == overview.canvas.size())
    for one in (overview, other):
        show(one, [NEW, *FAMILIES[4:]], is_moving=False)
    assert centres(overview) == centres(other)
    assert names_shown(overview) == names_shown(other)
    assert overview.canvas.viewing == other.canvas.viewing
    assert overview.canvas.grab().toImage() == other.canvas.grab().toImage()


def test_where_most_are_new_all_are_packed_anew(overview: FamilyOverview) -> None:
    others = [
        family({5000 + 10 * n: [5001 + 10 * n, 5002 + 10 * n]}, 5000 + 10 * n) for n in range(30)
    ]
    shares = densities(5400)
    overview.show_families([*others, FAMILIES[0]], NAMES, shares, is_moving=True)
    alone = overview_layout([one.family for one in (*others, FAMILIES[0])], shares)
    assert overview.drawing is not None
    got = overview.drawing.layout
    assert sorted(got.disc_radii.tolist()) == sorted(alone.disc_radii.tolist())
    assert not overlap(got.centres, got.disc_radii)
    assert np.ptp(got.centres, axis=0).max() < 1.6 * np.ptp(alone.centres, axis=0).max()


def test_a_moved_threshold_is_drawn_at_once_and_packed_at_rest(
    qtbot: QtBot, workspace: FamiliesWorkspace, families: FamilyBook
) -> None:
    drawing, edge = workspace.page.drawing, workspace.page.thresholds.edge
    drawing.show_view(ALL_FAMILIES)
    qtbot.waitUntil(lambda: drawing.is_at_rest, timeout=20_000)
    places = centres(drawing.overview)
    with qtbot.waitSignal(families.families_changed):
        edge.setValue(edge.value() + 1)
    assert not drawing.is_at_rest
    now = centres(drawing.overview)
    assert set(now) == {one.root for one in families.families}
    assert sum(now[root] == places[root] for root in now if root in places) >= len(now) / 2
    qtbot.waitUntil(lambda: drawing.is_at_rest, timeout=20_000)
    there = drawing.overview
    assert there.drawing is not None
    fresh = overview_layout(
        [one.family for one in families.families],
        workspace._session.sae.statistics.density,
        there.drawing.links,
        families.settings.fewest_documents / 120,
        there.maker.packing.aspect,
    )
    assert np.array_equal(there.drawing.layout.centres, fresh.centres)
