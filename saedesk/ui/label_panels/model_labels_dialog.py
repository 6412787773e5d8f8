"""Labels with a language model: whom to ask, about what, at what cost; then it runs as a task."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from saedesk.errors import KnownError
from saedesk.jobs.label_with_model import LabelWithModelRequest
from saedesk.jobs.model_endpoint import OFFERED_ENDPOINTS
from saedesk.session.lane_question import LaneQuestion
from saedesk.session.message import SAE
from saedesk.session.model_labels import Foreseen, FoundModels
from saedesk.session.session import Message, Session
from saedesk.ui.features_panels.write_permission import may_write
from saedesk.ui.label_panels.estimate_view import NOT_YET, WORKING, EstimateView
from saedesk.ui.label_panels.label_words import NOTHING_TO_ASK
from saedesk.ui.label_panels.question_fields import QuestionFields
from saedesk.ui.label_panels.server_fields import ServerFields
from saedesk.ui.theme import tokens
from saedesk.ui.widgets.button_row import button_row
from saedesk.ui.widgets.buttons import DefaultButton, PrimaryButton
from saedesk.ui.widgets.hairline import Hairline
from saedesk.ui.widgets.scroll_area import ScrollArea
from saedesk.ui.widgets.text_label import TextLabel

NO_FEATURES = "There are no features yet. Train an SAE first, or find the features of yours."
ESTIMATE_FIRST = "Look at the estimate first."
LOOKING = "The server is being asked for its models."
LAST_ASKED = "language_model"
"""Name of the setting with the address and the model that were asked last."""


def open_model_labels_dialog(session: Session, parent: QWidget) -> ModelLabelsDialog | None:
    """Ask whom to ask; does not wait. Where there is nothing to label, a message says so."""
    if session.book is None:
        session.message.emit(Message("warning", NO_FEATURES, about=(SAE,)))
        return None
    if not may_write(session):
        return None
    dialog = ModelLabelsDialog(session, parent.window())
    dialog.open()
    dialog.server.server.setFocus(Qt.FocusReason.OtherFocusReason)
    return dialog


class ModelLabelsDialog(QDialog):
    """Server and features at the left, the estimate at the right; Start only after an estimate."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._foreseen = session, None
        self.setWindowTitle("Label with a language model")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setProperty("ground", "surface")
        self.server = ServerFields(session.model_labels.is_private)
        self.questions = QuestionFields(session.book)
        self.estimate_view = EstimateView()
        self.estimate = DefaultButton("Estimate")
        self.start = PrimaryButton("Start", "play")
        self.cancel = DefaultButton("Cancel")
        self._models = LaneQuestion(session, "Looking for models", self)
        self._estimates = LaneQuestion(session, "Estimating", self)
        self._forgets = LaneQuestion(session, "Forgetting a key", self)
        self._lay_out()
        self._connect()
        self._recall()
        self._invalidate()

    _foreseen: Foreseen | None

    def _lay_out(self) -> None:
        space = tokens().space
        form = QWidget()
        fields = QVBoxLayout(form)
        fields.setContentsMargins(space[6], space[1], space[5], space[4])
        fields.setSpacing(space[4])
        fields.addWidget(self.server)
        fields.addWidget(Hairline())
        fields.addWidget(self.questions)
        fields.addStretch(1)
        right = QVBoxLayout()
        right.setContentsMargins(space[5], space[1], space[6], space[4])
        right.addWidget(self.estimate_view)
        middle = QHBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addWidget(ScrollArea(form, accessible_name="Whom to ask and about what"), 1)
        middle.addWidget(Hairline(Qt.Orientation.Vertical))
        middle.addLayout(right, 1)
        head = QHBoxLayout()
        head.setContentsMargins(space[6], space[5], space[6], space[4])
        head.addWidget(TextLabel("Label with a language model", "head of a panel"))
        buttons = button_row(self.cancel, self.estimate, self.start)
        buttons.setContentsMargins(space[6], space[3], space[6], space[4])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(middle, 1)
        column.addWidget(Hairline())
        column.addLayout(buttons)
        self.resize(space[8] * 30, space[8] * 20)

    def _connect(self) -> None:
        session = self._session
        self.server.changed.connect(self._on_change)
        self.questions.changed.connect(self._invalidate)
        self.server.private.toggled.connect(session.model_labels.set_private)
        session.model_labels.private_changed.connect(self.server.private.setChecked)
        self.server.models_wanted.connect(self._look_for_models)
        self.server.forget_wanted.connect(self._forget_key)
        self.estimate.clicked.connect(self._ask_estimate)
        self.start.clicked.connect(self._start)
        self.cancel.clicked.connect(self.reject)
        self._models.answered.connect(self._on_models)
        self._models.failed.connect(self._on_no_models)
        self._estimates.answered.connect(self._on_estimate)
        self._estimates.failed.connect(self._on_no_estimate)
        self._forgets.answered.connect(self._on_forgotten)
        self._forgets.failed.connect(self._on_no_models)
        session.sae_changed.connect(self._leave)
        session.project_changed.connect(self._leave)

    def _recall(self) -> None:
        """The address and the model that were asked last; a key is never among them."""
        last = self._session.settings.get(LAST_ASKED)
        last = last if isinstance(last, dict) else {}
        self.server.address.setText(str(last.get("address") or OFFERED_ENDPOINTS[0].url))
        self.server.model.setText(str(last.get("model") or ""))

    # -- models and keys ---------------------------------------------------------------------

    @Slot()
    def _look_for_models(self) -> None:
        server = self.server
        refused = server.unencrypted()
        try:
            key = server.new_key()
        except KnownError as error:
            refused = error.sentence
        if refused:
            server.show_model_note(refused, is_error=True)
            return
        find = self._session.model_labels.find_models
        server.show_model_note("Asking the server for its models …")
        self._set_looking(True)
        self._models.ask(partial(find, server.url, server.allowed_hosts, key))

    def _set_looking(self, looking: bool) -> None:
        """The answer may fill in the model, so nothing is estimated before it is there."""
        reason = LOOKING if looking else ""
        self.server.look.set_disabled_reason(reason)
        self.estimate.set_disabled_reason(reason)

    @Slot(object)
    def _on_models(self, found: FoundModels) -> None:
        self._set_looking(False)
        if found.key_note:
            self.server.take_key_away(found.key_note)
        self.server.show_models(found.names)

    @Slot(str)
    def _on_no_models(self, sentence: str) -> None:
        self._set_looking(False)
        self.server.show_model_note(sentence, is_error=True)

    @Slot()
    def _forget_key(self) -> None:
        forget = self._session.model_labels.forget_key
        self._forgets.ask(partial(forget, self.server.url, self.server.allowed_hosts))

    @Slot(object)
    def _on_forgotten(self, told: str) -> None:
        self.server.show_key(told, is_kept=False)
        self._invalidate()

    # -- the estimate ------------------------------------------------------------------------

    @Slot()
    def _on_change(self) -> None:
        """Another server: what the one before would have answered no longer counts."""
        if self._models.is_open:
            self._models.drop()
            self._set_looking(False)
            self.server.show_model_note("")
        self._invalidate()

    @Slot()
    def _invalidate(self) -> None:
        """What was foreseen is not what the fields say now."""
        self._foreseen = None
        self._estimates.drop()
        self.estimate.set_disabled_reason(LOOKING if self._models.is_open else "")
        self.start.set_disabled_reason(ESTIMATE_FIRST)
        self.estimate_view.say(NOT_YET)

    def _request(self) -> LabelWithModelRequest:
        """Raises BadSetting for what no request can be made of."""
        server, questions, book = self.server, self.questions, self._session.book
        if refused := server.unencrypted():
            raise KnownError(refused)
        return LabelWithModelRequest(
            endpoint=server.url,
            model=server.model.text().strip(),
            sae="" if book is None else book.sae.hash,
            features=questions.features(),
            score=questions.score.isChecked(),
            concurrency=round(questions.concurrency.value()),
            budget_tokens=questions.most_tokens,
            prices=questions.prices(),
            budget_money=questions.most_money,
            private=self._session.model_labels.is_private,
            allowed_hosts=server.allowed_hosts,
        )

    @Slot()
    def _ask_estimate(self) -> None:
        self._invalidate()
        try:
            request, key = self._request(), self.server.new_key()
        except KnownError as error:
            self.estimate_view.say(error.sentence, is_error=True)
            return
        self.estimate.set_disabled_reason("It is being estimated.")
        self.estimate_view.say(WORKING)
        self._estimates.ask(partial(self._session.model_labels.foresee, request, key))

    @Slot(object)
    def _on_estimate(self, foreseen: Foreseen) -> None:
        self.estimate.set_disabled_reason("")
        if foreseen.key_note:
            self.server.take_key_away(foreseen.key_note)
        self._foreseen = foreseen
        self.estimate_view.show_estimate(foreseen)
        self.start.set_disabled_reason("" if foreseen.estimate.features else NOTHING_TO_ASK)
        if foreseen.estimate.features:
            self.start.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(str)
    def _on_no_estimate(self, sentence: str) -> None:
        self.estimate.set_disabled_reason("")
        self.estimate_view.say(sentence, is_error=True)

    # -- starting ----------------------------------------------------------------------------

    @Slot()
    def _start(self) -> None:
        if self._foreseen is None:
            return
        request = self._foreseen.request
        try:
            self._session.model_labels.start(request)
        except KnownError as error:
            self.estimate_view.say(error.sentence, is_error=True)
            return
        # The address was checked: nothing in it is a key or a password.
        asked: dict[str, Any] = {"address": request.endpoint, "model": request.model}
        self._session.settings.set(LAST_ASKED, asked)
        self.accept()

    @Slot()
    def _leave(self) -> None:
        """Another SAE is in use, or none: what was chosen is not of it."""
        self.reject()

    def done(self, result: int) -> None:
        super().done(result)
        for question in (self._models, self._estimates, self._forgets):
            question.drop()
        self.server.key.clear()
        self.deleteLater()
