"""The sparse, hand-written gradients against dense autograd in double precision."""

from __future__ import annotations

import pytest
import torch

from saedesk.sae.architectures.architecture import Moment
from saedesk.sae.architectures.topk import TopK, TopKConfig
from tests.sae.dense_reference import DenseTopK

D, N, B = 12, 40, 32
START = Moment(0, 100)


def started(config: TopKConfig, seed: int = 0) -> tuple[TopK, dict[str, torch.Tensor]]:
    generator = torch.Generator().manual_seed(seed)
    rows = torch.randn((64, D), generator=generator)
    architecture = TopK(config, D)
    parameters = architecture.initialise(rows, generator)
    # Away from the tied start, so that encoder and decoder gradients cannot stand in for another.
    for tensor in parameters.values():
        tensor += 0.1 * torch.randn(tensor.shape, generator=generator)
    architecture.constrain_parameters(parameters)
    doubled = {name: tensor.double() for name, tensor in parameters.items()}
    architecture.constrain_parameters(doubled)
    return architecture, doubled


@pytest.mark.parametrize(
    ("multi_k", "idle"),
    [(0.0, None), (0.25, None), (0.0, "some"), (0.5, "all")],
    ids=["plain", "with 4k", "with dead latents", "with 4k and only dead latents"],
)
def test_gradients_equal_dense_autograd(multi_k: float, idle: str | None) -> None:
    config = TopKConfig(
        n_latents=N, k=4, multi_k_coefficient=multi_k, aux_coefficient=0.3, dead_after_steps=5
    )
    architecture, parameters = started(config)
    x = torch.randn((B, D), generator=torch.Generator().manual_seed(7)).double()
    state = architecture.state("cpu")
    dense = DenseTopK(config, parameters)
    if idle:
        counts = torch.full((N,), 100) if idle == "all" else 100 * (torch.arange(N) % 3 == 0)
        state["idle_steps"] += counts
        dense.idle += counts
    result = architecture.gradients(parameters, state, x, START)
    total, reconstruction = dense.loss(x)
    total.backward()
    dense.project()
    assert torch.allclose(result.reconstruction_loss, reconstruction, rtol=1e-12)
    assert torch.equal(state["idle_steps"], dense.idle)
    for name, tensor in dense.parameters.items():
        torch.testing.assert_close(
            result.gradients[name], tensor.grad, rtol=1e-9, atol=1e-12, msg=name
        )


def test_aux_loss_reaches_only_dead_latents_beyond_those_selected() -> None:
    config = TopKConfig(n_latents=N, k=2, dead_after_steps=5)
    architecture, parameters = started(config)
    state = architecture.state("cpu")
    x = torch.randn((4, D), generator=torch.Generator().manual_seed(3)).double()
    without = architecture.gradients(parameters, state, x, START)
    decoder = without.gradients["W_dec"].clone()
    state["idle_steps"][0] = 1000
    with_dead = architecture.gradients(parameters, state, x, START)
    touched = (with_dead.gradients["W_dec"] - decoder).norm(dim=1) > 0
    assert without.fired[0] == 0
    assert touched.nonzero().flatten().tolist() == [0]


def test_a_training_follows_the_dense_one_step_for_step() -> None:
    config = TopKConfig(n_latents=N, k=4, learning_rate=1e-2, dead_after_steps=3)
    architecture, parameters = started(config)
    dense = DenseTopK(config, parameters)
    state = architecture.state("cpu")
    optimiser = torch.optim.Adam(list(parameters.values()), lr=config.learning_rate)
    generator = torch.Generator().manual_seed(11)
    for _ in range(25):
        x = torch.randn((B, D), generator=generator).double()
        expected = dense.step(x)
        with torch.no_grad():
            result = architecture.gradients(parameters, state, x, START)
            norm = torch.stack([g.norm() for g in result.gradients.values()]).norm()
            for name, parameter in parameters.items():
                factor = min(1.0, config.gradient_clip / (float(norm) + 1e-6))
                parameter.grad = result.gradients[name] * factor
            optimiser.step()
            architecture.constrain_parameters(parameters)
        assert float(result.reconstruction_loss) == pytest.approx(expected, rel=1e-7)
    for name, tensor in dense.parameters.items():
        torch.testing.assert_close(parameters[name], tensor.detach(), rtol=1e-5, atol=1e-7)


def test_start_is_tied_unit_and_centred_on_the_median() -> None:
    config = TopKConfig(n_latents=N, k=4, initialisation="published")
    rows = torch.arange(5 * D, dtype=torch.float32).reshape(5, D) ** 1.1
    parameters = TopK(config, D).initialise(rows, torch.Generator().manual_seed(0))
    assert torch.equal(parameters["pre_bias"], rows[2])
    assert torch.equal(parameters["W_enc"], parameters["W_dec"])
    assert torch.allclose(parameters["W_dec"].norm(dim=1), torch.ones(N))
    assert not parameters["b_enc"].any()


def test_codes_take_the_top_k_first_and_clip_afterwards() -> None:
    config = TopKConfig(n_latents=4, k=3)
    architecture = TopK(config, 2)
    parameters = {
        "W_enc": torch.tensor([[1.0, 0], [0, 1.0], [-1.0, 0], [0, -1.0]]),
        "W_dec": torch.tensor([[1.0, 0], [0, 1.0], [-1.0, 0], [0, -1.0]]),
        "b_enc": torch.zeros(4),
        "pre_bias": torch.zeros(2),
    }
    codes = architecture.encode(parameters, torch.tensor([[2.0, 1.0]]))
    assert sorted(codes.latents.tolist()) == [0, 1, 3]
    assert codes.dense(4).tolist() == [[2.0, 1.0, 0.0, 0.0]]
