"""Searches by words, by both, by features, for a feature alone, and away from documents."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from saedesk.errors import BadInput, BadSetting, ModelProblem, NothingToSearch
from saedesk.jobs.loaded_sae import open_sae
from saedesk.jobs.search_by_target import HOW_STEERED, STEERED_BY, UNMOVED
from saedesk.jobs.search_documents import SearchAnswer, SearchEngine
from saedesk.jobs.search_request import SearchRequest
from saedesk.project import word_search
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.project_folder import Project
from saedesk.search.family_steering import family_slider
from saedesk.search.steered_ranking import PLACE_WEIGHT
from saedesk.search.steering_plan import SteeringPlan

TEXT = "dark matter halos"


@pytest.fixture(scope="module")
def engine(small_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchEngine]:
    folder = tmp_path_factory.mktemp("otherwise") / "p.saedesk"
    shutil.copytree(small_project, folder)
    with Project.open(folder, read_only=True) as project:
        loaded = open_sae(project, project.current("saes"))
        assert loaded is not None
        yield SearchEngine(project, loaded.vectors, loaded)


def rows_of(answer: SearchAnswer) -> list[int]:
    return [row.row for row in answer.steered]


def check_sums(answer: SearchAnswer) -> None:
    for row in (*answer.plain, *answer.steered):
        assert sum(part.value for part in row.contributions) == pytest.approx(row.score, abs=1e-5)
        if row.change and row.score_before is not None:
            moved = row.score - row.score_before
            assert sum(part.value for part in row.change) == pytest.approx(moved, abs=1e-5)
    assert [row.rank for row in answer.steered] == list(range(1, len(answer.steered) + 1))


def test_words_alone_need_no_model(engine: SearchEngine, monkeypatch) -> None:
    monkeypatch.setattr(engine, "_load_encoder", lambda: pytest.fail("the model was loaded"))
    found = engine.ask(SearchRequest("galaxy lensing", match="words"))
    check_sums(found)
    words = {"galaxy", "galaxies", "lensing"}
    for row in found.steered:
        text = f"{row.document.title} {row.document.text}".lower()
        assert any(word in text for word in words)
        assert row.contributions[0].kind == "words"
    assert found.plain is found.steered
    assert found.exact
    assert found.cosine == 1.0
    steered = engine.ask(
        SearchRequest("galaxy lensing", match="words", plan=SteeringPlan(((0, 0.5),)))
    )
    assert rows_of(steered) == rows_of(found)
    assert any("not steered" in note for note in steered.notes)


def test_both_rankings_make_a_place_and_say_so(engine: SearchEngine) -> None:
    both = engine.ask(SearchRequest(TEXT, match="both", count=60))
    meaning = {r.row: r.rank for r in engine.ask(SearchRequest(TEXT, count=60)).steered}
    words = {
        r.row: r.rank for r in engine.ask(SearchRequest(TEXT, match="words", count=60)).steered
    }
    check_sums(both)
    assert 0 < len(words) < 60
    for row in both.steered:
        assert row.rank_by_meaning == meaning[row.row]
        assert row.rank_by_words == words.get(row.row)
        ranks = [rank for rank in (row.rank_by_meaning, row.rank_by_words) if rank]
        assert row.score == pytest.approx(sum(1 / (60 + rank) for rank in ranks))
        assert len(row.contributions) == len(ranks)
    scores = [row.score for row in both.steered]
    assert scores == sorted(scores, reverse=True)


def test_with_both_the_meaning_is_the_steered_one(engine: SearchEngine) -> None:
    plan = SteeringPlan(((3, 0.6), (7, -0.4)))
    both = engine.ask(SearchRequest(TEXT, match="both", plan=plan, count=60))
    meaning = engine.ask(SearchRequest(TEXT, plan=plan, count=60))
    check_sums(both)
    rank = {row.row: row.rank for row in meaning.steered}
    assert all(row.rank_by_meaning == rank[row.row] for row in both.steered)
    assert both.cosine == meaning.cosine < 1.0
    assert [one.target for one in both.effects] == [3, 7]
    assert both.codes_after == meaning.codes_after
    before = {row.row: row for row in both.plain}
    for row in both.steered:
        assert row.rank_before == before[row.row].rank
        assert row.score_before == before[row.row].score
        assert row.change
    after = {row.row: row.rank for row in both.steered}
    assert list(both.ranks_after) == [after[row.row] for row in both.plain]


def test_places_count_in_both(engine: SearchEngine) -> None:
    plan = SteeringPlan(places=((5, 3),))
    both = engine.ask(SearchRequest(TEXT, match="both", plan=plan, count=60))
    check_sums(both)
    plain = engine.ask(SearchRequest(TEXT, match="both", count=60))
    # The first seven stay, and three places are given among the ten that are shown.
    own = [row.row for row in both.steered[:10] if row.place_of is None]
    assert own == rows_of(plain)[:7]
    given = [row for row in both.steered if row.place_of == 5]
    assert [row.rank for row in given] == [4, 7, 10]
    values = engine.fused_score(5).values
    scores = engine.search().plain_scores(both.query) + np.float32(PLACE_WEIGHT) * values
    ranks = {int(row): at for at, row in enumerate(np.argsort(-scores, kind="stable"), start=1)}
    others = sorted(set(ranks) - set(own), key=ranks.__getitem__)
    assert [row.row for row in given] == others[:3]
    for row in given:
        share = next(part for part in row.contributions if part.kind == "place")
        assert (share.target, share.part) == (5, "rank")
        assert share.value == pytest.approx(1 / (60 + ranks[row.row]))
    # What is left is in the order of the fused ranking, and its ranks are those by meaning.
    later = [row.row for row in both.steered[10:]]
    assert later == [row for row in rows_of(plain) if row in later]
    by_meaning = {row.row: row.rank for row in engine.ask(SearchRequest(TEXT, count=60)).steered}
    assert all(row.rank_by_meaning == by_meaning[row.row] for row in both.steered)
    assert len(rows_of(both)) == len(set(rows_of(both))) == 60
    (effect,) = both.effects
    assert effect.replaced == len({row.row for row in given} - set(rows_of(plain)[:10]))
    assert both.ranks_after == tuple(rows_of(both).index(row) + 1 for row in rows_of(plain))


def test_all_places_are_given_in_both_whatever_the_words_say(engine: SearchEngine) -> None:
    plain = engine.ask(SearchRequest(TEXT, match="both"))
    for latent in range(0, 24, 5):
        if not len(engine.sae.activations.latent(latent)[0]):
            continue
        for m in (1, 5, 10):
            plan = SteeringPlan(((7, 0.3),), places=((latent, m),), less=((3, 0.5),))
            found = engine.ask(SearchRequest(TEXT, match="both", plan=plan))
            check_sums(found)
            having = set(engine.sae.activations.latent(latent)[0].tolist())
            given = sum(row.place_of == latent for row in found.steered)
            # All of them, but for those that no further document could take.
            assert given == m or having <= set(rows_of(found))
            told = {effect.target: effect.replaced for effect in found.effects}
            new = {row.row for row in found.steered if row.place_of == latent}
            assert told[latent] == len(new - set(rows_of(plain)))
    wanted = DocumentFilter(categories={"category": ("Biology",)})
    rows = engine.allowed_rows(SearchRequest(TEXT, wanted=wanted))
    having = (engine.sae.activations.to_csr().toarray()[rows] > 0).sum(0)
    plan = SteeringPlan(places=((int(np.argmax(having)), 4),))
    found = engine.ask(SearchRequest(TEXT, match="both", plan=plan, wanted=wanted))
    assert {row.document.fields["category"] for row in found.steered} == {"Biology"}
    assert sum(row.place_of is not None for row in found.steered) == 4


def latent_of(engine: SearchEngine) -> int:
    """The feature that is active in the most documents."""
    return int(np.argmax(np.diff(engine.sae.activations.latent_offsets)))


@pytest.mark.parametrize("match", ["words", "both"])
def test_quoted_phrases_must_occur(engine: SearchEngine, match) -> None:
    document = engine.ask(SearchRequest(TEXT, match="words")).steered[0].document
    phrase = " ".join(document.text.split()[:4]).strip(".,")
    found = engine.ask(SearchRequest(f'"{phrase}" {TEXT}', match=match, count=60))
    for row in found.steered:
        text = f"{row.document.title} {row.document.text}"
        assert phrase.lower() in " ".join(text.split()).lower()
    assert document.id in [row.document.id for row in found.steered]
    with pytest.raises(NothingToSearch, match="No document that passes has"):
        engine.ask(SearchRequest('"matter dark halos of"', match=match))


@pytest.mark.parametrize("match", ["words", "both"])
def test_how_many_documents_have_a_phrase_is_told(engine: SearchEngine, match, monkeypatch) -> None:
    texts = {
        row.id: " ".join(f"{row.title} {row.text}".lower().split())
        for row in engine._project.documents.rows(engine.vectors.document_ids)
    }
    for phrase in ("the mass", "of galaxies", "of galaxy"):
        many = sum(re.search(rf"\b{phrase}\b", text) is not None for text in texts.values())
        asked = SearchRequest(f'"{phrase}"', match=match, count=60)
        if not many:
            with pytest.raises(NothingToSearch, match="No document that passes has"):
                engine.ask(asked)
            continue
        found = engine.ask(asked)
        assert len(found.steered) == many
        assert found.notes[0] == (
            f"Every result has “{phrase}”, these words one after the other, as "
            f"{'has' if many == 1 else 'have'} {many} of the 60 documents that pass."
        )
    monkeypatch.setattr(word_search, "MOST_LOOKED_AT", 0)
    fresh = SearchEngine(engine._project, engine.vectors, engine.sae, engine._encoders)
    (note,) = fresh.ask(SearchRequest('"of the"', match=match, count=60)).notes
    assert "too many to look at each" in note
    assert "Every result" not in note


def test_filters_hold_for_words_and_both(engine: SearchEngine) -> None:
    wanted = DocumentFilter(categories={"category": ("Biology", "Cosmology")})
    for match in ("words", "both"):
        found = engine.ask(SearchRequest(TEXT, match=match, wanted=wanted, count=60))
        assert found.passed == 20
        categories = {row.document.fields["category"] for row in found.steered}
        assert categories <= {"Biology", "Cosmology"}
    only = DocumentFilter(categories={"category": ("Biology",)})
    with pytest.raises(NothingToSearch, match="has these words"):
        engine.ask(SearchRequest("halos", match="words", wanted=only))
    alone = engine.ask(SearchRequest("halos", match="both", wanted=only))
    assert len(alone.steered) == 10
    assert "places are by meaning" in alone.notes[0]


def test_a_text_without_words_and_one_without_an_encoder(engine: SearchEngine, monkeypatch) -> None:
    with pytest.raises(NothingToSearch, match="no word in this text"):
        engine.ask(SearchRequest("!!", match="words"))
    found = engine.ask(SearchRequest("!!", match="both"))
    assert "by meaning alone" in found.notes[0]

    def none_here() -> None:
        raise ModelProblem("The encoder is not here.")

    monkeypatch.setattr(engine, "_load_encoder", none_here)
    found = engine.ask(SearchRequest(TEXT, match="both"))
    assert found.notes == ("These results are by words alone. The encoder is not here.",)
    assert rows_of(found) == rows_of(engine.ask(SearchRequest(TEXT, match="words")))


def test_documents_without_words_say_so(engine: SearchEngine, monkeypatch) -> None:
    monkeypatch.setattr(type(engine._project.documents), "are_mute", lambda self: True)
    asking = SearchEngine(engine._project, engine.vectors, engine.sae, engine._encoders)
    with pytest.raises(BadInput, match="None of the documents of"):
        asking.ask(SearchRequest(TEXT, match="words"))
    found = asking.ask(SearchRequest(TEXT, match="both"))
    assert rows_of(found) == rows_of(engine.ask(SearchRequest(TEXT)))
    assert "by meaning alone. None of the documents" in found.notes[0]


def test_documents_with_the_same_features_come_first(engine: SearchEngine) -> None:
    like, unlike = tuple(engine.vectors.document_ids[[4, 9]]), (engine.vectors.document_ids[30],)
    request = SearchRequest(like=like, unlike=unlike, like_by="features", count=60)
    found = engine.ask(request)
    check_sums(found)
    assert not {4, 9, 30} & set(rows_of(found))
    dense = engine.sae.activations.to_csr().toarray().astype(np.float64)
    prototype = dense[[4, 9]].mean(0)

    def overlap(code: np.ndarray) -> np.ndarray:
        return np.minimum(dense, code).sum(1) / np.maximum(dense, code).sum(1)

    expected = overlap(prototype) - 0.5 * overlap(dense[30])
    for row in found.steered:
        assert row.score == pytest.approx(expected[row.row], abs=1e-5)
    shared = np.flatnonzero(overlap(prototype) > 0)
    assert set(rows_of(found)) == set(shared.tolist()) - {4, 9, 30}
    latent = int(np.argmax(prototype))
    steered = engine.ask(replace(request, plan=SteeringPlan(((latent, 2.0),))))
    check_sums(steered)
    assert steered.plain == found.plain
    assert rows_of(steered) != rows_of(found)
    assert steered.cosine < 1.0
    noted = engine.ask(replace(request, plan=SteeringPlan(places=((latent, 2),))))
    assert rows_of(noted) == rows_of(found)
    assert any("places, less" in note for note in noted.notes)


def test_the_features_of_the_query_are_those_that_are_compared(engine: SearchEngine) -> None:
    ids = engine.vectors.document_ids
    request = SearchRequest(
        like=tuple(int(i) for i in ids[[4, 9]]), unlike=(int(ids[30]),), like_by="features"
    )
    dense = engine.sae.activations.to_csr().toarray().astype(np.float64)
    code = dense[[4, 9]].mean(0)
    found = engine.ask(request)
    query = found.query
    np.testing.assert_array_equal(np.sort(query.latents), np.flatnonzero(code))
    np.testing.assert_allclose(query.values * query.length, code[query.latents], rtol=1e-5)
    assert np.all(np.diff(query.values) <= 0)
    own = query.values @ engine.decoder[query.latents] + query.rest
    np.testing.assert_allclose(own, query.vector, atol=1e-6)
    # A slider put to 0 takes its feature out of what is compared.
    plan = SteeringPlan(((int(query.latents[0]), -float(query.values[0])),))
    without = engine.ask(replace(request, plan=plan), query)
    code[query.latents[0]] = 0.0
    shared = np.minimum(dense, code).sum(1) / np.maximum(dense, code).sum(1)
    away = np.minimum(dense, dense[30]).sum(1) / np.maximum(dense, dense[30]).sum(1)
    first = without.steered[0]
    assert first.score == pytest.approx(shared[first.row] - 0.5 * away[first.row], abs=1e-5)
    np.testing.assert_array_equal(without.query.values, query.values)


def test_a_text_is_compared_by_its_features_too(engine: SearchEngine) -> None:
    found = engine.ask(SearchRequest(TEXT, like_by="features"))
    check_sums(found)
    latents = set(found.query.latents.tolist())
    assert {part.latent for row in found.steered for part in row.contributions} <= latents


def test_less_like_those_takes_them_away(engine: SearchEngine) -> None:
    ids = engine.vectors.document_ids
    like = (int(ids[0]),)
    plain = engine.ask(SearchRequest(like=like))
    unwanted = plain.steered[0].document.id
    found = engine.ask(SearchRequest(like=like, unlike=(unwanted,)))
    check_sums(found)
    assert unwanted not in [row.document.id for row in found.steered]
    vectors = np.asarray(engine.vectors.values, np.float64)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    own = engine.vectors.row_of(unwanted)
    expected = unit[0] - 0.5 * (unit[own] - unit.mean(0))
    expected /= np.linalg.norm(expected)
    np.testing.assert_allclose(found.query.vector, expected, atol=1e-5)
    typed = engine.ask(SearchRequest(TEXT, unlike=(unwanted,)))
    assert typed.query.vector @ unit[own] < engine.take_apart(TEXT).vector @ unit[own]


def test_a_feature_alone_is_a_query(engine: SearchEngine) -> None:
    latent = int(np.argmax(np.diff(engine.sae.activations.latent_offsets)))
    rows, values = engine.sae.activations.latent(latent)
    found = engine.ask(SearchRequest(target=latent, count=60))
    check_sums(found)
    assert rows_of(found)[: len(rows)] == rows.tolist()
    assert [row.score for row in found.steered][: len(rows)] == pytest.approx(values.tolist())
    silent = rows_of(found)[len(rows) :]
    unit = np.asarray(engine.vectors.values, np.float64)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    cosines = unit @ engine.sae.directions[latent].astype(np.float64)
    assert silent == sorted(silent, key=lambda row: -cosines[row])
    assert {row.score for row in found.steered[len(rows) :]} == {0.0}
    assert f"active in {len(rows)} of the documents" in found.notes[0]
    assert found.query.latents[0] == latent
    other = int(engine.sae.activations.document(silent[-1])[0][0])
    steered = engine.ask(SearchRequest(target=latent, plan=SteeringPlan(((other, 3.0),))))
    check_sums(steered)
    assert steered.plain[0].row == rows[0]
    assert steered.kept < 10


def test_a_family_alone_is_a_query(engine: SearchEngine) -> None:
    sae = engine.sae
    family = family_slider(2, [5, 8], sae.decoder, sae.statistics.density)
    found = engine.ask(SearchRequest(target=family))
    check_sums(found)
    dense = sae.activations.to_csr().toarray()
    values = sum(dense[:, latent] * share for latent, share in family.along)
    best = np.argsort(-values, kind="stable")[: min(10, int((values > 0).sum()))]
    assert rows_of(found)[: len(best)] == best.tolist()


def values_of(engine: SearchEngine, weights: dict[int, float]) -> np.ndarray:
    dense = engine.sae.activations.to_csr().toarray().astype(np.float64)
    return sum(weight * dense[:, latent] for latent, weight in weights.items())


def test_beside_a_feature_alone_strengths_are_weights_and_the_cosine_is_that_of_the_scores(
    engine: SearchEngine,
) -> None:
    latent, other = latent_of(engine), 3
    plain = engine.ask(SearchRequest(target=latent, count=60))
    assert plain.query.latents.tolist() == [latent]
    assert plain.query.values.tolist() == pytest.approx([1.0], abs=1e-6)
    before = values_of(engine, {latent: 1.0})
    for u in (-2.0, -0.3, 0.01, 2.0):
        found = engine.ask(SearchRequest(target=latent, plan=SteeringPlan(((other, u),)), count=60))
        check_sums(found)
        after = values_of(engine, {latent: 1.0, other: u})
        for row in found.steered:
            assert row.score == pytest.approx(after[row.row], abs=1e-5)
        cosine = before @ after / np.linalg.norm(before) / np.linalg.norm(after)
        assert found.cosine == pytest.approx(cosine, abs=1e-6)
        # Documents of neither keep their order, so none of them goes past another.
        silent = [row for row in rows_of(plain) if before[row] == after[row] == 0.0]
        assert [row for row in rows_of(found) if row in silent] == silent
        (effect,) = found.effects
        assert (effect.target, effect.after, effect.places) == (other, None, 0)
        assert effect.asked == pytest.approx(u)
        first = set(rows_of(plain)[:10])
        assert effect.replaced == len(set(rows_of(found)[:10]) - first)
    for away in (-1.0, -float(plain.query.values[0])):
        with pytest.raises(NothingToSearch, match="cancel the query out"):
            engine.ask(SearchRequest(target=latent, plan=SteeringPlan(((latent, away),))))


def test_a_feature_alone_keeps_its_cap(engine: SearchEngine) -> None:
    latent, plan = latent_of(engine), SteeringPlan(((5, 3.0), (3, -1.0)), cap=0.9)
    assert engine.ask(SearchRequest(target=latent, plan=plan.with_cap(None))).cosine < 0.9
    found = engine.ask(SearchRequest(target=latent, plan=plan))
    check_sums(found)
    assert found.cosine == pytest.approx(0.9, abs=1e-9)
    assert any("To keep a cosine of 0.90" in note for note in found.notes)
    loose = engine.ask(SearchRequest(target=latent, plan=plan.with_cap(0.0)))
    assert loose.cosine < 0.9


def test_places_beside_a_feature_alone_are_given(engine: SearchEngine) -> None:
    latent, other = latent_of(engine), 3
    plain = engine.ask(SearchRequest(target=latent))
    found = engine.ask(SearchRequest(target=latent, plan=SteeringPlan(places=((other, 3),))))
    check_sums(found)
    assert rows_of(found)[:3] == rows_of(plain)[:3]
    given = [row for row in found.steered if row.place_of == other]
    assert [row.rank for row in given] == [4, 7, 10]
    values = engine.sae.activations.to_csr().toarray()[:, other]
    assert [row.place_activation for row in given] == pytest.approx(
        [values[row.row] for row in given]
    )
    own = [row.row for row in found.steered if row.place_of is None]
    assert own == rows_of(plain)[:7]
    fused = engine.fused_score(other).values
    own_values = values_of(engine, {latent: 1.0})
    for row in given:
        score = own_values[row.row] + PLACE_WEIGHT * fused[row.row]
        assert row.score == pytest.approx(score, abs=1e-5)
        assert {part.kind for part in row.change} >= {"place"}
    (effect,) = found.effects
    assert (effect.target, effect.asked, effect.places) == (other, None, 3)
    assert effect.replaced == len(set(rows_of(found)) - set(rows_of(plain)))
    assert found.cosine == 1.0
    one = DocumentFilter(document_ids=engine.vectors.document_ids[rows_of(plain)[:1]])
    alone = engine.ask(
        SearchRequest(target=latent, plan=SteeringPlan(places=((other, 3),)), wanted=one)
    )
    assert rows_of(alone) == rows_of(plain)[:1]
    assert any("places of" in note for note in alone.notes)


def test_what_does_nothing_beside_a_feature_alone_is_told_after_how_many_have_it(
    engine: SearchEngine,
) -> None:
    latent = latent_of(engine)
    dense = engine.sae.activations.to_csr().toarray()
    row = int(np.argmax(dense[:, latent]))
    others = np.flatnonzero(dense[:, latent] == 0)[:11].tolist()
    wanted = DocumentFilter(document_ids=engine.vectors.document_ids[sorted([row, *others])])
    silent = next(i for i in range(24) if not dense[[row, *others], i].any())
    plan = SteeringPlan(((silent, 0.4),), less=((3, 0.5),), mode="clamp")
    found = engine.ask(SearchRequest(target=latent, plan=plan, wanted=wanted))
    assert found.notes[0].startswith("It is active in 1 of the documents that pass")
    assert found.notes[1] == STEERED_BY
    assert found.notes[2] == UNMOVED
    assert found.cosine == 1.0
    assert rows_of(found) == [result.row for result in found.plain]
    moved = engine.ask(SearchRequest(target=latent, plan=SteeringPlan(((3, 0.4),))))
    assert HOW_STEERED in moved.notes
    assert STEERED_BY not in moved.notes


def test_what_is_turned_beside_a_feature_alone_is_looked_for_in_all_results(
    engine: SearchEngine,
) -> None:
    latent = latent_of(engine)
    dense = engine.sae.activations.to_csr().toarray()
    for count in (10, 20, 60):
        for other in range(24):
            if other == latent:
                continue
            plan = SteeringPlan(((other, 0.001),))
            found = engine.ask(SearchRequest(target=latent, plan=plan, count=count))
            shown = rows_of(found) + [row.row for row in found.plain]
            is_active = bool(dense[shown, other].any())
            assert (HOW_STEERED in found.notes, UNMOVED in found.notes) == (
                is_active,
                not is_active,
            )
    # Under a cap that leaves nothing of the sliders, the sentence about the cap is all there is.
    plan = SteeringPlan(((3, 0.4),), cap=1.0)
    found = engine.ask(SearchRequest(target=latent, plan=plan))
    assert not {HOW_STEERED, UNMOVED} & set(found.notes)
    assert any("the sliders count for 0 %" in note for note in found.notes)


def test_by_shared_features_the_cosine_is_that_of_the_codes(engine: SearchEngine) -> None:
    like = (int(engine.vectors.document_ids[4]),)
    latents, values = engine.sae.activations.document(4)
    code = dict(zip(latents.tolist(), values.tolist(), strict=True))
    other = next(i for i in range(24) if i not in code)
    request = SearchRequest(like=like, like_by="features")
    length = engine.query_of(request).length
    found = engine.ask(replace(request, plan=SteeringPlan(((other, 0.5),))))
    own = np.linalg.norm(list(code.values()))
    assert found.cosine == pytest.approx(own / np.hypot(own, 0.5 * length), abs=1e-6)


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (SearchRequest("a", like=(1,)), "one of them at once"),
        (SearchRequest("a", target=1), "one of them at once"),
        (SearchRequest(unlike=(1,)), "should be like"),
        (SearchRequest(target=1, unlike=(1,)), "without documents to be unlike"),
        (SearchRequest(like=(1,), unlike=(1,)), "unlike the same document"),
        (SearchRequest(like=(1,), match="words"), "looked for in a text"),
        (SearchRequest("a", match="both", like_by="features"), "one of them at once"),
        (SearchRequest("a", count=-1), "ask for 1 or more"),
    ],
)
def test_what_does_not_go_together_is_said(engine: SearchEngine, request_, sentence) -> None:
    with pytest.raises(BadSetting, match=sentence):
        engine.ask(request_)


def test_features_that_are_not_there(engine: SearchEngine) -> None:
    with pytest.raises(BadInput, match="no feature 99"):
        engine.ask(SearchRequest(target=99))
    without = SearchEngine(engine._project, engine.vectors, None)
    with pytest.raises(BadInput, match="has to be an SAE"):
        without.ask(SearchRequest(like=(1,), like_by="features"))
    with pytest.raises(BadInput, match="no features"):
        without.ask(SearchRequest(target=0))
