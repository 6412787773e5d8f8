"""Vectors made from a dictionary and sparse codes that are kept, so that both can be looked for.

*Sparse sources* (O'Neill, Gumran and Klindt 2024, arXiv:2411.13117): N = 16 unit directions in
M = 8 dimensions, K = 3 sources active at a time; x = z D.

*Feature forest*, in the spirit of SynthSAEBench (arXiv:2602.14687) but small enough for a CPU:
roots, children and grandchildren in a space with fewer dimensions than features, frequencies that
fall like Zipf's, correlated roots, and children that point partly along their parent and are
active only when it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from saedesk.errors import BadSetting

N_SOURCES, N_DIMENSIONS, N_ROWS = 16, 8, 2048
FEWEST_ACTIVE, MOST_ACTIVE = 3, 9

FOREST_DIMENSIONS, FOREST_TRAINING_ROWS, FOREST_TEST_ROWS = 64, 8192, 2048
N_ROOTS, N_CHILDREN, N_GRANDCHILDREN = 8, 3, 2
COMMONEST, ZIPF_EXPONENT = 0.4, 0.5
"""Share of rows in which the commonest root is active, and how fast the others become rarer."""
GOES_ON = 0.5
"""Chance that an active feature has an active child."""
SHARED_WITH_PARENT = 0.3
"""Cosine of a child's direction with its parent's, before what chance adds."""
ROOT_CORRELATION, ROOT_FACTORS = 0.3, 2
FIRST_MAGNITUDE, LAST_MAGNITUDE, MAGNITUDE_DEVIATION = 1.25, 1.0, 0.15
BIAS_NORM = 0.5


@dataclass(frozen=True)
class KnownAnswerData:
    """One draw of a data set: what an SAE sees, and what it should find."""

    dictionary: np.ndarray
    """(n_features, d_in) float64, unit rows: the true directions."""
    bias: np.ndarray
    """(d_in,) float64, added to every row."""
    training_codes: np.ndarray
    """(n_training, n_features) float64 >= 0."""
    test_codes: np.ndarray
    """(n_test, n_features) float64 >= 0."""

    @property
    def training_rows(self) -> np.ndarray:
        """(n_training, d_in) float32: codes times dictionary, plus bias."""
        return (self.training_codes @ self.dictionary + self.bias).astype(np.float32)

    @property
    def test_rows(self) -> np.ndarray:
        """(n_test, d_in) float32."""
        return (self.test_codes @ self.dictionary + self.bias).astype(np.float32)


@dataclass(frozen=True)
class KnownAnswerSet:
    """A data set and how an SAE is trained on it."""

    name: str
    """On the command line and in files."""
    title: str
    description: str
    """Two or three sentences for a person."""
    n_features: int
    """Size of the true dictionary, and of the SAEs."""
    n_active: int
    """True features active in a row, rounded mean: the k of the SAEs."""
    make: Callable[[int], KnownAnswerData]
    """The draw of a seed."""
    steps: int
    batch_size: int
    learning_rate: float


def sparse_sources(n_active: int = FEWEST_ACTIVE) -> KnownAnswerSet:
    """The set of arXiv:2411.13117 with K = `n_active`; raises BadSetting outside 3 to 9."""
    if not FEWEST_ACTIVE <= n_active <= MOST_ACTIVE:
        raise BadSetting(
            f"The number of active sources must lie between {FEWEST_ACTIVE} and {MOST_ACTIVE}; "
            f"it is {n_active}."
        )
    return KnownAnswerSet(
        name="sparse-sources" if n_active == FEWEST_ACTIVE else f"sparse-sources-{n_active}",
        title=f"Sparse sources (N {N_SOURCES}, M {N_DIMENSIONS}, K {n_active})",
        description=(
            f"{N_SOURCES} unit directions in {N_DIMENSIONS} dimensions; {n_active} of them, drawn "
            f"without preference, make up each row, with half-normal values. "
            f"{N_ROWS // 2:,} rows to train on, {N_ROWS // 2:,} to measure on."
        ),
        n_features=N_SOURCES,
        n_active=n_active,
        make=lambda seed: _make_sources(n_active, seed),
        steps=500,
        batch_size=128,
        learning_rate=1e-2,
    )


def feature_forest() -> KnownAnswerSet:
    """The small hierarchical set."""
    n_features = N_ROOTS * (1 + N_CHILDREN * (1 + N_GRANDCHILDREN))
    per_root = 1 + GOES_ON + GOES_ON**2
    return KnownAnswerSet(
        name="feature-forest",
        title=f"Feature forest ({n_features} features in {FOREST_DIMENSIONS} dimensions)",
        description=(
            f"{N_ROOTS} general features, each with {N_CHILDREN} children, each with "
            f"{N_GRANDCHILDREN} of their own; a child is active only when its parent is, at most "
            f"one of a parent’s children at a time, and points partly the same way. Frequencies "
            f"fall as in language. {FOREST_TRAINING_ROWS:,} rows to train on, "
            f"{FOREST_TEST_ROWS:,} to measure on."
        ),
        n_features=n_features,
        n_active=round(float(_root_frequencies().sum()) * per_root),
        make=_make_forest,
        steps=500,
        batch_size=512,
        learning_rate=6e-3,
    )


def known_answer_sets() -> tuple[KnownAnswerSet, ...]:
    """The sets of the benchmark, the easier one first."""
    return sparse_sources(), feature_forest()


def _make_sources(n_active: int, seed: int) -> KnownAnswerData:
    """z has `n_active` entries |N(0, 1)|, positions drawn uniformly; unit rows of N(0, I)."""
    generator = np.random.default_rng((seed, n_active))
    dictionary = _unit_rows(generator.normal(size=(N_SOURCES, N_DIMENSIONS)))
    ranks = generator.random((N_ROWS, N_SOURCES)).argsort(1).argsort(1)
    codes = np.abs(generator.normal(size=(N_ROWS, N_SOURCES))) * (ranks < n_active)
    half = N_ROWS // 2
    return KnownAnswerData(dictionary, np.zeros(N_DIMENSIONS), codes[:half], codes[half:])


def _make_forest(seed: int) -> KnownAnswerData:
    """z_i = s_i max(0, m_i + .15 e), e ~ N(0, 1), with m falling evenly from 1.25 to 1.

    Roots: s_r = 1 where g_r < Phi^-1(p_r), p_r = .4 r^-1/2 (r = 1 ... 8), g normal with
    correlations .3 <f_r, f_s> for random unit f_r in two dimensions. Below: with chance .5 exactly
    one child of an active feature is active, the c-th with odds c^-1/2. Directions: roots random;
    children .3 parent + sqrt(1 - .3^2) random, made unit. x = z D + bias, |bias| = .5, no noise.
    """
    generator = np.random.default_rng(seed)
    n_rows = FOREST_TRAINING_ROWS + FOREST_TEST_ROWS
    directions = [_unit_rows(generator.normal(size=(N_ROOTS, FOREST_DIMENSIONS)))]
    active = [_active_roots(n_rows, generator)]
    for branches in (N_CHILDREN, N_GRANDCHILDREN):
        directions.append(_directions_below(directions[-1], branches, generator))
        active.append(_active_below(active[-1], branches, generator))
    dictionary, switched_on = np.concatenate(directions), np.concatenate(active, axis=1)
    magnitudes = np.linspace(FIRST_MAGNITUDE, LAST_MAGNITUDE, len(dictionary))
    spread = MAGNITUDE_DEVIATION * generator.normal(size=switched_on.shape)
    codes = switched_on * np.maximum(0.0, magnitudes + spread)
    bias = BIAS_NORM * _unit_rows(generator.normal(size=(1, FOREST_DIMENSIONS)))[0]
    return KnownAnswerData(
        dictionary, bias, codes[:FOREST_TRAINING_ROWS], codes[FOREST_TRAINING_ROWS:]
    )


def _root_frequencies() -> np.ndarray:
    return COMMONEST / np.arange(1, N_ROOTS + 1) ** ZIPF_EXPONENT


def _active_roots(n_rows: int, generator: np.random.Generator) -> np.ndarray:
    """(n_rows, n_roots) bool, through a Gaussian copula with few factors."""
    from scipy.special import ndtri

    loadings = _unit_rows(generator.normal(size=(N_ROOTS, ROOT_FACTORS)))
    common = generator.normal(size=(n_rows, ROOT_FACTORS)) @ loadings.T
    own = generator.normal(size=(n_rows, N_ROOTS))
    level = np.sqrt(ROOT_CORRELATION) * common + np.sqrt(1 - ROOT_CORRELATION) * own
    active: np.ndarray = level < ndtri(_root_frequencies())
    return active


def _active_below(parents: np.ndarray, branches: int, generator: np.random.Generator) -> np.ndarray:
    """(n_rows, n_parents * branches) bool: at most one child of each active parent."""
    odds = np.arange(1, branches + 1) ** -ZIPF_EXPONENT
    bounds = np.cumsum(GOES_ON * odds / odds.sum())
    chosen = np.searchsorted(bounds, generator.random(parents.shape))
    children = (chosen[:, :, None] == np.arange(branches)) & parents[:, :, None]
    return children.reshape(len(parents), -1)


def _directions_below(
    parents: np.ndarray, branches: int, generator: np.random.Generator
) -> np.ndarray:
    """(n_parents * branches, d): unit rows that share a part with their parent's direction."""
    repeated = np.repeat(parents, branches, axis=0)
    own = _unit_rows(generator.normal(size=repeated.shape))
    return _unit_rows(SHARED_WITH_PARENT * repeated + np.sqrt(1 - SHARED_WITH_PARENT**2) * own)


def _unit_rows(rows: np.ndarray) -> np.ndarray:
    unit: np.ndarray = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit
