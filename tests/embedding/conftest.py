"""The default model, loaded once for all tests of this folder, and copies of it to damage."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from saedesk.embedding.model_catalogue import DEFAULT_MODEL, ModelFiles, resolve_model
from saedesk.embedding.sentence_encoder import SentenceEncoder


@pytest.fixture(scope="session")
def default_model() -> ModelFiles:
    return resolve_model(DEFAULT_MODEL)


@pytest.fixture(scope="session")
def encoder(default_model: ModelFiles) -> SentenceEncoder:
    return SentenceEncoder.load(default_model, "cpu")


@pytest.fixture
def model_copy(default_model: ModelFiles, tmp_path: Path) -> Path:
    """A folder with the default model that a test may change."""
    folder = tmp_path / "model"
    shutil.copytree(default_model.folder, folder)
    return folder
