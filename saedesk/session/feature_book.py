"""Labels, scores and marks of the SAE in use, kept in memory for lists, undone through commands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from saedesk.errors import KnownError
from saedesk.features.labels.label_score import LabelScore
from saedesk.features.labels.shown_score import shown_score
from saedesk.jobs.loaded_sae import LoadedSae, shown_label
from saedesk.project.feature_marks import LONGEST_TAG, FeatureMark
from saedesk.project.label_store import PERSON, FeatureLabel
from saedesk.project.project_folder import Project
from saedesk.session.book_commands import (
    FlagCommand,
    LabelsCommand,
    MarksCommand,
    NoteCommand,
    TagCommand,
    features_text,
)

_NO_MARK = FeatureMark()
_FEW = 100
"""So many labels are read again one by one, more in one go."""


class FeatureBook(QObject):
    """What people and programs wrote about the features of one SAE."""

    labels_changed = Signal(object)
    """frozenset of latents whose label or score changed."""
    stars_changed = Signal(object)
    """frozenset of latents whose star changed."""
    marks_changed = Signal(object)
    """frozenset of latents that were hidden or shown, or whose note or tags changed."""
    refused = Signal(str)
    """A sentence: why something could not be written."""

    def __init__(
        self, project: Project, sae: LoadedSae, undo: QUndoStack, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._project = project
        self._sae = sae
        self._undo = undo
        self._marks = project.marks.marks(sae.hash)
        self._read_labels()

    def _read_labels(self) -> None:
        self._shown_scores: dict[int, LabelScore] = {}
        self._labels = self._project.labels.current(self._sae.hash)
        self._scores = self._project.labels.scores(self._sae.hash)
        self._choose_scores(self._scores)

    def _choose_scores(self, latents: Iterable[int]) -> None:
        for latent in latents:
            self._shown_scores.pop(latent, None)
            if (score := shown_score(self._scores.get(latent, {}))) is not None:
                self._shown_scores[latent] = score

    # -- reading -----------------------------------------------------------------------------

    @property
    def sae(self) -> LoadedSae:
        """The SAE these notes belong to."""
        return self._sae

    @property
    def labels(self) -> Mapping[int, FeatureLabel]:
        """The labels in force, by latent."""
        return self._labels

    @property
    def shown_scores(self) -> Mapping[int, LabelScore]:
        """The score that stands for each label in force, where one was measured."""
        return self._shown_scores

    @property
    def marks(self) -> Mapping[int, FeatureMark]:
        """Of every feature that has any."""
        return self._marks

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

    def scores(self, latent: int) -> Mapping[str, LabelScore]:
        """The scores of the label in force, by scorer."""
        return self._scores.get(latent, {})

    def score(self, latent: int) -> LabelScore | None:
        """The score that stands for the label in force; None where none was measured."""
        return self._shown_scores.get(latent)

    def mark(self, latent: int) -> FeatureMark:
        """Everything the feature is marked with."""
        return self._marks.get(latent, _NO_MARK)

    def is_starred(self, latent: int) -> bool:
        """Whether the feature is starred."""
        return self.mark(latent).starred

    @property
    def stars(self) -> frozenset[int]:
        """All starred features."""
        return frozenset(latent for latent, mark in self._marks.items() if mark.starred)

    def tags(self) -> dict[str, int]:
        """The tags in use and how many features have each, by name."""
        counts = Counter(tag for mark in self._marks.values() for tag in mark.tags)
        return {tag: counts[tag] for tag in sorted(counts, key=str.casefold)}

    # -- writing, each a step to undo --------------------------------------------------------

    def set_label(self, latent: int, text: str) -> None:
        """Write a person's label. Does nothing when the text is the same."""
        text = " ".join(text.split())
        before = self._labels.get(latent)
        if text != (before.text if before else ""):
            self._write_labels(f"Label of feature {latent}", {latent: text})

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

    def set_star(self, latent: int, starred: bool) -> None:
        """Star a feature or take its star away."""
        self.set_stars([latent], starred)

    def set_stars(self, latents: Iterable[int], starred: bool) -> None:
        """Star features or take their stars away."""
        self._set_flag("starred", latents, starred, "Star" if starred else "Unstar")

    def set_hidden(self, latents: Iterable[int], hidden: bool) -> None:
        """Hide features, or show them again."""
        self._set_flag("hidden", latents, hidden, "Hide" if hidden else "Show")

    def _set_flag(self, field: str, latents: Iterable[int], value: bool, verb: str) -> None:
        changed = tuple(i for i in latents if getattr(self.mark(i), field) != value)
        if changed:
            one = f"feature {changed[0]}"
            title = f"{verb} {one if len(changed) == 1 else features_text(len(changed))}"
            self._undo.push(FlagCommand(self, title, field, changed, value))

    def set_note(self, latent: int, note: str, edit: int = 0) -> None:
        """Write a note; those with the same `edit` (not 0) are one step."""
        before = self.mark(latent).note
        note = note.rstrip()
        if note != before:
            self._undo.push(NoteCommand(self, latent, before, note, edit))

    def add_tag(self, latents: Iterable[int], tag: str) -> None:
        """Tag features."""
        tag = " ".join(tag.split())
        if len(tag) > LONGEST_TAG:
            self.refused.emit(f"A tag has at most {LONGEST_TAG} characters.")
            return
        changed = tuple(i for i in latents if tag and tag not in self.mark(i).tags)
        if changed:
            title = f"Tag {features_text(len(changed))} “{tag}”"
            self._undo.push(TagCommand(self, title, changed, tag, True))

    def remove_tag(self, latents: Iterable[int], tag: str) -> None:
        """Take a tag away from features."""
        changed = tuple(latent for latent in latents if tag in self.mark(latent).tags)
        if changed:
            title = f"Take the tag “{tag}” from {features_text(len(changed))}"
            self._undo.push(TagCommand(self, title, changed, tag, False))

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
        if len(changed) > _FEW:
            self._labels, self._scores = store.current(self._sae.hash), store.scores(self._sae.hash)
        for latent in changed if len(changed) <= _FEW else ():
            self._labels.pop(latent, None)
            label = store.current_label(self._sae.hash, latent)
            if label is not None:
                self._labels[latent] = label
            self._scores[latent] = store.scores_of(label.id) if label is not None else {}
        self._choose_scores(changed)
        self.labels_changed.emit(changed)

    def store_flag(self, field: str, latents: tuple[int, ...], value: bool) -> bool:
        """Whether stars, or what is hidden, could be written."""
        marks, sae = self._project.marks, self._sae.hash
        write = marks.set_stars if field == "starred" else marks.set_hidden
        if not self._stored(lambda: write(sae, latents, value)):
            return False
        for latent in latents:
            mark = self.mark(latent)
            is_star = field == "starred"
            self._marks[latent] = (
                replace(mark, starred=value) if is_star else replace(mark, hidden=value)
            )
        (self.stars_changed if field == "starred" else self.marks_changed).emit(frozenset(latents))
        return True

    def store_tag(self, latents: tuple[int, ...], tag: str, added: bool) -> bool:
        """Whether a tag could be given or taken."""
        marks, sae = self._project.marks, self._sae.hash
        write = marks.add_tag if added else marks.remove_tag
        if not self._stored(lambda: write(sae, latents, tag)):
            return False
        for latent in latents:
            mark = self.mark(latent)
            tags = mark.tags | {tag} if added else mark.tags - {tag}
            self._marks[latent] = replace(mark, tags=tags)
        self.marks_changed.emit(frozenset(latents))
        return True

    def store_note(self, latent: int, note: str) -> bool:
        """Whether a note could be written."""
        if not self._stored(lambda: self._project.marks.set_note(self._sae.hash, latent, note)):
            return False
        self._marks[latent] = replace(self.mark(latent), note=note)
        self.marks_changed.emit(frozenset([latent]))
        return True

    def store_marks(self, marks: Mapping[int, FeatureMark]) -> None:
        """Write whole marks."""
        self._stored(lambda: self._project.marks.put(self._sae.hash, marks))
        self.read_marks_again(marks)

    def read_marks_again(self, latents: Iterable[int]) -> None:
        """Read the marks from the project after those of some features changed."""
        self._marks = self._project.marks.marks(self._sae.hash)
        changed = frozenset(latents)
        self.stars_changed.emit(changed)
        self.marks_changed.emit(changed)

    def _stored(self, write: Callable[[], object]) -> bool:
        """Whether something could be written; else a sentence says why not."""
        try:
            write()
        except KnownError as error:
            self.refused.emit(error.sentence)
            return False
        return True
