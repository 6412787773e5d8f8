"""420,000 vectors of 1,536 numbers, 2.6 GB on disk: looked at and stored in a few hundred MB."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

ROWS, DIMENSIONS = 420_000, 1_536
MOST_BYTES = 500_000_000

MEASURED = """
import json, sys, threading, time
from pathlib import Path
import psutil
from saedesk.jobs import import_vectors
from saedesk.jobs.import_vectors import ImportVectorsRequest
from saedesk.project.project_folder import Project
from saedesk.task_control import Unattended

process, peak, ended = psutil.Process(), [0], threading.Event()

def watch():
    while not ended.wait(0.02):
        peak[0] = max(peak[0], process.memory_info().rss)

thread = threading.Thread(target=watch)
thread.start()
seconds = []
with Project.create(Path(sys.argv[1])) as project:
    request = ImportVectorsRequest(Path(sys.argv[2]), unusable="drop")
    started = time.monotonic()
    seen = import_vectors.preview(project, request, Unattended())
    seconds.append(time.monotonic() - started)
    started = time.monotonic()
    result = import_vectors.run(project, request, Unattended())
    seconds.append(time.monotonic() - started)
ended.set()
thread.join()
print(json.dumps({
    "peak": peak[0], "seconds": seconds, "stored": result.stored, "dropped": result.dropped,
    "zero": len(seen.zero_rows), "nan": seen.nan_rows.tolist(),
    "duplicates": len(seen.duplicate_rows),
}))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that is emptied at once: the next runs would keep its 5 GB otherwise."""
    yield tmp_path
    shutil.rmtree(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_file_larger_than_its_memory_is_imported(order: str, folder: Path) -> None:
    """The file is sparse: a few rows are written, of the others only some numbers."""
    path = folder / "vectors.npy"
    array = np.lib.format.open_memmap(
        path, "w+", np.float32, (ROWS, DIMENSIONS), fortran_order=order == "F"
    )
    generator = np.random.default_rng(0)
    if order == "C":
        # A number in every row, so that all are different; a page of 4 KB each.
        array[:, 0] = np.arange(1, ROWS + 1)
        array[1_000:1_100] = generator.standard_normal((100, DIMENSIONS))
    else:
        array[:, 5] = np.arange(1, ROWS + 1)
    array[7] = 0
    array[99, 3] = np.nan
    array[200_000] = array[199_999]
    del array
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(folder / "large.saedesk"), str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    print(order, f"peak {told['peak'] / 1e6:.0f} MB, seconds {told['seconds']}")  # noqa: T201
    assert told["zero"] == 1
    assert told["nan"] == [99]
    assert told["duplicates"] == 1
    assert (told["stored"], told["dropped"]) == (ROWS - 2, 2)
    assert told["peak"] < MOST_BYTES
    stored = np.load(next((folder / "large.saedesk" / "vectors").glob("*/vectors.npy")), "r")
    source = np.load(path, "r")
    for row, place in ((0, 0), (8, 7), (1_050, 1_048), (ROWS - 1, ROWS - 3)):
        np.testing.assert_array_equal(stored[place], source[row])
