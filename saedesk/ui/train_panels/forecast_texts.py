"""The forecast of one run, or of several together, as a person reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from saedesk.project.atomic_files import megabytes
from saedesk.sae.training_forecast import Forecast
from saedesk.ui.train_panels import measure_texts
from saedesk.ui.train_panels.remarks import Note, note_of
from saedesk.ui.train_panels.training_texts import NOTHING, duration_text, fvu_text

FVU, TIME, SIZE = "FVU held-out", "Time", "Size"


@dataclass(frozen=True)
class ForecastLine:
    """One number of the forecast."""

    value: str = NOTHING
    note: str = ""
    explanation: str = ""


@dataclass(frozen=True)
class ForecastTexts:
    """What the box shows."""

    lines: dict[str, ForecastLine]
    """By FVU, TIME and SIZE."""
    source: str = ""
    """What the FVU is judged by."""
    notes: tuple[Note, ...] = ()
    """What does not suit this corpus."""


NO_FORECAST = ForecastTexts({FVU: ForecastLine(), TIME: ForecastLine(), SIZE: ForecastLine()})
"""Where the settings cannot be used."""


def forecast_texts(forecasts: Sequence[Forecast], device: str) -> ForecastTexts:
    """Times and sizes are added up; the FVU reaches from the lowest to the highest."""
    if not forecasts:
        return NO_FORECAST
    sources = list(dict.fromkeys(one.fvu_source for one in forecasts if one.fvu_source))
    remarks = {remark.kind: remark for one in reversed(forecasts) for remark in one.remarks}
    return ForecastTexts(
        {FVU: _fvu_line(forecasts), TIME: _time_line(forecasts, device), SIZE: _size(forecasts)},
        f"from {sources[0].removeprefix('from ')}" if sources else "",
        tuple(note_of(remark) for remark in remarks.values()),
    )


def _fvu_line(forecasts: Sequence[Forecast]) -> ForecastLine:
    known = [one.fvu for one in forecasts if one.fvu is not None]
    if not known:
        said = f"{measure_texts.FVU} It can be judged once something like it was trained."
        return ForecastLine(NOTHING, "after the first run", said)
    source = next(one.fvu_source for one in forecasts if one.fvu_source)
    said = f"{measure_texts.FVU} Judged by {source}; the range at the right is where it will lie."
    said += _published(forecasts)
    low, high = min(low for low, _, _ in known), max(high for *_, high in known)
    likely = sorted(likely for _, likely, _ in known)
    if len(forecasts) > 1 and fvu_text(likely[0]) != fvu_text(likely[-1]):
        value = f"{fvu_text(likely[0])} – {fvu_text(likely[-1])}"
        return ForecastLine(value, f"{len(forecasts)} runs", said)
    return ForecastLine(fvu_text(likely[0]), f"{fvu_text(low)} – {fvu_text(high)}", said)


def _published(forecasts: Sequence[Forecast]) -> str:
    published = forecasts[0].published
    if published is None or len(forecasts) > 1:
        return ""
    told = ", ".join(f"{loss:.2f} on {name}" for name, loss in published.by_corpus.items())
    return f" The published power laws would say {told}."


def _time_line(forecasts: Sequence[Forecast], device: str) -> ForecastLine:
    low = sum(one.seconds_range[0] for one in forecasts)
    high = sum(one.seconds_range[1] for one in forecasts)
    said = (
        f"Likely between {duration_text(low)} and {duration_text(high)} on this computer, without "
        "the analysis that follows."
    )
    if len(forecasts) > 1:
        said += " Runs that share a pass over the vectors take less than one after the other."
    return ForecastLine(duration_text(sum(one.seconds for one in forecasts)), device, said)


def _size(forecasts: Sequence[Forecast]) -> ForecastLine:
    whole = "The SAE" if len(forecasts) == 1 else "All SAEs together"
    memory = megabytes(sum(one.memory_bytes for one in forecasts))
    said = f"{whole} on the disk; at the right the memory that training needs."
    size = megabytes(sum(one.size_bytes for one in forecasts))
    return ForecastLine(size, f"{memory} memory", said)
