from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from saedesk.embedding.model_catalogue import DEFAULT_MODEL, resolve_model
from saedesk.embedding.sentence_encoder import SentenceEncoder
from saedesk.embedding.text_model import PRECISIONS
from saedesk.errors import BadInput, ModelProblem
from saedesk.jobs import embed_documents
from saedesk.jobs.embed_documents import EmbedRequest, EmbedResult
from saedesk.jobs.vectors_precision import precision_codes
from saedesk.project.artifact_readers import Vectors, open_vectors
from saedesk.project.project_folder import Project
from saedesk.task_control import Cancelled, Unattended
from tests.tiny_projects import Listener, import_file

TEXTS = [f"Text {number} about {topic}." for number in range(5) for topic in ("stars", "cells")]


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder.load(resolve_model(DEFAULT_MODEL), "cpu")


@pytest.fixture
def read(encoder: SentenceEncoder, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that the model reads, in order; the model itself is loaded once."""
    seen: list[str] = []

    class Reading:
        dimensions = encoder.dimensions
        precision = encoder.precision

        def encode(self, texts, control, following):
            seen.extend(texts)
            return encoder.encode(texts, control, following)

    monkeypatch.setattr(embed_documents, "_load_encoder", lambda *_: Reading())
    monkeypatch.setattr(embed_documents, "CHUNK", 3)
    return seen


def project_of(folder: Path, texts: list[str], name: str = "a") -> Project:
    project = Project.create(folder)
    add(project, texts, name)
    return project


def add(project: Project, texts: list[str], name: str) -> None:
    file = project.folder.with_name(f"{project.folder.stem}-{name}.jsonl")
    lines = (json.dumps({"id": f"{name}{i}", "text": text}) for i, text in enumerate(texts))
    file.write_text("\n".join(lines) + "\n", "utf-8")
    import_file(project, file)


def embed(project: Project, control=None) -> EmbedResult:
    return embed_documents.run(project, EmbedRequest(device="cpu"), control or Unattended())


def vectors_of(project: Project) -> Vectors:
    record = project.current("vectors")
    assert record is not None
    return open_vectors(project, record)


def test_vectors_belong_to_their_documents(tmp_path: Path, read, encoder) -> None:
    with project_of(tmp_path / "p.saedesk", [*TEXTS[:4], "", TEXTS[4]]) as project:
        result = embed(project)
        vectors = vectors_of(project)
    assert (result.embedded, result.reused) == (5, 0)
    assert vectors.document_ids.tolist() == [1, 2, 3, 4, 6]
    assert vectors.values.shape == (5, 384)
    assert not vectors.values.flags.writeable
    assert vectors.bad_rows.tolist() == []
    assert (vectors.row_of(6), vectors.row_of(5), vectors.row_of(99)) == (4, None, None)
    alone = encoder.encode([TEXTS[4]], Unattended()).vectors[0]
    assert np.allclose(vectors.values[4], alone, atol=1e-5)


def test_nothing_is_embedded_twice(tmp_path: Path, read: list[str]) -> None:
    with project_of(tmp_path / "p.saedesk", TEXTS) as project:
        first = embed(project)
        before = np.array(vectors_of(project).values)
        assert embed(project).embedded == 0
        assert len(read) == len(TEXTS)
        add(project, ["Something new.", TEXTS[3], "Also new."], "b")
        added = embed(project)
        after = vectors_of(project)
        assert read[len(TEXTS) :] == ["Something new.", "Also new."]
        assert (added.embedded, added.reused) == (2, len(TEXTS) + 1)
        assert added.record.hash != first.record.hash
        assert np.array_equal(after.values[: len(TEXTS)], before)
        assert np.array_equal(after.values[11], before[3])


def test_equal_texts_are_read_once(tmp_path: Path, read: list[str]) -> None:
    with project_of(tmp_path / "p.saedesk", ["same", "other", "same", "same"]) as project:
        embed(project)
        values = vectors_of(project).values
    assert read == ["same", "other"]
    assert np.array_equal(values[0], values[2])
    assert np.array_equal(values[0], values[3])


@pytest.mark.parametrize("cancel_at", [1, 2, 4, 6, 8])
def test_an_interrupted_embedding_goes_on_and_ends_the_same(
    tmp_path: Path, read: list[str], cancel_at: int
) -> None:
    with project_of(tmp_path / "whole.saedesk", TEXTS) as project:
        embed(project)
        expected = np.array(vectors_of(project).values)
        summary = project.current("vectors").summary
    read.clear()
    with project_of(tmp_path / "cut.saedesk", TEXTS) as project:
        with pytest.raises(Cancelled):
            embed(project, Listener(cancel_at=cancel_at))
        assert project.current("vectors") is None
        embed(project)
        assert np.array_equal(vectors_of(project).values, expected)
        again = project.current("vectors").summary
        assert not list((project.folder / "vectors").glob(".partial-*"))
    assert {**again, "seconds": 0} == {**summary, "seconds": 0}
    # At most the chunk that was being read is read again.
    assert len(read) - len(set(read)) <= 3


def test_finished_chunks_are_kept_when_documents_are_added(tmp_path: Path, read: list[str]) -> None:
    with project_of(tmp_path / "p.saedesk", TEXTS) as project:
        stop = Listener()
        stop.report = _cancel_after(7)  # type: ignore[method-assign]
        with pytest.raises(Cancelled):
            embed(project, stop)
        finished = read[:6]
        read.clear()
        add(project, ["Something new."], "b")
        embed(project)
        assert not set(finished) & set(read)
        assert vectors_of(project).values.shape == (11, 384)


def _cancel_after(done: int):
    def report(progress) -> None:
        if progress.done >= done:
            raise Cancelled

    return report


@pytest.mark.parametrize("file", ["chunk-000000.hashes.npy", "chunk-000001.npy"])
def test_a_chunk_that_is_not_whole_is_embedded_again(
    tmp_path: Path, read: list[str], file: str
) -> None:
    with project_of(tmp_path / "p.saedesk", TEXTS) as project:
        stop = Listener()
        stop.report = _cancel_after(9)  # type: ignore[method-assign]
        with pytest.raises(Cancelled):
            embed(project, stop)
        (path,) = (project.folder / "vectors").glob(f".partial-*/{file}")
        path.write_bytes(path.read_bytes()[:100])
        embed(project)
        values = np.array(vectors_of(project).values)
    with project_of(tmp_path / "whole.saedesk", TEXTS) as project:
        embed(project)
        assert np.array_equal(vectors_of(project).values, values)


def test_damaged_vectors_are_made_again(tmp_path: Path, read: list[str]) -> None:
    with project_of(tmp_path / "p.saedesk", TEXTS) as project:
        record = embed(project).record
        path = project.path_of(record, "vectors.npy")
        before = path.read_bytes()
        path.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
        read.clear()
        again = embed(project)
        assert len(read) == len(TEXTS)
        assert again.record.hash == record.hash
        assert path.read_bytes() == before
        assert project.is_intact(again.record)


def test_zero_and_not_finite_vectors_are_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Faulty:
        """The real model never makes such vectors."""

        dimensions, precision = 4, "float32"

        def encode(self, texts, control, following):
            rows = [[0, 0, 0, 0], [1, 2, 3, 4], [1, float("nan"), 0, 0], [float("inf"), 0, 0, 0]]
            return _Encoded(np.array(rows, np.float32), np.zeros(4, bool))

    class _Encoded:
        def __init__(self, vectors, truncated) -> None:
            self.vectors, self.truncated = vectors, truncated

    monkeypatch.setattr(embed_documents, "_load_encoder", lambda *_: Faulty())
    with project_of(tmp_path / "p.saedesk", TEXTS[:4]) as project:
        summary = embed(project).record.summary
        assert vectors_of(project).bad_rows.tolist() == [0, 2, 3]
    assert (summary["zero_rows"], summary["not_finite_rows"]) == (1, 2)


def test_what_cannot_be_embedded(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.saedesk") as project:
        with pytest.raises(BadInput, match="no document with a text"):
            embed(project)
        add(project, TEXTS[:1], "a")
        with pytest.raises(ModelProblem):
            embed_documents.run(project, EmbedRequest("no/such-model"), Unattended())


# -- precision -----------------------------------------------------------------------------------


@pytest.fixture
def wanted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The precisions asked for; “auto” comes to the last of `FASTEST`."""
    asked: list[str] = []
    loaded: dict[str, SentenceEncoder] = {}

    def load(model, device, precision) -> SentenceEncoder:
        asked.append(precision)
        chosen = FASTEST[-1] if precision == "auto" else precision
        if chosen not in loaded:
            loaded[chosen] = SentenceEncoder.load(model, "cpu", chosen)
        return loaded[chosen]

    monkeypatch.setattr(embed_documents, "_load_encoder", load)
    monkeypatch.setattr(embed_documents, "CHUNK", 3)
    FASTEST[:] = ["bfloat16"]
    return asked


FASTEST: list[str] = []
"""What “auto” comes to on one computer after the other."""


def test_the_precision_is_recorded_and_tells_vectors_apart(tmp_path: Path, wanted) -> None:
    records = {}
    for precision in ("bfloat16", "float32"):
        FASTEST.append(precision)
        with project_of(tmp_path / f"{precision}.saedesk", TEXTS) as project:
            records[precision] = embed(project).record
    assert wanted == ["auto", "auto"]
    short, whole = records["bfloat16"], records["float32"]
    assert short.summary["precision"] == "bfloat16"
    assert short.summary["precisions"] == {"bfloat16": len(TEXTS)}
    assert (whole.summary["precision"], "precision" in whole.inputs) == ("float32", False)
    assert {**whole.inputs, "precision": "bfloat16"} == short.inputs
    assert short.hash != whole.hash


def test_a_killed_embedding_goes_on_in_its_precision(tmp_path: Path, wanted) -> None:
    with project_of(tmp_path / "whole.saedesk", TEXTS) as project:
        expected = np.array(open_vectors(project, embed(project).record).values)
    with project_of(tmp_path / "cut.saedesk", TEXTS) as project:
        stop = Listener()
        stop.report = _cancel_after(4)  # type: ignore[method-assign]
        with pytest.raises(Cancelled):
            embed(project, stop)
        FASTEST.append("float32")
        record = embed(project).record
        assert np.array_equal(vectors_of(project).values, expected)
    assert wanted == ["auto", "auto", "bfloat16"]
    assert record.summary["precisions"] == {"bfloat16": len(TEXTS)}


def test_a_project_that_moves_keeps_its_vectors_and_says_which_are_which(
    tmp_path: Path, wanted
) -> None:
    FASTEST.append("float32")
    with project_of(tmp_path / "p.saedesk", TEXTS) as project:
        embed(project)
        before = np.array(vectors_of(project).values)
        FASTEST.append("bfloat16")
        assert embed(project).embedded == 0
        assert vectors_of(project).record.summary["precision"] == "float32"
        add(project, ["Something new.", TEXTS[3], "Also new."], "b")
        mixed = embed(project)
        assert (mixed.embedded, mixed.reused) == (2, 11)
        after = vectors_of(project)
        assert np.array_equal(after.values[:10], before)
        assert after.record.summary["precision"] == "11 float32, 2 bfloat16"
        assert after.record.summary["precisions"] == {"float32": 11, "bfloat16": 2}
        assert after.record.inputs["precision"] == "float32+bfloat16"
        codes = np.load(project.path_of(after.record, "precisions.npy"))
        assert codes.tolist() == [0] * 10 + [2, 0, 2]
        # A third computer: what came from the first two stays known.
        FASTEST.append("float32")
        add(project, ["The last one."], "c")
        last = embed(project).record
        assert last.summary["precisions"] == {"float32": 12, "bfloat16": 2}
        assert np.load(project.path_of(last, "precisions.npy")).tolist() == [*codes, 0]
        assert embed(project).record == last


def test_a_precision_can_be_asked_for(tmp_path: Path, wanted) -> None:
    request = EmbedRequest(device="cpu", precision="float32")
    with project_of(tmp_path / "p.saedesk", TEXTS) as project:
        record = embed_documents.run(project, request, Unattended()).record
    assert wanted == ["float32"]
    assert record.summary["precision"] == "float32"


def test_damaged_vectors_are_made_again_in_their_precision(tmp_path: Path, wanted) -> None:
    with project_of(tmp_path / "p.saedesk", TEXTS) as project:
        record = embed(project).record
        path = project.path_of(record, "vectors.npy")
        before = path.read_bytes()
        path.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
        FASTEST.append("float32")
        again = embed(project).record
        assert (again.hash, path.read_bytes()) == (record.hash, before)
    assert wanted == ["auto", "bfloat16"]


def test_vectors_of_older_versions_are_what_they_say(tmp_path: Path, wanted) -> None:
    """They have the precision in the summary alone; a graphics processor made float16."""
    with project_of(tmp_path / "p.saedesk", TEXTS) as project:
        record = embed(project).record
        old = replace(record, inputs={**record.inputs}, summary={"precision": "float16"})
        del old.inputs["precision"]
        codes = precision_codes(project, old, len(TEXTS))
        assert {PRECISIONS[code] for code in codes} == {"float16"}
        older = replace(old, summary={})
        assert not precision_codes(project, older, len(TEXTS)).any()
