"""Projects of corpora whose documents have a gold category, for benchmarks of labels."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from saedesk.corpus.corpus_input import InputRequest, preview_input
from saedesk.jobs import analyse_features, embed_documents, import_documents, train_sae
from saedesk.project.project_folder import Project
from saedesk.sae.training_presets import presets
from saedesk.task_control import Unattended

DIMENSIONS = 384


@dataclass(frozen=True)
class LabelledCorpus:
    """A file of documents, each with a gold category."""

    name: str
    file: str
    """Below the folder of data."""
    category: str
    """Column of the gold category."""
    per_category: int
    """Documents taken of each category, the first ones of the file."""
    columns: tuple[str, ...]
    """What is imported beside the category."""


CORPORA = (
    LabelledCorpus("agnews", "agnews/ag_news_20k.csv.gz", "label_name", 1000, ("title", "text")),
    LabelledCorpus("banking77", "banking77/banking77.csv.gz", "label_name", 90, ("text",)),
    LabelledCorpus(
        *("arxiv_fields", "arxiv_fields/arxiv_20fields_20k.csv.gz", "primary_category", 150),
        ("title", "abstract"),
    ),
)


def build(corpus: LabelledCorpus, data: Path, cache: Path) -> Path:
    """The project of a corpus in the cache: embedded, trained with the usual preset, analysed."""
    folder = cache / f"{corpus.name}.saedesk"
    if (folder / "project.json").exists():
        return folder
    file = cache / f"{corpus.name}.csv"
    _write_sample(corpus, data / corpus.file, file)
    control = Unattended()
    partial = cache / f"unfinished-{corpus.name}.saedesk"
    with Project.create(partial) as project:
        uses = preview_input(file).uses
        wanted = InputRequest((file,), uses, "utf-8", ",")
        import_documents.run(project, import_documents.ImportRequest(wanted), control)
        embed_documents.run(project, embed_documents.EmbedRequest(device="cpu"), control)
        usual = presets(project.documents.count(), DIMENSIONS)[1]
        request = train_sae.TrainRequest(usual.config, device="cpu", preset=usual.name)
        train_sae.run(project, request, control)
        analyse_features.run(project, analyse_features.AnalyseRequest(device="cpu"), control)
    partial.rename(folder)
    return folder


def gold(project: Project, ids: np.ndarray, column: str) -> np.ndarray:
    """(n,) the category of each document."""
    return np.array([str(row.fields.get(column)) for row in project.documents.rows(ids)])


def _write_sample(corpus: LabelledCorpus, source: Path, target: Path) -> None:
    taken: dict[str, int] = {}
    with (
        gzip.open(source, "rt", encoding="utf-8", newline="") as rows,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        writer = csv.writer(out)
        writer.writerow((*corpus.columns, corpus.category))
        for row in csv.DictReader(rows):
            category = row[corpus.category]
            taken[category] = taken.get(category, 0) + 1
            if taken[category] <= corpus.per_category:
                writer.writerow([*(row[column] for column in corpus.columns), category])
