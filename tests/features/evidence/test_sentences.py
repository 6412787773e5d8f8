"""Sentences of abstracts, lists, formulas and scripts without spaces."""

from __future__ import annotations

import random
import time

import pytest

from saedesk.features.evidence.sentences import LONGEST_SENTENCE, sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    "parts",
    [
        ["We measure it.", "It holds!", "Does it?", "Yes."],
        ["Following Smith et al. (2019), we use $z = 0.5$, i.e. a near galaxy.", "It shines."],
        ["The mass is 3.5 M. of dust, cf. Fig. 3 and no. 2.", "We saw it in 2019.", "It is far"],
        ["J. R. Smith and H. Rubin found it.", "See arXiv:1901.00123 for more."],
        ["He works in the U.S. and abroad.", "We use stars, gas, etc. in cells.", "Then it ends."],
        ["no capital starts a sentence here.", "this is the second one.", "and a third"],
        ["A formula $f(x. y) = 1.$", "It is a function of x.", "Was the answer no.", "We do."],
        ["(It is in brackets.)", "“It is quoted.”", "It is plain."],
        ["Version 2.1 is at https://example.org/a.b?c=1 now.", "Good."],
        ["What... is this?", "Nothing."],
        ["Was it so?", "and why?", "because."],
        ["1. The first of all.", "2. The second of all."],
        ["Der Stern ist z. B. rot, vgl. Abb. 2.", "Er ist groß."],
    ],
)
def test_splits_as_a_person_would(parts: list[str]) -> None:
    assert sentences(" ".join(parts)) == parts


def test_scripts_without_spaces() -> None:
    text = "我们研究星系。它们很远！为什么？「因为光。」结束"
    assert sentences(text) == ["我们研究星系。", "它们很远！", "为什么？", "「因为光。」", "结束"]
    assert sentences("यह एक है। यह दो है।") == ["यह एक है।", "यह दो है।"]


def test_paragraphs_and_lists_are_boundaries_and_wrapped_lines_are_none() -> None:
    text = "Background\n\nWe read\nwrapped lines:\n- one thing\n- another thing\n2) a third"
    assert sentences(text) == [
        "Background",
        "We read\nwrapped lines:",
        "- one thing",
        "- another thing",
        "2) a third",
    ]


def test_a_long_sentence_is_split_between_its_clauses() -> None:
    clause = "the rate at which stars form depends on mass and gas and neighbours " * 2
    text = f"First, {clause.strip()}; then, {clause.strip()}; last, {clause.strip()}."
    found = sentences(text)
    assert len(found) > 1
    assert all(piece.endswith((";", ".")) for piece in found)
    assert all(len(piece) <= LONGEST_SENTENCE for piece in sentences("x" * 5000))


def test_nothing_is_lost_and_nothing_overlaps() -> None:
    random.seed(1)
    signs = list("ab C.!? \n\n;,()$1。！-") + ["et al. ", "e.g. ", "\U0001f600", "\ud800"]
    for _ in range(300):
        text = "".join(random.choices(signs, k=random.randint(0, 1500)))
        spans = sentence_spans(text)
        covered = set()
        for start, end in spans:
            assert not covered & set(range(start, end))
            covered |= set(range(start, end))
            assert text[start:end] == text[start:end].strip()
            assert end - start <= LONGEST_SENTENCE
        assert all(text[at].isspace() for at in set(range(len(text))) - covered)


def test_an_odd_text_of_megabytes_takes_no_time() -> None:
    for text in ("." * 2_000_000, "a. " * 700_000, "$" * 2_000_000, "(" * 2_000_000, "\n" * 2**21):
        started = time.perf_counter()
        sentence_spans(text)
        assert time.perf_counter() - started < 5


def test_a_long_sentence_is_not_split_inside_a_formula() -> None:
    words = "we look at many words in a row without a sign between them " * 4
    text = f"{words}$a = b; c = d; e = f${words}."
    assert all(piece.count("$") % 2 == 0 for piece in sentences(text))
