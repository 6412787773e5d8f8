"""Sliders calibrated for what is asked, and what the first places need, read ahead in pieces."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from saedesk.errors import BadInput
from saedesk.jobs.loaded_sae import open_sae
from saedesk.jobs.search_documents import SearchEngine
from saedesk.jobs.search_request import SearchRequest
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.project_folder import Project
from saedesk.search import whitening
from saedesk.search.calibration import strengths_that_replace
from saedesk.search.exact_scores import ExactScores
from saedesk.search.family_steering import family_slider
from saedesk.search.query_features import steer
from saedesk.search.steering_plan import SteeringPlan
from saedesk.task_control import Cancelled, Unattended

TEXT = "dark matter halos"


@pytest.fixture(scope="module")
def project(small_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder = tmp_path_factory.mktemp("sliders") / "p.saedesk"
    shutil.copytree(small_project, folder)
    with Project.open(folder, read_only=True) as opened:
        yield opened


@pytest.fixture
def engine(project: Project) -> SearchEngine:
    sae = open_sae(project, project.current("saes"))
    assert sae is not None
    return SearchEngine(project, sae.vectors, sae)


class Impatient(Unattended):
    """Cancels at the checkpoint of that number; counts them."""

    def __init__(self, at: int) -> None:
        self.at, self.passed = at, 0

    def checkpoint(self) -> None:
        self.passed += 1
        if self.passed == self.at:
            raise Cancelled


def frequent(engine: SearchEngine) -> list[int]:
    """Features, the most frequent first."""
    assert engine.sae is not None
    return np.argsort(-engine.sae.statistics.density, kind="stable").tolist()


def test_marks_are_those_of_what_is_asked_with_documents_left_out_and_filters(
    engine: SearchEngine,
) -> None:
    ids = engine.vectors.document_ids
    wanted = DocumentFilter(categories={"category": ("Biology", "Cosmology")})
    latent = frequent(engine)[0]
    for request in (
        SearchRequest(like=(int(ids[3]),), unlike=(int(ids[9]),)),
        SearchRequest(like=(int(ids[3]),), unlike=(int(ids[9]),), wanted=wanted),
    ):
        query = engine.query_of(request)
        plain = engine.ask(request, query)
        allowed = engine.allowed_rows(request)
        found = engine.sliders.calibration(query, latent, request)
        # What is kept for the next move is kept still.
        assert engine.allowed_rows(request) is allowed
        assert engine.plain_results(query, request.count, allowed) is engine._plain
        active = [latent in engine.sae.activations.document(row.row)[0] for row in plain.plain]
        assert found.visible == sum(active)
        assert found.up
        for number, strength in found.up:
            for u, enough in ((strength * 1.001, True), (strength * 0.98, False)):
                steered = engine.ask(request.with_plan(SteeringPlan(((latent, u),))), query)
                assert (10 - steered.kept >= number) == enough


@pytest.mark.parametrize("match", ["both", "words"])
def test_where_words_count_there_are_no_marks_and_what_is_shown_is_looked_at(
    engine: SearchEngine, match
) -> None:
    request = SearchRequest(TEXT, match=match)
    plain = engine.ask(request)
    for latent in frequent(engine)[:6]:
        found = engine.sliders.calibration(plain.query, latent, request)
        assert (found.is_marked, found.up, found.down) == (False, (), ())
        shown = [latent in engine.sae.activations.document(row.row)[0] for row in plain.plain]
        assert found.visible == sum(shown)


def test_what_is_visible_is_known_of_all_sliders_without_a_product(
    engine: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = engine.take_apart(TEXT)
    engine.ask(SearchRequest(TEXT), query)
    monkeypatch.setattr(ExactScores, "_products", lambda *_: pytest.fail("vectors were read"))
    targets = frequent(engine)[:8]
    found = engine.sliders.unmarked(query, targets, SearchRequest(TEXT))
    monkeypatch.undo()
    assert list(found) == targets
    for target, one in found.items():
        marked = engine.sliders.calibration(query, target)
        assert (one.visible, one.typed) == (marked.visible, marked.typed)
        assert (one.is_marked, marked.is_marked) == (False, True)
    with pytest.raises(BadInput, match="no feature 99"):
        engine.sliders.calibration(query, 99)


def test_a_family_takes_one_product_and_takes_nobody_s_place(
    engine: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sae, query = engine.sae, engine.take_apart(TEXT)
    family = family_slider(2, [0, 1, *range(3, 20)], sae.decoder, sae.statistics.density)
    assert len(family.moves) > 10
    engine.ask(SearchRequest(TEXT, plan=SteeringPlan(((21, 0.2), (22, 0.1)))), query)
    taken: list[int] = []
    products = ExactScores._products

    def counted(self: ExactScores, *directions: object) -> np.ndarray:
        taken.append(1)
        return products(self, *directions)

    monkeypatch.setattr(ExactScores, "_products", counted)
    found = engine.sliders.calibration(query, family)
    assert len(taken) == 1
    engine.ask(SearchRequest(TEXT, plan=SteeringPlan(((21, 0.3), (22, 0.2)))), query)
    assert len(taken) == 1
    monkeypatch.undo()
    search = engine.search()
    along = sum(w * search.along(i, sae.decoder).astype(float) for i, w in family.moves)
    plain = search.all_scores(steer(query, SteeringPlan(), sae.decoder), sae.decoder)
    for marks, sign in ((found.up, 1.0), (found.down, -1.0)):
        expected = strengths_that_replace(plain, along.astype(np.float32), sign)
        assert [number for number, _ in marks] == [number for number, _ in expected]
        assert [u for _, u in marks] == pytest.approx([u for _, u in expected], abs=1e-4)


def test_a_calibration_can_be_cancelled_all_along(engine: SearchEngine) -> None:
    sae, query = engine.sae, engine.take_apart(TEXT)
    family = family_slider(2, [0, 1, 5], sae.decoder, sae.statistics.density)
    patient = Impatient(0)
    engine.sliders.calibration(query, family, control=patient)
    assert patient.passed > 30
    for at in (1, 2, patient.passed):
        with pytest.raises(Cancelled):
            engine.sliders.calibration(query, family, control=Impatient(at))


def test_what_places_need_is_read_ahead_and_goes_on_after_a_cancel(
    engine: SearchEngine, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whitening, "ROWS_AT_ONCE", 7)
    latent = frequent(engine)[0]
    patient = Impatient(0)
    SearchEngine(project, engine.vectors, engine.sae).sliders.prepare(patient)
    pieces = -(-len(engine.vectors.values) // 7)
    assert patient.passed > pieces
    tries = [Impatient(4) for _ in range(pieces)]
    for control in tries:
        try:
            engine.sliders.prepare(control)
        except Cancelled:
            continue
        break
    # Each try got three pieces further.
    assert tries.index(control) <= patient.passed // 3 + 1
    again = Impatient(0)
    engine.sliders.prepare(again)
    assert again.passed <= 1
    with pytest.raises(Cancelled):
        engine.sliders.prepare_target(latent, Impatient(1))
    engine.sliders.prepare_target(latent, Unattended())
    assert engine.steering.scores(latent) is engine.fused_score(latent)
    fresh = SearchEngine(project, engine.vectors, engine.sae)
    assert fresh.fused_score(latent).values.tobytes() == engine.fused_score(latent).values.tobytes()
    monkeypatch.setattr(ExactScores, "_products", lambda *_: pytest.fail("vectors were read"))
    assert engine.fused_score(latent).names


def test_without_features_there_is_nothing_to_read_ahead(
    engine: SearchEngine, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[int] = []
    products = ExactScores._products

    def counted(self: ExactScores, *directions: object) -> np.ndarray:
        reads.append(1)
        return products(self, *directions)

    monkeypatch.setattr(ExactScores, "_products", counted)
    without, patient = SearchEngine(project, engine.vectors, None), Impatient(0)
    without.sliders.prepare(patient)
    without.sliders.prepare_target(3, patient)
    assert (patient.passed, reads) == (1, []), "looked between pieces that nobody needs"
    # What every search needs is ready all the same: the first one reads the vectors once.
    assert without._search is not None
    request = SearchRequest(like=(int(engine.vectors.document_ids[3]),))
    found = [one.row for one in without.ask(request).steered]
    assert len(reads) == 1
    assert found == [one.row for one in engine.ask(request).steered]
