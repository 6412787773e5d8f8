"""The demo: the installed reference documentation, taken apart, ready within seconds.

The documentation is read at run time in a process of its own; vectors of known texts and a
trained SAE come with the program, texts of other versions are embedded on the spot.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saedesk.corpus.corpus_input import InputRequest
from saedesk.corpus.reference_documentation import COLUMNS, collect_reference_documentation
from saedesk.errors import BadInput
from saedesk.jobs import analyse_features, embed_documents, import_documents, label_features
from saedesk.jobs.train_sae import CURVE_NAME, training_inputs
from saedesk.jobs.training_request import TrainRequest
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import SUFFIX, Project, is_project
from saedesk.resource_files import resource
from saedesk.task_control import Progress, TaskControl

if TYPE_CHECKING:
    from saedesk.sae.sae_config import SaeConfig

NAME = "Reference documentation"
VECTORS_FOLDER = "demo_vectors"
SAE_FOLDER = "demo_sae"


@dataclass(frozen=True)
class DemoRequest:
    """Where the demo project lies and whether everything is really done anew."""

    folder: Path
    from_scratch: bool = False
    """Embed every text and train the SAE instead of using what comes with the program."""


def default_folder() -> Path:
    """Where the demo project is kept when a person opens it from the window."""
    from platformdirs import user_data_path

    home = os.environ.get("SAEDESK_HOME")
    base = Path(home) if home else user_data_path("saedesk", appauthor=False)
    return base / f"{NAME}{SUFFIX}"


def run(request: DemoRequest, control: TaskControl) -> Path:
    """Make the demo project, or finish one that was interrupted; returns its folder."""
    if is_project(request.folder):
        project = Project.open(request.folder)
    else:
        request.folder.parent.mkdir(parents=True, exist_ok=True)
        project = Project.create(request.folder, NAME)
    with project:
        if request.from_scratch and project.artifacts("saes"):
            raise BadInput(
                f"{request.folder} holds a finished demo. Choose another folder to make one from "
                "scratch."
            )
        if project.documents.count() == 0:
            _import(project, control)
        _embed(project, request, control)
        if not project.artifacts("saes"):
            _make_sae(project, request, control)
        record = analyse_features.sae_to_use(project)
        analyse_features.run(project, analyse_features.AnalyseRequest(), control)
        if not project.labels.current(record.hash):
            label_features.run(project, label_features.LabelRequest(), control)
    return request.folder


def _import(project: Project, control: TaskControl) -> None:
    with tempfile.TemporaryDirectory(prefix="saedesk-demo-") as folder:
        path = Path(folder) / "reference documentation.jsonl"
        control.report(Progress(0, None, "documents", "Reading the installed documentation"))
        collect_reference_documentation(path, control)
        request = import_documents.ImportRequest(InputRequest((path,), COLUMNS, "utf-8"))
        import_documents.run(project, request, control)


def _embed(project: Project, request: DemoRequest, control: TaskControl) -> None:
    ready = resource(VECTORS_FOLDER)
    embed_documents.run(
        project,
        embed_documents.EmbedRequest(
            ready_vectors=None if request.from_scratch or not ready.is_dir() else ready
        ),
        control,
    )


def demo_config() -> SaeConfig:
    """The settings of the SAE that comes with the program."""
    from saedesk.sae.architectures.topk import TopKConfig

    return TopKConfig(
        n_latents=256,
        k=8,
        epochs=120,
        batch_size=256,
        learning_rate=5e-4,
        learning_rate_decay="linear",
        dead_after_steps=92,
    )


def _make_sae(project: Project, request: DemoRequest, control: TaskControl) -> None:
    from saedesk.jobs import train_sae

    ready = resource(SAE_FOLDER)
    if request.from_scratch or not ready.is_dir():
        train_sae.run(project, TrainRequest(demo_config(), preset="Balanced"), control)
        return
    vectors = project.current("vectors")
    assert vectors is not None
    inputs = {**training_inputs(vectors, TrainRequest(demo_config())), "shipped": True}
    with project.new_artifact("saes", inputs, use=True) as draft:
        for name in ("sae.safetensors", "config.json", CURVE_NAME):
            shutil.copy(ready / name, draft.folder / name)
        draft.summary |= _shipped_summary(ready)


def _shipped_summary(ready: Path) -> dict[str, Any]:
    import json

    content: dict[str, Any] = json.loads((ready / "summary.json").read_text("utf-8"))
    return content


def store_as_resources(project: Project, record: ArtifactRecord, resources: Path) -> None:
    """Write the demo's vectors and SAE into `resources`, from a demo made from scratch."""
    import json

    from saedesk.embedding.shipped_vectors import write_shipped_vectors
    from saedesk.embedding.text_hashes import from_bytes
    from saedesk.project.artifact_readers import TEXT_HASHES_NAME, open_vectors
    from saedesk.project.atomic_files import open_array

    vectors_record = project.current("vectors")
    assert vectors_record is not None
    vectors = open_vectors(project, vectors_record)
    hashes = open_array(project.path_of(vectors_record, TEXT_HASHES_NAME))
    write_shipped_vectors(
        resources / VECTORS_FOLDER,
        model_name=vectors.model_name,
        model_fingerprint=str(vectors_record.inputs["model_fingerprint"]),
        hashes=from_bytes(hashes),
        vectors=vectors.values,
    )
    target = resources / SAE_FOLDER
    target.mkdir(parents=True, exist_ok=True)
    for name in ("sae.safetensors", "config.json", CURVE_NAME):
        shutil.copy(project.path_of(record, name), target / name)
    summary = json.dumps(record.summary, indent=1, sort_keys=True)
    (target / "summary.json").write_text(summary + "\n", "utf-8")
