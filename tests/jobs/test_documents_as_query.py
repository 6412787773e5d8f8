"""What is said of a document that cannot be searched with."""

from __future__ import annotations

import pytest

from saedesk.jobs.documents_as_query import _name
from saedesk.project.document_store import DocumentRow


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (None, "document 12"),
        (DocumentRow(12, "12", "", " ", 0, {}), "document 12"),
        (DocumentRow(12, "item-012", "", "", 0, {}), "“item-012”"),
        (DocumentRow(12, "12", "Dark matter", "", 2, {}), "“Dark matter”"),
        (DocumentRow(12, "12", "", "Some  words", 2, {}), "“Some words”"),
    ],
)
def test_a_bare_number_is_called_a_document_and_not_quoted(
    row: DocumentRow | None, said: str
) -> None:
    assert _name(12, row) == said
