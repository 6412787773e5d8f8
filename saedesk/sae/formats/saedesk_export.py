"""saedesk's own folder, to be given away: it holds every SAE as it is."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saedesk.sae.formats.saedesk_format import save_sae

if TYPE_CHECKING:
    from saedesk.sae.formats.model_card import ModelCard
    from saedesk.sae.sparse_autoencoder import SparseAutoencoder

TITLE = "saedesk"
LOADING = """\
import saedesk

sae = saedesk.load_sae({folder})
codes = sae.encode(vectors)  # scipy CSR (documents, features)
rebuilt = sae.reconstruct(vectors)"""


def reason_against(sae: SparseAutoencoder) -> str:
    """Nothing speaks against it."""
    return ""


def write(sae: SparseAutoencoder, folder: Path, card: ModelCard) -> tuple[str, ...]:
    """sae.safetensors and config.json."""
    save_sae(dataclasses.replace(sae, origin=_to_give_away(sae.origin)), folder)
    return ()


def _to_give_away(origin: dict[str, Any]) -> dict[str, Any]:
    """Without the settings of another library, among which paths of a computer can be."""
    if not origin.get("loaded"):
        return origin
    return {name: value for name, value in origin.items() if name != "settings"}
