"""Models in folders are found again without their paths in a project."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from saedesk.embedding.model_catalogue import (
    DEFAULT_MODEL,
    ModelFiles,
    find_model,
    resolve_model,
)
from saedesk.embedding.model_folders import FILE_NAME, remember_folder, remembered_folder
from saedesk.errors import ModelProblem


@pytest.fixture
def changed_model(model_copy: Path) -> ModelFiles:
    """A model in a folder that is not the default one."""
    (model_copy / "sentence_bert_config.json").write_text('{"max_seq_length": 128}')
    return resolve_model(str(model_copy))


def test_a_folder_is_remembered_while_it_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "a model"
    folder.mkdir()
    home = tmp_path / "home"
    assert remembered_folder("f" * 16, home) is None
    remember_folder("f" * 16, folder, home)
    remember_folder("e" * 16, tmp_path, home)
    assert remembered_folder("f" * 16, home) == folder
    assert [path.name for path in home.iterdir()] == [FILE_NAME]
    folder.rmdir()
    assert remembered_folder("f" * 16, home) is None
    assert remembered_folder("e" * 16, home) == tmp_path


@pytest.mark.parametrize("content", ["", "[1]", "{", '{"%s": 3}' % ("f" * 16), "\x00" * 50])
def test_a_damaged_list_is_made_again(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE_NAME).write_text(content)
    assert remembered_folder("f" * 16, tmp_path) is None
    remember_folder("f" * 16, tmp_path, tmp_path)
    assert remembered_folder("f" * 16, tmp_path) == tmp_path


def test_the_list_lies_with_the_settings(settings_folder: Path, tmp_path: Path) -> None:
    remember_folder("f" * 16, tmp_path)
    assert json.loads((settings_folder / FILE_NAME).read_text()) == {"f" * 16: str(tmp_path)}


def test_a_folder_is_written_down_without_its_place(
    changed_model: ModelFiles, default_model: ModelFiles, model_copy: Path
) -> None:
    assert changed_model.title == "model"
    assert default_model.title == DEFAULT_MODEL
    like_the_default = model_copy.with_name(DEFAULT_MODEL)
    model_copy.rename(like_the_default)
    found = resolve_model(str(like_the_default))
    # By its bare name the default model itself would be found.
    assert found.title == f"{DEFAULT_MODEL} (folder)"
    remember_folder(found.fingerprint, found.folder)
    assert find_model(found.title, found.fingerprint).folder == like_the_default


def test_a_model_is_found_by_name_and_else_where_its_folder_was(
    default_model: ModelFiles, changed_model: ModelFiles
) -> None:
    assert find_model(DEFAULT_MODEL, default_model.fingerprint) == default_model
    remember_folder(changed_model.fingerprint, changed_model.folder)
    found = find_model(changed_model.title, changed_model.fingerprint)
    assert found.folder == changed_model.folder


def test_a_model_that_is_gone_or_changed_is_told_with_the_way_out(
    changed_model: ModelFiles,
) -> None:
    remember_folder(changed_model.fingerprint, changed_model.folder)
    (changed_model.folder / "sentence_bert_config.json").write_text('{"max_seq_length": 64}')
    with pytest.raises(ModelProblem, match=r"not the one that made the vectors.*Embed the docum"):
        find_model(changed_model.title, changed_model.fingerprint)
    shutil.rmtree(changed_model.folder)
    # An older version of the program wrote the whole path down.
    for name in (changed_model.title, str(changed_model.folder)):
        with pytest.raises(ModelProblem, match=r"“model” that made .* not on this computer: get"):
            find_model(name, changed_model.fingerprint)
    with pytest.raises(ModelProblem, match="“maker/model” that made the vectors"):
        find_model("maker/model", changed_model.fingerprint)
    with pytest.raises(ModelProblem, match="not the one that made the vectors"):
        find_model(DEFAULT_MODEL, changed_model.fingerprint)
