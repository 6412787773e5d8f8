from __future__ import annotations

import base64
import json
import zlib

import numpy as np
import pytest

from saedesk.errors import KnownError
from saedesk.jobs.search_request import SearchRequest
from saedesk.jobs.search_request_json import (
    filter_from_json,
    plan_from_json,
    request_from_json,
    request_to_json,
    target_from_json,
)
from saedesk.project.document_filter import DocumentFilter
from saedesk.search.family_steering import FamilySlider
from saedesk.search.steering_plan import SteeringPlan

FAMILY = FamilySlider(
    4, (7, 9), "both", "activation", ((4, 0.1), (7, 1 / 3)), ((4, 0.5), (7, 0.25))
)
PLAN = SteeringPlan(
    strengths=((3, 0.1 + 0.2), (1, -1e-17)),
    mode="clamp",
    places=((FAMILY, 2), (12, 3)),
    less=((FAMILY, 0.7), (0, 1.0)),
    cap=0.0,
    optimise=True,
)
REQUESTS = (
    SearchRequest(),
    SearchRequest("dark “halos”\n\0", count=25, match="both", plan=PLAN),
    SearchRequest(like=(5, 3), unlike=(9,), like_by="features"),
    SearchRequest(target=0),
    SearchRequest(target=FAMILY, plan=SteeringPlan(cap=0.5)),
)


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_request_comes_back_as_it_was(request_: SearchRequest) -> None:
    written = json.loads(json.dumps(request_to_json(request_), allow_nan=False))
    found = request_from_json(written)
    wanted, expected = vars(found).pop("wanted"), vars(request_).copy()
    expected.pop("wanted")
    assert vars(found) == expected
    assert wanted.is_empty


def test_an_empty_request_is_empty() -> None:
    assert request_to_json(SearchRequest()) == {}


def test_filters_come_back_with_their_documents() -> None:
    wanted = DocumentFilter(
        words='a "b c"',
        categories={"kind": ("", "x, y")},
        ranges={"year": (2010.5, None), "date": (None, "2015\uffff")},
        document_ids=np.arange(1, 5000, 3),
        documents_of="a family",
        documents_where="0.2 or more",
        field_words={"comments": "“12 pages”"},
    )
    written = json.loads(json.dumps(request_to_json(SearchRequest("a", wanted=wanted))))
    found = request_from_json(written).wanted
    assert np.array_equal(found.document_ids, wanted.document_ids)
    for name in (
        "words",
        "categories",
        "ranges",
        "documents_of",
        "documents_where",
        "field_words",
    ):
        assert getattr(found, name) == getattr(wanted, name)


@pytest.mark.parametrize(
    "content",
    [
        {"text": 3},
        {"like": ["a"]},
        {"like": 3},
        {"like_by": "taste"},
        {"match": "any"},
        {"target": True},
        {"target": {"root": 3}},
        {"target": "3"},
        {"plan": []},
        {"plan": {"strengths": [[1]]}},
        {"plan": {"strengths": [[1, float("inf")]]}},
        {"plan": {"mode": "other"}},
        {"plan": {"places": [[1, 11]]}},
        {"wanted": {"documents": "!!"}},
        {"wanted": {"documents": base64.b64encode(b"no zlib").decode()}},
        {"wanted": {"documents": base64.b64encode(zlib.compress(b"123")).decode()}},
        {"wanted": {"ranges": {"year": [1]}}},
        {"wanted": {"categories": {"kind": [1]}}},
    ],
)
def test_anything_else_is_refused_with_a_sentence(content) -> None:
    with pytest.raises(KnownError) as problem:
        request_from_json(content)
    assert problem.value.sentence.endswith(".")


def test_parts_are_refused_alone_too() -> None:
    for read in (plan_from_json, filter_from_json, target_from_json):
        with pytest.raises(KnownError):
            read("x")
