"""Take an SAE that was trained elsewhere into the project, in saedesk's own form."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saedesk.errors import BadCheckpoint, BadInput
from saedesk.project.atomic_files import require_room
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.task_control import Progress, TaskControl

if TYPE_CHECKING:
    from saedesk.sae.sparse_autoencoder import SparseAutoencoder

_NAME = "Loaded"


@dataclass(frozen=True)
class LoadSaeRequest:
    """Which file or folder, and what it does not say itself."""

    path: Path
    k: int | None = None
    """Active latents of a document, for files that do not say it; else it is not looked at."""
    name: str = ""
    """What the SAE is called in the project; "" for “Loaded 1”, “Loaded 2” and so on."""
    put_in_use: bool = False
    """Whether it becomes the SAE in use; the first of a project always does."""


def run(project: Project, request: LoadSaeRequest, control: TaskControl) -> ArtifactRecord:
    """Read, convert and store the SAE; the same weights are found again, not stored twice.

    Raises BadCheckpoint with one sentence where it cannot be read or does not fit the vectors,
    MissingK where k has to be told, BadInput for a name that is taken.
    """
    from saedesk.sae.formats.any_format import load_sae

    project.check_writable()
    control.report(Progress(0, None, "features", f"Reading {request.path.name}"))
    sae = load_sae(request.path, k=request.k)
    control.checkpoint()
    _check_width(project, sae)
    inputs = loaded_inputs(sae)
    use = request.put_in_use or project.current("saes") is None
    found = project.find_intact("saes", inputs)
    _check_name(project, request.name.strip(), found)
    if found is None:
        _store(project, sae, inputs, request, use=use)
        found = project.find("saes", inputs)
        assert found is not None
    elif use:
        project.use(found)
    return found


def is_loaded(record: ArtifactRecord) -> bool:
    """Whether an SAE of the project was trained elsewhere."""
    return "loaded" in record.inputs


def loaded_inputs(sae: SparseAutoencoder) -> dict[str, Any]:
    """Everything that determines a loaded SAE: its file's content and how it was read."""
    from saedesk.sae.sae_config import as_json

    return {
        "architecture": sae.architecture,
        "config": as_json(sae.config),
        "loaded": {"format": sae.origin.get("format"), "sha256": sae.origin.get("sha256")},
    }


def _check_name(project: Project, name: str, found: ArtifactRecord | None) -> None:
    """Raise BadInput for a name that another SAE has, or for weights that have another name."""
    names = {record.hash: str(record.summary.get("name")) for record in project.artifacts("saes")}
    if not name or (found is not None and names[found.hash] == name):
        return
    if found is not None:
        raise BadInput(
            f"These weights are in {project.name} already, as “{names[found.hash]}”. Use that one."
        )
    if name in names.values():
        raise BadInput(f"{project.name} has an SAE called “{name}” already. Choose another name.")


def _check_width(project: Project, sae: SparseAutoencoder) -> None:
    from saedesk.project.artifact_readers import open_vectors

    record = project.current("vectors")
    if record is None:
        return  # They may come later; an analysis needs them.
    width = open_vectors(project, record).values.shape[1]
    if width != sae.d_in:
        raise BadCheckpoint(
            f"This SAE takes vectors of {sae.d_in:,} numbers apart; those of {project.name} have "
            f"{width:,}. Load it into a project whose vectors come from the model it was trained "
            "on."
        )


def _store(
    project: Project,
    sae: SparseAutoencoder,
    inputs: dict[str, Any],
    request: LoadSaeRequest,
    *,
    use: bool,
) -> None:
    require_room(project.folder, 3 * 4 * sae.n_latents * sae.d_in)
    with project.new_artifact("saes", inputs, use=use) as draft:
        sae.save(draft.folder)
        draft.summary |= {
            "name": request.name.strip() or _next_name(project),
            "loaded": sae.origin.get("format"),
            "file": sae.origin.get("file"),
            "notes": list(sae.origin.get("notes") or ()),
            "settings": dict(sae.origin.get("settings") or {}),
            "architecture": sae.architecture,
            "n_latents": sae.n_latents,
            "d_in": sae.d_in,
            "k": getattr(sae.config, "k", None),
            "l0": None,
            "fvu": None,
            "dead_share": None,
        }


def _next_name(project: Project) -> str:
    taken = {str(record.summary.get("name")) for record in project.artifacts("saes")}
    number = 1
    while f"{_NAME} {number}" in taken:
        number += 1
    return f"{_NAME} {number}"
