"""The workspaces, in the order of the work; a new one is a line here."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from saedesk.session.session import Session


@dataclass(frozen=True)
class Workspace:
    """One entry of the rail."""

    name: str
    """As the session calls it."""
    title: str
    icon: str
    place: str
    """Where its class is, as "module:Class"; imported when it is first shown."""
    shortcut: str
    about: str
    """What it is for, in a sentence."""
    needs_project: bool = True

    def make(self, session: Session, parent: QWidget) -> QWidget:
        """Import the class and make the widget."""
        module, _, name = self.place.partition(":")
        made = getattr(importlib.import_module(module), name)(session, parent)
        assert isinstance(made, QWidget)
        return made


_PACKAGE = "saedesk.ui.workspaces"

WORKSPACES = (
    Workspace(
        "corpus",
        "Corpus",
        "file-text",
        f"{_PACKAGE}.corpus_workspace:CorpusWorkspace",
        "Ctrl+1",
        "Import documents, read them, make their vectors.",
    ),
    Workspace(
        "train",
        "Train",
        "chart-line",
        f"{_PACKAGE}.train_workspace:TrainWorkspace",
        "Ctrl+2",
        "Train sparse autoencoders and compare the runs.",
    ),
    Workspace(
        "features",
        "Features",
        "component",
        f"{_PACKAGE}.features_workspace:FeaturesWorkspace",
        "Ctrl+3",
        "Read, label and judge what the dictionary found.",
    ),
    Workspace(
        "families",
        "Families",
        "network",
        f"{_PACKAGE}.families_workspace:FamiliesWorkspace",
        "Ctrl+4",
        "See which features belong together, from the general to the special.",
    ),
    Workspace(
        "search",
        "Search",
        "search",
        f"{_PACKAGE}.search_workspace:SearchWorkspace",
        "Ctrl+5",
        "Ask, and steer the answer with features.",
    ),
)
