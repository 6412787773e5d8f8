"""BM25 of all documents for some words, against the corpus's own counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from saedesk.project.project_folder import Project
from saedesk.project.word_scores import word_scores


def test_every_document_with_a_word_is_scored(project_copy: Path) -> None:
    with Project.open(project_copy, read_only=True) as project:
        ids, scores = word_scores(project.database, '"galaxies" OR "halo"')
        documents = project.documents.rows(np.arange(1, project.documents.count() + 1))
        texts = {d.id: f"{d.title} {d.text}".lower() for d in documents}
        assert ids.tolist() == sorted(ids.tolist())
        assert set(ids.tolist()) == {
            i for i, text in texts.items() if "galax" in text or "halo" in text
        }
        assert 0 < len(ids) < len(texts)
        assert np.isfinite(scores).all()
        none, nothing = word_scores(project.database, '"xylophone"')
        assert (len(none), len(nothing)) == (0, 0)
        assert (none.dtype, nothing.dtype) == (np.int64, np.float64)
