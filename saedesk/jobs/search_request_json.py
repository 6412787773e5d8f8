"""A search request, or the steering of one, as plain JSON and back, without any loss."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from saedesk.errors import BadInput, KnownError
from saedesk.jobs.search_request import RESULTS, SearchRequest
from saedesk.project.document_filter import DocumentFilter
from saedesk.search.family_steering import PARTS, WEIGHTINGS, FamilySlider
from saedesk.search.steering_plan import SteeringPlan, Target

_MOST_IDS = 100_000_000
_UNREADABLE = (ValueError, TypeError, KeyError, OverflowError, AttributeError)


def request_to_json(request: SearchRequest) -> dict[str, Any]:
    """What differs from an empty request."""
    content = {
        "text": request.text,
        "like": [int(one) for one in request.like],
        "unlike": [int(one) for one in request.unlike],
        "like_by": request.like_by if request.like_by != "vectors" else "",
        "match": request.match if request.match != "meaning" else "",
        "plan": plan_to_json(request.plan),
        "wanted": filter_to_json(request.wanted),
        "count": request.count if request.count != RESULTS else 0,
    }
    found = {name: value for name, value in content.items() if value}
    if request.target is not None:
        found["target"] = target_to_json(request.target)
    return found


def request_from_json(content: Mapping[str, Any]) -> SearchRequest:
    """What `request_to_json` wrote; raises BadInput for anything else."""
    try:
        target = content.get("target")
        return SearchRequest(
            text=_text(content.get("text", "")),
            like=tuple(int(one) for one in content.get("like", ())),
            unlike=tuple(int(one) for one in content.get("unlike", ())),
            like_by=_one_of(content.get("like_by") or "vectors", ("vectors", "features")),
            target=None if target is None else target_from_json(target),
            match=_one_of(content.get("match") or "meaning", ("meaning", "words", "both")),
            plan=plan_from_json(content.get("plan", {})),
            wanted=filter_from_json(content.get("wanted", {})),
            count=int(content.get("count") or RESULTS),
        )
    except _UNREADABLE as error:
        raise BadInput("This search cannot be read: it is not what saedesk writes.") from error


def plan_to_json(plan: SteeringPlan) -> dict[str, Any]:
    """What differs from the plan at rest."""
    content: dict[str, Any] = {
        "strengths": [list(entry) for entry in plan.strengths],
        "mode": plan.mode if plan.mode != "add" else "",
        "places": [[target_to_json(target), m] for target, m in plan.places],
        "less": [[target_to_json(target), share] for target, share in plan.less],
        "optimise": plan.optimise,
    }
    found = {name: value for name, value in content.items() if value}
    if plan.cap is not None:
        found["cap"] = plan.cap
    return found


def plan_from_json(content: Mapping[str, Any]) -> SteeringPlan:
    """What `plan_to_json` wrote; raises BadInput or BadSetting for anything else."""
    try:
        cap = content.get("cap")
        return SteeringPlan(
            strengths=tuple((int(i), float(u)) for i, u in content.get("strengths", ())),
            mode=content.get("mode") or "add",
            places=tuple((target_from_json(t), int(m)) for t, m in content.get("places", ())),
            less=tuple((target_from_json(t), float(w)) for t, w in content.get("less", ())),
            cap=None if cap is None else float(cap),
            optimise=bool(content.get("optimise", False)),
        )
    except KnownError:
        raise
    except _UNREADABLE as error:
        raise BadInput("This steering cannot be read: it is not what saedesk writes.") from error


def target_to_json(target: Target) -> int | dict[str, Any]:
    """A feature's number, or a family with all that moves it."""
    if not isinstance(target, FamilySlider):
        return int(target)
    return {
        "root": target.root,
        "children": list(target.children),
        "part": target.part,
        "weighting": target.weighting,
        "moves": [list(entry) for entry in target.moves],
        "along": [list(entry) for entry in target.along],
        "strength": target.strength,
    }


def target_from_json(content: Any) -> Target:
    """What `target_to_json` wrote; raises BadInput for anything else."""
    try:
        if isinstance(content, int) and not isinstance(content, bool):
            return content
        return FamilySlider(
            int(content["root"]),
            tuple(int(child) for child in content["children"]),
            _one_of(content["part"], PARTS),
            _one_of(content["weighting"], WEIGHTINGS),
            tuple((int(i), float(weight)) for i, weight in content["moves"]),
            tuple((int(i), float(share)) for i, share in content["along"]),
            float(content.get("strength", 0.0)),
        )
    except _UNREADABLE as error:
        raise BadInput("This family cannot be read: it is not what saedesk writes.") from error


def filter_to_json(wanted: DocumentFilter) -> dict[str, Any]:
    """The conditions there are; documents as packed numbers."""
    content: dict[str, Any] = {
        "words": wanted.words,
        "categories": {name: list(values) for name, values in wanted.categories.items()},
        "ranges": {name: list(bounds) for name, bounds in wanted.ranges.items()},
        "field_words": dict(wanted.field_words),
        "documents_of": wanted.documents_of,
        "documents_where": wanted.documents_where,
    }
    found = {name: value for name, value in content.items() if value}
    if wanted.document_ids is not None:
        packed = zlib.compress(np.asarray(wanted.document_ids, "<i8").tobytes())
        found["documents"] = base64.b64encode(packed).decode("ascii")
    return found


def filter_from_json(content: Mapping[str, Any]) -> DocumentFilter:
    """What `filter_to_json` wrote; raises BadInput for anything else."""
    try:
        packed = content.get("documents")
        return DocumentFilter(
            words=_text(content.get("words", "")),
            categories={
                str(name): tuple(_text(value) for value in values)
                for name, values in content.get("categories", {}).items()
            },
            ranges={
                str(name): (_bound(low), _bound(high))
                for name, (low, high) in content.get("ranges", {}).items()
            },
            document_ids=None if packed is None else _unpacked(packed),
            documents_of=_text(content.get("documents_of", "")),
            documents_where=_text(content.get("documents_where", "")),
            field_words={
                str(name): _text(words) for name, words in content.get("field_words", {}).items()
            },
        )
    except (*_UNREADABLE, zlib.error, binascii.Error) as error:
        raise BadInput("This filter cannot be read: it is not what saedesk writes.") from error


def _unpacked(packed: str) -> np.ndarray:
    # Bounded, as a small text could unpack to any size.
    data = zlib.decompressobj().decompress(base64.b64decode(packed, validate=True), 8 * _MOST_IDS)
    return np.frombuffer(data, "<i8").astype(np.int64)


def _bound(value: Any) -> float | str | None:
    if value is None or isinstance(value, str):
        return value
    return float(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _one_of(value: Any, known: tuple[Any, ...]) -> Any:
    if value not in known:
        raise ValueError(f"not one of {known}")
    return value
