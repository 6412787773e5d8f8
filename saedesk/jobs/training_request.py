"""What a person asks for when training SAEs: one, or a grid of them in one queue."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from saedesk.errors import BadSetting
from saedesk.sae.architecture_settings import config_in
from saedesk.sae.architectures import architectures
from saedesk.sae.architectures.topk import TopKConfig
from saedesk.sae.sae_config import SaeConfig


@dataclass(frozen=True)
class TrainRequest:
    """Which SAE to train."""

    config: SaeConfig = field(default_factory=TopKConfig)
    architecture: str = "topk"
    device: str = "auto"
    preset: str = ""
    """Name of the preset it was made from, for the table of runs; "" for none."""
    put_in_use: bool = True
    """Whether the SAE becomes the one in use; the first of a project always does."""


@dataclass(frozen=True)
class TrainGridRequest:
    """Several SAEs to train in one queue; those that can share one pass over the vectors."""

    requests: tuple[TrainRequest, ...]
    """Each is a run of its own. Of those to be put in use the first is."""


def grid_of(
    base: TrainRequest,
    *,
    n_latents: Sequence[int] = (),
    k: Sequence[int] = (),
    architectures: Sequence[str] = (),
) -> tuple[TrainRequest, ...]:
    """Every combination of the values, with the other settings of `base`; no request twice.

    An empty sequence keeps what `base` has. An architecture without `k` gets the settings that
    make about as many features active. Raises BadSetting naming the first combination that
    cannot be trained.
    """
    found: dict[tuple[str, SaeConfig], TrainRequest] = {}
    combinations = itertools.product(
        architectures or (base.architecture,), n_latents or (None,), k or (None,)
    )
    for name, size, sparsity in combinations:
        request = _combination(base, name, size, sparsity)
        found.setdefault((name, request.config), request)
    return tuple(found.values())


def _combination(
    base: TrainRequest, name: str, n_latents: int | None, k: int | None
) -> TrainRequest:
    try:
        config = config_in(name, base.config, n_latents=n_latents, k=k)
        config.check()
    except BadSetting as error:
        chosen = [] if n_latents is None else [f"{n_latents:,} features"]
        chosen += [] if k is None else [f"k {k}"]
        which = ", ".join([_title(name), *chosen])
        raise BadSetting(f"{which}: {error.sentence}") from error
    preset = base.preset if config == base.config else ""
    return replace(base, config=config, architecture=name, preset=preset)


def _title(name: str) -> str:
    return architectures().get(name).title if name in set(architectures()) else name
