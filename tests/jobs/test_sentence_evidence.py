"""Evidence of a project's documents: numbers, the cache, and what cannot be measured."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from saedesk.errors import ModelProblem
from saedesk.jobs import sentence_evidence
from saedesk.jobs.analyse_features import EncoderInUse
from saedesk.jobs.loaded_sae import open_analysed_sae
from saedesk.jobs.sentence_evidence import EvidenceEngine
from saedesk.project.project_folder import Project
from saedesk.project.sentence_vector_cache import (
    CACHE_NAME,
    SentenceVectorCache,
    SentenceVectors,
)
from tests.tiny_projects import Listener


def engine_of(project: Project) -> EvidenceEngine:
    return EvidenceEngine(project, open_analysed_sae(project))


def test_numbers_are_those_of_the_texts_embedded_one_by_one(project_copy: Path) -> None:
    from saedesk.embedding.model_catalogue import resolve_model
    from saedesk.embedding.query_encoder import load_query_encoder
    from saedesk.sae.formats.saedesk_format import load_sae

    with Project.open(project_copy) as project:
        engine = engine_of(project)
        row = project.documents.rows([7])[0]
        listener = Listener()
        found = engine.evidence([7, 8], control=listener)
        assert [answer.document_id for answer in listener.partials] == [7, 8]
        evidence = found[0].evidence
        assert evidence is not None
        assert evidence.is_read.all()
        encoder = load_query_encoder(resolve_model("all-MiniLM-L6-v2"))
        sae = load_sae(project.path_of(engine.sae.record))
        whole = encoder.encode_query(f"{row.title}  {row.text}")
        span = evidence.spans[1]
        assert not span.in_title
        rest = row.text[: span.start] + row.text[span.end :].lstrip()
        without = encoder.encode_query(f"{row.title}  {rest}")
        codes = sae.encode(np.stack([whole, without])).toarray()
        at = int(evidence.activations.argmax())
        latent = int(evidence.latents[at])
        assert evidence.activations[at] == pytest.approx(codes[0, latent], abs=0.004)
        assert evidence.without[at, 1] == pytest.approx(codes[1, latent], abs=0.004)
        if codes[1, latent] > 0:
            drop = codes[0, latent] - codes[1, latent]
            assert evidence.effects[at, 1] == pytest.approx(drop, abs=0.004)


def test_a_second_engine_takes_the_same_numbers_from_the_disk(
    project_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Project.open(project_copy) as project:
        first = engine_of(project).evidence([3])[0].evidence
        again = engine_of(project)
        again._load_encoder = None  # type: ignore[method-assign, assignment]
        second = again.evidence([3])[0].evidence
        assert first is not None
        assert second is not None
        np.testing.assert_array_equal(first.effects, second.effects)
        assert first.spans == second.spans
        monkeypatch.setattr(sentence_evidence, "document_sentences", lambda *_: ())
        split_before = engine_of(project).evidence([3])[0].evidence
        assert split_before is not None
        assert split_before.spans == first.spans
        monkeypatch.undo()
        (project.folder / CACHE_NAME).write_bytes(b"not a database at all, " * 500)
        third = engine_of(project).evidence([3])[0].evidence
        assert third is not None
        np.testing.assert_allclose(first.effects, third.effects, atol=1e-3)


def test_a_read_only_project_is_measured_and_not_written(project_copy: Path) -> None:
    with Project.open(project_copy, read_only=True) as project:
        assert engine_of(project).evidence([3])[0].evidence is not None
        assert not (project.folder / CACHE_NAME).exists()


def test_the_cache_stays_small(tmp_path: Path) -> None:
    cache = SentenceVectorCache(tmp_path, read_only=False, most_bytes=200_000)
    vectors = SentenceVectors(9, np.ones((9, 3), np.int32), np.ones((10, 384), np.float16))
    for number in range(200):
        cache.put(number.to_bytes(16, "big"), "model", 1, vectors)
    assert (tmp_path / CACHE_NAME).stat().st_size < 300_000
    assert cache.get((0).to_bytes(16, "big"), "model", 1) is None
    newest = cache.get((199).to_bytes(16, "big"), "model", 1)
    assert newest is not None
    assert newest.window_end == 9
    assert newest.places.shape == (9, 3)
    np.testing.assert_array_equal(newest.vectors, vectors.vectors)
    assert cache.get((199).to_bytes(16, "big"), "other model", 1) is None


def test_what_cannot_be_measured_says_why(project_copy: Path) -> None:
    with Project.open(project_copy) as project:
        sae = open_analysed_sae(project)

        def with_inputs(**changes: object) -> EvidenceEngine:
            record = sae.vectors.record
            inputs = {**record.inputs, **changes}
            changed = dataclasses.replace(record, inputs=inputs)
            vectors = dataclasses.replace(sae.vectors, record=changed)
            return EvidenceEngine(project, dataclasses.replace(sae, vectors=vectors))

        unknown = with_inputs(model="", model_fingerprint="")
        assert "nobody has said which encoder" in unknown.problem
        with pytest.raises(ModelProblem, match="nobody has said which encoder"):
            unknown.evidence([1])
        with pytest.raises(ModelProblem, match=r"“far-away” .* is not on this computer"):
            with_inputs(model="far-away", model_fingerprint="0" * 16, imported="x").evidence([1])

        moved = np.roll(np.asarray(sae.vectors.values), 1, axis=0)
        others = dataclasses.replace(sae, vectors=dataclasses.replace(sae.vectors, values=moved))
        answer = EvidenceEngine(project, others).evidence([1])[0]
        assert answer.evidence is None
        assert "is not what “all-MiniLM-L6-v2” makes of its text" in answer.problem


def test_documents_without_text_and_pasted_texts(project_copy: Path) -> None:
    with Project.open(project_copy) as project:
        project.database.connection().execute(
            "UPDATE documents SET title = '', text = ' ' WHERE id = 2"
        )
        project.database.connection().commit()
        engine = engine_of(project)
        found = engine.evidence([2, 3, 2000])
        assert [answer.document_id for answer in found] == [2, 3]
        assert found[0].evidence is None
        assert found[0].problem == sentence_evidence.NO_TEXT
        assert found[1].evidence is not None
        pasted = engine.text_evidence("", "Galaxies rotate. Proteins fold. " + "Words. " * 900)
        assert pasted is not None
        assert not pasted.is_read[-1]
        assert not pasted.effects[:, -1].any()
        assert engine.text_evidence(" ", "") is None


def test_an_encoder_that_searches_is_measured_by_the_decoders_directions(
    project_copy: Path,
) -> None:
    with Project.open(project_copy) as project:
        sae = open_analysed_sae(project)
        pursuit = dataclasses.replace(sae, encoder=EncoderInUse("matching_pursuit", {}))
        engine = EvidenceEngine(project, pursuit)
        evidence = engine.evidence([5])[0].evidence
        assert evidence is not None
        assert len(evidence.latents)
        known = engine._kept[evidence.text_hash].vectors.astype(np.float32)
        for at, latent in enumerate(evidence.latents.tolist()):
            drops = (known[0] - known[1:]) @ sae.directions[latent]
            np.testing.assert_allclose(evidence.effects[at], drops, atol=2e-3)
