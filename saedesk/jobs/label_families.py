"""Label families from the documents of their members, and score the labels on others.

A family is read as if it were one feature (see `family_activations`), so that the keyword labeler
and the scorers of features do the work: every third document of a family is never read, and the
label has to tell these from documents of other families and of none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from saedesk.errors import BadInput, DamagedArtifact
from saedesk.features.families.edited_families import ShownFamily, with_edits
from saedesk.features.families.family_activations import family_activations, family_directions
from saedesk.features.families.family_label import FamilyLabel
from saedesk.features.families.family_label_choice import choose_texts, label_candidates
from saedesk.features.labels.documents_read import documents_read
from saedesk.features.labels.keyword_labels import KeywordSettings, keyword_labels
from saedesk.features.labels.label_score import LabelScore
from saedesk.features.labels.label_scoring import LabelScorer
from saedesk.features.labels.scoring_documents import RowsRead, ScoringSettings
from saedesk.features.labels.shown_score import shown_score
from saedesk.features.sparse_activations import SparseActivations
from saedesk.jobs.find_families import FamiliesOfSae, families_in_use
from saedesk.jobs.label_encoder import label_encoder
from saedesk.jobs.label_features import AUTHOR
from saedesk.jobs.loaded_sae import LoadedSae, open_analysed_sae
from saedesk.jobs.score_labels import document_texts
from saedesk.project.atomic_files import short_hash
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.task_control import TaskControl

ALGORITHM_VERSION = 1
LABELS_NAME = "labels.json"
DOCUMENTS = 300
"""Documents of a family that are read at most: three times as many as of a feature, because it has
branches of which each should be heard."""
SCORED_ON = 80
"""Documents of a family, and as many others, that a text is scored on; twice as many as for a
feature, because families have more."""
BY_A_PERSON = "you"
"""Author of the names that a person gave."""


@dataclass(frozen=True)
class LabelFamiliesRequest:
    """Which SAE's families to label."""

    sae: str = ""
    """Hash of the SAE; "" for the one in use."""


@dataclass(frozen=True)
class LabelledFamily:
    """A label and the members it was made for."""

    label: FamilyLabel
    members: frozenset[int]


def run(
    project: Project, request: LabelFamiliesRequest, control: TaskControl
) -> dict[int, FamilyLabel]:
    """Label and score the families in use, as people edited them, and store what came of it.

    A person's name is scored as well. Families whose documents have no telling words have no
    label. Raises BadInput where no families are found yet.
    """
    project.check_writable()
    found = families_in_use(project, request.sae)
    if found is None:
        raise BadInput(f"{project.name} has no families yet. Run “saedesk families” first.")
    families = with_edits(found.families, project.family_edits.edits(found.sae.hash))
    inputs = {
        "families": found.record.hash,
        "activations": found.record.inputs["activations"],
        "edited": short_hash([[one.root, one.name, *sorted(one.members)] for one in families]),
        "author": AUTHOR,
        "algorithm": ALGORITHM_VERSION,
    }
    record = project.find_intact("family_labels", inputs)
    if record is None:
        labelled = _labelled(project, found, families, control)
        control.checkpoint()
        with project.new_artifact("family_labels", inputs) as draft:
            content = [{**asdict(one.label), "members": sorted(one.members)} for one in labelled]
            (draft.folder / LABELS_NAME).write_text(json.dumps(content, indent=0) + "\n", "utf-8")
            draft.summary |= {"families": len(families), "labels": len(labelled)}
        record = project.find("family_labels", inputs)
        assert record is not None
        _remove_others(project, record)
    return labels_for(families, _read(project, record))


def stored_labels(project: Project, families: ArtifactRecord) -> tuple[LabelledFamily, ...]:
    """What the stored families `families` were labelled with; raises DamagedArtifact.

    Nothing where they were not labelled. A family may be there twice: with its own label and with
    a person's name.
    """
    for record in reversed(project.artifacts("family_labels")):
        if record.inputs["families"] == families.hash:
            return _read(project, record)
    return ()


def labels_for(
    families: Sequence[ShownFamily], labelled: Sequence[LabelledFamily]
) -> dict[int, FamilyLabel]:
    """The label of each family by root: a person's name where there is one.

    A score is told only where it was measured for these members and this name.
    """
    made = {one.label.root: one for one in labelled if one.label.author != BY_A_PERSON}
    named = {(one.label.root, one.label.text): one for one in labelled}
    found: dict[int, FamilyLabel] = {}
    for family in families:
        known = made.get(family.root)
        if family.name:
            known = named.get((family.root, family.name))
        if known is not None and known.members == frozenset(family.members):
            found[family.root] = known.label
        elif family.name:
            found[family.root] = _unscored(family.root, family.name, BY_A_PERSON)
        elif known is not None:
            found[family.root] = _unscored(family.root, known.label.text, known.label.author)
    return found


def _labelled(
    project: Project, found: FamiliesOfSae, families: Sequence[ShownFamily], control: TaskControl
) -> list[LabelledFamily]:
    if not families:
        return []
    sae = open_analysed_sae(project, found.sae.hash)
    read = family_activations(sae.activations, families, control)
    made = keyword_labels(
        read,
        document_texts(project, sae.vectors),
        KeywordSettings(documents_per_latent=DOCUMENTS),
        control,
        directions=family_directions(sae.directions, families),
    )
    own = {one.latent: one.text for one in made}
    roots = project.labels.current(sae.hash)
    candidates = [
        label_candidates(own.get(number, ""), roots[one.root].text if one.root in roots else "")
        for number, one in enumerate(families)
    ]
    judge = _Judge(project, sae, read)
    texts = choose_texts(candidates, judge.scores_for_choice(candidates, control))
    names = {number: one.name for number, one in enumerate(families) if one.name}
    labels = [_label(families, AUTHOR, texts, judge.scores(texts, control))]
    labels.append(_label(families, BY_A_PERSON, names, judge.scores(names, control)))
    return [one for part in labels for one in part]


class _Judge:
    """Scores texts of families, on documents that were read for labels or on the others."""

    def __init__(self, project: Project, sae: LoadedSae, read: SparseActivations) -> None:
        self._sae, self._read = sae, read
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
        self, candidates: Sequence[Sequence[str]], control: TaskControl
    ) -> list[dict[str, float]]:
        """What each candidate is worth on documents that may be read.

        So the others stay untouched for the score that is told.
        """
        found: list[dict[str, float]] = [{} for _ in candidates]
        scorer = self._scorer(self._set_aside, seed=1)
        for place in range(max((len(one) for one in candidates), default=0)):
            these = {i: one[place] for i, one in enumerate(candidates) if len(one) > place}
            for block in scorer.scores(these, control):
                for number, by_scorer in block.items():
                    if (score := shown_score(by_scorer)) is not None:
                        found[number][these[number]] = score.score
        return found

    def _scorer(self, rows_left_out: RowsRead, seed: int) -> LabelScorer:
        return LabelScorer(
            self._read,
            self._sae.vectors.values,
            rows_left_out,
            embed=self._embed,
            texts=self._texts,
            unusable=self._sae.vectors.bad_rows,
            settings=ScoringSettings(positives=SCORED_ON, negatives=SCORED_ON, seed=seed),
        )

    def _documents_read(self, number: int) -> np.ndarray:
        return documents_read(self._read, number, DOCUMENTS)[0]

    def _set_aside(self, number: int) -> np.ndarray:
        rows = self._read.latent(number)[0]
        return np.setdiff1d(rows, documents_read(self._read, number, len(rows))[0])


def _label(
    families: Sequence[ShownFamily],
    author: str,
    texts: Mapping[int, str],
    scores: Mapping[int, LabelScore],
) -> list[LabelledFamily]:
    labelled = []
    for number, text in texts.items():
        family, score = families[number], scores.get(number)
        label = _unscored(family.root, text, author)
        if score is not None:
            told = (score.score, score.low, score.high, score.documents)
            label = FamilyLabel(family.root, text, author, *told)
        labelled.append(LabelledFamily(label, frozenset(family.members)))
    return labelled


def _unscored(root: int, text: str, author: str) -> FamilyLabel:
    return FamilyLabel(root, text, author, None, None, None, 0)


def _remove_others(project: Project, kept: ArtifactRecord) -> None:
    """Labels of the same families before they were edited again are of no use to anybody."""
    for record in project.artifacts("family_labels"):
        of_these = record.inputs["families"] == kept.inputs["families"]
        if of_these and record.hash != kept.hash:
            project.remove(record)


def _read(project: Project, record: ArtifactRecord) -> tuple[LabelledFamily, ...]:
    path = project.path_of(record, LABELS_NAME)
    try:
        content = json.loads(path.read_text("utf-8"))
        return tuple(_from_json(one) for one in content)
    except (OSError, ValueError, OverflowError, KeyError, TypeError, RecursionError) as error:
        raise DamagedArtifact(f"{path} cannot be read. Find the families again.") from error


def _from_json(content: dict[str, Any]) -> LabelledFamily:
    score, low, high = (
        None if content[name] is None else float(content[name]) for name in ("score", "low", "high")
    )
    root, text, author = int(content["root"]), str(content["text"]), str(content["author"])
    label = FamilyLabel(root, text, author, score, low, high, int(content["documents"]))
    return LabelledFamily(label, frozenset(int(latent) for latent in content["members"]))
