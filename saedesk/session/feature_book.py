"""Labels and stars of the SAE in use, kept in memory for lists and undone through commands."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from saedesk.jobs.loaded_sae import LoadedSae, shown_label
from saedesk.project.label_store import PERSON, FeatureLabel
from saedesk.project.project_folder import Project


class FeatureBook(QObject):
    """What people and programs wrote about the features of one SAE."""

    labels_changed = Signal(object)
    """frozenset of latents whose label changed."""
    stars_changed = Signal(object)
    """frozenset of latents whose star changed."""

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
        new_id = self._project.labels.add(self._sae.hash, [label])[0]
        self._undo.push(_LabelCommand(self, latent, before.id if before else None, new_id))

    def set_star(self, latent: int, starred: bool) -> None:
        """Star a feature or take its star away; undoable."""
        if starred != self.is_starred(latent):
            self._undo.push(_StarCommand(self, latent, starred))

    def reload(self, latents: Iterable[int] | None = None) -> None:
        """Read the labels again after a job wrote some."""
        self._labels = self._project.labels.current(self._sae.hash)
        changed = range(self._sae.n_latents) if latents is None else latents
        self.labels_changed.emit(frozenset(changed))

    def _put_in_force(self, latent: int, label_id: int | None) -> None:
        self._project.labels.put_in_force(self._sae.hash, latent, label_id)
        self.reload([latent])

    def _store_star(self, latent: int, starred: bool) -> None:
        self._project.labels.set_star(self._sae.hash, latent, starred)
        (self._stars.add if starred else self._stars.discard)(latent)
        self.stars_changed.emit(frozenset([latent]))


class _LabelCommand(QUndoCommand):
    def __init__(self, book: FeatureBook, latent: int, before: int | None, after: int) -> None:
        super().__init__(f"Label of feature {latent}")
        self._book, self._latent, self._before, self._after = book, latent, before, after

    def redo(self) -> None:
        self._book._put_in_force(self._latent, self._after)

    def undo(self) -> None:
        self._book._put_in_force(self._latent, self._before)


class _StarCommand(QUndoCommand):
    def __init__(self, book: FeatureBook, latent: int, starred: bool) -> None:
        super().__init__(f"{'Star' if starred else 'Unstar'} feature {latent}")
        self._book, self._latent, self._starred = book, latent, starred

    def redo(self) -> None:
        self._book._store_star(self._latent, self._starred)

    def undo(self) -> None:
        self._book._store_star(self._latent, not self._starred)
