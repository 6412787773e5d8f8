from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from saedesk.session.session import Message, Session
from saedesk.task_control import TaskControl
from saedesk.ui import main_window as module
from saedesk.ui.main_window import MainWindow
from saedesk.ui.shell.action_table import ACTIONS
from saedesk.ui.shell.workspace_table import WORKSPACES
from saedesk.ui.theme import Theme

CTRL = Qt.KeyboardModifier.ControlModifier


def drop(window: MainWindow, *paths: Path) -> None:
    """What the system sends when files are let go over the window."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    window.dropEvent(
        QDropEvent(
            QPointF(400, 400),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )


def wait_for_the_end(control: TaskControl) -> None:
    """Work that ends only when it is cancelled."""
    while True:
        control.checkpoint()
        threading.Event().wait(0.005)


# -- without a project -------------------------------------------------------------------------


def test_it_begins_with_three_doors_and_the_demo_in_focus(main_window: MainWindow) -> None:
    assert main_window.stack.currentWidget() is main_window.first_start
    assert main_window.first_start.demo.hasFocus()
    assert [button.text() for button in main_window.rail.buttons.values()] == [
        "Corpus",
        "Train",
        "Features",
        "Families",
        "Search",
    ]
    assert not any(button.isEnabled() for button in main_window.rail.buttons.values())
    assert main_window.header.documents.text() == "No project open"
    assert not main_window.header.saes.isVisible()


def test_workspaces_that_need_a_project_stay_away_without_one(
    qtbot: QtBot, main_window: MainWindow
) -> None:
    qtbot.keyClick(main_window, Qt.Key.Key_2, CTRL)
    main_window.show_workspace("search")
    assert main_window.shown is None


def test_enter_on_the_first_page_opens_the_demo(
    qtbot: QtBot, main_window: MainWindow, tiny_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from saedesk.jobs import open_demo

    begun, go_on = threading.Event(), threading.Event()

    def make(request: open_demo.DemoRequest, control: TaskControl) -> Path:
        begun.set()
        go_on.wait(5)
        return tiny_project

    monkeypatch.setattr(open_demo, "run", make)
    qtbot.keyClick(main_window.first_start.demo, Qt.Key.Key_Return)
    qtbot.waitUntil(begun.is_set)
    assert not main_window.first_start.demo.isEnabled()
    assert main_window.footer.tasks.name.text() == "Opening the demo"
    go_on.set()
    qtbot.waitUntil(lambda: main_window.session.project is not None)
    assert main_window.shown == "features"
    assert main_window.first_start.demo.isEnabled()


def test_a_project_opened_meanwhile_is_not_replaced_by_the_demo(
    qtbot: QtBot, main_window: MainWindow, tiny_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from saedesk.jobs import open_demo

    monkeypatch.setattr(open_demo, "run", lambda request, control: wait_for_the_end(control))
    main_window.doors.open_demo()
    assert main_window.doors.open_folder(tiny_project)
    qtbot.waitUntil(lambda: main_window.doors.demo is None)
    assert main_window.session.project is not None
    assert main_window.session.project.folder == tiny_project


# -- with a project ----------------------------------------------------------------------------


def test_an_opened_project_is_named_counted_and_shown(project_window: MainWindow) -> None:
    header = project_window.header
    assert project_window.windowTitle() == "abstracts – saedesk"
    assert header.project_button.text() == "abstracts"
    assert header.documents.text() == "120 documents"
    assert header.saes.currentText() == "Run 1 · TopK · k 4 · 48 features"
    assert project_window.shown == "features"
    assert all(button.isEnabled() for button in project_window.rail.buttons.values())


def test_rail_and_keys_show_every_workspace(qtbot: QtBot, project_window: MainWindow) -> None:
    for entry, key in zip(WORKSPACES, "12345", strict=True):
        qtbot.keyClick(project_window, key, CTRL)
        assert project_window.shown == entry.name
        assert project_window.rail.buttons[entry.name].isChecked()
    for entry in WORKSPACES:
        qtbot.mouseClick(project_window.rail.buttons[entry.name], Qt.MouseButton.LeftButton)
        assert project_window.shown == entry.name
        assert project_window.stack.currentWidget() is project_window.current_workspace
    kept = project_window.current_workspace
    project_window.show_workspace("corpus")
    project_window.show_workspace("search")
    assert project_window.current_workspace is kept


@pytest.mark.parametrize("name", ["corpus", "features", "search"])
def test_ctrl_f_goes_to_the_filter_in_view(
    qtbot: QtBot, project_window: MainWindow, name: str
) -> None:
    project_window.show_workspace(name)
    project_window.setFocus()
    qtbot.keyClick(project_window.current_workspace, Qt.Key.Key_F, CTRL)
    focus = QApplication.focusWidget()
    assert isinstance(focus, QLineEdit)
    assert project_window.current_workspace.isAncestorOf(focus)


def test_undo_names_its_step_and_takes_it_back(qtbot: QtBot, project_window: MainWindow) -> None:
    session, undo = project_window.session, project_window.header.undo
    assert session.book is not None
    assert not undo.isEnabled()
    before = session.book.text(3)
    session.book.set_label(3, "A better name")
    assert "Label of feature 3" in undo.toolTip()
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert session.book.text(3) == before
    qtbot.keyClick(project_window, Qt.Key.Key_Z, CTRL | Qt.KeyboardModifier.ShiftModifier)
    assert session.book.text(3) == "A better name"
    qtbot.keyClick(project_window, Qt.Key.Key_Z, CTRL)
    assert session.book.text(3) == before


def test_closing_the_project_leads_back_to_the_doors(
    qtbot: QtBot, project_window: MainWindow
) -> None:
    qtbot.keyClick(project_window, Qt.Key.Key_W, CTRL)
    assert project_window.session.project is None
    assert project_window.stack.currentWidget() is project_window.first_start
    assert [row.project.name for row in project_window.first_start.recent.rows] == ["abstracts"]
    qtbot.mouseClick(project_window.first_start.recent.rows[0], Qt.MouseButton.LeftButton)
    assert project_window.session.project is not None


def test_below_1360_pixels_the_right_column_is_a_drawer(
    qtbot: QtBot, project_window: MainWindow
) -> None:
    project_window.show_workspace("features")
    assert not project_window.header.drawer.isVisible()
    project_window.resize(1280, 720)
    qtbot.waitUntil(project_window.header.drawer.isVisible)
    workspace = project_window.current_workspace
    qtbot.mouseClick(project_window.header.drawer, Qt.MouseButton.LeftButton)
    shown = workspace.is_drawer_visible
    qtbot.mouseClick(project_window.header.drawer, Qt.MouseButton.LeftButton)
    assert workspace.is_drawer_visible != shown
    header = project_window.header
    assert header._left.geometry().right() < header.field.x()
    assert header.field.geometry().right() < header._right.x()


# -- messages, theme, keys ---------------------------------------------------------------------


def test_a_message_stands_under_the_header_and_details_can_be_copied(
    qtbot: QtBot, main_window: MainWindow
) -> None:
    main_window.session.message.emit(Message("error", "The disk is full.", "a traceback"))
    assert main_window.message.isVisible()
    assert main_window.message.text == "The disk is full."
    qtbot.mouseClick(main_window.message._action, Qt.MouseButton.LeftButton)
    assert QApplication.clipboard().text() == "a traceback"
    main_window.session.message.emit(Message("info", "All is well."))
    assert not main_window.message._action.isVisible()


def test_the_theme_switch_is_kept(qtbot: QtBot, main_window: MainWindow) -> None:
    before = Theme.current().is_dark
    try:
        qtbot.mouseClick(main_window.header.theme, Qt.MouseButton.LeftButton)
        assert Theme.current().is_dark != before
        assert main_window.session.settings.get("theme") == ("light" if before else "dark")
        main_window.actions_by_name["theme_system"].trigger()
        assert main_window.session.settings.get("theme") == "system"
    finally:
        Theme.current().set_mode("light")


def test_f1_and_the_question_mark_show_the_keys(qtbot: QtBot, main_window: MainWindow) -> None:
    for key in (Qt.Key.Key_F1, Qt.Key.Key_Question):
        qtbot.keyClick(main_window, key)
        assert main_window.cards.keys.isVisible()
        qtbot.keyClick(main_window.cards.keys, Qt.Key.Key_Escape)
        assert not main_window.cards.keys.isVisible()


def test_no_two_commands_share_a_key() -> None:
    keys = [key for entry in ACTIONS for key in entry.shortcuts]
    assert len(keys) == len(set(keys))


def test_every_control_of_the_frame_has_a_name_and_an_explanation(
    project_window: MainWindow,
) -> None:
    for part in (project_window.rail, project_window.header, project_window.footer):
        for control in part.findChildren(QAbstractButton):
            assert control.accessibleName(), control
            assert control.toolTip() or control.text(), control


# -- drop --------------------------------------------------------------------------------------


def test_a_dropped_project_is_opened(
    qtbot: QtBot, main_window: MainWindow, tiny_project: Path
) -> None:
    drop(main_window, tiny_project)
    qtbot.waitUntil(lambda: main_window.session.project is not None)


def test_a_dropped_table_makes_a_project_and_opens_the_import(
    qtbot: QtBot, main_window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from saedesk.ui.corpus_panels import import_dialog
    from saedesk.ui.shell import project_doors

    table = tmp_path / "papers.csv"
    table.write_text("id,text\n1,one\n2,two\n", "utf-8")
    asked: list[str] = []
    opened: list[list[Path]] = []

    def answer(parent: QWidget, question: str, details: str, buttons: tuple[str, ...]) -> str:
        asked.append(f"{question} {details}")
        return buttons[0]

    monkeypatch.setattr(project_doors, "projects_folder", lambda: tmp_path / "home")
    monkeypatch.setattr(project_doors, "ask", answer)
    monkeypatch.setattr(
        import_dialog, "open_import_dialog", lambda session, paths, parent: opened.append(paths)
    )
    drop(main_window, table)
    qtbot.waitUntil(lambda: bool(opened))
    assert "papers.csv" in asked[0]
    assert main_window.session.project is not None
    assert main_window.session.project.folder == tmp_path / "home" / "papers.saedesk"
    assert opened == [[table]]
    assert main_window.shown == "corpus"


def test_other_things_get_a_sentence(qtbot: QtBot, main_window: MainWindow, tmp_path: Path) -> None:
    picture = tmp_path / "cat.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    drop(main_window, picture)
    qtbot.waitUntil(main_window.message.isVisible)
    assert "cat.png" in main_window.message.text
    assert main_window.session.project is None


# -- the end -----------------------------------------------------------------------------------


def test_closing_asks_once_and_names_what_runs(
    qtbot: QtBot, project_window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    answers = ["Keep working", "Stop and close"]

    def answer(parent: QWidget, question: str, details: str, buttons: tuple[str, ...]) -> str:
        asked.append(details)
        return answers.pop(0)

    monkeypatch.setattr(module, "ask", answer)
    project_window.asks_before_closing = True
    project_window.session.run("Training run 2", wait_for_the_end)
    project_window.session.run("Embedding with a model", wait_for_the_end)
    project_window.close()
    assert project_window.isVisible()
    assert "Training run 2 is not finished." in asked[0]
    assert "continued there." in asked[0]
    assert "embedding with a model" in asked[0]
    project_window.close()
    assert not project_window.isVisible()
    assert project_window.stopped
    assert len(asked) == 2


def test_the_place_of_the_window_is_kept(main_window: MainWindow) -> None:
    main_window.asks_before_closing = True
    main_window.close()
    kept = main_window.session.settings.get("window")
    assert kept["geometry"]


def test_a_damaged_layout_in_the_settings_is_no_obstacle(
    qtbot: QtBot, empty_session: Session
) -> None:
    empty_session.settings.set("window", {"version": 1, "geometry": "§§"})
    window = MainWindow(empty_session)
    qtbot.addWidget(window)
    assert window.width() >= 800


# -- the keyboard and the drawer ---------------------------------------------------------------


def wait_until_idle(qtbot: QtBot, session: Session) -> None:
    qtbot.waitUntil(lambda: not session.query.tasks and not session.compute.tasks, timeout=20_000)
    QApplication.processEvents()


def test_the_keyboard_goes_where_work_begins(qtbot: QtBot, project_window: MainWindow) -> None:
    from saedesk.ui.widgets.row_table import RowTable

    assert isinstance(project_window.focusWidget(), RowTable)
    qtbot.keyClick(project_window, "1", CTRL)
    wait_until_idle(qtbot, project_window.session)
    assert project_window.focusWidget() is project_window.current_workspace.table.table
    qtbot.mouseClick(project_window.rail.buttons["features"], Qt.MouseButton.LeftButton)
    assert project_window.focusWidget() is project_window.current_workspace.list.table
    qtbot.keyClick(project_window, "5", CTRL)
    assert isinstance(project_window.focusWidget(), QLineEdit)
    qtbot.keyClick(project_window, "2", CTRL)
    focus = project_window.focusWidget()
    assert project_window.current_workspace.isAncestorOf(focus)


def test_enter_in_a_new_project_asks_for_no_files(
    qtbot: QtBot, main_window: MainWindow, tmp_path: Path
) -> None:
    assert main_window.session.create_project(tmp_path / "new.saedesk")
    assert main_window.shown == "corpus"
    focus = main_window.focusWidget()
    assert not isinstance(focus, QAbstractButton)
    qtbot.keyClick(focus, Qt.Key.Key_Return)
    assert QApplication.activeModalWidget() is None


def test_while_the_demo_is_made_enter_does_nothing(
    qtbot: QtBot, main_window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    from saedesk.jobs import open_demo

    monkeypatch.setattr(open_demo, "run", lambda request, control: wait_for_the_end(control))
    qtbot.mouseClick(main_window.first_start.demo, Qt.MouseButton.LeftButton)
    assert not isinstance(main_window.focusWidget(), QAbstractButton)
    assert main_window.doors.demo is not None
    main_window.doors.demo.cancel()
    qtbot.waitUntil(lambda: main_window.doors.demo is None)
    assert main_window.first_start.demo.hasFocus()


def test_a_document_opens_the_drawer_of_a_narrow_window(
    qtbot: QtBot, project_window: MainWindow
) -> None:
    session = project_window.session
    project_window.resize(1280, 720)
    project_window.show_workspace("corpus")
    wait_until_idle(qtbot, session)
    corpus = project_window.current_workspace
    table = corpus.table.table
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert session.document is not None
    assert not corpus.drawer_visible
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert corpus.drawer_visible
    corpus.set_drawer_visible(False)
    place = table.visualRect(table.row_model.index(4, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert not corpus.drawer_visible
    qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert corpus.drawer_visible
    assert session.document == 5


def test_a_document_from_elsewhere_is_seen_read_and_has_the_keyboard(
    qtbot: QtBot, project_window: MainWindow
) -> None:
    session = project_window.session
    project_window.resize(1280, 720)
    project_window.show_workspace("corpus")
    wait_until_idle(qtbot, session)
    corpus = project_window.current_workspace
    corpus.table.field.setText("galaxy")
    wait_until_idle(qtbot, session)
    hidden = next(i for i in range(80, 0, -1) if i - 1 not in corpus.table.model.order)
    project_window.show_workspace("search")
    session.show_document(hidden)
    wait_until_idle(qtbot, session)
    table = corpus.table.table
    assert session.document == hidden
    assert table.current_id == hidden - 1
    assert corpus.table.field.text() == ""
    assert "taken away" in project_window.message.text
    assert corpus.drawer_visible
    assert project_window.focusWidget() is table
    row = table.visualRect(table.row_model.index(table.row_model.row_of(hidden - 1), 0))
    assert table.viewport().rect().contains(row.center())


def test_documents_asked_for_say_of_what_and_leave_the_drawer(
    qtbot: QtBot, project_window: MainWindow
) -> None:
    from saedesk.ui.corpus_panels.filter_chips import FilterChips

    session = project_window.session
    assert session.sae is not None
    assert session.book is not None
    project_window.resize(1280, 720)
    session.select_document(1)
    rows, _ = session.sae.activations.latent(session.feature)
    project_window.current_workspace.page.documents.all.click()
    wait_until_idle(qtbot, session)
    corpus = project_window.current_workspace
    assert not corpus.drawer_visible
    chips = corpus.table.findChild(FilterChips)
    label = session.book.text(session.feature)
    assert [chip.text() for chip in chips.chips] == [f"{len(rows)} documents of {label}"]
    listed = corpus.view.columns.ids[corpus.table.model.order]
    assert session.document in listed.tolist()
    session.book.set_label(session.feature, "Another name")
    assert [chip.text() for chip in chips.chips] == [f"{len(rows)} documents of Another name"]


# -- what is over ------------------------------------------------------------------------------


def test_a_new_task_takes_an_old_message_away(qtbot: QtBot, main_window: MainWindow) -> None:
    session = main_window.session
    session.message.emit(Message("error", "That went wrong."))
    session.run("Something else", lambda control: None)
    assert not main_window.message.isVisible()
    wait_until_idle(qtbot, session)
    session.run("Telling", lambda control: 3, lambda n: session.message.emit(Message("info", "3.")))
    wait_until_idle(qtbot, session)
    assert main_window.message.text == "3."
    assert main_window.message.isVisible()


def test_an_import_that_fails_says_so_in_its_dialog_alone(
    qtbot: QtBot, main_window: MainWindow, tmp_path: Path
) -> None:
    from saedesk.ui.corpus_panels.import_dialog import ImportDialog

    table = tmp_path / "double.csv"
    table.write_text("id,text\n1,one\n1,two\n", "utf-8")
    assert main_window.session.create_project(tmp_path / "new.saedesk")
    main_window.doors.import_paths([table])
    wait_until_idle(qtbot, main_window.session)
    dialog = main_window.findChild(ImportDialog)
    assert isinstance(dialog, ImportDialog)
    dialog.preview.choosers["id"].setCurrentText("Key")
    dialog.start.click()
    wait_until_idle(qtbot, main_window.session)
    assert dialog.isVisible()
    assert "already" in dialog.error.text()
    assert not main_window.message.isVisible()
    qtbot.keyClick(dialog.doubles, Qt.Key.Key_Right)
    assert dialog.error.isHidden()
    dialog.close()


def test_the_rail_shows_what_is_shown_where_a_workspace_cannot_be_made(
    qtbot: QtBot, project_window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    from saedesk.ui.workspaces import train_workspace

    def fail(*_: object) -> None:
        raise RuntimeError("It cannot be made.")

    monkeypatch.setattr(train_workspace, "TrainWorkspace", fail)
    button = project_window.rail.buttons["train"]
    with qtbot.captureExceptions() as errors:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert len(errors) == 1
    assert project_window.shown == "features"
    assert project_window.rail.buttons["features"].isChecked()
    assert not button.isChecked()
