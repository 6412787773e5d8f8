"""What was in the project already changes nothing, so every step can still be undone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from saedesk.corpus.corpus_input import InputRequest, preview_input
from saedesk.jobs.embed_documents import EmbedRequest
from saedesk.jobs.export_sae import ExportSaeRequest
from saedesk.jobs.import_documents import ImportRequest
from saedesk.jobs.import_vectors import ImportVectorsRequest
from saedesk.jobs.load_sae import LoadSaeRequest
from saedesk.session.session import Session
from saedesk.session.task_lane import Task
from tests.session.test_session import Listener, idle
from tests.tiny_projects import DOCUMENTS, write_abstracts


def documents(session: Session, folder: Path) -> Task:
    file = write_abstracts(folder / "abstracts.csv", DOCUMENTS)
    seen = preview_input(file)
    return session.import_documents(
        ImportRequest(InputRequest((file,), seen.uses, seen.encoding, seen.delimiter))
    )


def embedding(session: Session, folder: Path) -> Task:
    return session.embed(EmbedRequest(device="cpu"))


def vectors(session: Session, folder: Path) -> Task:
    file = folder / "vectors.npy"
    if not file.exists():
        np.save(file, np.asarray(session.vectors.values))
    return session.exchange.import_vectors(ImportVectorsRequest(file, match="order"))


def sae(session: Session, folder: Path) -> Task:
    if not (folder / "sae").exists():
        session.exchange.export_sae(ExportSaeRequest("", folder / "sae", "sparsify"))
    return session.exchange.load_sae(LoadSaeRequest(folder / "sae", put_in_use=True))


@pytest.mark.parametrize("bring", [documents, embedding, vectors, sae])
def test_what_is_there_already_leaves_undo_and_the_search_alone(
    qtbot, session: Session, tmp_path: Path, bring: Callable[[Session, Path], Task]
) -> None:
    if bring in (vectors, sae):
        bring(session, tmp_path)
        idle(qtbot, session)
    search = session.search
    search.set_match("words")
    search.set_text("planets")
    idle(qtbot, session)
    steps, answer = session.undo.count(), search.answer
    assert steps
    messages = Listener(session.message)
    bring(session, tmp_path)
    idle(qtbot, session)
    assert [one.kind for one in messages.seen] == ["info"] * (bring is not embedding)
    assert session.search is search
    assert search.answer is answer, "nothing was asked again"
    assert session.undo.count() == steps
    session.undo.undo()
    assert session.search.state.text == ""


def test_a_corpus_of_words_keeps_its_steps_too(
    qtbot, empty_session: Session, tmp_path: Path
) -> None:
    session = empty_session
    session.create_project(tmp_path / "words.saedesk")
    documents(session, tmp_path)
    idle(qtbot, session)
    session.search_words()
    session.search.set_text("planets")
    idle(qtbot, session)
    search = session.search
    documents(session, tmp_path)
    idle(qtbot, session)
    assert session.search is search
    assert session.undo.canUndo()
