"""Vectors from a file whose encoder is named only later."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from saedesk.errors import ModelProblem
from saedesk.jobs import analyse_features, import_vectors, train_sae
from saedesk.jobs.import_vectors import ImportVectorsRequest
from saedesk.jobs.loaded_sae import open_analysed_sae
from saedesk.jobs.search_documents import SearchEngine
from saedesk.project.artifact_readers import open_vectors
from saedesk.project.project_folder import Project
from saedesk.search.steering_plan import SteeringPlan
from saedesk.task_control import Unattended
from tests.tiny_projects import import_file, train_request


def test_typed_text_is_searched_once_the_encoder_is_named(
    project_copy: Path, tmp_path: Path
) -> None:
    with Project.open(project_copy, read_only=True) as project:
        own = np.array(open_vectors(project, project.current("vectors")).values)
        documents = [(row.key, row.title, row.text) for row in project.documents.iterate()]
    np.save(tmp_path / "vectors.npy", own)
    with (tmp_path / "abstracts.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "title", "abstract"), *documents])
    with Project.create(tmp_path / "brought.saedesk") as project:
        import_file(project, tmp_path / "abstracts.csv")
        request = ImportVectorsRequest(tmp_path / "vectors.npy")
        import_vectors.run(project, request, Unattended())
        train_sae.run(project, train_request(), Unattended())
        analyse_features.run(project, analyse_features.AnalyseRequest(device="cpu"), Unattended())
        sae = open_analysed_sae(project)
        with pytest.raises(ModelProblem, match="nobody has said which encoder"):
            SearchEngine(project, sae.vectors, sae).take_apart("dark matter")
        named = ImportVectorsRequest(tmp_path / "vectors.npy", model="all-MiniLM-L6-v2")
        result = import_vectors.run(project, named, Unattended())
        assert result.model_cosine == pytest.approx(1, abs=0.01)
        analyse_features.run(project, analyse_features.AnalyseRequest(device="cpu"), Unattended())
        sae = open_analysed_sae(project)
        assert sae.vectors.record == result.record
        engine = SearchEngine(project, sae.vectors, sae)
        found = engine.answer("dark matter", engine.take_apart("dark matter"), SteeringPlan())
        assert len(found.plain) == 10
