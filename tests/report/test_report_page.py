"""The page of a report loads nothing, runs nothing foreign, and says what it was given."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from saedesk.report.report_content import CorpusPart, FeaturesPart
from saedesk.report.report_page import render
from saedesk.resource_files import resource
from tests.report.invented_content import card, content, curve, features
from tests.report.parsed_page import Page

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><style>*{display:none}</style>",
    "]]><![CDATA[<svg/onload=alert(1)>",
    "<!-- --!> <!DOCTYPE x>",
    "{{ 7 * 7 }} {% raw %} {# no comment #}",
    "javascript:alert(1)",
    "&lt;b&gt; &amp; &#60;",
)


def test_a_page_is_well_formed_and_safe() -> None:
    page = Page(render(content()))
    page.check_it_is_safe()
    assert page.raw.startswith("<!DOCTYPE html>")
    assert page.all("title")[0].text.strip() == "Dark matter · report"


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_stay_texts_wherever_they_stand(text: str) -> None:
    usual, page = Page(render(content("word"))), Page(render(content(text)))
    page.check_it_is_safe()
    # Not one element more or less than with a harmless word in every place.
    assert [e.name for e in page.elements] == [e.name for e in usual.elements]
    shown = " ".join(text.split())
    assert page.visible.count(shown) >= usual.visible.count("word") - 4
    assert page.one("h1").text.strip() == text


def test_signs_that_turn_the_page_around_or_cannot_be_shown_are_not_in_it() -> None:
    raw = render(content("left \u202e thgir \u2066 \x00\x1b[31m \x9b \ud800 end"))
    Page(raw).check_it_is_safe()
    raw.encode("utf-8")
    assert not set(raw) & {"\u202e", "\u2066", "\x00", "\x1b", "\x9b"}
    assert "thgir" in raw


def test_texts_of_other_directions_are_kept_to_their_place() -> None:
    text = "שלום world"
    page = Page(render(content(text)))
    for element in page.all(class_="document") + page.all("h1") + page.all("h3"):
        assert element.attributes["dir"] == "auto"
        assert text in element.text


@pytest.mark.parametrize(
    ("address", "linked"),
    [("https://example.org/a?b=1&c=\"2", False), ("https://example.org/a?b=1&c=2", True),
     ("HTTP://example.org", True), ("javascript:alert(1)", False), ("data:text/html,x", False),
     ("file:///etc/passwd", False), ("//example.org", False), ("", False)],
)  # fmt: skip
def test_documents_are_linked_to_web_pages_only(address: str, linked: bool) -> None:
    documents = [replace(card().strongest[0], url=address)]
    part = replace(features(), cards=[card(strongest=documents)])
    page = Page(render(content(features=part)))
    page.check_it_is_safe()
    links = [a for a in page.all("a") if a.attributes.get("target") == "_blank"]
    assert [a.attributes["href"] for a in links] == ([address] if linked else [])


def test_the_numbers_are_said_with_what_is_good() -> None:
    text = Page(render(content())).visible
    for part in (
        "103 100 2 1",
        "FVU, held-out documents 0.432",
        "measured on the 5 % of the documents that the training never saw",
        "L0, active per document 4.0",
        "Never active 33.33 % 1 of 3 features fire in no document. Under 1 % is good.",
        "Density, 16 documents 16.00 %",
        "Strongest 0.500",
        "3 more values",
        "3 values of “Dark matter” could not be read.",
        "3 February 2026, 04:05 UTC",
    ):
        assert part in text, part


def test_the_index_has_every_feature_densest_first() -> None:
    page = Page(render(content()))
    rows = [row for row in page.all("tr") if str(row.attributes.get("id", "")).startswith("f")]
    assert [[cell.text.strip() for cell in row.inside] for row in rows] == [
        ["1", "Dark matter", "16.00 %", "16"],
        ["0", "Dark matter", "2.00 %", "2"],
        ["2", "", "0 %", "0"],
    ]
    assert rows[0].inside[1].inside[0].attributes["href"] == "#feature-1"
    assert not rows[1].inside[1].inside


def test_ten_thousand_features_stay_a_few_megabytes() -> None:
    counts = np.arange(10_000)
    part = FeaturesPart(
        [card(i, "A label of usual length, and more", nearest=[], together=[]) for i in range(60)],
        dict.fromkeys(range(10000), "A label of usual length, and more"),
        counts / 1e6,
        counts,
        1_000_000,
        [("named by keywords", 10_000)],
    )
    raw = render(content(features=part))
    assert raw.count("<tr id=f") == 10_000
    assert len(raw.encode("utf-8")) < 3_000_000


def test_what_is_not_there_is_left_out() -> None:
    empty = CorpusPart(0, 0, [], [], None)
    bare = content(
        corpus=empty, vectors=None, sae=None, runs=(), features=None, record=(), commands=()
    )
    page = Page(render(bare))
    page.check_it_is_safe()
    assert "nothing has been imported yet" in page.visible
    assert not {"training", "features", "index"} & {e.attributes.get("id") for e in page.elements}
    assert "FVU" not in page.visible

    page = Page(render(content(sae=None, features=None)))
    assert "There is no sparse autoencoder yet" in page.visible
    page = Page(render(content(features=None)))
    assert "not analysed yet" in page.visible
    assert page.all("svg", class_="plot")


def test_a_loaded_sae_says_where_it_came_from_instead_of_curves() -> None:
    sae = content().sae
    assert sae is not None
    loaded = replace(
        sae,
        held_out_fvu=None,
        held_out_share=None,
        curve=(),
        loaded_format="SAELens",
        loaded_file="weights",
        loaded_notes=["The input bias was folded in."],
    )
    text = Page(render(content(sae=loaded))).visible
    assert "it was loaded from weights, in the format of SAELens" in text
    assert "The input bias was folded in." in text
    assert "FVU, all documents 0.410" in text
    assert "Reconstruction loss" not in text


def test_a_curve_of_one_point_or_of_equal_values_is_drawn() -> None:
    sae = content().sae
    assert sae is not None
    for steps in (curve(1), [replace(step, reconstruction_loss=0.0, fvu=0.0) for step in curve()]):
        raw = render(content(sae=replace(sae, curve=steps)))
        Page(raw).check_it_is_safe()
        assert "nan" not in raw[raw.index('id="training"') : raw.index('id="features"')]


def test_the_same_content_gives_the_same_page() -> None:
    assert render(content()) == render(content())


def test_colours_are_the_tokens_in_light_and_dark() -> None:
    style = Page(render(content())).one("style").text
    tokens = json.loads(resource("theme", "tokens.json").read_text("utf-8"))
    light, dark = style.split("prefers-color-scheme:dark", 1)
    for name in ("accent", "text1", "surface"):
        assert f"--{name}:{tokens['light'][name]};" in light
        assert f"--{name}:{tokens['dark'][name]};" in dark
    sheet = resource("report", "report.css").read_text("utf-8")
    assert "#" not in sheet.replace("#overview", "").replace("#corpus", "")
