"""Score the labels of an SAE's features offline, on documents nobody labelled from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from saedesk.errors import BadInput, BadSetting
from saedesk.features.labels.documents_read import RULE, documents_read
from saedesk.features.labels.label_score import LabelScore
from saedesk.features.labels.label_scoring import (
    EMBEDDING,
    LEXICAL,
    SCORERS,
    LabelScorer,
    Texts,
)
from saedesk.features.labels.scoring_documents import RowsRead, ScoringSettings
from saedesk.features.sparse_activations import SparseActivations
from saedesk.jobs.analyse_features import analysis_in_use, sae_to_use
from saedesk.jobs.label_encoder import label_encoder
from saedesk.project.artifact_readers import Vectors, open_activations, open_vectors
from saedesk.project.label_store import PERSON, FeatureLabel
from saedesk.project.project_folder import Project
from saedesk.task_control import Progress, TaskControl

if TYPE_CHECKING:
    from saedesk.embedding.query_encoder import QueryEncoder

ALGORITHM_VERSION = 1
LEVELS = (0.7, 0.8, 0.9)
"""A label is well made at a level when the lower end of its interval lies above it."""

READ_BY_A_PERSON = 20
"""Strongest documents that a person is taken to have read."""

_FEW = 100
"""So many labels are read one by one, more in one go."""


@dataclass(frozen=True)
class ScoreLabelsRequest:
    """Which labels to score, and how."""

    sae: str = ""
    """Hash of the SAE; "" for the one in use."""
    scorers: tuple[str, ...] = SCORERS
    latents: tuple[int, ...] | None = None
    """Only these features; None for all with a label."""
    settings: ScoringSettings = field(default_factory=ScoringSettings)


@dataclass(frozen=True)
class ScorerSummary:
    """What one scorer says of all labels in force."""

    scorer: str
    labels: int
    """How many it has scored."""
    mean: float
    """Mean score; NaN without any."""
    well_labelled: Mapping[str, int]
    """{"0.7": ...}: labels whose whole interval lies above a level of `LEVELS`."""


@dataclass(frozen=True)
class Scored:
    """How many labels were scored."""

    scored: int
    unscored: int
    """Labels whose features have too few documents to spare."""
    notes: tuple[str, ...] = ()
    """Why a scorer was left out."""


@dataclass(frozen=True)
class ScoreLabelsResult:
    """What was scored."""

    scored: int
    """Labels with a score of any scorer."""
    unscored: int
    """Labels whose features have too few documents to spare."""
    summary: tuple[ScorerSummary, ...]
    notes: tuple[str, ...] = ()
    """Why a scorer was left out."""


def run(project: Project, request: ScoreLabelsRequest, control: TaskControl) -> ScoreLabelsResult:
    """Score the labels in force and keep the scores, a block of features at a time.

    What was scored before a cancel is kept. Raises BadInput where the SAE is not analysed or has
    no labels, BadSetting for a scorer that there is not.
    """
    done = score(project, request, control)
    sae = sae_to_use(project, request.sae)
    summary = summarise(project.labels.scores(sae.hash))
    return ScoreLabelsResult(done.scored, done.unscored, summary, done.notes)


def score(
    project: Project,
    request: ScoreLabelsRequest,
    control: TaskControl,
    encoders: dict[str, QueryEncoder] | None = None,
) -> Scored:
    """As `run`, without looking at the labels that are not asked for.

    `encoders` keeps loaded models by fingerprint for the next time; None loads one for this time.
    """
    project.check_writable()
    for scorer in request.scorers:
        if scorer not in SCORERS:
            there = ", ".join(SCORERS)
            raise BadSetting(f"There is no scorer “{scorer}”. There are: {there}.")
    sae = sae_to_use(project, request.sae)
    found = analysis_in_use(project, sae)
    if found is None:
        raise BadInput("The features of this SAE are not analysed yet. Analyse them first.")
    labels = _labels(project, sae.hash, request.latents)
    if not labels:
        raise BadInput("There are no labels to score yet. Label the features first.")
    vectors, activations = open_vectors(project, found[0]), open_activations(project, found[1])
    notes: list[str] = []
    control.report(Progress(0, len(labels), "labels", "Scoring the labels"))
    embed = label_encoder(vectors, notes, encoders) if EMBEDDING in request.scorers else None
    label_scorer = LabelScorer(
        activations,
        vectors.values,
        rows_read_of(labels, activations, found[1].hash, vectors),
        embed=embed,
        texts=document_texts(project, vectors) if LEXICAL in request.scorers else None,
        unusable=vectors.bad_rows,
        settings=request.settings,
    )
    details = {"algorithm": ALGORITHM_VERSION, "activations": found[1].hash}
    scored: set[int] = set()
    texts = {latent: label.text for latent, label in labels.items()}
    for block in label_scorer.scores(texts, control):
        pairs = [
            (labels[i].id, one) for i, by_scorer in block.items() for one in by_scorer.values()
        ]
        project.labels.put_scores(pairs, details)
        scored |= {latent for latent, by_scorer in block.items() if by_scorer}
    _forget(project, [labels[i] for i in labels if i not in scored], request.scorers)
    return Scored(len(scored), len(labels) - len(scored), tuple(notes))


def _labels(project: Project, sae: str, latents: Sequence[int] | None) -> dict[int, FeatureLabel]:
    """The labels in force of some features, or of all."""
    if latents is not None and len(latents) <= _FEW:
        found = {latent: project.labels.current_label(sae, latent) for latent in latents}
        return {latent: label for latent, label in found.items() if label is not None}
    labels = project.labels.current(sae)
    return labels if latents is None else {i: labels[i] for i in latents if i in labels}


def summarise(scores: Mapping[int, Mapping[str, LabelScore]]) -> tuple[ScorerSummary, ...]:
    """How many labels are good at which confidence, scorer by scorer."""
    by_scorer: dict[str, list[LabelScore]] = {}
    for of_latent in scores.values():
        for name, score in of_latent.items():
            by_scorer.setdefault(name, []).append(score)
    return tuple(
        ScorerSummary(
            name,
            len(found),
            float(np.mean([one.score for one in found])),
            {str(level): sum(one.low > level for one in found) for level in LEVELS},
        )
        for name, found in sorted(by_scorer.items())
    )


def rows_read_of(
    labels: Mapping[int, FeatureLabel],
    activations: SparseActivations,
    analysis: str,
    vectors: Vectors,
) -> RowsRead:
    """Which rows the labels were made from, as far as they tell.

    details["read"] names the rule of keyword labels and the activations it was applied to;
    details["read_documents"] lists the ids of documents that were shown to a model or a person.
    Of a person who says nothing it is the strongest documents. Of others, as of labels made on an
    older analysis, nobody can tell: all of the stronger half counts as read.
    """

    def read(latent: int) -> np.ndarray:
        label = labels[latent]
        rows = np.asarray(activations.latent(latent)[0], np.int64)
        told = label.details.get("read_documents")
        if isinstance(told, list):
            return _rows_of_documents(told, vectors)
        rule = label.details.get("read")
        if isinstance(rule, dict) and _is_of(rule, analysis):
            return np.asarray(documents_read(activations, latent, int(rule["documents"]))[0])
        if label.source == PERSON:
            return rows[:READ_BY_A_PERSON]
        return rows[: max((len(rows) + 1) // 2, 100)]

    return read


def _is_of(rule: Mapping[str, Any], analysis: str) -> bool:
    return (
        rule.get("rule") == RULE
        and rule.get("activations") == analysis
        and isinstance(rule.get("documents"), int)
    )


def _rows_of_documents(ids: Sequence[Any], vectors: Vectors) -> np.ndarray:
    rows = [vectors.row_of(i) for i in ids if isinstance(i, int)]
    return np.array([row for row in rows if row is not None], np.int64)


def document_texts(project: Project, vectors: Vectors) -> Texts:
    """Title and text of the documents of some rows of the vectors."""

    def texts(rows: np.ndarray) -> list[tuple[str, str]]:
        ids = vectors.document_ids[rows]
        return [(row.title, row.text) for row in project.documents.rows(ids)]

    return texts


def _forget(project: Project, labels: Sequence[FeatureLabel], scorers: Sequence[str]) -> None:
    """Labels that cannot be scored now have no score from another analysis either."""
    for scorer in scorers:
        project.labels.remove_scores([label.id for label in labels], scorer)
