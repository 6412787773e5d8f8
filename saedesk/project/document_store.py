"""Reading the documents of a project: rows for a table, full text, facets, texts to embed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from saedesk.corpus.document import FieldDefinition, FieldType, FieldValue
from saedesk.errors import BadSetting
from saedesk.project.document_filter import DocumentFilter, DocumentOrder, match_expression
from saedesk.project.field_words import words_condition
from saedesk.project.project_database import ProjectDatabase

_NUMERIC = {FieldType.NUMBER, FieldType.LATITUDE, FieldType.LONGITUDE}
_CHUNK = 500


@dataclass(frozen=True)
class DocumentRow:
    """A document as the database has it."""

    id: int
    """Number of the document in the project, from 1."""
    key: str
    title: str
    text: str
    words: int
    """Words in title and text."""
    fields: dict[str, FieldValue]

    @property
    def heading(self) -> str:
        """The title, or else the beginning of the text, or else the key."""
        return self.title or " ".join(self.text[:200].split()) or self.key


@dataclass(frozen=True)
class CategoryCount:
    """How many documents have one value of a field."""

    value: str
    """The value; "" where the documents say nothing."""
    count: int


class DocumentStore:
    """The documents of a project; safe to read from several threads."""

    def __init__(self, database: ProjectDatabase) -> None:
        self._database = database

    def _rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._database.rows(sql, parameters)

    def _first(self, sql: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        rows = self._database.rows(sql, parameters)
        return rows[0] if rows else None

    def _number(self, sql: str) -> int:
        return int(self._database.rows(sql)[0][0])

    def count(self) -> int:
        """How many documents there are."""
        return self._number("SELECT count(*) FROM documents")

    def corpus_hash(self) -> str:
        """A hash over keys and texts of all documents, in order; "" for an empty corpus."""
        row = self._first("SELECT value FROM corpus_state WHERE name = 'hash'")
        return "" if row is None else str(row[0])

    def fields(self) -> tuple[FieldDefinition, ...]:
        """The typed fields, in the order in which they were first imported."""
        rows = self._rows("SELECT name, type FROM field_definitions ORDER BY position")
        return tuple(FieldDefinition(name, FieldType(type_)) for name, type_ in rows)

    def _field_columns(self) -> dict[str, str]:
        rows = self._rows("SELECT position, name FROM field_definitions ORDER BY position")
        return {name: f"f{position}" for position, name in rows}

    def rows(self, ids: Sequence[int] | np.ndarray) -> list[DocumentRow]:
        """The documents with these ids, in the same order; unknown ids are left out."""
        columns = self._field_columns()
        selected = "".join(f", f.{column}" for column in columns.values())
        found: dict[int, DocumentRow] = {}
        wanted = [int(i) for i in ids]
        for start in range(0, len(wanted), _CHUNK):
            part = wanted[start : start + _CHUNK]
            marks = ",".join("?" * len(part))
            for row in self._rows(
                f"SELECT d.id, d.key, d.title, d.text, d.words{selected} FROM documents d "
                f"LEFT JOIN document_fields f ON f.document_id = d.id WHERE d.id IN ({marks})",
                part,
            ):
                fields = dict(zip(columns, row[5:], strict=True))
                id_, key, title, text, words = row[:5]
                found[id_] = DocumentRow(id_, key, title, text, words, fields)
        return [found[i] for i in wanted if i in found]

    def row(self, document_id: int) -> DocumentRow | None:
        """One document, or None."""
        rows = self.rows([document_id])
        return rows[0] if rows else None

    def find(
        self,
        wanted: DocumentFilter | None = None,
        order: DocumentOrder | None = None,
        limit: int | None = None,
    ) -> np.ndarray:
        """Ids of the documents that pass, sorted: (n,) int64. Raises BadSetting for a bad field."""
        wanted, order = wanted or DocumentFilter(), order or DocumentOrder()
        condition, parameters = self._condition(wanted)
        sort = self._sort_expression(order)
        cut = "" if limit is None or wanted.document_ids is not None else f" LIMIT {int(limit)}"
        rows = self._rows(
            "SELECT d.id FROM documents d LEFT JOIN document_fields f ON f.document_id = d.id "
            f"{condition} ORDER BY {sort}{cut}",
            parameters,
        )
        ids = np.fromiter((row[0] for row in rows), np.int64, len(rows))
        if wanted.document_ids is not None:
            ids = ids[np.isin(ids, wanted.document_ids)][:limit]
        return ids

    def _sort_expression(self, order: DocumentOrder) -> str:
        direction = "DESC" if order.descending else "ASC"
        if not order.column:
            return f"d.id {direction}"
        fixed = {"title": "d.title COLLATE NOCASE", "key": "d.key", "text": "d.words"}
        columns = self._field_columns()
        if order.column in columns:
            # Documents without a value come last in either direction.
            column = f"f.{columns[order.column]}"
            return f"{column} IS NULL, {column} {direction}, d.id"
        if order.column in fixed:
            return f"{fixed[order.column]} {direction}, d.id"
        raise BadSetting(f"There is no field called “{order.column}” to sort by.")

    def _condition(self, wanted: DocumentFilter) -> tuple[str, list[Any]]:
        columns = self._field_columns()
        parts: list[str] = []
        parameters: list[Any] = []
        if wanted.words.strip():
            expression = match_expression(wanted.words)
            if not expression:
                return "WHERE 0", []
            parts.append("d.id IN (SELECT rowid FROM documents_fts WHERE documents_fts MATCH ?)")
            parameters.append(expression)
        for name, words in wanted.field_words.items():
            parts.append(words_condition(self._database, _column_of(name, columns), words))
        for name, values in wanted.categories.items():
            marks = ",".join("?" * len(values))
            parts.append(f"ifnull(f.{_column_of(name, columns)}, '') IN ({marks})")
            parameters.extend(values)
        for name, (low, high) in wanted.ranges.items():
            column = _column_of(name, columns)
            if low is not None:
                parts.append(f"f.{column} >= ?")
                parameters.append(low)
            if high is not None:
                parts.append(f"f.{column} <= ?")
                parameters.append(high)
        return ("WHERE " + " AND ".join(parts) if parts else ""), parameters

    def category_counts(
        self, name: str, wanted: DocumentFilter | None = None, limit: int = 100
    ) -> list[CategoryCount]:
        """The most frequent values of a field among the documents that pass, most first."""
        column = _column_of(name, self._field_columns())
        condition, parameters = self._condition(wanted or DocumentFilter())
        rows = self._rows(
            f"SELECT ifnull(f.{column}, ''), count(*) AS n FROM documents d "
            f"LEFT JOIN document_fields f ON f.document_id = d.id {condition} "
            f"GROUP BY 1 ORDER BY n DESC, 1 LIMIT {int(limit)}",
            parameters,
        )
        return [CategoryCount(str(value), int(count)) for value, count in rows]

    def numeric_values(self, name: str, wanted: DocumentFilter | None = None) -> np.ndarray:
        """Values of a number or date field, (n,) float64, NaN where there is none.

        In the order of ids; dates become years with fractions (2019-07-01 -> 2019.5).
        """
        definition = next((f for f in self.fields() if f.name == name), None)
        if definition is None:
            raise BadSetting(f"There is no field called “{name}”.")
        column = _column_of(name, self._field_columns())
        condition, parameters = self._condition(wanted or DocumentFilter())
        rows = self._rows(
            f"SELECT f.{column} FROM documents d "
            f"LEFT JOIN document_fields f ON f.document_id = d.id {condition} ORDER BY d.id",
            parameters,
        )
        if definition.type in _NUMERIC:
            return np.array([np.nan if row[0] is None else float(row[0]) for row in rows])
        return np.array([year_with_fraction(row[0]) for row in rows])

    def embedding_rows(self) -> tuple[np.ndarray, np.ndarray]:
        """Ids (n,) int64 and text hashes (n, 16) uint8 of all documents to embed, by id."""
        rows = self._rows(
            "SELECT id, text_hash FROM documents WHERE text_hash IS NOT NULL ORDER BY id"
        )
        ids = np.fromiter((row[0] for row in rows), np.int64, len(rows))
        hashes = np.frombuffer(b"".join(row[1] for row in rows), np.uint8).reshape(len(rows), 16)
        return ids, hashes

    def hashes_of(self, ids: np.ndarray) -> np.ndarray:
        """Text hashes (n, 16) uint8 of the documents with these ids, in the same order."""
        found: dict[int, bytes] = {}
        wanted = [int(i) for i in ids]
        for start in range(0, len(wanted), _CHUNK):
            part = wanted[start : start + _CHUNK]
            marks = ",".join("?" * len(part))
            found.update(
                self._rows(f"SELECT id, text_hash FROM documents WHERE id IN ({marks})", part)
            )
        joined = b"".join(found[i] for i in wanted)
        return np.frombuffer(joined, np.uint8).reshape(len(wanted), 16)

    def iterate(self, ids: np.ndarray | None = None, batch: int = 1000) -> Iterator[DocumentRow]:
        """All documents, or those with `ids`, in order, in bounded memory."""
        if ids is None:
            ids = self.find()
        for start in range(0, len(ids), batch):
            yield from self.rows(ids[start : start + batch])

    def iterate_with_hashes(self, batch: int = 1000) -> Iterator[tuple[DocumentRow, bytes | None]]:
        """All documents with the hash of their text as it was stored, in bounded memory."""
        last = 0
        while True:
            found = self._rows(
                "SELECT id, text_hash, key, title, text, words FROM documents WHERE id > ? "
                f"ORDER BY id LIMIT {int(batch)}",
                (last,),
            )
            for id_, stored, key, title, text, words in found:
                yield DocumentRow(id_, key, title, text, words, {}), stored
            if not found:
                return
            last = int(found[-1][0])

    def iterate_keys(self, batch: int = 10_000) -> Iterator[tuple[int, str]]:
        """Id and key of all documents by id, in bounded memory."""
        last = 0
        while found := self._rows(
            f"SELECT id, key FROM documents WHERE id > ? ORDER BY id LIMIT {int(batch)}", (last,)
        ):
            yield from ((int(id_), str(key)) for id_, key in found)
            last = int(found[-1][0])

    def count_without_text(self) -> int:
        """Documents whose text is blank (they may still have a title)."""
        return self._number("SELECT count(*) FROM documents WHERE trim(text) = ''")

    def are_mute(self) -> bool:
        """Whether there are documents and none has a title or a text."""
        words = "SELECT 1 FROM documents WHERE words > 0 OR trim(title) <> '' OR trim(text) <> ''"
        return bool(self.count()) and self._first(f"{words} LIMIT 1") is None


def year_with_fraction(date: str | None) -> float:
    """2019-07-01 -> 2019.5; NaN for no date or one before the year 1."""
    if not date:
        return float("nan")
    parts = date[:10].split("-")
    try:
        year = int(parts[0])
        month = int(parts[1]) if len(parts) > 1 else 1
        day = int(parts[2]) if len(parts) > 2 else 1
    except ValueError:
        return float("nan")
    return year + (month - 1) / 12 + (day - 1) / 372


def _column_of(name: str, columns: dict[str, str]) -> str:
    if name not in columns:
        known = ", ".join(columns) or "none"
        raise BadSetting(f"There is no field called “{name}”. There are: {known}.")
    return columns[name]
