"""One document of a feature as the cards show it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QGuiApplication


@dataclass(frozen=True)
class DocumentCard:
    """One document as the list shows it."""

    document_id: int
    value: float
    """The activation."""
    share: float
    """The activation as a share of the feature's largest."""
    title: str
    """Empty where a document has only a text."""
    text: str
    facts: tuple[str, ...]
    """Categories, date, length: what stands in the last line."""
    is_key: bool = False
    """Whether the document has no words and its key stands for the title."""
    source: str = ""
    """The text as stored, of which `text` is the beginning; its sentences can be marked."""


def copy_card(card: DocumentCard) -> None:
    """Put title and text on the clipboard."""
    parts = (card.title, card.text)
    QGuiApplication.clipboard().setText("\n\n".join(part for part in parts if part))
