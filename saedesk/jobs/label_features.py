"""Give every feature of an SAE a label; those by a person or a language model stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from saedesk.errors import BadInput, BadSetting
from saedesk.features.labels.keyword_labels import KeywordSettings, keyword_labels
from saedesk.jobs.analyse_features import (
    analysis_in_use,
    remove_older_analyses,
    sae_to_use,
    vectors_for,
)
from saedesk.project.artifact_readers import open_activations, open_vectors
from saedesk.project.label_store import KEYWORDS, LANGUAGE_MODEL, PERSON, FeatureLabel
from saedesk.project.project_folder import Project
from saedesk.task_control import TaskControl

LABELERS = (KEYWORDS,)
AUTHOR = "keywords 1"
"""Version of the labeller, for the history."""


@dataclass(frozen=True)
class LabelRequest:
    """Which SAE to label, and how."""

    sae: str = ""
    """Hash of the SAE; "" for the one in use."""
    labeler: str = KEYWORDS


@dataclass(frozen=True)
class LabelResult:
    """What was labelled."""

    labelled: int
    kept: int
    """Features that keep the label that a person or a language model gave them."""
    unlabelled: int
    """Features that are never active or have no telling words."""


def run(project: Project, request: LabelRequest, control: TaskControl) -> LabelResult:
    """Make keyword labels for all features that have none by a person or a language model."""
    project.check_writable()
    if request.labeler not in LABELERS:
        raise BadSetting(f"There is no labeler “{request.labeler}”. There are: {LABELERS[0]}.")
    sae = sae_to_use(project, request.sae)
    found = analysis_in_use(project, sae)
    if found is None or found[0] != vectors_for(project, sae):
        raise BadInput("The features of this SAE are not analysed yet. Analyse them first.")
    vectors, record, _ = found
    activations = open_activations(project, record)
    ids = open_vectors(project, vectors).document_ids

    def texts(rows: np.ndarray) -> Sequence[tuple[str, str]]:
        return [(row.title, row.text) for row in project.documents.rows(ids[rows])]

    made = keyword_labels(activations, texts, KeywordSettings(), control)
    current = project.labels.current(sae.hash)
    better = {i for i, label in current.items() if label.source in (PERSON, LANGUAGE_MODEL)}
    new = [
        FeatureLabel(
            label.latent,
            label.text,
            KEYWORDS,
            AUTHOR,
            details={"terms": list(label.terms), "documents": label.n_documents},
        )
        for label in made
        if label.latent not in better and not _is_same(current.get(label.latent), label.text)
    ]
    control.checkpoint()
    # A person may have written a label since `current` was read.
    project.labels.add(sae.hash, new, over_person=False)
    remove_older_analyses(project, record)
    total = activations.n_latents
    labelled = {label.latent for label in made} - better
    return LabelResult(len(labelled), len(better), total - len(labelled) - len(better))


def _is_same(label: FeatureLabel | None, text: str) -> bool:
    return label is not None and label.source == KEYWORDS and label.text == text
