"""Sliders of the live search: ways, locks, modes, two settings; every move a step to undo."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from saedesk.jobs.search_answer import SearchAnswer
from saedesk.session import slider_calibrations
from saedesk.session.live_search import LiveSearch
from saedesk.session.session import Session
from saedesk.session.steering_settings import SteeringSettings, feature

SECONDS = 30_000
"""Longest wait in milliseconds; the first query loads the embedding model."""


def idle(qtbot: QtBot, session: Session) -> None:
    qtbot.waitUntil(lambda: not session.query.tasks, timeout=SECONDS)


@pytest.fixture
def search(session: Session, qtbot: QtBot) -> LiveSearch:
    """A search with documents, answered; it needs no embedding model."""
    assert session.search is not None
    session.search.set_like([3, 17])
    idle(qtbot, session)
    assert session.search.answer is not None
    return session.search


def own(search: LiveSearch, at: int = 0) -> int:
    """One of the features of the query, the strongest first."""
    assert search.query is not None
    return int(search.query.latents[at])


def foreign(session: Session, search: LiveSearch) -> int:
    """The most frequent feature that the query does not have."""
    assert session.sae is not None
    assert search.query is not None
    order = np.argsort(-session.sae.statistics.density)
    return next(int(i) for i in order if i not in search.query.latents)


def shown(answer: SearchAnswer | None) -> list[tuple[int, float]]:
    """The ranking, bit for bit."""
    assert answer is not None
    return [(row.row, row.score) for row in answer.steered]


def test_an_added_feature_is_given_places_and_undo_brings_the_first_ranking_back(
    qtbot: QtBot, session: Session, search: LiveSearch
) -> None:
    first, latent = shown(search.answer), foreign(session, search)
    search.add_feature(latent)
    assert search.state.settings.way(feature(latent)) == "places"
    assert search.state.settings.way(feature(own(search))) == "direction"
    for places in (1, 2, 3):
        search.set_places(feature(latent), places, final=False)
    search.set_places(feature(latent), 3)
    idle(qtbot, session)
    given = [row for row in search.answer.steered if row.place_of == latent]
    assert len(given) == 3
    assert search.replaced_by(feature(latent)) is not None
    search.set_mode("clamp")
    search.set_position(feature(own(search)), 0.6)
    search.set_cap(0.9)
    idle(qtbot, session)
    assert shown(search.answer) != first
    steps = session.undo.index()
    while session.undo.index() > 2:
        session.undo.undo()
    assert steps == 6
    idle(qtbot, session)
    assert search.state.at_rest
    assert shown(search.answer) == first


def test_ten_places_are_all_there_are(session: Session, search: LiveSearch) -> None:
    latent = foreign(session, search)
    search.add_feature(latent)
    search.set_places(feature(latent), 7)
    search.set_places(feature(own(search)), 6)
    assert search.state.settings.places(feature(own(search))) == 3
    assert search.state.settings.places_left(feature(latent)) == 7


def test_another_way_takes_back_what_the_first_did(session: Session, search: LiveSearch) -> None:
    slid = feature(own(search))
    search.set_position(slid, 0.9)
    search.set_way(slid, "less")
    assert search.state.at_rest
    search.set_less(slid, 0.5)
    assert search.state.plan.less == ((slid.latent, 0.5),)
    assert search.state.settings.way(slid) == "less"
    session.undo.undo()
    session.undo.undo()
    assert search.position(slid) == pytest.approx(0.9)
    search.set_places(slid, 2)
    assert search.state.plan.strengths == ()


def test_a_locked_slider_stays_where_it_is(
    qtbot: QtBot, session: Session, search: LiveSearch
) -> None:
    slid, other = feature(own(search)), feature(own(search, 1))
    stands = search.position(slid)
    search.set_lock(slid, True)
    search.set_position(other, 0.7)
    search.reset()
    assert search.state.at_rest
    search.set_position(slid, stands + 0.25)
    search.reset()
    search.put_to_rest(slid)
    search.apply_preset(SteeringSettings())
    assert search.position(slid) == pytest.approx(stands + 0.25)
    search.set_like([41])
    assert search.state.settings.held == ((slid, pytest.approx(stands + 0.25)),)
    idle(qtbot, session)
    assert search.state.settings.held == ()
    assert search.position(slid) == pytest.approx(stands + 0.25)
    typed = search.typed(slid)
    assert dict(search.answer.plan.strengths) == {slid.latent: pytest.approx(stands + 0.25 - typed)}
    if slid.latent not in search.query.latents:
        assert slid.latent in search.state.added
    session.undo.undo()
    idle(qtbot, session)
    assert search.state.like == (3, 17)
    assert search.position(slid) == pytest.approx(stands + 0.25)


def test_a_preset_puts_sliders_where_they_were_beside_locked_ones(
    qtbot: QtBot, session: Session, search: LiveSearch
) -> None:
    latent = foreign(session, search)
    search.add_feature(latent)
    search.set_places(feature(latent), 8)
    search.set_less(feature(own(search, 1)), 1.0)
    preset = search.state.settings
    search.remove_feature(latent)
    search.reset()
    locked = feature(own(search))
    search.set_places(locked, 4)
    search.set_lock(locked, True)
    search.apply_preset(preset)
    settings = search.state.settings
    assert settings.places(locked) == 4
    assert settings.places(feature(latent)) == 6
    assert latent in settings.added
    assert settings.less(feature(own(search, 1))) == 1.0
    search.set_like([41])
    idle(qtbot, session)
    search.apply_preset(preset)
    for slid in search.state.settings.turned:
        assert slid.latent in search.state.added or slid.latent in search.query.latents


def test_the_mode_and_the_cap_outlive_a_reset(
    qtbot: QtBot, session: Session, search: LiveSearch
) -> None:
    search.set_cap(0.95)
    search.set_optimise(True)
    search.set_position(feature(own(search)), 1.4)
    idle(qtbot, session)
    assert search.answer.cosine >= 0.95 - 1e-6
    assert search.notes
    after = search.value_after(feature(own(search)))
    assert after is not None
    assert after < 1.4
    search.reset()
    idle(qtbot, session)
    assert (search.state.plan.cap, search.state.plan.optimise) == (0.95, True)
    assert search.value_after(feature(own(search))) is None
    assert search.notes == ()


def test_two_settings_are_compared_switched_and_forgotten(
    qtbot: QtBot, session: Session, search: LiveSearch
) -> None:
    slid = feature(own(search))
    search.set_position(slid, 0.0)
    idle(qtbot, session)
    as_a = shown(search.answer)
    search.keep_as_a()
    search.set_position(slid, 1.2)
    idle(qtbot, session)
    as_b = shown(search.answer)
    assert as_a != as_b
    assert shown(search.compared) == as_a
    kept = search.compared
    search.set_position(slid, 1.25)
    idle(qtbot, session)
    assert search.compared is kept
    session.undo.undo()
    search.switch_settings()
    idle(qtbot, session)
    assert search.state.comparison.in_force == "A"
    assert shown(search.answer) == as_a
    assert shown(search.compared) == as_b
    with qtbot.waitSignal(search.compared_changed) as changed:
        search.show_side_by_side(False)
    assert changed.args == [None]
    search.show_side_by_side(True)
    idle(qtbot, session)
    assert shown(search.compared) == as_b
    search.set_like([41])
    idle(qtbot, session)
    assert search.state.comparison is None
    assert search.compared is None


def test_sliders_are_calibrated_while_nothing_is_asked(
    qtbot: QtBot, session: Session, search: LiveSearch
) -> None:
    targets = [int(i) for i in search.query.latents]
    search.calibrations.want(targets)
    idle(qtbot, session)
    known = {target: search.calibrations.of(target) for target in targets}
    assert all(one is not None and one.is_marked for one in known.values())
    assert known[targets[0]].typed == search.typed_value(targets[0])
    number, strength = known[targets[0]].up[-1]
    search.set_position(feature(targets[0]), search.typed_value(targets[0]) + strength + 1e-4)
    idle(qtbot, session)
    assert search.answer.kept <= 10 - number
    assert search.calibrations.of(targets[0]) is known[targets[0]]
    search.set_position(feature(targets[0]), 0.3, final=False)
    search.set_like([41])
    idle(qtbot, session)
    assert search.calibrations.of(targets[0]) is not known[targets[0]]


def test_where_calibrating_is_slow_only_the_slider_in_hand_is(
    qtbot: QtBot, session: Session, search: LiveSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slider_calibrations, "SLOW", -1.0)
    targets = [int(i) for i in search.query.latents]
    assert len(targets) > slider_calibrations.SLOW_ONES
    search.calibrations.want(targets)
    idle(qtbot, session)
    known = {one: search.calibrations.of(one) for one in targets}
    # Whether there is anything to have less of is known of all of them at once.
    assert all(one is not None and one.visible >= 0 for one in known.values())
    marked = [target for target, one in known.items() if one.is_marked]
    assert marked == targets[: slider_calibrations.SLOW_ONES]
    search.calibrations.want_first(targets[-1])
    idle(qtbot, session)
    assert search.calibrations.of(targets[-1]).is_marked


def test_only_one_thing_is_asked_for(qtbot: QtBot, session: Session, search: LiveSearch) -> None:
    search.set_unlike([3])
    assert (search.state.like, search.state.unlike) == ((17,), (3,))
    search.set_like_by("features")
    search.set_like([3, 17])
    assert search.state.unlike == ()
    search.set_match("words")
    assert search.state.request().match == "meaning"
    idle(qtbot, session)
    search.set_target(own(search))
    assert (search.state.like, search.state.asks_something) == ((), True)
    assert search.state.request().like_by == "vectors"
    idle(qtbot, session)
    assert search.answer.plain
    search.set_target(None)
    idle(qtbot, session)
    assert search.answer is None


def test_what_was_added_keeps_its_settings_in_the_next_query(
    qtbot: QtBot, session: Session, search: LiveSearch
) -> None:
    first, latent = shown(search.answer), foreign(session, search)
    search.add_feature(latent)
    search.set_places(feature(latent), 3)
    search.set_position(feature(own(search)), search.position(feature(own(search))) + 0.3)
    left = search.state.settings.of_one_query
    assert left == (feature(own(search)),)
    idle(qtbot, session)
    search.set_like([41])
    idle(qtbot, session)
    assert search.state.settings.places(feature(latent)) == 3
    assert search.state.plan.strengths == ()
    assert sum(row.place_of == latent for row in search.answer.steered) == 3
    while session.undo.index() > 1:
        session.undo.undo()
    idle(qtbot, session)
    assert search.state.like == (3, 17)
    assert shown(search.answer) == first


def test_what_was_set_before_anything_was_asked_stays(
    qtbot: QtBot, session: Session, search: LiveSearch
) -> None:
    latent = foreign(session, search)
    search.set_like([])
    search.add_feature(latent)
    search.set_places(feature(latent), 4)
    search.set_like([41])
    idle(qtbot, session)
    assert search.answer.plan.places == ((latent, 4),)


def test_a_reset_goes_back_to_the_usual_way_then_takes_the_limits_away(
    session: Session, search: LiveSearch
) -> None:
    slid, other = feature(own(search)), feature(own(search, 1))
    search.set_less(slid, 1.0)
    search.set_places(other, 2)
    search.put_to_rest(slid)
    assert search.state.settings.way(slid) == "direction"
    search.set_less(slid, 1.0)
    search.set_cap(0.9)
    search.set_mode("clamp")
    search.reset()
    assert [search.state.settings.way(one) for one in (slid, other)] == ["direction"] * 2
    assert (search.state.plan.mode, search.state.plan.cap) == ("clamp", 0.9)
    assert not search.state.settings.can_be_reset
    search.reset()
    assert not search.state.settings.has_limits
    session.undo.undo()
    assert search.state.plan.cap == 0.9
