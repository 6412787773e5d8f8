"""A small project made by the real jobs, and sessions on copies of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QWidget

from saedesk.corpus.corpus_input import InputRequest, preview_input
from saedesk.jobs import analyse_features, embed_documents, import_documents, label_features
from saedesk.jobs import train_sae as training
from saedesk.jobs.training_request import TrainRequest
from saedesk.project.project_folder import Project
from saedesk.session.session import Session
from saedesk.task_control import Unattended
from saedesk.ui.theme import Theme
from tests.ui.made_up_abstracts import write_abstracts

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from saedesk.ui.main_window import MainWindow

DOCUMENTS = 120
FEATURES = 48


@pytest.fixture
def qtbot(qtbot: QtBot) -> Iterator[QtBot]:
    """The usual one, which holds widgets weakly; here they stay until the test is over.

    A test that keeps a part of a window would else lose all of it to a garbage collection.
    """
    kept: list[QWidget] = []
    add = qtbot.addWidget

    def add_and_keep(widget: QWidget, **more: Any) -> None:
        kept.append(widget)
        add(widget, **more)

    qtbot.addWidget = add_and_keep
    yield qtbot
    kept.clear()


@pytest.fixture(scope="session")
def built_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """120 abstracts in six categories, embedded, an SAE of 48 features with labels; never opened.

    Copy it (`tiny_project`) instead of opening it.
    """
    from saedesk.sae.architectures.topk import TopKConfig

    folder = tmp_path_factory.mktemp("built") / "abstracts.saedesk"
    file = write_abstracts(folder.parent / "abstracts.csv", DOCUMENTS)
    control = Unattended()
    with Project.create(folder) as project:
        seen = preview_input(file)
        wanted = InputRequest((file,), seen.uses, seen.encoding, seen.delimiter)
        import_documents.run(project, import_documents.ImportRequest(wanted), control)
        embed_documents.run(project, embed_documents.EmbedRequest(device="cpu"), control)
        config = TopKConfig(
            n_latents=FEATURES,
            k=4,
            epochs=40,
            batch_size=30,
            learning_rate=3e-3,
            held_out_share=0.1,
        )
        request = TrainRequest(config, device="cpu", preset="Quick look")
        training.run(project, request, control)
        analyse_features.run(project, analyse_features.AnalyseRequest(device="cpu"), control)
        label_features.run(project, label_features.LabelRequest(), control)
    return folder


@pytest.fixture
def tiny_project(built_project: Path, tmp_path: Path) -> Path:
    """The folder of a fresh copy of the small project, for this test alone."""
    return Path(shutil.copytree(built_project, tmp_path / "abstracts.saedesk"))


@pytest.fixture
def empty_session(qapp: QApplication, settings_folder: Path) -> Iterator[Session]:
    """A session without a project; settings of this test alone."""
    Theme.current()
    session = Session()
    yield session
    assert session.close()
    session.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def session(empty_session: Session, tiny_project: Path) -> Session:
    """A session with a fresh copy of the small project open."""
    assert empty_session.open_project(tiny_project)
    return empty_session


@pytest.fixture
def main_window(qtbot: QtBot, empty_session: Session) -> MainWindow:
    """The real window without a project; closing it asks nothing."""
    from saedesk.ui.main_window import MainWindow

    window = MainWindow(empty_session)
    window.asks_before_closing = False
    qtbot.addWidget(window)
    window.resize(1440, 900)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    return window


@pytest.fixture
def project_window(main_window: MainWindow, tiny_project: Path) -> MainWindow:
    """The real window with a fresh copy of the small project open."""
    assert main_window.doors.open_folder(tiny_project)
    return main_window
