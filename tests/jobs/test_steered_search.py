"""Searching a project under a plan: places, strengths, less, clamp, cap, optimisation."""

from __future__ import annotations

import dataclasses
import itertools
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from saedesk.errors import BadInput, NothingToSearch
from saedesk.jobs.loaded_sae import open_sae
from saedesk.jobs.search_answer import SearchAnswer
from saedesk.jobs.search_documents import SearchEngine
from saedesk.jobs.search_request import SearchRequest
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.project_folder import Project
from saedesk.search.family_steering import FamilySlider, family_slider
from saedesk.search.steered_ranking import PLACE_WEIGHT
from saedesk.search.steering import share_within_cap
from saedesk.search.steering_plan import SteeringPlan

QUERY = "dark matter halos"


@pytest.fixture(scope="module")
def folder(small_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("steered") / "p.saedesk"
    shutil.copytree(small_project, copy)
    return copy


@pytest.fixture(scope="module")
def engine(folder: Path):
    with Project.open(folder, read_only=True) as project:
        sae = open_sae(project, project.current("saes"))
        assert sae is not None
        yield SearchEngine(project, sae.vectors, sae)


@pytest.fixture(scope="module")
def query(engine: SearchEngine):
    return engine.take_apart(QUERY)


@pytest.fixture(scope="module")
def family(engine: SearchEngine, query) -> FamilySlider:
    root, *children = query.latents[:3].tolist()
    assert engine.sae is not None
    return family_slider(root, children, engine.sae.decoder, engine.sae.statistics.density)


def ask(engine: SearchEngine, query, plan: SteeringPlan, **changes) -> SearchAnswer:
    return engine.ask(SearchRequest(QUERY, plan=plan, **changes), query)


def bits(found: SearchAnswer) -> list[tuple[int, bytes, int | None]]:
    return [(r.row, np.float64(r.score).tobytes(), r.rank_before) for r in found.steered]


def inactive(engine: SearchEngine, query) -> int:
    """The densest feature the query does not have."""
    assert engine.sae is not None
    density = engine.sae.statistics.density.copy()
    density[query.latents] = -1
    return int(np.argmax(density))


def plans(engine: SearchEngine, query, family: FamilySlider) -> dict[str, SteeringPlan]:
    own, other = int(query.latents[0]), inactive(engine, query)
    return {
        "strength": SteeringPlan(((other, 0.4), (own, -0.2))),
        "clamp": SteeringPlan(((other, 0.4),), mode="clamp"),
        "clamp, capped": SteeringPlan(((other, 0.4),), mode="clamp", cap=0.97),
        "capped": SteeringPlan(((other, 2.0),), cap=0.9),
        "places": SteeringPlan(places=((other, 3),)),
        "places of a family": SteeringPlan(places=((family, 4),)),
        "less": SteeringPlan(less=((own, 0.7),)),
        "less of a family": SteeringPlan(less=((family, 1.0),)),
        "less, capped": SteeringPlan(less=((own, 1.0),), cap=0.99),
        "less and places, capped": SteeringPlan(places=((other, 2),), less=((own, 1.0),), cap=0.99),
        "less, clamp, capped": SteeringPlan(less=((own, 1.0),), mode="clamp", cap=0.97),
        "optimised": SteeringPlan(((other, 0.4),), optimise=True),
        "optimised clamp": SteeringPlan(((other, 0.4),), mode="clamp", optimise=True),
        "everything": SteeringPlan(
            ((other, 0.3),),
            places=((other, 2), (family, 1)),
            less=((own, 0.5), (family, 0.2)),
            cap=0.95,
            optimise=True,
        ),
    }


NAMES = (
    "strength", "clamp", "clamp, capped", "capped", "places", "places of a family", "less",
    "less of a family", "less, capped", "less and places, capped", "less, clamp, capped",
    "optimised", "optimised clamp", "everything",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_bars_sum_to_the_score_and_to_its_change(
    engine: SearchEngine, query, family: FamilySlider, name: str
) -> None:
    plan = plans(engine, query, family)[name]
    found = ask(engine, query, plan, count=25)
    assert len(found.steered) == 25
    for row in found.steered:
        assert sum(part.value for part in row.contributions) == pytest.approx(row.score, abs=1e-5)
        assert row.score_before is not None
        change = sum(part.value for part in row.change)
        assert change == pytest.approx(row.score - row.score_before, abs=1e-5)
        assert row.contributions[-1].kind == row.change[-1].kind == "rest"
    for row in found.plain:
        assert row.change == ()
        assert sum(part.value for part in row.contributions) == pytest.approx(row.score, abs=1e-5)
    if plan.cap is not None:
        assert found.cosine >= plan.cap - 1e-9


@pytest.mark.parametrize("name", NAMES)
def test_going_back_gives_the_first_ranking_bit_for_bit(
    engine: SearchEngine, query, family: FamilySlider, name: str
) -> None:
    plan = plans(engine, query, family)[name]
    before, steered = ask(engine, query, SteeringPlan()), ask(engine, query, plan)
    others = plans(engine, query, family)
    for other in ("everything", "strength"):
        ask(engine, query, others[other])
    assert bits(ask(engine, query, plan)) == bits(steered)
    assert bits(ask(engine, query, SteeringPlan())) == bits(before)
    # Whatever is kept from move to move, a new engine says the same.
    fresh = SearchEngine(engine._project, engine.vectors, engine.sae)
    assert bits(ask(fresh, query, plan)) == bits(steered)


@pytest.mark.parametrize("mode", ["add", "clamp"])
def test_sliders_at_rest_are_plain_search_in_every_mode(engine: SearchEngine, query, mode) -> None:
    resting = SteeringPlan(mode=mode, cap=0.5, optimise=True).with_strength(3, 0.2)
    resting = resting.with_places(4, 5).with_less(5, 0.5)
    resting = resting.with_strength(3, 0.0).with_places(4, 0).with_less(5, 0.0)
    found = ask(engine, query, resting)
    assert found.plain == found.steered
    assert bits(found) == bits(ask(engine, query, SteeringPlan()))
    assert (found.cosine, found.effects, found.notes) == (1.0, (), ())


def test_the_order_of_entries_does_not_matter(
    engine: SearchEngine, query, family: FamilySlider
) -> None:
    own, other = query.latents[:2].tolist(), inactive(engine, query)
    turns = [
        lambda plan: plan.with_strength(other, 0.3),
        lambda plan: plan.with_places(own[1], 2),
        lambda plan: plan.with_places(family, 1),
        lambda plan: plan.with_less(own[0], 0.4),
    ]
    made = []
    for order in itertools.permutations(turns):
        plan = SteeringPlan()
        for turn in order:
            plan = turn(plan)
        made.append(plan)
    assert len(set(made)) == 1
    swapped = dataclasses.replace(made[0], places=tuple(reversed(made[0].places)))
    assert bits(ask(engine, query, swapped)) == bits(ask(engine, query, made[0]))


def test_so_many_places_are_given_and_the_rest_stays(engine: SearchEngine, query) -> None:
    latent = inactive(engine, query)
    plain = [row.row for row in ask(engine, query, SteeringPlan()).steered]
    values = engine.fused_score(latent).values
    dense = engine.sae.activations.to_csr().toarray()[:, latent]
    for m in range(11):
        plan = SteeringPlan(places=((latent, m),))
        found = ask(engine, query, plan, count=30)
        first = found.steered[:10]
        given = [row for row in first if row.place_of is not None]
        assert [row.row for row in first if row.place_of is None] == plain[: 10 - m]
        assert {row.place_of for row in given} == ({latent} if m else set())
        assert len(given) == m
        assert [row.rank for row in found.steered] == list(range(1, 31))
        assert len({row.row for row in found.steered}) == 30
        # Those given a place are the best of the others that have it, by q·x + .5 s(x).
        scores = engine.search().plain_scores(query) + np.float32(PLACE_WEIGHT) * values
        scores[plain[: 10 - m]] = -np.inf
        scores[dense == 0] = -np.inf
        assert {row.row for row in given} == set(np.argsort(-scores)[:m].tolist())
        # And the rest of the list is in the order of the query.
        later = [row.rank_before for row in found.steered[10:]]
        assert later == sorted(later)


def test_places_are_spread_over_the_ten(engine: SearchEngine, query) -> None:
    latent = inactive(engine, query)
    for m, expected in ((1, [10]), (2, [5, 10]), (3, [4, 7, 10]), (5, [2, 4, 6, 8, 10])):
        found = ask(engine, query, SteeringPlan(places=((latent, m),)))
        assert [row.rank for row in found.steered if row.place_of is not None] == expected


def test_ranks_after_are_those_of_the_whole_list(engine: SearchEngine, query) -> None:
    own, other = int(query.latents[0]), inactive(engine, query)
    plan = SteeringPlan(places=((other, 4),), less=((own, 0.5),))
    found = ask(engine, query, plan, count=60)
    rank_of = {row.row: row.rank for row in found.steered}
    assert found.ranks_after == tuple(rank_of[row.row] for row in found.plain)
    assert [row.rank_before for row in found.steered] == [
        next(p.rank for p in found.plain if p.row == row.row) for row in found.steered
    ]


def test_places_and_less_hold_under_a_filter(engine: SearchEngine, query) -> None:
    own, other = int(query.latents[0]), inactive(engine, query)
    wanted = DocumentFilter(categories={"category": ("Biology",)})
    plan = SteeringPlan(places=((other, 4),), less=((own, 1.0),))
    found = ask(engine, query, plan, wanted=wanted)
    assert len(found.steered) == found.passed == 10
    assert all(row.document.fields["category"] == "Biology" for row in found.steered)
    few = DocumentFilter(document_ids=engine.vectors.document_ids[[3, 9, 27]])
    assert {row.row for row in ask(engine, query, plan, wanted=few).steered} == {3, 9, 27}


def test_more_places_show_more_of_the_feature(engine: SearchEngine, query) -> None:
    latent = inactive(engine, query)
    dense = engine.sae.activations.to_csr().toarray()[:, latent]

    def active(m: int) -> int:
        found = ask(engine, query, SteeringPlan(places=((latent, m),)))
        return int((dense[[row.row for row in found.steered]] > 0).sum())

    assert active(0) < active(5) <= active(10)
    (effect,) = ask(engine, query, SteeringPlan(places=((latent, 3),))).effects
    assert effect.target == latent
    assert effect.replaced is not None
    assert 1 <= effect.replaced <= 3


def test_less_removes_the_part_of_the_query_and_puts_documents_down(
    engine: SearchEngine, query
) -> None:
    latent = int(query.latents[0])
    full = ask(engine, query, SteeringPlan(less=((latent, 1.0),)))
    (effect,) = full.effects
    assert effect.asked == 0.0
    assert effect.after is not None
    assert effect.after < float(query.values[0]) / 2
    removed = query.vector - query.values[0] * engine.sae.decoder[latent]
    cosine = removed @ query.vector / np.linalg.norm(removed)
    assert full.cosine == pytest.approx(cosine, abs=1e-6)
    dense = engine.sae.activations.to_csr().toarray()[:, latent]

    def total(found: SearchAnswer) -> float:
        return float(dense[[row.row for row in found.steered]].sum())

    only_removed = ask(engine, query, SteeringPlan(((latent, -float(query.values[0])),)))
    assert total(full) < total(ask(engine, query, SteeringPlan()))
    assert total(full) <= total(only_removed)
    parts = {part.part for row in full.steered for part in row.contributions if part.part}
    assert parts >= {"activation", "direction", "label"}


def test_less_of_what_is_not_there_is_said(engine: SearchEngine, query) -> None:
    plain = ask(engine, query, SteeringPlan())
    dense = engine.sae.activations.to_csr().toarray()
    seen = (dense[[row.row for row in plain.plain]] > 0).sum(0)
    absent = int(np.argmax((seen == 0) * (dense > 0).sum(0)))
    assert engine.sliders.calibration(query, absent).visible == 0
    assert not engine.sliders.calibration(query, absent).offers_less
    notes = ask(engine, query, SteeringPlan(less=((absent, 0.5),))).notes
    assert any("nothing to have less of" in note for note in notes)
    present = int(np.argmax(seen))
    assert engine.sliders.calibration(query, present).visible == seen[present] > 0


def test_less_of_what_is_in_none_of_the_ten_results_does_nothing(
    engine: SearchEngine, query
) -> None:
    plain = ask(engine, query, SteeringPlan())
    dense = engine.sae.activations.to_csr().toarray()
    seen = (dense[[row.row for row in plain.plain]] > 0).sum(0)
    absent, present = int(np.argmax((seen == 0) * (dense > 0).sum(0))), int(np.argmax(seen))
    for changes in ({}, {"match": "both"}, {"count": 3}, {"count": 30}):
        resting = ask(engine, query, SteeringPlan(), **changes)
        found = ask(engine, query, SteeringPlan(less=((absent, 1.0),)), **changes)
        assert bits(found) == bits(resting)
        assert (found.cosine, found.kept) == (1.0, len(resting.plain))
        assert any("its slider does nothing" in note for note in found.notes)
        beside = SteeringPlan(((5, 0.4),), places=((8, 2),), less=((present, 0.5),))
        if changes.get("match") != "both":
            one, other = ask(engine, query, beside), ask(engine, query, beside.with_less(absent, 1))
            assert bits(one) == bits(other)
            assert one.cosine == other.cosine


def test_less_under_a_cap_is_as_much_less_as_the_cap_lets(engine: SearchEngine, query) -> None:
    plain = ask(engine, query, SteeringPlan())
    dense = engine.sae.activations.to_csr().toarray()
    seen = (dense[[row.row for row in plain.plain]] > 0).sum(0)
    own = next(int(i) for i in query.latents if seen[i])
    part = dict(zip(query.latents.tolist(), query.values.tolist(), strict=True))[own]
    move = -part * engine.sae.decoder[own].astype(float)
    free = ask(engine, query, SteeringPlan(less=((own, 1.0),)))
    for cap in np.linspace(free.cosine, 1.0, 7)[1:-1].tolist():
        capped = ask(engine, query, SteeringPlan(less=((own, 1.0),), cap=cap), count=60)
        assert capped.cosine >= cap - 1e-9
        share = share_within_cap(query.vector.astype(float), move, cap)
        # As a slider that stands there: the documents are put down by as much as that.
        same = ask(engine, query, SteeringPlan(less=((own, share),)), count=60)
        assert [row.row for row in capped.steered] == [row.row for row in same.steered]
        assert [row.score for row in capped.steered] == pytest.approx(
            [row.score for row in same.steered], abs=1e-6
        )
        assert any(f"count for {100 * share:.0f} %" in note for note in capped.notes)
    nothing = ask(engine, query, SteeringPlan(less=((own, 1.0),), cap=1.0))
    assert bits(nothing) == bits(plain)
    assert (nothing.cosine, nothing.kept) == (1.0, 10)


def test_what_a_cap_cannot_tell_is_said(engine: SearchEngine, query) -> None:
    plain = ask(engine, query, SteeringPlan())
    dense = engine.sae.activations.to_csr().toarray()
    seen = (dense[[row.row for row in plain.plain]] > 0).sum(0)
    seen[query.latents] = 0
    other = int(np.argmax(seen))
    assert seen[other]
    found = ask(engine, query, SteeringPlan(less=((other, 1.0),), cap=0.9))
    assert found.cosine == 1.0
    assert any("its cosine does not tell" in note for note in found.notes)
    assert not any(
        "does not tell" in note
        for note in ask(engine, query, SteeringPlan(less=((other, 1.0),))).notes
    )


def test_clamp_drops_what_features_do_not_explain(engine: SearchEngine, query) -> None:
    latent, sae = inactive(engine, query), engine.sae
    found = ask(engine, query, SteeringPlan(((latent, 0.5),), mode="clamp"))
    codes = dict(zip(query.latents.tolist(), query.values.tolist(), strict=True))
    codes[latent] = 0.5
    kept = sorted(codes, key=lambda i: -codes[i])[: sae.record.summary["k"]]
    vector = sae.bias + sum(codes[i] * sae.decoder[i] for i in kept)
    vector = vector / np.linalg.norm(vector)
    units = np.asarray(engine.vectors.values)
    scores = units @ vector / np.linalg.norm(units, axis=1)
    assert [row.row for row in found.steered] == np.argsort(-scores)[:10].tolist()
    assert found.cosine == pytest.approx(float(vector @ query.vector), abs=1e-5)
    capped = ask(engine, query, SteeringPlan(((latent, 0.5),), mode="clamp", cap=0.99))
    assert capped.cosine == pytest.approx(0.99, abs=1e-9)
    assert any("0.99" in note for note in capped.notes)


def test_values_are_read_again_from_the_steered_query(engine: SearchEngine, query) -> None:
    latent = inactive(engine, query)
    found = ask(engine, query, SteeringPlan(((latent, 0.3),)))
    (effect,) = found.effects
    assert effect.asked == pytest.approx(0.3)
    moved = query.vector.astype(float) + 0.3 * engine.sae.decoder[latent]
    moved = (moved / np.linalg.norm(moved) * query.length).astype(np.float32)
    latents, values = engine.sae.codes.of(moved)
    read = dict(zip(latents.tolist(), (values / query.length).tolist(), strict=True))
    assert effect.after == pytest.approx(read.get(latent, 0.0), abs=1e-5)
    assert dict(found.codes_after) == pytest.approx(read, abs=1e-5)
    values_after = [value for _, value in found.codes_after]
    assert values_after == sorted(values_after, reverse=True)
    better = ask(engine, query, SteeringPlan(((latent, 0.3),), optimise=True))
    asked = dict(zip(query.latents.tolist(), query.values.tolist(), strict=True)) | {latent: 0.3}

    def error(codes: dict[int, float]) -> float:
        return sum((codes.get(i, 0) - asked.get(i, 0)) ** 2 for i in asked.keys() | codes.keys())

    assert error(dict(better.codes_after)) < error(read)
    assert any("read again" in note for note in better.notes)


def test_ticks_are_where_results_are_replaced(
    engine: SearchEngine, query, family: FamilySlider
) -> None:
    latent = inactive(engine, query)
    marked = engine.sliders.calibration(query, latent)
    assert marked.typed == 0.0
    assert [number for number, _ in marked.up] == [1, 2, 3, 5]
    plain = {row.row for row in ask(engine, query, SteeringPlan()).plain}
    for number, strength in (*marked.up, *marked.down):
        for u, enough in ((strength * 1.001, True), (strength * 0.98, False)):
            found = ask(engine, query, SteeringPlan(((latent, u),)))
            replaced = len(plain - {row.row for row in found.steered})
            assert (replaced >= number) == enough
    assert all(strength < 0 for _, strength in marked.down)
    of_family = engine.sliders.calibration(query, family)
    assert of_family.typed > 0
    assert of_family.visible > 0


def test_unknown_features_and_dead_ones_are_told(engine: SearchEngine, query) -> None:
    with pytest.raises(BadInput, match="no feature 24"):
        ask(engine, query, SteeringPlan(places=((24, 1),)))
    with pytest.raises(BadInput, match="no feature 99"):
        ask(engine, query, SteeringPlan(((99, 0.2),)))
    with pytest.raises(BadInput, match="no feature 99"):
        engine.sliders.calibration(query, 99)
    dead = np.flatnonzero(engine.sae.statistics.count == 0)
    if len(dead):
        with pytest.raises(NothingToSearch, match="active in no document"):
            ask(engine, query, SteeringPlan(places=((int(dead[0]), 1),)))


def test_without_an_encoder_documents_are_steered_by_the_rest(folder: Path) -> None:
    with Project.open(folder, read_only=True) as project:
        sae = open_sae(project, project.current("saes"))
        record = dataclasses.replace(
            sae.vectors.record,
            inputs={k: v for k, v in sae.vectors.record.inputs.items() if "fingerprint" not in k},
        )
        vectors = dataclasses.replace(sae.vectors, record=record)
        engine = SearchEngine(project, vectors, sae)
        query = engine.document_query(4)
        plan = SteeringPlan(places=((inactive(engine, query), 2),))
        found = engine.ask(SearchRequest(like=(5,), plan=plan), query)
        assert any("encoder of the vectors" in note for note in found.notes)
        kinds = {part.part for row in found.steered for part in row.contributions if part.part}
        assert {"activation", "direction"} <= kinds <= {"activation", "direction", "words"}


@pytest.mark.parametrize("how", [{"mode": "clamp"}, {"optimise": True}])
def test_only_what_was_turned_is_told_as_turned(engine: SearchEngine, query, how) -> None:
    turned, other = inactive(engine, query), int(query.latents[0])
    found = ask(engine, query, SteeringPlan(((turned, 0.6),), less=((other, 0.1),), **how))
    kinds = {(part.latent, part.kind) for row in found.steered for part in row.contributions}
    told = {latent for latent, kind in kinds if kind in ("up", "down")}
    assert told == {turned, other}
    assert any(kind == "along" for _, kind in kinds)
    for row in found.steered:
        assert sum(part.value for part in row.contributions) == pytest.approx(row.score, abs=1e-5)


def test_the_optimisation_tells_how_far_it_is_off_without_jargon(
    engine: SearchEngine, query
) -> None:
    turned = int(query.latents[1])
    notes = ask(engine, query, SteeringPlan(((turned, 0.6),), optimise=True)).notes
    (told,) = (note for note in notes if "read again" in note)
    assert "squared" not in told
    after, before = (int(word) for word in re.findall(r"(\d+) %", told))
    assert after <= before


def test_a_place_goes_only_to_documents_that_have_the_feature(engine: SearchEngine, query) -> None:
    dense = engine.sae.activations.to_csr().toarray()
    latent = inactive(engine, query)
    order = np.argsort(-dense[:, latent])[:12].tolist()
    having, others = order[:3], np.flatnonzero(dense[:, latent] == 0)[:40].tolist()
    wanted = DocumentFilter(document_ids=engine.vectors.document_ids[sorted(having + others)])
    plan = SteeringPlan(places=((latent, 5),))
    for match in ("meaning", "both"):
        found = engine.ask(SearchRequest("protein", match=match, plan=plan, wanted=wanted), query)
        given = [row for row in found.steered if row.place_of is not None]
        assert {row.row for row in given} <= set(having)
        assert [row.place_activation for row in given] == [
            pytest.approx(dense[row.row, latent]) for row in given
        ]
        assert all(row.place_activation is None for row in found.steered if row not in given)
        (told,) = (note for note in found.notes if "could be given" in note)
        assert told.startswith(f"{len(given)} of the 5 places of ")
    assert not any("could be given" in note for note in ask(engine, query, plan).notes)


def off_by(found: SearchAnswer, asked: dict[int, float]) -> float:
    """How far the features of the query that was searched with are from those asked for."""
    codes = dict(found.codes_after)
    errors = [codes.get(i, 0.0) - asked.get(i, 0.0) for i in asked.keys() | codes.keys()]
    return float(np.linalg.norm(errors) / np.linalg.norm(list(asked.values())))


@pytest.mark.parametrize("cap", [0.95, 0.99, 0.999, 1.0])
def test_under_a_cap_the_optimisation_tells_of_what_is_searched_and_never_ends_worse(
    engine: SearchEngine, query, cap: float
) -> None:
    typed = dict(zip(query.latents.tolist(), query.values.tolist(), strict=True))
    for latent, strength in ((int(query.latents[0]), -float(query.values[0])), (3, 0.4), (7, 0.8)):
        plan = SteeringPlan(((latent, strength),), cap=cap)
        asked = typed | {latent: max(0.0, typed.get(latent, 0.0) + strength)}
        without = off_by(ask(engine, query, plan), asked)
        found = ask(engine, query, plan.with_optimise(True))
        assert found.cosine >= cap - 1e-6
        (told,) = (note for note in found.notes if "read again" in note)
        numbers = [int(word) for word in re.findall(r"(\d+) %", told)]
        assert numbers[0] == pytest.approx(100 * off_by(found, asked), abs=0.6)
        assert numbers[-1] == pytest.approx(100 * without, abs=0.6)
        assert off_by(found, asked) <= without + 1e-4


def test_there_is_as_much_less_under_a_cap_with_the_optimisation_as_without(
    engine: SearchEngine, query
) -> None:
    target = int(query.latents[0])
    plan = SteeringPlan(((3, 0.6),), less=((target, 1.0),), cap=0.97)
    first = np.argsort(-(engine.vectors.values @ query.vector))[:10]
    without = engine.steering.turn(query, plan, first)
    with_it = engine.steering.turn(query, plan.with_optimise(True), first)
    assert 0.0 < without.plan.less_of(target) < 1.0
    assert with_it.plan.less_of(target) == without.plan.less_of(target)
