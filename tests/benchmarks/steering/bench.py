"""Puts the parts together: project, judges, queries, trials, methods, outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from saedesk.jobs.loaded_sae import open_analysed_sae
from saedesk.jobs.search_documents import SearchEngine
from saedesk.project.project_folder import Project
from saedesk.search.exact_scores import best_rows
from tests.benchmarks.steering.arxiv_projects import Material
from tests.benchmarks.steering.judges import Judges, make_judges
from tests.benchmarks.steering.methods import Asked, Methods
from tests.benchmarks.steering.outcomes import Table, outcomes
from tests.benchmarks.steering.product import Product
from tests.benchmarks.steering.trials import (
    CATEGORY_DOWN,
    CATEGORY_UP,
    DOWN,
    NEAR_UP,
    RESULTS,
    UP,
    Query,
    Trial,
    draw_trials,
)

SEED = 0
CHECKED = 20


@dataclass(frozen=True, eq=False)
class Results:
    """Everything that is reported."""

    trials: dict[str, list[Trial]]
    """By kind."""
    tables: dict[str, Table]
    """By kind."""
    judges: Judges
    facts: dict[str, str]
    """What the setting is, for a list."""


class Bench:
    """The material of one run over some of the queries."""

    def __init__(self, material: Material, project: Project, part: slice) -> None:
        sae = open_analysed_sae(project)
        engine = SearchEngine(project, sae.vectors, sae)
        engine.prepare()
        count = len(material.searched.titles)
        if len(sae.vectors.document_ids) != count:
            raise SystemExit("Documents were lost on the way into the project; empty the cache.")
        self.material, self.engine = material, engine
        found = project.labels.current(sae.hash)
        self.labels = {i: label.text for i, label in found.items() if label.text.strip()}
        self.label_vectors = {i: self.encode(text) for i, text in self.labels.items()}
        self.judges = make_judges(material, sae.activations, self.labels, self.label_vectors)
        self.codes = sae.activations.to_csr()
        self.queries = [self._query(title) for title in material.asked.titles[part]]
        self.product = Product(engine)
        drawn = draw_trials(self.queries, self.codes, sae.decoder, self.judges, SEED)
        kinds = (UP, NEAR_UP, DOWN, CATEGORY_UP, CATEGORY_DOWN)
        self.trials = {kind: [one for one in drawn if one.kind == kind] for kind in kinds}
        self.methods = Methods(
            material, self.product, self.labels, self.label_vectors, self.encode, self.codes
        )

    def encode(self, text: str) -> np.ndarray:
        """The vector of a text at length 1."""
        return self.engine.take_apart(text).vector

    def asked(self, kind: str) -> list[Asked]:
        """The trials of a kind with their queries."""
        return [Asked(trial, self.queries[trial.query]) for trial in self.trials[kind]]

    def measure(self) -> Results:
        """All methods on all trials."""
        up, down = self.methods.up(), self.methods.down()
        ways = {UP: up, NEAR_UP: up, DOWN: down, CATEGORY_UP: up, CATEGORY_DOWN: down}
        tables = {}
        for kind, methods in ways.items():
            print(f"({kind}: {len(self.trials[kind])} trials …)", flush=True)
            tables[kind] = outcomes(self.asked(kind), methods, self.judges)
        return Results(self.trials, tables, self.judges, self._facts())

    def _query(self, title: str) -> Query:
        features = self.engine.take_apart(title)
        plain = self.engine.search().plain_scores(features)
        return Query(title, features, np.array(plain), best_rows(plain, RESULTS))

    def _facts(self) -> dict[str, str]:
        judges, sae = self.judges, self.product.sae
        clean, matched = len(judges.features), int(judges.matched.sum())
        areas = judges.label_areas[~np.isnan(judges.label_areas)]
        some = self.asked(UP)[:: max(1, len(self.trials[UP]) // CHECKED)]
        agree = sum(self.product.agrees(one.features, one.trial.target) for one in some)
        return {
            "documents searched": f"{len(self.material.searched.titles):,}",
            "documents that give labels": f"{len(self.material.labelled.titles):,}",
            "queries, titles of neither": f"{len(self.queries):,}",
            "steered SAE": sae.describe(),
            "its features found again by the judge’s SAE": f"{judges.found_again:.0%}",
            "area under the ROC curve of its labels, median": f"{np.median(areas):.2f}",
            "clean features, found again": f"{clean}, {matched}",
            "features of a category": f"{sum(map(bool, judges.categories))}",
            "judges’ answers to the strongest documents, J1, JT": _ceilings(self),
            "`SearchEngine.ask` finds what was measured": f"{agree} of {len(some)} trials",
        }


def _ceilings(bench: Bench) -> str:
    """The share of trials in which the ten strongest documents of the target are told."""
    from tests.benchmarks.steering.walks import Walk

    def strongest(asked: Asked) -> Walk:
        rows, _ = bench.product.sae.activations.latent(asked.trial.target)
        both = np.stack([asked.query.first, rows[:RESULTS].astype(np.int64)])
        return Walk(both, np.full(2, np.nan))

    found = outcomes(bench.asked(UP), {"": strongest}, bench.judges, (("once", 0.0),))
    easy = found["", ("once", 0.0)].easy
    return ", ".join(f"{np.nanmean(easy[name]):.2f}" for name in ("J1", "JT"))


def clusters(trials: Sequence[Trial]) -> np.ndarray:
    """The query of every trial."""
    return np.array([trial.query for trial in trials])
