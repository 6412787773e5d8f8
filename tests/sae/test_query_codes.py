"""Queries are taken apart as documents are, before torch is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import saedesk
from saedesk.sae.query_codes import open_query_codes

D = 24


@pytest.fixture
def vectors() -> np.ndarray:
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(200, 6)) @ generator.normal(size=(6, D))
    return (rows + 0.5).astype(np.float32)


@pytest.mark.parametrize(
    "normalisation",
    ["none", "unit", "centred", "per-dimension", "standardised", "fixed length"],
)
@pytest.mark.parametrize(
    ("architecture", "encoder"), [("topk", "own"), ("topk", "matching_pursuit"), ("gated", "own")]
)
def test_a_query_has_the_code_of_the_document(
    vectors: np.ndarray, tmp_path: Path, architecture: str, encoder: str, normalisation: str
) -> None:
    sae = saedesk.train(
        vectors,
        architecture,
        n_latents=60,
        steps=20,
        learning_rate=1e-2,
        device="cpu",
        input_normalisation=normalisation,
    )
    sae.save(tmp_path)
    codes = open_query_codes(tmp_path, encoder, {})
    sees_no_length = normalisation in {"unit", "standardised", "fixed length"}
    assert codes.sees_length_1 == sees_no_length
    for vector in vectors[:5]:
        expected = sae.encode(vector, encoder=encoder)
        latents, values = codes.of(vector)
        assert latents.tolist() == expected.indices.tolist()
        np.testing.assert_allclose(values, expected.data, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "normalisation",
    ["none", "unit", "centred", "per-dimension", "standardised", "fixed length"],
)
@pytest.mark.parametrize("architecture", ["topk", "gated"])
def test_a_sum_has_the_code_of_its_vector_whatever_was_asked_before(
    vectors: np.ndarray, tmp_path: Path, architecture: str, normalisation: str
) -> None:
    sae = saedesk.train(
        vectors, architecture, n_latents=60, steps=20, input_normalisation=normalisation
    )
    sae.save(tmp_path)
    used = open_query_codes(tmp_path, "own", {})
    for share in np.linspace(-0.6, 0.9, 30):
        parts = [(0.8, vectors[0]), (float(share), vectors[int(20 * share) + 40])]
        latents, values = used.of_sum(parts)
        expected = used.of(sum(share * part for share, part in parts))
        assert latents.tolist() == expected[0].tolist()
        np.testing.assert_allclose(values, expected[1], rtol=1e-4, atol=1e-4)
        alone = open_query_codes(tmp_path, "own", {}).of_sum(parts)
        np.testing.assert_array_equal(alone[1], values)


def test_parts_of_a_sum_are_multiplied_once(vectors: np.ndarray, tmp_path: Path) -> None:
    saedesk.train(vectors, n_latents=60, k=4, steps=5).save(tmp_path)
    codes = open_query_codes(tmp_path, "own", {})
    codes.of_sum([(1.0, vectors[0]), (0.1, vectors[1])])
    # Without an encoder only what is kept is left to be told.
    codes._weights["W_enc"] = np.full_like(codes._weights["W_enc"], np.nan)
    latents, values = codes.of_sum([(1.0, vectors[0]), (0.3, vectors[1])])
    assert len(latents)
    assert np.isfinite(values).all()
    with np.errstate(invalid="ignore"):
        assert not len(codes.of_sum([(1.0, vectors[2])])[0])


def test_a_topk_query_needs_no_torch(vectors: np.ndarray, tmp_path: Path) -> None:
    saedesk.train(vectors, n_latents=60, k=4, steps=5, device="cpu").save(tmp_path)
    program = (
        "import sys, numpy as np\n"
        "from pathlib import Path\n"
        "from saedesk.sae.query_codes import open_query_codes\n"
        f"codes = open_query_codes(Path({str(tmp_path)!r}), 'own', {{}})\n"
        f"latents, _ = codes.of(np.ones({D}, np.float32))\n"
        "assert len(latents) <= 4 and 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
