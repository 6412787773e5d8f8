"""Milliseconds from a query to ranked rows: exact, by index, and one plain matrix product.

    python tests/benchmarks/search_speed.py --rows 30000 300000

With SAEDESK_DATA naming a folder of corpora, sizes up to 30,000 use the arXiv vectors there, else
synthetic clusters. The ways of searching take turns query by query, so that a busy machine slows
all of them. "First touch" is a plan whose features were not moved before, "drag" the next
position of one slider. The steering directions are differences of documents from the mean.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np

from saedesk.search.explanation import explain
from saedesk.search.hnsw_index import INDEX_FILE, GuardedHnswIndex, build_index
from saedesk.search.query_features import QueryFeatures, SteeredQuery, steer, take_apart
from saedesk.search.steering_plan import SteeringPlan
from saedesk.search.vector_search import Hits, VectorSearch
from saedesk.task_control import Unattended

ARXIV = "arxiv/arxiv_ml_astro_30k.minilm.f16.npy"
FEATURES = 512
PLANS = {"plain": (), "1 x 0.5": (0.5,), "1 x -0.5": (-0.5,), "5 x 0.7": (0.7,) * 5}


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


def load_vectors(rows: int, width: int) -> tuple[np.ndarray, str]:
    """(rows, width) float32 at length 1, and where they are from."""
    arxiv = Path(os.environ.get("SAEDESK_DATA", "/nowhere")) / ARXIV
    if rows <= 30_000 and width == 384 and arxiv.is_file():
        vectors = np.load(arxiv, mmap_mode="r", allow_pickle=False)[:rows]
        return unit(np.asarray(vectors, np.float32)), "arXiv abstracts"
    random = np.random.default_rng(0)
    centres = unit(random.standard_normal((max(20, rows // 300), width)))
    vectors = np.empty((rows, width), np.float32)
    for start in range(0, rows, 20_000):
        part = vectors[start : start + 20_000]
        noise = random.standard_normal(part.shape, dtype=np.float32) * np.float32(width**-0.5)
        part[:] = unit(centres[random.integers(len(centres), size=len(part))] + noise)
    return vectors, "synthetic clusters"


class Timings:
    """Milliseconds by name, printed as p50 and p95."""

    def __init__(self) -> None:
        self._taken: dict[str, list[float]] = defaultdict(list)

    def measure(self, name: str, call: Callable[[], object]) -> object:
        start = time.perf_counter()
        result = call()
        self._taken[name].append((time.perf_counter() - start) * 1e3)
        return result

    def print(self, baseline: str) -> None:
        reference = float(np.median(self._taken[baseline]))
        for name, taken in self._taken.items():
            p50, p95 = np.percentile(taken, [50, 95])
            print(f"  {name:44} {p50:9.2f} {p95:9.2f} {p50 / reference:8.2f}x")


def measure(rows: int, width: int, queries: int, count: int, with_index: bool) -> None:
    vectors, source = load_vectors(rows, width)
    print(f"\n{len(vectors):,} x {width}, {source}, {queries} queries a plan, top {count}")
    random = np.random.default_rng(1)
    mean = vectors.mean(axis=0)
    decoder = unit(vectors[random.integers(len(vectors), size=FEATURES)] - mean)
    exact = VectorSearch(vectors)
    with tempfile.TemporaryDirectory() as folder:
        indexed = _indexed(vectors, Path(folder)) if with_index else None
        timings = Timings()
        recall: dict[str, list[float]] = defaultdict(list)
        for number in range(queries):
            noise = 0.3 * random.standard_normal(width) * width**-0.5
            q = unit(vectors[random.integers(len(vectors))] + noise)
            latents = random.choice(FEATURES, size=5, replace=False)
            warm_up = Timings() if number == 0 else timings
            _one_query(q, latents, decoder, vectors, exact, indexed, count, warm_up, recall)
    print(f"  {'milliseconds':44} {'p50':>9} {'p95':>9}  to one product")
    timings.print("numpy: one product and top")
    for name, found in recall.items():
        print(f"  recall@10 of the index, {name:20} {np.mean(found):.3f}")


def _indexed(vectors: np.ndarray, folder: Path) -> VectorSearch:
    start = time.perf_counter()
    threads = os.cpu_count() or 1
    about = build_index(
        vectors, folder / INDEX_FILE, Unattended(), vectors_hash="benchmark", threads=threads
    )
    built = time.perf_counter()
    index = GuardedHnswIndex.open(folder, dim=about.dim, rows=about.rows, vectors_hash="benchmark")
    print(
        f"  index: built in {built - start:.1f} s by {threads} threads, "
        f"{about.bytes / 1e6:.0f} MB, opened in {time.perf_counter() - built:.2f} s"
    )
    return VectorSearch(vectors, index=index)


def _one_query(
    q: np.ndarray,
    latents: np.ndarray,
    decoder: np.ndarray,
    vectors: np.ndarray,
    exact: VectorSearch,
    indexed: VectorSearch | None,
    count: int,
    timings: Timings,
    recall: dict[str, list[float]],
) -> None:
    query = take_apart(q, latents[:2], np.array([0.3, 0.2]), decoder)
    for name, strengths in PLANS.items():
        latents = latents[::-1]  # so that no plan finds its first feature touched by the last
        plan = SteeringPlan(tuple((int(i), u) for i, u in zip(latents, strengths, strict=False)))
        steered = steer(query, plan, decoder)
        timings.measure("numpy: one product and top", lambda s=steered: _product(vectors, s, count))
        hits = timings.measure(
            f"exact, first touch, {name}", lambda s=steered: exact.search(s, decoder, count)
        )
        if strengths:
            timings.measure(
                f"exact, drag, {name}", lambda p=plan: _drag(p, query, decoder, exact, count)
            )
        if indexed is not None:
            found = timings.measure(
                f"index and exact scores, {name}",
                lambda s=steered: indexed.search(s, decoder, count),
            )
            wanted = set(hits.rows[:10].tolist())
            recall[name].append(len(wanted & set(found.rows[:10].tolist())) / len(wanted))
    timings.measure("ranks of all rows before steering", lambda: exact.plain_ranks(query, [0]))
    timings.measure(
        f"explanation of {count} results, 5 x 0.7",
        lambda: explain(hits, steered, decoder, exact),
    )


def _product(vectors: np.ndarray, steered: SteeredQuery, count: int) -> np.ndarray:
    scores = vectors @ steered.vector
    top = np.argpartition(-scores, count)[:count]
    return top[np.argsort(-scores[top])]


def _drag(
    plan: SteeringPlan,
    query: QueryFeatures,
    decoder: np.ndarray,
    exact: VectorSearch,
    count: int,
) -> Hits:
    latent, u = plan.strengths[0]
    return exact.search(steer(query, plan.with_strength(latent, u * 1.1), decoder), decoder, count)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[30_000])
    parser.add_argument("--width", type=int, default=384)
    parser.add_argument("--queries", type=int, default=40)
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--no-index", action="store_true", help="exact search only")
    options = parser.parse_args()
    for rows in options.rows:
        measure(rows, options.width, options.queries, options.count, not options.no_index)


if __name__ == "__main__":
    main()
