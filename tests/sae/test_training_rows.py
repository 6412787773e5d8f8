"""Batches are the same wherever the vectors lie."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from saedesk.sae import training_rows
from saedesk.sae.training_rows import TrainingRows

N, D, BATCH = 103, 6, 16


def vectors(dtype: str) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(N, D)).astype(dtype)


def rows_of(array: np.ndarray, device: str = "cpu", **settings: Any) -> TrainingRows:
    wanted = {"batch_size": BATCH, "held_out_share": 0.1, "seed": 3, "device": device}
    return TrainingRows(array, **(wanted | settings))


def all_batches(rows: TrainingRows) -> list[torch.Tensor]:
    """Two epochs, the held-out rows, and the first batch again."""
    steps = [*range(2 * rows.steps_per_epoch), 0]
    return [rows.batch(step) for step in steps] + [rows.held_out_rows()]


@pytest.fixture
def on_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """Vectors stay on the device, as with a GPU that has room; brought there in many pieces."""
    monkeypatch.setattr(training_rows, "free_memory", lambda _: 1 << 40)
    monkeypatch.setattr(training_rows, "_UPLOADED_AT_ONCE", 10 * D)


@pytest.mark.usefixtures("on_the_device")
@pytest.mark.parametrize("dtype", ["float32", "float16", "float64"])
@pytest.mark.parametrize("normalisation", ["none", "unit", "per-dimension"])
def test_batches_from_the_device_are_those_from_the_file(
    dtype: str, normalisation: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save(tmp_path / "vectors.npy", vectors(dtype))
    memmap = np.load(tmp_path / "vectors.npy", mmap_mode="r")
    resident = rows_of(memmap, normalisation=normalisation)
    monkeypatch.setattr(training_rows, "free_memory", lambda _: 0)
    from_file = rows_of(memmap, normalisation=normalisation)
    assert resident._resident is not None
    assert from_file._resident is None
    for one, other in zip(all_batches(resident), all_batches(from_file), strict=True):
        assert one.dtype == torch.float32
        assert torch.equal(one, other)


@pytest.mark.usefixtures("on_the_device")
def test_half_precision_stays_so_on_the_device_and_its_order_is_brought_once_an_epoch() -> None:
    rows = rows_of(vectors("float16"))
    assert rows._resident is not None
    assert rows._resident.dtype == torch.float16
    rows.batch(0)
    order = rows._order
    assert isinstance(order, torch.Tensor)
    rows.batch(1)
    assert rows._order is order


def test_vectors_that_need_more_than_half_of_the_memory_are_not_kept_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    needed = N * D * 4
    monkeypatch.setattr(training_rows, "free_memory", lambda _: 2 * needed - 1)
    assert rows_of(vectors("float32"))._resident is None
    assert rows_of(vectors("float16"))._resident is not None


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")
@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("room", [0, 1 << 40])
def test_a_gpu_is_given_the_same_batches(
    dtype: str, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    array = vectors(dtype)
    expected = all_batches(rows_of(array))
    monkeypatch.setattr(training_rows, "free_memory", lambda _: room)
    for one, other in zip(all_batches(rows_of(array, "cuda")), expected, strict=True):
        assert one.is_cuda
        assert torch.equal(one.cpu(), other)
