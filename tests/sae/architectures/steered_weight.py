"""The sparsity weight of `sparsity_penalty` written plainly, for the oracles of its users."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from saedesk.sae.architectures.architecture import Moment
from tests.sae.architectures.oracle import Tensors, normalised_error


def weight_at(config: Any, state: Tensors, moment: Moment) -> float:
    """λ of a step: exp(I + e), rising over the warm-up."""
    integral, missed, _ = state["sparsity"].tolist()
    risen = 1.0
    if config.sparsity_warm_up_share:
        risen = min(1.0, moment.step / moment.total_steps / config.sparsity_warm_up_share)
    return math.exp(integral + missed) * risen


def steer(config: Any, state: Tensors, z: Tensor, moment: Moment) -> None:
    """I, e and ē after a step with codes `z`."""
    done = moment.step / moment.total_steps
    if config.target_l0 and done >= config.sparsity_warm_up_share:
        l0 = float((z > 0).sum()) / z.shape[0]
        missed = min(1.0, max(-1.0, math.log(l0 / config.target_l0))) if l0 else -1.0
        integral, _, mean = state["sparsity"].tolist()
        steps = 0.05 * moment.total_steps
        mean += (missed - mean) * min(1.0, 1 / steps)
        integral += min(1.0, max(-1.0, missed + 2 * (missed - mean))) / steps
        state["sparsity"].copy_(torch.tensor([integral, missed, mean], dtype=torch.float64))


def spread(x: Tensor) -> Tensor:
    """√mean‖x − mean‖²."""
    return (x - x.mean(0)).square().sum(1).mean().sqrt()


def aux_without_bias(
    config: Any, parameters: Tensors, state: Tensors, x: Tensor, error: Tensor
) -> Tensor:
    """α · nMSE(ê, x − x̂), dead latents read with their bias counted as zero."""
    dead = state["idle_steps"] > config.dead_after_steps
    if config.revival != "auxk" or not config.aux_coefficient or not bool(dead.any()):
        return x.new_zeros(())
    bias = parameters["b_enc"]
    read = (x - parameters["pre_bias"]) @ parameters["W_enc"].T + (bias - bias.detach())
    read = read.masked_fill(~dead, -math.inf)
    top, chosen = read.topk(min(config.aux_k, int(dead.sum())), dim=1)
    z = torch.zeros_like(read).scatter(1, chosen, top.relu())
    aux: Tensor = config.aux_coefficient * normalised_error(z @ parameters["W_dec"], error.detach())
    return aux
