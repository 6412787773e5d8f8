"""The same settings in another architecture: what it knows is kept, the sparsity is translated."""

from __future__ import annotations

import dataclasses
from typing import Any

from saedesk.sae.architectures import architectures
from saedesk.sae.sae_config import SaeConfig

_NUMBERS_OF_ACTIVE = ("k", "target_l0", "most_latents")


def config_in(
    architecture: str, base: SaeConfig, *, n_latents: int | None = None, k: int | None = None
) -> SaeConfig:
    """The settings of `base` in the config of `architecture`, with other numbers where given.

    Settings that the architecture lacks are dropped, and those that `base` lacks have their
    defaults. Where the architecture has no `k`, its `settings_for_sparsity` stand for that of
    `base` or for the given one. Nothing is checked. Raises BadSetting for an unknown architecture.
    """
    kind = architectures().get(architecture)
    names = {field.name for field in dataclasses.fields(kind.Config)}
    settings: dict[str, Any] = {
        field.name: getattr(base, field.name)
        for field in dataclasses.fields(base)
        if field.name in names
    }
    if n_latents is not None:
        settings["n_latents"] = n_latents
    wanted = k if k is not None else sparsity_of(base)
    is_same = type(base) is kind.Config
    if k is not None or (not is_same and wanted is not None):
        assert wanted is not None
        chosen = {"k": wanted} if "k" in names else kind.settings_for_sparsity(wanted)
        settings |= chosen
    return kind.Config(**settings)


def sparsity_of(config: SaeConfig) -> int | None:
    """The number of active features that a config names; None where it names none."""
    for name in _NUMBERS_OF_ACTIVE:
        if number := getattr(config, name, None):
            return max(1, round(number))
    return None
