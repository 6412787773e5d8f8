"""EleutherAI sparsify 1.3.3: the calls of `Trainer.fit` for one hook, without the language model.

Its trainer chooses between Adam and signum. In the table it trains with Adam at the learning rate
of the others, without warm-up and decay; signum at its own learning rate is its default.
"""

from __future__ import annotations

import contextlib
import io

import torch
from method import BATCH, LEARNING_RATE, Setup
from torch import Tensor

AUXK_ALPHA = 1 / 32
DEAD_AFTER_EXAMPLES = 10_000_000


class Sparsify:
    """embedding_bag and index_add (Triton on a GPU); dead after 10,000,000 idle examples."""

    def __init__(self, setup: Setup) -> None:
        # It prints which kernels it has; the report says so.
        with contextlib.redirect_stdout(io.StringIO()):
            from sparsify import SparseCoder, SparseCoderConfig

        shape = setup.shape
        torch.manual_seed(setup.seed)
        config = SparseCoderConfig(num_latents=shape.n_latents, k=shape.k)
        self.coder = SparseCoder(shape.d_in, config, setup.device, dtype=torch.float32)
        self.idle = torch.zeros(shape.n_latents, dtype=torch.long, device=setup.device)
        self.fired = torch.zeros(shape.n_latents, dtype=torch.bool, device=setup.device)
        self.optimizer = self._optimizer()
        self.started = False
        self.total_fvu = 0.0

    def _optimizer(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.coder.parameters(), lr=LEARNING_RATE)

    def step(self, x: Tensor) -> None:
        before = torch.get_float32_matmul_precision()
        torch.set_float32_matmul_precision("high")  # As its trainer does.
        try:
            self._step(x)
        finally:
            torch.set_float32_matmul_precision(before)

    def _step(self, x: Tensor) -> None:
        coder = self.coder
        if not self.started:
            coder.b_dec.data = x.mean(0)
            self.started = True
        coder.set_decoder_norm_to_unit_norm()
        variance = (x - x.mean(0)).pow(2).sum()
        out = coder(x=x, y=x, dead_mask=self.idle > DEAD_AFTER_EXAMPLES, total_variance=variance)
        self.fired[out.latent_indices.flatten()] = True
        self.total_fvu += float(out.fvu.detach()) + float(out.auxk_loss.detach())
        (out.fvu + AUXK_ALPHA * out.auxk_loss + out.multi_topk_fvu / 8).backward()
        coder.remove_gradient_parallel_to_decoder_directions()
        self.optimizer.step()
        self.optimizer.zero_grad()
        with torch.no_grad():
            self.idle += BATCH
            self.idle[self.fired] = 0
            self.fired.zero_()

    @torch.no_grad()
    def rebuild(self, x: Tensor) -> tuple[Tensor, Tensor]:
        coder = self.coder
        # As in a saved and loaded one; training does the same before its next step.
        coder.set_decoder_norm_to_unit_norm()
        values, latents, _ = coder.encode(x)
        active = torch.zeros(coder.num_latents, dtype=torch.bool, device=x.device)
        active[latents[values > 0]] = True
        return coder.decode(values, latents), active


class SparsifySignum(Sparsify):
    """With its default optimiser, schedule-free SignSGD, at the learning rate it chooses."""

    def _optimizer(self) -> torch.optim.Optimizer:
        from schedulefree import ScheduleFreeWrapper
        from sparsify.sign_sgd import SignSGD

        rate = 5e-3 / (self.coder.num_latents / 2**14) ** 0.5
        groups = [{"params": self.coder.parameters(), "lr": rate}]
        optimizer = ScheduleFreeWrapper(SignSGD(groups), momentum=0.95)
        optimizer.train()
        return optimizer

    @torch.no_grad()
    def rebuild(self, x: Tensor) -> tuple[Tensor, Tensor]:
        self.optimizer.eval()
        decoder = self.coder.W_dec.data.clone()
        try:
            return super().rebuild(x)
        finally:
            # Neither the average looked at nor the point in training may change by looking.
            self.coder.W_dec.data.copy_(decoder)
            self.optimizer.train()
