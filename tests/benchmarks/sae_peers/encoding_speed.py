"""Documents encoded per second at the L shape, and the memory that a large corpus takes."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from benchmark_data import synthetic_rows
from markdown_table import markdown_table
from measures import seconds_of
from method import L, Setup, makers
from method_saedesk import Saedesk

ROWS = 16_384
"""A batch of HypotheSAEs' get_activations."""


def measure_encoding(
    device: str, libraries: Sequence[str], *, quick: bool, documents: int | None
) -> str:
    """A Markdown section."""
    rows, rounds = (4_096, 2) if quick else (ROWS, 5)
    vectors = synthetic_rows(rows, L.d_in).numpy()
    work = _encoders(vectors, device, libraries)
    taken: dict[str, list[float]] = defaultdict(list)
    for number in range(1 + rounds):
        for name, encode in work.items():
            seconds = seconds_of(encode, device)
            if number:
                taken[name].append(seconds)
    seconds_by_name = {name: statistics.median(found) for name, found in taken.items()}
    own = seconds_by_name["saedesk, encode"]
    table = [
        [name, f"{rows / seconds:,.0f}", f"{seconds / own:.1f}x", _output(name, rows)]
        for name, seconds in seconds_by_name.items()
    ]
    columns = ["", "documents/s", "time against saedesk", "output"]
    return "\n".join(
        [
            f"### Encoding at {L}\n",
            f"{rows:,} vectors of length 1, {rounds} rounds in turns, medians.\n",
            markdown_table(columns, table),
            _memory(documents or (20_000 if quick else 50_000), device),
        ]
    )


def _encoders(
    vectors: np.ndarray, device: str, libraries: Sequence[str]
) -> dict[str, Callable[[], object]]:
    tensor = torch.from_numpy(vectors)
    setup = Setup(L, tensor[:4_096].to(device), device)
    found: dict[str, Callable[[], object]] = {}
    if "HypotheSAEs" in libraries:
        hypothesaes = makers(["HypotheSAEs"])["HypotheSAEs"](setup).sae
        found["HypotheSAEs, get_activations"] = lambda: hypothesaes.get_activations(
            vectors, show_progress=False
        )
    if "SAELens" in libraries:
        found["SAELens, encode"] = _with_saelens(tensor, device)
    own = Saedesk(setup).sae()
    found["saedesk, encode"] = lambda: own.encode(vectors, device=device)
    return found


def _with_saelens(tensor: torch.Tensor, device: str) -> Callable[[], object]:
    from sae_lens import TopKSAE, TopKSAEConfig

    sae = TopKSAE(TopKSAEConfig(d_in=L.d_in, d_sae=L.n_latents, k=L.k, device=device))

    @torch.no_grad()
    def encode() -> list[torch.Tensor]:
        return [sae.encode(part.to(device)).cpu() for part in tensor.split(4_096)]

    return encode


def _output(name: str, rows: int) -> str:
    if name.startswith("saedesk"):
        return f"CSR, {rows * L.k * 8 / 1e6:,.0f} MB"
    return f"dense, {rows * L.n_latents * 4 / 1e6:,.0f} MB"


def _memory(documents: int, device: str) -> str:
    """A sentence; measured in a process of its own, so that nothing else is counted."""
    with tempfile.TemporaryDirectory(prefix="saedesk-encoding-") as folder:
        program = Path(__file__).with_name("encoding_memory.py")
        command = [sys.executable, str(program), folder, str(documents), device]
        command.append(str(torch.get_num_threads()))
        found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return (
        f"saedesk, {documents:,} documents from a mapped file of {found['file'] / 1e6:,.0f} MB "
        f"(float16), codes written to disk as they come ({found['codes'] / 1e6:,.0f} MB): peak "
        f"extra memory **{found['private'] / 1e6:,.0f} MB**"
        + (
            f", {found['resident'] / 1e6:,.0f} MB with the pages of the mapped file, which the "
            "system takes back when it needs them"
            if found["resident"] > found["private"]
            else ""
        )
        + f"; {documents / found['seconds']:,.0f} documents/s.\n"
    )
