"""Damaged, foreign and missing index files: a sentence, exact search meanwhile, never a crash."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from saedesk.errors import DamagedArtifact
from saedesk.jobs import build_index as build_project_index
from saedesk.jobs.build_index import IndexRequest
from saedesk.jobs.search_documents import SearchEngine
from saedesk.project.artifact_readers import open_vectors
from saedesk.project.project_folder import Project
from saedesk.search.hnsw_index import (
    DESCRIPTION_FILE,
    INDEX_FILE,
    DamagedIndex,
    GuardedHnswIndex,
    build_index,
)
from saedesk.search.index_description import ABOUT_FILE, CODES_FILE
from saedesk.search.query_features import steer, take_apart
from saedesk.search.steering_plan import SteeringPlan
from saedesk.search.vector_search import VectorSearch
from saedesk.task_control import Unattended
from tests.tiny_projects import project_copy as project_copy
from tests.tiny_projects import small_project as small_project

ROWS, WIDTH = 400, 32


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    random = np.random.default_rng(0).standard_normal((ROWS, WIDTH)).astype(np.float32)
    return random / np.linalg.norm(random, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def intact(vectors: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("index")
    build_index(vectors, folder / INDEX_FILE, Unattended(), vectors_hash="ours", threads=1)
    return folder


@pytest.fixture
def folder(intact: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(intact, tmp_path / "index"))


def open_index(folder: Path, **expected: object) -> GuardedHnswIndex:
    wanted: dict = {"dim": WIDTH, "rows": ROWS, "vectors_hash": "ours", **expected}
    return GuardedHnswIndex.open(folder, **wanted)


def refuses(folder: Path, **expected: object) -> str:
    with pytest.raises(DamagedIndex) as caught:
        open_index(folder, **expected)
    assert isinstance(caught.value, DamagedArtifact)
    assert "Build the index again" in caught.value.sentence
    return caught.value.sentence


def describe(folder: Path, **changes: object) -> None:
    """Change graph.json; by default so that it fits the index file as it is now."""
    path = folder / DESCRIPTION_FILE
    content = (folder / INDEX_FILE).read_bytes()
    about = json.loads(path.read_text())
    about |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest(), **changes}
    path.write_text(json.dumps(about))


def test_the_intact_index_opens(folder: Path, vectors: np.ndarray) -> None:
    assert open_index(folder).query(vectors[9], k=1)[0].tolist() == [9]
    describe(folder)
    assert open_index(folder).query(vectors[9], k=1)[0].tolist() == [9]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "cut in the header": lambda content: content[:50],
    "cut in the body": lambda content: content[: len(content) // 2],
    "last byte lost": lambda content: content[:-1],
    "a byte more": lambda content: content + b"\0",
    "a page of zeros": lambda content: content[:8192] + bytes(4096) + content[12288:],
    "all zeros": lambda content: bytes(len(content)),
    "all ones": lambda content: b"\xff" * len(content),
    "text": lambda content: b"id,text\n1,hello\n" * (len(content) // 16),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_file_is_refused(folder: Path, name: str) -> None:
    path = folder / INDEX_FILE
    path.write_bytes(DAMAGES[name](path.read_bytes()))
    assert str(path) in refuses(folder)


@pytest.mark.parametrize("name", sorted(set(DAMAGES) - {"a page of zeros"}))
def test_a_damaged_file_is_refused_even_when_its_checksum_fits(folder: Path, name: str) -> None:
    path = folder / INDEX_FILE
    path.write_bytes(DAMAGES[name](path.read_bytes()))
    describe(folder)
    assert str(path) in refuses(folder)


def test_any_flipped_bit_is_noticed(folder: Path) -> None:
    path = folder / INDEX_FILE
    content = path.read_bytes()
    random = np.random.default_rng(3)
    places = [*range(0, 96, 5), *random.integers(96, len(content), size=60).tolist()]
    for place in places:
        flipped = bytearray(content)
        flipped[place] ^= 1 << int(random.integers(8))
        path.write_bytes(flipped)
        assert "checksum" in refuses(folder)


FLIP_EVERY_BIT_OF_THE_HEADER = """
import hashlib, json, pathlib, sys
import numpy as np
from saedesk.search.hnsw_index import DamagedIndex, GuardedHnswIndex
folder = pathlib.Path(sys.argv[1])
rows, dim = int(sys.argv[2]), int(sys.argv[3])
index_file, about_file = folder / "vectors.hnsw", folder / "graph.json"
content, about = index_file.read_bytes(), json.loads(about_file.read_text())
query = np.ones(dim, np.float32)
loaded = set()
for bit in range(96 * 8):
    flipped = bytearray(content)
    flipped[bit // 8] ^= 1 << bit % 8
    index_file.write_bytes(flipped)
    about["sha256"] = hashlib.sha256(flipped).hexdigest()
    about_file.write_text(json.dumps(about))
    try:
        index = GuardedHnswIndex.open(folder, dim=dim, rows=rows, vectors_hash="ours")
    except DamagedIndex:
        continue
    loaded.add(bit // 8)
    if bit // 8 not in range(48, 56):
        index.query(query, k=10)
print(json.dumps(sorted(loaded)))
"""


def test_a_false_header_does_not_crash_even_when_its_checksum_fits(folder: Path) -> None:
    arguments = [str(folder), str(ROWS), str(WIDTH)]
    child = subprocess.run(
        [sys.executable, "-c", FLIP_EVERY_BIT_OF_THE_HEADER, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert child.returncode == 0, child.stderr
    # Only the checksum can tell another entry point or top level within the range (not searched
    # here); the level factor only matters to vectors that are added.
    assert set(json.loads(child.stdout)) <= {*range(48, 56), *range(80, 88)}


@pytest.mark.parametrize(
    "expected", [{"dim": 16}, {"dim": 384}, {"rows": ROWS + 1}, {"vectors_hash": "theirs"}]
)
def test_an_index_over_other_vectors_is_refused(folder: Path, expected: dict[str, object]) -> None:
    assert "other vectors" in refuses(folder, **expected)


def test_a_file_of_another_project_under_our_description_is_refused(
    folder: Path, tmp_path: Path, vectors: np.ndarray
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    build_index(vectors[:, :16], other / INDEX_FILE, Unattended(), vectors_hash="b", threads=1)
    shutil.copy(other / INDEX_FILE, folder / INDEX_FILE)
    refuses(folder)
    describe(folder)
    assert "header" in refuses(folder)


@pytest.mark.parametrize("name", [INDEX_FILE, DESCRIPTION_FILE])
def test_a_missing_file_or_a_folder_in_its_place(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert name in refuses(folder)
    (folder / name).mkdir()
    assert name in refuses(folder)


def test_a_missing_index_folder(tmp_path: Path) -> None:
    assert "nowhere" in refuses(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "{}", '{"file": "vectors.hnsw"}', "\udcff", "[" * 100_000, "NaN"],
    ids=range(9),
)
def test_a_description_that_is_none(folder: Path, text: str) -> None:
    (folder / DESCRIPTION_FILE).write_bytes(text.encode("utf-8", "surrogateescape"))
    assert DESCRIPTION_FILE in refuses(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"M": 1_000_000},
        {"M": "16"},
        {"count": -1},
        {"count": ROWS - 1},
        {"count": True},
        {"space": "l2"},
        {"ef_construction": 1},
        {"bytes": 0},
        {"sha256": ""},
        {"file": "../index/vectors.hnsw"},
        {"file": ""},
        {"surprise": 1},
    ],
    ids=str,
)
def test_a_description_with_a_false_line(folder: Path, changes: dict[str, object]) -> None:
    describe(folder, **changes)
    assert str(folder) in refuses(folder)


def test_a_crash_between_index_and_description_is_noticed(
    folder: Path, vectors: np.ndarray
) -> None:
    described = (folder / DESCRIPTION_FILE).read_bytes()
    build_index(vectors[::-1], folder / INDEX_FILE, Unattended(), vectors_hash="ours", threads=1)
    (folder / DESCRIPTION_FILE).write_bytes(described)
    assert INDEX_FILE in refuses(folder)


def test_building_again_mends_it_and_search_works_meanwhile(
    folder: Path, vectors: np.ndarray
) -> None:
    (folder / INDEX_FILE).write_bytes(b"not an index")
    refuses(folder)
    decoder = vectors[:20]
    steered = steer(take_apart(vectors[9], [], [], decoder), SteeringPlan(((3, 0.4),)), decoder)
    meanwhile = VectorSearch(vectors).search(steered, decoder, 10)
    assert meanwhile.exact
    build_index(vectors, folder / INDEX_FILE, Unattended(), vectors_hash="ours", threads=1)
    mended = VectorSearch(vectors, index=open_index(folder)).search(steered, decoder, 10)
    assert not mended.exact
    assert mended.rows.tolist() == meanwhile.rows.tolist()


def test_an_index_beside_other_vectors_is_refused_by_the_search(
    folder: Path, vectors: np.ndarray
) -> None:
    with pytest.raises(DamagedArtifact, match="400"):
        VectorSearch(vectors[:-1], index=open_index(folder))


@pytest.mark.parametrize("name", [INDEX_FILE, DESCRIPTION_FILE, CODES_FILE, ABOUT_FILE])
@pytest.mark.parametrize("damage", ["cut", "changed", "missing"])
def test_a_project_that_is_only_read_is_searched_exactly_beside_a_damaged_index(
    project_copy: Path, damage: str, name: str
) -> None:
    with Project.open(project_copy) as project:
        request = IndexRequest(always=True, graph=True)
        record = build_project_index.run(project, request, Unattended())
        assert record is not None
    path = project_copy / record.kind / record.hash / name
    content = bytearray(path.read_bytes())
    if damage == "missing":
        path.unlink()
    else:
        content[len(content) // 2] ^= 1
        path.write_bytes(content[:-50] if damage == "cut" else content)
    before = _content_of(project_copy)
    with Project.open(project_copy, read_only=True) as project:
        vectors_record = project.current("vectors")
        assert vectors_record is not None
        stored = open_vectors(project, vectors_record)
        engine = SearchEngine(project, stored, None)
        found = engine.answer("", engine.document_query(7), SteeringPlan())
        assert found.exact
        unit = stored.values / np.linalg.norm(stored.values, axis=1, keepdims=True)
        best = np.argsort(-(unit @ unit[7]), kind="stable")[: len(found.plain)]
        assert [result.row for result in found.plain] == best.tolist()
    assert _content_of(project_copy) == before


def _content_of(folder: Path) -> dict[str, bytes]:
    """What a reader must leave alone; the database has files of its own for readers."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".sqlite" not in path.name
    }
