"""An architecture against the same thing written plainly: dense, float64, torch autograd.

A test writes the loss once more as `loss(parameters, state, x, moment) -> (total, reconstruction)`
from dense tensors, by another road than the product, and asks for one step's gradients
(`assert_gradients_equal`) and for a whole training (`assert_training_follows`). The loss changes
`state` and the untrained `parameters` in place where a training does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from saedesk.sae.architectures.architecture import Moment
from saedesk.sae.sae_config import SaeConfig
from saedesk.sae.sae_trainer import SaeTrainer

Tensors = dict[str, Tensor]
Loss = Callable[[Tensors, Tensors, Tensor, Moment], tuple[Tensor, Tensor]]

D, N, B = 12, 40, 32
"""Small enough for float64 autograd in milliseconds: d_in, a usual n_latents, rows of a batch."""
START = Moment(0, 100)


# -- plain parts of a loss ---------------------------------------------------------------------


def normalised_error(estimate: Tensor, target: Tensor) -> Tensor:
    """mean((y − x)²) / mean((mean over the batch of x − x)²)."""
    spread = (target - target.mean(0)).square().mean().detach()
    return (estimate - target).square().mean() / spread


def pre_activations(parameters: Tensors, x: Tensor) -> Tensor:
    """W_enc (x − pre_bias) + b_enc, (batch, n)."""
    return (x - parameters["pre_bias"]) @ parameters["W_enc"].T + parameters["b_enc"]


def rebuilt(parameters: Tensors, z: Tensor) -> Tensor:
    """W_decᵀ z + pre_bias for dense codes (batch, n)."""
    return z @ parameters["W_dec"] + parameters["pre_bias"]


def note_fired(state: Tensors, z: Tensor) -> None:
    """Dead counters after a step with codes `z`."""
    state["idle_steps"] += 1
    state["idle_steps"][(z > 0).any(0)] = 0


def auxk_loss(
    parameters: Tensors, state: Tensors, pre: Tensor, error: Tensor, config: Any, k_aux: int
) -> Tensor:
    """α · nMSE(ê, x − x̂) as in the released code: the mask multiplies; `error` is x − x̂."""
    dead = state["idle_steps"] > config.dead_after_steps
    if not config.aux_coefficient or config.revival != "auxk" or not bool(dead.any()):
        return pre.new_zeros(())
    top, chosen = (pre * dead).topk(min(k_aux, pre.shape[1]), dim=1)
    z = torch.zeros_like(pre).scatter(1, chosen, top.relu())
    weighted: Tensor = config.aux_coefficient * normalised_error(
        z @ parameters["W_dec"], error.detach()
    )
    return weighted


# -- comparisons -------------------------------------------------------------------------------


def rows(batch: int = B, *, seed: int = 7, d_in: int = D) -> Tensor:
    """Random rows (batch, d_in) float64."""
    made = torch.randn((batch, d_in), generator=torch.Generator().manual_seed(seed))
    return made.double()


def started(architecture: Any, *, seed: int = 0, spread: float = 0.1) -> Tensors:
    """float64 parameters away from the tied start, so that no gradient can stand in for another."""
    generator = torch.Generator().manual_seed(seed)
    sample = torch.randn((64, architecture.d_in), generator=generator)
    made = architecture.initialise(sample, generator)
    parameters = {name: tensor.double() for name, tensor in made.items()}
    _move(architecture, parameters, generator, spread)
    return parameters


def _move(
    architecture: Any, parameters: Tensors, generator: torch.Generator, spread: float
) -> None:
    for name, tensor in parameters.items():
        if name not in architecture.untrained:
            tensor += spread * torch.randn(tensor.shape, generator=generator).double()
    architecture.constrain_parameters(parameters)


def idle_counts(kind: str | None, n_latents: int = N) -> Tensor:
    """Idle steps before the step: None, "some" (every third latent is dead) or "all"."""
    if kind is None:
        return torch.zeros(n_latents, dtype=torch.int64)
    if kind == "all":
        return torch.full((n_latents,), 10**6)
    return 10**6 * (torch.arange(n_latents) % 3 == 0)


def assert_gradients_equal(
    architecture: type[Any],
    config: SaeConfig,
    loss: Loss,
    *,
    idle: str | None = None,
    moment: Moment = START,
    x: Tensor | None = None,
    unit_decoder: bool = True,
    change: Callable[[Tensors], None] | None = None,
    rtol: float = 1e-9,
    atol: float = 1e-12,
) -> None:
    """One step of `architecture(config)` has the loss, the gradients and the state of `loss`.

    `idle` as in `idle_counts`. With `unit_decoder` the gradient of the decoder is expected without
    its part along each row. `change` may alter the starting parameters in place.
    """
    made = architecture(config, D)
    parameters = started(made)
    if change is not None:
        change(parameters)
    batch = rows() if x is None else x
    state = made.state("cpu")
    state["idle_steps"] += idle_counts(idle, config.n_latents)
    dense, dense_state = _dense_copy(made, parameters), _copied(state)
    # A step before it leaves its gradients in the buffers that are used again.
    made.gradients(_copied(parameters), _copied(state), rows(seed=8), moment)
    result = made.gradients(parameters, state, batch, moment)
    total, reconstruction = loss(dense, dense_state, batch, moment)
    expected = _gradients(dense, total, unit_decoder)
    torch.testing.assert_close(
        result.reconstruction_loss, reconstruction.detach(), rtol=1e-12, atol=1e-14
    )
    assert set(result.gradients) == set(expected)
    for name, gradient in expected.items():
        torch.testing.assert_close(
            result.gradients[name],
            gradient,
            rtol=rtol,
            atol=atol,
            msg=lambda m, n=name: f"{n}: {m}",
        )
    for name in made.untrained:
        torch.testing.assert_close(parameters[name], dense[name], rtol=1e-12, atol=0.0)
    for name, tensor in dense_state.items():
        torch.testing.assert_close(state[name], tensor, rtol=1e-12, atol=0.0)


def assert_training_follows(
    architecture: type[Any],
    config: SaeConfig,
    loss: Loss,
    *,
    steps: int = 25,
    unit_decoder: bool = True,
    rtol: float = 1e-5,
    atol: float = 1e-7,
) -> None:
    """A training in float64 by `SaeTrainer` keeps to autograd, clip, torch's Adam, unit rows.

    The architecture must be registered. Learning rate constant, no resampling.
    """
    trainer = _double_trainer(architecture, config, steps)
    made = trainer.architecture
    dense, state = _dense_copy(made, trainer.parameters), _copied(trainer.state)
    trained = [t for name, t in dense.items() if name not in made.untrained]
    optimiser = torch.optim.Adam(
        trained,
        lr=config.learning_rate,
        betas=(config.adam_beta1, config.adam_beta2),
        eps=config.adam_epsilon,
    )
    for step in range(steps):
        x = rows(seed=100 + step)
        total, reconstruction = loss(dense, state, x, Moment(step, steps))
        for name, gradient in _gradients(dense, total, unit_decoder).items():
            dense[name].grad = gradient
        torch.nn.utils.clip_grad_norm_(trained, config.gradient_clip)
        optimiser.step()
        if unit_decoder:
            with torch.no_grad():
                dense["W_dec"] /= dense["W_dec"].norm(dim=1, keepdim=True)
        result = trainer.step(x)
        got, expected = float(result.reconstruction_loss), float(reconstruction.detach())
        assert got == pytest.approx(expected, rel=1e-7), step
    for name, tensor in dense.items():
        torch.testing.assert_close(
            trainer.parameters[name],
            tensor.detach(),
            rtol=rtol,
            atol=atol,
            msg=lambda m, n=name: f"{n}: {m}",
        )
    for name, tensor in state.items():
        torch.testing.assert_close(trainer.state[name], tensor, rtol=rtol, atol=atol)


def _double_trainer(architecture: type[Any], config: SaeConfig, steps: int) -> SaeTrainer:
    generator = torch.Generator().manual_seed(1)
    sample = torch.randn((64, D), generator=generator)
    trainer = SaeTrainer(architecture.name, config, sample, total_steps=steps, precision="float32")
    assert type(trainer.architecture) is architecture
    # torch's fused Adam takes a scale of the gradients in float32 only.
    trainer._fused = False
    trainer._optimiser.param_groups[0]["fused"] = False
    for tensor in (*trainer.parameters.values(), *trainer.state.values()):
        if tensor.is_floating_point():
            tensor.data = tensor.data.double()
    _move(trainer.architecture, trainer.parameters, generator, 0.1)
    return trainer


def _copied(tensors: Tensors) -> Tensors:
    return {name: tensor.clone() for name, tensor in tensors.items()}


def _dense_copy(architecture: Any, parameters: Tensors) -> Tensors:
    return {
        name: tensor.clone().requires_grad_(name not in architecture.untrained)
        for name, tensor in parameters.items()
    }


def _gradients(parameters: Tensors, total: Tensor, unit_decoder: bool) -> Tensors:
    """∂total by name of the trained parameters, 0 where the loss does not depend on one."""
    names = [name for name, tensor in parameters.items() if tensor.requires_grad]
    tensors = [parameters[name] for name in names]
    found = torch.autograd.grad(total, tensors, materialize_grads=True)
    gradients = {name: g.detach().clone() for name, g in zip(names, found, strict=True)}
    if unit_decoder:
        decoder = parameters["W_dec"].detach()
        along = (gradients["W_dec"] * decoder).sum(1, keepdim=True)
        gradients["W_dec"] -= along * decoder
    return gradients
