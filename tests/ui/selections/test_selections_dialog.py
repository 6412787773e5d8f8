"""The dialog of saved selections, by keys and clicks in the real window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from saedesk.session.session import Session
from saedesk.ui.corpus_panels.corpus_view import CorpusView
from saedesk.ui.corpus_panels.facets_panel import FacetsPanel
from saedesk.ui.corpus_panels.filter_chips import FilterChips
from saedesk.ui.main_window import MainWindow
from saedesk.ui.selection_panels.origin_words import FROM_FILTER, UNKNOWN, origin_text
from saedesk.ui.selection_panels.selections_dialog import WORDS, SelectionsDialog

LEFT = Qt.MouseButton.LeftButton
CONTROL = Qt.KeyboardModifier.ControlModifier


def opened(window: MainWindow) -> SelectionsDialog:
    """By the palette."""
    palette = window.cards.palette
    palette.open(">saved selec")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    dialog = window.findChildren(SelectionsDialog)[-1]
    assert dialog.isVisible()
    return dialog


def names(dialog: SelectionsDialog) -> list[str]:
    model = dialog.table.row_model
    return [model.columns[0].text(int(number)) for number in model.order]


@pytest.fixture
def session(project_window: MainWindow) -> Session:
    return project_window.session


def test_rows_say_what_how_many_where_from_and_when(
    project_window: MainWindow, session: Session
) -> None:
    book, sae = session.book, session.sae
    assert book is not None
    assert sae is not None
    latent = next(i for i in range(48) if book.has_label(i))
    session.selections.save(
        "Strong", [1, 2], {"feature": latent, "threshold": 0.3, "sae": sae.hash}
    )
    session.selections.save("All of it", [3], {"feature": latent, "threshold": None, "sae": "x"})
    dialog = opened(project_window)
    assert names(dialog) == ["All of it", "Strong"], "the newest first"
    assert dialog.head.text() == "2 saved selections"
    cells = [column.text(1) for column in dialog.table.row_model.columns]
    assert cells[:3] == ["Strong", "2", f"{book.text(latent)} (feature {latent}), 0.300 or more"]
    assert origin_text(session, session.selections.selections[1].origin) == (
        f"Feature {latent} of an SAE that was removed, all its documents"
    )
    assert origin_text(session, FROM_FILTER) == "The filter in Corpus"
    assert origin_text(session, {}) == UNKNOWN
    session.project.labels.put_in_force(sae.hash, latent, None)  # type: ignore[union-attr]
    book.reload()
    assert origin_text(session, {"feature": latent, "sae": sae.hash, "threshold": 1}).startswith(
        f"Feature {latent}, "
    )


def test_keys_show_rename_delete_and_undo(
    project_window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    for name in ("One", "Two", "Three"):
        session.selections.save(name, [4, 9])
    dialog = opened(project_window)
    table = dialog.table
    qtbot.waitUntil(table.hasFocus, timeout=2000)
    assert table.row_model.columns[0].text(table.current_id or 0) == "Three"
    QTest.keyClick(table, Qt.Key.Key_Down)
    QTest.keyClick(table, Qt.Key.Key_F2)
    assert dialog.naming.field.hasFocus()
    assert dialog.naming.field.selectedText() == "Two"
    QTest.keyClicks(dialog.naming.field, "One")
    QTest.keyClick(dialog.naming.field, Qt.Key.Key_Return)
    assert "“One” already" in dialog.naming.error.text()
    QTest.keyClicks(dialog.naming.field, " more")
    assert dialog.naming.error.isHidden()
    QTest.keyClick(dialog.naming.field, Qt.Key.Key_Return)
    assert names(dialog) == ["Three", "One more", "One"]
    assert table.hasFocus()
    QTest.keyClick(table, Qt.Key.Key_F2)
    QTest.keyClick(dialog.naming.field, Qt.Key.Key_Escape)
    assert dialog.isVisible(), "Escape ends the naming first"
    QTest.keyClick(table, Qt.Key.Key_Delete)
    assert names(dialog) == ["Three", "One"]
    assert table.row_model.columns[0].text(table.current_id or 0) == "One", "the next one"
    QTest.keyClick(dialog, Qt.Key.Key_Z, CONTROL)
    QTest.keyClick(dialog, Qt.Key.Key_Z, CONTROL)
    assert names(dialog) == ["Three", "Two", "One"]
    QTest.keyClick(dialog, Qt.Key.Key_Z, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    assert "One more" in names(dialog)
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert project_window.shown == "corpus"
    chips = project_window.findChild(FilterChips)
    assert isinstance(chips, FilterChips)
    qtbot.waitUntil(lambda: bool(chips.chips), timeout=10_000)
    assert chips.chips[0].text() == "2 documents of “One”"


def test_what_the_filter_of_corpus_shows_is_saved(
    project_window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    project_window.show_workspace("corpus")
    view = project_window.findChild(CorpusView)
    facets = project_window.findChild(FacetsPanel)
    assert isinstance(view, CorpusView)
    assert isinstance(facets, FacetsPanel)
    qtbot.waitUntil(lambda: view.answer is not None, timeout=10_000)
    dialog = opened(project_window)
    assert not dialog.save.isEnabled()
    dialog.close()
    view.update(words="galaxy")
    wanted = view.filter
    qtbot.waitUntil(lambda: view.answer is not None and view.answer.asked is wanted, timeout=10_000)
    QTest.keyClick(facets.selections, Qt.Key.Key_Return)
    dialog = project_window.findChildren(SelectionsDialog)[-1]
    assert dialog.table._empty_text == WORDS.none_yet
    QTest.mouseClick(dialog.save, LEFT)
    QTest.keyClicks(dialog.naming.field, "Galaxies")
    QTest.mouseClick(dialog.naming.save, LEFT)
    assert names(dialog) == ["Galaxies"]
    assert session.project is not None
    (saved,) = session.selections.selections
    ids = session.project.selections.document_ids(saved.id)
    np.testing.assert_array_equal(ids, view.filtered_ids)
    assert 0 < len(ids) < 120


def test_a_read_only_project_shows_and_does_not_write(
    session: Session, tiny_project: Path, qtbot: QtBot
) -> None:
    session.selections.save("One", [1])
    second = Session()
    try:
        assert second.open_project(tiny_project)
        dialog = SelectionsDialog(second, np.array([1]))
        qtbot.addWidget(dialog)
        dialog.show()
        assert dialog.use.isEnabled()
        for button in (dialog.rename, dialog.delete, dialog.save):
            assert not button.isEnabled()
        QTest.keyClick(dialog.table, Qt.Key.Key_F2)
        assert dialog.naming.isHidden()
        QTest.keyClick(dialog.table, Qt.Key.Key_Delete)
        assert "read-only" in dialog.naming.error.text()
        assert names(dialog) == ["One"]
    finally:
        assert second.close()


def test_the_menu_of_the_histogram_leads_here(project_window: MainWindow, session: Session) -> None:
    session.selections.save("One", [1])
    project_window.show_workspace("features")
    row = project_window.current_workspace.page.plot.threshold
    menu: QMenu = row.open_menu()
    action = next(one for one in menu.actions() if one.text().startswith("Rename or delete"))
    action.trigger()
    menu.hide()
    assert project_window.findChildren(SelectionsDialog)[-1].isVisible()
    project_window.session.close_project()
    assert not [one for one in project_window.findChildren(SelectionsDialog) if one.isVisible()]
