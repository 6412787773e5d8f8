"""The one stylesheet: grounds, fields, menus, scroll bars and tooltips, written from tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saedesk.ui.theme.design_tokens import tokens


def stylesheet(colours: Mapping[str, Any]) -> str:
    """The stylesheet of the application for one set of colours.

    A widget takes a ground by its dynamic property `ground`: canvas, panel, surface, sunken.
    """
    return "\n".join((_grounds(colours), _fields(colours), _menus(colours), _scroll_bars(colours)))


def _grounds(c: Mapping[str, Any]) -> str:
    names = ("canvas", "panel", "surface", "sunken", "raised")
    rules = [f'*[ground="{name}"] {{ background-color: {c[name]}; }}' for name in names]
    small = tokens().type["small"]
    pad = tokens().space[2]
    return "\n".join(rules) + (
        f"QToolTip {{ background-color: {c['raised']}; color: {c['text1']};"
        f" border: {tokens().line}px solid {c['lineStrong']};"
        f" padding: {tokens().grid}px {pad}px; font-size: {small}px; }}"
    )


def _fields(c: Mapping[str, Any]) -> str:
    line, ring = tokens().line, tokens().focus_ring.in_field
    radius = tokens().radius.control
    pad = tokens().padding.field
    return f"""
QLineEdit, QPlainTextEdit, QTextEdit {{
    background-color: {c["field"]}; color: {c["text1"]};
    border: {line}px solid {c["lineStrong"]}; border-radius: {radius}px;
    padding: 0 {pad - line}px;
    placeholder-text-color: {c["text3"]};
    selection-background-color: {c["accent"]}; selection-color: {c["onAccent"]};
}}
QPlainTextEdit, QTextEdit {{ padding: {pad - 2 * line}px; }}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus {{
    border: {ring}px solid {c["focus"]}; padding: 0 {pad - ring}px;
}}
QPlainTextEdit:focus, QTextEdit:focus {{ padding: {pad - line - ring}px; }}
QLineEdit:disabled {{ color: {c["disabled"]}; background-color: {c["panel"]}; }}
QLineEdit[error="true"] {{ border-color: {c["error"]}; }}
QLineEdit[bare="true"], QLineEdit[bare="true"]:focus {{
    border: none; background: transparent; padding: 0;
}}
"""


def _menus(c: Mapping[str, Any]) -> str:
    space, radius = tokens().space, tokens().radius
    return f"""
QMenu {{
    background-color: {c["raised"]}; color: {c["text1"]};
    border: {tokens().line}px solid {c["lineStrong"]}; border-radius: {radius.card}px;
    padding: {space[1]}px;
}}
QMenu::item {{
    padding: {space[1]}px {space[6]}px {space[1]}px {space[2]}px;
    border-radius: {radius.check}px; min-height: {space[5]}px;
}}
QMenu::item:selected {{ background-color: {c["selection"]}; color: {c["text1"]}; }}
QMenu::item:disabled {{ color: {c["disabled"]}; background: transparent; }}
QMenu::separator {{
    height: {tokens().line}px; background: {c["line"]}; margin: {space[1]}px {space[2]}px;
}}
QMenu::icon {{ padding-left: {space[1]}px; }}
QComboBox {{ combobox-popup: 0; }}
QAbstractItemView[popup="true"] {{
    background-color: {c["raised"]}; color: {c["text1"]};
    border: {tokens().line}px solid {c["lineStrong"]}; border-radius: {radius.control}px;
    padding: {space[1]}px; outline: none;
}}
QAbstractItemView[popup="true"]::item {{
    min-height: {tokens().row_height.short_list}px; padding: 0 {space[2]}px;
    border-radius: {radius.check}px;
}}
QAbstractItemView[popup="true"]::item:selected,
QAbstractItemView[popup="true"]::item:hover {{
    background-color: {c["selection"]}; color: {c["text1"]};
}}
"""


def _scroll_bars(c: Mapping[str, Any]) -> str:
    size = tokens().scrollbar
    gap = size.margin // 2
    return f"""
QScrollBar {{ background: transparent; border: none; margin: 0; }}
QScrollBar:vertical {{ width: {size.width + 2 * gap}px; }}
QScrollBar[under_head="true"]:vertical {{ margin-top: {tokens().row_height.column_head}px; }}
QScrollBar:horizontal {{ height: {size.width + 2 * gap}px; }}
QScrollBar::handle {{
    background: {c["scroll"]}; border-radius: {size.radius}px; margin: {gap}px;
}}
QScrollBar::handle:hover {{ background: {c["text4"]}; }}
QScrollBar::handle:vertical {{ min-height: {size.shortest}px; }}
QScrollBar::handle:horizontal {{ min-width: {size.shortest}px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; border: none; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QAbstractScrollArea::corner {{ background: transparent; }}
QScrollArea {{ border: none; }}
"""
