"""The answer of a search as JSON and as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from saedesk.cli.terminal import table

if TYPE_CHECKING:
    from saedesk.jobs.search_answer import ResultRow, SearchAnswer
    from saedesk.jobs.search_request import SearchRequest
    from saedesk.search.explanation import Contribution
    from saedesk.search.steering_plan import Target

_NAMES = {
    "words": "by words",
    "meaning": "by meaning",
    "rest": "not explained by features",
}
_SHOWN_BARS = 6


def search_content(
    request: SearchRequest,
    found: SearchAnswer,
    labels: Mapping[int, str],
    keys: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    """What `--json` prints; `keys` are those of the documents in `like` and `unlike`."""
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
        "places": [{**(_target(target) or {}), "places": m} for target, m in plan.places],
        "less": [{**(_target(target) or {}), "amount": share} for target, share in plan.less],
        "cosine": found.cosine,
        "kept": found.kept,
        "exact": found.exact,
        "recall": found.recall,
        "passed": found.passed,
        "notes": list(found.notes),
        "features": _features_content(found, labels),
        "effects": [
            {
                **(_target(one.target) or {}),
                "asked": one.asked,
                "after": one.after,
                "replaced": one.replaced,
            }
            for one in found.effects
        ],
        "results": [_result(row, labels) for row in found.steered],
        "plain": [_result(row, labels) for row in found.plain],
    }


def _features_content(found: SearchAnswer, labels: Mapping[int, str]) -> list[dict[str, Any]]:
    """The features of the query, strongest first, then those that were turned besides."""
    query, strengths = found.query, dict(found.plan.strengths)
    typed = {int(i): float(v) for i, v in zip(query.latents, query.values, strict=True)}
    return [
        {
            "feature": latent,
            "label": labels.get(latent, ""),
            "typed": typed.get(latent, 0.0),
            "strength": strengths.get(latent, 0.0),
        }
        for latent in [*typed, *(i for i in strengths if i not in typed)]
    ]


def _result(row: ResultRow, labels: Mapping[int, str]) -> dict[str, Any]:
    return {
        "rank": row.rank,
        "rank_before": row.rank_before,
        "key": row.document.key,
        "title": row.document.heading,
        "score": row.score,
        "score_before": row.score_before,
        "place_of": _target(row.place_of),
        "rank_by_meaning": row.rank_by_meaning,
        "rank_by_words": row.rank_by_words,
        "contributions": [_bar(part, labels) for part in row.contributions],
        "change": [_bar(part, labels) for part in row.change],
    }


def _bar(part: Contribution, labels: Mapping[int, str]) -> dict[str, Any]:
    bar = {
        "feature": part.latent,
        "label": "" if part.latent is None else labels.get(part.latent, ""),
        "value": part.value,
        "kind": part.kind,
    }
    if part.part is not None:
        bar |= {"part": part.part, **(_target(part.target) or {})}
    return bar


def _target(target: Target | None) -> dict[str, Any] | None:
    """A feature or a family in plain values."""
    if target is None:
        return None
    if isinstance(target, int):
        return {"feature": target}
    return {"family": target.root, "of": target.part, "weighting": target.weighting}


def search_text(content: Mapping[str, Any], *, explain: bool = False) -> str:
    """What a person reads in a terminal."""
    by_both = content["match"] == "both"
    heads = ("Meaning", "Words") if by_both else ()
    ranks = ("rank_by_meaning", "rank_by_words") if by_both else ()
    digits = 4 if by_both else 3
    rows = [
        (
            one["rank"],
            one["rank_before"] or "–",
            *(one[name] or "–" for name in ranks),
            f"{one['score']:.{digits}f}",
            one["title"],
        )
        for one in content["results"]
    ]
    right = range(3 + len(heads))
    lines = [table(("Rank", "Before", *heads, "Score", "Document"), rows, right=tuple(right))]
    if explain:
        lines += _explained(content["results"], digits)
    lines += _features(content["features"])
    lines += _documents(content["like"], "is", "are", "left out of the results")
    lines += _documents(content["unlike"], "is away from", "is away from", "left out too")
    lines += [
        "",
        f"Cosine to the query as typed {content['cosine']:.3f}; "
        f"{content['kept']} of {len(content['plain'])} results kept.",
        *content["notes"],
    ]
    if content["recall"] is not None:
        lines.append(
            f"An index proposed the candidates: it finds {content['recall']:.3f} of the ten best "
            "of an exact search, as measured when it was built."
        )
    if "saved" in content:
        lines.append(f"Saved as “{content['saved']}”.")
    if "path" in content:
        lines.append(f"Wrote {len(content['results']):,} results to {content['path']}.")
    return "\n".join(lines)


def _features(features: Sequence[Mapping[str, Any]]) -> list[str]:
    if not features:
        return []
    rows = [
        (one["feature"], one["label"], f"{one['typed']:.3f}", f"{one['strength']:+.3f}")
        for one in features
    ]
    heads = ("Feature", "Label", "In the query", "Steered by")
    return ["", table(heads, rows, right=(0, 2, 3))]


def _explained(results: Sequence[Mapping[str, Any]], digits: int) -> list[str]:
    """The largest parts of every score, and the rest of them as one."""
    lines = []
    for one in results:
        bars = sorted(one["contributions"], key=lambda bar: -abs(bar["value"]))
        rows = [(f"{bar['value']:+.{digits}f}", _bar_name(bar)) for bar in bars[:_SHOWN_BARS]]
        if bars[_SHOWN_BARS:]:
            rest = sum(bar["value"] for bar in bars[_SHOWN_BARS:])
            rows.append((f"{rest:+.{digits}f}", f"{len(bars) - _SHOWN_BARS} smaller parts"))
        given = "" if one["place_of"] is None else f", a place given to {_said(one['place_of'])}"
        head = f"{one['rank']}. {one['title']}{given}"
        lines += ["", head, table(("Part", "Of the score"), rows, right=(0,)) if rows else ""]
    return lines


def _bar_name(bar: Mapping[str, Any]) -> str:
    if "part" in bar:
        why = "its place" if bar["kind"] == "place" else "less of it"
        return f"{_said(bar)}, {bar['part']} ({why})"
    if bar["feature"] is None:
        return _NAMES.get(bar["kind"], bar["kind"])
    name = bar["label"] or f"feature {bar['feature']}"
    return f"{name} (turned {bar['kind']})" if bar["kind"] in ("up", "down") else str(name)


def _said(target: Mapping[str, Any]) -> str:
    if target.get("family") is not None:
        return f"family {target['family']}"
    return str(target.get("label") or f"feature {target['feature']}")


def _documents(keys: Sequence[str], one: str, several: str, what: str) -> list[str]:
    if not keys:
        return []
    is_one = len(keys) == 1
    noun = "the document" if is_one else "the documents"
    return ["", f"The query {one if is_one else several} {noun} {', '.join(keys)}, {what}."]
