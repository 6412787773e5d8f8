"""Peak extra memory of `SparseAutoencoder.encode_chunks` over a mapped file; prints JSON.

python encoding_memory.py FOLDER DOCUMENTS DEVICE THREADS
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import torch
from benchmark_data import synthetic_rows
from method import L, Setup
from method_saedesk import Saedesk

SECONDS_BETWEEN_LOOKS = 0.01


class PeakMemory:
    """Most memory in use while it runs, above that at its start."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._stop = threading.Event()
        self._watcher = threading.Thread(target=self._watch)
        self.private = self.resident = 0
        """Bytes, without and with the pages of mapped files."""

    def __enter__(self) -> PeakMemory:
        self._start = self._now()
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._watcher.join()

    def _watch(self) -> None:
        while not self._stop.wait(SECONDS_BETWEEN_LOOKS):
            private, resident = self._now()
            self.private = max(self.private, private - self._start[0])
            self.resident = max(self.resident, resident - self._start[1])

    def _now(self) -> tuple[int, int]:
        about = self._process.memory_info()
        # Windows counts private bytes by itself; elsewhere shared pages are subtracted.
        private = getattr(about, "private", about.rss - getattr(about, "shared", 0))
        return private, about.rss


def main(folder: Path, documents: int, device: str, threads: int) -> None:
    torch.set_num_threads(threads)
    path = folder / "vectors.npy"
    _write_vectors(path, documents)
    sae = Saedesk(Setup(L, synthetic_rows(4_096, L.d_in).to(device), device)).sae()
    for _ in sae.encode_chunks(synthetic_rows(4_096, L.d_in).numpy(), device=device):
        pass  # What a first use allocates once is not what a large corpus costs.
    vectors = np.load(path, mmap_mode="r", allow_pickle=False)
    started = time.perf_counter()
    with PeakMemory() as peak, (folder / "codes").open("wb") as file:
        for chunk in sae.encode_chunks(vectors, device=device):
            for array in (chunk.counts, chunk.latents, chunk.values):
                file.write(np.ascontiguousarray(array).data)
    seconds = time.perf_counter() - started
    report = {
        "file": path.stat().st_size,
        "codes": (folder / "codes").stat().st_size,
        "private": peak.private,
        "resident": peak.resident,
        "seconds": seconds,
    }
    print(json.dumps(report))


def _write_vectors(path: Path, documents: int) -> None:
    """The same few thousand rows again and again: what they say does not change the memory."""
    some = synthetic_rows(8_192, L.d_in).numpy().astype(np.float16)
    shape = (documents, L.d_in)
    stored = np.lib.format.open_memmap(path, mode="w+", dtype=np.float16, shape=shape)
    for start in range(0, documents, len(some)):
        part = stored[start : start + len(some)]
        part[:] = some[: len(part)]
    stored.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
