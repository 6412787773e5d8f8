"""The sentences of a document as a card marks them: in the title and in a few lines of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from saedesk.features.evidence.leave_one_out import SentenceEvidence
from saedesk.ui.evidence_words import told_closest, told_effect, told_marks, why_unmarked
from saedesk.ui.widgets.text_marks import TextMark, utf16

LONGEST_SOURCE = 20_000
"""Characters of a text that are kept to be marked; no encoder here reads more."""
EXCERPT_SIGNS = 900
"""Signs of a text that are laid out; three lines never hold more."""
_ENOUGH = 40
"""Signs of the driving sentence that have to be seen, else the lines begin with it."""


@dataclass(frozen=True)
class CardMarks:
    """What is known of the sentences of one document for one feature."""

    title: TextMark | None = None
    text: tuple[TextMark, ...] = ()
    """Places in the text as stored, in Python's count."""
    note: str = ""
    """A few words for the last line, such as that no sentence stands out."""
    note_tip: str = ""
    """What the last line says on hover; "" where the note is all."""
    said: str = ""
    """All of it for a screen reader."""


def card_marks(title: str, text: str, evidence: SentenceEvidence, latent: int) -> CardMarks:
    """The marks of a feature in a document's title and text."""
    found: list[TextMark] = []
    in_title = None
    for at, grade in enumerate(evidence.grades(latent).tolist()):
        span = evidence.spans[at]
        if grade > 0:
            tip = told_effect(evidence, latent, at)
            mark = TextMark(span.start, span.end, grade, None, tip)
            if span.in_title:
                in_title = mark
            else:
                found.append(mark)
    is_marked = found or in_title is not None
    note = "" if is_marked else why_unmarked(title, text, evidence, latent)
    tip = told_closest(title, text, evidence, latent)
    return CardMarks(in_title, tuple(found), note, tip, told_marks(title, text, evidence, latent))


def excerpt(text: str) -> str:
    """The beginning of a text on one line, as long as a card may need."""
    return " ".join(text[: 2 * EXCERPT_SIGNS].split())[:EXCERPT_SIGNS]


def marked_excerpt(
    source: str, marks: Sequence[TextMark], visible: int
) -> tuple[str, tuple[TextMark, ...]]:
    """The text on one line, from where `visible` signs show the strongest mark; marks in it."""
    base = _beginning(source, marks, visible)
    head = "… " if base else ""
    shown = head + excerpt(source[base:])
    placed = []
    for mark in marks:
        start = _on_one_line(source, base, mark.start) + len(head)
        end = _on_one_line(source, base, mark.end) + len(head)
        start, end = max(start, len(head)), min(end, len(shown))
        if mark.end > base and start < end:
            start, end = utf16(shown, start), utf16(shown, end)
            placed.append(TextMark(start, end, mark.grade, mark.series, mark.tip))
    return shown, tuple(placed)


def _beginning(source: str, marks: Sequence[TextMark], visible: int) -> int:
    """0 where the strongest mark is seen from the beginning; else a place that shows it."""
    if not marks:
        return 0
    strongest = max(marks, key=lambda mark: mark.grade)
    start, end = (_on_one_line(source, 0, at) for at in (strongest.start, strongest.end))
    if end <= visible or start <= visible - _ENOUGH:
        return 0
    rest = len(excerpt(source[strongest.start :]))
    if rest >= visible:
        return strongest.start
    # As many lines as before: what comes before the sentence fills them.
    at = strongest.start - (visible - rest) + 2
    space = source.find(" ", max(0, at), strongest.start)
    return space + 1 if space >= 0 else strongest.start


def _on_one_line(source: str, base: int, at: int) -> int:
    """The place of a character of `source` once white space from `base` on is single blanks."""
    if at <= base:
        return 0
    before = source[base:at]
    joined = " ".join(before.split())
    return len(joined) + (1 if joined and before[-1].isspace() else 0)
