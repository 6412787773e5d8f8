from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Slot

from saedesk.corpus.corpus_input import InputRequest, preview_input
from saedesk.embedding.model_catalogue import DEFAULT_MODEL, resolve_model
from saedesk.embedding.sentence_encoder import SentenceEncoder
from saedesk.errors import KnownError
from saedesk.jobs import search_documents
from saedesk.jobs.embed_documents import EmbedRequest
from saedesk.jobs.import_documents import ImportRequest
from saedesk.jobs.search_documents import SearchAnswer
from saedesk.jobs.training_request import TrainGridRequest, grid_of
from saedesk.jobs.unfinished_trainings import next_run_name
from saedesk.project import word_search
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.label_store import KEYWORDS, PERSON
from saedesk.project.project_folder import Project
from saedesk.search.quoted_phrases import QuotedPhrases
from saedesk.session import corpus_prober, live_search
from saedesk.session.session import Message, Session
from saedesk.session.task_lane import Stopped
from saedesk.task_control import TaskControl
from tests.tiny_projects import embed, import_file, train_request


class Listener(QObject):
    """Keeps what a signal brings."""

    def __init__(self, signal) -> None:
        super().__init__()
        self.seen: list = []
        signal.connect(self.note)

    @Slot(object)
    def note(self, thing: object = None) -> None:
        self.seen.append(thing)


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder.load(resolve_model(DEFAULT_MODEL), "cpu")


@pytest.fixture
def searching(
    session: Session, encoder: SentenceEncoder, monkeypatch: pytest.MonkeyPatch
) -> Session:
    """A session whose search has the real model, loaded once for all tests."""
    monkeypatch.setattr(search_documents, "load_query_encoder", lambda model: encoder)
    return session


def idle(qtbot, session: Session) -> None:
    qtbot.waitUntil(lambda: not session.compute.tasks and not session.query.tasks, timeout=30_000)


def loop(control: TaskControl) -> None:
    while True:
        control.checkpoint()
        time.sleep(0.001)


# -- projects ----------------------------------------------------------------------------------


def test_a_project_is_opened_with_everything_it_has(session: Session) -> None:
    assert session.project is not None
    assert not session.project.read_only
    assert session.vectors is not None
    assert session.sae is not None
    assert session.book is not None
    assert session.search is not None
    (recent,) = session.settings.recent_projects()
    assert (recent.name, recent.documents, recent.features) == ("abstracts", 60, 24)
    assert recent.exists


def test_what_cannot_be_opened_leaves_the_open_project_alone(
    session: Session, tmp_path: Path
) -> None:
    project = session.project
    messages = Listener(session.message)
    assert not session.open_project(tmp_path / "nothing")
    assert not session.create_project(project.folder)
    assert session.project is project
    assert project.documents.count() == 60
    assert [m.kind for m in messages.seen] == ["error", "error"]
    assert all(isinstance(m, Message) and m.details == "" for m in messages.seen)


def test_the_open_project_opened_again_stays_writable(session: Session) -> None:
    folder = session.project.folder
    assert session.open_project(folder)
    assert not session.project.read_only
    session.book.set_star(1, True)


def test_a_project_open_elsewhere_is_read_only_here(
    empty_session: Session, project_copy: Path
) -> None:
    messages = Listener(empty_session.message)
    with Project.open(project_copy):
        assert empty_session.open_project(project_copy)
        assert empty_session.project.read_only
        assert "read-only" in messages.seen[-1].sentence
        with pytest.raises(KnownError, match="read-only"):
            empty_session.train(train_request())
        empty_session.close_project()


def test_another_project_takes_the_place_of_one_with_running_tasks(
    qtbot, session: Session, tmp_path: Path
) -> None:
    first = session.project
    running = session.run("Working", loop)
    waiting = session.run("Waiting", loop, on_success=pytest.fail)
    ended = Listener(running.ended)
    also = Listener(waiting.ended)
    session.query.submit(type(running)("Searching", loop))
    qtbot.waitUntil(lambda: running.is_running)
    session.book.set_label(1, "typed")
    began = time.monotonic()
    assert session.create_project(tmp_path / "new.saedesk")
    assert time.monotonic() - began < 5
    assert ended.seen == also.seen == [Stopped()]
    assert session.undo.count() == 0
    assert (session.sae, session.book, session.search, session.vectors) == (None,) * 4
    assert session.compute.tasks == session.query.tasks == ()
    # The first one was closed and can be opened by anyone.
    with Project.open(first.folder) as again:
        sae = again.current("saes").hash
        assert again.labels.current(sae)[1].text == "typed"
    done: list[int] = []
    session.run("Working", lambda control: 5, done.append)
    qtbot.waitUntil(lambda: done == [5])


def test_projects_open_and_close_while_tasks_run(
    qtbot, empty_session: Session, project_copy: Path, tmp_path: Path
) -> None:
    for number in range(6):
        assert empty_session.create_project(tmp_path / f"{number}.saedesk")
        empty_session.run("Working", loop)
        if number % 2:
            qtbot.wait(5)
        assert empty_session.open_project(project_copy)
        empty_session.analyse()
        if number % 3 == 0:
            qtbot.wait(20)
    empty_session.close_project()
    assert empty_session.project is None
    with Project.open(project_copy) as project:
        assert project.current("saes") is not None


def test_a_damaged_sae_leaves_the_rest_usable(empty_session: Session, project_copy: Path) -> None:
    path = next(project_copy.glob("activations/*/document_values.npy"))
    path.write_bytes(path.read_bytes()[:-4])
    messages = Listener(empty_session.message)
    assert empty_session.open_project(project_copy)
    assert empty_session.sae is None
    assert empty_session.vectors is not None
    assert "document_values.npy" in messages.seen[0].sentence


# -- tasks -------------------------------------------------------------------------------------


def test_a_second_training_is_analysed_and_labelled_but_not_put_in_use(
    qtbot, session: Session
) -> None:
    before = session.sae.hash
    parts, told = Listener(session.training_part), Listener(session.message)
    session.train(train_request(seed=3, epochs=3))
    idle(qtbot, session)
    qtbot.waitUntil(lambda: bool(told.seen), timeout=30_000)
    assert told.seen[-1].sentence.startswith("Run 2 is ready.")
    assert session.sae.hash == before
    session.use_sae(session.project.artifacts("saes")[-1])
    assert session.sae.name == "Run 2"
    assert any(session.book.has_label(latent) for latent in range(session.sae.n_latents))
    assert parts.seen
    assert session.training is None
    first = next(r for r in session.project.artifacts("saes") if r.hash == before)
    session.use_sae(first)
    assert session.sae.hash == before
    session.remove_sae(first)
    assert session.sae.name == "Run 2"
    kinds = ("saes", "activations", "statistics")
    assert [len(session.project.artifacts(kind)) for kind in kinds] == [1, 1, 1]


def test_a_grid_is_one_task_and_each_of_its_runs_is_analysed(qtbot, session: Session) -> None:
    before = session.sae.hash
    parts, told = Listener(session.training_part), Listener(session.message)
    requests = grid_of(train_request(epochs=3), n_latents=(16, 32))
    task = session.train_grid(TrainGridRequest(requests))
    assert task.title == "Training 2 runs from run 2"
    assert session.train(train_request(seed=5, epochs=2)).title == "Training run 4"
    idle(qtbot, session)
    qtbot.waitUntil(lambda: len(told.seen) >= 3, timeout=30_000)
    assert [m.sentence[:14] for m in told.seen] == [f"Run {n} is ready" for n in (2, 3, 4)]
    assert {part.run for part in parts.seen} == {"Run 2", "Run 3", "Run 4"}
    assert session.sae.hash == before
    assert len(session.project.artifacts("statistics")) == 4
    assert session.training is None


def test_runs_are_counted_once_however_far_the_lane_has_come(qtbot, session: Session) -> None:
    project = session.project
    requests = grid_of(train_request(epochs=2), n_latents=(16, 32))
    task = session.train_grid(TrainGridRequest(requests))
    assert task.title == "Training 2 runs from run 2"
    deadline = time.monotonic() + 20
    # The lane writes its names down while this thread has not heard yet that it began.
    while next_run_name(project) != "Run 4" and time.monotonic() < deadline:
        assert task.started_at is None
    assert session.train(train_request(seed=5, epochs=2)).title == "Training run 4"
    assert session.train(train_request(seed=6, epochs=2)).title == "Training run 5"
    session.compute.cancel_all()
    idle(qtbot, session)


def test_the_probe_gives_way_and_is_made_once(
    qtbot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(corpus_prober, "needs_probe", lambda project: True)
    monkeypatch.setattr(
        corpus_prober, "probe", lambda project, control: asked.append(loop(control))
    )
    prober = session.prober
    told = Listener(prober.changed)
    assert prober.ask(session.project, session.compute)
    assert not prober.ask(session.project, session.compute)
    qtbot.waitUntil(lambda: session.compute.tasks[0].is_running)
    session.run("Working", lambda control: None)
    idle(qtbot, session)
    assert not prober.is_running
    # It was in the way, so it may be asked for again; a person's cancel is for good.
    assert prober.ask(session.project, session.compute)
    session.compute.tasks[0].cancel()
    idle(qtbot, session)
    assert not prober.ask(session.project, session.compute)
    assert not told.seen
    monkeypatch.setattr(corpus_prober, "probe", lambda project, control: "probe")
    monkeypatch.setattr(prober, "_declined", set())
    assert prober.ask(session.project, session.compute)
    idle(qtbot, session)
    assert len(told.seen) == 1


def test_importing_and_embedding_tell_what_changed(
    qtbot, empty_session: Session, abstracts: Path, tmp_path: Path
) -> None:
    session = empty_session
    session.create_project(tmp_path / "new.saedesk")
    told = Listener(session.documents_changed)
    seen = preview_input(abstracts)
    request = ImportRequest(InputRequest((abstracts,), seen.uses, seen.encoding, seen.delimiter))
    session.import_documents(request)
    idle(qtbot, session)
    assert len(told.seen) == 1
    assert session.project.documents.count() == 60
    messages = Listener(session.message)
    session.import_documents(request)
    idle(qtbot, session)
    assert "was imported before" in messages.seen[0].sentence


def test_closing_while_embedding_ends_soon_and_loses_nothing(
    qtbot, qapp, abstracts: Path, tmp_path: Path
) -> None:
    session = Session()
    session.create_project(tmp_path / "new.saedesk")
    import_file(session.project, abstracts)
    task = session.embed(EmbedRequest(device="cpu"))
    qtbot.waitUntil(lambda: task.is_running and task.last_progress is not None)
    began = time.monotonic()
    assert session.close()
    assert time.monotonic() - began < 5
    session.deleteLater()
    with Project.open(tmp_path / "new.saedesk") as project:
        assert project.current("vectors") is None
        assert embed(project).record.summary["documents"] == 60


def test_failures_become_messages(qtbot, session: Session) -> None:
    messages = Listener(session.message)

    def bug(control: TaskControl) -> None:
        raise RuntimeError("surprise")

    session.run("Failing", bug, on_success=pytest.fail)
    qtbot.waitUntil(lambda: len(messages.seen) == 1)
    (message,) = messages.seen
    assert (message.kind, message.sentence) == ("error", "RuntimeError: surprise")
    assert "in bug" in message.details


def test_without_a_project_tasks_are_refused(empty_session: Session) -> None:
    with pytest.raises(KnownError, match="Open a project first"):
        empty_session.train(train_request())


# -- labels and stars --------------------------------------------------------------------------


def test_labels_are_undone_to_exactly_what_was_there(session: Session) -> None:
    book, undo = session.book, session.undo
    labelled = next(i for i in range(24) if book.has_label(i))
    bare = next((i for i in range(24) if not book.has_label(i)), None)
    before = book.label(labelled)
    assert before.source == KEYWORDS
    changed = Listener(book.labels_changed)
    book.set_label(labelled, "  first \n try ")
    book.set_label(labelled, "second try")
    book.set_label(labelled, "second try")
    assert undo.count() == 2
    assert changed.seen == [frozenset([labelled])] * 2
    assert [label.text for label in book.history(labelled)][:2] == ["second try", "first try"]
    undo.undo()
    assert book.label(labelled).text == "first try"
    undo.undo()
    assert book.label(labelled) == before
    undo.redo()
    assert (book.text(labelled), book.label(labelled).source) == ("first try", PERSON)
    book.set_label(labelled, "")
    assert not book.has_label(labelled)
    assert book.text(labelled) == f"Feature {labelled}"
    if bare is not None:
        book.set_label(bare, "new")
        undo.undo()
        assert book.label(bare) is None


def test_stars_are_undone(session: Session) -> None:
    book = session.book
    told = Listener(book.stars_changed)
    book.set_star(3, True)
    book.set_star(3, True)
    book.set_star(5, True)
    session.undo.undo()
    assert book.stars == {3}
    session.undo.undo()
    session.undo.redo()
    assert book.is_starred(3)
    assert session.project.labels.starred(session.sae.hash) == {3}
    assert told.seen == [frozenset([i]) for i in (3, 5, 5, 3, 3)]


# -- live search -------------------------------------------------------------------------------


def ask(qtbot, session: Session, text: str) -> SearchAnswer:
    session.search.set_text(text)
    idle(qtbot, session)
    qtbot.waitUntil(
        lambda: session.search.answer is not None and session.search.answer.text == text
    )
    return session.search.answer


def test_a_query_is_answered_and_sliders_move_it(qtbot, searching: Session) -> None:
    search = searching.search
    plain = ask(qtbot, searching, "dark matter halos")
    assert plain.cosine == 1.0
    latent = int(search.query.latents[0])
    typed = search.typed_value(latent)
    assert typed > 0
    search.set_value(latent, -0.5)
    idle(qtbot, searching)
    assert search.value(latent) == pytest.approx(-0.5)
    assert search.answer.plan.strength(latent) == pytest.approx(-0.5 - typed)
    assert search.answer.cosine < 1
    search.reset(latent)
    idle(qtbot, searching)
    assert search.state.plan.at_rest
    assert [r.row for r in search.answer.steered] == [r.row for r in plain.plain]


def test_a_drag_is_one_step_of_undo_and_every_change_can_be_undone(
    qtbot, searching: Session
) -> None:
    search, undo = searching.search, searching.undo
    ask(qtbot, searching, "dark matter halos")
    start = search.state
    latent = int(search.query.latents[0])
    for value in (0.1, 0.2, 0.3):
        search.set_value(latent, value, final=False)
    search.set_value(latent, 0.4)
    assert undo.count() == 2
    search.set_value(latent, 0.5)
    assert undo.count() == 3
    states = [search.state]
    other = next(i for i in range(24) if i not in search.query.latents)
    for change in (
        lambda: search.add_feature(other),
        lambda: search.set_value(other, 0.3),
        lambda: search.remove_feature(other),
        lambda: search.set_filter(DocumentFilter(categories={"category": ("Biology",)})),
        search.reset,
    ):
        change()
        states.append(search.state)
    for state in states[::-1]:
        assert search.state == state
        undo.undo()
    undo.undo()
    assert search.state == start
    idle(qtbot, searching)
    assert search.answer.plan.at_rest
    undo.undo()
    assert search.state.text == ""
    assert search.answer is None


def test_typing_is_one_step_and_undo_returns_to_the_query_before(qtbot, searching: Session) -> None:
    search, undo = searching.search, searching.undo
    ask(qtbot, searching, "dark matter halos")
    latent = int(search.query.latents[0])
    search.set_value(latent, 0.4)
    for text in ("gal", "galax", "galaxies"):
        search.set_text(text)
    idle(qtbot, searching)
    assert undo.count() == 3
    undo.undo()
    assert search.state.text == "dark matter halos"
    assert search.state.plan.strength(latent) != 0
    idle(qtbot, searching)
    assert search.answer.text == "dark matter halos"


def test_texts_that_were_meant_are_steps_of_their_own(
    qtbot, searching: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    search, undo = searching.search, searching.undo
    for text in ("sta", "stars"):
        search.set_text(text)
    assert [undo.undoText(), undo.count()] == ["Search for “stars”", 1]
    first = shown(ask(qtbot, searching, "stars"))
    # Its answer has stood for a while.
    monkeypatch.setattr(live_search, "SETTLED_MS", 0)
    search.set_text("galaxies")
    assert [undo.undoText(), undo.count()] == ["Search for “galaxies”", 2]
    monkeypatch.undo()
    # Enter says that it is all typed.
    search.set_text("galaxies", final=True)
    search.set_text("")
    search.set_text("halos", final=True)
    assert [undo.undoText(), undo.count()] == ["Search for “halos”", 3]
    undo.undo()
    assert search.state.text == "galaxies"
    undo.undo()
    assert search.state.text == "stars"
    idle(qtbot, searching)
    assert shown(search.answer) == first


def shown(answer: SearchAnswer | None) -> list[tuple[int, float]]:
    """The ranking, bit for bit."""
    assert answer is not None
    return [(row.row, row.score) for row in answer.steered]


def test_a_label_and_a_star_during_an_import_are_refused_at_once(qtbot, searching: Session) -> None:
    import threading
    import time

    told = Listener(searching.message)
    database, book, undo = searching.project.database, searching.book, searching.undo
    count, label = undo.count(), book.text(2)
    holding, done = threading.Event(), threading.Event()

    def import_for_long() -> None:
        with database.writing():
            holding.set()
            done.wait(20)

    thread = threading.Thread(target=import_for_long)
    thread.start()
    holding.wait(5)
    started = time.monotonic()
    book.set_star(2, True)
    book.set_label(2, "Another name")
    elapsed = time.monotonic() - started
    done.set()
    thread.join()
    assert elapsed < 2
    assert not book.is_starred(2)
    assert book.text(2) == label
    assert undo.count() == count
    assert len(told.seen) == 2
    assert "import" in told.seen[0].sentence
    book.set_star(2, True)
    assert book.is_starred(2)


def test_lanes_tell_their_windows_once_however_often_projects_change(
    qtbot, searching: Session, tmp_path
) -> None:
    replaced = Listener(searching.lanes_replaced)
    for name in ("a", "b", "c"):
        assert searching.create_project(tmp_path / f"{name}.saedesk")
    assert replaced.seen == []


def test_only_the_newest_of_many_requests_is_answered(qtbot, searching: Session) -> None:
    search = searching.search
    ask(qtbot, searching, "dark matter halos")
    answers = Listener(search.answered)
    latent = int(search.query.latents[0])
    for step in range(200):
        search.set_value(latent, step / 400, final=False)
    search.set_value(latent, 0.6)
    idle(qtbot, searching)
    strengths = [answer.plan.strength(latent) for answer in answers.seen]
    assert search.value(latent) == pytest.approx(0.6)
    assert strengths == sorted(strengths)
    assert strengths[-1] == pytest.approx(0.6 - search.typed_value(latent))
    assert len(strengths) <= 3


def test_an_answer_to_an_older_query_is_never_shown(qtbot, searching: Session) -> None:
    search = searching.search
    answers = Listener(search.answered)
    for text in ("dark matter", "protein", "protein folding", "auctions", "minimum wages"):
        search.set_text(text)
    idle(qtbot, searching)
    qtbot.waitUntil(lambda: bool(answers.seen))
    assert [answer.text for answer in answers.seen] == ["minimum wages"]
    cleared = Listener(search.query_changed)
    search.set_text("something else")
    search.set_text("")
    idle(qtbot, searching)
    qtbot.wait(10)
    assert cleared.seen == [None]
    assert search.answer is None


def test_a_long_search_that_nobody_waits_for_gives_way(
    qtbot, searching: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = searching.search
    looking, go_on = threading.Event(), threading.Event()
    all_in = QuotedPhrases.all_in

    def slow(phrases: QuotedPhrases, *texts: str) -> bool:
        looking.set()
        assert go_on.wait(30)
        return all_in(phrases, *texts)

    monkeypatch.setattr(word_search, "TEXTS_AT_ONCE", 1)
    monkeypatch.setattr(QuotedPhrases, "all_in", slow)
    search.set_match("words")
    answers = Listener(search.answered)
    search.set_text('"of the"')
    assert looking.wait(30)
    asked = next(task for task in searching.query.tasks if task.title == "Searching")
    # What only turns a slider asks the same: its answer is still wanted.
    search.set_mode("clamp")
    assert asked.outcome is None
    search.set_text("galaxies")
    go_on.set()
    idle(qtbot, searching)
    assert isinstance(asked.outcome, Stopped)
    qtbot.waitUntil(lambda: bool(answers.seen))
    assert [answer.text for answer in answers.seen] == ["galaxies"]


def test_a_filter_that_lets_nothing_pass_gets_a_sentence(qtbot, searching: Session) -> None:
    search = searching.search
    failed = Listener(search.failed)
    ask(qtbot, searching, "dark matter halos")
    search.set_filter(DocumentFilter(categories={"category": ("Nothing",)}))
    idle(qtbot, searching)
    qtbot.waitUntil(lambda: bool(failed.seen))
    assert "No document passes the filter" in failed.seen[0]
    searching.undo.undo()
    idle(qtbot, searching)
    assert search.answer.passed == 60


# -- selection ---------------------------------------------------------------------------------


def test_a_selection_is_told_once(session: Session) -> None:
    features = Listener(session.feature_selected)
    wanted = Listener(session.workspace_wanted)
    session.select_feature(4)
    session.show_feature(4)
    session.show_document(7)
    assert features.seen == [4]
    assert wanted.seen == ["features", "corpus"]
    assert session.document_ids([0, 5]).tolist() == [1, 6]
    session.steer_with(4)
    assert session.search.state.added == (4,)
