"""Find the families of an analysed SAE's features; what fires together is counted only once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from saedesk.errors import BadInput, BadSetting, DamagedArtifact
from saedesk.features.families.co_occurrence import CoOccurrence, co_occurrence
from saedesk.features.families.edited_families import ShownFamily
from saedesk.features.families.family_settings import FamilySettings
from saedesk.features.families.family_tree import FeatureFamily, family_of_json, find_families
from saedesk.features.families.feature_filter import FeatureFilter, features_let_in
from saedesk.features.labels.shown_score import shown_score
from saedesk.jobs.analyse_features import analysis_in_use, sae_to_use
from saedesk.jobs.loaded_sae import shown_label
from saedesk.project.artifact_readers import open_activations
from saedesk.project.atomic_files import open_array, short_hash, write_array
from saedesk.project.label_store import FeatureLabel
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.task_control import TaskControl

ALGORITHM_VERSION = 1
FAMILIES_NAME = "families.json"
ALLOWED_NAME = "allowed.npy"
"""(n_latents,) bool: features that a filter let in; there only with a filter."""


@dataclass(frozen=True)
class FamiliesRequest:
    """Which SAE's features, and how."""

    sae: str = ""
    """Hash of the SAE; "" for the one in use."""
    settings: FamilySettings = field(default_factory=FamilySettings)
    filter: FeatureFilter = field(default_factory=FeatureFilter)
    """Which features may be in families, by their labels; by default every one."""


@dataclass(frozen=True)
class FamiliesOfSae:
    """The families of an SAE's features, as they are stored."""

    sae: ArtifactRecord
    record: ArtifactRecord
    families: tuple[FeatureFamily, ...]
    """Largest first."""


def run(project: Project, request: FamiliesRequest, control: TaskControl) -> FamiliesOfSae:
    """Count, find and store the families, and make them those that are read.

    Raises BadInput where the SAE is not analysed or asks for scores that there are not,
    BadSetting for a setting out of range.
    """
    project.check_writable()
    request.settings.check()
    request.filter.check()
    sae = sae_to_use(project, request.sae)
    activations = _activations(project, sae)
    counted = _counted(project, activations, control)
    inputs = {
        "co_occurrence": counted.hash,
        "activations": activations.hash,
        "settings": request.settings.as_json(),
        "algorithm": ALGORITHM_VERSION,
    }
    found = open_co_occurrence(project, counted)
    allowed = let_in(project, sae, found, request.filter)
    if allowed is not None:
        # Labels change, so that the same filter may let in other features later.
        inputs["filter"] = request.filter.as_json()
        inputs["allowed"] = short_hash(np.flatnonzero(allowed).tolist())
    if project.find_intact("families", inputs) is None:
        families = find_families(found, request.settings, allowed, control)
        with project.new_artifact("families", inputs) as draft:
            text = json.dumps([asdict(one) for one in families], indent=0)
            (draft.folder / FAMILIES_NAME).write_text(text + "\n", "utf-8")
            if allowed is not None:
                write_array(draft.folder / ALLOWED_NAME, allowed)
            members = {i for one in families for i in one.members}
            draft.summary |= {"families": len(families), "features": len(members)}
    record = project.find("families", inputs)
    assert record is not None
    project.use(record, of=activations.hash)
    return FamiliesOfSae(sae, record, read_families(project, record))


def families_in_use(project: Project, hash_: str = "") -> FamiliesOfSae | None:
    """The families found last for the SAE called `hash_`, or for the one in use; None before.

    Raises BadInput where the SAE is not analysed, DamagedArtifact where they cannot be read.
    """
    sae = sae_to_use(project, hash_)
    record = project.current("families", of=_activations(project, sae).hash)
    return None if record is None else FamiliesOfSae(sae, record, read_families(project, record))


def stored_bytes(project: Project, hash_: str = "") -> int:
    """How large the file is that `families_in_use` reads; 0 without one. Raises BadInput as it."""
    sae = sae_to_use(project, hash_)
    record = project.current("families", of=_activations(project, sae).hash)
    return 0 if record is None else int(record.files.get(FAMILIES_NAME, {}).get("bytes", 0))


def stored_families(project: Project, hash_: str = "") -> FamiliesOfSae:
    """The families found last, as `families_in_use` has them; raises BadInput before."""
    found = families_in_use(project, hash_)
    if found is None:
        raise BadInput(f"{project.name} has no families yet. Find the families first.")
    return found


def settings_of(record: ArtifactRecord) -> FamilySettings:
    """The settings that families were found with; raises DamagedArtifact."""
    try:
        # Families from before there was this setting were found without it.
        settings = FamilySettings(**{"above_chance": 0.0, **record.inputs["settings"]})
        settings.check()
    except (KeyError, TypeError, BadSetting) as error:
        raise DamagedArtifact(
            "The families do not say what they were found with. Find the families again."
        ) from error
    return settings


def filter_of(found: FamiliesOfSae | None) -> FeatureFilter:
    """The filter that stored families were found with; raises DamagedArtifact."""
    try:
        said = {} if found is None else found.record.inputs.get("filter", {})
        wanted = FeatureFilter(**said)
        wanted.check()
    except (TypeError, BadSetting) as error:
        raise DamagedArtifact(
            "The families do not say what they were found with. Find the families again."
        ) from error
    return wanted


def counted_co_occurrence(project: Project, hash_: str = "") -> CoOccurrence | None:
    """What fires together, mapped, where it was counted for an SAE; None before.

    Raises BadInput where the SAE is not analysed, DamagedArtifact where it cannot be read.
    """
    activations = _activations(project, sae_to_use(project, hash_))
    record = project.find("co_occurrence", _counting_inputs(activations))
    return None if record is None else open_co_occurrence(project, record)


def families_or_found(
    project: Project, hash_: str, control: TaskControl
) -> tuple[FamiliesOfSae | None, tuple[FeatureFamily, ...]]:
    """The families that are stored for an SAE, and else those that the defaults give.

    Nothing is stored here, so that a project may be read-only. Raises BadInput where the SAE is
    not analysed.
    """
    stored = families_in_use(project, hash_)
    if stored is not None:
        return stored, stored.families
    activations = _activations(project, sae_to_use(project, hash_))
    counted = co_occurrence(open_activations(project, activations), control)
    return None, find_families(counted, control=control)


def read_families(project: Project, record: ArtifactRecord) -> tuple[FeatureFamily, ...]:
    """The families of an artifact; raises DamagedArtifact."""
    path = project.path_of(record, FAMILIES_NAME)
    try:
        return tuple(family_of_json(one) for one in json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, OverflowError, KeyError, TypeError, RecursionError) as error:
        raise DamagedArtifact(f"{path} cannot be read. Find the families again.") from error


def allowed_features(project: Project, families: ArtifactRecord) -> np.ndarray | None:
    """(n_latents,) bool: what the filter of stored families let in; None without a filter.

    Raises DamagedArtifact.
    """
    if ALLOWED_NAME not in families.files:
        return None
    return open_array(project.path_of(families, ALLOWED_NAME))


def family_rows(
    families: Sequence[ShownFamily], labels: Mapping[int, FeatureLabel]
) -> list[dict[str, Any]]:
    """Families with the names people see in plain values, as the command shows them."""
    return [
        {
            "family": number,
            "name": one.name,
            "root": one.root,
            "features": one.size,
            "strength": one.strength,
            "found_in_pass": one.found_in_pass,
            "pinned": one.pinned,
            "edited": one.edited,
            "merged_from": list(one.merged_from),
            "children": [
                {"feature": child, "label": shown_label(labels.get(child), child)}
                for child in one.children
            ],
            "edges": [asdict(edge) for edge in one.edges],
        }
        for number, one in enumerate(families)
    ]


def open_co_occurrence(project: Project, record: ArtifactRecord) -> CoOccurrence:
    """What fires together, mapped; raises DamagedArtifact when a file is missing or cut."""
    names = ("counts", "rarer", "denser", "together", "keys")
    arrays = {name: open_array(project.path_of(record, f"{name}.npy")) for name in names}
    return CoOccurrence.of_arrays(int(record.summary["documents"]), arrays)


def let_in(
    project: Project, sae: ArtifactRecord, found: CoOccurrence, wanted: FeatureFilter
) -> np.ndarray | None:
    """(n_latents,) bool: the features that a filter lets in by their labels now; None for all.

    Raises BadInput where it asks for scores that there are not.
    """
    if wanted.lets_all_in:
        return None
    labels = {i: label.text for i, label in project.labels.current(sae.hash).items()}
    shown = {i: shown_score(scores) for i, scores in project.labels.scores(sae.hash).items()}
    scores = {i: one.score for i, one in shown.items() if one is not None}
    if wanted.least_score > 0 and not scores:
        raise BadInput(
            f"The labels of this SAE of {project.name} are not scored yet. "
            "Score the labels first, or ask for no score."
        )
    return features_let_in(wanted, found.counts, labels, scores)


def _counted(project: Project, activations: ArtifactRecord, control: TaskControl) -> ArtifactRecord:
    inputs = _counting_inputs(activations)
    found = project.find_intact("co_occurrence", inputs)
    if found is None:
        counted = co_occurrence(open_activations(project, activations), control)
        with project.new_artifact("co_occurrence", inputs) as draft:
            for name, array in counted.arrays().items():
                write_array(draft.folder / f"{name}.npy", np.ascontiguousarray(array))
            draft.summary |= {
                "documents": counted.n_documents,
                "n_latents": counted.n_latents,
                "pairs": len(counted.together),
            }
        found = project.find("co_occurrence", inputs)
        assert found is not None
    return found


def _counting_inputs(activations: ArtifactRecord) -> dict[str, Any]:
    return {"activations": activations.hash, "algorithm": ALGORITHM_VERSION}


def _activations(project: Project, sae: ArtifactRecord) -> ArtifactRecord:
    found = analysis_in_use(project, sae)
    if found is None:
        raise BadInput(
            f"The features of this SAE of {project.name} are not analysed yet. "
            "Analyse the SAE first."
        )
    return found[1]
