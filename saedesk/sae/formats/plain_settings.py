"""Settings of other libraries as plain JSON values: bounded, and safe to write again."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from saedesk.errors import BadCheckpoint

_LARGEST_JSON = 4 << 20
_MOST_VALUES = 4000
"""Of all values together; a hostile file can name one value very often."""
_DEEPEST = 8
_LONGEST_TEXT = 4000
_LARGEST_NUMBER = 2**63


def read_json_settings(path: Path) -> dict[str, Any]:
    """The object in a JSON file; raises BadCheckpoint with one sentence."""
    try:
        if path.stat().st_size > _LARGEST_JSON:
            raise BadCheckpoint(f"{path.name} is too large for the settings of an SAE.")
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise BadCheckpoint(
            f"{path.name} beside the weights cannot be read: it is not valid JSON."
        ) from error
    if not isinstance(content, dict):
        raise BadCheckpoint(f"{path.name} beside the weights does not hold settings by name.")
    return plain_settings(content)


def plain_settings(content: Mapping[Any, Any]) -> dict[str, Any]:
    """A copy of plain JSON values: others by their text, tensors and what is too much left out."""
    found = _Copy().of(content, 0)
    assert isinstance(found, dict)
    return found


class _Copy:
    """Copies a value, counting what it has copied."""

    def __init__(self) -> None:
        self._left = _MOST_VALUES

    def of(self, value: Any, depth: int) -> Any:
        self._left -= 1
        if self._left < 0 or depth > _DEEPEST:
            return "…"
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            return int(value) if abs(value) < _LARGEST_NUMBER else "…"
        if isinstance(value, float):
            return float(value) if math.isfinite(value) else str(float(value))
        if isinstance(value, str):
            return _text(value)
        if isinstance(value, Mapping):
            return self._mapping(value, depth)
        if isinstance(value, list | tuple | set | frozenset):
            return self._list(value, depth)
        return _text(str(value))

    def _mapping(self, values: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        copied: dict[str, Any] = {}
        for name, value in values.items():
            if self._left < 0:
                break
            if isinstance(name, str | int) and not _is_tensor(value):
                copied[_text(str(name)[:_LONGEST_TEXT])] = self.of(value, depth + 1)
        return copied

    def _list(self, values: Any, depth: int) -> list[Any]:
        copied: list[Any] = []
        for value in values:
            if self._left < 0:
                break
            if not _is_tensor(value):
                copied.append(self.of(value, depth + 1))
        return copied


def _is_tensor(value: Any) -> bool:
    return hasattr(value, "untyped_storage")


def _text(text: str) -> str:
    # Lone surrogates cannot be written as UTF-8.
    return text[:_LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8")


def whole_number(settings: Mapping[str, Any], name: str) -> int | None:
    """A whole number among the settings; None where it is missing, null or no whole number."""
    value = settings.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        return None
    return int(value)


def switched_on(settings: Mapping[str, Any], name: str, default: bool = False) -> bool:
    """A yes-or-no setting; what is neither counts as `default`."""
    value = settings.get(name, default)
    return value if isinstance(value, bool) else default
