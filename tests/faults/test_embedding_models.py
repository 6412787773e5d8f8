"""Embedding models that are damaged, hostile, absent, or not what the project was built with."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from saedesk.embedding import model_catalogue
from saedesk.embedding.model_catalogue import DEFAULT_MODEL, resolve_model
from saedesk.embedding.sentence_encoder import SentenceEncoder
from saedesk.errors import ModelProblem


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "model"
    shutil.copytree(resolve_model(DEFAULT_MODEL).folder, copy)
    return copy


def change_json(path: Path, change: Callable[[Any], Any]) -> None:
    path.write_text(json.dumps(change(json.loads(path.read_text()))))


def change_weights(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    from safetensors.torch import load_file, save_file

    path = folder / "model.safetensors"
    weights = {name: tensor.clone() for name, tensor in load_file(path).items()}
    change(weights)
    path.unlink()
    save_file(weights, path, metadata={"format": "pt"})


def make_other_type(folder: Path) -> None:
    """Settings that only sentence-transformers runs: max pooling."""
    change_json(
        folder / "1_Pooling" / "config.json",
        lambda old: old | {"pooling_mode_mean_tokens": False, "pooling_mode_max_tokens": True},
    )


def load(folder: Path) -> SentenceEncoder:
    return SentenceEncoder.load(resolve_model(str(folder)), "cpu")


def test_a_flipped_byte_in_the_default_model_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "damaged_model_package"
    package.mkdir()
    (package / "__init__.py").touch()
    shutil.copytree(resolve_model(DEFAULT_MODEL).folder, package / "model")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(model_catalogue, "DEFAULT_MODEL_PACKAGE", "damaged_model_package")
    assert resolve_model(DEFAULT_MODEL).folder == package / "model"
    with (package / "model" / "model.safetensors").open("r+b") as stream:
        stream.seek(50_000_000)
        byte = stream.read(1)[0]
        stream.seek(50_000_000)
        stream.write(bytes([byte ^ 1]))
    with pytest.raises(ModelProblem, match="is not the published file"):
        resolve_model(DEFAULT_MODEL)


def test_without_its_package_the_default_model_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_catalogue, "DEFAULT_MODEL_PACKAGE", "no_such_package_here")
    with pytest.raises(ModelProblem, match="pip install"):
        resolve_model(DEFAULT_MODEL)


@pytest.mark.parametrize("kind", ["evil.Module", "subprocess.Popen", "os.system", "torch.load"])
def test_modules_of_own_code_are_refused_and_not_run(
    folder: Path, tmp_path: Path, kind: str
) -> None:
    marker = tmp_path / "marker"
    (folder / "evil.py").write_text(f"open({str(marker)!r}, 'w').close()\nclass Module: pass\n")
    change_json(folder / "modules.json", lambda old: [old[0] | {"type": kind}, *old[1:]])
    with pytest.raises(ModelProblem, match="code"):
        load(folder)
    assert not marker.exists()


@pytest.mark.parametrize("file_name", ["config.json", "tokenizer_config.json"])
def test_automatic_classes_are_refused_and_not_run(
    folder: Path, tmp_path: Path, file_name: str
) -> None:
    marker = tmp_path / "marker"
    (folder / "evil.py").write_text(f"open({str(marker)!r}, 'w').close()\nclass M: pass\n")
    change_json(folder / file_name, lambda old: old | {"auto_map": {"AutoModel": "evil.M"}})
    with pytest.raises(ModelProblem, match="code of its own"):
        load(folder)
    assert not marker.exists()


@pytest.mark.parametrize("path", ["../elsewhere", "/etc", "..\\elsewhere", "C:\\models"])
def test_parts_outside_the_folder_are_refused(folder: Path, path: str) -> None:
    change_json(folder / "modules.json", lambda old: [old[0], old[1] | {"path": path}, *old[2:]])
    with pytest.raises(ModelProblem, match="outside itself"):
        load(folder)


def test_pickled_weights_are_refused_and_not_read(folder: Path, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    (folder / "model.safetensors").unlink()
    # A pickle that would write the marker: GLOBAL builtins.open, (marker, "w"), REDUCE.
    program = f"cbuiltins\nopen\n(V{marker}\nVw\ntR."
    (folder / "pytorch_model.bin").write_bytes(program.encode())
    with pytest.raises(ModelProblem, match="pickle"):
        load(folder)
    assert not marker.exists()


@pytest.mark.parametrize("name", ["some/model-that-is-not-here", "no-such-model"])
@pytest.mark.parametrize("allow_download", [False, True])
def test_a_model_that_is_nowhere_takes_under_two_seconds(name: str, allow_download: bool) -> None:
    start = time.monotonic()
    with pytest.raises(ModelProblem, match="is not on this computer"):
        resolve_model(name, allow_download=allow_download)
    assert time.monotonic() - start < 2.0


def test_missing_weights_are_named(folder: Path) -> None:
    change_weights(folder, lambda weights: weights.pop("encoder.layer.3.output.dense.weight"))
    with pytest.raises(ModelProblem, match=r"encoder\.layer\.3\.output\.dense\.weight"):
        load(folder)


def test_weights_of_another_shape_are_refused(folder: Path) -> None:
    def shorten(weights: dict[str, Any]) -> None:
        name = "encoder.layer.3.output.dense.weight"
        weights[name] = weights[name][:, :100].contiguous()

    change_weights(folder, shorten)
    with pytest.raises(ModelProblem, match="do not fit"):
        load(folder)


def test_a_vocabulary_larger_than_the_weights_is_refused(folder: Path) -> None:
    def shorten(weights: dict[str, Any]) -> None:
        name = "embeddings.word_embeddings.weight"
        weights[name] = weights[name][:1500].contiguous()

    change_weights(folder, shorten)
    with pytest.raises(ModelProblem, match="do not fit"):
        load(folder)


def test_weights_that_are_not_numbers_are_refused(folder: Path) -> None:
    change_weights(
        folder, lambda weights: weights["encoder.layer.0.output.dense.bias"].fill_(float("nan"))
    )
    with pytest.raises(ModelProblem, match="not numbers"):
        load(folder)


@pytest.mark.parametrize("file_name", ["model.safetensors", "tokenizer.json", "config.json"])
def test_truncated_files_are_refused(folder: Path, file_name: str) -> None:
    path = folder / file_name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ModelProblem, match="get the"):
        load(folder)


def test_without_pooling_settings_nothing_is_guessed(folder: Path) -> None:
    (folder / "modules.json").unlink()
    with pytest.raises(ModelProblem, match=r"modules\.json"):
        load(folder)


def test_other_models_run_through_sentence_transformers(folder: Path) -> None:
    from saedesk.embedding.sentence_transformer_model import SentenceTransformerModel

    make_other_type(folder)
    encoder = load(folder)
    assert isinstance(encoder._text_model, SentenceTransformerModel)
    texts = ["a galaxy", "", "\ud800", "many words " * 400]
    encoded = encoder.encode(texts)
    assert encoded.vectors.shape == (4, 384)
    assert encoded.truncated.tolist() == [False, False, False, True]
    assert encoded.vectors.tobytes() == encoder.encode(texts).vectors.tobytes()
    assert abs(encoder.encode_query("a galaxy") - encoded.vectors[0]).max() < 1e-6


def test_made_up_weights_are_noticed_in_other_models_too(folder: Path) -> None:
    make_other_type(folder)
    change_weights(folder, lambda weights: weights.pop("encoder.layer.3.output.dense.weight"))
    with pytest.raises(ModelProblem, match="lacks some of its weights"):
        load(folder)


def test_other_models_with_damaged_weights_are_refused(folder: Path) -> None:
    make_other_type(folder)
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1_000_000])
    with pytest.raises(ModelProblem, match="cannot be loaded"):
        load(folder)
