"""A family that is turned as one is one part of a score, and the parts still sum."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from saedesk.jobs.loaded_sae import open_sae
from saedesk.jobs.search_by_features import HOW_STEERED
from saedesk.jobs.search_documents import SearchAnswer, SearchEngine
from saedesk.jobs.search_request import SearchRequest
from saedesk.project.project_folder import Project
from saedesk.search.family_steering import FamilySlider, family_slider, with_families
from saedesk.search.query_features import QueryFeatures, take_apart
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


def told(
    engine: SearchEngine,
    request: SearchRequest,
    *families: FamilySlider,
    query: QueryFeatures | None = None,
) -> SearchAnswer:
    """The answer as it is explained, after checking that nothing was lost."""
    answer = engine.ask(replace(request, families=families), query)
    for row in answer.steered:
        assert sum(part.value for part in row.contributions) == pytest.approx(row.score, abs=1e-5)
        moved = row.score - row.score_before
        assert sum(part.value for part in row.change) == pytest.approx(moved, abs=1e-5)
    return answer


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
        request = SearchRequest(TEXT, plan=plan)
        for row in told(engine, request, family, query=query).steered:
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
    request = SearchRequest(TEXT, plan=plan)
    moved = query.vector.astype(float) + 0.3 * direction + 0.2 * engine.decoder[2]
    length = (moved @ moved) ** 0.5
    for row in told(engine, request, family, query=query).steered:
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
    for row in told(engine, SearchRequest(TEXT, plan=plan), one, other).steered:
        families = [part.target.root for part in row.change if part.target is not None]
        assert families == [2, 5]


def test_where_features_alone_are_compared_there_is_no_less_to_share_with(
    engine: SearchEngine,
) -> None:
    family = family_of(engine, [2, 5, 8], 0.3)
    plan = with_families(SteeringPlan(less=((5, 1.0),)), [family])
    for row in told(engine, SearchRequest(target=5, plan=plan, count=20), family).steered:
        active = codes_of(engine, row.row)
        if active.keys() & {2, 5, 8}:
            (part,) = (part for part in row.contributions if part.target is not None)
            expected = sum(0.3 * weight * active.get(i, 0.0) for i, weight in family.moves)
            assert part.value == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("strength", [0.4, -0.05, -5.0])
def test_a_family_is_one_part_of_what_documents_share(
    engine: SearchEngine, strength: float
) -> None:
    """Of J = Σ min(z, p) / Σ max(z, p) a family has what it added to the numerator."""
    rows, unlike = [4, 9], [30]
    ids = engine.vectors.document_ids
    code: dict[int, float] = {}
    for row in rows:
        for latent, value in codes_of(engine, row).items():
            code[latent] = code.get(latent, 0.0) + value / len(rows)
    strongest = sorted(code, key=lambda latent: -code[latent])
    others = [latent for latent in range(24) if latent not in code]
    family = family_of(engine, [strongest[0], strongest[3], *others[:3]], strength)
    own, plan = strongest[3], SteeringPlan(((strongest[3], 0.1), (others[4], 0.2)))
    request = SearchRequest(
        like=tuple(int(ids[row]) for row in rows),
        unlike=tuple(int(ids[row]) for row in unlike),
        like_by="features",
        plan=with_families(plan, [family]),
        count=20,
    )
    added = {latent: strength * weight for latent, weight in family.moves}
    turned = {own: 0.1, others[4]: 0.2}
    total = {i: added.get(i, 0.0) + turned.get(i, 0.0) for i in {*added, *turned}}
    length = engine.query_of(request).length
    then = {i: max(0.0, code.get(i, 0.0) + length * total.get(i, 0.0)) for i in {*code, *total}}
    answer, seen = told(engine, request, family), 0
    assert HOW_STEERED in answer.notes
    assert HOW_STEERED not in engine.ask(replace(request, plan=SteeringPlan())).notes
    for row in answer.steered:
        found = codes_of(engine, row.row)
        whole = sum(max(found.get(i, 0.0), then.get(i, 0.0)) for i in {*found, *then})
        expected = sum(
            (min(found[i], then[i]) - min(found[i], code.get(i, 0.0))) * added[i] / total[i]
            for i in added
            if i in found
        )
        parts = [part for part in row.contributions if part.target is not None]
        seen += len(parts)
        assert sum(p.value for p in parts) == pytest.approx(expected / whole, abs=1e-6)
        assert {part.kind for part in parts} <= {"up" if strength > 0 else "down"}
        # What the documents have of a feature by themselves is told as it was.
        first = {part.kind for part in row.change if part.latent == strongest[0]}
        assert first <= {"typed"}
    assert seen >= 5


def codes_of(engine: SearchEngine, row: int) -> dict[int, float]:
    latents, values = engine.sae.activations.document(row)
    return dict(zip(latents.tolist(), values.tolist(), strict=True))


def test_at_rest_nothing_is_taken_together(engine: SearchEngine) -> None:
    family = family_of(engine, [2, 5, 8], 0.3)
    for asked in (SearchRequest(TEXT), SearchRequest(target=5)):
        for plan, moved in ((SteeringPlan(), 0.3), (SteeringPlan(((2, 0.4),)), 0.0)):
            request = replace(asked, plan=plan)
            at_rest = replace(request, families=(family.with_strength(moved),))
            assert engine.ask(at_rest).steered == engine.ask(request).steered


def test_scores_that_are_no_sum_of_what_was_added_stay_as_they_are(engine: SearchEngine) -> None:
    family = family_of(engine, [2, 5, 8], 0.3)
    plan = with_families(SteeringPlan(places=((2, 1),)), [family])
    for match in ("both", "words"):
        request = SearchRequest("galaxies", match=match, plan=plan)
        as_one = engine.ask(replace(request, families=(family,)))
        assert as_one.steered == engine.ask(request).steered


def test_less_of_what_no_result_has_takes_no_share(engine: SearchEngine) -> None:
    """Of a feature that only the query has there is no less, so a family has all of its move."""
    query = engine.query_of(SearchRequest(TEXT))
    first = [row.row for row in engine.ask(SearchRequest(TEXT), query).plain]
    seen = {latent for row in first for latent in codes_of(engine, row)}
    own = next(i for i in range(24) if i not in seen)
    codes = dict(zip(query.latents.tolist(), query.values.tolist(), strict=True)) | {own: 0.5}
    asked = take_apart(query.vector, list(codes), list(codes.values()), engine.decoder)
    family = family_of(engine, [own, 2], 0.3)
    plan = with_families(SteeringPlan(less=((own, 1.0),)), [family])
    request = SearchRequest(TEXT, plan=plan)
    for row in told(engine, request, family, query=asked).steered:
        (typed,) = (part for part in row.contributions if part.latent == own and not part.target)
        assert typed.kind == "typed"
        assert typed.moved == 0.0
