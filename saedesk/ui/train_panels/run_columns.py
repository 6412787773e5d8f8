"""What the table of runs can show of a run: its measures, and every setting it was trained with."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from saedesk.project.atomic_files import megabytes
from saedesk.sae.architectures import architectures
from saedesk.sae.sae_config import SettingInfo, describe
from saedesk.ui.train_panels import measure_texts
from saedesk.ui.train_panels.training_run import Run
from saedesk.ui.train_panels.training_texts import (
    NOTHING,
    clock_text,
    count_text,
    fvu_text,
    l0_text,
    loss_text,
    ratio_text,
    share_text,
    speed_text,
)

Value = float | str | None
SETTING = "setting "
"""Names of columns that show a setting begin so."""
_SHOWN_ELSEWHERE = frozenset({"n_latents", "k", "epochs"})


@dataclass(frozen=True)
class RunColumn:
    """One column that can be shown."""

    name: str
    """Kept in the person's settings."""
    title: str
    value: Callable[[Run], Value]
    """What the table is sorted by."""
    text: Callable[[Run], str]
    width: int
    tooltip: str
    short: str = ""
    """The head where there is little room; "" for the title itself."""
    is_usual: bool = False
    """Whether it is shown until a person chooses."""
    is_text: bool = False
    """Whether it is left-aligned."""


def run_columns() -> dict[str, RunColumn]:
    """All columns by name, the measures first, in the order of the menu."""
    columns = (*_usual_measures(), *_further_measures(), *_settings())
    return {column.name: column for column in columns}


def _usual_measures() -> tuple[RunColumn, ...]:
    texts = measure_texts
    return (
        RunColumn(
            "architecture",
            "Architecture",
            lambda run: run.architecture,
            lambda run: run.architecture or NOTHING,
            128,
            texts.ARCHITECTURE,
            is_usual=True,
            is_text=True,
        ),
        _number("k", "k", lambda run: run.k, count_text, 38, texts.K, usual=True),
        _number(
            "features",
            "Features",
            lambda run: run.n_latents,
            count_text,
            76,
            texts.FEATURES,
            usual=True,
        ),
        RunColumn(
            "epochs",
            "Epochs",
            lambda run: run.step / run.steps_per_epoch if run.steps_per_epoch else None,
            lambda run: run.epochs_text(),
            100,
            texts.EPOCHS,
            is_usual=True,
        ),
        RunColumn(
            "fvu",
            "FVU held-out",
            lambda run: run.fvu,
            lambda run: fvu_text(run.fvu),
            100,
            texts.FVU + texts.LOADED_FVU,
            short="FVU",
            is_usual=True,
        ),
        _number("l0", "L0", lambda run: run.l0, l0_text, 48, texts.L0, usual=True),
        _number(
            "dead",
            "Dead",
            lambda run: run.dead,
            share_text,
            58,
            texts.DEAD + texts.LOADED_DEAD,
            usual=True,
        ),
        _number("time", "Time", lambda run: run.seconds, clock_text, 52, texts.TIME, usual=True),
        _number("size", "Size", lambda run: run.size_bytes, _size, 68, texts.SIZE, usual=True),
    )


def _further_measures() -> tuple[RunColumn, ...]:
    texts = measure_texts
    return (
        _number("loss", "Loss", lambda run: run.loss, _loss, 64, texts.LOSS),
        _number("steps", "Steps", lambda run: run.step, count_text, 64, texts.STEPS),
        _number("speed", "Documents/s", lambda run: run.speed, speed_text, 92, texts.SPEED),
        _number(
            "time forecast",
            "Time off",
            lambda run: run.forecast.seconds_ratio,
            ratio_text,
            76,
            texts.TIME_OFF,
        ),
        _number(
            "fvu forecast",
            "FVU off",
            lambda run: run.forecast.fvu_ratio,
            ratio_text,
            72,
            texts.FVU_OFF,
        ),
        _word("precision", "Precision", lambda run: run.precision, 80, texts.PRECISION),
        _word("preset", "Preset", lambda run: run.preset, 104, texts.PRESET),
        RunColumn("date", "Date", _created, _date_text, 124, texts.DATE, is_text=True),
    )


def _number(
    name: str,
    title: str,
    value: Callable[[Run], float | None],
    told: Callable[[float | None], str],
    width: int,
    tooltip: str,
    usual: bool = False,
) -> RunColumn:
    return RunColumn(
        name, title, value, lambda run: told(value(run)), width, tooltip, is_usual=usual
    )


def _word(
    name: str, title: str, value: Callable[[Run], str], width: int, tooltip: str
) -> RunColumn:
    return RunColumn(
        name, title, value, lambda run: value(run) or NOTHING, width, tooltip, is_text=True
    )


# -- settings -------------------------------------------------------------------------------------


def _settings() -> tuple[RunColumn, ...]:
    """A column for each setting of any architecture, those that all have first."""
    found: dict[str, SettingInfo] = {}
    every = [describe(architectures().get(name).Config) for name in architectures()]
    shared = set.intersection(*({info.name for info in one} for one in every))
    for one in every:
        found |= {info.name: info for info in one if info.name in shared}
    for one in every:
        found |= {info.name: info for info in one if info.name not in found}
    return tuple(
        _setting_column(info) for info in found.values() if info.name not in _SHOWN_ELSEWHERE
    )


def _setting_column(info: SettingInfo) -> RunColumn:
    name = info.name

    def value(run: Run) -> Value:
        found = run.config.get(name)
        return found if isinstance(found, int | float | str | None) else str(found)

    return RunColumn(
        f"{SETTING}{name}",
        info.label,
        value,
        lambda run: _setting_text(value(run), name.endswith("_share")),
        max(64, 24 + 7 * len(info.label)),
        info.help,
        is_text=bool(info.choices),
    )


def _setting_text(value: Any, is_share: bool) -> str:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, str):
        return value
    if is_share:
        return f"{100 * value:g} %"
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"


def sorting_numbers(values: Sequence[Value]) -> list[float]:
    """Numbers as they are, words by their place in the alphabet; what is not there last."""
    words = sorted({value for value in values if isinstance(value, str) and value})
    places: dict[Value, float] = {word: float(at) for at, word in enumerate(words)}
    return [
        places.get(value, math.nan) if isinstance(value, str) or value is None else float(value)
        for value in values
    ]


# -- texts ----------------------------------------------------------------------------------------


def _size(size: float | None) -> str:
    return NOTHING if size is None else megabytes(int(size))


def _loss(loss: float | None) -> str:
    return NOTHING if loss is None else loss_text(loss)


def _created(run: Run) -> str:
    return "" if run.record is None else run.record.created


def _date_text(run: Run) -> str:
    """“2026-03-04 17:05” of the clock on the wall."""
    try:
        return f"{datetime.fromisoformat(_created(run)).astimezone():%Y-%m-%d %H:%M}"
    except ValueError:
        return NOTHING
