"""Sliders beside a feature or a family alone: a move costs little, and remembers nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from saedesk.features.sparse_activations import SparseActivations
from saedesk.jobs.loaded_sae import open_sae
from saedesk.jobs.search_answer import SearchAnswer
from saedesk.jobs.search_documents import SearchEngine
from saedesk.jobs.search_request import SearchRequest
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.project_folder import Project
from saedesk.search.steering_plan import SteeringPlan


@pytest.fixture
def project(small_project: Path, tmp_path: Path) -> Iterator[Project]:
    folder = tmp_path / "p.saedesk"
    shutil.copytree(small_project, folder)
    with Project.open(folder, read_only=True) as project:
        yield project


def engine_of(project: Project) -> SearchEngine:
    loaded = open_sae(project, project.current("saes"))
    assert loaded is not None
    return SearchEngine(project, loaded.vectors, loaded)


def told(answer: SearchAnswer) -> tuple[object, ...]:
    """All of an answer but its time, to the last bit."""
    return (
        answer.plain,
        answer.steered,
        answer.cosine,
        answer.ranks_after,
        answer.effects,
        answer.notes,
    )


def test_an_answer_is_the_same_whatever_was_asked_before(project: Project) -> None:
    engine = engine_of(project)
    counts = np.diff(engine.sae.activations.latent_offsets)
    target, *others = np.argsort(-counts)[:8].tolist()
    filters = [DocumentFilter(), DocumentFilter(categories={"category": ("Language", "Biology")})]
    plans = [
        SteeringPlan(),
        SteeringPlan(((others[0], 0.3),)),
        SteeringPlan(((others[0], -0.7), (others[1], 0.2), (target, -0.4))),
        SteeringPlan(((others[0], -0.7), (others[1], 0.2), (target, -0.4)), cap=0.95),
        SteeringPlan(tuple((latent, 0.1) for latent in others)),
        SteeringPlan(((others[2], 0.5),), places=((others[3], 2),)),
    ]
    asked = [
        SearchRequest(target=one, plan=plan, wanted=wanted, count=20)
        for wanted in filters
        for one in (target, others[4])
        for plan in plans
    ]
    in_turn = [told(engine.ask(request)) for request in asked]
    for place in np.random.default_rng(0).permutation(len(asked)).tolist():
        assert told(engine.ask(asked[place])) == in_turn[place]
    for place in range(0, len(asked), 5):
        assert told(engine_of(project).ask(asked[place])) == in_turn[place]


def test_a_move_reads_no_activations_of_features_again(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, read = engine_of(project), []
    latent_of = SparseActivations.latent

    def noted(self: SparseActivations, latent: int) -> tuple[np.ndarray, np.ndarray]:
        read.append(latent)
        return latent_of(self, latent)

    monkeypatch.setattr(SparseActivations, "latent", noted)
    wanted = DocumentFilter(categories={"category": ("Language", "Biology")})
    request = SearchRequest(target=3, wanted=wanted)
    for strength in (0.1, 0.0, 0.3):
        plan = SteeringPlan(((5, strength), (7, -0.2)))
        before = len(read)
        engine.ask(replace(request, plan=plan))
    assert {3, 5, 7} <= set(read)
    assert len(read) == before
