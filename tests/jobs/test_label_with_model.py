from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from saedesk.errors import BadSetting, ModelProblem
from saedesk.features.labels.label_score import LabelScore
from saedesk.features.labels.language_model.detection_score import (
    DETECTION_F1,
    DETECTION_PEARSON,
)
from saedesk.jobs import label_features
from saedesk.jobs.feature_choice import ALL, NUMBERS, FeatureChoice, feature_choice
from saedesk.jobs.label_with_model import (
    LabelWithModelRequest,
    LabelWithModelResult,
    ModelLabelStep,
    estimate,
    run,
)
from saedesk.jobs.loaded_sae import open_analysed_sae
from saedesk.jobs.model_budget import Prices
from saedesk.jobs.model_keys import SecretKey
from saedesk.jobs.model_label_work import DetectionSettings
from saedesk.jobs.model_questions import RetryPolicy
from saedesk.project.label_requests import DETECTION, LABEL
from saedesk.project.label_store import KEYWORDS, LANGUAGE_MODEL, PERSON, FeatureLabel
from saedesk.project.project_folder import Project
from saedesk.task_control import Cancelled, Unattended
from tests import chat_server
from tests.chat_server import ChatServer, judges, refuses, says, sends
from tests.tiny_projects import Listener

FAST = RetryPolicy(attempts=3, first_wait=0.01, longest_wait=0.02)
NAMED = says("They are about one thing.\nFINAL: a plain name")


@pytest.fixture
def project(project_copy: Path) -> Iterator[Project]:
    with Project.open(project_copy) as opened:
        yield opened


def sae_of(project: Project) -> str:
    record = project.current("saes")
    assert record is not None
    return record.hash


def asked(server: ChatServer, **settings) -> LabelWithModelRequest:
    given = {"features": FeatureChoice(ALL), "timeout": 5.0, **settings}
    return LabelWithModelRequest(server.url, "tiny", **given)


def done(project: Project, request: LabelWithModelRequest, control=None, **more):
    return run(project, request, control or Unattended(), retry=FAST, **more)


def active(project: Project, count: int) -> tuple[int, ...]:
    """Some features with a label, so with documents."""
    return tuple(sorted(project.labels.current(sae_of(project)))[:count])


def some(project: Project, count: int) -> FeatureChoice:
    return FeatureChoice(NUMBERS, active(project, count))


# --- the way it should go ------------------------------------------------------------------------


def test_labels_are_stored_with_where_they_come_from(project: Project) -> None:
    control = Listener()
    chosen = active(project, 3)
    with ChatServer(NAMED) as server:
        result = done(project, asked(server, features=some(project, 3)), control)
    assert (result.labelled, result.failures, result.stopped) == (3, (), "")
    assert (result.tokens_in, result.tokens_out) == (300, 30)
    sae = sae_of(project)
    for latent in chosen:
        label = project.labels.current_label(sae, latent)
        assert label is not None
        assert (label.text, label.source, label.author) == ("a plain name", LANGUAGE_MODEL, "tiny")
        told = label.details
        (kept,) = project.label_requests.of_latent(sae, latent)
        assert (kept.kind, kept.label_id, kept.problem) == (LABEL, label.id, "")
        assert (kept.id, kept.endpoint) == (told["request"], server.url)
        assert kept.answer == "They are about one thing.\nFINAL: a plain name"
        assert told["reasoning"] == "They are about one thing."
        texts = [d["text"] for d in chat_server.documents_in(kept.prompt)]
        assert len(texts) == len(told["read_documents"])
        first = project.documents.row(told["positives"][0])
        assert first is not None
        assert texts[0].startswith(first.title)
    steps = [one for one in control.partials if isinstance(one, ModelLabelStep)]
    assert [step.done for step in steps] == [1, 2, 3]
    assert {step.outcome.latent for step in steps} == set(chosen)


def test_what_is_sent(project: Project) -> None:
    with ChatServer(NAMED) as server:
        done(project, asked(server, features=some(project, 1)), key=SecretKey("key-1"))
        (path, headers, body) = server.requests[0]
    assert path == "/v1/chat/completions"
    assert headers["authorization"] == "Bearer key-1"
    assert (body["model"], body["temperature"]) == ("tiny", 0)
    assert [message["role"] for message in body["messages"]] == ["system", "user"]


def test_a_persons_label_is_never_replaced_and_a_finished_feature_not_asked_again(
    project: Project,
) -> None:
    sae, chosen = sae_of(project), active(project, 4)
    project.labels.add(sae, [FeatureLabel(chosen[0], "mine", PERSON, "me")])
    with ChatServer(NAMED) as server:
        first = done(project, asked(server, features=some(project, 3)))
        assert (first.labelled, first.by_person, len(server.requests)) == (2, 1, 2)
        # The keyword labeller leaves them, too.
        label_features.run(project, label_features.LabelRequest(), Unattended())
        second = done(project, asked(server, features=some(project, 4)))
        assert (second.labelled, second.finished, len(server.requests)) == (1, 2, 3)
        other = replace(asked(server, features=some(project, 4)), model="other")
        assert done(project, other).labelled == 3
    assert project.labels.current_label(sae, chosen[0]).text == "mine"
    assert project.labels.current_label(sae, chosen[1]).author == "other"


def test_a_label_a_person_writes_meanwhile_stays(project: Project) -> None:
    sae, (latent,) = sae_of(project), active(project, 1)

    def slow(handler, question) -> None:
        with Project.open(project.folder, read_only=True):
            pass
        written.wait(5)
        NAMED(handler, question)

    class Writes(Unattended):
        def checkpoint(self) -> None:
            if server.requests and not written.is_set():
                project.labels.add(sae, [FeatureLabel(latent, "mine", PERSON)])
                written.set()

    written = threading.Event()
    with ChatServer(slow) as server:
        result = done(project, asked(server, features=some(project, 1)), Writes())
    assert result.labelled == 0
    assert "meanwhile" in result.failures[0][1]
    assert project.labels.current_label(sae, latent).text == "mine"


def test_no_more_at_once_than_asked_for(project: Project) -> None:
    def slow(handler, question) -> None:
        time.sleep(0.05)
        NAMED(handler, question)

    with ChatServer(slow) as server:
        result = done(project, asked(server, features=some(project, 8), concurrency=3))
        assert result.labelled == 8
        assert server.most_at_once == 3
    with ChatServer(NAMED) as server, pytest.raises(BadSetting, match="1 to 32"):
        done(project, asked(server, concurrency=0))


# --- scores -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def by_word():
    """A judge who believes a label that is a word when the document has it."""
    return judges(lambda label, text: label.lower() in text.lower(), "FINAL: galaxy")


def test_labels_are_judged_on_documents_nobody_was_shown(project: Project, by_word) -> None:
    sae, (latent,) = sae_of(project), most_frequent(project)
    small = DetectionSettings(6, 6, documents_per_question=4)
    with ChatServer(by_word) as server:
        request = asked(
            server, features=FeatureChoice(NUMBERS, (latent,)), score=True, detection=small
        )
        result = done(project, request)
        again = done(project, request)
    assert (result.labelled, result.scored, result.failures) == (1, 1, ())
    assert (again.labelled, again.scored, again.finished) == (0, 0, 1)
    label = project.labels.current_label(sae, latent)
    scores = project.labels.scores(sae)[latent]
    assert set(scores) >= {DETECTION_F1, DETECTION_PEARSON}
    assert scores[DETECTION_F1].low <= scores[DETECTION_F1].score <= scores[DETECTION_F1].high
    ((details,),) = project.database.rows(
        "SELECT details FROM label_scores WHERE label_id = ? AND scorer = ?",
        (label.id, DETECTION_F1),
    )
    judged = json.loads(details)
    assert not set(judged["documents"]) & set(label.details["read_documents"])
    assert len(judged["documents"]) == scores[DETECTION_F1].documents
    kinds = [r.kind for r in project.label_requests.of_latent(sae, latent)]
    assert kinds.count(DETECTION) == -(-len(judged["documents"]) // 4)
    shown = {d["text"] for _, _, b in server.requests[:1] for d in documents_of(b)}
    tested = {d["text"] for _, _, b in server.requests[1:] for d in documents_of(b)}
    assert not shown & tested


def most_frequent(project: Project) -> tuple[int]:
    counts = open_analysed_sae(project).statistics.count
    return (int((counts * (counts < 40)).argmax()),)


def documents_of(body) -> list:
    return chat_server.documents_in(body["messages"][1]["content"])


def test_a_persons_label_can_be_judged_without_asking_for_another(project: Project) -> None:
    sae, (latent,) = sae_of(project), most_frequent(project)
    project.labels.add(sae, [FeatureLabel(latent, "mine", PERSON, details={"read_documents": []})])
    with ChatServer(judges(lambda label, text: label == "mine")) as server:
        choice = FeatureChoice(NUMBERS, (latent,))
        result = done(project, asked(server, features=choice, label=False, score=True))
    assert (result.labelled, result.scored) == (0, 1)
    scores = project.labels.scores(sae)[latent]
    assert scores[DETECTION_PEARSON].score == 0.0  # It said yes to everything.
    assert scores[DETECTION_PEARSON].low < 0 < scores[DETECTION_PEARSON].high


def test_shuffled_labels_are_at_chance_and_their_own_are_not(project: Project) -> None:
    """Every feature has a word of its own in its documents; the model knows words."""
    sae, features = sae_of(project), open_analysed_sae(project)
    latents = list(active(project, 10))
    with project.database.writing() as connection:
        for latent in latents:
            ids = features.vectors.document_ids[np.sort(features.activations.latent(latent)[0])]
            connection.executemany(
                "UPDATE documents SET text = ? || text WHERE id = ?",
                [(f"word{latent}x ", int(i)) for i in ids],
            )

    def pearson(words: list[int]) -> list[LabelScore]:
        labels = [
            FeatureLabel(latent, f"word{word}x", KEYWORDS, details={"read_documents": []})
            for latent, word in zip(latents, words, strict=True)
        ]
        project.labels.add(sae, labels)
        done(project, asked(server, features=some(project, 10), label=False, score=True))
        scores = project.labels.scores(sae)
        return [s[DETECTION_PEARSON] for s in scores.values() if DETECTION_PEARSON in s]

    with ChatServer(judges(lambda label, text: label in text)) as server:
        own = pearson(latents)
        shuffled = pearson(latents[3:] + latents[:3])
    assert len(own) == len(shuffled) >= 5
    assert min(score.score for score in own) > 0.99
    assert np.mean([score.low <= 0 <= score.high for score in shuffled]) > 0.6
    assert np.mean([score.score for score in shuffled]) < 0.3


# --- money, pause, cancel ----------------------------------------------------------------------


def test_an_estimate_says_what_it_would_take_and_asks_nobody(project: Project) -> None:
    with ChatServer(NAMED) as server:
        request = asked(server, features=some(project, 5), score=True, prices=Prices(2.0, 10.0))
        found = estimate(project, request)
        assert server.requests == []
        assert (found.features, found.requests, found.leaves_this_computer) == (5, 25, False)
        assert found.money == pytest.approx((found.tokens_in * 2 + found.tokens_out * 10) / 1e6)
        only_labels = estimate(project, replace(request, score=False))
        done(project, replace(request, score=False))
        sent = [b["messages"] for _, _, b in server.requests]
    letters = sum(len(m["content"]) for messages in sent for m in messages)
    assert letters / 5 < only_labels.tokens_in < letters / 2
    assert estimate(project, replace(request, score=False)).finished == 5


def test_a_budget_is_never_passed(project: Project) -> None:
    usage = {"prompt_tokens": 2000, "completion_tokens": 800}
    with ChatServer(says("FINAL: a plain name", usage=usage)) as server:
        request = asked(server, features=some(project, 6))
        of_one = estimate(project, request).tokens_in / 6 + 1000
        result = done(project, replace(request, budget_tokens=round(of_one * 2.2), concurrency=4))
        assert 0 < result.labelled < 6
        assert result.tokens_in + result.tokens_out <= of_one * 2.2
        assert "budget" in result.stopped
        assert result.left == 6 - result.labelled
        none = done(project, replace(request, prices=Prices(1, 1), budget_money=1e-6))
        assert (none.labelled, none.money) == (0, 0.0)
        with pytest.raises(BadSetting, match="prices"):
            done(project, replace(request, budget_money=1.0))
        rest = done(project, request)
        assert rest.labelled == 6 - result.labelled


def test_nothing_is_sent_while_paused(project: Project) -> None:
    go_on, paused = threading.Event(), threading.Event()

    class Pauses(Unattended):
        def checkpoint(self) -> None:
            if len(server.requests) >= 2 and not go_on.is_set():
                paused.set()
                go_on.wait(5)

    results: list[LabelWithModelResult] = []
    with ChatServer(NAMED) as server:
        request = asked(server, features=some(project, 6), concurrency=1)
        thread = threading.Thread(target=lambda: results.append(done(project, request, Pauses())))
        thread.start()
        assert paused.wait(10)
        before = len(server.requests)
        time.sleep(0.2)
        assert len(server.requests) == before < 6
        go_on.set()
        thread.join(10)
    assert results[0].labelled == 6


@pytest.mark.parametrize(
    "behaviour",
    [chat_server.hangs, chat_server.never_ends, refuses(429, Retry_After="60")],
    ids=["hangs", "endless", "waits"],
)
def test_a_cancel_is_heard_within_a_second(project: Project, behaviour) -> None:
    class Cancels(Unattended):
        def __init__(self) -> None:
            self.at: float | None = None

        def checkpoint(self) -> None:
            if self.at is None and len(server.requests) == 3:
                self.at = time.monotonic() + 0.2
            if self.at is not None and time.monotonic() > self.at:
                raise Cancelled

    control = Cancels()
    with ChatServer(behaviour, [NAMED]) as server:
        with pytest.raises(Cancelled):
            done(project, asked(server, features=some(project, 6), timeout=60), control)
        assert control.at is not None
        assert time.monotonic() - control.at < 1.0
        server.behaviour = NAMED
        server.over.set()
        result = done(project, asked(server, features=some(project, 6)))
    assert (result.labelled, result.finished) == (5, 1)


def test_stopping_keeps_what_is_under_way(project: Project) -> None:
    with ChatServer(NAMED) as server:
        result = done(project, asked(server, features=some(project, 6)), Listener(keep_at=3))
    assert result.labelled < 6
    assert result.left == 6 - result.labelled
    assert result.stopped


# --- choosing features ---------------------------------------------------------------------------


def test_features_are_chosen_by_words_and_numbers(project: Project) -> None:
    assert feature_choice("3, 17,20-22").latents == (3, 17, 20, 21, 22)
    assert feature_choice("All").which == ALL
    for wrong in ("", "some", "5-3", "1-999999999", "-1", "1,,2"):
        with pytest.raises(BadSetting):
            feature_choice(wrong)
    sae, chosen = sae_of(project), active(project, 2)
    project.labels.set_star(sae, chosen[1], True)
    project.labels.put_in_force(sae, chosen[0], None)
    with ChatServer(NAMED) as server:
        assert estimate(project, asked(server, features=feature_choice("starred"))).features == 1
        unlabelled = estimate(project, asked(server, features=FeatureChoice()))
        assert unlabelled.features + unlabelled.too_few >= 1
        with pytest.raises(BadSetting, match="There is no feature 99"):
            estimate(project, asked(server, features=feature_choice("99")))


# --- where it may be asked --------------------------------------------------------------------


def test_documents_only_go_where_a_person_allows(project: Project, settings_folder: Path) -> None:
    request = LabelWithModelRequest("http://192.0.2.1/v1", "m", features=FeatureChoice(ALL))
    with pytest.raises(BadSetting, match="--allow-host"):
        done(project, request)
    assert estimate(project, replace(request, allowed_hosts=("192.0.2.1",))).leaves_this_computer
    hosted = replace(request, endpoint="https://192.0.2.1/v1")
    assert estimate(project, hosted).leaves_this_computer
    with pytest.raises(BadSetting, match="Private mode"):
        done(project, replace(hosted, private=True))
    settings_folder.mkdir()
    (settings_folder / "settings.json").write_text('{"private_mode": true}', "utf-8")
    with pytest.raises(BadSetting, match="Private mode"):
        done(project, hosted)
    with pytest.raises(ModelProblem, match="No computer"):
        done(project, replace(request, endpoint="http://nobody.invalid/v1"))


def test_scores_of_other_labels_are_left(project: Project) -> None:
    """A label by keywords stays in force where the model gives none."""
    with ChatServer(sends(b"{")) as server:
        result = done(project, asked(server, features=some(project, 2)))
    assert len(result.failures) == 2
    sae = sae_of(project)
    assert {project.labels.current_label(sae, i).source for i in active(project, 2)} == {KEYWORDS}
