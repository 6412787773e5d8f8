"""README.md of an SAE that is given away, in the form of model cards on the hub.

It has counts, settings and measured numbers: no text of a document, no path of this computer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CARD_NAME = "README.md"
_TAGS = ("sparse-autoencoder", "text-embeddings", "interpretability")
_ON_THE_HUB = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_PLAIN_YAML = re.compile(r"[a-z][a-z0-9.-]*", re.ASCII)
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>|#~&!])")
_HOW_MEASURED = (
    "FVU, the fraction of variance unexplained, is Σ‖x − x̂‖² / Σ‖x − mean‖² over the vectors x "
    "and their reconstructions x̂; less is better. L0 is the mean number of active features of a "
    "document. Shares of features run from 0 to 1."
)


@dataclass(frozen=True)
class ModelCard:
    """What a person should know of an SAE beyond its weights."""

    name: str
    data: str
    """A sentence on what it was trained on: counts, never texts."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the training, plain values by name."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    """Measured numbers by a name that says on what."""
    licence: str = ""
    """As the hub names it, e.g. apache-2.0; "" leaves it open."""
    encoder: str = ""
    """Model that made the vectors; "" where it is not known."""
    created: str = ""
    """Day, 2026-11-21."""
    program: str = "saedesk"
    """Name and version of what wrote it."""


def render_card(
    card: ModelCard,
    library: str = "saedesk",
    loading: str = "",
    facts: Mapping[str, str] | None = None,
    notes: tuple[str, ...] = (),
) -> str:
    """The text of README.md: front matter in YAML, then Markdown.

    `library` is whom the files are for, `loading` lines of Python in which `{folder}` stands for
    the place of the files, `facts` what the SAE is, `notes` what a reader should know.
    """
    parts = [
        _front_matter(card, library),
        f"# {_plain(card.name)}",
        _introduction(card, library),
        _table("", facts or {}),
        *[f"> {_plain(note)}" for note in notes],
        _use(library, loading),
        f"## Data\n\n{_plain(card.data)}" if card.data else "",
        _table("Settings", card.config),
        _measures(card.metrics),
        f"## Licence\n\n{_licence(card)}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _front_matter(card: ModelCard, library: str) -> str:
    lines = [f"license: {_yaml(card.licence.lower())}"] if card.licence else []
    lines.append(f"library_name: {_yaml(library.lower())}")
    if _ON_THE_HUB.fullmatch(card.encoder):
        lines += ["base_model:", f"- {_yaml(card.encoder)}"]
    lines += ["tags:", *[f"- {tag}" for tag in _TAGS]]
    return "\n".join(["---", *lines, "---"])


def _yaml(text: str) -> str:
    """A scalar; every string of JSON is one of YAML."""
    return text if _PLAIN_YAML.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _introduction(card: ModelCard, library: str) -> str:
    of = f" of {_plain(_without_path(card.encoder))}" if card.encoder else ""
    day = f"Made on {_plain(card.created)}, written" if card.created else "Written"
    return (
        f"A sparse autoencoder for text embeddings{of}: it takes a vector apart into a few "
        f"features that can be read and changed. {day} for {library} by {_plain(card.program)}."
    )


def _use(library: str, loading: str) -> str:
    from saedesk.sae.formats.saedesk_export import LOADING

    if not loading:
        return ""
    blocks = {library: loading, "saedesk": LOADING}
    shown = [
        f"With {name}:\n\n```python\n{text.format(folder=repr('path/to/this/folder'))}\n```"
        for name, text in blocks.items()
    ]
    return "\n\n".join(["## Use", *shown])


def _measures(metrics: Mapping[str, float]) -> str:
    if not metrics:
        return "## Measures\n\nNot measured."
    values = {name: f"{value:.4g}" for name, value in metrics.items()}
    return f"{_table('Measures', values)}\n\n{_HOW_MEASURED}"


def _licence(card: ModelCard) -> str:
    return _plain(card.licence) if card.licence else "Not stated; ask whoever gave it to you."


def _table(title: str, rows: Mapping[str, Any]) -> str:
    if not rows:
        return ""
    lines = [f"| {_plain(name)} | {_plain(_shown(value))} |" for name, value in rows.items()]
    head = f"## {title}\n\n| setting | value |" if title else "| | |"
    if title == "Measures":
        head = "## Measures\n\n| measure | value |"
    return "\n".join([head, "|---|---|", *lines])


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    return _without_path(str(value))


def _without_path(text: str) -> str:
    """The last part of what could be a path of this computer; names on the hub stay whole."""
    if _ON_THE_HUB.fullmatch(text) or not re.match(r"([/\\~.]|[A-Za-z]:[/\\])", text):
        return text
    return re.split(r"[/\\]", text.rstrip("/\\"))[-1]


def _plain(text: str) -> str:
    """Text that Markdown shows as it is, in one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(str(text).split()))
