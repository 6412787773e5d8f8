"""Which embedding models are offered: without loading one, and none that is not there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from saedesk.embedding.known_models import is_on_this_computer, known_models
from saedesk.embedding.model_catalogue import DEFAULT_MODEL, resolve_model
from saedesk.embedding.model_folders import remember_folder


def test_the_default_model_and_folders_used_before_are_known(tmp_path: Path) -> None:
    home, kept, gone = tmp_path / "home", tmp_path / "kept", tmp_path / "gone"
    bundled = resolve_model(DEFAULT_MODEL)
    for folder in (kept, gone):
        small = ("*.safetensors", "vocab*", "tokenizer.json")
        shutil.copytree(bundled.folder, folder, ignore=shutil.ignore_patterns(*small))
    remember_folder("a" * 16, kept, home)
    remember_folder("b" * 16, gone, home)
    shutil.rmtree(gone)
    found = {model.name: model.dimensions for model in known_models(home)}
    assert found[DEFAULT_MODEL] == 384
    assert found[str(kept)] == 384
    assert str(gone) not in found
    (kept / "modules.json").write_text("not json", "utf-8")
    found = {model.name: model.dimensions for model in known_models(home)}
    assert found[str(kept)] is None, "one that cannot be read keeps nobody from the others"


def test_models_in_the_cache_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    # A folder that holds only what a look-up leaves behind is no model.
    (tmp_path / "models--acme--card-only" / "snapshots").mkdir(parents=True)
    (tmp_path / "models--with space").mkdir()
    assert [model.name for model in known_models(tmp_path / "home")] == [DEFAULT_MODEL]


def test_a_name_is_here_or_not(tmp_path: Path) -> None:
    assert is_on_this_computer(DEFAULT_MODEL)
    assert is_on_this_computer(f" {tmp_path} ")
    assert not is_on_this_computer("")
    assert not is_on_this_computer("all-MiniML-L6-v2")
    assert not is_on_this_computer(str(tmp_path / "nowhere"))
