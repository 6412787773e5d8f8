from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from saedesk.embedding.model_catalogue import DEFAULT_MODEL, ModelFiles, resolve_model
from saedesk.errors import ModelProblem


def test_the_default_model_is_bundled(default_model: ModelFiles) -> None:
    assert default_model.source == "bundled"
    assert default_model.dimensions == 384
    assert len(default_model.fingerprint) == 16
    assert resolve_model(f"sentence-transformers/{DEFAULT_MODEL}") == default_model


def test_a_copied_folder_is_the_same_model(default_model: ModelFiles, model_copy: Path) -> None:
    copy = resolve_model(str(model_copy))
    assert copy.source == "folder"
    assert copy.fingerprint == default_model.fingerprint


def test_other_settings_are_another_model(default_model: ModelFiles, model_copy: Path) -> None:
    (model_copy / "sentence_bert_config.json").write_text('{"max_seq_length": 128}')
    assert resolve_model(str(model_copy)).fingerprint != default_model.fingerprint


def test_the_local_cache_is_found_without_a_network(
    default_model: ModelFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    repository = tmp_path / "models--sentence-transformers--some-model"
    snapshot = repository / "snapshots" / ("a" * 40)
    snapshot.parent.mkdir(parents=True)
    shutil.copytree(default_model.folder, snapshot)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("a" * 40)
    for name in ("some-model", "sentence-transformers/some-model"):
        found = resolve_model(name)
        assert (found.source, found.fingerprint) == ("cache", default_model.fingerprint)


@pytest.mark.parametrize("name", ["", "./no/such/folder", "/nowhere", "a b", "../x"])
def test_names_that_are_none_are_refused(name: str) -> None:
    with pytest.raises(ModelProblem, match="no embedding model folder"):
        resolve_model(name)


def test_a_plain_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelProblem, match=r"modules\.json"):
        resolve_model(str(tmp_path))


def test_a_changed_width_is_left_to_the_model(model_copy: Path) -> None:
    modules = json.loads((model_copy / "modules.json").read_text())
    dense = {"idx": 3, "name": "3", "path": "3_Dense", "type": "sentence_transformers.models.Dense"}
    (model_copy / "modules.json").write_text(json.dumps([*modules, dense]))
    assert resolve_model(str(model_copy)).dimensions is None


def test_finding_the_model_and_the_first_query_need_no_sentence_transformers() -> None:
    program = (
        "import sys\n"
        "import saedesk.embedding.sentence_encoder as e, saedesk.embedding.model_catalogue as c\n"
        "assert not {'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)\n"
        "e.SentenceEncoder.load(c.resolve_model(c.DEFAULT_MODEL), 'cpu').encode_query('halo')\n"
        "assert not {'transformers', 'sentence_transformers'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)
