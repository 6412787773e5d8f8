"""From a query to ranked ids in a large corpus: the index, hnswlib alone, one numpy product.

    python tests/benchmarks/large_search.py 1000000x384 420000x1536 --folder ROOM

The vectors are invented (`invented_vectors`) and streamed to ROOM as float16, read from there as a
project would map them. All ways of searching take turns query by query, so that a busy machine
slows all of them. Steered queries have 1 to 5 features added at strengths .3 to 1, some downwards.
Where --graph names a shape, hnswlib's graph is built (or found in ROOM) and asked by itself, at
several ef. Recall at 10 is counted against the numpy product with all vectors in single precision.
The results are written to --results.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from saedesk.search.hnsw_index import DESCRIPTION_FILE, INDEX_FILE, GuardedHnswIndex, build_index
from saedesk.search.index_building import IndexSettings, build_search_index
from saedesk.search.index_description import ABOUT_FILE
from saedesk.search.query_features import SteeredQuery, steer, take_apart
from saedesk.search.search_index import SearchIndex
from saedesk.search.steering_plan import SteeringPlan
from saedesk.search.vector_search import VectorSearch
from saedesk.task_control import Unattended
from tests.benchmarks.invented_vectors import ROWS_AT_ONCE, InventedVectors, unit

FEATURES = 512
PLANS = {
    "plain": (),
    "1 x 0.3": (0.3,),
    "1 x 1.0": (1.0,),
    "1 x -0.5": (-0.5,),
    "3 x mixed": (0.5, -0.7, 0.6),
    "5 x 0.7": (0.7,) * 5,
    "5 x 1.0": (1.0,) * 5,
}
PASSING = (0.5, 0.1, 0.02, 0.005, 0.0005)
NAME = "benchmark"


class Table:
    """Milliseconds and recall by name of what was asked and of the way it was answered."""

    def __init__(self) -> None:
        self._taken: dict[tuple[str, str], list[float]] = defaultdict(list)
        self._recall: dict[tuple[str, str], list[float]] = defaultdict(list)

    def measure(
        self, asked: str, way: str, call: Callable[[], np.ndarray], truth: np.ndarray | None = None
    ) -> np.ndarray:
        """Call and note the time; with `truth` (10,) the recall, too."""
        start = time.perf_counter()
        rows = call()
        self._taken[asked, way].append((time.perf_counter() - start) * 1e3)
        if truth is not None:
            self._recall[asked, way].append(float(np.isin(truth, rows[:10]).mean()))
        return rows

    def lines(self, product: str, graph: str) -> list[str]:
        """A Markdown table: median, p95, how often as fast as the product and as the graph."""
        lines = [
            "| query | way | median ms | p95 ms | recall@10 | numpy / this | hnswlib / this |",
            "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
        ]
        for (asked, way), taken in self._taken.items():
            middle, late = np.percentile(taken, [50, 95])
            recall = self._recall.get((asked, way))
            share = "" if recall is None else f"{np.mean(recall):.4f}"
            cells = [f"{middle:.2f}", f"{late:.2f}", share]
            for other in (product, graph):
                reference = self._taken.get((asked, other))
                ratio = "" if reference is None else f"{np.median(reference) / middle:.1f}"
                cells.append(ratio)
            lines.append(f"| {asked} | {way} | " + " | ".join(cells) + " |")
        return lines


class Corpus:
    """The vectors of one shape, their index, and hnswlib's graph where it is wanted."""

    def __init__(self, rows: int, width: int, room: Path, with_graph: bool) -> None:
        self.world = InventedVectors(rows, width)
        file = room / f"{rows}x{width}.npy"
        if file.is_file():
            self.vectors = np.load(file, mmap_mode="r", allow_pickle=False)
        else:
            self.vectors = self.world.write(file)
        self.single = np.empty((rows, width), np.float32)
        for start in range(0, rows, ROWS_AT_ONCE):
            piece = slice(start, start + ROWS_AT_ONCE)
            self.single[piece] = unit(np.asarray(self.vectors[piece], np.float32))
        self.notes: list[str] = []
        self.search = VectorSearch(self.vectors, index=self._index(room / f"index-{rows}x{width}"))
        graph = room / f"graph-{rows}x{width}"
        self.graph = self._graph(graph) if with_graph else None

    def _index(self, folder: Path) -> SearchIndex:
        rows, width = self.vectors.shape
        folder.mkdir(exist_ok=True)
        if not (folder / ABOUT_FILE).is_file():
            start = time.perf_counter()
            settings = IndexSettings(graph=False, threads=os.cpu_count() or 1)
            build_search_index(
                self.vectors, folder, Unattended(), vectors_hash=NAME, settings=settings
            )
            self.notes.append(f"index built in {time.perf_counter() - start:.0f} s")
        start = time.perf_counter()
        index = SearchIndex.open(folder, dim=width, rows=rows, vectors_hash=NAME)
        about = index.about
        self.notes.append(
            f"{about.bytes / 1e6:.0f} MB, opened in {time.perf_counter() - start:.2f} s; codes of "
            f"{about.head} + {about.tail} bytes, {about.candidates:,} candidates; measured when "
            f"built: recall {about.recall_plain:.4f} plain, {about.recall_steered:.4f} steered"
        )
        return index

    def _graph(self, folder: Path) -> GuardedHnswIndex:
        rows, width = self.vectors.shape
        folder.mkdir(exist_ok=True)
        if not (folder / DESCRIPTION_FILE).is_file():
            start = time.perf_counter()
            threads = os.cpu_count() or 1
            file = folder / INDEX_FILE
            build_index(self.vectors, file, Unattended(), vectors_hash=NAME, threads=threads)
            self.notes.append(f"hnswlib's graph built in {time.perf_counter() - start:.0f} s")
        return GuardedHnswIndex.open(folder, dim=width, rows=rows, vectors_hash=NAME)


def measure(corpus: Corpus, queries: int) -> Table:
    """Every plan and every filter for so many queries."""
    random = np.random.default_rng(7)
    rows = len(corpus.vectors)
    decoder = corpus.world.features(corpus.vectors[np.sort(random.choice(rows, FEATURES, False))])
    starts = corpus.world.queries(corpus.vectors[random.integers(rows, size=queries + 2)])
    filters = {share: random.random(rows) < share for share in PASSING}
    table, warm_up = Table(), Table()
    for number, start in enumerate(starts):
        noted = warm_up if number < 2 else table
        query = take_apart(start, [], [], decoder)
        for asked, strengths in PLANS.items():
            latents = random.choice(FEATURES, size=len(strengths), replace=False)
            plan = SteeringPlan(tuple(zip(latents.tolist(), strengths, strict=True)))
            steered = steer(query, plan, decoder)
            scores = _one_query(corpus, noted, asked, steered, decoder)
        for share, allowed in filters.items():
            _filtered(
                corpus, noted, f"5 x 1.0, {share:.2%} pass", steered, decoder, scores, allowed
            )
    return table


def _one_query(
    corpus: Corpus, table: Table, asked: str, steered: SteeredQuery, decoder: np.ndarray
) -> np.ndarray:
    scores: list[np.ndarray] = []

    def product() -> np.ndarray:
        scores.append(corpus.single @ steered.vector)
        top = np.argpartition(-scores[0], 10)[:10]
        return top[np.argsort(-scores[0][top])]

    truth = table.measure(asked, "numpy product", product)
    if corpus.graph is not None:
        graph = corpus.graph
        for ef in (200, 1_000, 4_000):
            way = f"hnswlib, ef {ef:,}"
            table.measure(asked, way, lambda ef=ef: graph.query(steered.vector, 10, ef)[0], truth)
    search = corpus.search
    table.measure(asked, "index", lambda: search.search(steered, decoder, 10).rows, truth)
    return scores[0]


def _filtered(
    corpus: Corpus,
    table: Table,
    asked: str,
    steered: SteeredQuery,
    decoder: np.ndarray,
    scores: np.ndarray,
    allowed: np.ndarray,
) -> None:
    passing = np.flatnonzero(allowed)
    truth = passing[np.argsort(-scores[passing], kind="stable")[:10]]
    table.measure(
        asked, "index", lambda: corpus.search.search(steered, decoder, 10, allowed).rows, truth
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("shapes", nargs="+", help="rows and width, as 1000000x384")
    parser.add_argument("--folder", type=Path, required=True, help="where vectors are written")
    parser.add_argument("--queries", type=int, default=40)
    parser.add_argument(
        "--graph", nargs="*", default=[], help="shapes where hnswlib alone is compared, too"
    )
    parser.add_argument("--results", type=Path, help="a Markdown file to write")
    options = parser.parse_args()
    lines = ["# From a query to ranked ids", "", *__doc__.split("\n\n")[2].splitlines()]
    lines += ["", f"{os.cpu_count()} cores, {torch.get_num_threads()} threads of torch."]
    for shape in options.shapes:
        rows, width = (int(part) for part in shape.split("x"))
        corpus = Corpus(rows, width, options.folder, shape in options.graph)
        lines += ["", f"## {rows:,} x {width:,}", "", "; ".join(corpus.notes) + ".", ""]
        lines += measure(corpus, options.queries).lines("numpy product", "hnswlib, ef 1,000")
        print("\n".join(lines[-60:]), flush=True)
        del corpus
    if options.results is not None:
        options.results.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
