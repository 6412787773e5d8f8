"""The table of documents: sorting, selecting, columns, projects that come and go."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from saedesk.session.session import Session
from saedesk.ui.corpus_panels.document_columns import FIELD, KEY, STRONGEST, TITLE
from saedesk.ui.workspaces.corpus_workspace import NO_DOCUMENTS, NO_PROJECT, CorpusWorkspace
from tests.ui.corpus.corpus_driving import import_file, shown_workspace, wait_until_idle
from tests.ui.made_up_abstracts import write_abstracts

Idle = Callable[[], None]


def click_head(workspace: CorpusWorkspace, name: str) -> None:
    names = [column.name for column in workspace.table.model.columns]
    head = workspace.table.table.horizontalHeader()
    x = head.sectionViewportPosition(names.index(name)) + 12
    QTest.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, 12))


def column(workspace: CorpusWorkspace, name: str) -> list[str]:
    model = workspace.table.model
    found = next(c for c in model.columns if c.name == name)
    return [found.text(int(row)) for row in model.order]


def test_a_click_on_a_head_sorts_and_a_second_turns_round(
    workspace: CorpusWorkspace, idle: Idle
) -> None:
    click_head(workspace, FIELD + "date")
    dates = column(workspace, FIELD + "date")
    assert dates == sorted(dates, reverse=True)
    assert dates[0] != dates[-1]
    click_head(workspace, FIELD + "date")
    assert column(workspace, FIELD + "date") == sorted(dates)


def test_titles_sort_through_the_database_and_stay_sorted_under_a_filter(
    workspace: CorpusWorkspace, idle: Idle
) -> None:
    click_head(workspace, TITLE)
    idle()
    titles = column(workspace, TITLE)
    assert titles == sorted(titles, key=str.lower)
    assert "whatever their endings" in workspace.table.field.toolTip()
    workspace.table.field.setText("galaxy")
    idle()
    fewer = column(workspace, TITLE)
    assert 0 < len(fewer) < 120
    assert fewer == sorted(fewer, key=str.lower)
    click_head(workspace, TITLE)
    idle()
    assert column(workspace, TITLE) == sorted(fewer, key=str.lower, reverse=True)


def test_the_strongest_feature_is_the_first_of_the_activations(
    workspace: CorpusWorkspace, session: Session
) -> None:
    click_head(workspace, STRONGEST)
    sae, book, columns = session.sae, session.book, workspace.view.columns
    assert sae is not None
    assert book is not None
    assert columns is not None
    values = []
    for text, position in zip(
        column(workspace, STRONGEST), workspace.table.model.order, strict=True
    ):
        row = sae.vectors.row_of(int(columns.ids[position]))
        assert row is not None
        latents, activations = sae.activations.document(row)
        assert text == f"{book.text(int(latents[0]))}  {activations[0]:.3f}"
        values.append(float(activations[0]))
    assert values == sorted(values, reverse=True)


def test_rows_and_the_session_select_one_another(
    workspace: CorpusWorkspace, session: Session, qtbot: QtBot
) -> None:
    table = workspace.table.table
    place = table.visualRect(workspace.table.model.index(4, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert session.document == 5
    QTest.keyClick(table, Qt.Key.Key_Down)
    assert session.document == 6
    session.select_document(90)
    assert table.current_id == 89
    assert table.visualRect(workspace.table.model.index(89, 0)).top() >= 0


def test_columns_can_be_chosen(workspace: CorpusWorkspace) -> None:
    workspace.table.show_columns((TITLE, KEY, FIELD + "category", FIELD + "url"))
    assert column(workspace, KEY)[:3] == ["0000", "0001", "0002"]
    assert column(workspace, FIELD + "category")[0] == "Cosmology"
    assert column(workspace, FIELD + "url")[2] == "https://example.org/0002"


def test_a_new_project_takes_the_place_of_the_old_one(
    workspace: CorpusWorkspace, session: Session, idle: Idle, tmp_path: Path, qtbot: QtBot
) -> None:
    workspace.table.field.setText("galaxy")
    idle()
    assert session.create_project(tmp_path / "other.saedesk")
    idle()
    assert workspace.empty.isVisible()
    assert workspace.empty.sentence.text() == NO_DOCUMENTS
    import_file(qtbot, session, write_abstracts(tmp_path / "few.csv", 12))
    assert not workspace.empty.isVisible()
    assert workspace.table.model.rowCount() == 12
    assert workspace.table.field.text() == ""
    assert workspace.facets.features.isHidden()
    session.close_project()
    assert workspace.empty.sentence.text() == NO_PROJECT


def test_without_a_project_there_is_one_sentence_and_one_button(
    empty_session: Session, qtbot: QtBot
) -> None:
    workspace = shown_workspace(qtbot, empty_session)
    assert workspace.empty.isVisible()
    assert workspace.empty.button.text() == "Open a project…"
    wait_until_idle(qtbot, empty_session)


def test_the_document_page_is_a_drawer_below_1360(workspace: CorpusWorkspace) -> None:
    workspace.resize(1216, 640)
    assert workspace.has_drawer
    assert workspace.page.isHidden()
    workspace.set_drawer_visible(True)
    assert workspace.page.isVisible()
    workspace.set_drawer_visible(False)
    workspace.resize(1376, 820)
    assert workspace.page.isVisible()


def test_filtering_and_sorting_need_no_read_of_every_row(
    workspace: CorpusWorkspace, session: Session
) -> None:
    """Only rows near the view are read: what is kept stays a window."""
    makers = workspace.table._makers
    assert makers is not None
    assert 0 < len(makers._rows._kept) <= 96
    assert np.all(np.diff(workspace.table.model.order) > 0)


def test_what_is_shown_is_saved_in_its_order(
    workspace: CorpusWorkspace, idle: Idle, tmp_path: Path
) -> None:
    workspace.table.field.setText("galaxy")
    idle()
    click_head(workspace, FIELD + "date")
    workspace.table.save_shown(tmp_path / "shown.csv")
    idle()
    with (tmp_path / "shown.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["title"] for row in rows] == column(workspace, TITLE)
    dates = [row["field:date"] for row in rows]
    assert 0 < len(rows) < 120
    assert [date[:4] for date in dates] == sorted((date[:4] for date in dates), reverse=True)
