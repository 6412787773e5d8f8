"""Labels and stars of the SAE in use, kept in memory for lists and undone through commands."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from saedesk.errors import KnownError
from saedesk.jobs.loaded_sae import LoadedSae, shown_label
from saedesk.project.label_store import PERSON, FeatureLabel
from saedesk.project.project_folder import Project


class FeatureBook(QObject):
    """What people and programs wrote about the features of one SAE."""

    labels_changed = Signal(object)
    """frozenset of latents whose label changed."""
    stars_changed = Signal(object)
    """frozenset of latents whose star changed."""
    refused = Signal(str)
    """A sentence: why a label or star could not be written."""

    def __init__(
        self, project: Project, sae: LoadedSae, undo: QUndoStack, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._project = project
        self._sae = sae
        self._undo = undo
        self._labels = project.labels.current(sae.hash)
        self._stars = project.labels.starred(sae.hash)

    @property
    def sae(self) -> LoadedSae:
        """The SAE these notes belong to."""
        return self._sae

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

    def is_starred(self, latent: int) -> bool:
        """Whether the feature is starred."""
        return latent in self._stars

    @property
    def stars(self) -> frozenset[int]:
        """All starred features."""
        return frozenset(self._stars)

    def set_label(self, latent: int, text: str) -> None:
        """Write a person's label; undoable. Does nothing when the text is the same."""
        text = " ".join(text.split())
        before = self._labels.get(latent)
        if text == (before.text if before else ""):
            return
        label = FeatureLabel(latent, text, PERSON, "you")
        try:
            new_id = self._project.labels.add(self._sae.hash, [label])[0]
        except KnownError as error:
            self.refused.emit(error.sentence)
            return
        self._undo.push(_LabelCommand(self, latent, before.id if before else None, new_id))

    def set_star(self, latent: int, starred: bool) -> None:
        """Star a feature or take its star away; undoable."""
        if starred != self.is_starred(latent):
            self._undo.push(_StarCommand(self, latent, starred))

    def reload(self) -> None:
        """Read all labels again after a job wrote some."""
        self._labels = self._project.labels.current(self._sae.hash)
        self.labels_changed.emit(frozenset(range(self._sae.n_latents)))

    def _put_in_force(self, latent: int, label_id: int | None) -> None:
        try:
            self._project.labels.put_in_force(self._sae.hash, latent, label_id)
        except KnownError as error:
            self.refused.emit(error.sentence)
        self._reread(latent)

    def _reread(self, latent: int) -> None:
        label = self._project.labels.current_label(self._sae.hash, latent)
        if label is None:
            self._labels.pop(latent, None)
        else:
            self._labels[latent] = label
        self.labels_changed.emit(frozenset([latent]))

    def _store_star(self, latent: int, starred: bool) -> bool:
        """Whether it could be written."""
        try:
            self._project.labels.set_star(self._sae.hash, latent, starred)
        except KnownError as error:
            self.refused.emit(error.sentence)
            return False
        (self._stars.add if starred else self._stars.discard)(latent)
        self.stars_changed.emit(frozenset([latent]))
        return True


class _LabelCommand(QUndoCommand):
    def __init__(self, book: FeatureBook, latent: int, before: int | None, after: int) -> None:
        super().__init__(f"Label of feature {latent}")
        self._book, self._latent, self._before, self._after = book, latent, before, after
        self._is_written = True

    def redo(self) -> None:
        if self._is_written:
            # The label is stored before the command is pushed.
            self._is_written = False
            self._book._reread(self._latent)
        else:
            self._book._put_in_force(self._latent, self._after)

    def undo(self) -> None:
        self._book._put_in_force(self._latent, self._before)


class _StarCommand(QUndoCommand):
    def __init__(self, book: FeatureBook, latent: int, starred: bool) -> None:
        super().__init__(f"{'Star' if starred else 'Unstar'} feature {latent}")
        self._book, self._latent, self._starred = book, latent, starred

    def redo(self) -> None:
        # A star that could not be written is no step to undo.
        self.setObsolete(not self._book._store_star(self._latent, self._starred))

    def undo(self) -> None:
        self._book._store_star(self._latent, not self._starred)
