"""Shares, activations and dates as a person reads them."""

from __future__ import annotations

from datetime import UTC, datetime

from saedesk.report.number_texts import MONTHS, decimal_text
from saedesk.report.number_texts import activation_text as activation_text
from saedesk.report.number_texts import density_text as density_text
from saedesk.report.number_texts import share_text as share_text


def cosine_text(value: float) -> str:
    """A cosine with two decimals and a real minus sign."""
    return decimal_text(value, 2)


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
    return f"{local.day} {MONTHS[local.month - 1]}{year}"


def moment_text(created: str, now: datetime | None = None) -> str:
    """The day and the time of an ISO time: "12 November, 14:03"; "" for none."""
    day = day_text(created, now)
    if not day:
        return ""
    moment = datetime.fromisoformat(created)
    local = (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).astimezone()
    return f"{day}, {local:%H:%M}"


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
    month = f"{MONTHS[numbers[1] - 1]} {numbers[0]}"
    return month if len(numbers) == 2 else f"{numbers[2]} {month}"
