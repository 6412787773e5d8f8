"""From a model's answer to a label: one plain line, or a sentence saying why there is none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from saedesk.errors import KnownError
from saedesk.features.labels.language_model.instructions_in_text import (
    plain_words,
    speaks_to_a_model,
    told_to_say,
)
from saedesk.features.labels.language_model.label_prompt import MARKER

MOST_WORDS = 8
LONGEST_LABEL = 80
"""Characters."""

SPEAKS_TO_A_MODEL = "documents shown to the model contain instructions to a model"
"""A flag: the label may have been steered by a document; a person should look."""

_THOUGHTS = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_THOUGHTS_END = re.compile(r"</think(?:ing)?>", re.IGNORECASE)
_FINAL = re.compile(r"^[ \t>#*_\-]*" + re.escape(MARKER) + r"[\s*_]*(.*)$", re.MULTILINE | re.I)
_WRAPPING = " \t*_\"'“”‘’«»`"
_NO_PLAIN_TEXT = re.compile(r"[<>{}\[\]|\\`$^~]|https?:|www\.|://|&#?\w+;|\*\*|__", re.IGNORECASE)
_TALK = re.compile(
    r"\b(?:ignore|disregard)\b.*\b(?:above|previous|instructions?)\b"
    r"|\bas an ai\b|\bi (?:can ?not|can't|am)\b|\bsorry\b|\bsystem prompt\b"
    r"|\blanguage model\b.*\binstructions?\b",
    re.IGNORECASE,
)


class UnusableAnswer(KnownError):
    """A model answered, but not with what was asked for."""


@dataclass(frozen=True)
class LabelAnswer:
    """A label that has passed the checks of its form."""

    text: str
    reasoning: str
    """What the model wrote before it."""
    flags: tuple[str, ...] = ()
    """Why a person should look at it."""


def read_label_answer(answer: str, documents: Sequence[str] = ()) -> LabelAnswer:
    """The label after the last marker.

    documents: the texts that were shown. Raises UnusableAnswer for an answer without a label, with
    more than one plain line of 1 to 8 words and 80 characters, or that says what a document told
    the model to say.
    """
    spoken = without_thoughts(answer)
    found = list(_FINAL.finditer(spoken))
    if not spoken.strip():
        raise UnusableAnswer("The model’s answer was empty.")
    if not found:
        raise UnusableAnswer(f"The model’s answer had no line “{MARKER}” with a label.")
    text = _checked(found[-1][1])
    if plain_words(text) in told_to_say(documents):
        raise UnusableAnswer(
            "The model’s answer is what a document told it to say, so it was not used. Look at "
            "the documents of this feature."
        )
    steered = any(speaks_to_a_model(document) for document in documents)
    return LabelAnswer(
        text, spoken[: found[-1].start()].strip(), (SPEAKS_TO_A_MODEL,) if steered else ()
    )


def without_thoughts(answer: str) -> str:
    """An answer without what a model that thinks aloud writes first."""
    without = _THOUGHTS.sub("", answer)
    # Some servers keep the opening tag to themselves.
    return _THOUGHTS_END.split(without)[-1]


def _checked(line: str) -> str:
    text = " ".join(line.split()).strip(_WRAPPING)
    if any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co") for sign in text):
        raise UnusableAnswer("The model’s label has signs that cannot be seen.")
    text = text.removesuffix(".").strip(_WRAPPING)
    if not any(sign.isalnum() for sign in text):
        raise UnusableAnswer("The model’s label was empty.")
    if _NO_PLAIN_TEXT.search(text):
        raise UnusableAnswer("The model’s label is not plain words; markup and links are refused.")
    if len(text) > LONGEST_LABEL:
        raise UnusableAnswer(f"The model’s label is longer than {LONGEST_LABEL} characters.")
    if len(text.split()) > MOST_WORDS:
        raise UnusableAnswer(f"The model’s label has more than {MOST_WORDS} words.")
    if _TALK.search(text):
        raise UnusableAnswer("The model’s label is talk about its task, no name of a subject.")
    return text
