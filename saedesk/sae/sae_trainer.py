"""One SAE in training: a step, its optimiser, and the state to go on from."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from saedesk.sae.architectures import architectures
from saedesk.sae.architectures.architecture import Moment, StepResult
from saedesk.sae.dead_latents import resample
from saedesk.sae.product_choice import Precision, search_precision
from saedesk.sae.sae_config import SaeConfig

if TYPE_CHECKING:
    from torch import Tensor


class SaeTrainer:
    """Parameters, gradients, clip, Adam, constraints. Nothing in a step waits for a GPU."""

    def __init__(
        self,
        architecture: str,
        config: SaeConfig,
        first_rows: Tensor,
        *,
        total_steps: int,
        device: str = "cpu",
        precision: Precision | None = None,
    ) -> None:
        """`first_rows` (n, d_in) float32 are a sample of the data, as the SAE sees it.

        `precision` in which the encoder product is searched; None measures.
        """
        import torch

        self.config = config
        self.total_steps = total_steps
        self.d_in = int(first_rows.shape[1])
        self.steps_done = 0
        self.architecture = architectures().get(architecture)(config, self.d_in)
        self.architecture.precision = precision or search_precision(
            device, self.d_in, config.n_latents
        )
        generator = torch.Generator().manual_seed(config.seed)
        started = self.architecture.initialise(first_rows.cpu(), generator)
        self.parameters = {name: t.to(device) for name, t in started.items()}
        self.state = self.architecture.state(device)
        self._trained = [n for n in self.parameters if n not in self.architecture.untrained]
        self._optimiser = torch.optim.Adam(
            [self.parameters[name] for name in self._trained],
            lr=config.learning_rate,
            betas=(config.adam_beta1, config.adam_beta2),
            eps=config.adam_epsilon,
            fused=device.split(":")[0] in ("cpu", "cuda"),
        )

    @property
    def precision(self) -> Precision:
        """In which the encoder product is searched."""
        return self.architecture.precision

    @property
    def learning_rate(self) -> float:
        """Of the last step."""
        return float(self._optimiser.param_groups[0]["lr"])

    def _next_learning_rate(self) -> float:
        """Warm-up, then constant or falling."""
        config, done = self.config, self.steps_done
        rate = config.learning_rate
        if done < config.warm_up_steps:
            rate *= (done + 1) / config.warm_up_steps
        if config.learning_rate_decay == "linear":
            return rate * min(1.0, (self.total_steps - done) / max(1.0, self.total_steps / 5))
        if config.learning_rate_decay == "cosine":
            return rate * (1 + math.cos(math.pi * done / self.total_steps)) / 2
        return rate

    def step(self, x: Tensor) -> StepResult:
        """Train on one batch (batch, d_in) float32."""
        import torch

        with torch.no_grad():
            moment = Moment(self.steps_done, self.total_steps)
            result = self.architecture.gradients(self.parameters, self.state, x, moment)
            self._update(result.gradients)
            self.architecture.constrain_parameters(self.parameters)
            self.steps_done += 1
            if self._is_time_to_resample():
                self._resample(x)
        return result

    def _update(self, gradients: dict[str, Tensor]) -> None:
        """Clip all gradients together and let Adam take its step."""
        import torch

        # Row by row takes half as long as all at once.
        norms = [torch.linalg.vector_norm(gradients[name], dim=-1) for name in self._trained]
        norm = torch.linalg.vector_norm(torch.cat([norm.view(-1) for norm in norms]))
        excess = ((norm + 1e-6) / self.config.gradient_clip).clamp_min(1.0)
        for name in self._trained:
            self.parameters[name].grad = gradients[name]
        self._optimiser.param_groups[0]["lr"] = self._next_learning_rate()
        if excess.device.type == "cuda":
            # The fused kernel divides by it on the way, so nothing waits for the norm.
            self._optimiser.grad_scale = excess  # type: ignore[attr-defined]
        elif excess.device.type != "cpu" or float(excess) > 1.0:
            for name in self._trained:
                gradients[name].div_(excess)
        self._optimiser.step()
        # The fused kernels do not tell; what keeps a copy of the weights must know.
        for name in self._trained:
            torch.autograd.graph.increment_version(self.parameters[name])

    def _is_time_to_resample(self) -> bool:
        config = self.config
        return (
            config.revival == "resample"
            and self.steps_done % config.dead_after_steps == 0
            and self.steps_done < 0.8 * self.total_steps
        )

    def _resample(self, x: Tensor) -> None:
        dead = (self.state["idle_steps"] >= self.config.dead_after_steps).nonzero()[:, 0]
        if dead.numel() == 0:
            return
        codes = self.architecture.encode(self.parameters, x)
        resample(self.parameters, codes, x, dead, seed=(self.config.seed, self.steps_done))
        self.state["idle_steps"][dead] = 0
        for name in ("W_enc", "W_dec", "b_enc"):
            if name not in self._trained:
                continue
            moments = self._optimiser.state[self.parameters[name]]
            for key in ("exp_avg", "exp_avg_sq"):
                moments[key][dead] = 0.0

    # -- going on ---------------------------------------------------------------------------

    def tensors(self) -> dict[str, Tensor]:
        """Everything that the next step depends on, by prefixed names; not copied."""
        found = {f"parameter.{name}": t for name, t in self.parameters.items()}
        found |= {f"state.{name}": t for name, t in self.state.items()}
        for name in self._trained:
            for key, tensor in self._optimiser.state[self.parameters[name]].items():
                found[f"adam.{name}.{key}"] = tensor
        return found

    def restore(self, tensors: dict[str, Tensor], steps_done: int) -> None:
        """Go on as if the steps up to `tensors()` had just been done."""
        for name, parameter in self.parameters.items():
            parameter.copy_(tensors[f"parameter.{name}"])
        for name, tensor in self.state.items():
            tensor.copy_(tensors[f"state.{name}"])
        for name in self._trained:
            parameter = self.parameters[name]
            self._optimiser.state[parameter] = {
                key: self._moment(key, tensors[f"adam.{name}.{key}"], parameter)
                for key in ("step", "exp_avg", "exp_avg_sq")
            }
        self.steps_done = steps_done

    def _moment(self, key: str, tensor: Tensor, parameter: Tensor) -> Tensor:
        # Adam keeps its step count on the CPU unless it is fused on a GPU.
        on_cpu = key == "step" and parameter.device.type != "cuda"
        return tensor.to("cpu" if on_cpu else parameter.device)

    def weights(self) -> dict[str, Any]:
        """A copy of the parameters, on the CPU."""
        return {name: t.detach().cpu().clone() for name, t in self.parameters.items()}
