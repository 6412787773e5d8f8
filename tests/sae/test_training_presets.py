"""Presets follow the size of the corpus."""

from __future__ import annotations

import pytest

from saedesk.sae.architecture_settings import config_in
from saedesk.sae.architectures import architectures
from saedesk.sae.training_presets import present_name, presets


@pytest.mark.parametrize("documents", [9, 60, 500, 3_000, 30_000, 1_000_000])
def test_every_preset_is_valid_for_every_corpus_and_architecture(documents: int) -> None:
    for preset in presets(documents, 384):
        preset.config.check()
        for name in architectures() if documents >= 60 else ():
            config_in(name, preset.config).check()


def test_small_corpora_get_small_dictionaries() -> None:
    sizes = [presets(n, 384)[1].config.n_latents for n in (500, 10_000, 30_000, 300_000)]
    assert sizes == sorted(sizes)
    assert sizes[0] <= 64
    assert sizes[2] == 2 * 384


def test_the_usual_preset_is_what_was_found_to_last() -> None:
    config = presets(30_000, 384)[1].config
    assert (config.k, config.epochs, config.learning_rate_decay) == (8, 120, "linear")
    assert config.initialisation == "fitted"


def test_the_published_preset_has_the_published_constants() -> None:
    preset = presets(200_000, 1536)[2]
    config = preset.config
    assert preset.name == "As published"
    assert (config.n_latents, config.k, config.batch_size) == (9216, 64, 1024)
    assert (config.learning_rate, config.learning_rate_decay) == (1e-4, "none")
    assert (config.aux_coefficient, config.aux_k_factor) == (1 / 32, 2.0)
    assert (config.gradient_clip, config.dead_after_steps) == (1.0, 266)
    assert config.initialisation == "published"


def test_a_former_name_is_still_understood() -> None:
    assert present_name("Paper SAE64") == "As published"
    assert present_name("Balanced") == "Balanced"
