"""A family that is turned as one is one part of a score, and the parts still sum."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from saedesk.jobs.families_as_one import families_as_one
from saedesk.jobs.loaded_sae import open_sae
from saedesk.jobs.search_documents import SearchAnswer, SearchEngine
from saedesk.jobs.search_request import SearchRequest
from saedesk.project.project_folder import Project
from saedesk.search.family_steering import FamilySlider, family_slider, with_families
from saedesk.search.steering_plan import SteeringPlan

TEXT = "dark matter halos"


@pytest.fixture(scope="module")
def engine(small_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchEngine]:
    folder = tmp_path_factory.mktemp("as_one") / "p.saedesk"
    shutil.copytree(small_project, folder)
    with Project.open(folder, read_only=True) as project:
        loaded = open_sae(project, project.current("saes"))
        assert loaded is not None
        yield SearchEngine(project, loaded.vectors, loaded)


def family_of(engine: SearchEngine, latents: list[int], strength: float) -> FamilySlider:
    sae = engine.sae
    slider = family_slider(latents[0], latents[1:], sae.decoder, sae.statistics.density)
    return slider.with_strength(strength)


def told(answer: SearchAnswer, *families: FamilySlider) -> SearchAnswer:
    """The answer as it is explained, after checking that nothing was lost."""
    rows = tuple(families_as_one(row, answer, families) for row in answer.steered)
    for row in rows:
        assert sum(part.value for part in row.contributions) == pytest.approx(row.score, abs=1e-5)
        moved = row.score - row.score_before
        assert sum(part.value for part in row.change) == pytest.approx(moved, abs=1e-5)
    return replace(answer, steered=rows)


HOW = {
    "add": {},
    "cap": {"cap": 0.97},
    "clamp": {"mode": "clamp"},
    "optimise": {"optimise": True},
    "less": {"less": ((3, 0.5),)},
}


@pytest.mark.parametrize("how", HOW)
def test_a_family_is_one_part_of_score_and_change(engine: SearchEngine, how: str) -> None:
    query = engine.query_of(SearchRequest(TEXT))
    latents = [int(query.latents[0]), *(i for i in (2, 5, 8, 11) if i not in query.latents)]
    for strength in (0.5, -0.4, 0.01):
        family = family_of(engine, latents, strength)
        plan = with_families(SteeringPlan(**HOW[how]), [family])
        answer = engine.ask(SearchRequest(TEXT, plan=plan), query)
        for row in told(answer, family).steered:
            kind = "up" if strength > 0 else "down"
            for parts in (row.contributions, row.change):
                own = [part for part in parts if part.target == family.with_strength(0.0)]
                assert [(part.latent, part.kind) for part in own] == [(None, kind)]
                # None of its features is told as turned; what the query has of one stays its own.
                turned = {part.latent for part in parts if part.kind in ("up", "down")} - {None}
                assert turned.isdisjoint(latents) or how == "less"
            typed = {part.latent for part in row.contributions if part.kind == "typed"}
            if how == "add":
                assert latents[0] in typed
                assert typed.isdisjoint(latents[1:])


def test_what_a_family_adds_is_what_its_direction_adds(engine: SearchEngine) -> None:
    query = engine.query_of(SearchRequest(TEXT))
    family = family_of(engine, [2, 5, 8], 0.3)
    direction = sum(weight * engine.decoder[i].astype(float) for i, weight in family.moves)
    plan = with_families(SteeringPlan(((2, 0.2),)), [family])
    answer = engine.ask(SearchRequest(TEXT, plan=plan), query)
    moved = query.vector.astype(float) + 0.3 * direction + 0.2 * engine.decoder[2]
    length = (moved @ moved) ** 0.5
    for row in told(answer, family).steered:
        vector = engine.vectors.values[row.row].astype(float)
        vector /= (vector @ vector) ** 0.5
        part = next(part for part in row.contributions if part.target is not None)
        assert part.value == pytest.approx(0.3 * direction @ vector / length, abs=1e-6)
        # The slider of its own that a feature of it has is told beside it.
        (own,) = (p for p in row.change if p.latent == 2)
        assert own.kind == "up"
        typed = float(dict(zip(query.latents, query.values, strict=True)).get(2, 0.0))
        along = float(engine.decoder[2].astype(float) @ vector)
        assert own.value == pytest.approx((typed + 0.2) * along / length - typed * along, abs=1e-6)


def test_two_families_that_share_features_are_two_parts(engine: SearchEngine) -> None:
    one, other = family_of(engine, [2, 5, 8], 0.3), family_of(engine, [5, 8, 11], -0.2)
    plan = with_families(SteeringPlan(), [one, other])
    answer = engine.ask(SearchRequest(TEXT, plan=plan))
    for row in told(answer, one, other).steered:
        families = [part.target.root for part in row.change if part.target is not None]
        assert families == [2, 5]
    for row in engine.ask(SearchRequest(target=3, plan=plan, count=20)).steered:
        shown = families_as_one(row, answer, [one, other])
        assert sum(part.value for part in shown.contributions) == pytest.approx(row.score, abs=1e-5)


def test_at_rest_nothing_is_taken_together(engine: SearchEngine) -> None:
    answer = engine.ask(SearchRequest(TEXT))
    family = family_of(engine, [2, 5, 8], 0.3)
    assert families_as_one(answer.steered[0], answer, [family]) is answer.steered[0]
    turned = engine.ask(SearchRequest(TEXT, plan=SteeringPlan(((2, 0.4),))))
    at_rest = family.with_strength(0.0)
    assert families_as_one(turned.steered[0], turned, [at_rest]) is turned.steered[0]


def test_scores_that_are_no_sum_of_what_was_added_stay_as_they_are(engine: SearchEngine) -> None:
    family = family_of(engine, [2, 5, 8], 0.3)
    plan = with_families(SteeringPlan(), [family])
    like = (int(engine.vectors.document_ids[4]),)
    answer = engine.ask(SearchRequest(like=like, like_by="features", plan=plan))
    for row in answer.steered:
        assert families_as_one(row, answer, [family]) == row
