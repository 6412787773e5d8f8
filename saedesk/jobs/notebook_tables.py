"""How features and search results show themselves in a notebook or an interpreter."""

from __future__ import annotations

import html
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from saedesk.plain_table import printable, table

SHOWN_ROWS = 20
TableParts = tuple[Sequence[str], Sequence[Sequence[Any]], Sequence[int]]
"""Names of the columns, the rows to show, and which columns end at the right."""


class ShownAsTable(ABC):
    """Base of things that are a table: aligned text in an interpreter, a table in a notebook.

    Texts of documents are escaped: they are data.
    """

    @abstractmethod
    def _caption(self) -> str:
        """One line above the table."""

    @abstractmethod
    def _table(self) -> TableParts:
        """What the table shows."""

    def __repr__(self) -> str:
        head, rows, right = self._table()
        return f"{self._caption()}\n{table(head, rows, right=right)}"

    def _repr_html_(self) -> str:
        head, rows, right = self._table()
        return (
            f"<table><caption>{_escaped(self._caption())}</caption>"
            f"<thead>{_row('th', head, right)}</thead>"
            f"<tbody>{''.join(_row('td', row, right) for row in rows)}</tbody></table>"
        )


def _row(tag: str, values: Sequence[Any], right: Sequence[int]) -> str:
    return f"<tr>{''.join(_cell(tag, value, i in right) for i, value in enumerate(values))}</tr>"


def _cell(tag: str, value: Any, is_right: bool) -> str:
    side = "right" if is_right else "left"
    return f'<{tag} style="text-align:{side}">{_escaped(value)}</{tag}>'


def _escaped(value: Any) -> str:
    return html.escape(printable("" if value is None else str(value)))
