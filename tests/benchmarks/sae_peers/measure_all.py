"""Runs the parts inside the environment of the benchmark, and puts the report together."""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import torch
from method import LIBRARIES

import saedesk

PEERS = {
    "HypotheSAEs": "hypothesaes",
    "SAELens": "sae-lens",
    "dictionary_learning": "dictionary-learning",
    "sparsify": "eai-sparsify",
}
"""Distributions by library."""


def measure_all(options: argparse.Namespace) -> None:
    """Print the report, part by part, and write it when a folder is given."""
    torch.set_num_threads(options.threads)
    for device in _devices(options.device):
        name = _device_name(device)
        stem = _stem(options, name)
        lines = []
        for section in _sections(options, device, name, stem):
            print(section, flush=True)
            lines.append(section)
        if stem is not None:
            path = stem.with_suffix(".md")
            path.write_text("\n".join(lines) + "\n", "utf-8")
            print(f"Written: {path}")


def _stem(options: argparse.Namespace, device_name: str) -> Path | None:
    """Folder and name of what is written; a part or a quick run never replaces a full report."""
    if options.output is None:
        return None
    options.output.mkdir(parents=True, exist_ok=True)
    slug = re.sub(r"[^a-z0-9]+", "-", device_name.lower()).strip("-")
    marks = [*(options.only or ()), *(["quick"] if options.quick else [])]
    return Path(options.output) / "-".join([slug, *marks])


def _libraries(options: argparse.Namespace) -> list[str]:
    return [name for name in LIBRARIES if name in (options.library or LIBRARIES)]


def _devices(chosen: str | None) -> list[str]:
    if chosen is not None:
        return [chosen]
    return ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]


def _sections(
    options: argparse.Namespace, device: str, name: str, stem: Path | None
) -> Iterator[str]:
    parts = options.only or ("speed", "quality", "encoding", "retrieval")
    data = Path(options.data) if options.data else None
    libraries = _libraries(options)
    yield _heading(name, device, options)
    if "speed" in parts:
        from training_speed import measure_training_speed

        yield measure_training_speed(data, device, libraries, quick=options.quick)
    if "quality" in parts and _has(data, "arxiv", "quality"):
        from training_quality import measure_quality

        assert data is not None
        yield measure_quality(
            data,
            device,
            libraries,
            quick=options.quick,
            minutes=options.minutes,
            curves=None if stem is None else stem.with_name(f"{stem.name}-curves"),
        )
    if "encoding" in parts:
        from encoding_speed import measure_encoding

        yield measure_encoding(device, libraries, quick=options.quick, documents=options.documents)
    if "retrieval" in parts and device == "cpu" and _has(data, "scifact", "retrieval"):
        from retrieval_fidelity import measure_retrieval

        assert data is not None
        cache = options.environment / "scifact-vectors"
        yield measure_retrieval(data, cache, quick=options.quick)


def _has(data: Path | None, corpus: str, part: str) -> bool:
    found = data is not None and (data / corpus).is_dir()
    if not found:
        print(f"({part} needs --data FOLDER with {corpus}/ in it)\n")
    return found


def _heading(name: str, device: str, options: argparse.Namespace) -> str:
    libraries = _libraries(options)
    about = [f"saedesk {saedesk.__version__}"]
    about += [f"{PEERS[name]} {version(PEERS[name])}" for name in libraries if name in PEERS]
    if "sparsify" in libraries:
        about.append(f"sparsify's decoder: {_sparsify_kernels()}")
    cores = f"{options.threads} threads of {os.cpu_count()} cores"
    today = datetime.datetime.now(datetime.UTC).date()
    kind = "quick run" if options.quick else "full run"
    return (
        f"## {name}\n\n"
        f"{cores if device == 'cpu' else 'CUDA ' + str(torch.version.cuda)}, torch "
        f"{torch.__version__}, {platform.system()}, Python {platform.python_version()}, {today}, "
        f"{kind}. {', '.join(about)}.\n"
    )


def _sparsify_kernels() -> str:
    import contextlib
    import io

    with contextlib.redirect_stdout(io.StringIO()):
        from sparsify.utils import decoder_impl
    return "Triton" if "triton" in decoder_impl.__name__ else "embedding_bag"


def _device_name(device: str) -> str:
    if device == "cuda":
        return torch.cuda.get_device_name()
    try:
        about = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    found = re.search(r"^model name\s*:\s*(.+)$", about, re.MULTILINE)
    return found[1].strip() if found else platform.machine()
