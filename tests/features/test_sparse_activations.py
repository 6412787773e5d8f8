from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from saedesk.errors import DamagedArtifact
from saedesk.features import sparse_activations
from saedesk.features.sparse_activations import (
    FILES,
    ActivationWriter,
    SparseActivations,
    group_boundaries,
)
from saedesk.task_control import Cancelled, Progress
from tests.features.made_up_activations import random_dense, write_dense


def slow_order(values: np.ndarray) -> list[int]:
    """Positions of values > 0, strongest first, ties by position: one comparison at a time."""
    positions = [i for i, value in enumerate(values) if value > 0]
    return sorted(positions, key=lambda i: (-values[i], i))


@pytest.mark.parametrize("entries_at_once", [1, 50, 1 << 20])
@pytest.mark.parametrize("rows_at_once", [1, 7, 1000])
def test_both_orders_equal_the_dense_matrix(tmp_path, monkeypatch, rows_at_once, entries_at_once):
    monkeypatch.setattr(sparse_activations, "ENTRIES_AT_ONCE", entries_at_once)
    dense = random_dense(43, 17)
    activations = write_dense(tmp_path, dense, rows_at_once)

    assert (activations.n_documents, activations.n_latents) == dense.shape
    assert activations.n_active == (dense > 0).sum()
    for row in range(len(dense)):
        latents, values = activations.document(row)
        assert latents.tolist() == slow_order(dense[row])
        assert values.tolist() == dense[row][latents].tolist()
    for latent in range(dense.shape[1]):
        rows, values = activations.latent(latent)
        assert rows.tolist() == slow_order(dense[:, latent])
        assert values.tolist() == dense[rows, latent].tolist()
    assert np.array_equal(activations.to_csr().toarray(), dense)


def test_the_cut_into_chunks_leaves_no_trace_in_the_files(tmp_path):
    dense = random_dense(40, 9, seed=3)
    write_dense(tmp_path / "one", dense, 1)
    write_dense(tmp_path / "all", dense, 40)
    for name in FILES:
        one, whole = (tmp_path / folder / f"{name}.npy" for folder in ("one", "all"))
        assert one.read_bytes() == whole.read_bytes()


def test_strongest_latent_of_each_document(tmp_path):
    dense = np.array([[0, 2, 1], [0, 0, 0], [3, 0, 3]], np.float32)
    latents, values = write_dense(tmp_path, dense).strongest()
    assert latents.tolist() == [1, -1, 0]
    assert values.tolist() == [2, 0, 3]


@pytest.mark.parametrize("shape", [(0, 5), (4, 5), (4, 0)])
def test_nothing_fires(tmp_path, shape):
    activations = write_dense(tmp_path, np.zeros(shape, np.float32))
    assert (activations.n_documents, activations.n_latents) == shape
    assert activations.n_active == 0
    assert activations.to_csr().shape == shape
    assert activations.strongest()[0].tolist() == [-1] * shape[0]


def test_types_and_no_writing(tmp_path):
    activations = write_dense(tmp_path, random_dense(20, 6))
    for numbers, values in (activations.document(1), activations.latent(2)):
        assert numbers.dtype == np.int32
        assert values.dtype == np.float32
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 1


def test_positions_outside_are_refused(tmp_path):
    activations = write_dense(tmp_path, random_dense(20, 6))
    for ask, position in ((activations.document, 20), (activations.latent, -1)):
        with pytest.raises(IndexError):
            ask(position)


@pytest.mark.parametrize(
    ("counts", "latents", "values", "reason"),
    [
        ([2], [0], [1.0], "announced"),
        ([1], [5], [1.0], "outside"),
        ([1], [-1], [1.0], "outside"),
        ([1], [0], [0.0], "above 0"),
        ([1], [0], [np.nan], "above 0"),
        ([1], [0.0], [1.0], "whole numbers"),
        ([-1, 2], [0], [1.0], "negative"),
    ],
)
def test_what_is_no_activation_is_refused(tmp_path, counts, latents, values, reason):
    writer = ActivationWriter(tmp_path, 5)
    with pytest.raises(ValueError, match=reason):
        writer.append(np.array(counts), np.array(latents), np.array(values))


def test_a_missing_or_cut_file_is_a_damaged_artifact(tmp_path):
    write_dense(tmp_path, random_dense(20, 6))
    rows = tmp_path / "latent_rows.npy"
    whole = rows.read_bytes()
    rows.write_bytes(whole[:-40])
    with pytest.raises(DamagedArtifact):
        SparseActivations.open(tmp_path)
    np.save(rows, np.zeros(3, np.int32))
    with pytest.raises(DamagedArtifact):
        SparseActivations.open(tmp_path)
    rows.unlink()
    with pytest.raises(DamagedArtifact):
        SparseActivations.open(tmp_path)


class CancelAtOnce:
    def checkpoint(self) -> None:
        raise Cancelled

    def report(self, progress: Progress) -> None: ...

    def publish(self, partial: object) -> None: ...


def test_finish_can_be_cancelled(tmp_path: Path):
    writer = ActivationWriter(tmp_path, 3)
    writer.append(np.array([1]), np.array([2]), np.array([1.0]))
    with pytest.raises(Cancelled):
        writer.finish(CancelAtOnce())


def test_runs_of_groups_cover_everything_once():
    offsets = np.array([0, 0, 3, 10, 10, 11, 12])
    for at_most in (1, 3, 5, 100):
        runs = group_boundaries(offsets, at_most)
        assert [group for start, stop in runs for group in range(start, stop)] == list(range(6))
        for start, stop in runs:
            assert stop == start + 1 or offsets[stop] - offsets[start] <= at_most
