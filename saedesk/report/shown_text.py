"""Texts of documents and people on their way into a page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup

LONGEST_ADDRESS = 2000
_SHOWN_AS_MISSING = "�"
_HIDDEN = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Signs that turn the direction of what follows, perhaps of the page: embeddings, overrides,
isolates. Scripts that run from right to left do without them."""
_UNSHOWABLE = (
    *(code for code in range(0x20) if chr(code) not in "\t\n\r"),
    *range(0x7F, 0xA0),
    *range(0xD800, 0xE000),
    0xFFFE,
    0xFFFF,
)
_TABLE: dict[int, str | None] = {
    **dict.fromkeys(_UNSHOWABLE, _SHOWN_AS_MISSING),
    **dict.fromkeys(_HIDDEN, None),
}


def plain(value: Any) -> Any:
    """A text without control signs, lone surrogates and changes of direction; others as they are.

    What is markup already is left alone, so this may finish every expression of a template.
    """
    if isinstance(value, str) and not isinstance(value, Markup):
        return value.translate(_TABLE)
    return value


def web_address(text: str) -> str:
    """The address where a browser may be led there from a document, else "".

    Only http and https with a host, without a name or password in it.
    """
    text = text.strip()
    if len(text) > LONGEST_ADDRESS or any(sign.isspace() or sign in "\\<>\"'`" for sign in text):
        return ""
    try:
        parts = urlsplit(text)
        is_plain = parts.username is None and parts.password is None
    except ValueError:
        return ""
    wanted = parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and is_plain
    return text if wanted and plain(text) == text else ""


def clipped(text: str, most: int) -> str:
    """One line of at most `most` signs, cut at a word with an ellipsis."""
    line = " ".join(text[: 4 * most].split())
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    space = cut.rfind(" ", most // 2)
    return (cut[:space] if space > 0 else cut).rstrip(" ,;:.") + "…"
