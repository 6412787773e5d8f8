"""Which device trains and encodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from saedesk.errors import BadSetting

if TYPE_CHECKING:
    from torch import device as Device

DEVICES = ("auto", "cpu", "cuda", "mps")


def choose_device(wanted: str = "auto") -> Device:
    """The torch device for "auto", "cpu", "cuda" or "mps"; raises BadSetting if it is not there."""
    import torch

    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if wanted == "auto":
        return torch.device(next(name for name, usable in there.items() if usable))
    if wanted not in there:
        raise BadSetting(f"There is no device “{wanted}”. There are: {', '.join(DEVICES)}.")
    if not there[wanted]:
        raise BadSetting(
            f"This computer has no {wanted.upper()} device that torch can use. Choose cpu or auto."
        )
    return torch.device(wanted)
