"""Where an embedding model runs."""

from __future__ import annotations

from saedesk.embedding.text_model import Device
from saedesk.errors import BadSetting

DEVICE_CHOICES = ("auto", "cpu", "cuda", "mps")


def choose_device(wanted: str = "auto") -> Device:
    """The device for `wanted`; "auto" takes CUDA, then Apple's MPS, then the CPU.

    Raises BadSetting for a name that is none and for a device this computer does not have.
    """
    if wanted not in DEVICE_CHOICES:
        raise BadSetting(
            f"The device “{wanted}” is unknown: choose one of {', '.join(DEVICE_CHOICES)}."
        )
    if wanted == "cpu":
        return "cpu"
    import torch

    if torch.cuda.is_available() and wanted in {"auto", "cuda"}:
        return "cuda"
    if torch.backends.mps.is_available() and wanted in {"auto", "mps"}:
        return "mps"
    if wanted == "auto":
        return "cpu"
    names = {"cuda": "graphics processor that CUDA can use", "mps": "Apple graphics processor"}
    raise BadSetting(
        f"The device “{wanted}” was asked for, but this computer has no {names[wanted]}: "
        "choose “auto” or “cpu”."
    )
