"""What the tests of the window rely on: the small project really has everything."""

from __future__ import annotations

from saedesk.session.session import Session


def test_the_small_project_is_complete(session: Session) -> None:
    assert session.project is not None
    assert session.sae is not None
    assert session.book is not None
    assert session.search is not None
    assert session.project.documents.count() == 120
    assert len(session.project.documents.category_counts("category")) == 6
    statistics = session.sae.statistics
    active = int((~statistics.never_active).sum())
    assert active > session.sae.n_latents // 2
    assert sum(session.book.has_label(i) for i in range(session.sae.n_latents)) > active // 2
