"""The index of a large corpus: built, measured, guarded, and documents added to it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from saedesk.errors import BadInput
from saedesk.search.index_building import IndexSettings, build_search_index
from saedesk.search.index_description import (
    ABOUT_FILE,
    CODES_FILE,
    DESCRIPTION_FILE,
    INDEX_FILE,
    DamagedIndex,
    SearchIndexDescription,
)
from saedesk.search.query_features import steer, take_apart
from saedesk.search.search_index import SearchIndex
from saedesk.search.steering_plan import SteeringPlan
from saedesk.search.vector_search import GATHERED_VALUES, VectorSearch
from saedesk.task_control import Cancelled, Unattended
from tests.benchmarks.invented_vectors import InventedVectors
from tests.search.test_hnsw_index import Watched

ROWS, WIDTH = 5_000, 64
FIRST = 4_000
WITH_GRAPH = IndexSettings(graph=True, threads=2)


@pytest.fixture(scope="module")
def world() -> InventedVectors:
    return InventedVectors(ROWS, WIDTH)


@pytest.fixture(scope="module")
def vectors(world: InventedVectors) -> np.ndarray:
    values = world.documents(ROWS).astype(np.float16)
    values[17] = 0.0
    return values


def built(vectors: np.ndarray, folder: Path, **more: object) -> SearchIndexDescription:
    folder.mkdir(exist_ok=True)
    options: dict = {"vectors_hash": "ours", "excluded_rows": [5], **more}
    return build_search_index(vectors, folder, Unattended(), **options)


def opened(folder: Path, rows: int = ROWS) -> SearchIndex:
    return SearchIndex.open(folder, dim=WIDTH, rows=rows, vectors_hash="ours")


@pytest.fixture(scope="module")
def first(vectors: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("first")
    built(vectors[:FIRST], folder, settings=WITH_GRAPH)
    return folder


def recall(search: VectorSearch, exact: VectorSearch, world: InventedVectors) -> float:
    """Share of the true ten best, over plain and steered queries."""
    random = np.random.default_rng(1)
    starts = random.choice(np.arange(20, ROWS), 25)
    decoder = world.features(exact.unit_vectors(np.arange(100, 140)))
    shares = []
    for q in world.queries(exact.unit_vectors(starts)):
        for strengths in ((), ((3, 0.4),), ((3, 1.0), (9, -0.6), (25, 0.7), (30, 0.7))):
            steered = steer(take_apart(q, [], [], decoder), SteeringPlan(strengths), decoder)
            hits = search.search(steered, decoder, 10)
            assert not hits.exact
            expected = exact.search(steered, decoder, 10)
            shares.append(np.isin(expected.rows, hits.rows).mean())
    return float(np.mean(shares))


def test_recall_is_measured_written_down_and_shown(
    vectors: np.ndarray, world: InventedVectors, tmp_path: Path
) -> None:
    about = built(vectors, tmp_path)
    written = json.loads((tmp_path / ABOUT_FILE).read_text())
    assert written["recall_plain"] == about.recall_plain >= 0.99
    assert written["recall_steered"] == about.recall_steered >= 0.99
    assert written["milliseconds"] > 0
    search = VectorSearch(vectors, [5], opened(tmp_path))
    assert search.recall == min(about.recall_plain, about.recall_steered)
    assert VectorSearch(vectors).recall is None
    assert recall(search, VectorSearch(vectors, [5]), world) >= 0.99


def test_a_recall_that_is_poor_is_measured_as_poor(
    vectors: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from saedesk.search import compact_codes, index_measurement

    monkeypatch.setattr(compact_codes, "head_width", lambda *_: 2)
    monkeypatch.setattr(compact_codes, "MOST_SCANNED_BYTES", 0)
    monkeypatch.setattr(index_measurement, "CANDIDATES", (20,))
    about = built(vectors, tmp_path, settings=IndexSettings(graph=False))
    assert about.recall_plain < 0.9
    assert about.candidates == 20


def test_codes_that_find_too_little_are_helped_by_a_graph(
    vectors: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from saedesk.search import compact_codes, index_measurement

    monkeypatch.setattr(compact_codes, "head_width", lambda *_: 2)
    monkeypatch.setattr(compact_codes, "MOST_SCANNED_BYTES", 0)
    monkeypatch.setattr(index_measurement, "CANDIDATES", (20,))
    about = built(vectors, tmp_path)
    assert about.graph_for == "both"
    assert min(about.recall_plain, about.recall_steered) >= 0.98
    assert opened(tmp_path).graph is not None


def test_codes_that_find_too_little_are_built_wider(
    vectors: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from saedesk.search import compact_codes, index_measurement

    monkeypatch.setattr(compact_codes, "head_width", lambda *_: 4)
    monkeypatch.setattr(index_measurement, "CANDIDATES", (60,))
    about = built(vectors, tmp_path)
    assert min(about.recall_plain, about.recall_steered) >= 0.98
    assert about.graph_for == "nothing"
    # Scanning half as much found too little.
    monkeypatch.setattr(compact_codes, "MOST_SCANNED_BYTES", ROWS * about.head // 2)
    narrower = built(vectors, tmp_path, settings=IndexSettings(graph=False))
    assert narrower.head == about.head // 2
    assert min(narrower.recall_plain, narrower.recall_steered) < 0.98


def test_documents_are_added_to_codes_that_had_to_be_wider(
    vectors: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from saedesk.search import compact_codes, index_building, index_measurement

    for module in (compact_codes, index_building):
        monkeypatch.setattr(module, "head_width", lambda *_: 4)
    monkeypatch.setattr(index_measurement, "CANDIDATES", (200,))
    plain = IndexSettings(graph=False)
    first = built(vectors[:FIRST], tmp_path / "first", settings=plain)
    assert first.head > 4
    built(vectors, tmp_path / "added", settings=plain, before=tmp_path / "first")
    codes = [opened(tmp_path / "first", FIRST).codes, opened(tmp_path / "added").codes]
    np.testing.assert_array_equal(codes[0].turning.basis, codes[1].turning.basis)
    # So many rows are not scanned in this width.
    monkeypatch.setattr(index_building, "MOST_SCANNED_BYTES", ROWS * first.head - 1)
    built(vectors, tmp_path / "anew", settings=plain, before=tmp_path / "first")
    assert not np.array_equal(codes[0].turning.basis, opened(tmp_path / "anew").codes.turning.basis)


@pytest.mark.parametrize(("usual_now", "is_kept"), [(24, True), (20, False)])
def test_codes_of_the_usual_width_are_kept_until_they_are_outgrown(
    vectors: np.ndarray,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    usual_now: int,
    is_kept: bool,
) -> None:
    from saedesk.search import compact_codes, index_building

    def usual(rows: int, *_: object) -> int:
        return 32 if rows < 2_000 else 24 if rows < ROWS else usual_now

    for module in (compact_codes, index_building):
        monkeypatch.setattr(module, "head_width", usual)
    monkeypatch.setattr(index_building, "LOST_BY_ADDING", 1.0)
    monkeypatch.setattr(index_building, "ENOUGH_RECALL", 0.0)
    plain = IndexSettings(graph=False)
    before = None
    for rows in (1_900, 2_500, ROWS):  # Kept once although new ones would be narrower.
        about = built(vectors[:rows], tmp_path / f"{rows}", settings=plain, before=before)
        before = tmp_path / f"{rows}"
        assert about.head == (32 if rows < ROWS or is_kept else usual_now)


def test_a_graph_that_takes_long_is_built_only_when_asked_for(
    vectors: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from saedesk.search import compact_codes, index_building, index_measurement

    monkeypatch.setattr(compact_codes, "head_width", lambda *_: 2)
    monkeypatch.setattr(compact_codes, "MOST_SCANNED_BYTES", 0)
    monkeypatch.setattr(index_measurement, "CANDIDATES", (20,))
    monkeypatch.setattr(index_building, "UNASKED_GRAPH", ROWS * WIDTH - 1)
    unasked = built(vectors, tmp_path)
    assert unasked.graph_for == "nothing"
    assert unasked.recall_plain < 0.9
    assert built(vectors, tmp_path, settings=WITH_GRAPH).graph_for == "both"


def test_a_fast_scan_needs_no_graph(vectors: np.ndarray, tmp_path: Path) -> None:
    assert built(vectors, tmp_path, settings=IndexSettings(graph=False)).graph_for == "nothing"
    assert sorted(path.name for path in tmp_path.iterdir()) == [ABOUT_FILE, CODES_FILE]


@pytest.mark.parametrize("grown", [FIRST, ROWS])
def test_documents_are_added_to_what_is_there(
    first: Path, vectors: np.ndarray, world: InventedVectors, tmp_path: Path, grown: int
) -> None:
    before = opened(first, FIRST)
    added = built(vectors[:grown], tmp_path / "added", settings=WITH_GRAPH, before=first)
    now = opened(tmp_path / "added", grown)
    np.testing.assert_array_equal(now.codes.head[:FIRST], before.codes.head)
    assert now.graph is not None
    assert now.graph.about.count == grown - 2
    # The first folder is left as it was: the search goes on with it meanwhile.
    assert opened(first, FIRST).about == before.about
    anew = built(vectors[:grown], tmp_path / "anew", settings=WITH_GRAPH)
    assert min(added.recall_plain, added.recall_steered) >= anew.recall_plain - 0.01
    if grown == ROWS:
        exact = VectorSearch(vectors, [5])
        by_adding = recall(VectorSearch(vectors, [5], now), exact, world)
        by_building = recall(VectorSearch(vectors, [5], opened(tmp_path / "anew")), exact, world)
        assert by_adding >= by_building - 0.005


@pytest.mark.parametrize("change", ["a vector", "order", "left out", "damaged", "format"])
def test_an_index_over_other_vectors_is_not_added_to(
    first: Path, vectors: np.ndarray, tmp_path: Path, change: str
) -> None:
    import shutil

    folder = Path(shutil.copytree(first, tmp_path / "first"))
    changed, left_out = np.array(vectors), [5]
    if change == "a vector":
        changed[30, 2] += 0.25
    elif change == "order":
        changed = changed[::-1].copy()
    elif change == "left out":
        left_out = [5, 6]
    elif change == "format":
        changed = changed.astype(np.float32)
    else:
        content = bytearray((folder / CODES_FILE).read_bytes())
        content[len(content) // 2] ^= 1
        (folder / CODES_FILE).write_bytes(content)
    plain = IndexSettings(graph=False)
    options: dict = {"settings": plain, "excluded_rows": left_out}
    built(changed, tmp_path / "added", before=folder, **options)
    built(changed, tmp_path / "anew", **options)
    added, anew = (opened(tmp_path / name).codes for name in ("added", "anew"))
    np.testing.assert_array_equal(added.head, anew.head)
    np.testing.assert_array_equal(added.turning.basis, anew.turning.basis)


def test_documents_of_another_kind_have_the_index_built_anew(
    vectors: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from saedesk.search import compact_codes, index_measurement

    monkeypatch.setattr(index_measurement, "CANDIDATES", (300,))
    random = np.random.default_rng(4)
    flat = np.zeros((FIRST, WIDTH), np.float32)
    flat[:, :6] = random.standard_normal((FIRST, 6))
    others = np.zeros((3 * FIRST, WIDTH), np.float32)
    others[:, 6:24] = random.standard_normal((3 * FIRST, 18))
    both = np.concatenate([flat, others])
    monkeypatch.setattr(compact_codes, "head_width", lambda *_: 20)
    monkeypatch.setattr("saedesk.search.index_building.head_width", lambda *_: 20)
    plain = IndexSettings(graph=False)
    built(flat, tmp_path / "first", settings=plain, excluded_rows=())
    about = built(
        both, tmp_path / "added", settings=plain, excluded_rows=(), before=tmp_path / "first"
    )
    assert min(about.recall_plain, about.recall_steered) >= 0.98


def test_a_filter_of_any_selectivity_is_kept_to(
    vectors: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(vectors, tmp_path)
    exact, search = VectorSearch(vectors, [5]), VectorSearch(vectors, [5], opened(tmp_path))
    monkeypatch.setattr("saedesk.search.vector_search.GATHERED_VALUES", 300 * WIDTH)
    assert GATHERED_VALUES > 300 * WIDTH
    decoder = exact.unit_vectors(np.arange(100, 140))
    steered = steer(
        take_apart(exact.unit_vectors(np.array([80]))[0], [], [], decoder),
        SteeringPlan(((3, 0.6), (7, -0.4))),
        decoder,
    )
    random = np.random.default_rng(2)
    for share in (1.0, 0.999, 0.5, 0.1, 0.05, 0.005, 0.0005):
        allowed = random.random(ROWS) < share
        hits = search.search(steered, decoder, 10, allowed)
        expected = exact.search(steered, decoder, 10, allowed)
        assert hits.rows.tolist() == expected.rows.tolist()
        np.testing.assert_allclose(hits.scores, expected.scores, atol=1e-6)
        assert hits.exact == (share <= 0.05)
        own = search.steered_ranks(steered, decoder, hits.rows, allowed)
        assert own == list(range(1, len(hits.rows) + 1))


def test_ranks_are_those_of_all_documents_and_end_where_the_index_ends(
    vectors: np.ndarray, tmp_path: Path
) -> None:
    built(vectors, tmp_path)
    exact, search = VectorSearch(vectors, [5]), VectorSearch(vectors, [5], opened(tmp_path))
    q = exact.unit_vectors(np.array([80]))[0]
    order = np.argsort(-exact.plain_scores(q), kind="stable")
    assert search.plain_ranks(q, order[:200]) == list(range(1, 201))
    assert search.plain_ranks(q, order[[-1, -5]]) == [None, None]
    assert search.plain_ranks(q, order[[search.index.MOST_CANDIDATES]]) == [None]


def test_a_cancel_leaves_no_description_and_a_build_mends_it(
    vectors: np.ndarray, tmp_path: Path
) -> None:
    seen = Watched()
    build_search_index(vectors, tmp_path / ".", seen, vectors_hash="ours")
    assert {report.note for report in seen.reports} == {
        "writing compact codes",
        "measuring the search index",
        "checking the vectors",
    }
    for path in tmp_path.iterdir():
        path.unlink()
    for checkpoint in (0, 3, 8, 30):
        with pytest.raises(Cancelled):
            build_search_index(vectors, tmp_path, Watched(checkpoint), vectors_hash="ours")
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [ABOUT_FILE, CODES_FILE, DESCRIPTION_FILE, INDEX_FILE])
@pytest.mark.parametrize("damage", ["cut", "changed", "missing"])
def test_damage_of_any_file_is_noticed(first: Path, tmp_path: Path, name: str, damage: str) -> None:
    import shutil

    folder = Path(shutil.copytree(first, tmp_path / "index"))
    path = folder / name
    content = bytearray(path.read_bytes())
    if damage == "missing":
        path.unlink()
    else:
        content[len(content) // 2] ^= 1
        path.write_bytes(content[:-50] if damage == "cut" else content)
    with pytest.raises(DamagedIndex, match="Build the index again"):
        opened(folder, FIRST)


@pytest.mark.parametrize(
    "changes",
    [{"head": 63}, {"rows": FIRST + 1}, {"storage": "float16"}, {"storage": "x"}, {"dim": 65},
     {"vectors": "theirs"}, {"candidates": "many"}, {"file": "../codes"}],
)  # fmt: skip
def test_a_description_that_does_not_fit_is_refused(
    first: Path, tmp_path: Path, changes: dict[str, object]
) -> None:
    import shutil

    folder = Path(shutil.copytree(first, tmp_path / "index"))
    about = json.loads((folder / ABOUT_FILE).read_text())
    (folder / ABOUT_FILE).write_text(json.dumps({**about, **changes}))
    rows = int(changes.get("rows", FIRST))  # type: ignore[call-overload]
    with pytest.raises(DamagedIndex):
        SearchIndex.open(folder, dim=int(changes.get("dim", WIDTH)), rows=rows, vectors_hash="ours")


def test_nothing_to_index(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nothing to index"):
        build_search_index(np.zeros((5, 8)), tmp_path, Unattended(), vectors_hash="ours")


@pytest.mark.parametrize("rows", [1, 3, 12])
def test_a_few_documents(rows: int, tmp_path: Path) -> None:
    few = np.random.default_rng(0).standard_normal((rows, 8)).astype(np.float32)
    build_search_index(few, tmp_path, Unattended(), vectors_hash="ours")
    index = SearchIndex.open(tmp_path, dim=8, rows=rows, vectors_hash="ours")
    steered = steer(take_apart(few[0], [], [], few), SteeringPlan(), few)
    assert VectorSearch(few, index=index).search(steered, few, 10).rows[0] == 0
