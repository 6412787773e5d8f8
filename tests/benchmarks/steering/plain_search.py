"""Plain search is never hurt: nDCG@10 of the product with all sliders at rest, to the last digit.

The documents of a judged collection become a project with an SAE; every judged query is asked of
`SearchEngine` with a plan in which everything is at rest, and ranked by hand as plain dense search
does: one matrix product of vectors at length 1, sorted.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from saedesk.cli.command_line import main as run_command
from saedesk.jobs.loaded_sae import open_analysed_sae
from saedesk.jobs.search_documents import SearchEngine
from saedesk.jobs.search_request import SearchRequest
from saedesk.project.project_folder import Project
from saedesk.search.steering_plan import SteeringPlan
from tests.benchmarks.steering.arxiv_projects import MODEL

COLLECTIONS = ("cranfield", "scifact")
DEPTH = 10
AT_REST = SteeringPlan(
    strengths=((0, 0.0), (3, 0.0)), places=((1, 0),), less=((2, 0.0),), cap=0.9, optimise=True
)


@dataclass(frozen=True)
class Unhurt:
    """One collection."""

    name: str
    queries: int
    documents: int
    plain: float
    """nDCG@10 of plain dense search."""
    at_rest: float
    same_lists: int
    """Queries whose ten results are the same, in the same order."""
    clamp_at_rest: float
    """nDCG@10 with the clamp mode chosen and nothing turned."""


def measure(data: Path, cache: Path, name: str) -> Unhurt:
    """Build the project in the cache the first time, and ask every judged query."""
    corpus = _lines(data / name / "corpus.jsonl.gz")
    queries = _lines(data / name / "queries.jsonl.gz")
    wanted = _judgements(data / name / "qrels_test.tsv")
    folder = cache / f"{name}.saedesk"
    if not folder.exists():
        _build(cache, name, corpus)
    with Project.open(folder, read_only=True) as project:
        sae = open_analysed_sae(project)
        engine = SearchEngine(project, sae.vectors, sae)
        keys = _keys(project, sae.vectors.document_ids)
        unit = np.asarray(sae.vectors.values, np.float32)
        unit = unit / np.linalg.norm(unit, axis=1, keepdims=True)
        found: dict[str, list[float]] = defaultdict(list)
        same = 0
        judged = [query for query in queries if query["_id"] in wanted]
        for query in judged:
            relevant = wanted[query["_id"]]
            taken = engine.take_apart(query["text"])
            plain = np.argsort(-(unit @ taken.vector), kind="stable")[:DEPTH].tolist()
            lists = {"plain": plain}
            for way, plan in (("rest", AT_REST), ("clamp", AT_REST.with_mode("clamp"))):
                request = SearchRequest(query["text"], plan=plan, count=DEPTH)
                lists[way] = [row.row for row in engine.ask(request, taken).steered]
            same += lists["rest"] == plain
            for way, rows in lists.items():
                found[way].append(_ndcg([keys[row] for row in rows], relevant))
    means = {way: float(np.mean(values)) for way, values in found.items()}
    return Unhurt(name, len(judged), len(keys), means["plain"], means["rest"], same, means["clamp"])


def _ndcg(ranked: list[str], relevant: set[str]) -> float:
    """nDCG@10 with binary relevance (Järvelin and Kekäläinen 2002)."""
    discounts = 1 / np.log2(np.arange(2, DEPTH + 2))
    gain = sum(discounts[place] for place, key in enumerate(ranked) if key in relevant)
    return float(gain / discounts[: len(relevant)].sum())


def _keys(project: Project, ids: np.ndarray) -> list[str]:
    return [str(row.key) for row in project.documents.rows(ids)]


def _lines(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _judgements(path: Path) -> dict[str, set[str]]:
    wanted: dict[str, set[str]] = defaultdict(set)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if float(row["score"]) > 0:
                wanted[row["query-id"]].add(row["corpus-id"])
    return wanted


def _build(cache: Path, name: str, corpus: list[dict[str, str]]) -> None:
    documents, folder = cache / f"{name}.csv", cache / f"unfinished-{name}.saedesk"
    with documents.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("id", "title", "text"))
        writer.writerows((one["_id"], one["title"], one["text"]) for one in corpus)
    for command in (
        ("new", folder, "--name", name),
        ("import", folder, documents),
        ("embed", folder, "--model", MODEL),
        ("train", folder, "--epochs", "20"),
        ("analyse", folder),
    ):
        if run_command([str(part) for part in command]) != 0:
            raise SystemExit(f"saedesk {command[0]} failed")
    folder.rename(cache / f"{name}.saedesk")
