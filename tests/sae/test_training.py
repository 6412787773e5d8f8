"""The training loop: deterministic, resumable to the bit, honest about what it measures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import saedesk
from saedesk.errors import BadInput, BadSetting, KnownError
from saedesk.sae.architectures.architecture import Moment
from saedesk.sae.architectures.topk import TopKConfig
from saedesk.sae.training import TrainingLoop, TrainingResult
from saedesk.sae.training_curve import TrainingStep, from_lines, to_lines
from saedesk.sae.training_rows import TrainingRows
from saedesk.task_control import Cancelled, Unattended
from tests.sae.dense_reference import DenseTopK

CONFIG = TopKConfig(
    n_latents=48, k=4, epochs=12, batch_size=64, learning_rate=3e-3, dead_after_steps=20
)


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    """Sparse mixtures of 32 directions in 24 dimensions, unit norm."""
    generator = np.random.default_rng(5)
    directions = generator.normal(size=(32, 24))
    codes = generator.random((500, 32)) * (generator.random((500, 32)) < 0.1)
    made = codes @ directions + 0.05 * generator.normal(size=(500, 24))
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


class StopAt(Unattended):
    """Cancels, or ends and keeps, at a given number of reported steps."""

    def __init__(self, step: int, *, keep: bool = False) -> None:
        self.step, self.keep, self.now = step, keep, 0

    def report(self, progress) -> None:
        self.now = progress.done

    def checkpoint(self) -> None:
        if not self.keep and self.now >= self.step:
            raise Cancelled

    def finish_early(self) -> bool:
        return self.keep and self.now >= self.step


def trained(vectors: np.ndarray, config: TopKConfig = CONFIG, **options) -> TrainingResult:
    return TrainingLoop(vectors, "topk", config, device="cpu", **options).run()


def same_weights(a: TrainingResult, b: TrainingResult) -> bool:
    return all(torch.equal(t, b.sae.parameters[name]) for name, t in a.sae.parameters.items())


def test_the_same_seed_gives_the_same_bits_and_another_seed_does_not(vectors: np.ndarray) -> None:
    first = trained(vectors)
    assert same_weights(first, trained(vectors))
    assert not same_weights(first, trained(vectors, replace(CONFIG, seed=1)))


@pytest.mark.parametrize("stop", [1, 17, 50])
def test_a_stopped_training_goes_on_to_the_same_bits(
    vectors: np.ndarray, tmp_path: Path, stop: int
) -> None:
    undisturbed = trained(vectors)
    checkpoint = tmp_path / "checkpoint.safetensors"
    with pytest.raises(Cancelled):
        trained(vectors, checkpoint=checkpoint, control=StopAt(stop))
    resumed = trained(vectors, checkpoint=checkpoint)
    assert same_weights(undisturbed, resumed)
    assert [replace(s, examples_per_second=0) for s in undisturbed.curve] == [
        replace(s, examples_per_second=0) for s in resumed.curve
    ]


def test_a_damaged_checkpoint_means_starting_anew(vectors: np.ndarray, tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint.safetensors"
    with pytest.raises(Cancelled):
        trained(vectors, checkpoint=checkpoint, control=StopAt(20))
    checkpoint.write_bytes(checkpoint.read_bytes()[:-100])
    assert same_weights(trained(vectors), trained(vectors, checkpoint=checkpoint))


def test_stop_and_keep_ends_where_it_is(vectors: np.ndarray) -> None:
    result = trained(vectors, control=StopAt(30, keep=True))
    assert result.stopped_early
    assert result.steps == 30


def test_the_loop_reaches_the_loss_of_a_dense_training(vectors: np.ndarray) -> None:
    losses: list[float] = []
    loop = TrainingLoop(
        vectors,
        "topk",
        CONFIG,
        device="cpu",
        on_step=lambda step: losses.append(step.reconstruction_loss),
    )
    rows = TrainingRows(
        vectors, batch_size=CONFIG.batch_size, held_out_share=CONFIG.held_out_share, seed=0
    )
    dense = DenseTopK(CONFIG, loop.training.trainer.parameters)
    expected = [dense.step(rows.batch(step)) for step in range(loop.total_steps)]
    loop.run()
    np.testing.assert_allclose(losses, expected, rtol=2e-3)


def test_fvu_is_measured_on_documents_the_training_never_saw(vectors: np.ndarray) -> None:
    result = trained(vectors)
    rows = TrainingRows(vectors, batch_size=64, held_out_share=0.05, seed=0)
    assert not set(rows.held_out) & set(rows.training)
    assert len(rows.held_out) == 25
    held_out = vectors[rows.held_out].astype(np.float64)
    rebuilt = result.sae.decode(result.sae.encode(held_out.astype(np.float32)))
    error = ((held_out - rebuilt) ** 2).sum()
    spread = ((held_out - held_out.mean(0)) ** 2).sum()
    assert result.curve[-1].fvu == pytest.approx(error / spread, rel=1e-4)


def test_training_improves_the_fit(vectors: np.ndarray) -> None:
    curve = trained(vectors, replace(CONFIG, epochs=40)).curve
    measured = [step.fvu for step in curve if step.fvu is not None]
    assert measured[-1] < 0.6 * measured[0]


def test_linear_decay_ends_at_zero(vectors: np.ndarray) -> None:
    curve = trained(vectors, replace(CONFIG, learning_rate_decay="linear")).curve
    assert curve[0].learning_rate == CONFIG.learning_rate
    assert 0 < curve[-1].learning_rate < 0.2 * CONFIG.learning_rate


def test_excluded_rows_are_never_used(vectors: np.ndarray) -> None:
    spoiled = vectors.copy()
    spoiled[[7, 99]] = np.nan
    result = trained(spoiled, excluded=np.array([7, 99]))
    assert np.isfinite(result.curve[-1].reconstruction_loss)
    with pytest.raises(KnownError):
        trained(spoiled)


def test_a_last_batch_of_one_joins_the_one_before() -> None:
    made = np.random.default_rng(0).normal(size=(33, 4)).astype(np.float32)
    rows = TrainingRows(made, batch_size=8, held_out_share=0.0, seed=0)
    assert rows.steps_per_epoch == 4
    assert [len(rows.batch(step)) for step in range(4)] == [8, 8, 8, 9]
    seen = np.concatenate([rows.batch(step).numpy() for step in range(4)])
    assert sorted(seen[:, 0]) == sorted(made[:, 0])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"k": 49}, "k is 49"),
        ({"n_latents": 2}, "Features must lie"),
        ({"learning_rate": 0.0}, "Learning rate must lie"),
        ({"learning_rate_decay": "cubic"}, "Decay must be"),
        ({"epochs": 0}, "Epochs must lie"),
        ({"epochs": 1.5}, "Epochs must be a whole number"),
        ({"seed": "x"}, "Seed must lie"),
        ({"k": 2.5}, "must be a whole number"),
    ],
)
def test_settings_out_of_range_are_named(
    vectors: np.ndarray, change: dict[str, object], words: str
) -> None:
    with pytest.raises(BadSetting, match=words):
        trained(vectors, replace(CONFIG, **change))  # type: ignore[arg-type]


def test_vectors_that_cannot_be_trained_on_are_refused(vectors: np.ndarray) -> None:
    with pytest.raises(BadInput, match="All vectors are the same"):
        trained(np.ones((100, 8), np.float32))
    with pytest.raises(BadInput, match="too few"):
        trained(vectors[:5])
    with pytest.raises(BadInput, match="axes"):
        trained(vectors[0])


def test_fewer_documents_than_a_batch_and_than_latents_train(vectors: np.ndarray) -> None:
    result = trained(vectors[:20], replace(CONFIG, batch_size=1024, n_latents=64))
    assert result.steps == CONFIG.epochs
    assert np.isfinite(result.curve[-1].reconstruction_loss)


def test_a_loss_that_is_no_number_stops_with_the_step(vectors: np.ndarray) -> None:
    loop = TrainingLoop(vectors, "topk", CONFIG, device="cpu")
    loop.training.trainer.parameters["W_enc"][0, 0] = float("nan")
    with pytest.raises(KnownError, match="at step 1"):
        loop.run()


def test_a_training_that_breaks_keeps_its_last_finite_checkpoint(
    vectors: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("saedesk.sae.training.SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    checkpoint = tmp_path / "checkpoint.safetensors"
    loop = TrainingLoop(vectors, "topk", CONFIG, device="cpu", checkpoint=checkpoint)

    class Spoil(Unattended):
        def report(self, progress) -> None:
            if progress.done == 10:
                loop.training.trainer.parameters["b_enc"].fill_(float("nan"))

    loop.control = Spoil()
    with pytest.raises(KnownError, match="no longer a number"):
        loop.run()
    assert same_weights(trained(vectors), trained(vectors, checkpoint=checkpoint))


def test_at_least_one_step(vectors: np.ndarray) -> None:
    with pytest.raises(BadSetting, match="at least one step"):
        saedesk.train(vectors, n_latents=16, k=2, steps=0)


def test_the_library_call_reports_steps_and_encodes(vectors: np.ndarray) -> None:
    seen: list[TrainingStep] = []
    sae = saedesk.train(
        vectors, n_latents=48, k=4, steps=10, learning_rate=1e-3, device="cpu", on_step=seen.append
    )
    assert [step.step for step in seen] == list(range(1, 11))
    codes = sae.encode(vectors)
    assert codes.shape == (500, 48)
    assert codes.data.min() > 0
    assert codes.getnnz(axis=1).max() <= 4
    assert sae.decode(codes).shape == vectors.shape
    with pytest.raises(BadSetting, match="no_such_setting"):
        saedesk.train(vectors, no_such_setting=1)
    with pytest.raises(BadSetting, match="no architecture called"):
        saedesk.train(vectors, architecture="none")


def test_codes_do_not_depend_on_the_chunk(
    vectors: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    sae = trained(vectors).sae
    whole = sae.encode(vectors)
    monkeypatch.setattr("saedesk.sae.sparse_autoencoder._LARGEST_DENSE", 48 * 16)
    pieces = sae.encode(vectors)
    assert np.array_equal(whole.indices, pieces.indices)
    np.testing.assert_allclose(whole.data, pieces.data, rtol=1e-5)
    with pytest.raises(BadInput, match="25 numbers each, the SAE takes 24"):
        sae.encode(np.zeros((3, 25), np.float32))


def test_a_curve_survives_its_file(vectors: np.ndarray) -> None:
    curve = trained(vectors).curve
    assert from_lines(to_lines(curve)) == curve


@pytest.fixture
def dense_memory() -> Callable[[], int]:
    """Largest number of elements of any tensor made while a block runs, by a dispatch hook."""
    from torch.utils._python_dispatch import TorchDispatchMode

    class Largest(TorchDispatchMode):
        def __init__(self) -> None:
            super().__init__()
            self.dense: list[tuple[str, tuple[int, ...]]] = []

        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            out = func(*args, **(kwargs or {}))
            for tensor in out if isinstance(out, tuple | list) else (out,):
                if isinstance(tensor, torch.Tensor) and tensor.layout == torch.strided:
                    self.dense.append((str(func), tuple(tensor.shape)))
            return out

    return Largest


def test_only_the_encoder_makes_a_dense_batch_by_latents_tensor(dense_memory) -> None:
    from saedesk.sae.architectures.topk import TopK

    config = TopKConfig(n_latents=200, k=4, aux_coefficient=0.0)
    architecture = TopK(config, 12)
    generator = torch.Generator().manual_seed(0)
    parameters = architecture.initialise(torch.randn((64, 12), generator=generator), generator)
    state, x = architecture.state("cpu"), torch.randn((32, 12), generator=generator)
    with dense_memory() as seen, torch.no_grad():
        architecture.gradients(parameters, state, x, Moment(0, 1))
    views = {"aten.view.dtype", "aten.detach.default"}
    wide = [name for name, shape in seen.dense if shape in ((32, 200), (200, 32))]
    made = [name for name in wide if name not in views]
    # The buffer, once, and one product.
    assert made == ["aten.zeros.default", "aten.addmm.out"]
