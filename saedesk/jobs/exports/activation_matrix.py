"""Activations as a matrix that `scipy.sparse.load_npz` opens: documents by features.

Beside the members of `scipy.sparse.save_npz` (format, shape, data, indices, indptr; no pickles),
which scipy reads, the same file holds what says whose rows and columns they are, for
`numpy.load`:

    keys      (documents,) <U…    the key of each row's document
    documents (documents,) int64  its number in the project
    labels    (features,) <U…     the label of each column's feature, "" where it has none
    about     () <U…              JSON: the project and the SAE
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from saedesk.errors import BadInput
from saedesk.jobs.exports.activation_batches import (
    ActivationBatch,
    activation_batches,
    activation_counts,
)
from saedesk.jobs.exports.array_streams import Member, texts, whole, write_npy, write_npz
from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.project.document_keys import keys_of, longest_key
from saedesk.project.project_folder import Project
from saedesk.task_control import TaskControl

_ENTRIES_AT_ONCE = 1 << 18
_KEYS_AT_ONCE = 20_000
_LARGEST_KEYS = 4_000_000_000
"""Bytes that keys of a fixed width may take in a .npz."""
_MOST_INT32 = np.iinfo(np.int32).max


def write_activation_matrix(
    file: BinaryIO, project: Project, sae: LoadedSae, rows: np.ndarray, control: TaskControl
) -> int:
    """Write the activations of the documents in `rows` (n,) as CSR; returns how many documents.

    Within a row the features ascend. Raises BadInput where the keys are too long for an array.
    """
    activations = sae.activations
    counts = activation_counts(activations, rows)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    n_active = int(offsets[-1])
    kind = np.int32 if max(n_active, sae.n_latents) <= _MOST_INT32 else np.int64

    def entries() -> Iterator[ActivationBatch]:
        return activation_batches(activations, rows, _ENTRIES_AT_ONCE, control)

    def indices(stream: BinaryIO) -> None:
        pieces = (batch.latents[_by_latent(batch)] for batch in entries())
        write_npy(stream, (n_active,), kind, pieces)

    def data(stream: BinaryIO) -> None:
        pieces = (batch.values[_by_latent(batch)] for batch in entries())
        write_npy(stream, (n_active,), np.float32, pieces)

    labels = project.labels.current(sae.hash)
    write_npz(
        file,
        {
            "indices": indices,
            "indptr": whole(offsets.astype(kind)),
            "format": whole(np.array(b"csr")),
            "shape": whole(np.array([len(rows), sae.n_latents], np.int64)),
            "data": data,
            **document_members(project, np.asarray(sae.vectors.document_ids[rows]), control),
            "labels": whole(
                texts([labels[i].text if i in labels else "" for i in range(sae.n_latents)])
            ),
            "about": whole(np.array(json.dumps({"project": project.name, "sae": sae.hash}))),
        },
    )
    return len(rows)


def document_members(project: Project, ids: np.ndarray, control: TaskControl) -> dict[str, Member]:
    """The members `keys` and `documents` of a .npz whose rows are these documents (n,) int64.

    Raises BadInput where the longest key makes an array of a fixed width too large.
    """
    width = max(1, longest_key(project.database))
    if 4 * width * len(ids) > _LARGEST_KEYS:
        raise BadInput(
            f"The longest key has {width:,} characters, too many for {len(ids):,} documents in a "
            ".npz file. Save as Parquet instead."
        )

    kind = np.dtype(f"<U{width}")

    def pieces() -> Iterator[np.ndarray]:
        for start in range(0, len(ids), _KEYS_AT_ONCE):
            control.checkpoint()
            keys = keys_of(project.database, ids[start : start + _KEYS_AT_ONCE])
            yield np.array([key or "" for key in keys], kind)

    def keys(stream: BinaryIO) -> None:
        write_npy(stream, (len(ids),), kind, pieces())

    return {"keys": keys, "documents": whole(ids)}


def _by_latent(batch: ActivationBatch) -> np.ndarray:
    place = np.repeat(np.arange(len(batch.counts)), batch.counts)
    order: np.ndarray = np.lexsort((batch.latents, place))
    return order
