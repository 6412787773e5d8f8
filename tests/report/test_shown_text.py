"""Only addresses of web pages become links, and texts lose what would harm a page."""

from __future__ import annotations

import pytest
from markupsafe import Markup

from saedesk.report.number_texts import (
    date_field_text,
    density_text,
    duration_text,
    field_title,
    size_text,
)
from saedesk.report.shown_text import clipped, plain, web_address


@pytest.mark.parametrize(
    "address",
    ["https://arxiv.org/abs/2408.00657", "http://example.org", "https://exämple.org/ü?x=1#y"],
)
def test_web_pages_are_addresses(address: str) -> None:
    assert web_address(f" {address}\n") == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.org",
        "javascript:alert(1)",
        " JavaScript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html;base64,PHNjcmlwdD4=",
        "vbscript:x",
        "file:///etc/passwd",
        "//example.org",
        "https:///no-host",
        "https://user:word@example.org",
        "https://exa mple.org",
        'https://example.org/"onclick="x',
        "https://example.org/<script>",
        "https://[broken",
        "https://example.org/\u202egpj.exe",
        "https://example.org/" + "a" * 3000,
    ],
)
def test_nothing_else_is(text: str) -> None:
    assert web_address(text) == ""


def test_texts_keep_what_they_say() -> None:
    assert plain("e\u0301 ‏عربى‎ 😀\n\tx") == "e\u0301 ‏عربى‎ 😀\n\tx"
    assert plain("a\x00b\ud800c\u202ed") == "a�b�cd"
    assert plain(Markup("<b>\u202e</b>")) == Markup("<b>\u202e</b>")
    assert plain(3) == 3


def test_long_texts_end_at_a_word() -> None:
    assert clipped("one  two\nthree", 20) == "one two three"
    assert clipped("one two three four", 12) == "one two…"
    assert clipped("x" * 50, 10) == "x" * 9 + "…"


def test_numbers_read_well() -> None:
    assert [density_text(v) for v in (0.0164, 0.00004, 0, 1e-9)] == [
        "1.64 %", "0.004 %", "0 %", "< 0.001 %",
    ]  # fmt: skip
    assert [size_text(n) for n in (12, 1500, 999_999, 4_700_000, 12_000_000_000)] == [
        "12 bytes", "1.5 kB", "1,000 kB", "4.7 MB", "12 GB",
    ]  # fmt: skip
    assert [duration_text(s) for s in (0.2, 15, 156, 3900)] == [
        "under 1 s", "15 s", "2 min 36 s", "1 h 5 min",
    ]  # fmt: skip
    assert [date_field_text(t) for t in ("2009-11-19", "2009-11", "2009", "soon")] == [
        "19 November 2009", "November 2009", "2009", "soon",
    ]  # fmt: skip
    assert [field_title(n) for n in ("primary_category", "DOI", "")] == [
        "Primary category",
        "DOI",
        "",
    ]
