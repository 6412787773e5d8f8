"""What is read of an SAE when a project opens, and what its readers share."""

from __future__ import annotations

import mmap
from pathlib import Path

import numpy as np
import pytest

from saedesk.jobs.loaded_sae import LoadedSae, open_analysed_sae
from saedesk.jobs.search_documents import SearchEngine
from saedesk.jobs.sentence_evidence import EvidenceEngine
from saedesk.project.project_folder import Project
from saedesk.sae import query_codes


@pytest.fixture
def project(project_copy: Path):
    with Project.open(project_copy) as opened:
        yield opened


def is_mapped(array: np.ndarray) -> bool:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return isinstance(array.base, mmap.mmap)


def test_weights_stay_in_their_file(project: Project) -> None:
    sae = open_analysed_sae(project)
    assert is_mapped(sae.decoder)
    assert is_mapped(sae.directions), "rows of length 1 need no copy"
    assert not sae.decoder.flags.writeable
    np.testing.assert_allclose(np.linalg.norm(sae.directions, axis=1), 1, atol=1e-5)


def test_a_decoder_of_other_lengths_has_directions_of_length_1(project: Project) -> None:
    real = open_analysed_sae(project)
    scaled = LoadedSae(
        real.record, real.vectors, real.decoder * 3, real.activations, real.statistics
    )
    np.testing.assert_allclose(scaled.directions, real.directions, atol=1e-6)
    assert not scaled.directions.flags.writeable


def test_search_and_sentences_read_with_the_same_weights(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapped: list[Path] = []
    real = query_codes.map_weights

    def counted(folder: Path) -> dict[str, np.ndarray]:
        mapped.append(folder)
        return real(folder)

    monkeypatch.setattr(query_codes, "map_weights", counted)
    sae = open_analysed_sae(project)
    assert not mapped, "nobody asked for a code yet"
    evidence = EvidenceEngine(project, sae)
    query = SearchEngine(project, sae.vectors, sae).document_query(3)
    latents, values = evidence._readings.code(np.asarray(sae.vectors.values[3], np.float32))
    own = dict(zip(query.latents.tolist(), query.values.tolist(), strict=True))
    assert dict(zip(latents.tolist(), values.tolist(), strict=True)) == own
    stored, _ = sae.activations.document(3)
    assert sorted(stored.tolist()) == latents.tolist()
    assert len(mapped) == 1
