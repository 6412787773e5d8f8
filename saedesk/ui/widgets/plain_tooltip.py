"""The one place that sets tooltips: text of documents never becomes markup in them."""

from __future__ import annotations

import html

from PySide6.QtWidgets import QWidget

MARKUP = "<qt>"
"""How a text begins whose characters are escaped."""


def escaped(text: str) -> str:
    """A text as a tooltip shows it literally, wrapped where it is long; empty stays empty."""
    if not text:
        return ""
    return f"{MARKUP}{html.escape(text[:2000])}</qt>".replace("\n", "<br>")


def set_plain_tooltip(widget: QWidget, text: str) -> None:
    """Gives a widget a tooltip that shows `text` as it is."""
    # The card has text in roles, and texts in roles have tooltips.
    from saedesk.ui.widgets.tooltip_card import Tooltips

    Tooltips.current()
    told = escaped(text)
    if told != widget.toolTip():
        widget.setToolTip(told)
