"""What stands for a document that has no words."""

from __future__ import annotations

import pytest

from saedesk.project.document_store import DocumentRow
from saedesk.ui.document_words import shown_heading


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("12", "Document 12"),
        (" 0007 ", "Document 0007"),
        ("3.5", "Document 3.5"),
        ("item-012", "item-012"),
        ("", "Document"),
    ],
)
def test_a_key_that_is_a_bare_number_becomes_a_name(key: str, shown: str) -> None:
    assert shown_heading(DocumentRow(12, key, "", " ", 0, {})) == shown


def test_words_speak_for_themselves() -> None:
    assert shown_heading(DocumentRow(12, "12", "2001", "", 1, {})) == "2001"
    assert shown_heading(DocumentRow(12, "12", "", "Some  words", 2, {})) == "Some words"
