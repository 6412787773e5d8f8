"""What a text is worth as the label of a family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from saedesk.features.labels.documents_read import documents_read
from saedesk.features.labels.label_score import LabelScore
from saedesk.features.labels.label_scoring import LabelScorer
from saedesk.features.labels.scoring_documents import RowsRead, ScoringSettings
from saedesk.features.labels.shown_score import shown_score
from saedesk.features.sparse_activations import SparseActivations
from saedesk.jobs.label_encoder import label_encoder
from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.jobs.score_labels import document_texts
from saedesk.project.project_folder import Project
from saedesk.task_control import TaskControl

DOCUMENTS = 300
"""Documents of a family that are read at most: three times as many as of a feature, because it has
branches of which each should be heard."""
SCORED_ON = 80
"""Documents of a family, and as many others, that a text is scored on; twice as many as for a
feature, because families have more."""


class FamilyJudge:
    """Scores texts of families, on documents that were read for labels or on the others."""

    def __init__(self, project: Project, sae: LoadedSae, read: SparseActivations) -> None:
        self.sae, self.read = sae, read
        self._embed = label_encoder(sae.vectors, [])
        # Without the encoder that made the vectors the words have to do.
        self._texts = None if self._embed else document_texts(project, sae.vectors)

    def scores(self, texts: Mapping[int, str], control: TaskControl) -> dict[int, LabelScore]:
        """What each text is worth on documents nobody labelled from, by number of the family."""
        scorer = self._scorer(self._documents_read, seed=0)
        found: dict[int, LabelScore] = {}
        for block in scorer.scores(texts, control):
            shown = {number: shown_score(by_scorer) for number, by_scorer in block.items()}
            found |= {number: one for number, one in shown.items() if one is not None}
        return found

    def scores_for_choice(
        self, candidates: Mapping[int, Sequence[str]], control: TaskControl
    ) -> dict[int, dict[str, float]]:
        """What each candidate of a family, by its number, is worth on documents that may be read.

        So the others stay untouched for the score that is told.
        """
        found: dict[int, dict[str, float]] = {number: {} for number in candidates}
        scorer = self._scorer(self._set_aside, seed=1)
        for place in range(max((len(one) for one in candidates.values()), default=0)):
            these = {i: one[place] for i, one in candidates.items() if len(one) > place}
            for block in scorer.scores(these, control):
                for number, by_scorer in block.items():
                    if (score := shown_score(by_scorer)) is not None:
                        found[number][these[number]] = score.score
        return found

    def _scorer(self, rows_left_out: RowsRead, seed: int) -> LabelScorer:
        return LabelScorer(
            self.read,
            self.sae.vectors.values,
            rows_left_out,
            embed=self._embed,
            texts=self._texts,
            unusable=self.sae.vectors.bad_rows,
            settings=ScoringSettings(positives=SCORED_ON, negatives=SCORED_ON, seed=seed),
        )

    def _documents_read(self, number: int) -> np.ndarray:
        return documents_read(self.read, number, DOCUMENTS)[0]

    def _set_aside(self, number: int) -> np.ndarray:
        rows = self.read.latent(number)[0]
        return np.setdiff1d(rows, documents_read(self.read, number, len(rows))[0])
