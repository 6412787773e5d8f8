"""How many processors torch may use while a window is up, and where it computes."""

from __future__ import annotations

import ctypes
import functools
import importlib.util
import os
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

DeviceKind = Literal["cpu", "cuda", "mps"]

_look_once = threading.Lock()
_known: KnownDevice | None = None


@dataclass(frozen=True)
class KnownDevice:
    """The device that “auto” means on this computer."""

    kind: DeviceKind
    name: str
    """What people call it: “NVIDIA H200”, “Apple graphics processor”, “CPU”."""


@functools.cache
def compute_threads() -> int:
    """Physical cores but one, which stays with the window; at least one.

    More threads than free cores make torch slower, because they spin while they wait.
    """
    cores = psutil.cpu_count(logical=False) or psutil.cpu_count() or 1
    return max(1, cores - 1)


def limit_torch_threads() -> None:
    """Tell torch and numpy, once, and find out what “auto” means; never for the window.

    Called by the first task that uses torch; a second lane waits until the first one is done.
    """
    global _known
    with _look_once:
        if _known is not None:
            return
        _load_largest_library()
        import torch

        torch.set_num_threads(compute_threads())
        _limit_linear_algebra()
        _known = _look()


def _limit_linear_algebra() -> None:
    """The same for numpy’s products, whose threads spin on for a while after each of them.

    With a million documents a slider’s move took half as long again, the window waiting for a core.
    """
    from threadpoolctl import ThreadpoolController

    for library in ThreadpoolController().select(user_api="blas").lib_controllers:
        library.set_num_threads(compute_threads())


def _load_largest_library() -> None:
    """Map torch's library before its import does, which would keep Python for itself meanwhile.

    The window stood still for 150 to 600 ms there, now for 100. Where it does not work nothing is
    lost: the import loads what is not there yet.
    """
    found = None if "torch" in sys.modules else importlib.util.find_spec("torch")
    if sys.platform != "linux" or found is None or found.origin is None:
        return
    library = Path(found.origin).parent / "lib" / "libtorch_cpu.so"
    # A foreign function called through ctypes lets other threads run; ctypes.CDLL does not.
    load = ctypes.CDLL(None).dlopen
    load.restype, load.argtypes = ctypes.c_void_p, (ctypes.c_char_p, ctypes.c_int)
    load(os.fsencode(library), os.RTLD_NOW)


def known_device() -> KnownDevice | None:
    """The device that “auto” means, or None while no task has loaded torch; never waits."""
    # Without the lock, which is held while torch loads: the value is whole or not there.
    return _known


def _look() -> KnownDevice:
    from saedesk.embedding.compute_device import choose_device

    kind = choose_device("auto")
    if kind == "cuda":
        return KnownDevice("cuda", _cuda_name())
    return KnownDevice(kind, "Apple graphics processor" if kind == "mps" else "CPU")


def _cuda_name() -> str:
    import torch

    try:
        return str(torch.cuda.get_device_name(0))
    except RuntimeError:
        # A card that is full or lost cannot be named; a task that needs it tells why.
        return "CUDA"
