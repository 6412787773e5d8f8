"""How fast texts are embedded, how faithful the vectors are, and how soon the first query is.

    SAEDESK_DATA=... python tests/benchmarks/embedding_speed.py [--texts 256] [--rounds 5]
                                                               [--threads 2] [--faithful 2000]

sentence-transformers' `encode` with its defaults (batches of 32), the float32 road and the
bfloat16 road read the same abstracts in one process with the same number of threads. They take
turns, so that a busy machine slows all of them; a ratio is the median over the rounds. Both
numbers of time are given: on the clock, and of the processors' work. The first query is measured
in processes of their own: from their start to a query's vector.
Goals: bfloat16 to the default at least 2.5 where the processor has it, float32 to the default at
least 1.2, lowest cosine at least 0.9999 over 2,000 abstracts, first query under 1.5 s.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import platform
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
FIRST_QUERY = "dark matter in dwarf galaxies"
ROADS = ("default", "float32", "bfloat16")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--faithful", type=int, default=2000, help="texts compared; 0: none")
    parser.add_argument("--first-query", choices=("numpy", "torch"), help=argparse.SUPPRESS)
    parser.add_argument("--started", type=float, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    sys.path.insert(0, str(CHECKOUT))
    if chosen.first_query:
        answer_first_query(chosen.first_query, chosen.started)
        return 0
    print_first_queries(chosen.rounds)
    print_speed(chosen)
    return 0


# -- the first query, in a process of its own ----------------------------------------------------


def answer_first_query(road: str, started: float) -> None:
    """Find the model, load it, embed a query; tells the seconds since the process was started."""
    from saedesk.embedding.model_catalogue import DEFAULT_MODEL, resolve_model

    model = resolve_model(DEFAULT_MODEL)
    if road == "numpy":
        from saedesk.embedding.query_encoder import load_query_encoder

        load_query_encoder(model).encode_query(FIRST_QUERY)
    else:
        from saedesk.embedding.sentence_encoder import SentenceEncoder

        SentenceEncoder.load(model, "cpu").encode_query(FIRST_QUERY)
    told = {"seconds": time.time() - started, "work": time.process_time()}
    print(json.dumps(told | {"torch": "torch" in sys.modules}))


def print_first_queries(rounds: int) -> None:
    """Both ways in turn; the first round, which warms the disk, does not count."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    for number in range(rounds + 1):
        for road in ("numpy", "torch"):
            words = [sys.executable, __file__, "--first-query", road, "--started"]
            done = subprocess.run(
                [*words, repr(time.time())],
                capture_output=True,
                text=True,
                env={**kept, "PYTHONPATH": str(CHECKOUT)},
                check=True,
            )
            if number:
                found[road].append(json.loads(done.stdout))
    print(f"first query from cold, {rounds} processes each, load {os.getloadavg()[0]:.1f}")
    names = {"numpy": "as in the program (numpy)", "torch": "for comparison, with torch"}
    for road, told in found.items():
        seconds = [one["seconds"] for one in told]
        work = median(one["work"] for one in told)
        print(
            f"  {names[road]:<28}median {median(seconds):.2f} s, least {min(seconds):.2f}, "
            f"most {max(seconds):.2f}; processor's work {work:.2f} s; "
            f"torch loaded: {told[0]['torch']}"
        )
    print("  goal: under 1.5 s")


# -- many texts ----------------------------------------------------------------------------------


def abstracts(count: int) -> list[str]:
    """The first `count` abstracts of the arXiv file under SAEDESK_DATA."""
    folder = os.environ.get("SAEDESK_DATA")
    if not folder:
        raise SystemExit("Set SAEDESK_DATA to the folder of data sets.")
    path = Path(folder) / "arxiv" / "arxiv_ml_astro_30k.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        rows = islice(csv.DictReader(stream), count)
        return [f"{row['title']}. {row['abstract']}" for row in rows]


def roads() -> dict[str, Callable[[list[str]], Any]]:
    """What turns texts into vectors, by name."""
    from saedesk.embedding.model_catalogue import DEFAULT_MODEL, resolve_model
    from saedesk.embedding.sentence_encoder import SentenceEncoder

    model = resolve_model(DEFAULT_MODEL)
    from sentence_transformers import SentenceTransformer

    default = SentenceTransformer(str(model.folder), device="cpu", local_files_only=True)
    float32 = SentenceEncoder.load(model, "cpu", "float32")
    bfloat16 = SentenceEncoder.load(model, "cpu", "bfloat16")
    started = time.perf_counter()
    auto = SentenceEncoder.load(model, "cpu", "auto")
    print(f"chosen here: {auto.precision}, loaded in {time.perf_counter() - started:.2f} s")
    return {
        "default": lambda texts: default.encode(texts, show_progress_bar=False),
        "float32": lambda texts: float32.encode(texts).vectors,
        "bfloat16": lambda texts: bfloat16.encode(texts).vectors,
    }


def print_speed(chosen: argparse.Namespace) -> None:
    """Texts a second of each road in turns, and the lowest cosines."""
    import torch

    torch.set_num_threads(chosen.threads)
    print(f"{processor()}, {torch.get_num_threads()} threads, torch {torch.__version__}")
    encoders = roads()
    texts = abstracts(max(chosen.texts, chosen.faithful))
    some = texts[: chosen.texts]
    for encode in encoders.values():
        encode(some[:64])
    clock: dict[str, list[float]] = defaultdict(list)
    work: dict[str, list[float]] = defaultdict(list)
    for _ in range(chosen.rounds):
        for name, encode in encoders.items():
            started = time.perf_counter(), time.process_time()
            encode(some)
            clock[name].append(time.perf_counter() - started[0])
            work[name].append(time.process_time() - started[1])
    print(f"{len(some)} abstracts, {chosen.rounds} rounds, load {os.getloadavg()[0]:.1f}")
    print(f"  {'':<10}{'texts/s':>10}{'least':>8}{'most':>8}{'ratio':>8}{'of work':>9}")
    for name in ROADS:
        rates = [len(some) / seconds for seconds in clock[name]]
        ratio, of_work = (
            median(a / b for a, b in zip(taken["default"], taken[name], strict=True))
            for taken in (clock, work)
        )
        print(
            f"  {name:<10}{median(rates):>10.1f}{min(rates):>8.1f}{max(rates):>8.1f}"
            f"{ratio:>8.2f}{of_work:>9.2f}"
        )
    print("  goal: bfloat16 at least 2.50, float32 at least 1.20")
    if chosen.faithful:
        print_faithfulness(encoders, texts[: chosen.faithful])


def print_faithfulness(encoders: dict[str, Callable[[list[str]], Any]], texts: list[str]) -> None:
    """Lowest cosine of bfloat16 to float32, and of float32 to sentence-transformers."""
    from saedesk.embedding.precision_choice import lowest_cosine

    vectors = encoders["float32"](texts)
    lowest = lowest_cosine(encoders["bfloat16"](texts), vectors)
    few = texts[:128]
    own = lowest_cosine(vectors[: len(few)], encoders["default"](few))
    print(f"lowest cosine of bfloat16 to float32, {len(texts)} texts: {lowest:.6f} (goal: 0.9999)")
    print(f"lowest cosine of float32 to the default, {len(few)} texts: {own:.9f}")


def processor() -> str:
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    sys.exit(main())
