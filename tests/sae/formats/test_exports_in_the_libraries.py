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
from saedesk.sae.sparse_autoencoder import SparseAutoencoder
from tests.sae.formats.golden_checks import codes_of, rebuilt_of
from tests.sae.formats.trained_saes import (
    ARCHITECTURES,
    NORMALISATIONS,
    assert_close,
    documents,
    trained,
)

PYTHON = "SAEDESK_PEERS_PYTHON"
READER = Path(__file__).with_name("read_with_library.py")
KINDS = {
    "saelens": [(a, n) for a in ARCHITECTURES for n in NORMALISATIONS],
    "sparsify": [("topk", n) for n in NORMALISATIONS],
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PYTHON not in os.environ, reason=f"{PYTHON} names no Python with them"),
]


@pytest.mark.parametrize("library", KINDS)
def test_the_library_computes_the_same(library: str, tmp_path: Path) -> None:
    """One process for all of them, because importing SAELens takes longer than the rest."""
    saes = {}
    for architecture, normalisation in KINDS[library]:
        sae = trained(architecture, normalisation)
        if not reason_against(sae, library):
            folder = tmp_path / f"{architecture}, {normalisation}"
            export_sae(sae, folder, library, ModelCard("Run", ""))
            np.save(folder / "vectors.npy", rows_for(library, normalisation))
            saes[folder] = sae
    assert len(saes) >= len(KINDS[library]) - 1
    command = [os.environ[PYTHON], "-W", "ignore", str(READER), library, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for folder, sae in saes.items():
        assert_same(folder, sae)


def rows_for(library: str, normalisation: str) -> np.ndarray:
    """(64, 16); of length 1 where the notes of the export ask for it."""
    rows = documents(64)
    if library == "sparsify" and normalisation in {"unit", "fixed length"}:
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def assert_same(folder: Path, sae: SparseAutoencoder) -> None:
    rows = np.load(folder / "vectors.npy")
    codes, rebuilt = codes_of(sae, rows), rebuilt_of(sae, rows)
    if sae.config.input_normalisation == "unit":
        # SAELens gives every reconstruction the length of its vector.
        rebuilt = rebuilt * np.linalg.norm(rows, axis=1, keepdims=True)
    with np.load(folder / "found.npz") as found:
        assert np.array_equal(found["codes"] > 0, codes > 0), folder.name
        assert_close(found["codes"], codes)
        assert_close(found["reconstructions"], rebuilt)
