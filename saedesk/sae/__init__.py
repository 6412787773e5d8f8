"""Vectors to latents: training, encoding and loading sparse autoencoders.

A small library of its own: `from saedesk.sae import train, load_sae`. Torch is imported by the
first call that needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from saedesk.sae.formats.saedesk_format import load_sae as load_sae
    from saedesk.sae.training import train as train

_HOMES = {"train": "saedesk.sae.training", "load_sae": "saedesk.sae.formats.saedesk_format"}
__all__ = ["load_sae", "train"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
