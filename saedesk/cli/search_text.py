"""The answer of a search as a person reads it in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from saedesk.cli.search_more_text import compared_text, facets_text, marks_text, said
from saedesk.cli.terminal import table

_NAMES = {
    "words": "by words",
    "meaning": "by meaning",
    "rest": "not explained by features",
}
_SHOWN_BARS = 6
_LONGEST_SENTENCE = 240


def search_text(content: Mapping[str, Any], *, explain: bool = False) -> str:
    """What a person reads in a terminal."""
    by_both = content["match"] == "both"
    digits = 4 if by_both else 3
    lines = [compared_text(content) if "compared" in content else _results(content, digits)]
    if explain or any("sentences" in one for one in content["results"]):
        lines += _one_by_one(content["results"], digits if explain else None)
    lines += _features(content["features"], content["effects"])
    lines += _effects(content["effects"])
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
    if "facets" in content:
        lines += ["", *facets_text(content)]
    if "calibration" in content:
        lines += ["", *marks_text(content["calibration"])]
    return "\n".join([*lines, *_kept(content)])


def _kept(content: Mapping[str, Any]) -> list[str]:
    """What was saved and written."""
    lines = []
    if "saved" in content:
        lines.append(f"Saved as “{content['saved']}”.")
    if "preset" in content:
        lines.append(f"Saved the steering as “{content['preset']}”.")
    if content.get("remembered"):
        lines.append("Put among the last searches.")
    if "path" in content:
        lines.append(f"Wrote {len(content['results']):,} results to {content['path']}.")
    return lines


def _results(content: Mapping[str, Any], digits: int) -> str:
    by_both = content["match"] == "both"
    heads = ("Meaning", "Words") if by_both else ()
    ranks = ("rank_by_meaning", "rank_by_words") if by_both else ()
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
    return table(("Rank", "Before", *heads, "Score", "Document"), rows, right=tuple(right))


def _features(
    features: Sequence[Mapping[str, Any]], effects: Sequence[Mapping[str, Any]]
) -> list[str]:
    """The features of the query and those turned; what a family moves is told in a number."""
    shown = features
    if any("family" in one for one in effects):
        own = {one["feature"] for one in effects if "feature" in one}
        shown = [one for one in features if one["typed"] or one["feature"] in own]
    if not shown:
        return []
    rows = [
        (one["feature"], one["label"], f"{one['typed']:.3f}", f"{one['strength']:+.3f}")
        for one in shown
    ]
    heads = ("Feature", "Label", "In the query", "Steered by")
    lines = ["", table(heads, rows, right=(0, 2, 3))]
    if hidden := len(features) - len(shown):
        lines.append(f"{hidden} more are moved by a family.")
    return lines


def _effects(effects: Iterable[Mapping[str, Any]]) -> list[str]:
    """What was asked for beside what the steered query has of it when it is read again."""
    rows = [
        (
            said(one),
            _asked(one),
            "–" if one["after"] is None else f"{one['after']:.3f}",
            "–" if one["replaced"] is None else one["replaced"],
        )
        for one in effects
    ]
    heads = ("Turned", "Asked for", "Read again", "Results replaced")
    return ["", table(heads, rows, right=(1, 2, 3))] if rows else []


def _asked(effect: Mapping[str, Any]) -> str:
    """The value or the places that were asked for, or both."""
    value = [] if effect["asked"] is None else [f"{effect['asked']:.3f}"]
    many = effect["places"]
    places = [f"{many} place{'' if many == 1 else 's'}"] if many else []
    return ", ".join([*value, *places])


def _one_by_one(results: Sequence[Mapping[str, Any]], digits: int | None) -> list[str]:
    """The largest parts of every score, and the rest of them as one; the sentences that match."""
    lines = []
    for one in results:
        given = "" if one["place_of"] is None else f", a place given to {said(one['place_of'])}"
        lines += ["", f"{one['rank']}. {one['title']}{given}"]
        if digits is not None:
            lines += _bars(one["contributions"], digits)
        for sentence in one.get("sentences", ()):
            words = " ".join(sentence["text"].split())
            cut = words if len(words) <= _LONGEST_SENTENCE else words[:_LONGEST_SENTENCE] + "…"
            effect = "" if sentence["effect"] is None else f"{sentence['effect']:+.3f}  "
            lines.append(f"   {effect}“{cut}”")
    return lines


def _bars(contributions: Sequence[Mapping[str, Any]], digits: int) -> list[str]:
    # A family that is turned is told however little it adds.
    bars = sorted(contributions, key=lambda bar: ("family" not in bar, -abs(bar["value"])))
    rows = [(f"{bar['value']:+.{digits}f}", _bar_name(bar)) for bar in bars[:_SHOWN_BARS]]
    if bars[_SHOWN_BARS:]:
        rest = sum(bar["value"] for bar in bars[_SHOWN_BARS:])
        rows.append((f"{rest:+.{digits}f}", f"{len(bars) - _SHOWN_BARS} smaller parts"))
    return [table(("Part", "Of the score"), rows, right=(0,))] if rows else []


def _bar_name(bar: Mapping[str, Any]) -> str:
    if "part" in bar:
        why = "its place" if bar["kind"] == "place" else "less of it"
        return f"{said(bar)}, {bar['part']} ({why})"
    if "family" in bar:
        return f"{said(bar)} (turned {bar['kind']})"
    if bar["feature"] is None:
        return _NAMES.get(bar["kind"], bar["kind"])
    name = bar["label"] or f"feature {bar['feature']}"
    return f"{name} (turned {bar['kind']})" if bar["kind"] in ("up", "down") else str(name)


def _documents(keys: Sequence[str], one: str, several: str, what: str) -> list[str]:
    if not keys:
        return []
    is_one = len(keys) == 1
    noun = "the document" if is_one else "the documents"
    return ["", f"The query {one if is_one else several} {noun} {', '.join(keys)}, {what}."]
