"""Words in fields of texts and links, which no full-text index covers: every value is looked at.

A million values take one to two seconds.
"""

from __future__ import annotations

import numpy as np

from saedesk.corpus.document import FieldType
from saedesk.errors import BadSetting
from saedesk.project.document_filter import words_and_phrases
from saedesk.project.project_database import ProjectDatabase

WORD_TYPES = (FieldType.TEXT, FieldType.URL, FieldType.CATEGORY)
"""Fields in which words can be looked for."""


def words_condition(database: ProjectDatabase, column: str, words: str) -> str:
    """The SQL condition that `column` of the fields has the words that a person typed.

    They count within longer words too; capital letters and spaces more or less make no difference.
    The condition calls a function that only the connection of this thread knows; without any word
    nothing passes.
    """
    parts = [_plain(part) for part in words_and_phrases(words)]

    # Spaces count within a phrase alone, and finding them takes longer than finding words.
    plain = _plain if any(" " in part for part in parts) else str.casefold

    def says(value: object) -> bool:
        said = plain(str(value or ""))
        return bool(parts) and all(part in said for part in parts)

    name = f"says_{column}"
    database.connection().create_function(name, 1, says, deterministic=True)
    return f"{name}(f.{column})"


def ids_with_value(database: ProjectDatabase, field: str) -> np.ndarray:
    """Ids, ascending (n,) int64, of the documents that say something in a field.

    Raises BadSetting for a field that is not there.
    """
    found = database.rows("SELECT position FROM field_definitions WHERE name = ?", (field,))
    if not found:
        raise BadSetting(f"There is no field called “{field}”.")
    rows = database.rows(
        f"SELECT document_id FROM document_fields WHERE trim(ifnull(f{int(found[0][0])}, '')) <> ''"
        " ORDER BY document_id"
    )
    return np.fromiter((row[0] for row in rows), np.int64, len(rows))


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
