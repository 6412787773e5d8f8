"""Remarks that teach: what about these settings does not suit this corpus, before a training.

Every remark has the number behind it, and says what to do.
"""

from __future__ import annotations

from dataclasses import dataclass

from saedesk.sae.sae_config import SaeConfig

DOCUMENTS_PER_FEATURE = 40
"""On 30,000 abstracts, dictionaries with 40 documents for each feature have most features found
again by a second seed, those with 10 nearly none."""
FEWEST_HELD_OUT = 50
MUCH_LEFT_OUT = 0.65
"""FVU from which k counts as small. Twice the k lowers the FVU of text embeddings by .05 to .07
whatever k is (30,000 abstracts, k 2 to 32), so there is no bend to tell a k that is enough; but
one that leaves two thirds out makes features stand for several things ("Sparse but wrong",
arXiv:2508.16560)."""


@dataclass(frozen=True)
class Remark:
    """One thing worth knowing about a training, with its number."""

    kind: str
    """Which remark it is: "small k", "large k", "large dictionary", "few held out", "dead",
    "absorption", "memorising"."""
    sentence: str
    """What there is to see, with the number."""
    number: float
    """The number behind it, in the unit of the sentence (a share where it says %)."""
    advice: str
    """What to do, in a sentence."""
    latents: tuple[int, ...] = ()
    """The features it is about, the general one first; () where it is about all."""

    @property
    def text(self) -> str:
        """Sentence and advice."""
        return f"{self.sentence} {self.advice}"


def remarks_on_settings(
    config: SaeConfig,
    n_documents: int,
    *,
    fvu: float | None = None,
    fvu_of_twice_k: float | None = None,
) -> tuple[Remark, ...]:
    """What to know before training `config` on a corpus of `n_documents`.

    `fvu` is the one that is forecast, `fvu_of_twice_k` that with twice the k; None where nobody
    knows.
    """
    found = [
        _large_dictionary(config, n_documents),
        _large_k(config),
        _small_k(config, fvu, fvu_of_twice_k),
        _few_held_out(config, n_documents),
    ]
    return tuple(remark for remark in found if remark is not None)


def _large_dictionary(config: SaeConfig, n_documents: int) -> Remark | None:
    per_feature = n_documents / config.n_latents
    most = round_to(4 * n_documents / DOCUMENTS_PER_FEATURE, 64)
    if per_feature >= DOCUMENTS_PER_FEATURE / 4 or config.n_latents <= most:
        return None
    return Remark(
        "large dictionary",
        f"There are {per_feature:,.1f} documents for each feature; with fewer than "
        f"{DOCUMENTS_PER_FEATURE // 4} most features are chance.",
        per_feature,
        f"Choose at most {most:,} features.",
    )


def _large_k(config: SaeConfig) -> Remark | None:
    k = getattr(config, "k", None)
    if k is None or k <= config.n_latents / 8:
        return None
    return Remark(
        "large k",
        f"With {k} of {config.n_latents:,} features active at once they can hardly mean one "
        "thing each.",
        k / config.n_latents,
        f"Choose k of at most {max(1, config.n_latents // 16)}.",
    )


def _small_k(config: SaeConfig, fvu: float | None, of_twice: float | None) -> Remark | None:
    k = getattr(config, "k", None)
    if k is None or fvu is None or of_twice is None or fvu < MUCH_LEFT_OUT:
        return None
    if 2 * k > config.n_latents / 8:
        return None
    return Remark(
        "small k",
        f"k of {k} is small for this corpus: it would leave {100 * fvu:.0f} % of what tells the "
        f"documents apart out, {2 * k} about {100 * of_twice:.0f} %.",
        fvu,
        f"Try k of {2 * k}.",
    )


def _few_held_out(config: SaeConfig, n_documents: int) -> Remark | None:
    held_out = round(config.held_out_share * n_documents)
    if held_out >= FEWEST_HELD_OUT:
        return None
    return Remark(
        "few held out",
        f"Only {held_out} documents are held out, so the FVU will be rough.",
        held_out,
        "Hold out a larger share, or import more documents.",
    )


def round_to(value: float, step: int) -> int:
    """The multiple of `step` nearest to `value`, at least one of it."""
    return max(step, round(value / step) * step)
