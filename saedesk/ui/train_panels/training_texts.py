"""Numbers of trainings as a person reads them."""

from __future__ import annotations

import math

from saedesk.ui.shell.time_left import seconds_text

NOTHING = "–"
"""Where a number is not known."""


def duration_text(seconds: float | None) -> str:
    """“15 s”, “2 min 36 s”, “1 h 5 min”."""
    if seconds is None:
        return NOTHING
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s" if whole else "under 1 s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes} min" if minutes else f"{hours:,} h"


def about_text(seconds: float) -> str:
    """A duration rounded to what a forecast can know: “about 15 s”, “about 4 min”."""
    if round(seconds) < 1:
        return "under 1 s"
    if seconds < 10:
        return f"about {round(seconds)} s"
    if seconds < 55:
        return f"about {5 * round(seconds / 5)} s"
    if seconds < 3300:
        return f"about {max(1, round(seconds / 60))} min"
    return f"about {seconds / 3600:.1f} h".replace(".0 h", " h")


def left_text(seconds: float | None) -> str:
    """A time left, as the footer says it."""
    return NOTHING if seconds is None else seconds_text(seconds)


def clock_text(seconds: float | None) -> str:
    """“0:14”, “2:11”, “1:02:07”, for a column of times."""
    if seconds is None:
        return NOTHING
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def share_text(share: float | None) -> str:
    """A share of features: “1.1 %”."""
    return NOTHING if share is None else f"{share * 100:.1f} %"


def fvu_text(fvu: float | None) -> str:
    """A fraction of variance: “0.128”."""
    return NOTHING if fvu is None else f"{fvu:.3f}"


def l0_text(l0: float | None) -> str:
    """Features in a document: “63.9”."""
    return NOTHING if l0 is None else f"{l0:.1f}"


def count_text(count: float | None) -> str:
    """A whole number with its thousands grouped."""
    return NOTHING if count is None else f"{round(count):,}"


def speed_text(documents_per_second: float | None) -> str:
    """A speed to two figures, because it wavers: “9,100”."""
    if not documents_per_second:
        return NOTHING
    step = 10 ** max(0, math.floor(math.log10(documents_per_second)) - 1)
    return f"{round(documents_per_second / step) * step:,.0f}"


def loss_text(loss: float) -> str:
    """A loss to three figures."""
    return f"{loss:.3g}"


def ratio_text(ratio: float | None) -> str:
    """How far off a forecast was: 1.17 is “+17 %”."""
    if ratio is None:
        return NOTHING
    percent = round(100 * (ratio - 1))
    return f"{'+' if percent > 0 else '−' if percent < 0 else '±'}{abs(percent)} %"


def off_text(ratio: float, is_long: bool) -> str:
    """How far off a forecast was, in words: “17 % over forecast”, “2.4 × the forecast”."""
    percent = round(100 * (ratio - 1))
    if ratio >= 2:
        return f"{ratio:.1f} × the forecast" if is_long else f"{ratio:.1f} × forecast"
    if percent == 0:
        return "as forecast"
    direction = "over" if percent > 0 else "under"
    return f"{abs(percent)} % {direction}{' forecast' if is_long else ''}"
