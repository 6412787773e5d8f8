"""What the window may know of the device before, while and after a task loads torch."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import types

import pytest
from pytestqt.qtbot import QtBot

from saedesk.embedding.compute_device import choose_device
from saedesk.session import torch_threads
from saedesk.session.session import Session
from saedesk.session.torch_threads import KnownDevice, known_device, limit_torch_threads
from saedesk.task_control import TaskControl

SECONDS = 60_000


def _use_torch(_: TaskControl) -> None:
    limit_torch_threads()


def test_it_is_unknown_before_a_task_and_asking_loads_nothing() -> None:
    code = (
        "import sys\n"
        "from saedesk.session.torch_threads import known_device\n"
        "assert known_device() is None\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_it_is_known_after_a_task_in_the_lane(
    empty_session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch_threads, "_known", None)
    task = empty_session.run("Work", _use_torch)
    with qtbot.waitSignal(task.ended, timeout=SECONDS):
        pass
    import torch

    device = known_device()
    assert device is not None
    assert device.kind == choose_device("auto")
    assert device.name
    assert torch.get_num_threads() == torch_threads.compute_threads()


def test_products_of_numpy_leave_a_core_to_the_window_too() -> None:
    code = (
        "import numpy, threadpoolctl\n"
        "from saedesk.session import torch_threads\n"
        "def numbers():\n"
        "    found = threadpoolctl.threadpool_info()\n"
        "    return {one['num_threads'] for one in found if one['user_api'] == 'blas'}\n"
        "assert numbers() == {2}, numbers()\n"
        "torch_threads.compute_threads = lambda: 1\n"
        "torch_threads.limit_torch_threads()\n"
        "assert numbers() == {1}, numbers()\n"
    )
    # As many as on two cores, whatever this computer has.
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


def test_asking_does_not_wait_while_torch_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_threads, "_known", None)
    # What another thread sees of a module that is still being imported.
    monkeypatch.setitem(sys.modules, "torch", types.ModuleType("torch"))
    answers: list[KnownDevice | None] = []
    with torch_threads._look_once:
        asking = threading.Thread(target=lambda: answers.append(known_device()))
        asking.start()
        asking.join(timeout=5)
        assert answers == [None]


def test_a_card_that_cannot_be_named_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    def lost(_: int) -> str:
        raise RuntimeError("CUDA out of memory")

    monkeypatch.setattr(torch_threads, "_known", None)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lost)
    limit_torch_threads()
    assert known_device() == KnownDevice("cuda", "CUDA")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux loads the library ahead")
def test_the_large_library_is_there_before_torch_is_imported() -> None:
    """Its import would let no other thread run while it loads."""
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from saedesk.session import torch_threads\n"
        "mapped = lambda: 'libtorch_cpu' in Path('/proc/self/maps').read_text()\n"
        "assert not mapped()\n"
        "torch_threads._load_largest_library()\n"
        "assert mapped() and 'torch' not in sys.modules\n"
        "torch_threads.limit_torch_threads()\n"
        "import torch\n"
        "assert torch.ones(3).sum() == 3\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
