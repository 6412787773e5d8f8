"""A report as one HTML page that loads nothing and runs nothing but its own few lines of script."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from saedesk.report import number_texts, plots, training_plots
from saedesk.report.feature_index import index_rows
from saedesk.report.page_style import page_style
from saedesk.report.report_content import ReportContent
from saedesk.report.shown_text import plain, web_address
from saedesk.resource_files import resource

if TYPE_CHECKING:
    from jinja2 import Environment


def render(content: ReportContent) -> str:
    """The page. The same content gives the same page, byte for byte."""
    style = page_style()
    script = resource("report", "report.js").read_text("utf-8")
    return (
        _environment()
        .get_template("report.html.jinja")
        .render(
            report=content,
            style=Markup(style),
            script=Markup(script),
            policy=content_policy(style, script),
            index=None if content.features is None else index_rows(content.features),
            shown=frozenset(
                () if content.features is None else (c.latent for c in content.features.cards)
            ),
        )
    )


def content_policy(style: str, script: str) -> str:
    """The Content-Security-Policy: nothing may be loaded, and only these two blocks work."""
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "font-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(block: str) -> str:
    digest = hashlib.sha256(block.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


@cache
def _environment() -> Environment:
    """Templates that escape everything that is not markup already."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(str(resource("report"))),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=plain,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "count": number_texts.count_text,
        "density": number_texts.density_text,
        "share": number_texts.share_text,
        "decimal": number_texts.decimal_text,
        "activation": number_texts.activation_text,
        "duration": number_texts.duration_text,
        "size": number_texts.size_text,
        "day": number_texts.day_text,
        "moment": number_texts.moment_text,
        "field_title": number_texts.field_title,
        "web_address": web_address,
    }
    environment.globals |= {"plots": plots, "training_plots": training_plots}
    return environment
