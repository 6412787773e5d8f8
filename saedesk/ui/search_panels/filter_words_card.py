"""The small window that looks for words in a field of texts or links."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from saedesk.corpus.document import FieldDefinition
from saedesk.ui.search_panels.filter_card import NOT_YET, FilterCard
from saedesk.ui.search_panels.filter_conditions import Condition, shown_name
from saedesk.ui.search_panels.filter_values import FieldValues
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.fields import TextField
from saedesk.ui.widgets.plain_tooltip import set_plain_tooltip
from saedesk.ui.widgets.text_label import TextLabel

CALM_MS = 200
"""Typing has to rest so long before documents are counted."""
HOW = (
    "All of these words have to occur, letter for letter, also within longer ones: “wave” is in "
    "“waves”, “waves” is not in “wave”. What stands in quotation marks has to occur as it is."
)


class WordsCard(FilterCard):
    """Words that a field has to contain, and in how many documents it does."""

    typed = Signal(str)
    """The words of which the documents are to be counted."""

    def __init__(
        self, definition: FieldDefinition, words: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(definition, parent)
        name = shown_name(definition.name)
        self.words = TextField("Contains", accessible_name=f"Words that {name} contains")
        set_plain_tooltip(self.words, HOW)
        self.words.setText(words)
        self.words.returnPressed.connect(self.apply)
        self.words.text_changed.connect(self._on_typed)
        self.body.addWidget(self.words)
        self.count = TextLabel(NOT_YET, "caption", "text3", tabular=True, wrap=True)
        self.count.setFixedWidth(self._card().width() - 2 * tokens().padding.hover_card)
        self.body.addWidget(self.count)
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(CALM_MS)
        self._calm.timeout.connect(self._on_calm)
        self.add_buttons(bool(words.strip()))

    def take_keyboard(self) -> None:
        self.words.setFocus()

    def set_values(self, values: FieldValues) -> None:
        if values.said is None:
            return
        among, everything = values.said
        said = "have these words here" if self.words.text().strip() else "say something here"
        self._say(f"{among:,} of {everything:,} documents {said}")

    def show_failure(self, sentence: str) -> None:
        self._say(sentence)

    def condition(self) -> Condition:
        return Condition(self.definition.name, words=self.words.text().strip())

    def _say(self, text: str) -> None:
        self.count.setText(text)
        self.count.setFixedHeight(self.count.heightForWidth(self.count.width()))
        self.fit()

    @Slot(str)
    def _on_typed(self, _text: str) -> None:
        self.count.setText(NOT_YET)
        self._calm.start()

    @Slot()
    def _on_calm(self) -> None:
        self.typed.emit(self.words.text())
