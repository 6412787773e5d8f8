"""Checkpoints of HypotheSAEs, made by `SparseAutoencoder.fit`."""

from __future__ import annotations

import importlib.util
import sys
import types
from functools import partial
from pathlib import Path
from typing import Any

import torch
from golden_form import D_IN, N_LATENTS, K
from torch import Tensor
from write_golden_files import Rebuild, Variant

# The package itself imports clients of language models; the SAE lies in one module of it.
found = importlib.util.find_spec("hypothesaes")
package = types.ModuleType("hypothesaes")
package.__path__ = list(found.submodule_search_locations)  # type: ignore[union-attr, arg-type]
sys.modules["hypothesaes"] = package

from hypothesaes.sae import SparseAutoencoder, load_model  # noqa: E402


def trained(folder: Path, rows: Tensor, **settings: Any) -> Rebuild:
    """One file, named by the library."""
    sae = SparseAutoencoder(D_IN, N_LATENTS, K, device="cpu", **settings)
    sae.fit(
        rows,
        save_dir=str(folder),
        n_epochs=30,
        batch_size=256,
        learning_rate=3e-3,
        show_progress=False,
    )
    (path,) = folder.iterdir()
    loaded = load_model(str(path), device="cpu")

    def rebuild(x: Tensor) -> tuple[Tensor, Tensor]:
        codes = torch.from_numpy(loaded.get_activations(x, show_progress=False))
        return codes, loaded(x)[0]

    return rebuild


PREFIXES = [8, 24, N_LATENTS]
VARIANTS: dict[str, Variant] = {
    "topk": partial(trained, multi_k=4 * K),
    "batch_topk": partial(trained, use_batch_topk=True),
    "matryoshka": partial(trained, prefix_lengths=PREFIXES),
    "matryoshka_batch_topk": partial(trained, prefix_lengths=PREFIXES, use_batch_topk=True),
}
