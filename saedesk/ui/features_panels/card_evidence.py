"""Marks the driving sentences in the cards that are in view, if a person wants them marked."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from saedesk.jobs.sentence_evidence import DocumentEvidence
from saedesk.session.evidence_finder import EvidenceFinder
from saedesk.session.session import Session
from saedesk.ui.features_panels.card_marks import CardMarks, card_marks
from saedesk.ui.features_panels.document_cards import DocumentCards
from saedesk.ui.widgets.choice_field import ChoiceField
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip

SETTING = "mark_driving_sentences"
DRIVING, NOTHING = "driving sentence", "nothing"
_ABOUT = (
    "The driving sentence is the one whose loss weakens the feature most: the text is embedded "
    "again without it. Where the feature is silent nothing is marked; beside a near miss stands "
    "the sentence that brings it closest to firing. It takes a moment for each document in view."
)
_SILENT = "The feature is silent in these documents, so no sentence drives it."


class MarkChoice(ChoiceField):
    """“Mark: driving sentence” or nothing; kept in the settings."""

    def __init__(self, session: Session) -> None:
        kept = session.settings.get(SETTING)
        current = NOTHING if kept is False else DRIVING
        super().__init__((DRIVING, NOTHING), "Mark", current, "Mark in the documents")
        self._session = session
        set_plain_tooltip(self, _ABOUT)
        # The tabs beside it move together rather than that it is cut.
        self.setMinimumWidth(self.sizeHint().width())
        self.changed.connect(self._keep)

    @property
    def is_on(self) -> bool:
        """Whether sentences are to be marked."""
        return self.currentText() == DRIVING

    def forbid(self, reason: str) -> None:
        """Disable it for a reason, a sentence; "" enables it."""
        self.setEnabled(not reason)
        set_plain_tooltip(self, reason or _ABOUT)

    @Slot(str)
    def _keep(self, _: str) -> None:
        self._session.settings.set(SETTING, self.is_on)


class CardEvidence(QObject):
    """Asks for the evidence of what is in view and gives the marks to the cards."""

    problem_changed = Signal(str)
    """A sentence why nothing is marked, or ""."""

    def __init__(self, session: Session, cards: DocumentCards, parent: QObject) -> None:
        super().__init__(parent)
        self._cards = cards
        self._latent: int | None = None
        self._asks = True
        self.choice = MarkChoice(session)
        self.choice.changed.connect(self._on_choice)
        self.finder = EvidenceFinder(session, self)
        self.finder.found.connect(self._on_found)
        self.finder.failed.connect(self.problem_changed)
        cards.marks_wanted.connect(self._on_wanted)

    def show_feature(self, latent: int, is_silent: bool = False) -> None:
        """Mark for another feature from now on, and tell what is known to be in the way.

        `is_silent`: it fires in none of the documents that come, so no sentence drives it.
        """
        self._latent, self._asks = latent, not is_silent
        self.choice.forbid(_SILENT if is_silent else "")
        self._tell_problem()

    @Slot(str)
    def _on_choice(self, _: str) -> None:
        if not self.choice.is_on:
            self.finder.forget()
            self._cards.clear_marks()
        self._tell_problem()
        # What is painted asks for its marks.
        self._cards.update()

    def _tell_problem(self) -> None:
        matters = self.choice.is_on and self._asks
        self.problem_changed.emit(self.finder.problem if matters else "")

    @Slot(object)
    def _on_wanted(self, document_ids: list[int]) -> None:
        if self._latent is not None and self._asks and self.choice.is_on:
            self.finder.ask(document_ids, [self._latent])

    @Slot(object)
    def _on_found(self, answer: object) -> None:
        assert isinstance(answer, DocumentEvidence)
        latent = self._latent
        card = next((c for c in self._cards.cards if c.document_id == answer.document_id), None)
        if card is None or latent is None or not self.choice.is_on:
            return
        if answer.evidence is None:
            self._cards.set_marks(card.document_id, CardMarks(said=answer.problem))
        elif answer.evidence.place_of(latent) is not None:
            # Else it was asked for with another feature, and is asked for again.
            marks = card_marks(card.title, card.source, answer.evidence, latent)
            self._cards.set_marks(card.document_id, marks)
