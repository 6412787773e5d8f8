"""Texts of the window have typographic apostrophes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import saedesk.ui

_STRAIGHT = re.compile(r"[A-Za-z]'(s|t|re|ve|ll|d|m)\b|[a-z]s' ")


def _texts(tree: ast.AST) -> Iterator[ast.Constant]:
    """String constants that are not docstrings or notes under an attribute."""
    notes = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in notes:
            yield node


def test_no_text_of_the_window_has_a_straight_apostrophe() -> None:
    folder = Path(saedesk.ui.__file__).parent
    found = [
        f"{path.relative_to(folder)}:{text.lineno}: {text.value[:60]}"
        for path in sorted(folder.rglob("*.py"))
        for text in _texts(ast.parse(path.read_text("utf-8")))
        if _STRAIGHT.search(str(text.value))
    ]
    assert not found
