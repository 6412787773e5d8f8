"""Activations in long form: document, feature, activation, one line for each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from saedesk.jobs.exports.activation_batches import ActivationBatch, activation_batches
from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.jobs.table_writers import safe_text
from saedesk.project.document_keys import keys_of
from saedesk.project.project_folder import Project
from saedesk.task_control import TaskControl

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS_IN_GROUP = 1 << 17
_LINES_AT_ONCE = 1 << 14
"""About 30 ms of Python."""
_COLUMNS = ("key", "document", "feature", "label", "activation")


class ActivationTable:
    """Columns key, document, feature, label, activation; strongest first in each document.

    `key` and `document` (its number in the project) name the document, `feature` and `label` the
    feature ("" where it has no label). Documents without any active feature have no line.
    """

    def __init__(self, project: Project, sae: LoadedSae, rows: np.ndarray) -> None:
        """`rows` (n,) int64 are those of the SAE's vectors."""
        self._project, self._sae, self._rows = project, sae, rows
        labels = project.labels.current(sae.hash)
        self._labels = [labels[i].text if i in labels else "" for i in range(sae.n_latents)]

    def write_parquet(self, file: BinaryIO, control: TaskControl) -> int:
        """Row groups with checksums; returns how many lines."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        types = (pa.string(), pa.int64(), pa.int32(), pa.string(), pa.float32())
        schema = pa.schema(list(zip(_COLUMNS, types, strict=True)))
        labels = pa.array(self._labels, pa.string())
        written = 0
        with pq.ParquetWriter(file, schema, write_page_checksum=True) as writer:
            for batch, ids, keys in self._batches(_ROWS_IN_GROUP, control):
                writer.write_table(_arrow_table(batch, ids, keys, labels, schema))
                written += len(batch.values)
        return written

    def write_csv(self, file: BinaryIO, control: TaskControl) -> int:
        """Texts quoted and escaped as in every CSV; returns how many lines."""
        file.write(",".join(_COLUMNS).encode("ascii") + b"\r\n")
        return self._write_lines(file, control, _csv_text, "{},{},", "{},{},", "{}\r\n")

    def write_json_lines(self, file: BinaryIO, control: TaskControl) -> int:
        """One object for each; returns how many."""
        head = '{{"key": {}, "document": {}, '
        return self._write_lines(
            file, control, _json_text, head, '"feature": {}, "label": {}, ', '"activation": {}}}\n'
        )

    def _write_lines(
        self,
        file: BinaryIO,
        control: TaskControl,
        quoted: Callable[[str | None], str],
        head: str,
        middle: str,
        tail: str,
    ) -> int:
        """Lines put together from what is written once for a document and once for a feature."""
        of_feature = [middle.format(i, quoted(label)) for i, label in enumerate(self._labels)]
        written = 0
        for batch, ids, keys in self._batches(_LINES_AT_ONCE, control):
            of_document = [
                head.format(quoted(key), id_) for key, id_ in zip(keys, ids.tolist(), strict=True)
            ]
            place = np.repeat(np.arange(len(ids)), batch.counts).tolist()
            # As short as a float32 can be told.
            values = batch.values.astype(str).tolist()
            parts = zip(place, batch.latents.tolist(), values, strict=True)
            lines = (of_document[at] + of_feature[i] + tail.format(value) for at, i, value in parts)
            file.write("".join(lines).encode("utf-8"))
            written += len(batch.values)
        return written

    def _batches(
        self, at_once: int, control: TaskControl
    ) -> Iterator[tuple[ActivationBatch, np.ndarray, list[str | None]]]:
        """Each batch with the numbers and keys of its documents."""
        for batch in activation_batches(self._sae.activations, self._rows, at_once, control):
            ids = np.asarray(self._sae.vectors.document_ids[batch.rows])
            yield batch, ids, keys_of(self._project.database, ids)


def _arrow_table(
    batch: ActivationBatch,
    ids: np.ndarray,
    keys: list[str | None],
    labels: pa.Array,
    schema: pa.Schema,
) -> pa.Table:
    """Columns made from whole arrays: no Python object for any single activation."""
    import pyarrow as pa

    place = np.repeat(np.arange(len(ids)), batch.counts)
    columns = [
        pa.array(keys, pa.string()).take(pa.array(place)),
        pa.array(ids[place]),
        pa.array(batch.latents, pa.int32()),
        labels.take(pa.array(batch.latents)),
        pa.array(batch.values, pa.float32()),
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _csv_text(text: str | None) -> str:
    escaped = safe_text(text or "").replace('"', '""')
    return f'"{escaped}"'


def _json_text(text: str | None) -> str:
    return json.dumps(text, ensure_ascii=False)
