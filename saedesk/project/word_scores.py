"""How much all documents have of some words: BM25, from the index of the project's texts."""

from __future__ import annotations

import numpy as np

from saedesk.project.project_database import ProjectDatabase
from saedesk.project.word_search import TITLE_WEIGHT


def word_scores(database: ProjectDatabase, expression: str) -> tuple[np.ndarray, np.ndarray]:
    """Documents that match an FTS5 expression, ascending, and their BM25, larger for more.

    (m,) int64 and (m,) float64. Unlike `WordSearch`, which ranks the best few, it scores all.
    """
    pieces = database.pieces(
        f"SELECT rowid, -bm25(documents_fts, {TITLE_WEIGHT}, 1.0) FROM documents_fts "
        "WHERE documents_fts MATCH ?",
        (expression,),
    )
    tables = [np.array(piece, np.float64) for piece in pieces]
    table = np.concatenate(tables) if tables else np.zeros((0, 2))
    table = table[np.argsort(table[:, 0], kind="stable")]
    return table[:, 0].astype(np.int64), table[:, 1]
