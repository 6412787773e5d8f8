"""What a field of the documents is called wherever a person reads it."""

from __future__ import annotations


def shown_name(field: str) -> str:
    """“primary_category” -> “Primary category”; names with capitals stay as they are."""
    if not field.islower():
        return field
    spaced = " ".join(field.replace("_", " ").split())
    for short in ("num ", "n "):
        if spaced.startswith(short):
            spaced = f"number of {spaced.removeprefix(short)}"
    return spaced[:1].upper() + spaced[1:] if spaced else field
