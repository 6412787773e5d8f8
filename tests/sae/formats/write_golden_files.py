"""Writes checkpoints with the real libraries, and what they make of 64 fixed vectors.

By hand, in an environment of its own (SAELens alone brings sixty packages):

    python -m venv golden
    golden/bin/pip install torch==2.13.0
    golden/bin/pip install torch==2.13.0 sae-lens==6.54.12 eai-sparsify==1.3.3
    golden/bin/pip install --no-deps hypothesaes==2.0.1 dictionary-learning==0.1.0
    golden/bin/python tests/sae/formats/write_golden_files.py [saelens sparsify …]

Codes and reconstructions come from the checkpoint after the library has loaded it again. The
same versions on the same kind of CPU write the same numbers.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from golden_form import D_IN, FOLDER, ROWS
from torch import Tensor

LIBRARIES = {
    "saelens": ("sae-lens", "golden_saelens"),
    "sparsify": ("eai-sparsify", "golden_sparsify"),
    "dictionary_learning": ("dictionary-learning", "golden_dictionary_learning"),
    "hypothesaes": ("hypothesaes", "golden_hypothesaes"),
}
"""By folder: the distribution, and the module with its `VARIANTS`."""

Rebuild = Callable[[Tensor], tuple[Tensor, Tensor]]
"""Codes and reconstructions of rows, by the library that loaded its checkpoint."""
Variant = Callable[[Path, Tensor], Rebuild | None]
"""Trains on rows, writes into a folder; None where saedesk has to refuse the checkpoint."""


def rows(count: int, seed: int) -> Tensor:
    """(count, 16) float32 around random centres, of different lengths, with a mean that is not 0.

    Neither normalised nor centred, so that every normalisation makes a difference.
    """
    generator = torch.Generator().manual_seed(seed)
    centres = torch.randn((12, D_IN), generator=torch.Generator().manual_seed(1))
    found = centres[torch.randint(len(centres), (count,), generator=generator)]
    found = found + 0.4 * torch.randn((count, D_IN), generator=generator)
    lengths = 0.6 + torch.rand((count, 1), generator=generator)
    return found / found.norm(dim=1, keepdim=True) * lengths + 0.1


def write_variant(folder: Path, variant: Variant, vectors: Tensor) -> None:
    """The checkpoint, and what the library makes of `vectors`."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "checkpoint").mkdir(parents=True)
    torch.manual_seed(0)
    rebuild = variant(folder / "checkpoint", rows(4096, seed=2))
    if rebuild is None:
        return
    with torch.no_grad():
        codes, rebuilt = (tensor.float().numpy() for tensor in rebuild(vectors))
    np.savez_compressed(folder / "expected.npz", codes=codes, reconstructions=rebuilt)
    error = np.square(rebuilt - vectors.numpy()).sum() / np.square(vectors.numpy()).sum()
    active = (codes > 0).sum(1)
    sys.stdout.write(
        f"{folder.parent.name}/{folder.name}: L0 {active.mean():.1f} "
        f"({active.min()} to {active.max()}), error {error:.3f}\n"
    )


def main() -> None:
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    FOLDER.mkdir(exist_ok=True)
    vectors = rows(ROWS, seed=3)
    np.save(FOLDER / "vectors.npy", vectors.numpy())
    for library in sys.argv[1:] or LIBRARIES:
        distribution, module = LIBRARIES[library]
        variants: dict[str, Variant] = importlib.import_module(module).VARIANTS
        shutil.rmtree(FOLDER / library, ignore_errors=True)
        for name, variant in variants.items():
            write_variant(FOLDER / library / name, variant, vectors)
        about = {"library": distribution, "version": importlib.metadata.version(distribution)}
        about["torch"] = torch.__version__
        text = json.dumps(about, indent=1) + "\n"
        (FOLDER / library / "library.json").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
