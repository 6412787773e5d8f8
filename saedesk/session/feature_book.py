"""Labels, scores and marks of the SAE in use, kept in memory for lists, undone through commands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from saedesk.features.labels.label_score import LabelScore
from saedesk.features.labels.shown_score import shown_score
from saedesk.jobs.loaded_sae import LoadedSae, shown_label
from saedesk.plain_table import one_line
from saedesk.project.feature_marks import FeatureMark
from saedesk.project.label_store import PERSON, FeatureLabel
from saedesk.project.project_folder import Project
from saedesk.session.book_commands import LabelsCommand, MarksCommand, features_text
from saedesk.session.mark_book import MarkBook

_FEW = 100
"""So many labels are read again one by one, more in one go."""


class FeatureBook(MarkBook):
    """What people and programs wrote about the features of one SAE."""

    labels_changed = Signal(object)
    """frozenset of latents whose label or score changed."""
    labels_edited = Signal(object)
    """frozenset of latents whose label somebody wrote, brought or put in force again."""

    def __init__(
        self, project: Project, sae: LoadedSae, undo: QUndoStack, parent: QObject | None = None
    ) -> None:
        super().__init__(project, sae, undo, parent)
        self._read_labels()

    def _read_labels(self) -> None:
        self._labels = self._project.labels.current(self._sae.hash)
        self._shown_scores = self._project.labels.shown_scores(self._sae.hash)
        # Those that were asked for; all scorers' of 100,000 features would take long to read.
        self._scores: dict[int, Mapping[str, LabelScore]] = {}

    def _choose_scores(self, latents: Iterable[int]) -> None:
        for latent in latents:
            self._shown_scores.pop(latent, None)
            self._scores.pop(latent, None)
            if (score := shown_score(self.scores(latent))) is not None:
                self._shown_scores[latent] = score

    # -- reading -----------------------------------------------------------------------------

    @property
    def labels(self) -> Mapping[int, FeatureLabel]:
        """The labels in force, by latent."""
        return self._labels

    @property
    def shown_scores(self) -> Mapping[int, LabelScore]:
        """The score that stands for each label in force, where one was measured."""
        return self._shown_scores

    def label(self, latent: int) -> FeatureLabel | None:
        """The label in force, or None."""
        return self._labels.get(latent)

    def text(self, latent: int) -> str:
        """The label's text, or “Feature 12”."""
        return shown_label(self._labels.get(latent), latent)

    def has_label(self, latent: int) -> bool:
        """Whether the feature has a label."""
        return latent in self._labels and bool(self._labels[latent].text)

    def history(self, latent: int) -> list[FeatureLabel]:
        """All labels the feature ever had, newest first."""
        return self._project.labels.history(self._sae.hash, latent)

    def scores_of(self, label: FeatureLabel) -> Mapping[str, LabelScore]:
        """The scores of any label of the history, by scorer."""
        return self._project.labels.scores_of(label.id)

    def scores(self, latent: int) -> Mapping[str, LabelScore]:
        """The scores of the label in force, by scorer."""
        if latent not in self._scores:
            label = self._labels.get(latent)
            self._scores[latent] = {} if label is None else self.scores_of(label)
        return self._scores[latent]

    def scores_by(self, scorer: str) -> Mapping[int, LabelScore]:
        """What one scorer says of the labels in force, by latent; read from the project."""
        return self._project.labels.scores_by(self._sae.hash, scorer)

    def score(self, latent: int) -> LabelScore | None:
        """The score that stands for the label in force; None where none was measured."""
        return self._shown_scores.get(latent)

    # -- writing, each a step to undo --------------------------------------------------------

    def set_label(self, latent: int, text: str) -> None:
        """Write a person's label. Does nothing when the text is the same."""
        text = one_line(text)
        before = self._labels.get(latent)
        if text != (before.text if before else ""):
            self._write_labels(f"Label of feature {latent}", {latent: text})

    def use_label(self, label: FeatureLabel) -> None:
        """Put a label of the history in force again, with its author and its scores."""
        before = self._labels.get(label.latent)
        if before is None or before.id != label.id:
            # Written already: the step is done when it is pushed.
            title = f"Earlier label of feature {label.latent}"
            ids = {label.latent: None if before is None else before.id}, {label.latent: label.id}
            store, sae = self._project.labels, self._sae.hash
            if self._stored(lambda: store.put_several_in_force(sae, ids[1])):
                self._undo.push(LabelsCommand(self, title, *ids))

    def clear_labels(self, latents: Iterable[int]) -> None:
        """Take the labels of features away; they stay in their histories."""
        labelled = [latent for latent in latents if self.has_label(latent)]
        if labelled:
            title = f"Clear the labels of {features_text(len(labelled))}"
            self._write_labels(title, dict.fromkeys(labelled, ""))

    def _write_labels(self, title: str, texts: Mapping[int, str]) -> None:
        before = {i: label.id if (label := self.label(i)) else None for i in texts}
        new = [FeatureLabel(latent, text, PERSON, "you") for latent, text in texts.items()]
        ids: list[int] = []
        if self._stored(lambda: ids.extend(self._project.labels.add(self._sae.hash, new))):
            after = dict(zip(texts, ids, strict=True))
            self._undo.push(LabelsCommand(self, title, before, after))

    def take_in(
        self,
        title: str,
        labels: tuple[Mapping[int, int | None], Mapping[int, int]],
        marks: tuple[Mapping[int, FeatureMark], Mapping[int, FeatureMark]],
    ) -> None:
        """Read what a job wrote, so that one step undoes it.

        Both pairs are what was before and what is now, by latent; of labels their numbers.
        """
        self._undo.beginMacro(title)
        if labels[1]:
            self._undo.push(LabelsCommand(self, title, *labels))
        if marks[1]:
            self._undo.push(MarksCommand(self, title, *marks))
        self._undo.endMacro()

    def reload(self) -> None:
        """Read all labels and scores again after a job wrote some."""
        self._read_labels()
        self.labels_changed.emit(frozenset(range(self._sae.n_latents)))

    # -- for the commands --------------------------------------------------------------------

    def put_labels_in_force(self, label_ids: Mapping[int, int | None]) -> None:
        """Make labels of the history those in force."""
        store = self._project.labels
        self._stored(lambda: store.put_several_in_force(self._sae.hash, label_ids))
        self.read_labels_again(label_ids)

    def read_labels_again(self, latents: Iterable[int]) -> None:
        """Read the labels of some features and their scores from the project."""
        changed, store = frozenset(latents), self._project.labels
        few = changed if len(changed) <= _FEW else ()
        if not few:
            self._read_labels()
        for latent in few:
            self._labels.pop(latent, None)
            label = store.current_label(self._sae.hash, latent)
            if label is not None:
                self._labels[latent] = label
        self._choose_scores(few)
        self.labels_changed.emit(changed)

    def read_scores_again(self, latents: Iterable[int]) -> None:
        """Read the scores of labels in force after somebody measured some."""
        changed = frozenset(latents)
        self._choose_scores(changed)
        self.labels_changed.emit(changed)
