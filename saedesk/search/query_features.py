"""A query taken apart into features, and put together again with some of them turned.

q = Σ z_i d_i + rest, with z the sparse codes of the query and d_i the unit decoder rows. Steering
adds to the query and keeps the rest: q' = normalise(q + Σ u_i d_i), as O'Neill et al. 2024
evaluate it. Nothing moves by itself: without strengths q' is q, the same array.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from saedesk.errors import BadInput, BadSetting, NothingToSearch
from saedesk.search.steering_plan import SteeringPlan

UNIT_LENGTH_TOLERANCE = 1e-6
"""Rounding to single precision leaves a normalised vector this close to length 1."""

SHORTEST_STEERED_QUERY = 1e-5
"""Below this length the direction of the steered query is rounding noise."""


@dataclass(frozen=True, eq=False)
class QueryFeatures:
    """A query as a sum of features and a rest."""

    vector: np.ndarray
    """The query at length 1, (d,) float32."""
    latents: np.ndarray
    """Its active latents, strongest first, (k,) int32."""
    values: np.ndarray
    """Their activations z for the vector at length 1, (k,) float32."""
    rest: np.ndarray
    """vector − Σ z_i d_i: pre-bias and residual, what features do not explain, (d,) float32."""
    length: float = 1.0
    """The length the query came with; `values` times this are the activations it came with."""


@dataclass(frozen=True, eq=False)
class SteeredQuery:
    """A query with features turned up or down."""

    query: QueryFeatures
    plan: SteeringPlan
    """Its strengths are what was added to the query in the end, whatever way it was steered."""
    vector: np.ndarray
    """q' at length 1, (d,) float32; `query.vector` itself while all sliders are at rest."""
    norm: float
    """N = |q + Σ u_i d_i + share · other|, the length before it was normalised; 1.0 at rest."""
    cosine: float
    """cos(q, q'), how much of the query is left: 1.0 at rest."""
    other: np.ndarray | None = None
    """What was added besides features, (d,) float64; None where nothing was."""
    other_share: float = 1.0
    """How much of `other` was added."""


def take_apart(
    vector: np.ndarray, latents: np.ndarray, values: np.ndarray, decoder: np.ndarray
) -> QueryFeatures:
    """Write a query (d,) as Σ z_i d_i + rest, given its sparse codes (k,) and decoder (n, d).

    A vector of another length than 1 is scaled to 1, and its codes with it. Raises
    NothingToSearch for a zero or non-finite vector, BadInput where the widths do not fit.
    """
    vector = np.asarray(vector, dtype=np.float32)
    latents = np.asarray(latents, dtype=np.int64).reshape(-1)
    codes = np.asarray(values, dtype=np.float64).reshape(-1)
    _check_width(vector, decoder)
    _check_codes(latents, codes, len(decoder))
    length = _length_of_query(vector)
    if abs(length - 1.0) <= UNIT_LENGTH_TOLERANCE:
        length = 1.0
    else:
        vector = (vector / length).astype(np.float32)
        codes = codes / length
    order = np.lexsort((latents, -codes))
    order = order[codes[order] != 0.0]
    latents, codes = latents[order], codes[order].astype(np.float32)
    explained = codes.astype(np.float64) @ _rows_of(decoder, latents)
    return QueryFeatures(
        vector=_read_only(vector),
        latents=_read_only(latents.astype(np.int32)),
        values=_read_only(codes),
        rest=_read_only((vector.astype(np.float64) - explained).astype(np.float32)),
        length=length,
    )


def steer(
    query: QueryFeatures,
    plan: SteeringPlan,
    decoder: np.ndarray,
    other: np.ndarray | None = None,
    other_share: float = 1.0,
) -> SteeredQuery:
    """q' = normalise(q + Σ u_i d_i + share · other); q itself where nothing is added.

    Only the strengths of the plan are read. cos(q, q') = (|q|² + Σ u_i q·d_i) / (|q| N) needs no
    search. Raises NothingToSearch when the query is zero or not finite or the strengths cancel
    it, BadSetting for an unknown feature.
    """
    _check_width(query.vector, decoder)
    length = _length_of_query(query.vector)
    if not plan.strengths and other is None:
        return SteeredQuery(query, plan, query.vector, norm=1.0, cosine=1.0)
    unsteered = query.vector.astype(np.float64)
    moved = unsteered + added(plan.strengths, decoder)
    if other is not None:
        moved += other_share * other
    norm = float(np.linalg.norm(moved))
    if not norm > SHORTEST_STEERED_QUERY:
        raise NothingToSearch(
            "There is nothing to search for: the sliders cancel the query out. "
            "Put one of them back."
        )
    cosine = float(unsteered @ moved) / (length * norm)
    vector = _read_only((moved / norm).astype(np.float32))
    cosine = max(-1.0, min(1.0, cosine))
    return SteeredQuery(query, plan, vector, norm, cosine, other, other_share)


def added(strengths: tuple[tuple[int, float], ...], decoder: np.ndarray) -> np.ndarray:
    """Σ u_i d_i, (d,) float64; raises BadSetting for an unknown feature."""
    latents = np.array([latent for latent, _ in strengths], dtype=np.int64)
    if len(latents) and latents.max() >= len(decoder):
        raise BadSetting(
            f"There is no feature {latents.max()} in this SAE; it has {len(decoder):,} features, "
            "counted from 0."
        )
    result: np.ndarray = np.array([u for _, u in strengths]) @ _rows_of(decoder, latents)
    return result


def _length_of_query(vector: np.ndarray) -> float:
    """The length of a query (d,); raises NothingToSearch where there is no direction."""
    length = float(np.linalg.norm(vector.astype(np.float64)))
    if not math.isfinite(length):
        raise NothingToSearch(
            "There is nothing to search for: the vector of the query holds values that are not "
            "numbers. Try another query."
        )
    if length == 0.0:
        raise NothingToSearch(
            "There is nothing to search for: the vector of the query is zero. Try another query."
        )
    return length


def _check_width(vector: np.ndarray, decoder: np.ndarray) -> None:
    if vector.ndim != 1 or decoder.ndim != 2 or vector.shape[0] != decoder.shape[1]:
        raise BadInput(
            f"The query has the shape {vector.shape} but the SAE reads vectors of width "
            f"{decoder.shape[-1]}. Choose an SAE that was trained on vectors of this model."
        )


def _check_codes(latents: np.ndarray, codes: np.ndarray, n_latents: int) -> None:
    if latents.shape != codes.shape:
        raise ValueError(f"{len(latents)} latents but {len(codes)} values")
    if len(np.unique(latents)) != len(latents):
        raise ValueError("a latent appears twice in the codes of a query")
    if len(latents) and not (latents.min() >= 0 and latents.max() < n_latents):
        raise BadInput(
            f"The query has the feature {latents.max()} but the SAE has {n_latents:,} features. "
            "Encode the query with the same SAE."
        )
    if not np.isfinite(codes).all():
        raise NothingToSearch(
            "There is nothing to search for: the activations of the query are not numbers. "
            "Try another query or another SAE."
        )


def _rows_of(decoder: np.ndarray, latents: np.ndarray) -> np.ndarray:
    return np.asarray(decoder[latents], dtype=np.float64)


def _read_only(array: np.ndarray) -> np.ndarray:
    """The array itself when nobody can write to it, else a read-only view."""
    if not array.flags.writeable:
        return array
    view = array.view()
    view.flags.writeable = False
    return view
