"""Which features are marked in the text of the document page, and where their sentences are."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from saedesk.features.evidence.leave_one_out import SentenceEvidence
from saedesk.jobs.sentence_evidence import DocumentEvidence
from saedesk.project.document_store import DocumentRow
from saedesk.session.evidence_finder import EvidenceFinder
from saedesk.session.session import Session
from saedesk.ui.evidence_words import NONE_STANDS_OUT, ONE_SENTENCE, told_effect
from saedesk.ui.feature_names import name_in_list
from saedesk.ui.widgets.text_marks import TextMark

MARKED_AT_FIRST = 3
"""The strongest features, as many as a text can show side by side."""
MOST_MARKED = 4
"""The first four series colours stay apart for every kind of colour vision."""
_WORDS_QUOTED = 4


@dataclass(frozen=True)
class DocumentTextMarks:
    """Marks in Python's count of the title and the text as stored."""

    title: tuple[TextMark, ...] = ()
    text: tuple[TextMark, ...] = ()


class SentenceMarks(QObject):
    """Holds the evidence of the text shown; a person chooses the features."""

    changed = Signal()
    """Other features are marked, or their sentences are known now."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._title = self._text = ""
        self._evidence: SentenceEvidence | None = None
        self._colours: dict[int, int] = {}
        self._problem = ""

    @property
    def marked(self) -> tuple[int, ...]:
        """The marked features."""
        return tuple(self._colours)

    @property
    def problem(self) -> str:
        """A sentence why no sentences can be marked; "" if they can."""
        return self._problem

    @property
    def unread(self) -> str:
        """Which part of the text the encoder does not read, in a sentence; "" if it reads all."""
        evidence = self._evidence
        if evidence is None or evidence.is_read.all():
            return ""
        span = evidence.spans[int(evidence.is_read.argmin())]
        text = self._title if span.in_title else self._text
        words = " ".join(text[span.start : span.start + 200].split()[:_WORDS_QUOTED])
        return f"The encoder reads this text only until “{words} …”; what follows has no effect."

    def _begin(self, title: str, text: str, strongest: list[int], problem: str) -> None:
        """Another text, of which nothing is known yet: mark the `strongest` of its features."""
        self._title, self._text, self._evidence = title, text, None
        self._problem = problem
        if self._session.feature in strongest:
            strongest = sorted(strongest, key=lambda latent: latent != self._session.feature)
        self._colours = {latent: i for i, latent in enumerate(strongest[:MARKED_AT_FIRST])}

    def _take(self, evidence: SentenceEvidence) -> None:
        self._evidence = evidence
        self.changed.emit()

    def series_of(self, latent: int) -> int | None:
        """The series colour of a marked feature; None where it is not marked."""
        return self._colours.get(latent)

    def toggle(self, latent: int) -> None:
        """Mark the sentences of a feature, or no longer; the oldest gives way to a fifth."""
        if self._problem:
            return
        if latent in self._colours:
            del self._colours[latent]
        else:
            if len(self._colours) == MOST_MARKED:
                del self._colours[next(iter(self._colours))]
            used = set(self._colours.values())
            self._colours[latent] = next(i for i in range(MOST_MARKED) if i not in used)
        self.changed.emit()

    def note_of(self, latent: int) -> str:
        """A few words about a feature's sentences for its tooltip; "" where there is nothing."""
        if self._problem:
            return self._problem
        evidence = self._evidence
        if evidence is None or evidence.place_of(latent) is None:
            return ""
        grades = evidence.grades(latent)
        if not grades.any():
            if evidence.is_single:
                return f"{ONE_SENTENCE.capitalize()}: there is no other to compare it with"
            return f"{NONE_STANDS_OUT.capitalize()}: leaving out any one changes little"
        return told_effect(evidence, latent, int(grades.argmax())).replace("\n", "; ")

    def marks(self) -> DocumentTextMarks:
        """Where the sentences of the marked features stand; each has the feature it drives most."""
        if self._evidence is None or not self._colours:
            return DocumentTextMarks()
        grades = {latent: self._evidence.grades(latent) for latent in self._colours}
        found: dict[bool, list[TextMark]] = {True: [], False: []}
        for at, span in enumerate(self._evidence.spans):
            driven = [latent for latent in self._colours if grades[latent][at] > 0]
            if driven:
                driven.sort(key=lambda latent: -float(grades[latent][at]))
                first = driven[0]
                series = self._colours[first] if len(self._colours) > 1 else None
                tip = "\n".join(self._tip(latent, at) for latent in driven)
                grade = float(grades[first][at])
                found[span.in_title].append(TextMark(span.start, span.end, grade, series, tip))
        return DocumentTextMarks(tuple(found[True]), tuple(found[False]))

    def _tip(self, latent: int, at: int) -> str:
        assert self._evidence is not None
        book = self._session.book
        name = f"Feature {latent}" if book is None else name_in_list(book, latent)
        return f"{name}\n{told_effect(self._evidence, latent, at)}"

    @Slot(str)
    def _on_failed(self, sentence: str) -> None:
        self._problem, self._colours = sentence, {}
        self.changed.emit()


class DocumentMarks(SentenceMarks):
    """The marks of the document shown, whose evidence it asks for."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, parent)
        self._document: DocumentRow | None = None
        self.finder = EvidenceFinder(session, self)
        self.finder.found.connect(self._on_found)
        self.finder.failed.connect(self._on_failed)

    def show_document(self, document: DocumentRow | None) -> None:
        """Mark the strongest features of another document, among them the one selected."""
        self._document, sae = document, self._session.sae
        if document is None:
            self.finder.forget()
            self._begin("", "", [], "")
            self.changed.emit()
            return
        problem, strongest = self.finder.problem, list[int]()
        row = None if sae is None else sae.vectors.row_of(document.id)
        has_text = bool(document.title.strip() or document.text.strip())
        if sae is None or row is None or not has_text:
            self.finder.forget()
        elif not problem:
            strongest = sae.activations.document(row)[0].tolist()
            self.finder.ask([document.id])
        self._begin(document.title, document.text, strongest, problem)
        self.changed.emit()

    @Slot(object)
    def _on_found(self, answer: object) -> None:
        assert isinstance(answer, DocumentEvidence)
        if self._document is None or answer.document_id != self._document.id:
            return
        self._evidence = answer.evidence
        if answer.evidence is None:
            self._on_failed(answer.problem)
        else:
            self._take(answer.evidence)
