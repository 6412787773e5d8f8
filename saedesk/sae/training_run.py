"""One SAE's training, batch by batch: steps, measures, curve, checkpoints, early stopping."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from saedesk.errors import BadInput, BadSetting, KnownError
from saedesk.sae.held_out_measures import measure
from saedesk.sae.product_choice import Precision
from saedesk.sae.sae_config import SaeConfig, as_json
from saedesk.sae.sae_trainer import SaeTrainer
from saedesk.sae.sparse_autoencoder import SparseAutoencoder
from saedesk.sae.training_checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from saedesk.sae.training_curve import TrainingStep

if TYPE_CHECKING:
    from torch import Tensor

    from saedesk.sae.architectures.architecture import StepResult
    from saedesk.sae.training_rows import TrainingRows

POINTS_OF_A_CURVE = 400
RECORDS_PER_EVALUATION = 4
SMALLEST_GAIN = 1e-3
"""Early stopping counts a fall of the held-out FVU by less than this share as none."""


@dataclass(frozen=True)
class TrainingResult:
    """A finished (or kept) training."""

    sae: SparseAutoencoder
    curve: list[TrainingStep]
    steps: int
    """Steps done; with early stopping, those of the state that was kept."""
    stopped_early: bool
    """Whether a person ended it before its last step and kept it."""
    seconds: float
    """Time spent training, pauses left out."""
    precision: Precision
    """In which the encoder product was searched."""


class TrainingRun:
    """Takes the batches of `rows` in order; several runs may take the same ones."""

    def __init__(
        self,
        rows: TrainingRows,
        architecture: str,
        config: SaeConfig,
        *,
        steps: int | None = None,
        on_step: Callable[[TrainingStep], None] | None = None,
        checkpoint: Path | None = None,
        precision: Precision | None = None,
    ) -> None:
        if steps is not None and steps < 1:
            raise BadSetting(f"A training needs at least one step; {steps} were asked for.")
        self.rows = rows
        self.steps_per_epoch = rows.steps_per_epoch
        self.total_steps = steps if steps is not None else config.epochs * rows.steps_per_epoch
        self.curve: list[TrainingStep] = []
        self._architecture_name = architecture
        self._config = config
        self._on_step = on_step or (lambda _: None)
        self._checkpoint_path = checkpoint
        self._saved = None if checkpoint is None else read_checkpoint(checkpoint)
        sample = rows.rows(_sample(rows, config)).cpu()
        _check_vectors(sample)
        self.trainer = SaeTrainer(
            architecture,
            config,
            sample,
            total_steps=self.total_steps,
            device=str(rows.device),
            # A training goes on in the precision it began with, on whatever computer.
            precision=precision or (self._saved.precision if self._saved else None),
        )
        self._record_every = max(1, self.total_steps // POINTS_OF_A_CURVE)
        self._busy = 0.0
        self._busy_at_record, self._examples_at_record = 0.0, 0
        self._best = _Best()

    @property
    def step(self) -> int:
        """Steps done."""
        return self.trainer.steps_done

    @property
    def is_done(self) -> bool:
        """Whether it has reached its last step, or the held-out FVU has stopped to fall."""
        return self.step >= self.total_steps or self._has_settled()

    def advance(self, x: Tensor) -> None:
        """One step on the batch `x` (batch, d_in); raises KnownError for a loss that is none."""
        started = time.monotonic()
        result = self.trainer.step(x)
        is_record = self.step % self._record_every == 0 or self.step == self.total_steps
        measured = self._measure(result, x.shape[0]) if is_record else None
        self._busy += time.monotonic() - started
        if measured is not None:
            self._record(measured)

    def _measure(self, result: StepResult, batch: int) -> dict[str, Any]:
        loss = float(result.reconstruction_loss)
        # A weight that is no number may lie where no document looks, but it reaches the pre-bias.
        if not (np.isfinite(loss) and self.trainer.parameters["pre_bias"].isfinite().all()):
            raise KnownError(
                f"The loss was no longer a number at step {self.step}. "
                "Choose a smaller learning rate, or look for vectors that are not finite."
            )
        idle = self.trainer.state["idle_steps"]
        measured: dict[str, Any] = {
            "reconstruction_loss": loss,
            "l0": float(result.fired.sum()) / batch,
            "dead_share": float((idle > self.steps_per_epoch).float().mean()),
            "fvu": None,
        }
        record = self.step // self._record_every
        is_evaluation = record % RECORDS_PER_EVALUATION == 0 or self.step == self.total_steps
        if is_evaluation and len(self.rows.held_out):
            held_out = self.rows.held_out_rows()
            measured |= measure(self.trainer.architecture, self.trainer.parameters, held_out)
            self._note_best(measured["fvu"])
        return measured

    def _record(self, measured: dict[str, Any]) -> None:
        examples = self.rows.examples(self.step)
        elapsed = max(self._busy - self._busy_at_record, 1e-9)
        speed = (examples - self._examples_at_record) / elapsed
        self._busy_at_record, self._examples_at_record = self._busy, examples
        step = TrainingStep(
            step=self.step,
            examples=examples,
            examples_per_second=round(speed, 1),
            learning_rate=self.trainer.learning_rate,
            **measured,
        )
        self.curve.append(step)
        self._on_step(step)

    def result(self, stopped_early: bool = False) -> TrainingResult:
        """The SAE as it is now, or as it was at its best where it has settled."""
        settled = self._has_settled()
        weights = self._best.weights if settled else self.trainer.weights()
        steps = self._best.step if settled else self.step
        sae = SparseAutoencoder(
            self._architecture_name,
            self._config,
            self.trainer.d_in,
            weights | {n: t.cpu() for n, t in self.rows.normalisation.tensors().items()},
            {"steps": steps, "settings": as_json(self._config)},
        )
        return TrainingResult(
            sae, self.curve, steps, stopped_early, self._busy, self.trainer.precision
        )

    # -- early stopping ---------------------------------------------------------------------

    def _note_best(self, fvu: float | None) -> None:
        if not self._config.early_stopping_epochs or fvu is None:
            return
        if fvu < self._best.fvu * (1 - SMALLEST_GAIN):
            self._best = _Best(fvu, self.step, self.trainer.weights())

    def _has_settled(self) -> bool:
        patience = self._config.early_stopping_epochs * self.steps_per_epoch
        return bool(self._best.weights) and patience > 0 and self.step - self._best.step >= patience

    # -- checkpoints ------------------------------------------------------------------------

    def write_checkpoint(self) -> None:
        """Keep what the next step needs; nothing before the first step or after a lost one."""
        if self._checkpoint_path is None or self.step == 0:
            return
        if not all(bool(t.isfinite().all()) for t in self.trainer.parameters.values()):
            return  # The last finite checkpoint is the one to go on from.
        tensors = self.trainer.tensors()
        tensors |= {f"best.{name}": tensor for name, tensor in self._best.weights.items()}
        checkpoint = Checkpoint(
            step=self.step,
            tensors=tensors,
            curve=self.curve,
            busy_seconds=self._busy,
            total_steps=self.total_steps,
            precision=self.trainer.precision,
            best_step=self._best.step,
            best_fvu=self._best.fvu,
        )
        write_checkpoint(self._checkpoint_path, checkpoint)

    def resume(self) -> None:
        """Go on from the checkpoint, if there is one for this training."""
        found, self._saved = self._saved, None
        if found is None or found.step > self.total_steps:
            return
        self.trainer.restore(found.tensors, found.step)
        best = {n[5:]: t for n, t in found.tensors.items() if n.startswith("best.")}
        self._best = _Best(found.best_fvu, found.best_step, best)
        self.curve, self._busy = list(found.curve), found.busy_seconds
        self._busy_at_record = self._busy
        self._examples_at_record = self.rows.examples(self.step)
        for step in self.curve:
            self._on_step(step)


@dataclass(frozen=True)
class _Best:
    """The state with the lowest held-out FVU so far."""

    fvu: float = float("inf")
    step: int = 0
    weights: dict[str, Any] = field(default_factory=dict)


def _sample(rows: TrainingRows, config: SaeConfig) -> np.ndarray:
    """The documents from which the parameters start: the first ones as published, else any."""
    if config.initialisation == "published":
        return rows.training[: config.pre_bias_rows]
    count = min(len(rows.training), max(config.pre_bias_rows, config.n_latents))
    chosen = np.random.default_rng(config.seed).choice(rows.training, count, replace=False)
    return np.sort(chosen)


def _check_vectors(first: Tensor) -> None:
    if not bool(first.isfinite().all()):
        raise BadInput(
            "Some vectors are not finite numbers. Embed again, or leave these documents out."
        )
    if float((first - first[0]).abs().max()) == 0.0:
        raise BadInput("All vectors are the same, so there is nothing to take apart.")
