"""Matching pursuit against the textbook's loop."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from saedesk.sae import pursuit
from saedesk.sae.pursuit import Pursuit, matching_pursuit, summed_path


def _problem(n: int, d: int, rows: int, k: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(n + rows)
    decoder = torch.randn((n, d), generator=generator, dtype=torch.float64)
    decoder /= decoder.norm(dim=1, keepdim=True)
    z = torch.zeros((rows, n), dtype=torch.float64)
    chosen = torch.rand((rows, n), generator=generator).topk(k, dim=1).indices
    z.scatter_(1, chosen, torch.rand((rows, k), generator=generator, dtype=torch.float64) + 0.2)
    return z @ decoder + 0.02 * torch.randn((rows, d), generator=generator).double(), decoder


def _naive(x: np.ndarray, decoder: np.ndarray, k: int, bound: float) -> np.ndarray:
    """Codes (rows, n) by the loop of Mallat & Zhang 1993, row by row."""
    z = np.zeros((len(x), len(decoder)))
    for row, vector in enumerate(x):
        residual = vector.copy()
        for _ in range(k):
            if np.linalg.norm(residual) <= bound * np.linalg.norm(vector):
                break
            correlations = decoder @ residual
            best = int(correlations.argmax())
            if correlations[best] <= 0:
                break
            z[row, best] += correlations[best]
            residual -= correlations[best] * decoder[best]
    return z


@pytest.mark.parametrize("rows", [3, 70])
@pytest.mark.parametrize("bound", [0.0, 0.4])
def test_pursuit_is_the_textbook_loop(rows: int, bound: float) -> None:
    x, decoder = _problem(96, 24, rows, 5)
    codes = matching_pursuit(x, decoder, 12, residual_bound=bound)
    expected = _naive(x.numpy(), decoder.numpy(), 12, bound)
    np.testing.assert_allclose(codes.dense(96).numpy(), expected, atol=1e-12)
    assert bool((codes.values > 0).all())
    # The same latent was chosen twice somewhere, so the sums were tested.
    assert bound or int(codes.offsets.diff().min()) < 12


def test_single_precision_finds_the_same_latents() -> None:
    x, decoder = _problem(256, 64, 200, 6)
    codes = matching_pursuit(x.float(), decoder.float(), 6).dense(256).numpy()
    expected = _naive(x.numpy(), decoder.numpy(), 6, 0.0)
    assert ((codes > 0) == (expected > 0)).all(1).mean() > 0.98
    np.testing.assert_allclose(np.median(np.abs(codes - expected)), 0.0, atol=1e-6)


def test_a_dictionary_too_large_for_a_gram_matrix(monkeypatch: pytest.MonkeyPatch) -> None:
    x, decoder = _problem(96, 24, 70, 5)
    with_gram = Pursuit(decoder)
    expected = with_gram.codes(x, 12).dense(96)
    monkeypatch.setattr(pursuit, "_LARGEST_GRAM", 0)
    without = Pursuit(decoder)
    torch.testing.assert_close(without.codes(x, 12).dense(96), expected, atol=1e-12, rtol=0)
    assert with_gram._gram is not None
    assert without._gram is None


@pytest.mark.parametrize("bound", [0.0, 0.5])
def test_a_single_row_is_walked_among_candidates(
    monkeypatch: pytest.MonkeyPatch, bound: float
) -> None:
    x, decoder = _problem(400, 12, 12, 30)
    expected = _naive(x.numpy(), decoder.numpy(), 12, bound)
    products = []
    walk = pursuit._walk
    monkeypatch.setattr(pursuit, "_CACHED_DECODER", 0)
    monkeypatch.setattr(
        pursuit, "_walk", lambda few, *rest: (products.append(len(few)), walk(few, *rest))
    )
    codes = Pursuit(decoder).codes(x, 12, residual_bound=bound).dense(400)
    np.testing.assert_allclose(codes.numpy(), expected, atol=1e-12)
    assert max(products) < 400
    # Somewhere the first candidates were not enough.
    assert bound or len(products) > 12


def test_a_row_nothing_points_along_has_no_code() -> None:
    decoder = torch.eye(3, dtype=torch.float64)
    x = torch.tensor([[-1.0, -2.0, -0.5], [0.0, 0.0, 0.0], [1.0, 0.0, 2.0]], dtype=torch.float64)
    codes = matching_pursuit(x, decoder, 2)
    assert codes.offsets.tolist() == [0, 0, 0, 2]
    assert codes.dense(3)[2].tolist() == [1.0, 0.0, 2.0]


def test_steps_of_one_latent_are_summed() -> None:
    latents = torch.tensor([[5, 2, 5], [1, 1, 1]])
    codes = summed_path(latents, torch.tensor([[1.0, 2.0, 4.0], [0.0, 0.0, 0.0]]))
    assert codes.latents.tolist() == [2, 5]
    assert codes.values.tolist() == [2.0, 5.0]
    assert codes.offsets.tolist() == [0, 2, 2]


def test_a_kept_pursuit_is_made_anew_when_the_dictionary_changes() -> None:
    _, decoder = _problem(40, 12, 30, 3)
    kept = pursuit.KeptPursuit()
    first = kept.on(decoder)
    assert kept.on(decoder) is first
    decoder.mul_(-1)
    changed = kept.on(decoder)
    assert changed is not first
    assert kept.on(decoder.clone()) is not changed
