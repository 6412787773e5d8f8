"""A project as large as the explorer has to carry, invented piece by piece in bounded memory.

No SAE is trained: directions, activations, labels, scores and marks are drawn, and the vectors are
what the activations add up to. Statistics are counted by the program itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from saedesk.corpus.document import Document, FieldDefinition, FieldType
from saedesk.embedding.model_catalogue import resolve_model
from saedesk.features.labels.label_score import LabelScore
from saedesk.features.sparse_activations import ActivationWriter
from saedesk.jobs import analyse_features, embed_documents
from saedesk.project import artifact_readers as names
from saedesk.project.atomic_files import create_array, write_array
from saedesk.project.document_writer import ImportRecord, writing_documents
from saedesk.project.feature_marks import FeatureMark
from saedesk.project.label_store import KEYWORDS, LANGUAGE_MODEL, PERSON, FeatureLabel
from saedesk.project.project_folder import Project
from saedesk.sae.architectures.topk import TopKConfig
from saedesk.sae.sae_config import as_json
from saedesk.sae.sparse_autoencoder import SparseAutoencoder
from saedesk.task_control import Unattended

WIDTH = 384
K = 32
_AT_ONCE = 20_000
_FIELDS = (
    FieldDefinition("category", FieldType.CATEGORY),
    FieldDefinition("date", FieldType.DATE),
    FieldDefinition("latitude", FieldType.LATITUDE),
    FieldDefinition("longitude", FieldType.LONGITUDE),
)
_TEXT = """
galaxy survey light dark matter halo lens dust star cluster gas disk wind pulse orbit planet crater
ocean river flood drought forest fire storm cloud snow ice coast island city harbour bridge road
school clinic vaccine virus cell protein gene trial dose market price trade bank loan wage tax vote
court treaty border army peace film novel music match goal team season
"""
_WORDS = _TEXT.split()


Codes = Callable[[int, int], Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]]
"""From numbers of documents and latents: counts, latents and values, some documents at a time."""


def build_large(
    folder: Path,
    documents: int,
    latents: int,
    codes: Codes | None = None,
    name: str = "large",
    width: int = WIDTH,
) -> Path:
    """The project in `folder`, made there unless it is there already; 4 GB at full size.

    codes: what fires where, for a project of another name. width: dimensions of the vectors.
    """
    wide = "" if width == WIDTH else f"-{width}"
    home = folder / f"{name}-{documents}-{latents}{wide}.saedesk"
    if (home / "finished").exists():
        return home
    with Project.create(home) as project:
        _add_documents(project, documents)
        directions = _directions(latents, width)
        _add_vectors_and_activations(project, documents, directions, codes or _codes)
        analyse_features.run(project, analyse_features.AnalyseRequest(device="cpu"), Unattended())
        _add_labels(project, latents)
    (home / "finished").touch()
    return home


def _add_documents(project: Project, count: int) -> None:
    rng = np.random.default_rng(0)
    with writing_documents(project.database, _FIELDS) as writer:
        for start in range(0, count, _AT_ONCE):
            many = min(_AT_ONCE, count - start)
            words = rng.integers(len(_WORDS), size=(many, 60))
            for row, chosen in enumerate(words, start=start):
                writer.add(_document(row, [_WORDS[at] for at in chosen]))
        record = ImportRecord("invented", count, count, 0, 0, 0)
        writer.finish("invented", record, ())


def _document(row: int, words: list[str]) -> Document:
    place = row % 997
    fields = {
        "category": f"Field {words[0]}",
        "date": f"{2000 + row % 25}-{1 + row % 12:02d}-01",
        "latitude": 35.0 + place % 31 + (row % 7) / 10,
        "longitude": -9.0 + place // 31 + (row % 5) / 10,
    }
    text = f"{' '.join(words[3:30])}. {' '.join(words[30:])}."
    return Document(f"d{row}", f"On {words[0]} {words[1]} and {words[2]} {row}", text, fields)


def _directions(latents: int, width: int) -> np.ndarray:
    """(latents, width) float32 of length 1, in loose groups of ten: neighbours."""
    rng = np.random.default_rng(1)
    groups = rng.standard_normal((latents // 10 + 1, width), np.float32)
    own = rng.standard_normal((latents, width), np.float32)
    mixed = own + groups[np.arange(latents) // 10]
    return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True), np.float32)


def _add_vectors_and_activations(
    project: Project, documents: int, directions: np.ndarray, codes: Codes
) -> None:
    from scipy.sparse import csr_matrix

    model = resolve_model("all-MiniLM-L6-v2")
    ids, hashes = project.documents.embedding_rows()
    width = directions.shape[1]
    inputs, name = embed_documents.vectors_inputs(project, model), model.name
    if width != WIDTH:
        # Brought along: no model on this computer makes vectors so wide.
        name = ""
        inputs |= {"model": name, "model_fingerprint": "", "imported": "invented"}
    with project.new_artifact("vectors", inputs, use=True) as draft:
        vectors = create_array(draft.folder / names.VECTORS_NAME, (documents, width), np.float32)
        at = 0
        for counts, latents, values in codes(documents, len(directions)):
            pointers = np.concatenate([[0], np.cumsum(counts)])
            fired = csr_matrix((values, latents, pointers), (len(counts), len(directions)))
            part = fired @ directions
            part /= np.linalg.norm(part, axis=1, keepdims=True)
            vectors[at : at + len(counts)] = part
            at += len(counts)
        vectors.flush()
        write_array(draft.folder / names.DOCUMENT_IDS_NAME, ids)
        write_array(draft.folder / names.TEXT_HASHES_NAME, hashes)
        write_array(draft.folder / names.BAD_ROWS_NAME, np.zeros(0, np.int64))
        draft.summary.update(model=name, documents=len(ids), dimensions=width)
    _add_sae(project, directions)
    sae, made = project.current("saes"), project.current("vectors")
    assert sae is not None
    assert made is not None
    with project.new_artifact("activations", analyse_features.activation_inputs(sae, made)) as out:
        writer = ActivationWriter(out.folder, len(directions))
        for counts, latents, values in codes(documents, len(directions)):
            writer.append(counts, latents, values)
        done = writer.finish()
        out.summary |= {"documents": done.n_documents, "active": done.n_active}


def _codes(documents: int, latents: int) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Counts, latents and values of some documents at a time; the same every time.

    Densities fall as they do in trained SAEs, from some percent to nothing at all.
    """
    rng = np.random.default_rng(2)
    shares = np.exp(rng.normal(0.0, 1.3, latents))
    shares[rng.random(latents) < 0.02] = 0.0
    ends = np.cumsum(shares / shares.sum())
    for start in range(0, documents, _AT_ONCE):
        many = min(_AT_ONCE, documents - start)
        drawn = np.searchsorted(ends, rng.random((many, K))).clip(max=latents - 1)
        drawn.sort(axis=1)
        is_first = np.ones(drawn.shape, bool)
        is_first[:, 1:] = drawn[:, 1:] != drawn[:, :-1]
        values = (0.02 + rng.exponential(0.08, drawn.shape)).astype(np.float32)
        yield is_first.sum(axis=1), drawn[is_first].astype(np.int32), values[is_first]


def _add_sae(project: Project, directions: np.ndarray) -> None:
    import torch

    width = directions.shape[1]
    config = TopKConfig(n_latents=len(directions), k=K)
    parameters = {
        "W_enc": torch.from_numpy(directions.copy()),
        "W_dec": torch.from_numpy(directions.copy()),
        "b_enc": torch.zeros(len(directions)),
        "pre_bias": torch.zeros(width),
    }
    sae = SparseAutoencoder("topk", config, width, parameters)
    made = project.current("vectors")
    assert made is not None
    inputs = {"architecture": "topk", "config": as_json(config), "vectors": made.hash}
    with project.new_artifact("saes", inputs, use=True) as draft:
        sae.save(draft.folder)
        draft.summary.update(name="Run 1", d_in=width, k=K, n_latents=len(directions))


def _add_labels(project: Project, latents: int) -> None:
    """Labels of nearly all features, two scores of most, some stars, tags and hidden ones."""
    sae = project.current("saes")
    assert sae is not None
    rng = np.random.default_rng(3)
    labels = [
        FeatureLabel(i, _label(rng), _source(i), "invented", "", {"terms": ["one", "two"]})
        for i in range(latents)
        if i % 50
    ]
    ids = project.labels.add(sae.hash, labels)
    scores = []
    for label_id in ids[: len(ids) * 9 // 10]:
        for scorer in ("embedding", "lexical"):
            score = 0.5 + 0.5 * float(rng.random())
            scores.append((label_id, LabelScore(scorer, score, score - 0.1, score, 100)))
    project.labels.put_scores(scores, {"seed": 3})
    marks = {i: FeatureMark(True) for i in range(0, latents, 100)}
    marks |= {i: FeatureMark(False, True) for i in range(1, latents, 200)}
    marks |= {
        i: FeatureMark(note="Look again", tags=frozenset(["to check"]))
        for i in range(2, latents, 50)
    }
    project.marks.put(sae.hash, marks)


def _label(rng: np.random.Generator) -> str:
    return " ".join(_WORDS[at] for at in rng.integers(len(_WORDS), size=3))


def _source(latent: int) -> str:
    return (PERSON, LANGUAGE_MODEL)[latent % 2] if latent % 20 < 2 else KEYWORDS
