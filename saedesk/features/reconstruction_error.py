"""How much of single vectors an SAE's features leave unexplained, beside the rest of a corpus.

    unexplained = ‖x − x̂‖² / mean_j ‖x_j − mean‖²

with x̂ = Σ z_i d_i + pre-bias, put back into the space of the vectors. The denominator is the same
for all documents, so that the mean over a corpus is the SAE's FVU (Σ‖x−x̂‖² / Σ‖x−mean‖²), and a
document that lies near the mean is not made to look badly rebuilt. Where an SAE sees a vector's
direction alone, x is the vector at length 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from saedesk.features.near_misses import sampled_rows
from saedesk.features.sparse_activations import SparseActivations
from saedesk.sae.input_normalisation import DIRECTION_ONLY, STANDARDISED
from saedesk.task_control import TaskControl, Unattended

MOST_SAMPLED = 4_000
"""Documents that stand for a corpus."""
_ROWS_AT_ONCE = 256


@dataclass(frozen=True, eq=False)
class Rebuilding:
    """What an SAE makes of the codes of a vector."""

    decoder: np.ndarray
    """(n_latents, d) float32: what one unit of an activation adds to a vector."""
    pre_bias: np.ndarray
    """(d,) float32 in the same space."""
    normalisation: str = "none"
    """The kind of `InputNormalisation`; some make the SAE see a vector's direction alone."""

    def difference(
        self, vector: np.ndarray, latents: np.ndarray, values: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """x for a vector (d,), and what its reconstruction lacks, x − x̂, both (d,) float64."""
        target = np.asarray(vector, np.float64)
        if self.normalisation in DIRECTION_ONLY:
            target = target / max(float(np.linalg.norm(target)), 1e-12)
        rows = np.asarray(self.decoder[latents], np.float64)
        rebuilt = np.asarray(values, np.float64) @ rows + self.pre_bias
        if self.normalisation == STANDARDISED:
            # Folded weights are those of a vector of length 1 whose numbers have the mean 0.
            rebuilt = rebuilt * (target.std(ddof=1) * len(target) ** 0.5) + target.mean()
        return target, target - rebuilt


@dataclass(frozen=True, eq=False)
class CorpusErrors:
    """How well a corpus, or a sample of it, is rebuilt."""

    spread: float
    """mean ‖x − mean‖² of the targets."""
    unexplained: np.ndarray
    """(s,) float64, ascending: that of each document looked at."""
    documents: int
    """All documents with a usable vector; more than s where a sample was taken."""

    @property
    def fvu(self) -> float:
        """The mean: the fraction of variance unexplained."""
        return float(self.unexplained.mean())

    @property
    def typical(self) -> float:
        """The median."""
        return float(np.median(self.unexplained))

    @property
    def middle_half(self) -> tuple[float, float]:
        """The quartiles."""
        low, high = np.quantile(self.unexplained, (0.25, 0.75))
        return float(low), float(high)

    def share_worse(self, unexplained: float) -> float:
        """The share of documents that are rebuilt worse than this, 0 to 1."""
        # Rounding must not make a document worse than itself.
        at = np.searchsorted(self.unexplained, unexplained * (1 + 1e-9), side="right")
        return 1.0 - float(at) / len(self.unexplained)


@dataclass(frozen=True, eq=False)
class ReconstructionError:
    """How well one vector is rebuilt."""

    unexplained: float
    """‖x − x̂‖² as a share of the usual squared distance from the mean; 0 is perfect."""
    cosine: float
    """Between the vector and its reconstruction."""
    corpus: CorpusErrors

    @property
    def share_worse(self) -> float:
        """The share of the documents looked at that are rebuilt worse."""
        return self.corpus.share_worse(self.unexplained)


def reconstruction_error(
    rebuilding: Rebuilding,
    vector: np.ndarray,
    latents: np.ndarray,
    values: np.ndarray,
    corpus: CorpusErrors,
) -> ReconstructionError:
    """The error of a vector (d,) with its codes, `latents` and `values` (k,)."""
    target, lacking = rebuilding.difference(vector, latents, values)
    rebuilt = target - lacking
    lengths = float(np.linalg.norm(target) * np.linalg.norm(rebuilt))
    cosine = float(target @ rebuilt) / lengths if lengths > 0 else 0.0
    return ReconstructionError(float(lacking @ lacking) / corpus.spread, cosine, corpus)


def corpus_errors(
    rebuilding: Rebuilding,
    vectors: np.ndarray,
    activations: SparseActivations,
    *,
    bad_rows: np.ndarray | None = None,
    seed: int = 0,
    control: TaskControl | None = None,
) -> CorpusErrors | None:
    """The errors of all documents, or of MOST_SAMPLED in blocks spread evenly and drawn by `seed`.

    vectors: (n_documents, d), rows as in `activations`; `bad_rows` and rows that are zero or not
    finite are left out. None with fewer than two usable documents, or where all are the same.
    """
    control = control or Unattended()
    left_out = np.zeros(0, np.int64) if bad_rows is None else np.asarray(bad_rows, np.int64)
    rows = np.setdiff1d(sampled_rows(len(vectors), MOST_SAMPLED, seed), left_out)
    squared = np.full(len(rows), np.nan)
    total = np.zeros(vectors.shape[1])
    lengths = 0.0
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        control.checkpoint()
        part = np.asarray(vectors[rows[start : start + _ROWS_AT_ONCE]], np.float32)
        usable = np.isfinite(part).all(1) & part.any(1)
        for at in np.flatnonzero(usable).tolist():
            codes = activations.document(int(rows[start + at]))
            target, lacking = rebuilding.difference(part[at], *codes)
            squared[start + at] = lacking @ lacking
            total += target
            lengths += float(target @ target)
    found = squared[np.isfinite(squared)]
    if len(found) < 2:
        return None
    spread = lengths / len(found) - float(total @ total) / len(found) ** 2
    if spread <= 1e-12 * max(lengths / len(found), 1e-300):
        return None
    documents = len(vectors) - len(np.unique(left_out))
    return CorpusErrors(spread, np.sort(found / spread), documents)
