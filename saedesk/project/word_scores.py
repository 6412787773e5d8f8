"""How much documents have of some words: BM25, from the index of the project's texts."""

from __future__ import annotations

import numpy as np

from saedesk.project.project_database import ProjectDatabase


def word_scores(database: ProjectDatabase, expression: str) -> tuple[np.ndarray, np.ndarray]:
    """Documents that match an FTS5 expression, ascending, and their BM25, larger for more.

    (m,) int64 and (m,) float64.
    """
    rows = database.rows(
        "SELECT rowid, -bm25(documents_fts) FROM documents_fts WHERE documents_fts MATCH ?",
        (expression,),
    )
    ids = np.fromiter((row[0] for row in rows), np.int64, len(rows))
    scores = np.fromiter((row[1] for row in rows), np.float64, len(rows))
    order = np.argsort(ids, kind="stable")
    return ids[order], scores[order]
