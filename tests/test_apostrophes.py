"""Texts that a person reads have typographic apostrophes, in the window and below it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import saedesk

_STRAIGHT = re.compile(r"[A-Za-z]'(s|t|re|ve|ll|d|m)\b|[a-z]s' ")


def _texts(tree: ast.AST) -> Iterator[ast.Constant]:
    """String constants that are not docstrings, notes under an attribute, or patterns."""
    no_texts = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile":
            no_texts |= {id(part) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in no_texts
        ):
            yield node


def test_no_text_has_a_straight_apostrophe() -> None:
    folder = Path(saedesk.__file__).parent
    found = [
        f"{path.relative_to(folder)}:{text.lineno}: {text.value[:60]}"
        for path in sorted(folder.rglob("*.py"))
        for text in _texts(ast.parse(path.read_text("utf-8")))
        if _STRAIGHT.search(str(text.value))
    ]
    assert not found


def test_straight_apostrophes_are_seen_and_patterns_left_alone() -> None:
    source = '"""The author\'s note."""\nA = "the model\'s answer"\nB = re.compile(r"can\'t")\n'
    texts = [str(text.value) for text in _texts(ast.parse(source))]
    assert [text for text in texts if _STRAIGHT.search(text)] == ["the model's answer"]
