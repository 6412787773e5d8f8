"""The form of the golden files: what `write_golden_files.py` writes and the tests read.

    golden/vectors.npy                            (64, 16) float32, the rows that are taken apart
    golden/<library>/library.json                 the library's name and version
    golden/<library>/<variant>/checkpoint/        as the library wrote it
    golden/<library>/<variant>/expected.npz       codes (64, 64) and reconstructions (64, 16)

`expected.npz` is missing where the library can load what saedesk has to refuse.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent / "golden"
D_IN, N_LATENTS, K, ROWS = 16, 64, 4, 64


def vectors() -> np.ndarray:
    """(64, 16) float32 that every library took apart."""
    return np.load(FOLDER / "vectors.npy", allow_pickle=False)


def variants(library: str, *, refused: bool = False) -> tuple[str, ...]:
    """Names of the variants of a library that can be read, or of those to refuse."""
    folders = sorted(path.parent for path in FOLDER.glob(f"{library}/*/checkpoint"))
    return tuple(f.name for f in folders if (f / "expected.npz").exists() != refused)


def checkpoint(library: str, variant: str) -> Path:
    """The folder that the library wrote, or its only file where it writes single files."""
    folder = FOLDER / library / variant / "checkpoint"
    files = list(folder.iterdir())
    return files[0] if len(files) == 1 else folder


def expected(library: str, variant: str) -> tuple[np.ndarray, np.ndarray]:
    """Codes (64, 64) and reconstructions (64, 16) of the library, float32."""
    path = FOLDER / library / variant / "expected.npz"
    with np.load(path, allow_pickle=False) as stored:
        return stored["codes"], stored["reconstructions"]


def version(library: str) -> str:
    """Which version wrote them."""
    text = (FOLDER / library / "library.json").read_text("utf-8")
    return str(json.loads(text)["version"])
