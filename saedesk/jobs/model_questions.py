"""Many questions to one language model: few at a time, again after a failure, within a budget.

What asks is a generator for each feature: it yields questions, gets their answers, and returns its
outcome. Nothing is sent while the task is paused, and a cancel is heard ten times a second.
"""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from saedesk.errors import BadSetting
from saedesk.features.labels.language_model.label_prompt import Prompt
from saedesk.jobs.language_model_client import LanguageModelClient
from saedesk.jobs.model_budget import Budget, foreseen_tokens, prompt_tokens
from saedesk.jobs.model_reply import OK, ModelReply
from saedesk.task_control import TaskControl

SECONDS_BETWEEN_LOOKS = 0.1
MOST_CONCURRENT = 32
FAILURES_IN_A_ROW = 20
"""Questions without an answer, one after the other, after which the run stops."""


@dataclass(frozen=True)
class Question:
    """One question about a feature."""

    latent: int
    kind: str
    """"label" or "detection"."""
    prompt: Prompt
    most_tokens: int
    """Of the answer."""
    label_id: int | None = None
    """The label that is judged."""

    @property
    def tokens(self) -> int:
        """About how many tokens it has itself."""
        return prompt_tokens(self.prompt)


@dataclass(frozen=True)
class Answer:
    """What came of a question in the end."""

    reply: ModelReply
    request_id: int
    """Its number among the requests kept in the project."""


Outcome = TypeVar("Outcome")
Work = Generator[list[Question], list[Answer], Outcome]
Keep = Callable[[Question, ModelReply], int]
"""Stores a question with its reply and gives it a number."""


@dataclass(frozen=True)
class RetryPolicy:
    """How often and after which time a question is asked again after 429, 5xx or a time-out."""

    attempts: int = 5
    first_wait: float = 1.0
    """Seconds; doubled every time, and up to a quarter less at random."""
    longest_wait: float = 60.0
    most_asked_for: float = 180.0
    """Seconds a server may ask to wait; when it asks for more, the question has failed."""

    def wait(self, attempt: int, asked_for: float | None) -> float | None:
        """Seconds before the attempt after `attempt` (from 1); None where there is none."""
        if attempt >= self.attempts:
            return None
        if asked_for is not None:
            return asked_for if asked_for <= self.most_asked_for else None
        doubled = min(self.first_wait * 2.0 ** (attempt - 1), self.longest_wait)
        # Not for a result, only so that several programs do not knock at the same moment.
        return doubled * random.uniform(0.75, 1.0)


@dataclass
class _OpenWork(Generic[Outcome]):
    work: Work[Outcome]
    answers: list[Answer | None] = field(default_factory=list)


@dataclass
class _Asked(Generic[Outcome]):
    question: Question
    of: _OpenWork[Outcome]
    place: int
    attempt: int = 1
    ready_at: float = 0.0


class QuestionRun(Generic[Outcome]):
    """Drives the works of one run."""

    def __init__(
        self,
        client: LanguageModelClient,
        budget: Budget,
        keep: Keep,
        *,
        concurrency: int = 2,
        retry: RetryPolicy | None = None,
    ) -> None:
        """Raises BadSetting for a concurrency outside 1 to 32."""
        if not 1 <= concurrency <= MOST_CONCURRENT:
            raise BadSetting(f"Questions at once must be 1 to {MOST_CONCURRENT}.")
        self._client, self._budget, self._keep = client, budget, keep
        self._concurrency, self._retry = concurrency, retry or RetryPolicy()
        self._ready: deque[_Asked[Outcome]] = deque()
        self._waiting: list[_Asked[Outcome]] = []
        self._under_way: dict[int, _Asked[Outcome]] = {}
        self._finished: deque[Outcome] = deque()
        self._numbers = 0
        self._failures_in_a_row = 0
        self.stopped = ""
        """Why the run ended before its works did; "" where it did not."""

    def outcomes(self, works: Iterator[Work[Outcome]], control: TaskControl) -> Iterator[Outcome]:
        """The outcomes of the works, as they come; those that are not finished have none."""
        more = True
        while not self.stopped:
            control.checkpoint()
            if control.finish_early():
                more = False
            self._wake()
            while more and self._has_room():
                work = next(works, None)
                if work is None:
                    more = False
                else:
                    self._advance(_OpenWork(work), None)
                yield from self._drain()
                control.checkpoint()
            self._send()
            yield from self._drain()
            if not (self._under_way or self._waiting or self._ready or more):
                return
            self._receive()
            yield from self._drain()
        yield from self._drain()

    def _has_room(self) -> bool:
        unfinished = len(self._ready) + len(self._under_way) + len(self._waiting)
        return unfinished < self._concurrency

    def _drain(self) -> Iterator[Outcome]:
        while self._finished:
            yield self._finished.popleft()

    def _advance(self, open_work: _OpenWork[Outcome], answers: list[Answer] | None) -> None:
        """Let a work go on with its answers; queue what it asks next."""
        try:
            questions = next(open_work.work) if answers is None else open_work.work.send(answers)
        except StopIteration as end:
            self._finished.append(end.value)
            return
        open_work.answers = [None] * len(questions)
        for place, question in enumerate(questions):
            self._ready.append(_Asked(question, open_work, place))

    def _wake(self) -> None:
        now = time.monotonic()
        self._ready.extend(one for one in self._waiting if one.ready_at <= now)
        self._waiting = [one for one in self._waiting if one.ready_at > now]

    def _send(self) -> None:
        while self._ready and len(self._under_way) < self._concurrency:
            asked = self._ready[0]
            question = asked.question
            if not self._budget.set_aside(question.tokens, question.most_tokens):
                if not self._under_way:
                    self.stopped = self._budget.used_up
                return
            self._ready.popleft()
            self._numbers += 1
            self._under_way[self._numbers] = asked
            self._client.ask(self._numbers, question.prompt, question.most_tokens)

    def _receive(self) -> None:
        came = self._client.reply(SECONDS_BETWEEN_LOOKS)
        if came is None or came[0] not in self._under_way:
            return
        asked, reply = self._under_way.pop(came[0]), came[1]
        question = asked.question
        self._budget.release(question.tokens, question.most_tokens)
        reply = _counted(question, reply)
        self._budget.spend(reply.tokens_in or 0, reply.tokens_out or 0)
        wait = self._retry.wait(asked.attempt, reply.wait) if reply.may_retry else None
        if wait is not None:
            asked.attempt += 1
            asked.ready_at = time.monotonic() + wait
            self._waiting.append(asked)
            return
        asked.of.answers[asked.place] = Answer(reply, self._keep(question, reply))
        self._look_at_failures(reply)
        if all(answer is not None for answer in asked.of.answers):
            self._advance(asked.of, [answer for answer in asked.of.answers if answer is not None])

    def _look_at_failures(self, reply: ModelReply) -> None:
        self._failures_in_a_row = self._failures_in_a_row + 1 if reply.problem else 0
        if reply.stops_all:
            self.stopped = f"{reply.problem} The others would fail as well, so this stopped."
        elif self._failures_in_a_row >= FAILURES_IN_A_ROW:
            self.stopped = (
                f"{FAILURES_IN_A_ROW} questions in a row failed, so this stopped. The last: "
                f"{reply.problem}"
            )


def _counted(question: Question, reply: ModelReply) -> ModelReply:
    """The reply with tokens, foreseen where the server does not count them.

    What a lost answer has cost nobody says, so it counts as all that was set aside for it.
    """
    if reply.problem and reply.status == OK:
        return replace(reply, tokens_in=question.tokens, tokens_out=question.most_tokens)
    if reply.problem:
        return reply
    tokens_in = question.tokens if reply.tokens_in is None else reply.tokens_in
    tokens_out = foreseen_tokens(reply.text) if reply.tokens_out is None else reply.tokens_out
    return replace(reply, tokens_in=tokens_in, tokens_out=tokens_out)
