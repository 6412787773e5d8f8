"""What is selected, and which workspace somebody wants to see."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from saedesk.project.document_filter import DocumentFilter


@dataclass(frozen=True)
class FeatureGroup:
    """Some features that belong together, under a name."""

    name: str
    latents: tuple[int, ...]


class Selection(QObject):
    """One feature and one document at most are selected; every panel hears of it."""

    feature_selected = Signal(object)
    """A latent, or None."""
    document_selected = Signal(object)
    """A document id, or None."""
    workspace_wanted = Signal(str)
    """The name of a workspace: somebody asked to see it."""
    documents_wanted = Signal(object)
    """DocumentFilter: somebody asked to see these documents in Corpus."""
    features_wanted = Signal(object)
    """FeatureGroup: somebody asked to see these features in the list of Features."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._feature: int | None = None
        self._document: int | None = None

    def _forget_selection(self) -> None:
        self._feature = self._document = None

    @property
    def feature(self) -> int | None:
        """The selected latent."""
        return self._feature

    def select_feature(self, latent: int | None) -> None:
        """Select a feature everywhere."""
        if latent != self._feature:
            self._feature = latent
            self.feature_selected.emit(latent)

    @property
    def document(self) -> int | None:
        """The id of the selected document."""
        return self._document

    def select_document(self, document_id: int | None) -> None:
        """Select a document everywhere."""
        if document_id != self._document:
            self._document = document_id
            self.document_selected.emit(document_id)

    def show(self, workspace: str) -> None:
        """Ask the window to show a workspace."""
        self.workspace_wanted.emit(workspace)

    def show_feature(self, latent: int) -> None:
        """Select a feature and show it in Features."""
        self.select_feature(latent)
        self.show("features")

    def show_document(self, document_id: int) -> None:
        """Select a document and show it in Corpus."""
        self.select_document(document_id)
        self.show("corpus")

    def show_documents(self, wanted: DocumentFilter) -> None:
        """Show these documents in the table of Corpus."""
        # Shown first: a workspace that nobody has seen yet is made then, and has to hear this.
        self.show("corpus")
        self.documents_wanted.emit(wanted)

    def show_features(self, wanted: FeatureGroup) -> None:
        """Show these features in the list of Features."""
        self.show("features")
        self.features_wanted.emit(wanted)
