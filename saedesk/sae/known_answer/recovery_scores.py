"""How much of a known dictionary and of known codes an SAE found; everything in float64."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from saedesk.errors import BadInput

RECOVERED_ABOVE = 0.9
"""Cosine above which a true direction counts as found."""
_CONSTANT_BELOW = 1e-10
"""A column that varies less than this, relative to its largest value, is constant."""


@dataclass(frozen=True)
class MetricInfo:
    """How a metric is named and read."""

    name: str
    """Field of `RecoveryScores`."""
    title: str
    """Short name for a table."""
    help: str
    """A sentence for a person: what it is and what is good."""
    most: float | None
    """Largest possible value; None when there is none."""


METRICS = (
    MetricInfo(
        "mcc_of_codes",
        "MCC codes",
        "Mean absolute correlation of true and found codes after the best one-to-one matching; "
        "1 is perfect.",
        1.0,
    ),
    MetricInfo(
        "mcc_of_dictionary",
        "MCC dictionary",
        "Mean absolute cosine of true and found directions after the best one-to-one matching; "
        "1 is perfect.",
        1.0,
    ),
    MetricInfo(
        "recovered_share",
        "Recovered",
        f"Share of the true directions that some feature points along (cosine above "
        f"{RECOVERED_ABOVE}); 1 is perfect.",
        1.0,
    ),
    MetricInfo("fvu", "FVU", "Fraction of variance unexplained; 0 is perfect.", None),
    MetricInfo("l0", "L0", "Features active in a row, on average.", None),
    MetricInfo(
        "dead_share", "Dead", "Share of features that are active in no row; 0 is good.", 1.0
    ),
)


@dataclass(frozen=True)
class RecoveryScores:
    """What one SAE reached on one draw of a data set."""

    mcc_of_codes: float
    mcc_of_dictionary: float
    recovered_share: float
    fvu: float
    """Σ‖x − x̂‖² / Σ‖x − mean‖² over the test rows."""
    l0: float
    """Mean number of code values > 0 in a test row."""
    dead_share: float
    """Share of latents without a value > 0 in all rows, training rows included."""


def mcc_of_codes(true: np.ndarray, found: np.ndarray) -> float:
    """Mean correlation coefficient of codes (n, n_features) and (n, n_latents).

    max over one-to-one matchings of Σ_i |corr(true_i, found_match(i))| / n_features
    (arXiv:2411.13117). A constant column correlates with nothing, and a true feature
    without a partner counts 0. Raises BadInput when the rows are not the same number.
    """
    if len(true) != len(found):
        raise BadInput(f"{len(true)} true codes cannot be compared with {len(found)} found ones.")
    return _matched_mean(np.abs(_centred_unit(true).T @ _centred_unit(found)))


def mcc_of_dictionary(true: np.ndarray, found: np.ndarray) -> float:
    """The same for directions (n_features, d) and (n_latents, d), with |cosine|.

    A direction of length zero has cosine 0 with everything.
    """
    return _matched_mean(np.abs(_cosines(true, found)))


def recovered_share(true: np.ndarray, found: np.ndarray) -> float:
    """Share of true directions with a latent at cosine > .9.

    With its sign: codes are never negative, so a latent that points the other way finds nothing.
    """
    cosines = _cosines(true, found)
    return float((cosines.max(axis=1, initial=-1.0) > RECOVERED_ABOVE).mean())


def fraction_unexplained(rows: np.ndarray, rebuilt: np.ndarray) -> float:
    """FVU = Σ‖x − x̂‖² / Σ‖x − mean‖² of (n, d) and (n, d)."""
    x, x_hat = np.asarray(rows, np.float64), np.asarray(rebuilt, np.float64)
    return float(np.square(x - x_hat).sum() / np.square(x - x.mean(axis=0)).sum())


def _matched_mean(similarity: np.ndarray) -> float:
    from scipy.optimize import linear_sum_assignment

    matched = linear_sum_assignment(similarity, maximize=True)
    return float(similarity[matched].sum() / len(similarity))


def _centred_unit(columns: np.ndarray) -> np.ndarray:
    """Columns of mean 0 and length 1; constant ones become 0."""
    values = np.asarray(columns, np.float64)
    centred = values - values.mean(axis=0)
    lengths = np.linalg.norm(centred, axis=0)
    largest = np.abs(values).max(axis=0, initial=0.0) * np.sqrt(len(values))
    is_constant = lengths <= _CONSTANT_BELOW * largest
    unit: np.ndarray = np.where(is_constant, 0.0, centred / np.where(is_constant, 1.0, lengths))
    return unit


def _cosines(true: np.ndarray, found: np.ndarray) -> np.ndarray:
    cosines: np.ndarray = _unit_or_zero(true) @ _unit_or_zero(found).T
    return cosines


def _unit_or_zero(rows: np.ndarray) -> np.ndarray:
    values = np.asarray(rows, np.float64)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    unit: np.ndarray = values / np.where(lengths > 0, lengths, 1.0)
    return unit
