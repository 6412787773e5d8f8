"""The answer of a search as plain values, which `--json` prints and the text is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from saedesk.jobs.exports.result_texts import ResultTexts
    from saedesk.jobs.search_answer import ResultRow, SearchAnswer
    from saedesk.jobs.search_request import SearchRequest
    from saedesk.search.explanation import Contribution
    from saedesk.search.steering_plan import Effect, Target


def search_content(
    request: SearchRequest,
    found: SearchAnswer,
    texts: ResultTexts,
    keys: Mapping[str, Sequence[str]],
    notes: Sequence[str] = (),
) -> dict[str, Any]:
    """What `--json` prints; `keys` are those of the documents in `like` and `unlike`.

    In the answer families that are turned as one are told as one. `notes` are said besides its own.
    """
    plan = found.plan
    return {
        "query": found.text,
        "match": request.match,
        "like": list(keys["like"]),
        "unlike": list(keys["unlike"]),
        "by": request.like_by,
        "target": _target(request.target),
        "mode": plan.mode,
        "cap": plan.cap,
        "optimise": plan.optimise,
        "places": [{**(_target(target) or {}), "places": m} for target, m in plan.places],
        "less": [{**(_target(target) or {}), "amount": share} for target, share in plan.less],
        "cosine": found.cosine,
        "kept": found.kept,
        "exact": found.exact,
        "recall": found.recall,
        "passed": found.passed,
        "notes": [*found.notes, *notes],
        "features": _features_content(found, texts),
        "effects": [_effect(one, texts) for one in found.effects],
        "results": [_result(row, texts) for row in found.steered],
        "plain": [_result(row, texts) for row in found.plain],
    }


def _effect(one: Effect, texts: ResultTexts) -> dict[str, Any]:
    told = {
        "asked": one.asked,
        "after": one.after,
        "places": one.places,
        "replaced": one.replaced,
    }
    return {**target_content(one.target, texts), **told}


def _features_content(found: SearchAnswer, texts: ResultTexts) -> list[dict[str, Any]]:
    """The features of the query, strongest first, then those that were turned besides."""
    query, strengths = found.query, dict(found.plan.strengths)
    typed = {int(i): float(v) for i, v in zip(query.latents, query.values, strict=True)}
    return [
        {
            "feature": latent,
            "label": texts.label(latent),
            "typed": typed.get(latent, 0.0),
            "strength": strengths.get(latent, 0.0),
        }
        for latent in [*typed, *(i for i in strengths if i not in typed)]
    ]


def _result(row: ResultRow, texts: ResultTexts) -> dict[str, Any]:
    return {
        "rank": row.rank,
        "rank_before": row.rank_before,
        "key": row.document.key,
        "title": row.document.heading,
        "score": row.score,
        "score_before": row.score_before,
        "place_of": _target(row.place_of),
        "place_activation": row.place_activation,
        "rank_by_meaning": row.rank_by_meaning,
        "rank_by_words": row.rank_by_words,
        "contributions": [_bar(part, texts) for part in row.contributions],
        "change": [_bar(part, texts) for part in row.change],
    }


def _bar(part: Contribution, texts: ResultTexts) -> dict[str, Any]:
    bar = {
        "feature": part.latent,
        "label": texts.label(part.target if part.latent is None else part.latent),
        "value": part.value,
        "kind": part.kind,
    }
    if part.target is not None:
        bar |= _target(part.target) or {}
    return bar if part.part is None else {**bar, "part": part.part}


def _target(target: Target | None) -> dict[str, Any] | None:
    """A feature or a family in plain values."""
    if target is None:
        return None
    if isinstance(target, int):
        return {"feature": target}
    return {"family": target.root, "of": target.part, "weighting": target.weighting}


def target_content(target: Target, texts: ResultTexts) -> dict[str, Any]:
    """A feature or a family in plain values, with what it is called."""
    return {**(_target(target) or {}), "label": texts.label(target)}
