"""What is asked about one feature: its label, then whether the label fits documents not shown."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from saedesk.features.labels.label_score import LabelScore
from saedesk.features.labels.language_model.detection_answer import read_detection_answer
from saedesk.features.labels.language_model.detection_prompt import (
    DETECTION_VERSION,
    detection_prompt,
)
from saedesk.features.labels.language_model.detection_score import FEWEST, detection_score
from saedesk.features.labels.language_model.label_answer import (
    LabelAnswer,
    UnusableAnswer,
    read_label_answer,
)
from saedesk.features.labels.language_model.label_examples import (
    ExampleSettings,
    LabelExamples,
    draw_examples,
)
from saedesk.features.labels.language_model.label_prompt import (
    PROMPT_VERSION,
    Prompt,
    ShownDocuments,
    label_prompt,
)
from saedesk.features.labels.language_model.quoted_documents import shown_text
from saedesk.features.labels.scoring_documents import ScoringSettings, scoring_documents
from saedesk.features.sparse_activations import SparseActivations
from saedesk.jobs.model_questions import Answer, Question, Work
from saedesk.jobs.model_reply import ModelReply
from saedesk.jobs.score_labels import rows_read_of
from saedesk.project.artifact_readers import Vectors
from saedesk.project.label_requests import DETECTION, LABEL, StoredRequest
from saedesk.project.label_store import LANGUAGE_MODEL, FeatureLabel
from saedesk.project.project_folder import Project

_LONGEST_REASONING = 4000


@dataclass(frozen=True)
class DetectionSettings:
    """On which documents a label is judged by a model."""

    positives: int = 10
    negatives: int = 10
    """One half at random, one half near to the active ones."""
    documents_per_question: int = 5
    """1 is the protocol of O'Neill et al. 2024; more cost less."""
    seed: int = 0


@dataclass(frozen=True)
class FeatureOutcome:
    """What came of one feature."""

    latent: int
    label: FeatureLabel | None = None
    """The new label, or None."""
    scores: tuple[LabelScore, ...] = ()
    problem: str = ""
    """Why something asked for is not there, a sentence; "" where all is."""


@dataclass(frozen=True)
class FeatureSource:
    """Where the documents of features come from, and where what is found goes."""

    project: Project
    sae: str
    """Hash of the SAE."""
    analysis: str
    """Hash of the activations."""
    activations: SparseActivations
    vectors: Vectors
    model: str
    endpoint: str
    examples: ExampleSettings
    detection: DetectionSettings
    answer_tokens: int
    """Most tokens of an answer."""

    def texts(self, rows: np.ndarray) -> list[str]:
        """Title and text of the documents at these rows, as they are shown."""
        ids = [int(i) for i in self.vectors.document_ids[rows]]
        found = {row.id: f"{row.title}\n{row.text}" for row in self.project.documents.rows(ids)}
        return [shown_text(found.get(i, "")) for i in ids]

    def text_keys(self, rows: np.ndarray) -> list[str]:
        """What is equal for documents that are shown with equal texts; "" without one."""
        return [_key(text) for text in self.texts(rows)]

    def label_question(self, latent: int) -> tuple[LabelExamples, ShownDocuments, Prompt]:
        """The documents of a feature and the question about them."""
        examples = draw_examples(
            self.activations,
            self.vectors.values,
            latent,
            self.text_keys,
            self.examples,
            self.vectors.bad_rows,
        )
        texts = self.texts(examples.positives)
        shown = ShownDocuments(
            [(t, float(v)) for t, v in zip(texts, examples.activations, strict=True)],
            self.texts(examples.hard_negatives),
            self.texts(examples.random_negatives),
        )
        return examples, shown, label_prompt(shown)

    def judged_documents(self, label: FeatureLabel) -> tuple[list[str], list[bool], list[int]]:
        """Texts, whether active, and ids of documents its author has not read; in mixed order.

        Empty where the feature has too few to spare.
        """
        wanted = self.detection
        settings = ScoringSettings(wanted.positives, wanted.negatives, FEWEST, seed=wanted.seed)
        read = rows_read_of({label.latent: label}, self.activations, self.analysis, self.vectors)
        drawn = scoring_documents(
            self.activations,
            self.vectors.values,
            [label.latent],
            read,
            settings,
            self.vectors.bad_rows,
        )
        if not drawn:
            return [], [], []
        order = np.random.default_rng((wanted.seed, label.latent)).permutation(len(drawn[0].rows))
        rows, is_active = drawn[0].rows[order], drawn[0].is_active[order]
        seen = set(self.text_keys(read(label.latent))) | {""}
        kept: list[tuple[str, bool, int]] = []
        for text, active, row in zip(self.texts(rows), is_active, rows, strict=True):
            # A text that was shown under another number would be a leak all the same.
            if (key := _key(text)) not in seen:
                seen.add(key)
                kept.append((text, bool(active), int(self.vectors.document_ids[row])))
        return [one[0] for one in kept], [one[1] for one in kept], [one[2] for one in kept]

    def keep_request(self, question: Question, reply: ModelReply) -> int:
        """Store a question and its reply; returns its number."""
        stored = StoredRequest(
            self.sae,
            question.latent,
            question.kind,
            self.model,
            self.endpoint,
            question.prompt.text,
            reply.text,
            reply.problem,
            reply.tokens_in or 0,
            reply.tokens_out or 0,
            question.label_id,
        )
        return self.project.label_requests.add([stored])[0]


def feature_work(
    source: FeatureSource, latent: int, *, label: FeatureLabel | None, ask: bool, score: bool
) -> Work[FeatureOutcome]:
    """Ask for a label where `ask` says so, then have it or the given one judged."""
    made: FeatureLabel | None = None
    problem = ""
    if ask:
        examples, shown, prompt = source.label_question(latent)
        if len(examples.positives) == 0:
            return FeatureOutcome(latent, problem="None of its active documents has a text.")
        (answer,) = yield [Question(latent, LABEL, prompt, source.answer_tokens)]
        try:
            made = _store_label(source, examples, shown, prompt, answer)
        except UnusableAnswer as error:
            problem = error.sentence
        if made is None and not problem:
            return FeatureOutcome(latent, problem="A person has given it a label meanwhile.")
    judged = made or label
    if not score or judged is None:
        return FeatureOutcome(latent, made, problem=problem)
    scores, why_not = yield from _judge(source, judged)
    return FeatureOutcome(latent, made, scores, problem or why_not)


def _store_label(
    source: FeatureSource,
    examples: LabelExamples,
    shown: ShownDocuments,
    prompt: Prompt,
    answer: Answer,
) -> FeatureLabel | None:
    """The label in force now; None where a person was quicker. Raises UnusableAnswer."""
    reply = answer.reply
    if reply.problem:
        raise UnusableAnswer(reply.problem)
    try:
        read = read_label_answer(reply.text, shown.texts)
    except UnusableAnswer as refused:
        why = refused.sentence
        if reply.was_cut:
            why = f"The model’s answer was cut off after {source.answer_tokens:,} tokens."
        source.project.label_requests.name_problem(answer.request_id, why)
        raise UnusableAnswer(why) from None
    details = _details(source, examples, read, prompt, answer)
    label = FeatureLabel(examples.latent, read.text, LANGUAGE_MODEL, source.model, details=details)
    if not source.project.labels.add(source.sae, [label], over_person=False):
        return None
    stored = source.project.labels.current_label(source.sae, examples.latent)
    assert stored is not None
    source.project.label_requests.name_label(answer.request_id, stored.id)
    return stored


def _details(
    source: FeatureSource,
    examples: LabelExamples,
    read: LabelAnswer,
    prompt: Prompt,
    answer: Answer,
) -> dict[str, Any]:
    """Where a label comes from."""

    def ids(rows: np.ndarray) -> list[int]:
        return [int(i) for i in source.vectors.document_ids[rows]]

    details: dict[str, Any] = {
        "prompt": PROMPT_VERSION,
        "prompt_sha256": hashlib.sha256(prompt.text.encode("utf-8")).hexdigest(),
        "request": answer.request_id,
        "endpoint": source.endpoint,
        "activations": source.analysis,
        "read_documents": ids(examples.rows),
        "positives": ids(examples.positives),
        "hard_negatives": ids(examples.hard_negatives),
        "random_negatives": ids(examples.random_negatives),
        "seed": source.examples.seed,
        "reasoning": read.reasoning[:_LONGEST_REASONING],
        "flags": list(read.flags),
    }
    if answer.reply.served_by not in ("", source.model):
        details["served_by"] = answer.reply.served_by
    return details


def _judge(source: FeatureSource, label: FeatureLabel) -> Work[tuple[tuple[LabelScore, ...], str]]:
    """Have a label judged on documents; its scores, or why there are none."""
    texts, is_active, ids = source.judged_documents(label)
    if min(is_active.count(True), is_active.count(False)) < FEWEST:
        return (), "It has too few documents that its author has not read to judge its label on."
    size = max(1, source.detection.documents_per_question)
    parts = [texts[start : start + size] for start in range(0, len(texts), size)]
    answers = yield [
        Question(
            label.latent,
            DETECTION,
            detection_prompt(label.text, part),
            source.answer_tokens,
            label.id,
        )
        for part in parts
    ]
    predictions: list[float | None] = []
    problem = ""
    for part, answer in zip(parts, answers, strict=True):
        try:
            predictions += _predictions(answer.reply, len(part))
        except UnusableAnswer as error:
            predictions += [None] * len(part)
            problem = error.sentence
            if not answer.reply.problem:
                source.project.label_requests.name_problem(answer.request_id, problem)
    score = detection_score(is_active, predictions)
    if score is None:
        return (), problem or "The model judged too few documents to score the label."
    details: Mapping[str, Any] = {
        "prompt": DETECTION_VERSION,
        "model": source.model,
        "activations": source.analysis,
        "documents": ids,
        "is_active": is_active,
        "predictions": predictions,
        "unanswered": score.unanswered,
    }
    source.project.labels.put_scores([(label.id, score.f1), (label.id, score.pearson)], details)
    return (score.f1, score.pearson), problem


def _predictions(reply: ModelReply, documents: int) -> Sequence[float | None]:
    if reply.problem:
        raise UnusableAnswer(reply.problem)
    return read_detection_answer(reply.text, documents)


def _key(text: str) -> str:
    shown = text.lower()
    return hashlib.sha1(shown.encode("utf-8"), usedforsecurity=False).hexdigest() if shown else ""
