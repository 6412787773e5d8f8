"""Counts, shares, activations and times as a report writes them; real minus signs throughout."""

from __future__ import annotations

from datetime import datetime

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def count_text(count: float) -> str:
    """ "30,000"."""
    return f"{round(count):,}".replace("-", "−")


def density_text(share: float) -> str:
    """A share of all documents: "1.64 %", "0.003 %", "0 %"."""
    percent = 100 * share
    if percent <= 0:
        return "0 %"
    if percent >= 0.05:
        return f"{percent:.2f} %"
    return f"{percent:.3f} %" if percent >= 0.0005 else "< 0.001 %"


def share_text(share: float) -> str:
    """A share of some documents: "46 %", "0.4 %"."""
    percent = 100 * share
    if 0 < percent < 0.95:
        return f"{percent:.1f} %" if percent >= 0.05 else "< 0.1 %"
    return f"{percent:.0f} %"


def decimal_text(value: float, decimals: int = 3) -> str:
    """A number with fixed decimals: "0.291"."""
    return f"{value:.{decimals}f}".replace("-", "−")


def activation_text(value: float) -> str:
    """An activation with about three significant digits: "0.291", "12.40"."""
    return decimal_text(value, 3 if abs(value) < 10 else 2 if abs(value) < 100 else 1)


def short_number_text(value: float) -> str:
    """A number as short as it can be said: "0.25", "1,000", "2e−05"."""
    if value != 0 and abs(value) < 1e-4:
        return f"{value:.0e}".replace("-", "−")
    return f"{value:,.6f}".rstrip("0").rstrip(".").replace("-", "−")


def duration_text(seconds: float) -> str:
    """ "15 s", "2 min 36 s", "1 h 5 min"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s" if whole else "under 1 s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes} min" if minutes else f"{hours:,} h"


def size_text(nbytes: int) -> str:
    """ "812 bytes", "34 kB", "4.7 MB", "1.2 GB"."""
    if nbytes < 1000:
        return f"{nbytes} bytes"
    unit, name = (1e3, "kB") if nbytes < 1e6 else (1e6, "MB") if nbytes < 1e9 else (1e9, "GB")
    value = nbytes / unit
    return f"{value:.1f} {name}" if value < 9.95 else f"{value:,.0f} {name}"


def day_text(created: str) -> str:
    """The day of an ISO time, as it stands there: "12 November 2026"; "" for no time."""
    moment = _moment(created)
    return "" if moment is None else f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"


def moment_text(created: str) -> str:
    """ "12 November 2026, 14:05 UTC"; "" for no time."""
    moment = _moment(created)
    return "" if moment is None else f"{day_text(created)}, {moment:%H:%M} UTC"


def _moment(created: str) -> datetime | None:
    try:
        return datetime.fromisoformat(created)
    except ValueError:
        return None


def date_field_text(iso: str) -> str:
    """A date field as a person reads it: "19 November 2009", "November 2009", "2009"."""
    parts = iso.split("-")
    if not 1 <= len(parts) <= 3 or not all(part.isascii() and part.isdigit() for part in parts):
        return iso
    numbers = [int(part) for part in parts]
    if len(numbers) == 1 or not 1 <= numbers[1] <= 12:
        return iso
    month = f"{MONTHS[numbers[1] - 1]} {numbers[0]}"
    return month if len(numbers) == 2 else f"{numbers[2]} {month}"


def field_title(name: str) -> str:
    """“primary_category” -> “Primary category”; names with capitals stay as they are."""
    if not name.islower():
        return name
    spaced = " ".join(name.replace("_", " ").split())
    return spaced[:1].upper() + spaced[1:] if spaced else name
