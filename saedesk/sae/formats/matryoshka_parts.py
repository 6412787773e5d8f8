"""Nested parts of other libraries' Matryoshka SAEs, which are listed there and computed here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from saedesk.errors import BadSetting

_MOST_NAMED = 12


def matryoshka_settings(widths: Sequence[int], n_latents: int) -> tuple[dict[str, Any], str]:
    """Fields of `MatryoshkaConfig` nearest to `widths`, and a sentence with the true ones.

    `widths` are the sizes of the nested parts, ascending; the last may be left out when it is
    `n_latents`. The parts matter in training alone, so codes do not depend on them.
    """
    from saedesk.sae.architectures.matryoshka import MatryoshkaConfig

    sizes = sorted({min(int(width), n_latents) for width in widths if width > 0} | {n_latents})
    settings: dict[str, Any] = {"levels": len(sizes), "smallest_share": sizes[0] / n_latents}
    try:
        config = MatryoshkaConfig(n_latents=n_latents, k=1, **settings)
        config.check()
    except BadSetting:
        return {"levels": 1}, parts_note(sizes)
    return settings, "" if config.prefixes == tuple(sizes) else parts_note(sizes)


def parts_note(widths: Sequence[int]) -> str:
    """What a person should know of the nested parts of these sizes."""
    named = [f"{width:,}" for width in widths[:_MOST_NAMED]]
    more = " and more" if len(widths) > _MOST_NAMED else ""
    return f"Its nested parts are the first {', '.join(named)}{more} features."
