"""Checkpoints of EleutherAI sparsify, trained as its `Trainer.fit` trains."""

from __future__ import annotations

import contextlib
import io
from functools import partial
from pathlib import Path
from typing import Any

import torch
from golden_form import D_IN, N_LATENTS, K
from torch import Tensor
from write_golden_files import Rebuild, Variant

# It asks for the kind of GPU while it is imported, which fails where torch was built for the CPU.
torch.cuda.is_bf16_supported = lambda *_: False
with contextlib.redirect_stdout(io.StringIO()):  # It says which kernels it has.
    from sparsify import SparseCoder, SparseCoderConfig

STEPS, BATCH, LEARNING_RATE = 300, 256, 3e-3


def trained(rows: Tensor, **settings: Any) -> SparseCoder:
    """A sparse coder after some steps of Adam."""
    config = SparseCoderConfig(**{"num_latents": N_LATENTS, "k": K} | settings)
    coder = SparseCoder(D_IN, config, dtype=torch.float32)
    coder.b_dec.data = rows.mean(0)
    optimizer = torch.optim.Adam(coder.parameters(), lr=LEARNING_RATE)
    for _ in range(STEPS):
        x = rows[torch.randint(len(rows), (BATCH,))]
        if config.normalize_decoder:
            coder.set_decoder_norm_to_unit_norm()
        out = coder(x)
        (out.fvu + out.multi_topk_fvu / 8).backward()
        if config.normalize_decoder:
            coder.remove_gradient_parallel_to_decoder_directions()
        optimizer.step()
        optimizer.zero_grad()
    return coder


def saved(folder: Path, rows: Tensor, **settings: Any) -> Rebuild:
    trained(rows, **settings).save_to_disk(folder)
    coder = SparseCoder.load_from_disk(folder)

    def rebuild(x: Tensor) -> tuple[Tensor, Tensor]:
        values, latents, _ = coder.encode(x)
        codes = x.new_zeros((len(x), coder.num_latents)).scatter(1, latents, values)
        return codes, coder(x).sae_out

    return rebuild


def refused(folder: Path, rows: Tensor, **settings: Any) -> None:
    """What is no SAE of TopK."""
    trained(rows, num_latents=D_IN, **settings).save_to_disk(folder)


VARIANTS: dict[str, Variant] = {
    "topk": saved,
    "topk_decoder_not_normalised": partial(
        saved, normalize_decoder=False, num_latents=0, expansion_factor=N_LATENTS // D_IN
    ),
    "groupmax": partial(refused, activation="groupmax"),
    "transcoder": partial(refused, transcode=True),
    "skip_connection": partial(refused, skip_connection=True),
}
