"""Stars, notes, tags and what is hidden, of one SAE, in memory and undone through commands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from saedesk.errors import KnownError
from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.project.feature_marks import LONGEST_TAG, FeatureMark
from saedesk.project.project_folder import Project
from saedesk.session.book_commands import FlagCommand, NoteCommand, TagCommand, features_text

_NO_MARK = FeatureMark()


class MarkBook(QObject):
    """What a person marked the features of one SAE with."""

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

    @property
    def sae(self) -> LoadedSae:
        """The SAE these notes belong to."""
        return self._sae

    # -- reading -----------------------------------------------------------------------------

    @property
    def marks(self) -> Mapping[int, FeatureMark]:
        """Of every feature that has any."""
        return self._marks

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

    # -- for the commands --------------------------------------------------------------------

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
