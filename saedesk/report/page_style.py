"""The style of the page: colours and sizes from the design tokens, the program's own fonts."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from saedesk.resource_files import resource

FONTS = (
    ("Report Sans", 400, "Inter-Regular.woff2", "woff2"),
    ("Report Sans", 600, "Inter-SemiBold.woff2", "woff2"),
    ("Report Serif", 400, "SourceSerif4SmText-Regular.ttf", "truetype"),
    ("Report Serif", 600, "SourceSerif4SmText-Semibold.ttf", "truetype"),
)
"""Family, weight, file and format; the files are embedded unchanged."""


@cache
def page_style() -> str:
    """The whole style sheet; it names no file and no address."""
    tokens: dict[str, Any] = json.loads(resource("theme", "tokens.json").read_text("utf-8"))
    sheet = resource("report", "report.css").read_text("utf-8")
    sizes = "".join(f"--{name}:{size}px;" for name, size in tokens["type"].items())
    light, dark = _colours(tokens, "light"), _colours(tokens, "dark")
    return "\n".join(
        [
            *(_font(*font) for font in FONTS),
            f":root{{{sizes}{light}color-scheme:light dark}}",
            f"@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}",
            sheet,
        ]
    )


def _font(family: str, weight: int, file: str, kind: str) -> str:
    content = base64.b64encode(resource("fonts", file).read_bytes()).decode("ascii")
    return (
        f"@font-face{{font-family:'{family}';font-weight:{weight};font-style:normal;"
        f"src:url(data:font/{'ttf' if kind == 'truetype' else kind};base64,{content}) "
        f"format('{kind}')}}"
    )


def _colours(tokens: Mapping[str, Any], theme: str) -> str:
    """The tokens of a theme as custom properties, and the ground of a histogram's bars."""
    colours = tokens[theme]
    plain = {name: value for name, value in colours.items() if isinstance(value, str)}
    share = float(tokens["plot"]["bars_mix_to_surface"])
    plain["bar"] = mixed(colours["accent"], colours["surface"], share)
    plain["area"] = mixed(colours["accent"], colours["surface"], 1 - tokens["plot"]["area_alpha"])
    return "".join(f"--{name}:{value};" for name, value in plain.items())


def mixed(colour: str, ground: str, share: float) -> str:
    """A colour #RRGGBB with a share of the ground in it."""
    parts = []
    for at in (1, 3, 5):
        ours, theirs = int(colour[at : at + 2], 16), int(ground[at : at + 2], 16)
        parts.append(round(ours * (1 - share) + theirs * share))
    return "#" + "".join(f"{part:02X}" for part in parts)
