"""The layout of the saerch release: vectors as .npy, keys and texts in one JSON file beside it.

    abstract_embeddings.npy    (n, d) float32
    abstract_texts.json        {"doc_ids": [str], "abstracts": ["title, blank line, text"]}

(github.com/Christine8888/saerch, data of O'Neill et al. 2024.) An older layout keeps the texts in
pickles, which can run code: they are never opened.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from saedesk.corpus.cell_text import cell_text
from saedesk.embedding.vector_files.json_list_stream import elements_of
from saedesk.embedding.vector_files.npy_file import NpyFile, checked_header
from saedesk.embedding.vector_files.vector_file import VectorChunk, VectorFormat, VectorTable
from saedesk.errors import BadInput

VECTORS_NAME = "abstract_embeddings.npy"
TEXTS_NAME = "abstract_texts.json"
_OLDER_VECTORS = "embeddings_matrix.npy"
KEY, TITLE, TEXT = COLUMNS = ("doc_id", "title", "abstract")
_PARTS_OF_NAMES = {KEY: "doc_ids", TITLE: "abstracts", TEXT: "abstracts"}


class SaerchFolder:
    """The vectors with their keys, titles and texts."""

    columns: tuple[str, ...] = COLUMNS

    def __init__(self, path: Path, table: VectorTable) -> None:
        self.path, self.table = path, table
        self._folder = _folder(path)
        self._vectors = NpyFile(self._folder / VECTORS_NAME, table)
        self.notes = self._vectors.notes

    def chunks(self) -> Iterator[VectorChunk]:
        """All rows in order."""
        return self._vectors.chunks()

    def cells(self, columns: Sequence[str]) -> Iterator[Sequence[str]]:
        """Row by row; raises BadInput where keys, texts and vectors are not equally many."""
        if not columns:
            yield from self._vectors.cells(())
            return
        texts = self._folder / TEXTS_NAME
        lists = list(dict.fromkeys(_PARTS_OF_NAMES[column] for column in columns))
        rows = 0
        try:
            for elements in zip(*(elements_of(texts, name) for name in lists), strict=True):
                values = dict(zip(lists, elements, strict=True))
                rows += 1
                yield [_cell(column, values[_PARTS_OF_NAMES[column]]) for column in columns]
        except ValueError as error:
            raise BadInput(f"{texts.name} does not have as many keys as texts.") from error
        if rows != self.table.rows:
            raise BadInput(
                f"{texts.name} has {rows:,} documents and {VECTORS_NAME} {self.table.rows:,} "
                "vectors. They do not belong together."
            )

    def content_files(self) -> tuple[Path, ...]:
        """Vectors, then texts."""
        return self._folder / VECTORS_NAME, self._folder / TEXTS_NAME


def _cell(column: str, value: object) -> str:
    if column == KEY:
        return cell_text(value)
    title, blank, text = cell_text(value).partition("\n\n")
    if not blank:
        # Without a title, all of it is the text.
        title, text = "", title
    return title if column == TITLE else text


def _folder(path: Path) -> Path:
    """The folder itself, or the only one inside that has the layout."""
    if (path / VECTORS_NAME).is_file() or (path / _OLDER_VECTORS).is_file():
        return path
    inside = sorted(path.glob(f"vector_store_*/{VECTORS_NAME}"))
    inside += sorted(path.glob(f"vector_store_*/{_OLDER_VECTORS}"))
    return inside[0].parent if len({found.parent for found in inside}) == 1 else path


def _tables(path: Path) -> tuple[VectorTable, ...]:
    folder = _folder(path)
    if not (folder / VECTORS_NAME).is_file():
        if (folder / _OLDER_VECTORS).is_file():
            raise BadInput(
                f"{folder.name or folder} has the older saerch layout, whose texts are pickles; "
                f"these could run code and are never opened. Choose {_OLDER_VECTORS} by itself."
            )
        raise BadInput(
            f"{path.name or path} holds several vector stores; choose one of the folders inside."
        )
    if not (folder / TEXTS_NAME).is_file():
        raise BadInput(
            f"{folder.name or folder} has no {TEXTS_NAME}. Choose {VECTORS_NAME} by itself to "
            "import the vectors without texts."
        )
    header = checked_header(folder / VECTORS_NAME)
    rows, dimensions = header.shape
    return (VectorTable("", rows, dimensions, header.kind, (KEY,), True),)


def _is_saerch(path: Path) -> bool:
    return path.is_dir() and any(
        any(path.glob(pattern))
        for name in (VECTORS_NAME, _OLDER_VECTORS)
        for pattern in (name, f"vector_store_*/{name}")
    )


SAERCH_FORMAT = VectorFormat("saerch release", _is_saerch, lambda path: True, _tables, SaerchFolder)
