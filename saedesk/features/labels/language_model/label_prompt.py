"""The question for a label: what do the active documents share that the inactive ones have not?

The four steps are those of O'Neill et al. 2024, "Disentangling dense embeddings with sparse
autoencoders", section 4, in other words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from saedesk.features.labels.language_model.quoted_documents import (
    DATA_RULE,
    QuotedDocument,
    new_fence,
    quoted_block,
)

PROMPT_VERSION = "label 1"
"""Changes whenever the question does; labels of another version are asked for anew."""

MARKER = "FINAL:"

ANSWER_TOKENS = 1000
"""Most tokens of an answer, where nobody says otherwise: room to think and some lines. Models that
think at length need several times as many."""

_SYSTEM = (
    "You find short names for features of a collection of texts. A feature is active in some "
    "documents and not in others. {rule}"
)

_QUESTION = """\
Below are documents in which one feature is active, with how strongly, and documents in which it is
not (0). Those marked “near” are about similar things and still do not make it active.

{block}

Find what makes the feature active:
1. Write down what the active documents have in common, from the broad subject to the narrow detail.
The more strongly active ones count for more.
2. Strike what the documents with 0 have too.
3. Of what remains, prefer the simplest idea that fits nearly all active documents.
4. Say it as a name of 1 to 8 plain words that tells somebody who sees no document what to expect.
Be brief. The last line of your answer is “{marker}” and then the name, nothing else."""


@dataclass(frozen=True)
class Prompt:
    """What is sent to a model for one answer."""

    system: str
    question: str

    @property
    def text(self) -> str:
        """Both, as they are kept in the project."""
        return f"{self.system}\n\n{self.question}"


@dataclass(frozen=True)
class ShownDocuments:
    """The texts of one feature's examples."""

    positives: Sequence[tuple[str, float]]
    """(text, activation), strongest first."""
    near: Sequence[str]
    """Inactive, close to the active ones."""
    others: Sequence[str]
    """Inactive, at random."""

    @property
    def texts(self) -> list[str]:
        """All texts."""
        return [text for text, _ in self.positives] + [*self.near, *self.others]


def label_prompt(shown: ShownDocuments, fence: str | None = None) -> Prompt:
    """The question for one feature, with a fence of its own where none is given."""
    fence = fence or new_fence()
    documents = [
        *(QuotedDocument(text, (("active", round(value, 3)),)) for text, value in shown.positives),
        *(QuotedDocument(text, (("active", 0), ("kind", "near"))) for text in shown.near),
        *(QuotedDocument(text, (("active", 0),)) for text in shown.others),
    ]
    block = quoted_block(documents, fence)
    return Prompt(
        _SYSTEM.format(rule=DATA_RULE.format(fence=fence)),
        _QUESTION.format(block=block, marker=MARKER),
    )
