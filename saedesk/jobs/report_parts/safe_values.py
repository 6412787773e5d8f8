"""Values of a project as a report may show them: no way to a file, nothing endless."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

LONGEST_VALUE = 300
_JOINED = 12
"""Values of a list that are written out."""


def file_name(text: str) -> str:
    """The last part of an absolute path; any other text as it is.

    Where files lie on somebody's computer, often under their name, is nobody else's business.
    """
    stripped = text.strip()
    for kind in (PurePosixPath, PureWindowsPath):
        path = kind(stripped)
        if path.is_absolute() or stripped.startswith(("~", "file:")):
            return path.name
    return text


def value_text(value: Any) -> str:
    """A value of a manifest in words: “yes”, “0.0005”, “8, 16”; "" for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}".replace("-", "−") if value == value else "not a number"
    if isinstance(value, list | tuple):
        texts = [value_text(entry) for entry in value[:_JOINED]]
        return ", ".join(texts) + (" …" if len(value) > _JOINED else "")
    text = file_name(str(value))
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def flat_rows(content: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Names and values of a nested table, in its order; “forecast, seconds” for inner ones."""
    for name, value in content.items():
        title = f"{before}{str(name).replace('_', ' ')}"
        if isinstance(value, Mapping):
            yield from flat_rows(value, f"{title}, ")
        elif text := value_text(value):
            yield title, text
