"""Words, facets and features in Corpus: real clicks and keys, counts checked against the file."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from saedesk.jobs.corpus_columns import CategoryColumn
from saedesk.project.document_filter import DocumentFilter
from saedesk.session.session import Message, Session
from saedesk.ui.corpus_panels.category_facet import CategoryChooser, CategoryFacet
from saedesk.ui.corpus_panels.category_list import CategoryList
from saedesk.ui.corpus_panels.corpus_view import REPLACED
from saedesk.ui.corpus_panels.feature_facet import LEAVE_OUT, FeatureChooser
from saedesk.ui.corpus_panels.filter_chips import FilterChips
from saedesk.ui.corpus_panels.range_facet import RangeFacet
from saedesk.ui.workspaces.corpus_workspace import CorpusWorkspace

Idle = Callable[[], None]


def shown_ids(workspace: CorpusWorkspace) -> list[int]:
    columns = workspace.view.columns
    assert columns is not None
    return columns.ids[workspace.table.model.order].tolist()


def categories(workspace: CorpusWorkspace) -> CategoryList:
    facet = workspace.facets.facets["category"]
    assert isinstance(facet, CategoryFacet)
    return facet.list


def click_category(workspace: CorpusWorkspace, value: str) -> None:
    found = categories(workspace)
    at = next(at for at, row in enumerate(found.rows) if row.value == value)
    QTest.mouseClick(found, Qt.MouseButton.LeftButton, pos=found.row_rect(at).center())


def years(workspace: CorpusWorkspace) -> RangeFacet:
    facet = workspace.facets.facets["date"]
    assert isinstance(facet, RangeFacet)
    return facet


def test_words_filter_with_every_letter_and_escape_brings_all_back(
    workspace: CorpusWorkspace, session: Session, idle: Idle
) -> None:
    assert workspace.table.count.text() == "120 documents"
    QTest.keyClick(workspace, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(workspace.table.field, "exopl")
    idle()
    assert session.project is not None
    documents = session.project.documents.rows(range(1, 121))
    expected = [d.id for d in documents if "exoplanet" in f"{d.title} {d.text}".lower()]
    assert 0 < len(expected) < 120
    assert shown_ids(workspace) == expected
    assert workspace.table.count.text() == f"{len(expected)} of 120"
    QTest.keyClick(workspace.table.field, Qt.Key.Key_Escape)
    idle()
    assert workspace.table.model.rowCount() == 120


def test_counts_of_a_facet_follow_the_other_filters_but_not_its_own(
    workspace: CorpusWorkspace, idle: Idle
) -> None:
    before = {row.value: row.count for row in categories(workspace).rows}
    assert before["Cosmology"] == 20
    click_category(workspace, "Cosmology")
    click_category(workspace, "Biology")
    idle()
    assert workspace.table.model.rowCount() == 40
    after = {row.value: row.count for row in categories(workspace).rows}
    assert after == before
    answer = workspace.view.answer
    assert answer is not None
    assert answer.facets["date"].sum() == 40
    workspace.table.field.setText("galaxy")
    idle()
    counts = {row.value: row.count for row in categories(workspace).rows}
    assert counts["Language"] == 0
    assert 0 < counts["Cosmology"] < 20
    assert workspace.facets.clear.isVisible()
    workspace.facets.clear.click()
    idle()
    assert workspace.view.filter.categories == {}
    assert workspace.table.field.text() == "galaxy"


def test_a_drag_over_the_years_lets_only_those_through(
    workspace: CorpusWorkspace, session: Session, idle: Idle
) -> None:
    brush = years(workspace).brush
    middle = brush.height() // 2
    first, last = (QPoint((brush.edge_x(at) + brush.edge_x(at + 1)) // 2, middle) for at in (3, 7))
    QTest.mousePress(brush, Qt.MouseButton.LeftButton, pos=first)
    QTest.mouseMove(brush, last)
    QTest.mouseRelease(brush, Qt.MouseButton.LeftButton, pos=last)
    idle()
    assert brush.chosen == (3, 7)
    assert session.project is not None
    rows = session.project.documents.rows(shown_ids(workspace))
    found = {str(row.fields["date"])[:4] for row in rows}
    assert found == {"2008", "2009", "2010", "2011", "2012"}
    everything = session.project.documents.rows(range(1, 121))
    expected = [r.id for r in everything if "2008" <= str(r.fields["date"])[:4] <= "2012"]
    assert shown_ids(workspace) == expected


def test_handles_move_by_keys_and_delete_takes_the_range_away(
    workspace: CorpusWorkspace, idle: Idle
) -> None:
    brush = years(workspace).brush
    brush.setFocus()
    QTest.keyClick(brush, Qt.Key.Key_Right)
    QTest.keyClick(brush, Qt.Key.Key_Down)
    QTest.keyClick(brush, Qt.Key.Key_Left)
    QTest.keyClick(brush, Qt.Key.Key_Left)
    idle()
    assert workspace.view.filter.ranges == {"date": (1, 15)}
    QTest.keyClick(brush, Qt.Key.Key_Delete)
    idle()
    assert workspace.view.filter.ranges == {}


def test_a_feature_is_required_then_left_out_then_gone(
    workspace: CorpusWorkspace, session: Session, idle: Idle, qtbot: QtBot
) -> None:
    sae, book = session.sae, session.book
    assert sae is not None
    assert book is not None
    latent = int(np.argmax(sae.statistics.density))
    rows, _ = sae.activations.latent(latent)
    active = set(sae.vectors.document_ids[rows].tolist())
    workspace.facets.features.add.click()
    chooser = workspace.facets.features.findChild(FeatureChooser)
    assert isinstance(chooser, FeatureChooser)
    QTest.keyClicks(chooser.field, book.text(latent))
    first = chooser.table.row_model.row_id(0)
    assert book.text(first) == book.text(latent)
    QTest.keyClick(chooser.field, Qt.Key.Key_Return)
    idle()
    assert workspace.view.filter.required == (latent,)
    assert set(shown_ids(workspace)) == active
    chip = workspace.facets.features.chips[0]
    chip.click()
    idle()
    assert workspace.view.filter.left_out == (latent,)
    assert set(shown_ids(workspace)) == set(range(1, 121)) - active
    QTest.keyClick(workspace.facets.features.chips[0], Qt.Key.Key_Delete)
    idle()
    assert workspace.table.model.rowCount() == 120


def test_the_chooser_can_leave_out_at_once(
    workspace: CorpusWorkspace, session: Session, idle: Idle
) -> None:
    workspace.facets.features.add.click()
    chooser = workspace.facets.features.findChild(FeatureChooser)
    assert isinstance(chooser, FeatureChooser)
    QTest.keyClick(chooser.how, Qt.Key.Key_Right)
    assert chooser.how.current == LEAVE_OUT
    QTest.keyClick(chooser.field, Qt.Key.Key_Return)
    idle()
    assert len(workspace.view.filter.left_out) == 1


def test_documents_that_another_workspace_asks_for_come_with_a_chip(
    workspace: CorpusWorkspace, session: Session, idle: Idle
) -> None:
    said: list[Message] = []
    session.message.connect(said.append)
    workspace.table.field.setText("galaxy")
    session.show_documents(DocumentFilter(document_ids=np.array([3, 17, 40], np.int64)))
    idle()
    assert shown_ids(workspace) == [3, 17, 40]
    assert workspace.table.field.text() == ""
    chips = workspace.table.findChild(FilterChips)
    assert isinstance(chips, FilterChips)
    assert [chip.text() for chip in chips.chips] == ["3 documents"]
    assert [message.sentence for message in said] == [REPLACED]
    QTest.keyClick(chips.chips[0], Qt.Key.Key_Delete)
    idle()
    assert workspace.table.model.rowCount() == 120
    assert chips.isHidden()


def test_a_category_of_a_feature_is_ticked_and_the_document_read_is_listed(
    workspace: CorpusWorkspace, session: Session, idle: Idle
) -> None:
    assert session.sae is not None
    assert session.book is not None
    session.select_feature(int(np.argmax(session.sae.statistics.count)))
    latent = session.feature
    ids = np.sort(session.document_ids(session.sae.activations.latent(latent)[0]))
    rows = session.project.documents.rows(ids)
    value = rows[0].fields["category"]
    outside = next(i for i in range(1, 121) if i not in ids)
    session.select_document(outside)
    wanted = DocumentFilter(categories={"category": (value,)}, document_ids=ids.astype(np.int64))
    session.show_documents(wanted)
    idle()
    expected = sorted(row.id for row in rows if row.fields["category"] == value)
    assert shown_ids(workspace) == expected
    ticked = [row.value for row in workspace.facets.facets["category"].list.rows if row.ticked]
    assert ticked == [value]
    chips = workspace.table.findChild(FilterChips)
    assert isinstance(chips, FilterChips)
    label = session.book.text(latent)
    assert [chip.text() for chip in chips.chips] == [f"{len(ids)} documents of {label}"]
    assert session.document in expected
    some = DocumentFilter(document_ids=ids[:2].astype(np.int64), documents_where="0.211 or more")
    session.show_documents(some)
    idle()
    assert [chip.text() for chip in chips.chips] == [f"2 documents of {label}, 0.211 or more"]


def test_only_the_newest_question_is_answered(
    workspace: CorpusWorkspace, session: Session, idle: Idle
) -> None:
    answers: list[str] = []
    workspace.view.answered.connect(lambda answer: answers.append(answer.asked.words))
    for text in ("g", "ga", "gal", "gala", "galax", "galaxy"):
        workspace.table.field.setText(text)
    idle()
    assert answers[-1] == "galaxy"
    assert len(answers) < 6


def test_all_values_can_be_found_and_ticked_by_keys(workspace: CorpusWorkspace, idle: Idle) -> None:
    column = workspace.view.columns
    assert column is not None
    field = column.fields["category"]
    assert isinstance(field, CategoryColumn)
    chooser = CategoryChooser(workspace.view, field, workspace)
    chooser.open()
    QTest.keyClicks(chooser.field, "ec")
    assert [row.value for row in chooser.list.rows] == ["Economics"]
    chooser.list.setFocus()
    QTest.keyClick(chooser.list, Qt.Key.Key_Space)
    idle()
    assert workspace.view.filter.categories == {"category": frozenset({"Economics"})}
    assert chooser.list.rows[0].ticked
    chooser.close()


def test_tab_visits_the_facets_from_the_top(workspace: CorpusWorkspace) -> None:
    facets = workspace.facets
    stops = [stop for facet in facets.facets.values() for stop in facet.tab_stops]
    stops = [stop for stop in stops if stop.isVisible()]
    stops[0].setFocus()
    for expected in [*stops[1:], facets.features.add]:
        QTest.keyClick(workspace.focusWidget(), Qt.Key.Key_Tab)
        assert workspace.focusWidget() is expected
