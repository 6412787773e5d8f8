"""On 30,000 real abstracts: few dead latents, and as good a fit as the plain dense training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from saedesk.sae.architectures.topk import TopKConfig
from saedesk.sae.training import TrainingLoop
from saedesk.sae.training_rows import TrainingRows
from tests.sae.dense_reference import DenseTopK

CONFIG = TopKConfig(n_latents=8 * 384, k=32, epochs=8, learning_rate=5e-4)


def held_out_fvu(dense: DenseTopK, x: torch.Tensor) -> float:
    with torch.no_grad():
        codes, _, _ = dense.codes(x, dense.config.k)
        rebuilt = codes @ dense.parameters["W_dec"] + dense.parameters["pre_bias"]
        return float((rebuilt - x).square().sum() / (x - x.mean(0)).square().sum())


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_dead_share_and_fvu_on_abstracts(data_folder: Path) -> None:
    stored = np.load(data_folder / "arxiv" / "arxiv_ml_astro_30k.minilm.f16.npy")
    vectors = stored.astype(np.float32)
    loop = TrainingLoop(vectors, "topk", CONFIG, device="cpu")
    rows = TrainingRows(vectors, batch_size=1024, held_out_share=CONFIG.held_out_share, seed=0)
    dense = DenseTopK(CONFIG, loop.training.trainer.parameters)
    for step in range(loop.total_steps):
        dense.step(rows.batch(step))
    result = loop.run()
    last = result.curve[-1]
    reference = held_out_fvu(dense, rows.rows(rows.held_out))
    assert last.fvu is not None
    assert last.fvu <= reference + 0.001
    assert last.dead_share <= 0.01
