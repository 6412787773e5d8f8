"""Shares, activations and dates as a person reads them."""

from __future__ import annotations

from datetime import UTC, datetime

_MONTHS = (
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


def activation_text(value: float) -> str:
    """An activation with about three significant digits: "0.291", "12.40"."""
    decimals = 3 if abs(value) < 10 else 2 if abs(value) < 100 else 1
    return f"{value:.{decimals}f}".replace("-", "\u2212")


def cosine_text(value: float) -> str:
    """A cosine with two decimals and a real minus sign."""
    return f"{value:.2f}".replace("-", "\u2212")


def documents_text(count: int) -> str:
    """ "1 document", "9 documents"."""
    return f"{count:,} document" + ("" if count == 1 else "s")


def day_text(created: str, now: datetime | None = None) -> str:
    """The day of an ISO time, in local time, with the year unless it is this one; "" for none."""
    try:
        moment = datetime.fromisoformat(created)
    except ValueError:
        return ""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    local, today = moment.astimezone(), (now or datetime.now(UTC)).astimezone()
    year = "" if local.year == today.year else f" {local.year}"
    return f"{local.day} {_MONTHS[local.month - 1]}{year}"


def date_text(iso: str) -> str:
    """A date field as a person reads it: "19 November 2009", "November 2009", "2009"."""
    parts = iso.split("-")
    if not 1 <= len(parts) <= 3 or not all(part.isascii() and part.isdigit() for part in parts):
        return iso
    numbers = [int(part) for part in parts]
    if len(numbers) == 1:
        return parts[0]
    if not 1 <= numbers[1] <= 12:
        return iso
    month = f"{_MONTHS[numbers[1] - 1]} {numbers[0]}"
    return month if len(numbers) == 2 else f"{numbers[2]} {month}"
