"""A small project made by the real jobs, built once a run of the tests; each test gets a copy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from saedesk.corpus.corpus_input import InputRequest, preview_input
from saedesk.jobs import analyse_features, embed_documents, import_documents, label_features
from saedesk.jobs.import_documents import ImportRequest, ImportResult
from saedesk.project.project_folder import Project
from saedesk.task_control import Cancelled, Progress, Unattended
from tests.ui.made_up_abstracts import write_abstracts

DOCUMENTS = 60
FEATURES = 24
K = 4


class Listener(Unattended):
    """Keeps what a job says; cancels, or asks to stop and keep, at the given checkpoint."""

    def __init__(self, cancel_at: int | None = None, keep_at: int | None = None) -> None:
        self.reports: list[Progress] = []
        self.partials: list[object] = []
        self.checkpoints = 0
        self._cancel_at, self._keep_at = cancel_at, keep_at

    def checkpoint(self) -> None:
        self.checkpoints += 1
        if self.checkpoints == self._cancel_at:
            raise Cancelled

    def finish_early(self) -> bool:
        return self._keep_at is not None and self.checkpoints >= self._keep_at

    def report(self, progress: Progress) -> None:
        self.reports.append(progress)

    def publish(self, partial: object) -> None:
        self.partials.append(partial)


def import_file(project: Project, *paths: Path, keep_first: bool = False) -> ImportResult:
    """Import files with the guessed roles."""
    seen = preview_input(paths[0])
    wanted = InputRequest(paths, seen.uses, seen.encoding, seen.delimiter)
    request = ImportRequest(wanted, "keep first" if keep_first else "stop")
    return import_documents.run(project, request, Unattended())


def embed(project: Project) -> embed_documents.EmbedResult:
    """Embed with the default model."""
    request = embed_documents.EmbedRequest(device="cpu")
    return embed_documents.run(project, request, Unattended())


def train_request(**settings: object):
    """A training of about a second."""
    from saedesk.jobs.training_request import TrainRequest
    from saedesk.sae.architectures.topk import TopKConfig

    chosen = {
        "n_latents": FEATURES,
        "k": K,
        "epochs": 30,
        "batch_size": 20,
        "learning_rate": 3e-3,
        "held_out_share": 0.1,
    }
    return TrainRequest(TopKConfig(**{**chosen, **settings}), device="cpu", preset="Quick look")


def build(folder: Path) -> Path:
    """60 abstracts in six categories, embedded, an SAE of 24 features with labels."""
    from saedesk.jobs import train_sae

    file = write_abstracts(folder.parent / "abstracts.csv", DOCUMENTS)
    control = Unattended()
    with Project.create(folder) as project:
        import_file(project, file)
        embed(project)
        train_sae.run(project, train_request(), control)
        analyse_features.run(project, analyse_features.AnalyseRequest(device="cpu"), control)
        label_features.run(project, label_features.LabelRequest(), control)
    return folder


@pytest.fixture(scope="session")
def small_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The finished project, for every folder of tests the same; never open it, copy it."""
    folder = tmp_path_factory.getbasetemp() / "small" / "abstracts.saedesk"
    if not folder.exists():
        folder.parent.mkdir()
        build(folder)
    return folder


@pytest.fixture
def project_copy(small_project: Path, tmp_path: Path) -> Path:
    """The folder of a fresh copy of the finished project."""
    return Path(shutil.copytree(small_project, tmp_path / "abstracts.saedesk"))


@pytest.fixture
def abstracts(tmp_path: Path) -> Path:
    """A CSV of 60 abstracts."""
    return write_abstracts(tmp_path / "abstracts.csv", DOCUMENTS)
