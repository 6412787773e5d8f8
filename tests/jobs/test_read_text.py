"""A text that is in no project, taken apart as its documents were."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from saedesk.errors import BadInput, ModelProblem
from saedesk.jobs import read_text as module
from saedesk.jobs.document_reconstruction import DocumentReconstruction
from saedesk.jobs.loaded_sae import open_analysed_sae
from saedesk.jobs.read_text import LONGEST_TEXT, NO_TEXT, UNKNOWN_ENCODER, read_text
from saedesk.jobs.search_documents import SearchEngine
from saedesk.jobs.sentence_evidence import NO_TEXTS, EvidenceEngine
from saedesk.project.project_folder import Project
from saedesk.sae.formats.saedesk_format import load_sae


@pytest.fixture
def project(project_copy: Path) -> Iterator[Project]:
    with Project.open(project_copy) as opened:
        yield opened


def engine_of(project: Project, **inputs: object) -> SearchEngine:
    """The engine, with some inputs of the record of the vectors changed."""
    sae = open_analysed_sae(project)
    record = sae.vectors.record
    changed = dataclasses.replace(record, inputs={**record.inputs, **inputs})
    vectors = dataclasses.replace(sae.vectors, record=changed)
    return SearchEngine(project, vectors, dataclasses.replace(sae, vectors=vectors))


def test_the_text_of_a_document_is_read_as_the_document_was(project: Project) -> None:
    engine = engine_of(project)
    assert engine.sae is not None
    reconstruction = DocumentReconstruction(project, engine.sae)
    row = project.documents.rows([7])[0]
    found = read_text(engine, reconstruction, f"{row.title}\n\n{row.text}")
    latents, values = engine.sae.activations.document(6)
    assert found.latents.tolist() == latents.tolist()
    assert found.values == pytest.approx(values, abs=2e-3)
    assert found.nearest[0][0].id == 7
    assert found.nearest[0][1] == pytest.approx(1.0, abs=1e-3)
    assert len(found.nearest) == module.NEAREST
    own = reconstruction.of_document(7)
    assert own is not None
    assert found.error is not None
    assert found.error.unexplained == pytest.approx(own.unexplained, abs=5e-3)


def test_the_error_of_documents_is_that_of_the_saes_reconstruction(project: Project) -> None:
    sae = open_analysed_sae(project)
    whole = load_sae(project.path_of(sae.record))
    x = np.asarray(sae.vectors.values, np.float64)
    rebuilt = whole.reconstruct(np.asarray(sae.vectors.values)).astype(np.float64)
    squared = ((x - rebuilt) ** 2).sum(axis=1)
    reconstruction = DocumentReconstruction(project, sae)
    spread = ((x - x.mean(axis=0)) ** 2).sum(axis=1).mean()
    error = reconstruction.of_document(11)
    assert error is not None
    assert error.unexplained == pytest.approx(squared[10] / spread, abs=1e-4)
    assert error.corpus.fvu == pytest.approx(squared.mean() / spread, abs=1e-4)
    assert reconstruction.of_document(99_999) is None


def test_without_an_sae_what_is_near_is_found_all_the_same(project: Project) -> None:
    sae = open_analysed_sae(project)
    found = read_text(SearchEngine(project, sae.vectors, None), None, "dark matter halos")
    assert not len(found.latents)
    assert found.error is None
    assert found.nearest[0][0].fields["category"] == "Cosmology"


@pytest.mark.parametrize("text", ["", " \n\t "])
def test_an_empty_text_is_told_of(project: Project, text: str) -> None:
    with pytest.raises(BadInput) as error:
        read_text(engine_of(project), None, text)
    assert error.value.sentence == NO_TEXT


def test_a_text_that_is_too_long_is_told_of_with_both_numbers(project: Project) -> None:
    engine = engine_of(project)
    with pytest.raises(BadInput, match=r"has 100,001 characters; at most 100,000 are read"):
        read_text(engine, None, "a" * (LONGEST_TEXT + 1))
    assert len(read_text(engine, None, "dark matter " * 8_000).nearest) == module.NEAREST


def test_without_the_encoder_the_sentence_says_what_is_missing(project: Project) -> None:
    with pytest.raises(ModelProblem) as error:
        read_text(engine_of(project, model="", model_fingerprint=""), None, "dark matter")
    assert error.value.sentence == UNKNOWN_ENCODER
    gone = engine_of(project, model="far-away", model_fingerprint="0" * 16, imported="x")
    with pytest.raises(ModelProblem, match=r"cannot be read here.*“far-away”.*not on this comp"):
        read_text(gone, None, "dark matter")


def test_nothing_of_a_text_is_stored(project: Project, project_copy: Path) -> None:
    def content() -> dict[str, bytes]:
        return {str(p): p.read_bytes() for p in project_copy.rglob("*") if p.is_file()}

    engine = engine_of(project)
    assert engine.sae is not None
    before = content()
    text = "A sentence that nobody else has written. Another about protein folding."
    read_text(engine, DocumentReconstruction(project, engine.sae), text)
    evidence = EvidenceEngine(project, engine.sae)
    assert evidence.text_evidence("", text) is not None
    assert content() == before
    evidence.evidence([1])
    assert content() != before, "what belongs to documents is kept beside them"


def test_documents_without_texts_say_so_before_anything_else(project: Project) -> None:
    engine = EvidenceEngine(project, open_analysed_sae(project))
    assert engine.problem == ""
    connection = project.database.connection()
    connection.execute("UPDATE documents SET title = '', text = ' ', words = 0")
    connection.execute("UPDATE corpus_state SET value = 'other' WHERE name = 'hash'")
    connection.commit()
    assert engine.problem == NO_TEXTS
    assert engine.text_evidence("", "A pasted text can be read all the same.") is not None
