"""Label families from the documents of their members, and score the labels on others.

A family is read as if it were one feature (see `family_activations`), so that the keyword labeler
and the scorers of features do the work: every third document of a family is never read, and the
label has to tell these from documents of other families and of none.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from saedesk.errors import DamagedArtifact
from saedesk.features.families.edited_families import ShownFamily, with_edits
from saedesk.features.families.family_activations import family_activations, family_directions
from saedesk.features.families.family_label import FamilyLabel
from saedesk.features.families.family_label_choice import choose_texts, label_candidates
from saedesk.features.labels.keyword_labels import KeywordSettings, keyword_labels
from saedesk.features.labels.label_score import LabelScore
from saedesk.jobs.family_judge import DOCUMENTS, FamilyJudge
from saedesk.jobs.find_families import FamiliesOfSae, stored_families
from saedesk.jobs.label_features import AUTHOR
from saedesk.jobs.loaded_sae import open_analysed_sae
from saedesk.jobs.measure_families import remove_others_of
from saedesk.jobs.score_labels import document_texts
from saedesk.project.atomic_files import short_hash
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.task_control import TaskControl

ALGORITHM_VERSION = 2
LABELS_NAME = "labels.json"
BY_A_PERSON = "you"
"""Author of the names that a person gave."""


LookedAt = tuple[int, frozenset[int], str]
"""Root and members of a family and the name a person gave it, "" for its own label."""


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
    label. Labels of families with the same members as before stay. Raises BadInput where no
    families are found yet.
    """
    project.check_writable()
    found = stored_families(project, request.sae)
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
        remove_others_of(project, record)
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
    made = {
        one.label.root: one
        for one in labelled
        if one.label.author != BY_A_PERSON and one.label.text
    }
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


def looked_at(labelled: Sequence[LabelledFamily]) -> frozenset[LookedAt]:
    """What was labelled or scored already, whether there came a label, or a score, of it or not."""
    return frozenset(
        (one.label.root, one.members, one.label.text if one.label.author == BY_A_PERSON else "")
        for one in labelled
    )


def is_labelled(family: ShownFamily, known: Collection[LookedAt]) -> bool:
    """Whether a family, and its name where it has one, are among `looked_at`."""
    members = frozenset(family.members)
    return all((family.root, members, name) in known for name in {"", family.name})


def _labelled(
    project: Project, found: FamiliesOfSae, families: Sequence[ShownFamily], control: TaskControl
) -> list[LabelledFamily]:
    """Labels and names of all families; what was labelled or scored before is taken over."""
    members = {one.root: frozenset(one.members) for one in families}
    names = {one.root: one.name for one in families}
    kept = [
        one
        for one in _labelled_before(project, found)
        if members.get(one.label.root) == one.members
        and (one.label.author != BY_A_PERSON or one.label.text == names[one.label.root])
    ]
    known = looked_at(kept)
    new = [i for i, one in enumerate(families) if (one.root, members[one.root], "") not in known]
    unscored = {
        number: one.name
        for number, one in enumerate(families)
        if one.name and (one.root, members[one.root], one.name) not in known
    }
    if not new and not unscored:
        return kept
    sae = open_analysed_sae(project, found.sae.hash)
    read = family_activations(sae.activations, families, control)
    judge = FamilyJudge(project, sae, read)
    texts = _own_texts(project, judge, families, new, kept, control)
    labels = _label(families, AUTHOR, texts, judge.scores(texts, control))
    labels += _label(families, BY_A_PERSON, unscored, judge.scores(unscored, control))
    return [*kept, *labels]


def _labelled_before(project: Project, found: FamiliesOfSae) -> tuple[LabelledFamily, ...]:
    """Of the same families as they were edited before, or nothing where that is of no use."""
    for record in reversed(project.artifacts("family_labels")):
        same = record.inputs["families"] == found.record.hash
        if same and record.inputs["algorithm"] == ALGORITHM_VERSION:
            try:
                return _read(project, record)
            except DamagedArtifact:
                return ()
    return ()


def _own_texts(
    project: Project,
    judge: FamilyJudge,
    families: Sequence[ShownFamily],
    new: Sequence[int],
    kept: Sequence[LabelledFamily],
    control: TaskControl,
) -> dict[int, str]:
    """What the `new` families are called, "" where nothing tells them; by their number."""
    if not new:
        return {}
    sae = judge.sae
    made = keyword_labels(
        judge.read,
        document_texts(project, sae.vectors),
        KeywordSettings(documents_per_latent=DOCUMENTS),
        control,
        new,
        directions=family_directions(sae.directions, families),
    )
    own = {one.latent: one.text for one in made}
    roots = project.labels.current(sae.hash)
    candidates = [
        label_candidates(
            own.get(i, ""), shown.text if (shown := roots.get(families[i].root)) else ""
        )
        for i in new
    ]
    scores = judge.scores_for_choice(dict(zip(new, candidates, strict=True)), control)
    taken = [one.label.text for one in kept if one.label.author != BY_A_PERSON]
    chosen = choose_texts(candidates, [scores[number] for number in new], taken)
    return {number: chosen.get(place, "") for place, number in enumerate(new)}


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
