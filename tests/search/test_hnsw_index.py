"""The HNSW index: what it finds, how it is built, and that a cancel leaves what was there."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from saedesk.errors import BadInput, BadSetting, NothingToSearch, OutOfRoom
from saedesk.search.explanation import explain
from saedesk.search.hnsw_index import (
    INDEX_FILE,
    GuardedHnswIndex,
    IndexDescription,
    build_index,
    needs_index,
)
from saedesk.search.query_features import steer, take_apart
from saedesk.search.steering_plan import SteeringPlan
from saedesk.search.vector_search import VectorSearch
from saedesk.task_control import Cancelled, Progress, Unattended

WIDTH = 48


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def clustered(count: int, width: int = WIDTH, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    centres = unit(random.standard_normal((max(2, count // 100), width)))
    noise = random.standard_normal((count, width)) * 0.7 / np.sqrt(width)
    return unit(centres[random.integers(len(centres), size=count)] + noise).astype(np.float32)


def built(folder: Path, vectors: np.ndarray, **settings: object) -> IndexDescription:
    folder.mkdir(exist_ok=True)
    options: dict = {"vectors_hash": "vectors-1", "threads": 1, **settings}
    return build_index(vectors, folder / INDEX_FILE, Unattended(), **options)


def opened(folder: Path, vectors: np.ndarray) -> GuardedHnswIndex:
    rows, dim = vectors.shape
    return GuardedHnswIndex.open(folder, dim=dim, rows=rows, vectors_hash="vectors-1")


class Watched(Unattended):
    """Keeps the progress, and cancels at the n-th checkpoint."""

    def __init__(self, cancel_at: int | None = None) -> None:
        self.reports: list[Progress] = []
        self._left = cancel_at

    def checkpoint(self) -> None:
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise Cancelled

    def report(self, progress: Progress) -> None:
        self.reports.append(progress)


def test_finds_what_is_nearest(tmp_path: Path) -> None:
    vectors = clustered(1_500)
    about = built(tmp_path, vectors)
    assert (about.dim, about.rows, about.count, about.space) == (WIDTH, 1_500, 1_500, "cosine")
    rows, distances = opened(tmp_path, vectors).query(vectors[7], k=10)
    expected = np.argsort(-(vectors.astype(float) @ vectors[7].astype(float)))[:10]
    assert rows.tolist() == expected.tolist()
    np.testing.assert_allclose(distances, 1 - vectors[expected] @ vectors[7], atol=1e-5)


def test_one_thread_writes_the_same_file_again(tmp_path: Path) -> None:
    vectors = clustered(700)
    first = built(tmp_path, vectors)
    assert built(tmp_path / "again", vectors) == first


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    watched = Watched()
    build_index(clustered(1_200), tmp_path / INDEX_FILE, watched, vectors_hash="v", threads=2)
    assert [report.done for report in watched.reports] == [0, 500, 1_000, 1_200]
    assert {report.total for report in watched.reports} == {1_200}


@pytest.mark.parametrize("checkpoint", [0, 1, 3])
def test_a_cancel_leaves_what_was_there(tmp_path: Path, checkpoint: int) -> None:
    vectors = clustered(1_200)
    built(tmp_path, vectors)
    with pytest.raises(Cancelled):
        build_index(
            vectors[::-1], tmp_path / INDEX_FILE, Watched(checkpoint), vectors_hash="v", threads=1
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["graph.json", INDEX_FILE]
    assert opened(tmp_path, vectors).query(vectors[3], k=1)[0].tolist() == [3]


def test_rows_without_direction_are_left_out_and_the_others_keep_their_numbers(
    tmp_path: Path,
) -> None:
    vectors = clustered(600)
    vectors[[0, 5]] = 0.0
    vectors[9] = np.nan
    about = built(tmp_path, vectors, excluded_rows=[12])
    assert (about.rows, about.count) == (600, 596)
    index = opened(tmp_path, vectors)
    rows, _ = index.query(vectors[300], k=10_000)
    assert sorted(rows.tolist()) == sorted(set(range(600)) - {0, 5, 9, 12})


@pytest.mark.parametrize(
    "settings", [{"M": 0}, {"M": 1}, {"M": 1_000}, {"ef_construction": 0}, {"threads": 0}]
)
def test_settings_that_crash_the_library_are_refused(
    tmp_path: Path, settings: dict[str, int]
) -> None:
    with pytest.raises(BadSetting, match=next(iter(settings))):
        built(tmp_path, clustered(100), **settings)


@pytest.mark.parametrize("vectors", [np.zeros((0, 8)), np.zeros((5, 8)), np.full((5, 8), np.nan)])
def test_nothing_to_index(tmp_path: Path, vectors: np.ndarray) -> None:
    with pytest.raises(BadInput, match="nothing to index"):
        built(tmp_path, vectors.astype(np.float32))


def test_one_document(tmp_path: Path) -> None:
    vectors = clustered(2)[:1]
    built(tmp_path, vectors)
    assert opened(tmp_path, vectors).query(vectors[0], k=5)[0].tolist() == [0]


def test_a_missing_folder_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(OutOfRoom, match="gone"):
        build_index(
            clustered(50), tmp_path / "gone" / "x", Unattended(), vectors_hash="v", threads=1
        )


def test_a_full_disk_is_noticed_and_the_old_index_stays(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    vectors = clustered(800)
    built(tmp_path, vectors)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    import signal

    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    try:
        with pytest.raises(OutOfRoom, match="bytes arrived"):
            built(tmp_path, vectors[::-1].copy())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert sorted(os.listdir(tmp_path)) == ["graph.json", INDEX_FILE]
    assert opened(tmp_path, vectors).query(vectors[3], k=1)[0].tolist() == [3]


@pytest.mark.parametrize(
    ("query", "error"),
    [
        (np.zeros(WIDTH), NothingToSearch),
        (np.full(WIDTH, np.nan), NothingToSearch),
        (np.full(WIDTH, np.inf), NothingToSearch),
        (np.ones(WIDTH - 1), BadInput),
        (np.ones(10 * WIDTH), BadInput),
        (np.ones((2, WIDTH)), BadInput),
    ],
)
def test_queries_that_crash_the_library_are_refused(
    tmp_path: Path, query: np.ndarray, error: type[Exception]
) -> None:
    vectors = clustered(300)
    built(tmp_path, vectors)
    index = opened(tmp_path, vectors)
    with pytest.raises(error):
        index.query(query.astype(np.float32), k=10)
    assert index.query(vectors[3], k=1)[0].tolist() == [3]


def test_duplicates_only_still_answer(tmp_path: Path) -> None:
    vectors = np.repeat(clustered(2)[:1], 1_000, axis=0)
    built(tmp_path, vectors)
    decoder = clustered(20, seed=3)
    search = VectorSearch(vectors, index=opened(tmp_path, vectors))
    steered = steer(take_apart(vectors[0], [], [], decoder), SteeringPlan(), decoder)
    for count in (10, 500, 1_000, 5_000):
        hits = search.search(steered, decoder, count)
        assert len(set(hits.rows.tolist())) == min(count, 1_000)


def test_a_long_list_or_a_filter_is_scanned_for_exactly(tmp_path: Path) -> None:
    vectors = clustered(1_500)
    built(tmp_path, vectors)
    decoder = clustered(20, seed=3)
    search = VectorSearch(vectors, index=opened(tmp_path, vectors))
    steered = steer(take_apart(vectors[0], [], [], decoder), SteeringPlan(), decoder)
    assert not search.search(steered, decoder, 10).exact
    assert search.search(steered, decoder, 1_400).exact
    allowed = np.arange(1_500) >= 1_490
    hits = search.search(steered, decoder, 100, allowed)
    assert hits.exact
    assert sorted(hits.rows.tolist()) == list(range(1_490, 1_500))
    assert search.plain_ranks(vectors[0], hits.rows, allowed) == list(range(1, 11))
    assert search.plain_ranks(vectors[0], [3], allowed) == [None]


def test_scores_with_an_index_are_exact_and_ranks_stop_where_it_stopped(tmp_path: Path) -> None:
    vectors = clustered(3_000)
    built(tmp_path, vectors)
    decoder = clustered(20, seed=3)
    search = VectorSearch(vectors, index=opened(tmp_path, vectors))
    exact = VectorSearch(vectors)
    query = take_apart(vectors[0], np.array([2]), np.array([0.3]), decoder)
    steered = steer(query, SteeringPlan(((5, 0.5),)), decoder)
    hits = search.search(steered, decoder, 10)
    expected = exact.search(steered, decoder, 10)
    assert hits.rows.tolist() == expected.rows.tolist()
    np.testing.assert_allclose(hits.scores, expected.scores, atol=1e-6)
    best = int(exact.search(steer(query, SteeringPlan(), decoder), decoder, 1).rows[0])
    worst = int(exact.plain_scores(query).argmin())
    assert search.plain_ranks(query, [best, worst]) == [1, None]
    for result in explain(hits, steered, decoder, search):
        assert sum(bar.value for bar in result.contributions) == pytest.approx(
            result.score, abs=1e-5
        )
        assert result.score_before == pytest.approx(
            float(vectors[result.row] @ vectors[0]), abs=1e-6
        )


def test_an_index_is_for_many_or_wide_vectors() -> None:
    assert not needs_index(30_000, 384)
    assert not needs_index(100_000, 384)
    assert needs_index(100_001, 384)
    assert needs_index(30_000, 1_536)


@pytest.mark.slow
def test_recall_of_plain_and_steered_queries(tmp_path: Path) -> None:
    vectors = clustered(20_000, width=128)
    built(tmp_path, vectors, threads=2)
    search = VectorSearch(vectors, index=opened(tmp_path, vectors))
    random = np.random.default_rng(9)
    decoder = unit(random.standard_normal((512, 128))).astype(np.float32)
    plans = {
        "plain": (),
        "one up": ((0, 0.5),),
        "one far up": ((0, 2.0),),
        "one down": ((0, -0.5),),
        "five": tuple((latent, 0.7) for latent in range(5)),
        "up and down": ((0, 0.7), (1, 0.7), (2, -0.7), (3, -0.7)),
    }
    for name, strengths in plans.items():
        found = 0
        for _ in range(50):
            chosen = random.choice(512, size=5, replace=False)
            plan = SteeringPlan(tuple((int(chosen[i]), u) for i, u in strengths))
            start = unit(vectors[random.integers(20_000)] + 0.03 * random.standard_normal(128))
            steered = steer(take_apart(start, [], [], decoder), plan, decoder)
            hits = search.search(steered, decoder, 10)
            assert not hits.exact
            best = np.argsort(-(vectors @ steered.vector), kind="stable")[:10]
            found += len(set(hits.rows.tolist()) & set(best.tolist()))
        assert found / 500 >= 0.98, name
