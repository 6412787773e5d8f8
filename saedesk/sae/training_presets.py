"""Settings that suit a corpus of a given size.

Small corpora need small dictionaries: on 28,000 abstracts a dictionary of twice the vector's
length with k = 8, trained for 120 epochs with decay, has most of its features found again by a
second seed, while one of eight times the length with k = 32 has next to none. Movva et al. 2025
(HypotheSAEs) use 64 features for 1,000 texts, 256 for 10,000 and 1,024 for 100,000.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from saedesk.sae.architectures.topk import TopKConfig
from saedesk.sae.training_warnings import DOCUMENTS_PER_FEATURE, round_to

MOST_STEPS = 15_000
PUBLISHED = "As published"
_FORMER_NAMES = {"paper sae64": PUBLISHED}


@dataclass(frozen=True)
class Preset:
    """Settings under a name."""

    name: str
    config: TopKConfig
    """For another architecture: `architecture_settings.config_in`."""
    reason: str
    """A sentence for a person: whom it suits."""


def presets(n_documents: int, d_in: int) -> tuple[Preset, ...]:
    """Presets for a corpus, the usual one second."""
    batch = _batch_size(n_documents)
    per_epoch = max(1, math.ceil(0.95 * n_documents / batch))
    n_latents = _dictionary_size(n_documents, d_in)
    k = min(4 if n_documents < 3000 else 8, n_latents)
    balanced = TopKConfig(
        n_latents=n_latents,
        k=k,
        epochs=int(max(10, min(120, MOST_STEPS // per_epoch))),
        batch_size=batch,
        learning_rate=5e-4,
        learning_rate_decay="linear",
        dead_after_steps=int(min(266, max(40, 4 * per_epoch))),
    )
    quick = TopKConfig(
        n_latents=min(n_latents, round_to(n_latents / 2, 32)),
        k=k,
        epochs=max(5, balanced.epochs // 4),
        batch_size=batch,
        learning_rate=1e-3,
        learning_rate_decay="linear",
        dead_after_steps=balanced.dead_after_steps,
    )
    return (
        Preset("Quick look", quick, "A coarse dictionary in a short time, to see what is there."),
        Preset(
            "Balanced", balanced, "As many features as this corpus fills, trained until they last."
        ),
        Preset(
            PUBLISHED,
            _as_published(),
            "The constants of the paper’s SAE64, meant for 100,000 documents and more.",
        ),
    )


def present_name(name: str) -> str:
    """The name that a preset has now; runs of older versions were noted under other names."""
    return _FORMER_NAMES.get(name.lower(), name)


def _as_published() -> TopKConfig:
    """SAE64 of O'Neill et al. 2024, every constant as in the released code."""
    return TopKConfig(
        n_latents=9216,
        k=64,
        epochs=50,
        batch_size=1024,
        learning_rate=1e-4,
        learning_rate_decay="none",
        warm_up_steps=0,
        early_stopping_epochs=0,
        input_normalisation="none",
        initialisation="published",
        revival="auxk",
        aux_coefficient=1 / 32,
        aux_k_factor=2.0,
        dead_after_steps=266,
        gradient_clip=1.0,
        pre_bias_rows=10_000,
        multi_k_coefficient=0.0,
    )


def _dictionary_size(n_documents: int, d_in: int) -> int:
    wanted = n_documents / DOCUMENTS_PER_FEATURE
    return int(min(max(64, round_to(wanted, 64)), max(64, 4 * d_in), max(8, n_documents // 4)))


def _batch_size(n_documents: int) -> int:
    """A power of two near a twentieth of the corpus, 32 to 1,024."""
    return int(min(1024, max(32, 2 ** round(math.log2(max(1, n_documents / 20))))))
