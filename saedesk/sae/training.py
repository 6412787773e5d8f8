"""The training loop: batches, gradients, clip, Adam, constraints, measures, checkpoints.

Deterministic by seed; a resumed training gives the same bits as an uninterrupted one on a CPU
with the same number of threads.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from saedesk.errors import BadInput, BadSetting, KnownError, OutOfRoom
from saedesk.sae.architectures import architectures
from saedesk.sae.sae_config import SaeConfig, as_json
from saedesk.sae.sparse_autoencoder import SparseAutoencoder
from saedesk.sae.training_checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from saedesk.sae.training_curve import DENSITY_EDGES, TrainingStep
from saedesk.sae.training_rows import TrainingRows
from saedesk.task_control import Cancelled, Progress, TaskControl, Unattended

if TYPE_CHECKING:
    from torch import Tensor

    from saedesk.sae.architectures.architecture import StepResult

ALGORITHM_VERSION = 1
"""Raised when the same config and data no longer give the same SAE."""
POINTS_OF_A_CURVE = 400
RECORDS_PER_EVALUATION = 4
SECONDS_BETWEEN_CHECKPOINTS = 10.0


@dataclass(frozen=True)
class TrainingResult:
    """A finished (or kept) training."""

    sae: SparseAutoencoder
    curve: list[TrainingStep]
    steps: int
    """Steps done."""
    stopped_early: bool
    """Whether a person ended it before its last step and kept it."""
    seconds: float
    """Time spent training, pauses left out."""


def train(
    vectors: np.ndarray,
    architecture: str = "topk",
    *,
    steps: int | None = None,
    device: str = "auto",
    on_step: Callable[[TrainingStep], None] | None = None,
    control: TaskControl | None = None,
    **settings: Any,
) -> SparseAutoencoder:
    """Train an SAE on `vectors` (n, d) float32, array or memmap.

    `settings` are the fields of the architecture's config (n_latents, k, epochs, batch_size,
    learning_rate, seed, ...); `steps` in place of epochs. `on_step` gets a `TrainingStep` at about
    400 moments. Raises BadSetting for a field out of range, BadInput for unusable vectors.
    """
    config_class = architectures().get(architecture).Config
    try:
        config = config_class(**settings)
    except TypeError as error:
        raise BadSetting(f"{error}.") from error
    loop = TrainingLoop(
        vectors, architecture, config, steps=steps, device=device, on_step=on_step, control=control
    )
    return loop.run().sae


class TrainingLoop:
    """One training; `run` goes on from a checkpoint when there is one."""

    def __init__(
        self,
        vectors: np.ndarray,
        architecture: str,
        config: SaeConfig,
        *,
        steps: int | None = None,
        device: str = "auto",
        on_step: Callable[[TrainingStep], None] | None = None,
        control: TaskControl | None = None,
        checkpoint: Path | None = None,
        excluded: np.ndarray | None = None,
    ) -> None:
        import torch

        from saedesk.embedding.compute_device import choose_device

        config.check()
        if vectors.ndim != 2:
            raise BadInput(f"Vectors must be a table of rows; this array has {vectors.ndim} axes.")
        self._device = torch.device(choose_device(device))
        self._config = config
        self._architecture_name = architecture
        self._d_in = int(vectors.shape[1])
        self._architecture = architectures().get(architecture)(config, self._d_in)
        self._rows = TrainingRows(
            vectors,
            batch_size=config.batch_size,
            held_out_share=config.held_out_share,
            seed=config.seed,
            device=self._device,
            excluded=excluded,
        )
        self._control = control or Unattended()
        self._on_step = on_step or (lambda _: None)
        self._checkpoint_path = checkpoint
        self.steps_per_epoch = self._rows.steps_per_epoch
        if steps is not None and steps < 1:
            raise BadSetting(f"A training needs at least one step; {steps} were asked for.")
        self.total_steps = steps if steps is not None else config.epochs * self.steps_per_epoch
        self._record_every = max(1, self.total_steps // POINTS_OF_A_CURVE)
        self._curve: list[TrainingStep] = []
        self._busy = 0.0
        self._step = 0
        first = self._rows.rows(self._rows.training[: config.pre_bias_rows]).cpu()
        self._check_vectors(first)
        generator = torch.Generator().manual_seed(config.seed)
        started = self._architecture.initialise(first, generator)
        self._parameters = {name: t.to(self._device) for name, t in started.items()}
        self._state = self._architecture.state(self._device)
        # Steps since a latent was last selected: the measure of "dead in training" that is shown.
        self._unselected = torch.zeros(config.n_latents, dtype=torch.int64, device=self._device)
        self._optimiser = torch.optim.Adam(
            list(self._parameters.values()),
            lr=config.learning_rate,
            betas=(config.adam_beta1, config.adam_beta2),
            eps=config.adam_epsilon,
            fused=self._device.type in ("cpu", "cuda"),
        )
        self._held_out: Tensor | None = None

    def _check_vectors(self, first: Tensor) -> None:
        if not bool(first.isfinite().all()):
            raise BadInput(
                "Some vectors are not finite numbers. Embed again, or leave these documents out."
            )
        if float((first - first[0]).abs().max()) == 0.0:
            raise BadInput("All vectors are the same, so there is nothing to take apart.")

    def run(self) -> TrainingResult:
        """Train to the last step, or to where the person stops; raises Cancelled on cancel."""
        import torch

        self._resume()
        last_checkpoint = time.monotonic()
        stopped_early = False
        busy_at_record, examples_at_record = self._busy, self._examples()
        try:
            with torch.no_grad():
                while self._step < self.total_steps:
                    self._control.checkpoint()
                    if self._control.finish_early() and self._step > 0:
                        stopped_early = True
                        break
                    started = time.monotonic()
                    result = self._train_one_step()
                    is_record = (
                        self._step % self._record_every == 0 or self._step == self.total_steps
                    )
                    measured = self._measure(result) if is_record else None
                    self._busy += time.monotonic() - started
                    if measured is not None:
                        elapsed = max(self._busy - busy_at_record, 1e-9)
                        speed = (self._examples() - examples_at_record) / elapsed
                        busy_at_record, examples_at_record = self._busy, self._examples()
                        self._record(measured, speed)
                    self._control.report(Progress(self._step, self.total_steps, "steps"))
                    if time.monotonic() - last_checkpoint > SECONDS_BETWEEN_CHECKPOINTS:
                        self._write_checkpoint()
                        last_checkpoint = time.monotonic()
        except Cancelled:
            self._write_checkpoint()
            raise
        except torch.OutOfMemoryError as error:
            raise OutOfRoom(
                "The GPU ran out of memory. Choose a smaller batch, fewer features, or the CPU."
            ) from error
        return self._result(stopped_early)

    def _train_one_step(self) -> StepResult:
        x = self._rows.batch(self._step)
        result = self._architecture.gradients(self._parameters, self._state, x)
        self._architecture.constrain_gradients(self._parameters, result)
        _clip(result.gradients, self._config.gradient_clip)
        for name, parameter in self._parameters.items():
            parameter.grad = result.gradients[name]
        self._optimiser.param_groups[0]["lr"] = self._learning_rate()
        self._optimiser.step()
        self._architecture.constrain_parameters(self._parameters)
        self._unselected += 1
        self._unselected[result.selected] = 0
        self._step += 1
        self._batch_rows = x.shape[0]
        return result

    def _learning_rate(self) -> float:
        """Constant, or falling to zero over the last fifth of the steps."""
        rate = self._config.learning_rate
        if self._config.learning_rate_decay == "none":
            return rate
        left = (self.total_steps - self._step) / max(1.0, self.total_steps / 5)
        return rate * min(1.0, left)

    def _measure(self, result: StepResult) -> dict[str, Any]:
        loss = float(result.reconstruction_loss)
        if not np.isfinite(loss):
            raise KnownError(
                f"The loss was no longer a number at step {self._step}. "
                "Choose a smaller learning rate, or look for vectors that are not finite."
            )
        record = self._step // self._record_every
        measured: dict[str, Any] = {
            "reconstruction_loss": loss,
            "l0": float(result.active) / self._batch_rows,
            "dead_share": float((self._unselected > self.steps_per_epoch).double().mean()),
            "fvu": None,
        }
        if record % RECORDS_PER_EVALUATION == 0 or self._step == self.total_steps:
            measured.update(self._evaluate())
        return measured

    def _evaluate(self) -> dict[str, Any]:
        """FVU and density on the held-out documents."""
        import torch

        from saedesk.sae import sparse_kernels

        if len(self._rows.held_out) == 0:
            return {}
        if self._held_out is None:
            self._held_out = self._rows.rows(self._rows.held_out)
        x, counts, error = self._held_out, None, 0.0
        for part in x.split(1024):
            values, latents = self._architecture.encode(self._parameters, part)
            rebuilt = sparse_kernels.decode(values, latents, self._parameters["W_dec"])
            error += float((rebuilt + self._parameters["pre_bias"] - part).square().sum())
            fired = torch.bincount(latents[values > 0], minlength=self._config.n_latents)
            counts = fired if counts is None else counts + fired
        spread = float((x - x.mean(0)).square().sum())
        assert counts is not None
        density = counts.cpu().numpy() / len(x)
        active = density[density > 0]
        histogram = np.histogram(np.log10(active), DENSITY_EDGES)[0]
        return {
            "fvu": error / spread if spread > 0 else None,
            "density": tuple(int(n) for n in histogram),
            "never_active": int((density == 0).sum()),
        }

    def _record(self, measured: dict[str, Any], speed: float) -> None:
        step = TrainingStep(
            step=self._step,
            examples=self._examples(),
            examples_per_second=round(speed, 1),
            learning_rate=self._optimiser.param_groups[0]["lr"],
            **measured,
        )
        self._curve.append(step)
        self._on_step(step)

    def _examples(self) -> int:
        epochs, rest = divmod(self._step, self.steps_per_epoch)
        return epochs * len(self._rows.training) + rest * self._rows.batch_size

    def _result(self, stopped_early: bool) -> TrainingResult:
        sae = SparseAutoencoder(
            self._architecture_name,
            self._config,
            self._d_in,
            {name: t.detach().cpu().clone() for name, t in self._parameters.items()},
            {"steps": self._step, "settings": as_json(self._config)},
        )
        return TrainingResult(sae, self._curve, self._step, stopped_early, self._busy)

    # -- checkpoints ------------------------------------------------------------------------

    def _write_checkpoint(self) -> None:
        if self._checkpoint_path is None or self._step == 0:
            return
        if not all(bool(tensor.isfinite().all()) for tensor in self._parameters.values()):
            return  # The last finite checkpoint is the one to go on from.
        tensors = {f"parameter.{name}": t for name, t in self._parameters.items()}
        tensors |= {f"state.{name}": t for name, t in self._state.items()}
        tensors["unselected"] = self._unselected
        for name, parameter in self._parameters.items():
            for key, tensor in self._optimiser.state[parameter].items():
                tensors[f"adam.{name}.{key}"] = tensor
        write_checkpoint(
            self._checkpoint_path,
            Checkpoint(self._step, tensors, self._curve, self._busy, self.total_steps),
        )

    def _resume(self) -> None:
        found = None if self._checkpoint_path is None else read_checkpoint(self._checkpoint_path)
        if found is None or found.step > self.total_steps:
            return
        for name, parameter in self._parameters.items():
            parameter.copy_(found.tensors[f"parameter.{name}"])
            # Adam keeps its step count on the CPU unless it is fused on a GPU.
            self._optimiser.state[parameter] = {
                key: found.tensors[f"adam.{name}.{key}"].to(
                    "cpu" if key == "step" and self._device.type != "cuda" else self._device
                )
                for key in ("step", "exp_avg", "exp_avg_sq")
            }
        for name, tensor in self._state.items():
            tensor.copy_(found.tensors[f"state.{name}"])
        self._unselected.copy_(found.tensors["unselected"])
        self._step, self._curve, self._busy = found.step, list(found.curve), found.busy_seconds
        for step in self._curve:
            self._on_step(step)


def _clip(gradients: dict[str, Any], largest_norm: float) -> None:
    """Scale all gradients together so that their norm is at most `largest_norm`."""
    import torch

    norms = torch.stack([gradient.norm() for gradient in gradients.values()])
    factor = (largest_norm / (norms.norm() + 1e-6)).clamp(max=1.0)
    for gradient in gradients.values():
        gradient.mul_(factor)
