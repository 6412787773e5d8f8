"""What a document is called in a sentence or a list; one without words is called by its key."""

from __future__ import annotations

from saedesk.project.document_store import DocumentRow


def is_mute(row: DocumentRow) -> bool:
    """Whether a document has neither title nor text, so that its key stands for both."""
    return not (row.title.strip() or row.text.strip())


def shown_heading(row: DocumentRow) -> str:
    """The title or the first words; else “Document 12” for a key that is a bare number, or the key.

    A number alone would be read as a measure beside the measures of a list.
    """
    return row.heading if not is_mute(row) else shown_key(row.key)


def shown_key(key: str) -> str:
    """A key in place of a heading: “Document 12”, or as it is where it has letters."""
    key = key.strip()
    return key if any(sign.isalpha() for sign in key) else f"Document {key}".strip()
