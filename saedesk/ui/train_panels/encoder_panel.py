"""The encoders of a finished run side by side: how faithful, how sparse, how fast each is."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from saedesk.errors import KnownError
from saedesk.jobs import compare_encoders
from saedesk.jobs.analyse_features import analysis_in_use, encoder_in_use
from saedesk.jobs.compare_encoders import CompareEncodersRequest
from saedesk.jobs.load_sae import is_loaded
from saedesk.project.manifest import ArtifactRecord
from saedesk.sae.encoders import encoders
from saedesk.sae.encoders.encoder_fidelity import EncoderFidelity
from saedesk.session.lane_jobs import LaneJob
from saedesk.session.session import Session
from saedesk.session.task_lane import Failed, Stopped, Succeeded, Task
from saedesk.ui.theme import tokens
from saedesk.ui.train_panels import measure_texts
from saedesk.ui.train_panels.stored_runs import run_name
from saedesk.ui.train_panels.training_texts import fvu_text, l0_text
from saedesk.ui.widgets.bars import MeterBar
from saedesk.ui.widgets.buttons import DefaultButton
from saedesk.ui.widgets.chips import Chip
from saedesk.ui.widgets.section_head import SectionHead
from saedesk.ui.widgets.text_label import TextLabel

NO_RUN = "Choose a finished run to see how faithfully its features rebuild the documents."
WHAT_FOR = (
    "An SAE can be read with several encoders: some are faster, some rebuild the vectors better "
    "from the same features. Compare them on documents the training never saw."
)
WHAT_FOR_LOADED = (
    "An SAE can be read with several encoders: some are faster, some rebuild the vectors better "
    "from the same features. Compare them on a sample of the documents here."
)
MEASURING = "Measuring. The rows come one after the other."
STOPPED = "The comparison was stopped. Compare again for the missing rows."
BUSY = "It can begin once the tasks before it have ended."
HEADS = (
    ("Encoder", "How the features of a document are found with the trained dictionary."),
    ("FVU", measure_texts.FVU),
    ("", ""),
    ("Cosine", "Mean cosine between a vector and what its features rebuild. 1 would be perfect."),
    ("L0", "How many features describe a document, on average. Fewer are easier to read."),
    ("ms per 1,000", "Time to encode 1,000 documents on this computer. Less is only faster."),
    ("", ""),
)
FVU_COLUMN, NUMBERS, LAST = 1, range(3, 6), 6


class EncoderPanel(QWidget):
    """Compares on request; “Use for analysis” finds the features anew with one of them."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._record: ArtifactRecord | None = None
        self._task: Task | None = None
        self._task_sae = ""
        self._found: dict[str, dict[str, EncoderFidelity]] = {}
        self._sentences: dict[str, str] = {}
        self.compare = DefaultButton("Compare", "refresh-cw")
        self.head = SectionHead("Encoders", "", self.compare, note_right=False)
        self.sentence = TextLabel("", "body", "text2", wrap=True)
        self.rows = {name: _Row(name, self) for name in _order()}
        self._lay_out()
        self.compare.clicked.connect(self._on_compare)
        session.project_changed.connect(self._on_project)
        session.runs_changed.connect(self.refresh)
        session.sae_changed.connect(self.refresh)
        self.refresh()

    def show_run(self, record: ArtifactRecord | None) -> None:
        """Shows the encoders of a stored run; None where there is none, or it is in training."""
        if record != self._record:
            self._record = record
            self.refresh()

    @Slot(str)
    def use(self, encoder: str) -> None:
        """Finds the features of the run anew with an encoder; they are then read with it."""
        if self._record is not None:
            self._session.analyse(self._record, encoder)
            self.refresh()

    def _lay_out(self) -> None:
        space = tokens().space
        self._table = QWidget()
        grid = QGridLayout(self._table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(space[4])
        grid.setVerticalSpacing(space[1])
        for column, (text, explanation) in enumerate(HEADS):
            if text:
                is_number = column == FVU_COLUMN or column in NUMBERS
                label = TextLabel(text, "column head", "text3", align=_side(is_number))
                label.set_explanation(explanation)
                grid.addWidget(label, 0, column)
        for at, row in enumerate(self.rows.values(), 1):
            row.place(grid, at)
            row.wanted.connect(self.use)
        grid.setColumnStretch(0, 2)
        grid.setColumnStretch(2, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space[2])
        column.addWidget(self.head)
        column.addWidget(self.sentence)
        column.addWidget(self._table)
        column.addStretch(1)

    # -- what is shown -----------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Shows what is known of the run now."""
        record, project = self._record, self._session.project
        found = {} if record is None else self._found.get(record.hash, {})
        self.compare.setVisible(record is not None)
        self.compare.set_text("Compare again" if found else "Compare", "refresh-cw")
        self.compare.set_disabled_reason(MEASURING if self._task is not None else "")
        self.head.set_note(self._note(record, found))
        sentence = self._sentence(record, found)
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(sentence))
        self._table.setVisible(bool(found))
        read_only = project is None or project.read_only
        in_use = self._encoder_in_use()
        for name, row in self.rows.items():
            row.show_fidelity(found.get(name), name == in_use, read_only)

    def _sentence(self, record: ArtifactRecord | None, found: dict[str, EncoderFidelity]) -> str:
        if record is None:
            return NO_RUN
        if self._task is not None and self._task_sae == record.hash:
            return MEASURING if self._task.started_at is not None else BUSY
        what_for = WHAT_FOR_LOADED if is_loaded(record) else WHAT_FOR
        return self._sentences.get(record.hash, "" if found else what_for)

    @staticmethod
    def _note(record: ArtifactRecord | None, found: dict[str, EncoderFidelity]) -> str:
        rows = next((fidelity.rows for fidelity in found.values()), 0)
        if record is None or not rows:
            return ""
        return f"{run_name(record)}, measured on {rows:,} documents"

    def _encoder_in_use(self) -> str:
        project = self._session.project
        if self._record is None or project is None:
            return ""
        if project.manifest.find("saes", self._record.hash) is None:
            return ""
        try:
            analysis = analysis_in_use(project, self._record)
        except KnownError:
            return ""  # Without vectors of its width there is no analysis either.
        return "" if analysis is None else encoder_in_use(analysis[1]).name

    # -- comparing ---------------------------------------------------------------------------

    @Slot()
    def _on_compare(self) -> None:
        record, project = self._record, self._session.project
        if record is None or project is None or self._task is not None:
            return
        self._found.pop(record.hash, None)
        self._sentences.pop(record.hash, None)
        self._task_sae = record.hash
        request = CompareEncodersRequest(record.hash)
        self._task = self._session.run(
            f"Comparing the encoders of {run_name(record)}",
            LaneJob(compare_encoders.run, project, request),
        )
        self._task.published.connect(self._on_row)
        self._task.started.connect(self.refresh)
        self._task.ended.connect(self._on_end)
        self.refresh()

    @Slot(object)
    def _on_row(self, fidelity: EncoderFidelity) -> None:
        self._found.setdefault(self._task_sae, {})[fidelity.encoder] = fidelity
        self.refresh()

    @Slot(object)
    def _on_end(self, outcome: object) -> None:
        self._task = None
        if isinstance(outcome, Failed):
            self._sentences[self._task_sae] = outcome.sentence
        elif isinstance(outcome, Stopped):
            self._sentences[self._task_sae] = STOPPED
        elif isinstance(outcome, Succeeded):
            self._sentences.pop(self._task_sae, None)
        self.refresh()

    @Slot()
    def _on_project(self) -> None:
        self._record, self._task = None, None
        self._found.clear()
        self._sentences.clear()
        self.refresh()


class _Row(QObject):
    """One encoder: its name, its numbers, and what can be done with it."""

    wanted = Signal(str)
    """The encoder's name: somebody wants the features found with it."""

    def __init__(self, name: str, parent: QObject) -> None:
        super().__init__(parent)
        self._encoder = name
        encoder = encoders().get(name)
        self.name = TextLabel(encoder.title, "body", elide=True)
        self.name.set_explanation(encoder.about)
        self.meter = MeterBar(accessible_name=f"FVU of {encoder.title}")
        self.fvu, self.cosine, self.l0, self.time = (
            TextLabel("", "body", tabular=True, align=_side(True)) for _ in range(4)
        )
        self.use = DefaultButton(
            "Use for analysis",
            tooltip="Finds the features anew with this encoder. Features and Search of this run "
            "use it from then on.",
            accessible_name=f"Use {encoder.title} for the analysis",
        )
        self.chip = Chip("in use", tooltip="Features and Search of this run use this encoder.")
        self.use.clicked.connect(self._on_use)

    @Slot()
    def _on_use(self) -> None:
        self.wanted.emit(self._encoder)

    def place(self, grid: QGridLayout, at: int) -> None:
        """Puts the row into the table."""
        parts = (self.name, self.fvu, self.meter, self.cosine, self.l0, self.time, self.use)
        for column, part in enumerate(parts):
            grid.addWidget(part, at, column)
        grid.addWidget(self.chip, at, LAST, Qt.AlignmentFlag.AlignCenter)
        grid.setRowMinimumHeight(at, tokens().control_height)

    def show_fidelity(
        self, fidelity: EncoderFidelity | None, in_use: bool, read_only: bool
    ) -> None:
        """Shows the numbers; an encoder that is not measured yet shows none."""
        parts = (self.name, self.fvu, self.meter, self.cosine, self.l0, self.time)
        for part in parts:
            part.setVisible(fidelity is not None)
        self.use.setVisible(fidelity is not None and not in_use and not read_only)
        self.chip.setVisible(fidelity is not None and in_use)
        if fidelity is None:
            return
        self.fvu.setText(fvu_text(fidelity.fvu))
        self.meter.set_share(min(1.0, fidelity.fvu or 0.0))
        self.cosine.setText(f"{fidelity.cosine:.3f}".replace("-", "−"))
        self.l0.setText(l0_text(fidelity.l0))
        self.time.setText(_milliseconds(fidelity.seconds_per_1000))


def _order() -> list[str]:
    """The own encoder first, the others as they are registered."""
    return ["own", *(name for name in encoders() if name != "own")]


def _side(is_number: bool) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _milliseconds(seconds: float) -> str:
    """“3.4”, “128”, “5,400”."""
    milliseconds = 1000 * seconds
    return f"{milliseconds:.1f}" if milliseconds < 10 else f"{milliseconds:,.0f}"
