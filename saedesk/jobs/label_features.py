"""Give every feature of an SAE a label; those by a person or a language model stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from saedesk.errors import BadInput, BadSetting
from saedesk.features.labels.documents_read import RULE
from saedesk.features.labels.keyword_labels import KeywordSettings, keyword_labels
from saedesk.jobs import score_labels
from saedesk.jobs.analyse_features import (
    analysis_in_use,
    remove_older_analyses,
    sae_to_use,
    vectors_for,
)
from saedesk.jobs.loaded_sae import open_analysed_sae
from saedesk.project.label_store import KEYWORDS, LANGUAGE_MODEL, PERSON, FeatureLabel
from saedesk.project.project_folder import Project
from saedesk.task_control import TaskControl

LABELERS = (KEYWORDS,)
AUTHOR = "keywords 2"
"""Version of the labeller, for the history."""


@dataclass(frozen=True)
class LabelRequest:
    """Which SAE to label, and how."""

    sae: str = ""
    """Hash of the SAE; "" for the one in use."""
    labeler: str = KEYWORDS
    only_missing: bool = False
    """Whether labels that are there stay, those by keywords too."""
    score: bool = True
    """Whether all labels are scored afterwards."""


@dataclass(frozen=True)
class LabelResult:
    """What was labelled."""

    labelled: int
    kept: int
    """Features that keep the label they have."""
    unlabelled: int
    """Features that are never active or have no telling words."""
    scores: score_labels.ScoreLabelsResult | None = None
    """What the labels are worth; None where they were not scored."""


def run(project: Project, request: LabelRequest, control: TaskControl) -> LabelResult:
    """Make keyword labels for all features that have none by a person or a language model.

    A label that a person took away stays away. Raises BadSetting for a labeler that there is not,
    BadInput where the SAE is not analysed.
    """
    project.check_writable()
    if request.labeler not in LABELERS:
        raise BadSetting(f"There is no labeler “{request.labeler}”. There are: {LABELERS[0]}.")
    sae = sae_to_use(project, request.sae)
    found = analysis_in_use(project, sae)
    if found is None or found[0] != vectors_for(project, sae):
        raise BadInput("The features of this SAE are not analysed yet. Analyse them first.")
    _, record, _ = found
    analysed = open_analysed_sae(project, sae.hash)
    activations, ids = analysed.activations, analysed.vectors.document_ids

    def texts(rows: np.ndarray) -> Sequence[tuple[str, str]]:
        return [(row.title, row.text) for row in project.documents.rows(ids[rows])]

    settings = KeywordSettings()
    made = keyword_labels(activations, texts, settings, control, directions=analysed.directions)
    read = {
        "rule": RULE,
        "documents": settings.documents_per_latent,
        "activations": record.hash,
    }
    current = project.labels.current(sae.hash)
    better = {
        i
        for i, label in current.items()
        if label.source in (PERSON, LANGUAGE_MODEL) or (request.only_missing and label.text)
    }
    new = [
        FeatureLabel(
            label.latent,
            label.text,
            KEYWORDS,
            AUTHOR,
            details={"terms": list(label.terms), "documents": label.n_documents, "read": read},
        )
        for label in made
        if label.latent not in better and not _is_same(current.get(label.latent), label.text, read)
    ]
    control.checkpoint()
    # A person may have written a label since `current` was read.
    project.labels.add(sae.hash, new, over_person=False)
    remove_older_analyses(project, record)
    total = activations.n_latents
    labelled = {label.latent for label in made} - better
    scores = None
    if request.score and (labelled or better):
        latents = tuple(label.latent for label in new) if request.only_missing else None
        if latents is None or latents:
            asked = score_labels.ScoreLabelsRequest(sae.hash, latents=latents)
            scores = score_labels.run(project, asked, control)
    unlabelled = total - len(labelled) - len(better)
    return LabelResult(len(labelled), len(better), unlabelled, scores)


def _is_same(label: FeatureLabel | None, text: str, read: Mapping[str, Any]) -> bool:
    return (
        label is not None
        and label.source == KEYWORDS
        and label.text == text
        and label.details.get("read") == read
    )
