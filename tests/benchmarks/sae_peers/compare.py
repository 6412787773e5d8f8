"""saedesk's SAE engine beside HypotheSAEs, SAELens, dictionary_learning and sparsify.

    python tests/benchmarks/sae_peers/compare.py --data FOLDER
    python tests/benchmarks/sae_peers/compare.py --only speed --quick

Makes a virtual environment of its own with the peers in it (about 2 GB, once), then measures
there: milliseconds per training step, FVU and dead share after the same examples and after the
same seconds, documents encoded per second, memory for a large corpus, and how well retrieval
survives reconstruction. All methods take turns step by step in one process, so that a busy
machine slows all of them. FOLDER (or SAEDESK_DATA) holds `arxiv/` and `scifact/`; without it
only the parts that need no corpus are measured. Prints Markdown; `--output` also writes it, with
the curves, to tests/benchmarks/results/.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from benchmark_environment import DEFAULT_FOLDER, ready_environment

LIBRARIES = ("HypotheSAEs", "SAELens", "dictionary_learning", "sparsify", "saedesk")
PARTS = ("speed", "quality", "encoding", "retrieval")
CHECKOUT = Path(__file__).resolve().parents[3]


def parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", choices=PARTS, action="append", help="this part; may repeat")
    parser.add_argument("--quick", action="store_true", help="a few minutes, rougher numbers")
    parser.add_argument("--data", type=Path, default=os.environ.get("SAEDESK_DATA"))
    parser.add_argument("--environment", type=Path, default=DEFAULT_FOLDER)
    parser.add_argument("--threads", type=int, default=2, help="CPU threads for all (2)")
    parser.add_argument("--device", choices=("cpu", "cuda"), help="default: CPU, then CUDA if any")
    parser.add_argument("--minutes", type=float, help="training time of each method (1)")
    parser.add_argument("--documents", type=int, help="for the memory of encoding (50,000)")
    parser.add_argument(
        "--output",
        nargs="?",
        type=Path,
        const=CHECKOUT / "tests/benchmarks/results",
        help="folder for the report and the curves",
    )
    parser.add_argument("--library", choices=LIBRARIES, action="append", help="only these")
    parser.add_argument(
        "--inside", action="store_true", help="measure with this Python, which has the peers"
    )
    return parser.parse_args(arguments)


def main() -> None:
    options = parsed(sys.argv[1:])
    if options.inside:
        from measure_all import measure_all

        measure_all(options)
        return
    python = ready_environment(options.environment, CHECKOUT / "packaging/constraints.txt")
    surroundings = os.environ | {
        "PYTHONPATH": str(CHECKOUT),
        "OMP_NUM_THREADS": str(options.threads),
        "WANDB_MODE": "disabled",
        "TOKENIZERS_PARALLELISM": "false",
    }
    # No import may reach for the network: what is measured lies on this computer.
    surroundings |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    command = [str(python), str(Path(__file__).resolve()), *sys.argv[1:], "--inside"]
    sys.exit(subprocess.run(command, env=surroundings, check=False).returncode)


if __name__ == "__main__":
    main()
