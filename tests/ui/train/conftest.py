"""Projects with made-up vectors, so that a training takes a moment; workspaces on them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from saedesk.corpus.corpus_input import InputRequest, preview_input
from saedesk.embedding.model_catalogue import resolve_model
from saedesk.jobs import embed_documents, import_documents
from saedesk.project.artifact_readers import BAD_ROWS_NAME, DOCUMENT_IDS_NAME, VECTORS_NAME
from saedesk.project.project_folder import Project
from saedesk.session.session import Session
from saedesk.task_control import Unattended
from saedesk.ui.workspaces.train_workspace import TrainWorkspace
from tests.ui.made_up_abstracts import write_abstracts

DOCUMENTS = 300
DIMENSIONS = 32
Filled = Callable[..., TrainWorkspace]


def made_up_vectors(count: int, width: int, seed: int = 0) -> np.ndarray:
    """(count, width) float32 of unit length: sparse sums of a few directions and a little noise."""
    random = np.random.default_rng(seed)
    directions = random.normal(size=(24, width))
    weights = random.random((count, 24)) * (random.random((count, 24)) < 0.12)
    rows = weights @ directions + 0.05 * random.normal(size=(count, width))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="session")
def vector_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 abstracts with made-up vectors and no SAE; never opened, copy it."""
    folder = tmp_path_factory.mktemp("vectors") / "made-up.saedesk"
    file = write_abstracts(folder.parent / "abstracts.csv", DOCUMENTS)
    with Project.create(folder) as project:
        seen = preview_input(file)
        wanted = InputRequest((file,), seen.uses, seen.encoding, seen.delimiter)
        import_documents.run(project, import_documents.ImportRequest(wanted), Unattended())
        inputs = embed_documents.vectors_inputs(project, resolve_model("all-MiniLM-L6-v2"))
        with project.new_artifact("vectors", inputs, use=True) as draft:
            np.save(draft.folder / VECTORS_NAME, made_up_vectors(DOCUMENTS, DIMENSIONS))
            np.save(draft.folder / DOCUMENT_IDS_NAME, np.arange(1, DOCUMENTS + 1))
            np.save(draft.folder / BAD_ROWS_NAME, np.empty(0, np.int64))
            draft.summary |= {"documents": DOCUMENTS, "dimensions": DIMENSIONS}
    return folder


@pytest.fixture
def shown(qtbot: QtBot) -> Callable[[Session], TrainWorkspace]:
    """Puts the workspace of a session on the (offscreen) screen."""

    def show(session: Session) -> TrainWorkspace:
        workspace = TrainWorkspace(session)
        qtbot.addWidget(workspace)
        workspace.resize(1376, 820)
        with qtbot.waitExposed(workspace):
            workspace.show()
        if not workspace.is_empty:
            qtbot.waitUntil(lambda: workspace.curves.is_complete, timeout=30_000)
            qtbot.waitUntil(lambda: workspace.new_run._knows_speed, timeout=30_000)
        return workspace

    return show


@pytest.fixture
def workspace(
    empty_session: Session,
    vector_project: Path,
    tmp_path: Path,
    shown: Callable[[Session], TrainWorkspace],
) -> TrainWorkspace:
    """The workspace on a fresh copy of the project without an SAE."""
    folder = Path(shutil.copytree(vector_project, tmp_path / "made-up.saedesk"))
    assert empty_session.open_project(folder)
    return shown(empty_session)
