"""Training steps on GPUs that are not there.

Meta tensors know their shapes and no numbers: an operation whose result's shape depends on
numbers, or that hands a number to Python, raises with them. On a GPU it would wait until all work
before it is done. Steps on them go the way of CUDA.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from saedesk.sae import sparse_kernels, training_rows
from saedesk.sae.architectures import architectures
from saedesk.sae.codes import Codes, LatentOrder
from saedesk.sae.gathered_kernels import GatheredKernels
from saedesk.sae.sae_trainer import SaeTrainer
from saedesk.sae.training_rows import TrainingRows
from saedesk.sae.triton_kernels import TritonKernels

BATCH, D = 64, 32


def trainer_on(device: str, name: str, precision: Any, **settings: Any) -> SaeTrainer:
    """A trainer whose parameters lie on `device`; its start, which may wait, is left out."""
    cls = architectures().get(name)
    config = cls.Config(n_latents=512, batch_size=BATCH, **settings)
    trainer = SaeTrainer.__new__(SaeTrainer)
    trainer.config, trainer.total_steps, trainer.steps_done, trainer.d_in = config, 100, 0, D
    trainer.architecture = cls(config, D)
    trainer.architecture.precision = precision
    shapes = cls.parameter_shapes(config, D)
    trainer.parameters = {n: torch.randn(shape, device=device) for n, shape in shapes.items()}
    trainer.state = trainer.architecture.state(device)
    trainer._trained = [n for n in trainer.parameters if n not in trainer.architecture.untrained]
    trainer._fused = False  # Adam has a fused kernel on real devices alone; it waits for nothing.
    trainer._optimiser = torch.optim.Adam([trainer.parameters[n] for n in trainer._trained])
    return trainer


def without_triton(_: tuple[torch.Tensor, ...]) -> None:
    """torch's own operations."""


def with_triton(_: tuple[torch.Tensor, ...]) -> TritonKernels:
    """The kernels' callers; the kernels themselves write into what they are given."""

    def launch(*_: Any, **__: Any) -> None:
        pass

    return TritonKernels(
        SimpleNamespace(  # type: ignore[arg-type]
            segment_sums=launch, segment_products=launch, segment_weight_sums=launch
        )
    )


@pytest.fixture(params=[without_triton, with_triton], ids=lambda kernels: kernels.__name__)
def without_numbers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sparse_kernels, "kernels_for", lambda *tensors: request.param(tensors))
    # A pattern of products exists on real devices alone; there it waits for nothing.
    monkeypatch.setattr(
        sparse_kernels, "_sampled", lambda _, columns, left, __: left.new_empty(columns.shape)
    )


@pytest.mark.usefixtures("without_numbers")
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("name", ["topk", "batch_topk", "matryoshka"])
def test_a_step_never_waits_for_a_gpu(name: str, precision: str) -> None:
    trainer = trainer_on("meta", name, precision, k=4, dead_after_steps=1)
    x = torch.randn((BATCH, D), device="meta")
    for _ in range(3):
        result = trainer.step(x)
    assert result.reconstruction_loss.device.type == "meta"


def test_waiting_would_be_noticed() -> None:
    x = torch.randn((BATCH, D), device="meta")
    for waits in (Codes.of_dense, lambda x: float(x.sum()), lambda x: x[x > 0]):
        with pytest.raises((NotImplementedError, RuntimeError), match=r"[Mm]eta"):
            waits(x)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")
@pytest.mark.parametrize("room", [0, 1 << 40], ids=["from this computer", "from the GPU"])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_batches_and_steps_on_a_real_gpu_never_wait(
    precision: Any, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_rows, "free_memory", lambda _: room)
    vectors = np.random.default_rng(0).normal(size=(20 * BATCH, D)).astype(np.float32)
    rows = TrainingRows(vectors, batch_size=BATCH, held_out_share=0, seed=0, device="cuda")
    config = architectures().get("topk").Config(n_latents=512, k=4, dead_after_steps=1)
    first = rows.rows(rows.training).cpu()
    trainer = SaeTrainer("topk", config, first, total_steps=30, device="cuda", precision=precision)
    for step in range(3):  # Kernels are compiled, memory is taken.
        trainer.step(rows.batch(step))
    torch.cuda.set_sync_debug_mode("error")
    try:
        for step in range(3, 2 * rows.steps_per_epoch):
            trainer.step(rows.batch(step))
    finally:
        torch.cuda.set_sync_debug_mode("default")


class Recorded(TorchDispatchMode):
    """Names of all operations."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        self.names.add(str(func))
        return func(*args, **(kwargs or {}))


def test_kernels_of_apple_gpus_use_no_operation_that_those_lack(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In float64, which takes the way of any device but a CPU."""
    monkeypatch.setattr(sparse_kernels, "kernels_for", lambda *_: GatheredKernels())
    monkeypatch.setattr(sparse_kernels, "order_by_latent", lambda c, _: LatentOrder.as_they_are(c))
    trainer = trainer_on("cpu", "topk", "float32", k=4, dead_after_steps=1)
    trainer.parameters = {n: p.double() for n, p in trainer.parameters.items()}
    trainer._optimiser = torch.optim.Adam([trainer.parameters[n] for n in trainer._trained])
    with Recorded() as recorded:
        for _ in range(3):
            trainer.step(torch.randn((BATCH, D), dtype=torch.float64))
    missing = ("embedding_bag", "sparse", "sampled_addmm", "sort", "fused_adam")
    assert "aten.index_add_.default" in recorded.names
    assert [name for name in recorded.names if any(word in name for word in missing)] == []
