"""The search in 8-bit integers: against float64, where rounding hides something, and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from saedesk.sae import product_choice
from saedesk.sae.architectures.topk import TopKConfig
from saedesk.sae.pre_activations import EncoderProduct, PreActivations
from saedesk.sae.product_choice import has_integer_product, search_precision
from saedesk.sae.quantised_product import QuantisedProduct, RoundedWeights
from saedesk.sae.sae_trainer import SaeTrainer
from saedesk.sae.training import TrainingLoop
from saedesk.task_control import Cancelled, Unattended

D, N, B, K = 96, 768, 600, 16
Case = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def plain() -> Case:
    generator = torch.Generator().manual_seed(1)
    W_enc = torch.randn((N, D), generator=generator)
    W_enc /= W_enc.norm(dim=1, keepdim=True)
    return W_enc, torch.zeros(N), torch.randn((B, D), generator=generator)


def with_bias() -> Case:
    W_enc, _, rows = plain()
    return W_enc, torch.randn(N, generator=torch.Generator().manual_seed(2)), rows


def mostly_bias() -> Case:
    W_enc, bias, rows = with_bias()
    return W_enc, 100 * bias, rows


def rows_of_all_sizes() -> Case:
    W_enc, bias, rows = with_bias()
    return W_enc, 0.1 * bias, rows * torch.logspace(-6, 4, B)[:, None]


def heavy_tails() -> Case:
    W_enc, bias, rows = plain()
    return W_enc, bias, rows**3


def outlying_components() -> Case:
    W_enc, bias, rows = plain()
    rows[:, :2] *= 100
    return W_enc, bias, rows


def weights_of_all_sizes() -> Case:
    W_enc, bias, rows = plain()
    return W_enc * torch.logspace(-2, 0, N)[:, None], bias, rows


CASES = [
    plain,
    with_bias,
    mostly_bias,
    rows_of_all_sizes,
    heavy_tails,
    outlying_components,
    weights_of_all_sizes,
]


def exact_products(case: Case) -> torch.Tensor:
    W_enc, b_enc, rows = case
    return rows.double() @ W_enc.double().T + b_enc.double()


@pytest.mark.parametrize("make", CASES, ids=lambda make: make.__name__)
def test_the_error_is_what_it_says(make: Callable[[], Case]) -> None:
    case = make()
    search = QuantisedProduct().of(*case)
    assert int(search.products.abs().max()) <= search.most
    error = search.products * search.unit.double()[:, None] - exact_products(case)
    told = search.error.double()
    assert (error.square().mean(1).sqrt() < 1.3 * told).all()
    assert (error.abs() < 6 * told[:, None]).all()


@pytest.mark.parametrize("k", [1, K, 100])
@pytest.mark.parametrize("make", CASES, ids=lambda make: make.__name__)
def test_the_latents_are_those_of_float64_with_exact_values(
    make: Callable[[], Case], k: int
) -> None:
    case = make()
    codes = EncoderProduct("int8").of(*case).largest(k)
    exact = exact_products(case)
    expected = torch.zeros_like(exact)
    best = exact.topk(k, dim=1)
    expected.scatter_(1, best.indices, best.values.relu())
    found = codes.dense(N).double()
    same = ((found > 0) == (expected > 0)).all(1)
    assert float(same.double().mean()) >= 0.999
    scale = exact.abs().amax(1, keepdim=True)
    assert (((found - expected) / scale)[same].abs() < 2e-6).all()


def test_rows_where_rounding_hides_a_latent_are_searched_again() -> None:
    W_enc, b_enc, rows = outlying_components()
    W_enc[:, :2] = 0
    case = W_enc, b_enc, rows
    exact = exact_products(case).topk(K, dim=1).indices.sort(1).values
    rough = QuantisedProduct().of(*case).products.topk(K + 10, dim=1).indices
    kept = (exact[:, :, None] == rough[:, None, :]).any(2).all(1)
    found = EncoderProduct("int8").of(*case).largest(K).latents.view(B, K).sort(1).values
    assert float(kept.double().mean()) < 0.9
    assert torch.equal(found, exact)


@pytest.mark.parametrize("k", [8, 40, 100, N - 4])
def test_codes_do_not_depend_on_the_rows_beside_them_however_many_latents_are_kept(k: int) -> None:
    W_enc, b_enc, rows = outlying_components()

    def dense(some: torch.Tensor) -> torch.Tensor:
        product = EncoderProduct("int8")
        return product.of(W_enc, b_enc, some, steady=True).largest(k).dense(N)

    whole = dense(rows)
    for step in (7, 50):
        parts = torch.cat([dense(some) for some in rows[:100].split(step)])
        assert torch.equal(parts, whole[:100])


@pytest.mark.parametrize("is_hidden", [False, True])
def test_only_rows_that_more_candidates_do_not_decide_are_multiplied_in_full(
    monkeypatch: pytest.MonkeyPatch, is_hidden: bool
) -> None:
    searched = {"_largest_of_unsure": 0, "_largest_in_full": 0}

    def count(name: str) -> None:
        whole = getattr(PreActivations, name)

        def counted(pre: PreActivations, *args: Any) -> Any:
            searched[name] += len(pre.centred)
            return whole(pre, *args)

        monkeypatch.setattr(PreActivations, name, counted)

    for name in searched:
        count(name)
    W_enc, b_enc, rows = outlying_components()
    if is_hidden:
        W_enc[:, :2] = 0
    EncoderProduct("int8").of(W_enc, b_enc, rows).largest(100)
    assert searched["_largest_of_unsure"] > 0
    assert (searched["_largest_in_full"] > 0) == is_hidden


@pytest.mark.parametrize(
    ("of_weights", "of_bias", "of_rows"),
    [(0, 0, 1), (0, 1, 1), (1, 0, 0), (1, 1, 0), (0, 0, 0), (1e-30, 0, 1e-4)],
)
def test_zeros_and_tiny_numbers_give_the_values_of_float32(
    of_weights: float, of_bias: float, of_rows: float
) -> None:
    W_enc, b_enc, rows = with_bias()
    case = of_weights * W_enc, of_bias * b_enc, of_rows * rows
    found, expected = (EncoderProduct(p).of(*case).largest(K) for p in ("int8", "float32"))
    sort = lambda codes: codes.values.view(B, K).sort(1).values  # noqa: E731
    torch.testing.assert_close(sort(found), sort(expected), rtol=1e-5, atol=0)


@pytest.mark.parametrize("steady", [False, True])
def test_equal_latents_and_equal_rows(steady: bool) -> None:
    W_enc, b_enc, rows = with_bias()
    W_enc, b_enc = W_enc[:64].repeat(12, 1), b_enc[:64].repeat(12)
    codes = EncoderProduct("int8").of(W_enc, b_enc, rows[:1].repeat(B, 1), steady=steady).largest(K)
    exact = exact_products((W_enc, b_enc, rows[:1]))
    expected = exact[0].topk(K).values.relu().sort().values.float()
    values, latents = codes.values.view(B, K), codes.latents.view(B, K)
    torch.testing.assert_close(values.sort(1).values, expected.expand(B, -1), rtol=1e-5, atol=1e-6)
    assert all(len(set(row)) == K for row in latents.tolist())


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_what_is_no_number_stays_visible(bad: float) -> None:
    W_enc, b_enc, rows = with_bias()
    rows[3, 5] = bad
    values = EncoderProduct("int8").of(W_enc, b_enc, rows).largest(K).values.view(B, K)
    assert not values[3].isfinite().all()
    assert values[:3].isfinite().all()
    assert values[4:].isfinite().all()
    for damaged in (W_enc, b_enc):
        case = [t.clone() if t is damaged else t for t in (W_enc, b_enc)]
        case[0 if damaged is W_enc else 1].view(-1)[700] = float("nan")
        values = EncoderProduct("int8").of(*case, rows[:3]).largest(K).values.view(3, K)
        assert values.isnan().any(1).all()


def test_a_few_columns_and_latents_that_no_group_divides() -> None:
    generator = torch.Generator().manual_seed(3)
    W_enc, rows = torch.randn((301, 3), generator=generator), torch.randn((50, 3))
    found, expected = (
        EncoderProduct(p).of(W_enc, torch.zeros(301), rows).largest(5).dense(301)
        for p in ("int8", "float32")
    )
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)


# -- weights that are kept ----------------------------------------------------------------------


def trainer(rows: torch.Tensor) -> SaeTrainer:
    config = TopKConfig(n_latents=256, k=4, learning_rate=1e-2)
    return SaeTrainer("topk", config, rows, total_steps=20, precision="int8")


def test_codes_between_steps_are_those_of_the_weights_as_they_are() -> None:
    _, _, rows = plain()
    one = trainer(rows)
    for _ in range(3):
        one.step(rows)
        kept = one.architecture.encode(one.parameters, rows)
        fresh = trainer(rows).architecture.encode(one.weights(), rows)
        assert torch.equal(kept.latents, fresh.latents)
        assert torch.equal(kept.values, fresh.values)


def test_weights_are_rounded_once_for_many_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    W_enc, b_enc, rows = with_bias()
    product, rounded = EncoderProduct("int8"), []
    original = RoundedWeights._rounded
    monkeypatch.setattr(
        RoundedWeights, "_rounded", lambda *args: rounded.append(1) or original(*args)
    )
    with torch.inference_mode():
        for part in rows.split(100):
            product.of(W_enc, b_enc, part, steady=True).largest(K)
    assert len(rounded) == 1
    b_enc += 1
    product.of(W_enc, b_enc, rows, steady=True).largest(K)
    product.of(W_enc.clone(), b_enc, rows, steady=True).largest(K)
    assert len(rounded) == 3


# -- training -----------------------------------------------------------------------------------


class CancelAt(Unattended):
    """Cancels at a number of reported steps."""

    def __init__(self, step: int) -> None:
        self.step, self.now = step, 0

    def report(self, progress) -> None:
        self.now = progress.done

    def checkpoint(self) -> None:
        if self.now >= self.step:
            raise Cancelled


def test_a_training_stopped_and_gone_on_gives_the_same_bits(tmp_path: Path) -> None:
    vectors = np.random.default_rng(0).normal(size=(700, 32)).astype(np.float32)
    config = TopKConfig(n_latents=256, k=4, epochs=6, batch_size=128, dead_after_steps=3)

    def loop(**options) -> TrainingLoop:
        return TrainingLoop(vectors, "topk", config, device="cpu", precision="int8", **options)

    whole = loop().run()
    checkpoint = tmp_path / "checkpoint"
    with pytest.raises(Cancelled):
        loop(checkpoint=checkpoint, control=CancelAt(9)).run()
    resumed = loop(checkpoint=checkpoint).run()
    assert resumed.precision == "int8"
    for name, tensor in whole.sae.parameters.items():
        assert torch.equal(tensor, resumed.sae.parameters[name])


# -- the choice ---------------------------------------------------------------------------------


@pytest.fixture
def measured_anew() -> Iterator[None]:
    product_choice._measured.cache_clear()
    yield
    product_choice._measured.cache_clear()


def refused(*_: object, **__: object) -> None:
    raise RuntimeError("not implemented")


def overflowing(rows: torch.Tensor, weights: torch.Tensor, *, out: torch.Tensor) -> torch.Tensor:
    """Fast and wrong, as where pairs of products are added up in 16 bits."""
    return out.fill_(32767)


@pytest.mark.usefixtures("measured_anew")
@pytest.mark.parametrize("product", [refused, overflowing])
def test_integers_are_left_where_their_product_is_missing_or_wrong(
    product: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "_int_mm", product)
    assert not has_integer_product(D, N)
    assert search_precision("cpu", D, N) != "int8"
    # A training that began with them goes on.
    case = with_bias()
    found = EncoderProduct("int8").of(*case).largest(K).dense(N)
    torch.testing.assert_close(found, EncoderProduct().of(*case).largest(K).dense(N))


def test_other_numbers_than_float32_on_a_cpu_are_searched_as_before() -> None:
    W_enc, b_enc, rows = (t.double() for t in with_bias())
    codes = EncoderProduct("int8").of(W_enc, b_enc, rows).largest(K)
    expected = EncoderProduct().of(W_enc, b_enc, rows).largest(K)
    assert torch.equal(codes.dense(N), expected.dense(N))
    assert search_precision("mps", D, N) == "float32"
