"""A typed value of JSON, Parquet or Arrow as the text of one cell."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal


class WrittenNumber(float):
    """A number that remembers how it was written: 1.10 stays "1.10", as a key must."""

    __slots__ = ("written",)
    written: str

    def __new__(cls, written: str) -> WrittenNumber:
        number = super().__new__(cls, written)
        number.written = written
        return number


def cell_text(value: object) -> str:
    """The text of `value`: "" for nothing, "a; b" for a list of plain values, else JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, WrittenNumber):
        return value.written
    if isinstance(value, list):
        if all(isinstance(item, (str, int, float)) for item in value):
            return "; ".join(cell_text(item) for item in value)
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, (datetime.date, datetime.datetime, datetime.time)):
        return value.isoformat()
    if isinstance(value, (int, float, Decimal)):
        return str(value)
    return str(value)
