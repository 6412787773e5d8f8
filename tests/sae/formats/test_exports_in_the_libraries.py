"""Exported folders opened by SAELens and sparsify themselves, in an environment of their own.

    SAEDESK_PEERS_PYTHON=golden/bin/python pytest -m slow tests/sae/formats

with the environment that `write_golden_files.py` describes.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from saedesk.sae.formats.exports import export_sae, reason_against
from saedesk.sae.formats.model_card import ModelCard
from tests.sae.formats.trained_saes import (
    ARCHITECTURES,
    NORMALISATIONS,
    assert_close,
    documents,
    trained,
)

PYTHON = "SAEDESK_PEERS_PYTHON"
READER = Path(__file__).with_name("read_with_library.py")
KINDS = [
    ("saelens", architecture, normalisation)
    for architecture in ARCHITECTURES
    for normalisation in NORMALISATIONS
    if architecture == "topk" or normalisation in {"none", "unit", "per-dimension"}
] + [("sparsify", "topk", normalisation) for normalisation in NORMALISATIONS]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PYTHON not in os.environ, reason=f"{PYTHON} names no Python with them"),
]


@pytest.mark.parametrize(("library", "architecture", "normalisation"), KINDS)
def test_the_library_computes_the_same(
    library: str, architecture: str, normalisation: str, tmp_path: Path
) -> None:
    sae = trained(architecture, normalisation)
    if reason_against(sae, library):
        pytest.skip(reason_against(sae, library))
    export_sae(sae, tmp_path / "out", library, ModelCard("Run", ""))
    rows = documents(64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if library == "sparsify" and normalisation in {"unit", "fixed length"}:
        rows, lengths = rows / lengths, np.ones_like(lengths)
    codes, rebuilt = read(library, tmp_path / "out", rows)
    assert_close(codes, sae.encode(rows).toarray())
    assert np.array_equal(codes > 0, sae.encode(rows).toarray() > 0)
    assert_close(rebuilt, sae.reconstruct(rows) * (lengths if normalisation == "unit" else 1))


def read(library: str, folder: Path, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Codes and reconstructions of the library."""
    np.save(folder / "vectors.npy", rows)
    command = [os.environ[PYTHON], "-W", "ignore", str(READER), library, str(folder)]
    files = [str(folder / "vectors.npy"), str(folder / "found.npz")]
    done = subprocess.run([*command, *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with np.load(folder / "found.npz") as found:
        return found["codes"], found["reconstructions"]
