"""On what a training computes, in words, and how fast that is."""

from __future__ import annotations

from saedesk.jobs.forecast_training import product_speed
from saedesk.session.torch_threads import compute_threads, known_device
from saedesk.task_control import TaskControl


def measure_product(_: TaskControl) -> float:
    """Measures the speed of this computer; called beside the window."""
    return product_speed()


def device_text(device: str) -> str:
    """“CPU, 7 threads”; “auto” is the CPU until a task has found out what it means."""
    known = known_device()
    if device == "auto" and known is not None and known.kind != "cpu":
        return known.name
    if device in ("cuda", "mps"):
        return {"cuda": "CUDA", "mps": "Apple graphics processor"}[device]
    threads = compute_threads()
    return f"CPU, {threads} thread{'s' if threads > 1 else ''}"
