"""Have a language model name features, and judge names on documents it has not seen.

Every feature is finished, and kept, by itself: a run that was cancelled, stopped at its budget or
met failures goes on with those that are left. A person's label is never replaced.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from saedesk.errors import BadInput, BadSetting
from saedesk.features.labels.language_model.detection_prompt import (
    detection_prompt,
)
from saedesk.features.labels.language_model.detection_score import DETECTION_F1
from saedesk.features.labels.language_model.label_examples import ExampleSettings
from saedesk.features.labels.language_model.label_prompt import ANSWER_TOKENS, PROMPT_VERSION
from saedesk.jobs.analyse_features import analysis_in_use, sae_to_use
from saedesk.jobs.feature_choice import FeatureChoice
from saedesk.jobs.language_model_client import LanguageModelClient
from saedesk.jobs.model_budget import Budget, Prices, prompt_tokens
from saedesk.jobs.model_endpoint import Endpoint, check_endpoint, private_mode_is_set
from saedesk.jobs.model_keys import SecretKey
from saedesk.jobs.model_label_work import (
    DetectionSettings,
    FeatureOutcome,
    FeatureSource,
    feature_work,
)
from saedesk.jobs.model_questions import QuestionRun, RetryPolicy, Work
from saedesk.project.artifact_readers import open_activations, open_vectors
from saedesk.project.label_store import PERSON, FeatureLabel
from saedesk.project.project_folder import Project
from saedesk.task_control import Progress, TaskControl

FEWEST_DOCUMENTS = 2
"""Active documents below which nobody can say what a feature stands for."""

LABEL_ANSWER_TOKENS = 250
DETECTION_ANSWER_TOKENS = 12
"""Tokens of a usual answer: of a label, and for each judged document. Measured on small models."""

_SAMPLED = 12
"""Features whose questions are written for an estimate."""


@dataclass(frozen=True)
class LabelWithModelRequest:
    """Which features to ask about, whom, and what it may cost. A key is never part of it."""

    endpoint: str
    """Address of the server, as “http://127.0.0.1:11434/v1”."""
    model: str
    sae: str = ""
    """Hash of the SAE; "" for the one in use."""
    features: FeatureChoice = field(default_factory=FeatureChoice)
    label: bool = True
    """Whether to ask for labels; without it only the labels in force are judged."""
    score: bool = False
    """Whether to have labels judged (F1 and Pearson)."""
    concurrency: int = 2
    """Questions at once."""
    timeout: float = 120.0
    """Seconds for a whole answer."""
    answer_tokens: int = ANSWER_TOKENS
    """Most tokens of one answer, thoughts included."""
    budget_tokens: int | None = None
    """Most tokens in and out, None for no limit."""
    prices: Prices = field(default_factory=Prices)
    budget_money: float | None = None
    """Most money by `prices`, None for no limit."""
    private: bool = False
    """Only a model on this computer; the setting “private_mode” asks for it as well."""
    allowed_hosts: tuple[str, ...] = ()
    """Hosts to which plain http may go."""
    examples: ExampleSettings = field(default_factory=ExampleSettings)
    detection: DetectionSettings = field(default_factory=DetectionSettings)

    def checked_endpoint(self) -> Endpoint:
        """Where it would be asked; raises BadSetting or ModelProblem."""
        if not self.model.strip() or len(self.model) > 200 or not self.model.isprintable():
            raise BadSetting("Name the model, as its server calls it.")
        if not 0 < self.timeout <= 3600:
            raise BadSetting(f"The time limit must be 1 to 3,600 s, not {self.timeout}.")
        if not 50 <= self.answer_tokens <= 1_000_000:
            raise BadSetting(
                f"An answer may have 50 to 1,000,000 tokens, not {self.answer_tokens}."
            )
        return check_endpoint(
            self.endpoint,
            private=self.private or private_mode_is_set(),
            allowed_hosts=self.allowed_hosts,
        )


@dataclass(frozen=True)
class LabelEstimate:
    """What a run would ask for, shown before it begins."""

    features: int
    """Features with something to ask."""
    finished: int
    """Features that this model has named before with the same question."""
    by_person: int
    """Features that keep a person's label."""
    too_few: int
    """Features with fewer than two active documents."""
    requests: int
    tokens_in: int
    tokens_out: int
    """Of usual answers."""
    money: float | None
    """None without prices."""
    leaves_this_computer: bool
    """Whether documents go to another computer."""
    endpoint: str
    """Where they go."""
    example: str
    """The first question as it would be sent; "" where no label is asked for."""


@dataclass(frozen=True)
class ModelLabelStep:
    """Published when a feature is finished."""

    outcome: FeatureOutcome
    done: int
    total: int
    tokens_in: int
    tokens_out: int
    money: float | None


@dataclass(frozen=True)
class LabelWithModelResult:
    """What a run came to."""

    labelled: int
    scored: int
    finished: int
    """As in `LabelEstimate`, like the next two."""
    by_person: int
    too_few: int
    failures: tuple[tuple[int, str], ...]
    """(feature, why) of those that were asked about and did not get what was asked for."""
    left: int
    """Features that were not come to, for the reason in `stopped`."""
    stopped: str
    """A sentence, or ""."""
    tokens_in: int
    tokens_out: int
    money: float | None
    """None without prices."""


@dataclass(frozen=True)
class _Task:
    latent: int
    ask: bool
    score: bool
    label: FeatureLabel | None
    """The label in force."""


@dataclass(frozen=True)
class _Plan:
    tasks: tuple[_Task, ...]
    finished: int
    by_person: int
    too_few: int
    source: FeatureSource


def estimate(project: Project, request: LabelWithModelRequest) -> LabelEstimate:
    """What `run` would ask for, by questions written for some of the features; nothing is sent.

    Raises BadSetting, ModelProblem, or BadInput where the SAE is not analysed.
    """
    endpoint = request.checked_endpoint()
    _budget(request)
    plan = _plan(project, request, endpoint)
    asking = [task for task in plan.tasks if task.ask]
    scoring = [task for task in plan.tasks if task.score]
    places = np.unique(np.linspace(0, max(len(asking) - 1, 0), _SAMPLED).astype(int))
    prompts = [plan.source.label_question(asking[i].latent)[2] for i in places if asking]
    of_label = [prompt_tokens(prompt) for prompt in prompts]
    example = prompts[0].text if prompts else ""
    documents = request.detection.positives + request.detection.negatives
    size = max(1, request.detection.documents_per_question)
    questions = -(-documents // size)
    requests = len(asking) + len(scoring) * questions
    tokens_in = len(asking) * (float(np.mean(of_label)) if of_label else 0.0)
    tokens_out = len(asking) * LABEL_ANSWER_TOKENS
    if scoring:
        tokens_in += len(scoring) * questions * _detection_tokens(plan, scoring, size)
        tokens_out += len(scoring) * documents * DETECTION_ANSWER_TOKENS
    return LabelEstimate(
        len(plan.tasks),
        plan.finished,
        plan.by_person,
        plan.too_few,
        requests,
        round(tokens_in),
        tokens_out,
        request.prices.money(round(tokens_in), tokens_out),
        not endpoint.is_on_this_computer,
        endpoint.url,
        example,
    )


def run(
    project: Project,
    request: LabelWithModelRequest,
    control: TaskControl,
    *,
    key: SecretKey | None = None,
    retry: RetryPolicy | None = None,
) -> LabelWithModelResult:
    """Ask about one feature after the other, some at once; publishes a `ModelLabelStep` for each.

    key: of the endpoint. Raises BadSetting, ModelProblem, BadInput where the SAE is not analysed;
    what fails about a single feature is told in the result.
    """
    project.check_writable()
    endpoint = request.checked_endpoint()
    budget = _budget(request)
    plan = _plan(project, request, endpoint)
    failures: list[tuple[int, str]] = []
    done = scored = 0
    before = project.label_requests.labelled(plan.source.sae, request.model, PROMPT_VERSION)
    total = len(plan.tasks)
    with LanguageModelClient(endpoint, request.model, key, seconds=request.timeout) as client:
        questions: QuestionRun[FeatureOutcome] = QuestionRun(
            client,
            budget,
            plan.source.keep_request,
            concurrency=request.concurrency,
            retry=retry,
        )
        control.report(Progress(0, total, "features", f"Asking {request.model}"))
        for outcome in questions.outcomes(_works(plan), control):
            done += 1
            scored += bool(outcome.scores)
            if outcome.problem:
                failures.append((outcome.latent, outcome.problem))
            spent = (budget.tokens_in, budget.tokens_out, budget.money)
            control.publish(ModelLabelStep(outcome, done, total, *spent))
            control.report(Progress(done, total, "features", f"Asking {request.model}"))
    after = project.label_requests.labelled(plan.source.sae, request.model, PROMPT_VERSION)
    return LabelWithModelResult(
        len(after - before),
        scored,
        plan.finished,
        plan.by_person,
        plan.too_few,
        tuple(sorted(failures)),
        total - done,
        questions.stopped or ("It was stopped as asked." if done < total else ""),
        budget.tokens_in,
        budget.tokens_out,
        budget.money,
    )


def _works(plan: _Plan) -> Iterator[Work[FeatureOutcome]]:
    for task in plan.tasks:
        yield feature_work(
            plan.source, task.latent, label=task.label, ask=task.ask, score=task.score
        )


def _source(project: Project, request: LabelWithModelRequest, endpoint: Endpoint) -> FeatureSource:
    sae = sae_to_use(project, request.sae)
    found = analysis_in_use(project, sae)
    if found is None:
        raise BadInput("The features of this SAE are not analysed yet. Analyse them first.")
    vectors, activations, _ = found
    return FeatureSource(
        project,
        sae.hash,
        activations.hash,
        open_activations(project, activations),
        open_vectors(project, vectors),
        request.model,
        endpoint.url,
        request.examples,
        request.detection,
        request.answer_tokens,
    )


def _plan(project: Project, request: LabelWithModelRequest, endpoint: Endpoint) -> _Plan:
    if not (request.label or request.score):
        raise BadSetting("Ask for labels, for scores, or for both.")
    source = _source(project, request, endpoint)
    labels = project.labels.current(source.sae)
    counts = np.diff(source.activations.latent_offsets)
    chosen = request.features.latents_of(counts, labels, project.labels.starred(source.sae))
    enough = [latent for latent in chosen if counts[latent] >= FEWEST_DOCUMENTS]
    by_person = {i for i in enough if i in labels and labels[i].source == PERSON}
    named = project.label_requests.labelled(source.sae, request.model, PROMPT_VERSION)
    scores = project.labels.scores(source.sae)
    tasks: list[_Task] = []
    for latent in enough:
        ask = request.label and latent not in by_person and latent not in named
        has_score = DETECTION_F1 in scores.get(latent, {})
        score = request.score and (ask or (latent in labels and not has_score))
        if ask or score:
            tasks.append(_Task(latent, ask, score, labels.get(latent)))
    finished = len((named & set(enough)) - by_person) if request.label else 0
    return _Plan(tuple(tasks), finished, len(by_person), len(chosen) - len(enough), source)


def _budget(request: LabelWithModelRequest) -> Budget:
    return Budget(request.prices, request.budget_tokens, request.budget_money)


def _detection_tokens(plan: _Plan, scoring: list[_Task], size: int) -> float:
    """Tokens of a usual question of judgement, from some of the features' documents."""
    places = np.unique(np.linspace(0, len(scoring) - 1, _SAMPLED).astype(int))
    found = []
    for place in places:
        rows = plan.source.activations.latent(scoring[place].latent)[0][:size]
        texts = plan.source.texts(np.sort(rows))
        found.append(prompt_tokens(detection_prompt("a label of a few words", texts)))
    return float(np.mean(found))
