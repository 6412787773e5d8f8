"""The dialog for labels by a language model, driven in the real window against a real server."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backends.fail
import pytest
from keyring.backend import KeyringBackend
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from saedesk.jobs.feature_choice import ALL, NUMBERS, STARRED, UNLABELLED
from saedesk.jobs.model_keys import NO_KEYRING, SERVICE
from saedesk.project.label_store import LANGUAGE_MODEL
from saedesk.session.model_labels import failures_sentence
from saedesk.session.session import Message, Session
from saedesk.session.task_lane import Stopped, Succeeded
from saedesk.ui.label_panels.estimate_view import NOT_YET
from saedesk.ui.label_panels.label_words import (
    CHOOSE_ALL,
    NO_KEY_WORDS,
    NOTHING_LEAVES,
    NOTHING_TO_ASK,
    plain_http_host,
)
from saedesk.ui.label_panels.model_labels_dialog import (
    ESTIMATE_FIRST,
    LAST_ASKED,
    NO_FEATURES,
    ModelLabelsDialog,
)
from saedesk.ui.label_panels.question_fields import CHOICES, first_choice
from saedesk.ui.main_window import MainWindow
from tests.chat_server import ChatServer, Handler, completion, hangs, refuses, says

LEFT = Qt.MouseButton.LeftButton
MARK = "sk-MARK-8c1f5a"
NAMED = "They are alike.\nFINAL: a plain name"


def answers(handler: Handler, asked: dict) -> None:  # type: ignore[type-arg]
    """A list of models, and one name for every feature."""
    if handler.path.endswith("/models"):
        handler.send(200, json.dumps({"data": [{"id": "tiny"}, {"id": "<b>big</b>"}]}).encode())
    else:
        handler.send(200, completion(NAMED))


class MemoryKeyring(KeyringBackend):
    """A keyring that works."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture(autouse=True)
def own_keyring() -> Iterator[MemoryKeyring]:
    """A keyring of this test alone, never the person's."""
    before, made = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with ChatServer(answers) as running:
        yield running


def dialog_in(window: MainWindow, url: str = "", numbers: str = "") -> ModelLabelsDialog:
    window.actions_by_name["label_with_model"].trigger()
    dialog = window.findChildren(ModelLabelsDialog)[-1]
    assert dialog.isVisible()
    if url:
        dialog.server.address.setText(url)
        dialog.server.model.setText("tiny")
    if numbers:
        dialog.questions.which.setCurrentText(CHOICES[NUMBERS])
        dialog.questions.numbers.setText(numbers)
    return dialog


def estimated(dialog: ModelLabelsDialog, qtbot: QtBot) -> None:
    QTest.mouseClick(dialog.estimate, LEFT)
    qtbot.waitUntil(lambda: dialog.start.isEnabled(), timeout=5000)


def refusal(dialog: ModelLabelsDialog, qtbot: QtBot) -> str:
    QTest.mouseClick(dialog.estimate, LEFT)
    qtbot.waitUntil(lambda: dialog.estimate.isEnabled(), timeout=5000)
    assert not dialog.start.isEnabled()
    return dialog.estimate_view.told.text()


def started(dialog: ModelLabelsDialog, session: Session):  # type: ignore[no-untyped-def]
    QTest.mouseClick(dialog.start, LEFT)
    (task,) = session.compute.tasks
    return task


def heard(session: Session) -> list[Message]:
    messages: list[Message] = []
    session.message.connect(messages.append)
    return messages


def with_label(session: Session, count: int) -> list[int]:
    """Features that have documents."""
    assert session.book is not None
    return sorted(session.book.labels)[:count]


def joined(latents: list[int]) -> str:
    return ",".join(map(str, latents))


def without_edges(question: str) -> str:
    """The edges of the quoted documents are drawn anew for every question."""
    return re.sub(r"[0-9a-f]{16,}", "EDGE", question)


def test_from_the_palette_to_labels_in_the_list(
    project_window: MainWindow, qtbot: QtBot, server: ChatServer
) -> None:
    session = project_window.session
    latents, messages = with_label(session, 3), heard(session)
    dialog = dialog_in(project_window, server.url, joined(latents))
    assert not dialog.start.isEnabled()
    assert dialog.start.accessibleDescription() == ESTIMATE_FIRST
    dialog.questions.concurrency.setValue(1)
    estimated(dialog, qtbot)
    assert server.requests == []
    view = dialog.estimate_view
    assert [fact.text for fact in view.facts.facts[:2]] == ["3", "3"]
    assert view.where.text() == NOTHING_LEAVES
    assert view.question.isHidden()
    QTest.mouseClick(view.fold, LEFT)
    assert view.question.isVisible()
    foreseen = view.question.toPlainText()
    task = started(dialog, session)
    assert task.can_pause
    assert not dialog.isVisible()
    with qtbot.waitSignal(task.ended, timeout=10_000) as ended:
        pass
    assert isinstance(ended.args[0], Succeeded)
    for message in server.requests[0][2]["messages"]:
        assert without_edges(message["content"]) in without_edges(foreseen)
    assert session.book is not None
    for latent in latents:
        label = session.book.label(latent)
        assert label is not None
        assert (label.text, label.source, label.author) == ("a plain name", LANGUAGE_MODEL, "tiny")
    assert messages[-1] == Message("info", "3 features are named by tiny, 330 tokens were used.")
    assert session.settings.get(LAST_ASKED) == {"address": server.url, "model": "tiny"}


def test_labels_are_shown_before_the_run_is_over(project_window: MainWindow, qtbot: QtBot) -> None:
    session = project_window.session
    latents, messages = with_label(session, 4), heard(session)
    first = says(NAMED)
    with ChatServer(hangs, [first, first]) as server:
        dialog = dialog_in(project_window, server.url, joined(latents))
        estimated(dialog, qtbot)
        task = started(dialog, session)
        assert session.book is not None
        book = session.book
        qtbot.waitUntil(
            lambda: sum(book.text(latent) == "a plain name" for latent in latents) == 2,
            timeout=5000,
        )
        assert task.is_running
        with qtbot.waitSignal(task.ended, timeout=5000) as ended:
            task.cancel()
    assert isinstance(ended.args[0], Stopped)
    assert messages[-1].sentence == (
        "Asking tiny was cancelled. 2 features are named; the others can be asked about later."
    )


def test_failures_are_counted_and_told(project_window: MainWindow, qtbot: QtBot) -> None:
    session = project_window.session
    messages = heard(session)
    with ChatServer(refuses(400, "no such thing")) as server:
        dialog = dialog_in(project_window, server.url, joined(with_label(session, 2)))
        estimated(dialog, qtbot)
        with qtbot.waitSignal(started(dialog, session).ended, timeout=10_000):
            pass
    assert messages[-1].kind == "warning"
    assert "0 features are named by tiny" in messages[-1].sentence
    assert "2 features failed: " in messages[-1].sentence


def test_the_most_frequent_failure_is_named() -> None:
    assert failures_sentence(["A."]) == "1 feature failed: A."
    assert failures_sentence(["B.", "A.", "A."]) == "3 features failed, 2 of them: A."


def test_every_change_asks_for_another_estimate(
    project_window: MainWindow, qtbot: QtBot, server: ChatServer
) -> None:
    latents = joined(with_label(project_window.session, 2))
    dialog = dialog_in(project_window, server.url, latents)
    asked, whom = dialog.questions, dialog.server
    for change in (
        lambda: asked.score.click(),
        lambda: asked.tokens.setValue(5000),
        lambda: asked.numbers.setText(latents + ",5"),
        lambda: whom.model.setText("other"),
        lambda: whom.key.setText("k"),
        lambda: whom.private.click(),
    ):
        estimated(dialog, qtbot)
        change()
        assert not dialog.start.isEnabled()
        assert dialog.estimate_view.told.text() == NOT_YET
        assert dialog.estimate_view.facts.isHidden()
    estimated(dialog, qtbot)
    request = dialog._foreseen.request
    assert (request.score, request.budget_tokens, request.model) == (True, 5000, "other")
    assert request.private


def test_money_is_foreseen_by_prices(
    project_window: MainWindow, qtbot: QtBot, server: ChatServer
) -> None:
    latents = joined(with_label(project_window.session, 2))
    dialog = dialog_in(project_window, server.url, latents)
    dialog.questions.money.setValue(2)
    assert "needs the prices" in refusal(dialog, qtbot)
    dialog.questions.price_in.setValue(1000)
    dialog.questions.price_out.setValue(2000)
    estimated(dialog, qtbot)
    facts = {fact.caption: fact.text for fact in dialog.estimate_view.facts.facts}
    estimate = dialog._foreseen.estimate
    money = (estimate.tokens_in * 1000 + estimate.tokens_out * 2000) / 1e6
    assert facts["Money"] == f"about {money:,.2f}"


def test_what_cannot_be_asked_is_said(
    project_window: MainWindow, qtbot: QtBot, server: ChatServer
) -> None:
    dialog = dialog_in(project_window, server.url, "1, x")
    assert "names no features" in refusal(dialog, qtbot)
    dialog.questions.which.setCurrentText(CHOICES[UNLABELLED])
    assert refusal(dialog, qtbot) == f"{NOTHING_TO_ASK} {CHOOSE_ALL}"
    dialog.server.model.clear()
    assert "Name the model" in refusal(dialog, qtbot)
    dialog.server.key.setText("two words")
    assert "A key has" in refusal(dialog, qtbot)


def test_the_features_that_fit_are_chosen_first(session: Session) -> None:
    book = session.book
    assert book is not None
    assert first_choice(book) == ALL
    book.set_star(3, True)
    assert first_choice(book) == STARRED
    assert first_choice(None) == UNLABELLED


def test_models_are_offered_as_plain_text(
    project_window: MainWindow, qtbot: QtBot, server: ChatServer
) -> None:
    dialog = dialog_in(project_window, server.url)
    fields = dialog.server
    fields.model.clear()
    QTest.mouseClick(fields.look, LEFT)
    qtbot.waitUntil(lambda: fields.offered.isVisible(), timeout=5000)
    assert fields.model.text() == "tiny"
    assert fields.model_note.text() == "The server offers 2 models."
    fields.offered.setCurrentText("<b>big</b>")
    assert fields.model.text() == "<b>big</b>"
    formats = {label.textFormat() for label in dialog.findChildren(QLabel)}
    assert formats == {Qt.TextFormat.PlainText}
    # Another server has other models.
    fields.address.setText("http://127.0.0.1:9/v1")
    assert not fields.offered.isVisible()
    QTest.mouseClick(fields.look, LEFT)
    qtbot.waitUntil(lambda: "Nothing answers" in fields.model_note.text(), timeout=5000)


def test_the_key_goes_to_the_keyring_and_to_the_server_only(
    project_window: MainWindow,
    qtbot: QtBot,
    server: ChatServer,
    own_keyring: MemoryKeyring,
    settings_folder: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    session = project_window.session
    messages = heard(session)
    dialog = dialog_in(project_window, server.url, joined(with_label(session, 2)))
    fields = dialog.server
    assert fields.key.echoMode() == QLineEdit.EchoMode.Password
    fields.key.setText(MARK)
    QTest.mouseClick(fields.look, LEFT)
    qtbot.waitUntil(lambda: fields.offered.isVisible(), timeout=5000)
    assert fields.key.text() == ""
    assert "in the system’s keyring" in fields.key_note.text()
    origin = server.url.removesuffix("/v1")
    assert own_keyring.kept == {(SERVICE, origin): MARK}
    estimated(dialog, qtbot)
    shown = [label.text() for label in dialog.findChildren(QLabel)]
    shown += [line.text() for line in dialog.findChildren(QLineEdit)]
    with qtbot.waitSignal(started(dialog, session).ended, timeout=10_000):
        pass
    assert {headers["authorization"] for _, headers, _ in server.requests} == {f"Bearer {MARK}"}
    assert session.project is not None
    folder = session.project.folder
    said = [caplog.text, repr(messages), repr(vars(session.model_labels)), *shown]
    assert MARK not in "".join(said)
    assert session.close_project() is None
    for place in (folder, settings_folder):
        files = [path for path in place.rglob("*") if path.is_file()]
        assert files
        assert not [path for path in files if MARK.encode() in path.read_bytes()]


def test_a_server_that_repeats_the_key_does_not_show_it(
    project_window: MainWindow, qtbot: QtBot
) -> None:
    session = project_window.session
    messages = heard(session)
    with ChatServer(refuses(401, f"wrong key {MARK}")) as server:
        dialog = dialog_in(project_window, server.url, joined(with_label(session, 2)))
        fields = dialog.server
        fields.key.setText(MARK)
        QTest.mouseClick(fields.look, LEFT)
        qtbot.waitUntil(lambda: fields.look.isEnabled(), timeout=5000)
        assert fields.model_note.text()
        assert MARK not in fields.model_note.text()
        estimated(dialog, qtbot)
        with qtbot.waitSignal(started(dialog, session).ended, timeout=10_000):
            pass
    assert messages
    assert MARK not in repr(messages)


def test_without_a_keyring_the_key_lasts_for_this_start(
    project_window: MainWindow, qtbot: QtBot, server: ChatServer
) -> None:
    keyring.set_keyring(keyring.backends.fail.Keyring())
    session = project_window.session
    dialog = dialog_in(project_window, server.url, joined(with_label(session, 1)))
    dialog.server.key.setText(MARK)
    estimated(dialog, qtbot)
    assert dialog.server.key_note.text() == NO_KEYRING
    with qtbot.waitSignal(started(dialog, session).ended, timeout=10_000):
        pass
    assert server.requests[0][1]["authorization"] == f"Bearer {MARK}"
    again = dialog_in(project_window, server.url)
    QTest.mouseClick(again.server.look, LEFT)
    qtbot.waitUntil(lambda: again.server.forget.isVisible(), timeout=5000)
    assert server.requests[-1][1]["authorization"] == f"Bearer {MARK}"
    QTest.mouseClick(again.server.forget, LEFT)
    qtbot.waitUntil(lambda: "No key is kept" in again.server.key_note.text(), timeout=5000)
    QTest.mouseClick(again.server.look, LEFT)
    qtbot.waitUntil(lambda: again.server.look.isEnabled(), timeout=5000)
    assert "authorization" not in server.requests[-1][1]
    again.reject()


def test_private_mode_refuses_other_computers_and_is_kept(
    project_window: MainWindow, qtbot: QtBot, settings_folder: Path
) -> None:
    session = project_window.session
    dialog = dialog_in(project_window, "https://192.0.2.1/v1", joined(with_label(session, 2)))
    estimated(dialog, qtbot)
    where = dialog.estimate_view.where.text()
    assert where == "Titles and texts of up to 40 documents are sent to 192.0.2.1."
    QTest.mouseClick(dialog.server.private, LEFT)
    assert "Private mode is on, and 192.0.2.1 is not this computer" in refusal(dialog, qtbot)
    kept = json.loads((settings_folder / "settings.json").read_text("utf-8"))
    assert kept["private_mode"] is True
    QTest.mouseClick(dialog.server.look, LEFT)
    qtbot.waitUntil(lambda: "Private mode" in dialog.server.model_note.text(), timeout=5000)
    dialog.reject()
    assert dialog_in(project_window).server.private.isChecked()


def test_plain_http_to_another_computer_has_to_be_allowed(
    project_window: MainWindow, qtbot: QtBot
) -> None:
    latents = joined(with_label(project_window.session, 2))
    dialog = dialog_in(project_window, "http://192.0.2.1:8000/v1", latents)
    assert "could be read on the way" in refusal(dialog, qtbot)
    assert dialog.server.allow_http.text() == "Let plain http go to 192.0.2.1"
    QTest.mouseClick(dialog.server.allow_http, LEFT)
    estimated(dialog, qtbot)
    dialog.server.address.setText("http://192.0.2.2:8000/v1")
    assert not dialog.server.allow_http.isChecked()
    assert plain_http_host("http://localhost:1/v1") == ""
    assert plain_http_host("http://[::1]:1/v1") == ""
    assert plain_http_host("https://x/v1") == ""
    assert plain_http_host("http://[broken") == ""


def test_the_offered_servers_fill_the_address(project_window: MainWindow) -> None:
    fields = dialog_in(project_window).server
    assert fields.key_note.text() == NO_KEY_WORDS
    fields.server.setCurrentText("LM Studio")
    assert fields.url == "http://127.0.0.1:1234/v1"
    fields.address.setText("https://192.0.2.1/v1")
    assert fields.server.currentText() == "Another address"


def test_without_features_a_sentence_says_so(empty_session: Session, tmp_path: Path) -> None:
    from saedesk.ui.label_panels.model_labels_dialog import open_model_labels_dialog

    assert empty_session.create_project(tmp_path / "new.saedesk")
    messages = heard(empty_session)
    assert open_model_labels_dialog(empty_session, None) is None
    assert messages[-1].sentence == NO_FEATURES


def test_closing_the_project_ends_the_run_and_the_dialog(
    project_window: MainWindow, qtbot: QtBot
) -> None:
    session = project_window.session
    latents = joined(with_label(session, 2))
    with ChatServer(hangs, [says(NAMED)]) as server:
        dialog = dialog_in(project_window, server.url, latents)
        estimated(dialog, qtbot)
        started(dialog, session)
        qtbot.waitUntil(lambda: len(server.requests) == 2, timeout=5000)
        waiting = dialog_in(project_window, server.url, latents)
        QTest.mouseClick(waiting.server.look, LEFT)
        assert session.project is not None
        folder = session.project.folder
        session.close_project()
    assert not waiting.isVisible()
    assert session.open_project(folder)
    assert session.project is not None
    assert not session.project.read_only


def test_the_list_of_features_leads_there(project_window: MainWindow, qtbot: QtBot) -> None:
    project_window.show_workspace("features")
    features = project_window.current_workspace
    features.list.head.more_button.click()
    menu = QApplication.activePopupWidget()
    (action,) = [one for one in menu.actions() if "language model" in one.text()]
    menu.close()
    action.trigger()
    assert project_window.findChild(ModelLabelsDialog).isVisible()
