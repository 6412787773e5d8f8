"""Presets follow the size of the corpus; the forecast learns from earlier runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from saedesk.sae.training_forecast import PastRun, forecast
from saedesk.sae.training_presets import presets


@pytest.mark.parametrize("documents", [9, 60, 500, 3_000, 30_000, 1_000_000])
def test_every_preset_is_valid_for_every_corpus(documents: int) -> None:
    for preset in presets(documents, 384):
        preset.config.check()


def test_small_corpora_get_small_dictionaries() -> None:
    sizes = [presets(n, 384)[1].config.n_latents for n in (500, 10_000, 30_000, 300_000)]
    assert sizes == sorted(sizes)
    assert sizes[0] <= 64
    assert sizes[2] == 2 * 384


def test_the_published_preset_has_the_published_constants() -> None:
    config = presets(200_000, 1536)[2].config
    assert (config.n_latents, config.k, config.batch_size) == (9216, 64, 1024)
    assert (config.learning_rate, config.learning_rate_decay) == (1e-4, "none")
    assert (config.aux_coefficient, config.aux_k_factor) == (1 / 32, 2.0)
    assert (config.gradient_clip, config.dead_after_steps) == (1.0, 266)


def test_the_forecast_scales_and_is_corrected_by_the_last_run() -> None:
    config = presets(30_000, 384)[1].config
    plain = forecast(config, 30_000, 384, products_per_second=1e10)
    twice = forecast(replace(config, epochs=240), 30_000, 384, products_per_second=1e10)
    assert twice.seconds == pytest.approx(2 * plain.seconds)
    assert plain.fvu is None
    slow = PastRun(768, 8, 1024, plain.steps, 3 * plain.seconds, 0.4)
    other = PastRun(64, 4, 32, 100, 60.0, 0.9)
    corrected = forecast(config, 30_000, 384, products_per_second=1e10, past=[slow, other])
    assert corrected.seconds == pytest.approx(3 * plain.seconds)
    assert corrected.fvu is not None
    low, likely, high = corrected.fvu
    assert low < likely < high
    assert likely == pytest.approx(0.4)
    assert high - low < 0.02


def test_warnings_have_the_numbers_behind_them() -> None:
    config = replace(presets(1_000, 384)[1].config, n_latents=3072, k=1000)
    found = forecast(config, 1_000, 384, products_per_second=1e10).warnings
    assert any("0.3 documents for each feature" in sentence for sentence in found)
    assert any("1000 of 3,072" in sentence for sentence in found)
    assert not forecast(
        presets(30_000, 384)[1].config, 30_000, 384, products_per_second=1e10
    ).warnings
