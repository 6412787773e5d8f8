"""Vectors with features turned up or down, for use in other programs.

A document's vector v becomes |v| normalise(v/|v| + Σ u_i d_i): the formula by which a search steers
its query (O'Neill et al. 2024), brought back to the length the vector had. Strengths u_i therefore
mean the same as in a search, whatever length the vectors have. Without strengths the vectors are
written as they are.

Row by row the documents, and, where something was searched for, the plain and the steered vector
of the query (at length 1) as two more rows at the end; in a .npz those are members of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np

from saedesk.jobs.exports.activation_matrix import document_members
from saedesk.jobs.exports.array_streams import whole, write_npy, write_npz
from saedesk.jobs.exports.asked_search import AskedSearch, VectorsAndPlan
from saedesk.jobs.exports.export_request import ExportRequest, chosen_documents, chosen_rows
from saedesk.project.atomic_files import require_room
from saedesk.project.document_keys import keys_of
from saedesk.project.project_folder import Project
from saedesk.search.query_features import SHORTEST_STEERED_QUERY, steer
from saedesk.task_control import Progress, TaskControl

_VALUES_AT_ONCE = 1 << 20
_TEXT_VALUES_AT_ONCE = 1 << 14
"""About 30 ms of Python."""
_QUERY_KINDS = ("query", "steered query")


class SteeredVectors:
    """The vectors of chosen documents under a plan, and those of a query."""

    def __init__(self, project: Project, request: ExportRequest) -> None:
        """Raises what VectorsAndPlan and AskedSearch raise, and OutOfRoom for a full disk."""
        self._project = project
        opened = VectorsAndPlan.open(project, request)
        self._vectors, self._decoder = opened.vectors.values, opened.decoder
        self._ids = opened.vectors.document_ids
        self._plan = opened.plan
        self._rows = chosen_rows(opened.vectors, chosen_documents(project, request))
        self._width = int(self._vectors.shape[1])
        self._offset = _sum_of_directions(self._decoder, opened.plan.strengths)
        asked = AskedSearch.open(project, request, opened)
        self._queries = np.zeros((0, self._width), np.float32)
        if asked is not None:
            steered = steer(asked.query, opened.plan, self._decoder)
            self._queries = np.stack([asked.query.vector, steered.vector]).astype(np.float32)
        self._about = {
            "project": project.name,
            "sae": "" if opened.sae is None else opened.sae.hash,
            "steering": {str(latent): strength for latent, strength in opened.plan.strengths},
            "query": request.query,
            "like": list(request.like),
        }
        require_room(request.path.absolute().parent, 4 * len(self) * self._width)

    def __len__(self) -> int:
        """Documents, and two more for a query."""
        return len(self._rows) + len(self._queries)

    def write_npy(self, file: BinaryIO, control: TaskControl) -> int:
        """(n, d) float32: documents by number, then the query and the steered query."""

        def pieces() -> Iterator[np.ndarray]:
            for _, piece in self._pieces(_VALUES_AT_ONCE, control):
                yield piece
            yield self._queries

        write_npy(file, (len(self), self._width), np.float32, pieces())
        return len(self)

    def write_npz(self, file: BinaryIO, control: TaskControl) -> int:
        """Members vectors (n, d), keys, documents, about (JSON), and query, steered_query (d,)."""

        def vectors(stream: BinaryIO) -> None:
            pieces = (piece for _, piece in self._pieces(_VALUES_AT_ONCE, control))
            write_npy(stream, (len(self._rows), self._width), np.float32, pieces)

        members = {
            "vectors": vectors,
            **document_members(self._project, self._ids[self._rows], control),
            "about": whole(np.array(json.dumps(self._about, ensure_ascii=False))),
        }
        for kind, vector in zip(_QUERY_KINDS, self._queries, strict=False):
            members[kind.replace(" ", "_")] = whole(vector)
        write_npz(file, members)
        return len(self)

    def write_parquet(self, file: BinaryIO, control: TaskControl) -> int:
        """Columns kind (“document”, “query”, “steered query”), key, document and vector (a list).

        The key of a query is its kind; it has no document.

        The SAE, the strengths and the query stand in the metadata of the schema, under “saedesk”.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = pa.schema(
            [
                ("kind", pa.string()),
                ("key", pa.string()),
                ("document", pa.int64()),
                ("vector", pa.list_(pa.float32())),
            ],
            metadata={"saedesk": json.dumps(self._about, ensure_ascii=False)},
        )
        with pq.ParquetWriter(file, schema, write_page_checksum=True) as writer:
            for kinds, keys, ids, piece in self._named_pieces(_VALUES_AT_ONCE, control):
                ends = np.arange(0, piece.size + 1, self._width, dtype=np.int32)
                lists = pa.ListArray.from_arrays(ends, pa.array(piece.reshape(-1)))
                columns = [pa.array(kinds), pa.array(keys, pa.string()), pa.array(ids, pa.int64())]
                writer.write_table(pa.Table.from_arrays([*columns, lists], schema=schema))
        return len(self)

    def write_json_lines(self, file: BinaryIO, control: TaskControl) -> int:
        """Objects with kind, key, document and vector; a vector that is no number is null."""
        for kinds, keys, ids, piece in self._named_pieces(_TEXT_VALUES_AT_ONCE, control):
            finite = np.isfinite(piece).all(axis=1).tolist()
            for kind, key, id_, vector, is_finite in zip(
                kinds, keys, ids, piece, finite, strict=True
            ):
                row = {"kind": kind, "key": key, "document": id_}
                head = json.dumps(row, ensure_ascii=False)[:-1]
                # As short as float32 can be told.
                numbers = f"[{', '.join(vector.astype(str).tolist())}]" if is_finite else "null"
                file.write(f'{head}, "vector": {numbers}}}\n'.encode())
        return len(self)

    def _named_pieces(
        self, values_at_once: int, control: TaskControl
    ) -> Iterator[tuple[list[str], list[str | None], list[int | None], np.ndarray]]:
        for rows, piece in self._pieces(values_at_once, control):
            ids: list[int | None] = self._ids[rows].tolist()
            keys = keys_of(self._project.database, self._ids[rows])
            yield ["document"] * len(ids), keys, ids, piece
        if len(self._queries):
            # Keys of their own, so that every row has one for a reader that matches by key.
            yield list(_QUERY_KINDS), list(_QUERY_KINDS), [None, None], self._queries

    def _pieces(
        self, values_at_once: int, control: TaskControl
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Rows of the vectors, and what becomes of their vectors."""
        at_once = max(1, values_at_once // self._width)
        for start in range(0, len(self._rows), at_once):
            control.checkpoint()
            control.report(Progress(start, len(self._rows), "documents"))
            rows = self._rows[start : start + at_once]
            yield rows, self._steered(np.asarray(self._vectors[rows], np.float32))

    def _steered(self, vectors: np.ndarray) -> np.ndarray:
        """(b, d) float32; zero and non-finite vectors stay as they are.

        A vector that the strengths cancel out has no direction left and becomes zero.
        """
        if self._plan.at_rest:
            return vectors
        own = vectors.astype(np.float64)
        lengths = np.linalg.norm(own, axis=1, keepdims=True)
        usable = np.isfinite(lengths[:, 0]) & (lengths[:, 0] > 0)
        own, lengths = own[usable], lengths[usable]
        moved = own / lengths + self._offset
        norms = np.linalg.norm(moved, axis=1, keepdims=True)
        cancelled = norms <= SHORTEST_STEERED_QUERY
        moved *= np.where(cancelled, 0.0, lengths / np.where(cancelled, 1.0, norms))
        steered = vectors.copy()
        steered[usable] = moved.astype(np.float32)
        return steered


def _sum_of_directions(
    decoder: np.ndarray, strengths: tuple[tuple[int, float], ...]
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Σ u_i d_i, (d,) float64."""
    latents = [latent for latent, _ in strengths]
    weights = np.array([strength for _, strength in strengths], np.float64)
    total: np.ndarray = weights @ np.asarray(decoder[latents], np.float64)
    return total
