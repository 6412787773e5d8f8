"""Documents that speak to a language model, and answers that did as they were told."""

from __future__ import annotations

import re
from collections.abc import Iterable

from saedesk.features.labels.language_model.quoted_documents import shown_text

_SPEAKS_TO_A_MODEL = re.compile(
    r"(?:ignore|disregard|forget|override|skip)\b[^.!?\n]{0,40}?"
    r"\b(?:above|previous|prior|earlier|preceding|instructions?|prompts?|rules)\b"
    r"|\byou are now\b|\bnew instructions?\b|\bsystem prompt\b|\bFINAL\s*:|\bPREDICTION\s*:"
    r"|\b(?:the|your) (?:only |final )?(?:answer|label|reply|output) (?:is|must be|should be)\b"
    r"|<\|?(?:im_start|im_end|system|assistant|endoftext)\b|\[/?INST\]",
    re.IGNORECASE,
)

_TOLD_TO_SAY = re.compile(
    r"(?:\b(?:answer|say|reply|respond|output|write|print|return)\b"
    r"|\b(?:label|name|call) (?:it|this)(?: feature)?|\b(?:is|must be|should be)\b"
    r"|FINAL\s*:|PREDICTION\s*:)"
    r"(?:\s+(?:with|only|just|exactly|the|word|words|as|is)\b)*\s*[:,]?\s*"
    r"[\"'“‘«`]?(?P<said>[^\"'“”’»`.,;:!?\n()]{2,80})",
    re.IGNORECASE,
)

_NEARBY = 240
"""Characters after words to a model in which it is told what to say."""


def speaks_to_a_model(text: str) -> bool:
    """Whether a document, as it is shown, has words meant for a language model."""
    return _SPEAKS_TO_A_MODEL.search(shown_text(text)) is not None


def told_to_say(texts: Iterable[str]) -> set[str]:
    """What documents that speak to a model tell it to say: words in lower case, joined by spaces.

    Of a longer command every beginning counts, because nobody can tell where the words to be said
    end.
    """
    found: set[str] = set()
    for text in map(shown_text, texts):
        for match in _SPEAKS_TO_A_MODEL.finditer(text):
            nearby = text[match.start() : match.end() + _NEARBY]
            for command in _TOLD_TO_SAY.finditer(nearby):
                words = plain_words(command["said"]).split()
                found |= {" ".join(words[:n]) for n in range(1, min(len(words), 8) + 1)}
    return found - {""}


def plain_words(text: str) -> str:
    """Letters and digits in lower case, joined by single spaces."""
    return " ".join(re.findall(r"\w+", text.lower()))
