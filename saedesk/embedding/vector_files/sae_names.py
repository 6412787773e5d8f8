"""Tensors whose names say that a file holds an SAE, not vectors."""

from __future__ import annotations

from collections.abc import Iterable

_OF_SAES = frozenset(
    {"w_enc", "w_dec", "b_dec", "b_enc", "pre_bias", "latent_bias", "encoder.weight",
     "decoder.weight", "threshold", "log_threshold"}
)  # fmt: skip


def are_names_of_an_sae(names: Iterable[str]) -> bool:
    """Whether any name is one that SAE libraries give their tensors."""
    return any(name.lower() in _OF_SAES for name in names)
