"""A small project of every version that was ever written opens and reads the same."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from saedesk.jobs.loaded_sae import open_sae
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.project_check import check_project
from saedesk.project.project_folder import Project
from saedesk.sae.formats.saedesk_format import load_sae
from saedesk.task_control import Unattended

FOLDER = Path(__file__).parent.parent / "projects_of_old_versions"


@pytest.fixture(params=sorted(path.name for path in FOLDER.iterdir()))
def old_project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER / request.param, tmp_path / "old.saedesk"))


def test_it_opens_whole(old_project: Path) -> None:
    with Project.open(old_project) as project:
        assert check_project(project, Unattended()) == []
        assert project.documents.count() == 60
        assert len(project.documents.find(DocumentFilter(words="the"))) > 0
        record = project.current("saes")
        assert record is not None
        sae = open_sae(project, record)
        assert sae is not None
        assert sae.activations.n_documents == 60
        assert len(project.labels.current(record.hash)) > 0
        weights = load_sae(project.path_of(record))
        codes = weights.encode(np.asarray(sae.vectors.values))
        latents, values = sae.activations.document(5)
        np.testing.assert_allclose(np.sort(codes[5].data), np.sort(values), rtol=1e-4, atol=1e-6)
        assert set(codes[5].indices) == set(latents.tolist())
