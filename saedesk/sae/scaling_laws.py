"""The published capacity power laws: the loss of SAEs of n features at a fixed k.

    L(n) = exp(a) · n^b        for k = 16, 32, 64, 128

L is the normalised MSE of the training batches at the end of the training, of TopK SAEs on the
embeddings of two corpora of abstracts (271,492 of astrophysics, 153,146 of machine learning;
text-embedding-3-small, d 1536). The constants are those of the lines drawn in the figure of
O'Neill et al. 2024 (arXiv:2408.00657, released code, `output/l_n_k_scaling.pdf`); they meet the
forty measured losses within 1.3 %.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

D_IN = 1536
SMALLEST, LARGEST = 3072, 12_288
"""Dictionary sizes that were trained."""
FEWEST_DOCUMENTS, MOST_DOCUMENTS = 150_000, 275_000


@dataclass(frozen=True)
class CapacityLaw:
    """L(n) = exp(a) · n^b for one corpus and one k."""

    corpus: str
    k: int
    a: float
    b: float

    def loss(self, n_latents: float) -> float:
        """Normalised MSE on the training data."""
        return math.exp(self.a) * n_latents**self.b


CAPACITY_LAWS = (
    CapacityLaw("astro-ph", 16, -0.4866, -0.1227),
    CapacityLaw("astro-ph", 32, -0.7042, -0.1297),
    CapacityLaw("astro-ph", 64, -0.7753, -0.1479),
    CapacityLaw("astro-ph", 128, -1.157, -0.1294),
    CapacityLaw("cs.LG", 16, -0.3978, -0.1339),
    CapacityLaw("cs.LG", 32, -0.5742, -0.1417),
    CapacityLaw("cs.LG", 64, -0.5044, -0.1743),
    CapacityLaw("cs.LG", 128, -0.6714, -0.1791),
)


@dataclass(frozen=True)
class PublishedLoss:
    """What SAEs of this size reached on the two published corpora."""

    by_corpus: dict[str, float]
    """Normalised MSE on the training data, by corpus."""
    sentence: str
    """For a person: the numbers and what they are."""


def published_loss(n_latents: int, k: int, d_in: int, n_documents: int) -> PublishedLoss | None:
    """The losses of the laws for this size; None where they do not apply.

    They apply to vectors of 1,536 numbers, 150,000 to 275,000 documents, 3,072 to 12,288 features
    and k from 16 to 128; between the published k the logarithm of the loss is interpolated
    linearly in the logarithm of k. Nothing is extrapolated.
    """
    applies = (
        d_in == D_IN
        and FEWEST_DOCUMENTS <= n_documents <= MOST_DOCUMENTS
        and SMALLEST <= n_latents <= LARGEST
    )
    if not applies:
        return None
    corpora = dict.fromkeys(law.corpus for law in CAPACITY_LAWS)
    losses = {corpus: _interpolated(corpus, n_latents, k) for corpus in corpora}
    known = {corpus: loss for corpus, loss in losses.items() if loss is not None}
    if len(known) < len(losses):
        return None
    shown = " and ".join(f"{loss:.3f} on {corpus}" for corpus, loss in known.items())
    return PublishedLoss(
        known,
        f"Published SAEs of this size have a normalised MSE of {shown}, measured on the documents "
        "they were trained on (O'Neill et al. 2024).",
    )


def _interpolated(corpus: str, n_latents: int, k: int) -> float | None:
    """log L linear in log k between the two published k around it; None outside of them."""
    laws = [law for law in CAPACITY_LAWS if law.corpus == corpus]
    for below, above in itertools.pairwise(laws):
        if below.k <= k <= above.k:
            share = math.log(k / below.k) / math.log(above.k / below.k)
            logs = math.log(below.loss(n_latents)), math.log(above.loss(n_latents))
            return math.exp(logs[0] * (1 - share) + logs[1] * share)
    return None
