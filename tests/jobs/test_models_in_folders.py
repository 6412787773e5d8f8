"""Projects whose vectors come from a model in a folder: moved, copied, without normalisation."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from saedesk.corpus.document import text_to_embed
from saedesk.embedding.model_catalogue import DEFAULT_MODEL, resolve_model
from saedesk.embedding.model_folders import FILE_NAME
from saedesk.errors import ModelProblem
from saedesk.jobs import analyse_features, embed_documents, train_sae
from saedesk.jobs.embed_documents import EmbedRequest, EmbedResult
from saedesk.jobs.loaded_sae import open_sae
from saedesk.jobs.search_documents import SearchEngine
from saedesk.project.artifact_readers import open_vectors
from saedesk.project.project_folder import Project
from saedesk.search.steering_plan import SteeringPlan
from saedesk.task_control import Unattended
from tests.tiny_projects import train_request

MODEL_NAME = "a model of ours"


@pytest.fixture
def model_folder(tmp_path: Path) -> Path:
    """The default model without its last part: vectors keep the length they have."""
    folder = tmp_path / "somewhere private" / MODEL_NAME
    shutil.copytree(resolve_model(DEFAULT_MODEL).folder, folder)
    modules = json.loads((folder / "modules.json").read_text())
    assert modules[-1]["type"].endswith("Normalize")
    (folder / "modules.json").write_text(json.dumps(modules[:-1]))
    return folder


def embed(project: Project, model: Path | str) -> EmbedResult:
    return embed_documents.run(project, EmbedRequest(str(model), "cpu"), Unattended())


def search(folder: Path, text: str = "dark matter halos") -> list[int]:
    with Project.open(folder) as project:
        record = project.current("vectors")
        assert record is not None
        engine = SearchEngine(project, open_vectors(project, record), None)
        answer = engine.answer(text, engine.take_apart(text), SteeringPlan())
        return [result.document.id for result in answer.plain]


def test_a_project_tells_nothing_about_where_the_model_lies(
    project_copy: Path, model_folder: Path, tmp_path: Path, settings_folder: Path
) -> None:
    with Project.open(project_copy) as project:
        result = embed(project, model_folder)
    assert result.record.inputs["model"] == MODEL_NAME
    written = (project_copy / "project.json").read_text("utf-8")
    assert MODEL_NAME in written
    for path in project_copy.rglob("*"):
        if path.is_file() and path.suffix != ".npy":
            assert str(model_folder.parent).encode() not in path.read_bytes(), path
    assert str(tmp_path) not in written

    found = search(project_copy)
    moved = tmp_path / "elsewhere" / "moved.saedesk"
    moved.parent.mkdir()
    shutil.copytree(project_copy, moved)
    shutil.rmtree(project_copy)
    assert search(moved) == found
    # On another computer, where this model was never used.
    (settings_folder / FILE_NAME).unlink()
    with pytest.raises(ModelProblem, match=f"“{MODEL_NAME}”.*is not on this computer: get it"):
        search(moved)


def test_a_model_folder_that_moved_is_given_once_and_nothing_is_made_again(
    project_copy: Path, model_folder: Path, tmp_path: Path
) -> None:
    with Project.open(project_copy) as project:
        before = embed(project, model_folder).record
        # The name in the project is enough while the folder is where it was.
        assert embed(project, MODEL_NAME).record == before
    found = search(project_copy)
    other = tmp_path / "another name"
    shutil.move(model_folder, other)
    with pytest.raises(ModelProblem, match="is not on this computer"):
        search(project_copy)
    with Project.open(project_copy) as project:
        with pytest.raises(ModelProblem):
            embed(project, MODEL_NAME)
        after = embed(project, other)
    assert after.record == before
    assert after.embedded == 0
    assert search(project_copy) == found


def test_a_query_of_a_model_without_normalisation_is_read_like_a_document(
    project_copy: Path, model_folder: Path
) -> None:
    control = Unattended()
    with Project.open(project_copy) as project:
        # In the format of queries, so that nothing but the length could differ.
        request = EmbedRequest(str(model_folder), "cpu", precision="float32")
        embed_documents.run(project, request, control)
        train_sae.run(project, train_request(), control)
        analyse_features.run(project, analyse_features.AnalyseRequest(device="cpu"), control)
        record = project.current("saes")
        assert record is not None
        sae = open_sae(project, record)
        assert sae is not None
        lengths = np.linalg.norm(sae.vectors.values, axis=1)
        assert (np.abs(lengths - 1) > 0.5).all()
        engine = SearchEngine(project, sae.vectors, sae)
        for row in (0, 17, 41):
            document = project.documents.row(int(sae.vectors.document_ids[row]))
            assert document is not None
            query = engine.take_apart(text_to_embed(document.title, document.text))
            latents, values = sae.activations.document(row)
            assert query.latents.tolist() == latents.tolist()
            assert np.allclose(query.values * query.length, values, rtol=1e-3)
            assert query.length == pytest.approx(lengths[row], rel=1e-4)
            assert np.linalg.norm(query.vector) == pytest.approx(1)
