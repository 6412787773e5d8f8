"""What every registered architecture must do, on real sentence vectors; a new one is met here."""

from __future__ import annotations

import functools
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from saedesk.cli.command_line import make_parser
from saedesk.errors import BadCheckpoint, BadSetting
from saedesk.resource_files import resource
from saedesk.sae import sparse_autoencoder
from saedesk.sae.architectures import architectures
from saedesk.sae.formats.saedesk_format import CONFIG_NAME, load_sae, save_sae
from saedesk.sae.held_out_measures import measure
from saedesk.sae.sae_config import SaeConfig, describe
from saedesk.sae.sparse_autoencoder import SparseAutoencoder
from saedesk.sae.training import TrainingLoop, TrainingResult, train
from saedesk.task_control import Cancelled, Unattended

ALL = tuple(architectures())
K = 12
STEPS = 120
MOST_FVU = 0.6
"""Of unseen sentences after these few steps, at 12 features of 256. The mean vector alone has 1."""
MOST_OF_START = 0.9
"""The fitted start is good already, so little more is asked of so few steps."""


@functools.cache
def sentences() -> np.ndarray:
    """(3000, 384) float32: vectors of the demo's sentences, unit norm."""
    stored = np.load(resource("demo_vectors", "vectors.npy"), mmap_mode="r", allow_pickle=False)
    vectors = stored[:3000].astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def config_of(name: str, **settings: Any) -> SaeConfig:
    kind = architectures().get(name)
    base = {
        "n_latents": 256,
        "batch_size": 256,
        "learning_rate": 2e-3,
        "held_out_share": 0.1,
        "dead_after_steps": 20,
    }
    return kind.Config(**base | kind.settings_for_sparsity(K) | settings)


def loop_of(name: str, **options: Any) -> TrainingLoop:
    return TrainingLoop(sentences(), name, config_of(name), steps=STEPS, device="cpu", **options)


@functools.cache
def trained(name: str) -> tuple[float, TrainingResult]:
    """Held-out FVU before the first step, and the training."""
    loop = loop_of(name)
    run = loop.training
    held_out = run.rows.held_out_rows()
    with torch.no_grad():
        start = measure(run.trainer.architecture, run.trainer.parameters, held_out)["fvu"]
    return start, loop.run()


@pytest.mark.parametrize("name", ALL)
def test_it_learns_to_rebuild_unseen_sentences(name: str) -> None:
    start, result = trained(name)
    fvu = result.curve[-1].fvu
    assert fvu is not None
    assert fvu < MOST_OF_START * start
    assert fvu < MOST_FVU


@pytest.mark.parametrize("name", ALL)
def test_the_sparsity_is_near_the_one_asked_for(name: str) -> None:
    _, result = trained(name)
    codes = result.sae.encode(sentences())
    assert 0.7 * K < codes.nnz / len(sentences()) < 1.4 * K
    assert 0.7 * K < result.curve[-1].l0 < 1.4 * K
    assert (codes.data > 0).all()
    for start, end in itertools.pairwise(codes.indptr):
        assert (np.diff(codes.indices[start:end]) > 0).all()


@pytest.mark.parametrize("name", ALL)
def test_codes_do_not_depend_on_the_run_or_the_size_of_the_chunks(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sae, rows = trained(name)[1].sae, sentences()[:500]
    whole = sae.encode(rows)
    again = sae.encode(rows)
    assert np.array_equal(whole.indices, again.indices)
    assert np.array_equal(whole.data, again.data)
    monkeypatch.setattr(sparse_autoencoder, "_LARGEST_DENSE", 30 * sae.n_latents)
    in_parts = sae.encode(rows)
    assert np.array_equal(whole.indptr, in_parts.indptr)
    assert np.array_equal(whole.indices, in_parts.indices)
    np.testing.assert_allclose(whole.data, in_parts.data, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", ALL)
def test_a_saved_sae_gives_the_same_codes(name: str, tmp_path: Path) -> None:
    sae = trained(name)[1].sae
    save_sae(sae, tmp_path)
    loaded = load_sae(tmp_path)
    assert loaded.config == sae.config
    assert set(loaded.parameters) == set(sae.parameters)
    expected, codes = sae.encode(sentences()[:200]), loaded.encode(sentences()[:200])
    assert np.array_equal(expected.indices, codes.indices)
    assert np.array_equal(expected.data, codes.data)


@pytest.mark.parametrize("name", ALL)
def test_a_file_that_lacks_a_parameter_or_has_it_in_another_shape_is_refused(
    name: str, tmp_path: Path
) -> None:
    sae = trained(name)[1].sae
    shapes = architectures().get(name).parameter_shapes(sae.config, sae.d_in)
    assert {n: tuple(t.shape) for n, t in sae.parameters.items()} == shapes
    for lost in shapes:
        others = {n: t for n, t in sae.parameters.items() if n != lost}
        if others:
            save_sae(SparseAutoencoder(name, sae.config, sae.d_in, others), tmp_path)
            with pytest.raises(BadCheckpoint, match=f"no tensor {lost}"):
                load_sae(tmp_path)
        wrong = others | {lost: sae.parameters[lost].repeat(2, 1)}
        save_sae(SparseAutoencoder(name, sae.config, sae.d_in, wrong), tmp_path)
        with pytest.raises(BadCheckpoint, match="the config says"):
            load_sae(tmp_path)
    assert (tmp_path / CONFIG_NAME).is_file()


class StopAt(Unattended):
    """Cancels at a number of reported steps."""

    def __init__(self, step: int) -> None:
        self.step, self.now = step, 0

    def report(self, progress: Any) -> None:
        self.now = progress.done

    def checkpoint(self) -> None:
        if self.now >= self.step:
            raise Cancelled


@pytest.mark.parametrize("name", ALL)
def test_a_stopped_training_goes_on_to_the_same_bits(name: str, tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint.safetensors"
    with pytest.raises(Cancelled):
        loop_of(name, checkpoint=checkpoint, control=StopAt(STEPS // 2)).run()
    loop = loop_of(name, checkpoint=checkpoint)
    resumed = loop.run()
    undisturbed = trained(name)[1]
    assert resumed.steps == STEPS
    for parameter, tensor in undisturbed.sae.parameters.items():
        assert torch.equal(tensor, resumed.sae.parameters[parameter]), parameter
    assert [step.fvu for step in undisturbed.curve] == [step.fvu for step in resumed.curve]


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("revival", ["resample", "none"])
def test_it_trains_with_the_other_ways_with_dead_features(name: str, revival: str) -> None:
    settings = config_of(name, revival=revival, dead_after_steps=3).__dict__
    sae = train(sentences()[:600], name, steps=8, device="cpu", **settings)
    assert all(bool(tensor.isfinite().all()) for tensor in sae.parameters.values())


@pytest.mark.parametrize("name", ALL)
def test_every_setting_explains_and_bounds_itself(name: str) -> None:
    kind = architectures().get(name)
    assert kind.name == name
    assert kind.title
    assert kind.about.endswith(".")
    fields = set(kind.Config.__dataclass_fields__)
    described = describe(kind.Config)
    assert {info.name for info in described} == fields
    for info in described:
        assert info.label
        assert info.help.endswith((".", "better.")), info.name
        if info.choices:
            assert info.default in info.choices
            continue
        assert info.low is not None, info.name
        assert info.high is not None, info.name
        assert info.low <= info.default <= info.high
        for outside in (info.low - 1, info.high + 1):
            with pytest.raises(BadSetting):
                config_of(name, **{info.name: type(info.default)(outside)}).check()


def test_the_command_line_offers_the_settings_of_all() -> None:
    described = {
        info.name: info for name in ALL for info in describe(architectures().get(name).Config)
    }
    for name, info in described.items():
        option = f"--{name.replace('_', '-')}"
        parsed = make_parser().parse_args(["train", "folder", option, str(info.default)])
        assert getattr(parsed, f"set_{name}") == info.default
    parsed = make_parser().parse_args(["train", "folder", "--architecture", ALL[0]])
    assert parsed.architecture == ALL[0]


def test_a_setting_of_the_same_name_takes_the_same_values_everywhere() -> None:
    """The command line has one option for a name, and a form keeps its value in a change."""
    kinds: dict[str, tuple[type, tuple[str, ...]]] = {}
    for name in ALL:
        for info in describe(architectures().get(name).Config):
            values = type(info.default), info.choices
            assert kinds.setdefault(info.name, values) == values, (name, info.name)
