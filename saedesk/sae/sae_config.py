"""What a person can choose about an SAE and its training, with ranges, help and sources.

The form in the window and the options of the command line are made from these fields, so a new
setting is one line here or in the config of its architecture.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

from saedesk.errors import BadSetting


@dataclass(frozen=True)
class SettingInfo:
    """How one field of a config is shown and checked."""

    name: str
    label: str
    """Short name in forms."""
    help: str
    """One or two sentences: what it does and what is usual."""
    default: Any
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    unit: str
    source: str
    """Where the default comes from."""
    advanced: bool
    """Shown only among the further settings."""
    group: str = ""
    """Under which head it stands there, one of `GROUPS`."""


GROUPS = {
    "": "What it learns",
    "training": "How it learns",
    "dead": "Dead features",
    "data": "Data",
}
"""Heads of the further settings, by the name in `setting(..., group=...)`, in their order."""


def setting(
    default: Any,
    label: str,
    help: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    unit: str = "",
    source: str = "",
    advanced: bool = False,
    group: str = "",
) -> Any:
    """A dataclass field that carries its label, help, range, source and place in the form."""
    if group not in GROUPS:
        raise ValueError(f"{label!r} names a group that there is not: {group!r}")
    metadata = {
        "label": label,
        "help": help,
        "low": low,
        "high": high,
        "choices": choices,
        "unit": unit,
        "source": source,
        "advanced": advanced,
        "group": group,
    }
    return dataclasses.field(default=default, metadata=metadata)


PAPER = "O'Neill et al. 2024"


@dataclass(frozen=True)
class SaeConfig:
    """Settings that every architecture has. Raises BadSetting when `check` finds one out of range.

    The defaults are those of the published SAEs but for the start and for when a feature counts as
    dead; the preset “As published” has all of theirs, the others suit smaller corpora.
    """

    n_latents: int = setting(
        3072,
        "Features",
        "Size of the dictionary. More features are finer and rarer; a small corpus fills only a "
        "small dictionary.",
        low=4,
        high=262_144,
        source=f"{PAPER}: 3,072 to 12,288 for 150,000 to 270,000 documents",
    )
    epochs: int = setting(
        50,
        "Epochs",
        "How often every document is seen. Long training makes features that a second run finds "
        "again.",
        low=1,
        high=10_000,
        source=f"{PAPER}, released code: 50 on 271,492 documents",
    )
    batch_size: int = setting(
        1024,
        "Batch size",
        "Documents in one training step.",
        low=2,
        high=65_536,
        unit="documents",
        source=f"{PAPER}, released code",
    )
    learning_rate: float = setting(
        1e-4,
        "Learning rate",
        "Step size of Adam. Too large and the loss jumps, too small and training takes long.",
        low=1e-7,
        high=1.0,
        source=f"{PAPER}, released code",
    )
    learning_rate_decay: Literal["none", "linear", "cosine"] = setting(
        "none",
        "Decay",
        "“linear” lowers the learning rate to zero over the last fifth of the training, “cosine” "
        "over the whole of it.",
        choices=("none", "linear", "cosine"),
        source=f"{PAPER}, released code: none; linear as in Gao et al. 2024, A.4",
        advanced=True,
        group="training",
    )
    warm_up_steps: int = setting(
        0,
        "Warm-up",
        "Steps over which the learning rate rises from zero.",
        low=0,
        high=1_000_000,
        unit="steps",
        source=f"{PAPER}, released code: none",
        advanced=True,
        group="training",
    )
    early_stopping_epochs: int = setting(
        0,
        "Stop early",
        "Ends the training when the FVU of the held-out documents has not improved for this many "
        "epochs, and keeps the best state. 0 trains to the end.",
        low=0,
        high=10_000,
        unit="epochs",
        source="off in the published SAEs; HypotheSAEs (Movva et al. 2025) waits 5",
        advanced=True,
        group="training",
    )
    input_normalisation: Literal[
        "none", "unit", "centred", "per-dimension", "standardised", "fixed length"
    ] = setting(
        "none",
        "Input",
        "“unit” gives every vector length 1, “centred” takes away the mean vector, "
        "“per-dimension” also gives every dimension a spread of 1. “standardised” gives the "
        "numbers of every vector mean 0 and spread 1, “fixed length” gives every vector the length "
        "√d; both are undone on the reconstruction.",
        choices=("none", "unit", "centred", "per-dimension", "standardised", "fixed length"),
        source=f"{PAPER}, released code: none; standardised as in Gao et al. 2024",
        advanced=True,
        group="data",
    )
    initialisation: Literal["fitted", "published"] = setting(
        "fitted",
        "Start",
        "“fitted” starts every feature as the direction of a document, “published” with the random "
        "directions of the released SAEs.",
        choices=("fitted", "published"),
        source="fitted: held-out FVU after 60 steps on 28,000 abstracts .336 instead of .464",
        advanced=True,
        group="training",
    )
    revival: Literal["auxk", "resample", "none"] = setting(
        "auxk",
        "Dead features",
        "“auxk” teaches dead features to rebuild what the others miss, “resample” gives them the "
        "directions of the worst rebuilt documents, “none” leaves them.",
        choices=("auxk", "resample", "none"),
        source=f"{PAPER}, released code: AuxK; resampling as in Bricken et al. 2023",
        advanced=True,
        group="dead",
    )
    aux_coefficient: float = setting(
        1 / 32,
        "Weight of AuxK",
        "Weight α of the loss that teaches dead features to rebuild what the others miss.",
        low=0,
        high=10,
        source=f"{PAPER}, released code; Gao et al. 2024, A.2",
        advanced=True,
        group="dead",
    )
    dead_after_steps: int = setting(
        100,
        "Dead after",
        "A feature that no document used for more than this many steps counts as dead.",
        low=1,
        high=10_000_000,
        unit="steps",
        source=f"{PAPER}, released code: 266, one epoch of the astronomy corpus",
        advanced=True,
        group="dead",
    )
    held_out_share: float = setting(
        0.05,
        "Held out",
        "Share of documents that the training never sees; the FVU is measured on them.",
        low=0.0,
        high=0.5,
        source="usual practice",
    )
    seed: int = setting(
        0,
        "Seed",
        "The same seed and settings give the same SAE, bit for bit on a CPU.",
        low=0,
        high=2**31 - 1,
    )
    adam_beta1: float = setting(
        0.9,
        "Adam β₁",
        "Memory of the mean gradient.",
        low=0,
        high=0.9999,
        source=PAPER,
        advanced=True,
        group="training",
    )
    adam_beta2: float = setting(
        0.999,
        "Adam β₂",
        "Memory of the squared gradient.",
        low=0,
        high=0.999999,
        source=PAPER,
        advanced=True,
        group="training",
    )
    adam_epsilon: float = setting(
        1e-8,
        "Adam ε",
        "Keeps Adam from dividing by zero.",
        low=1e-16,
        high=1e-2,
        source="default of Adam",
        advanced=True,
        group="training",
    )
    gradient_clip: float = setting(
        1.0,
        "Clip",
        "Largest norm of all gradients of a step together.",
        low=1e-6,
        high=1e6,
        source=f"{PAPER}, released code",
        advanced=True,
        group="training",
    )
    pre_bias_rows: int = setting(
        10_000,
        "Rows for the pre-bias",
        "The pre-bias starts as the coordinate-wise median of this many documents.",
        low=1,
        high=10_000_000,
        source=f"{PAPER}, released code",
        advanced=True,
        group="data",
    )

    def check(self) -> None:
        """Raise BadSetting with one sentence for the first field out of range."""
        check_settings(self)


def check_settings(settings: Any) -> None:
    """Raise BadSetting with one sentence for the first setting of a dataclass out of range."""
    for info in describe(type(settings)):
        value = getattr(settings, info.name)
        if info.choices and value not in info.choices:
            raise BadSetting(f"{info.label} must be one of {', '.join(info.choices)}.")
        if info.low is None or info.high is None:
            continue
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not info.low <= value <= info.high:
            raise BadSetting(
                f"{info.label} must lie between {info.low:,g} and {info.high:,g}; "
                f"it is {f'{value:,}' if is_number else value}."
            )
        if isinstance(info.default, int) and not isinstance(value, int):
            raise BadSetting(f"{info.label} must be a whole number; it is {value}.")


def describe(config: type[Any]) -> tuple[SettingInfo, ...]:
    """The settings of a dataclass made with `setting`, in order."""
    return tuple(
        SettingInfo(name=field.name, default=field.default, **field.metadata)
        for field in dataclasses.fields(config)
        if "label" in field.metadata
    )


def as_json(config: SaeConfig) -> dict[str, Any]:
    """The config as plain JSON values, for files and hashes."""
    return dataclasses.asdict(config)
