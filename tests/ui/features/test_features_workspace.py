"""The Features workspace driven by clicks and keys on a small real project."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from saedesk.features.exemplars import documents_in_range
from saedesk.jobs import analyse_features, train_sae
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.project_folder import Project
from saedesk.session.session import Session
from saedesk.task_control import Unattended
from saedesk.ui.features_panels.document_card import DocumentCard
from saedesk.ui.features_panels.document_cards import DocumentCards
from saedesk.ui.features_panels.document_choice import AT_RANDOM, BY_QUANTILE, PAGE, STRONGEST
from saedesk.ui.features_panels.feature_filter import STARRED
from saedesk.ui.features_panels.number_texts import (
    cosine_text,
    date_text,
    density_text,
    share_text,
)
from saedesk.ui.features_panels.time_plot import share_marks, tick_text
from saedesk.ui.workspaces.features_workspace import FeaturesWorkspace
from tests.tiny_projects import train_request
from tests.ui.conftest import FEATURES

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def workspace(session: Session, qtbot: QtBot) -> FeaturesWorkspace:
    return shown(session, qtbot)


LONG_CAPTIONS = (
    "Documents", "Density", "Mean", "Median", "Strongest", "Label score, 0.82 – 0.93"
)  # fmt: skip
"""As many and as long as the strip of numbers ever has."""


def shown(session: Session, qtbot: QtBot, width: int = 1376) -> FeaturesWorkspace:
    made = FeaturesWorkspace(session)
    qtbot.addWidget(made)
    made.resize(width, 820)
    made.show()
    wait_for_aside(made, qtbot)
    return made


def wait_for_aside(workspace: FeaturesWorkspace, qtbot: QtBot) -> None:
    session, aside = workspace._session, workspace.aside
    if session.sae is not None:
        qtbot.waitUntil(
            lambda: aside._shown is not None and aside._shown.latent == session.feature,
            timeout=5000,
        )


def order(workspace: FeaturesWorkspace) -> list[int]:
    return workspace.list.table.row_model.order.tolist()


def row_place(workspace: FeaturesWorkspace, latent: int, x: int) -> QPoint:
    table = workspace.list.table
    table.scroll_to_id(latent)
    row = table.row_model.row_of(latent)
    return QPoint(x, table.rowViewportPosition(row) + table.rowHeight(row) // 2)


def click_row(workspace: FeaturesWorkspace, latent: int, x: int = 120) -> None:
    viewport = workspace.list.table.viewport()
    QTest.mouseClick(viewport, LEFT, pos=row_place(workspace, latent, x))


def book_of(session: Session):  # type: ignore[no-untyped-def]
    assert session.book is not None
    return session.book


def sae_of(session: Session):  # type: ignore[no-untyped-def]
    assert session.sae is not None
    return session.sae


# -- the list ---------------------------------------------------------------------------------


def test_a_labelled_feature_is_selected_before_anybody_clicks(
    workspace: FeaturesWorkspace, session: Session
) -> None:
    assert session.feature is not None
    assert book_of(session).has_label(session.feature)
    assert sae_of(session).statistics.density[session.feature] <= 0.3
    assert workspace.list.table.current_id == session.feature
    assert workspace.page.title.title.text() == book_of(session).text(session.feature)
    assert len(workspace.page.documents.cards.cards) > 0


def test_the_filter_narrows_with_every_letter_and_keeps_the_selection(
    workspace: FeaturesWorkspace, session: Session
) -> None:
    chosen = session.feature
    assert chosen is not None
    book_of(session).set_label(7, "Zebra stripes & spots")
    QTest.keyClick(workspace.list.table, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert workspace.list.field.hasFocus()
    QTest.keyClicks(workspace.list.field, "stripes zEb")
    assert order(workspace) == [7]
    assert session.feature == chosen
    QTest.keyClick(workspace.list.field, Qt.Key.Key_Escape)
    assert len(order(workspace)) == FEATURES
    assert workspace.list.table.current_id == chosen


def test_digits_find_features_by_the_beginning_of_their_number(
    workspace: FeaturesWorkspace, session: Session
) -> None:
    book = book_of(session)
    QTest.keyClicks(workspace.list.field, "4")
    expected = {i for i in range(FEATURES) if str(i).startswith("4") or "4" in book.text(i).lower()}
    without_number = {i for i in expected if book.has_label(i) or str(i).startswith("4")}
    assert set(order(workspace)) == without_number


def test_heads_and_the_menu_sort_and_the_selection_stays(
    workspace: FeaturesWorkspace, session: Session
) -> None:
    statistics, chosen = sae_of(session).statistics, session.feature
    density = statistics.density[order(workspace)]
    assert (np.diff(density) <= 0).all(), "densest first at the start"
    head = workspace.list.table.horizontalHeader()
    right = QPoint(head.sectionViewportPosition(1) + 60, head.height() // 2)
    QTest.mouseClick(head.viewport(), LEFT, pos=right)
    assert (np.diff(statistics.density[order(workspace)]) >= 0).all()
    left = QPoint(40, head.height() // 2)
    QTest.mouseClick(head.viewport(), LEFT, pos=left)
    book = book_of(session)
    labels = [book.text(i).casefold() for i in order(workspace) if book.has_label(i)]
    assert labels == sorted(labels)
    menu = open_menu(workspace.list.sort_button)
    next(a for a in menu.actions() if "strongest" in a.text()).trigger()
    assert (np.diff(statistics.maximum[order(workspace)]) <= 0).all()
    assert workspace.list.table.row_model.columns[1].title == "Strongest"
    menu = open_menu(workspace.list.sort_button)
    next(a for a in menu.actions() if "number" in a.text()).trigger()
    assert order(workspace) == list(range(FEATURES))
    assert session.feature == chosen == workspace.list.table.current_id


def open_menu(button: QWidget):  # type: ignore[no-untyped-def]
    from PySide6.QtWidgets import QMenu

    QTest.mouseClick(button, LEFT)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    menu.hide()
    return menu


def test_a_click_on_the_star_toggles_it_without_selecting_and_can_be_undone(
    workspace: FeaturesWorkspace, session: Session
) -> None:
    chosen = session.feature
    other = next(i for i in order(workspace) if i != chosen)
    click_row(workspace, other, x=20)
    assert book_of(session).stars == {other}
    assert session.feature == chosen
    assert workspace.list.chips[STARRED].text() == "Starred 1"
    QTest.mouseClick(workspace.list.chips[STARRED], LEFT)
    assert order(workspace) == [other]
    session.undo.undo()
    assert book_of(session).stars == frozenset()
    assert order(workspace) == []
    session.undo.redo()
    assert order(workspace) == [other]


def test_the_keyboard_walks_stars_and_leads_to_the_documents(
    workspace: FeaturesWorkspace, session: Session
) -> None:
    table = workspace.list.table
    table.setFocus()
    before = table.row_model.row_of(table.current_id)  # type: ignore[arg-type]
    QTest.keyClick(table, Qt.Key.Key_Down)
    assert session.feature == order(workspace)[before + 1]
    QTest.keyClick(table, Qt.Key.Key_Space)
    assert book_of(session).stars == {session.feature}
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert workspace.page.documents.cards.hasFocus()
    assert workspace.page.documents.cards.current == workspace.page.documents.cards.cards[0]


def test_features_are_exported(
    workspace: FeaturesWorkspace, session: Session, qtbot: QtBot, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    target = tmp_path / "features.csv"
    monkeypatch.setattr(
        "saedesk.ui.features_panels.feature_list.choose_file", lambda *_, **__: target
    )
    QTest.mouseClick(workspace.list.export_button, LEFT)
    qtbot.waitUntil(lambda: not session.compute.tasks, timeout=5000)
    lines = target.read_text(encoding="utf-8").splitlines()
    assert len(lines) == FEATURES + 1
    assert lines[0].startswith("feature,label")


# -- the label --------------------------------------------------------------------------------


def test_a_label_is_edited_in_place_undone_and_used_again_from_its_history(
    workspace: FeaturesWorkspace, session: Session
) -> None:
    latent, title, book = session.feature, workspace.page.title, book_of(session)
    assert latent is not None
    first = book.text(latent)
    QTest.keyClick(workspace.list.table, Qt.Key.Key_F2)
    assert title.field.hasFocus()
    assert title.field.text() == first
    QTest.keyClicks(title.field, "Halos of dark matter")
    QTest.keyClick(title.field, Qt.Key.Key_Return)
    assert book.text(latent) == title.title.text() == "Halos of dark matter"
    assert title.provenance.text().startswith("Named by keywords, changed by you on ")
    assert title.earlier.text() == "1 earlier label"
    session.undo.undo()
    assert title.title.text() == book.text(latent) == first
    assert title.provenance.text().startswith("Named by keywords on ")
    assert title.earlier.text() == "1 other label"
    QTest.mouseClick(title.earlier, LEFT)
    assert title.history is not None
    QTest.mouseClick(title.history.uses[0], LEFT)
    assert title.title.text() == "Halos of dark matter"
    assert len(book.history(latent)) == 2, "it is put in force again, not written a second time"


def test_escape_gives_an_edit_up_and_a_double_click_begins_one(
    workspace: FeaturesWorkspace, session: Session
) -> None:
    title, first = workspace.page.title, workspace.page.title.title.text()
    QTest.mouseDClick(title.title, LEFT)
    assert title.is_editing
    QTest.keyClicks(title.field, "nonsense")
    QTest.keyClick(title.field, Qt.Key.Key_Escape)
    assert not title.is_editing
    assert title.title.text() == first
    assert not session.undo.canUndo()


def test_another_selection_keeps_what_was_typed_for_the_feature_it_was_typed_for(
    workspace: FeaturesWorkspace, session: Session
) -> None:
    latent, book = session.feature, book_of(session)
    assert latent is not None
    other = next(i for i in order(workspace) if i != latent)
    before = book.text(other)
    QTest.mouseClick(workspace.page.title.pencil, LEFT)
    QTest.keyClicks(workspace.page.title.field, "Typed here")
    click_row(workspace, other)
    assert session.feature == other
    assert book.text(latent) == "Typed here"
    assert book.text(other) == before == workspace.page.title.title.text()


def test_markup_in_labels_is_shown_as_it_was_written(
    workspace: FeaturesWorkspace, session: Session, qtbot: QtBot
) -> None:
    latent, wicked = session.feature, "<b>bold</b> & <img src=x>"
    assert latent is not None
    workspace.page.title.set_label(wicked)
    title = workspace.page.title.title
    assert title.text() == wicked
    assert title.textFormat() == Qt.TextFormat.PlainText
    assert wicked in workspace.list.table.row_model.columns[0].text(latent)
    near = workspace.aside.nearest.rows[0].key
    book_of(session).set_label(near, wicked)
    assert workspace.aside.nearest.rows[0].text == wicked
    QTest.mouseClick(workspace.page.title.earlier, LEFT)
    history = workspace.page.title.history
    assert history is not None
    history.close()


# -- evidence ---------------------------------------------------------------------------------


def test_a_click_on_a_bin_shows_exactly_its_documents(
    workspace: FeaturesWorkspace, session: Session
) -> None:
    page, latent = workspace.page, session.feature
    histogram, documents = page.histogram, page.documents
    at = int(np.argmax(histogram._counts))
    x1, x2, _ = histogram._bar(at, histogram._area())
    QTest.mouseClick(histogram, LEFT, pos=QPoint((x1 + x2) // 2, histogram._area().bottom() - 2))
    low, high = histogram._edges[at : at + 2]
    rows, _ = documents_in_range(sae_of(session).activations, latent, low, high)
    expected = session.document_ids(rows).tolist()
    assert [card.document_id for card in documents.cards.cards] == expected[:PAGE]
    assert documents.found == len(expected) == histogram._counts[at]
    words = "1 document" if len(expected) == 1 else f"{len(expected)} documents"
    assert documents.chip.text() == f"{low:.3f} to {high:.3f}, {words}"
    assert documents.chip.isVisible()
    assert documents.tabs.current is None
    assert histogram.marked_bin == at
    QTest.keyClick(documents.chip, Qt.Key.Key_Delete)
    assert documents.tabs.current == STRONGEST
    assert histogram.marked_bin == -1
    assert not documents.chip.isVisible()
    assert documents.found == sae_of(session).statistics.count[latent]


def test_keys_choose_a_bin_as_well(workspace: FeaturesWorkspace) -> None:
    histogram = workspace.page.histogram
    histogram.setFocus()
    QTest.keyClick(histogram, Qt.Key.Key_Right)
    QTest.keyClick(histogram, Qt.Key.Key_Return)
    assert workspace.page.documents.chip.isVisible()
    assert workspace.page.documents.found == histogram._counts[0]


def test_documents_can_be_read_by_band_and_at_random_and_a_page_at_a_time(
    workspace: FeaturesWorkspace, session: Session, qtbot: QtBot
) -> None:
    sae, documents = sae_of(session), workspace.page.documents
    densest = int(np.argmax(sae.statistics.count))
    session.select_feature(densest)
    values = np.asarray(sae.activations.latent(densest)[1])
    assert len(values) > PAGE
    assert len(documents.cards.cards) == PAGE
    first_page = [card.value for card in documents.cards.cards]
    QTest.mouseClick(documents.foot.later, LEFT)
    shown = first_page + [card.value for card in documents.cards.cards]
    assert shown == pytest.approx(values[: 2 * PAGE].tolist())
    click_tab(documents, BY_QUANTILE)
    documents.band.setValue(25)
    assert max(card.value for card in documents.cards.cards) <= np.quantile(values, 0.5) + 1e-6
    click_tab(documents, AT_RANDOM)
    qtbot.waitUntil(lambda: len(documents.cards.cards) == PAGE)
    first = [card.document_id for card in documents.cards.cards]
    assert set(first) <= set(session.document_ids(sae.activations.latent(densest)[0]).tolist())


def click_tab(documents, word: str) -> None:  # type: ignore[no-untyped-def]
    QTest.mouseClick(documents.tabs, LEFT, pos=documents.tabs.place_of(word).center())
    assert documents.tabs.current == word


def test_a_document_opens_in_corpus_and_all_of_them_do(
    workspace: FeaturesWorkspace, session: Session
) -> None:
    wanted: list[DocumentFilter] = []
    places: list[str] = []
    session.documents_wanted.connect(wanted.append)
    session.workspace_wanted.connect(places.append)
    documents = workspace.page.documents
    second = documents.cards.cards[1].document_id
    QTest.mouseDClick(documents.cards, LEFT, pos=documents.cards.place_of(1).center())
    assert session.document == second
    QTest.mouseClick(documents.all, LEFT)
    assert places == ["corpus", "corpus"]
    rows, _ = sae_of(session).activations.latent(session.feature)
    assert wanted[0].document_ids is not None
    assert wanted[0].document_ids.tolist() == sorted(session.document_ids(rows).tolist())


def test_steering_puts_the_feature_into_search(
    workspace: FeaturesWorkspace, session: Session
) -> None:
    places: list[str] = []
    session.workspace_wanted.connect(places.append)
    QTest.mouseClick(workspace.page.title.steer, LEFT)
    assert places == ["search"]


def test_a_never_active_feature_says_so_instead_of_showing_empty_plots(
    empty_session: Session, tiny_project: Path, qtbot: QtBot
) -> None:
    with Project.open(tiny_project) as project:
        too_many = train_request(n_latents=150, k=1, epochs=1)
        train_sae.run(project, too_many, Unattended())
        analyse_features.run(project, analyse_features.AnalyseRequest(), Unattended())
    session = empty_session
    assert session.open_project(tiny_project)
    workspace = shown(session, qtbot)
    sae = sae_of(session)
    never = np.flatnonzero(sae.statistics.never_active)
    assert len(never), "60 documents with one feature each cannot use 150"
    session.select_feature(int(never[0]))
    wait_for_aside(workspace, qtbot)
    assert workspace.page.never.isVisible()
    assert not workspace.page.plot.isVisible()
    assert not workspace.page.documents.isVisible()
    assert not workspace.aside.sections["together"].isVisible()
    assert workspace.aside.sections["nearest"].isVisible()


# -- what surrounds a feature -----------------------------------------------------------------


def test_a_click_on_a_neighbour_selects_it_and_stale_answers_are_dropped(
    workspace: FeaturesWorkspace, session: Session, qtbot: QtBot
) -> None:
    rows = workspace.aside.nearest
    key = rows.rows[1].key
    QTest.mouseClick(rows, LEFT, pos=rows.place_of(1).center())
    assert session.feature == key
    for latent in (3, 4, 5):
        session.select_feature(latent)
    wait_for_aside(workspace, qtbot)
    assert 5 not in [row.key for row in workspace.aside.nearest.rows]
    decoder = np.asarray(sae_of(session).decoder, np.float64)
    cosines = decoder @ decoder[5]
    cosines[5] = -1
    assert workspace.aside.nearest.rows[0].key == int(np.argmax(cosines))
    assert workspace.aside.nearest.rows[0].value == f"{cosines.max():.2f}"


def test_categories_are_compared_with_the_whole_corpus(
    workspace: FeaturesWorkspace, session: Session
) -> None:
    project, sae = session.project, sae_of(session)
    assert project is not None
    rows, _ = sae.activations.latent(session.feature)
    documents = project.documents.rows(session.document_ids(rows))
    top = workspace.aside.categories.rows[0]
    count = sum(document.fields["category"] == top.key for document in documents)
    assert top.value == f"{100 * count / len(documents):.0f} %"
    assert workspace.aside.sections["time"].isVisible()
    field = workspace.aside.field
    assert "Category" in [field.itemText(at) for at in range(field.count())] or (
        workspace.aside.category_title.text() == "By category"
    )
    wanted: list[DocumentFilter] = []
    session.documents_wanted.connect(wanted.append)
    rows_widget = workspace.aside.categories
    QTest.mouseClick(rows_widget, LEFT, pos=rows_widget.place_of(0).center())
    assert wanted[0].categories == {"category": (top.key,)}
    assert len(project.documents.find(wanted[0])) == count


# -- states -----------------------------------------------------------------------------------


def test_without_an_sae_one_button_leads_to_training(
    empty_session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    workspace = FeaturesWorkspace(empty_session)
    qtbot.addWidget(workspace)
    workspace.show()
    assert not workspace.empty.button.isVisible()
    assert empty_session.create_project(tmp_path / "empty.saedesk")
    places: list[str] = []
    empty_session.workspace_wanted.connect(places.append)
    QTest.mouseClick(workspace.empty.button, LEFT)
    assert places == ["train"]


def test_an_sae_that_was_not_analysed_is_analysed_by_one_button(
    session: Session, qtbot: QtBot
) -> None:
    assert session.project is not None
    for kind in ("statistics", "activations"):
        for record in session.project.artifacts(kind):
            session.project.remove(record)
    folder = session.project.folder
    session.close_project()
    assert session.open_project(folder)
    workspace = shown(session, qtbot)
    assert session.sae is None
    QTest.mouseClick(workspace.empty.button, LEFT)
    assert not workspace.empty.button.isEnabled()
    assert workspace.window().focusWidget() is workspace
    qtbot.waitUntil(lambda: session.sae is not None, timeout=20000)
    wait_for_aside(workspace, qtbot)
    assert workspace.window().focusWidget() is workspace.list.table
    assert len(order(workspace)) == FEATURES
    assert workspace.page.isVisible()


def test_a_project_that_cannot_be_written_says_so_and_stays_as_it_is(
    session: Session, tiny_project: Path, qtbot: QtBot
) -> None:
    second = Session()
    try:
        assert second.open_project(tiny_project)
        said: list[str] = []
        second.message.connect(lambda message: said.append(message.sentence))
        workspace = shown(second, qtbot)
        click_row(workspace, order(workspace)[0], x=20)
        assert len(said) == 1
        for button in (workspace.page.title.pencil, workspace.page.title.star):
            assert not button.isEnabled()
            assert "read-only" in button.toolTip()
        workspace.page.title.edit()
        assert not workspace.page.title.is_editing
        assert book_of(second).stars == frozenset()
    finally:
        assert second.close()


def test_the_workspace_lives_through_closing_and_opening(
    workspace: FeaturesWorkspace, session: Session, tiny_project: Path, qtbot: QtBot
) -> None:
    session.close_project()
    assert workspace.empty.isVisible()
    assert order(workspace) == []
    assert session.open_project(tiny_project)
    wait_for_aside(workspace, qtbot)
    assert len(order(workspace)) == FEATURES
    assert workspace.page.isVisible()
    assert len(workspace.page.documents.cards.cards) > 0


def test_the_right_column_is_a_drawer_in_a_narrow_window(session: Session, qtbot: QtBot) -> None:
    workspace = shown(session, qtbot, 1280 - 64)
    assert workspace.has_drawer
    page = workspace.page
    page.numbers.set_entries([("0.86", caption, "") for caption in LONG_CAPTIONS])
    workspace.set_drawer_visible(True)
    QApplication.processEvents()
    wanted = page.widget().minimumSizeHint().width()
    assert wanted <= page.viewport().width(), "nothing of the column is cut beside the drawer"
    workspace.set_drawer_visible(False)
    assert not workspace.aside.isVisible()
    workspace.set_drawer_visible(True)
    assert workspace.aside.isVisible()
    workspace.resize(1376, 820)
    assert not workspace.has_drawer
    assert workspace.aside.isVisible()


def test_the_context_menu_copies(workspace: FeaturesWorkspace, session: Session) -> None:
    latent, book = session.feature, book_of(session)
    assert latent is not None
    workspace.list._open_menu(latent, QPoint(0, 0))
    from PySide6.QtWidgets import QMenu

    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    actions = {action.text(): action for action in menu.actions()}
    actions["Copy the label"].trigger()
    assert QGuiApplication.clipboard().text() == book.text(latent)
    actions["Copy the number"].trigger()
    assert QGuiApplication.clipboard().text() == str(latent)
    actions["Star"].trigger()
    assert book.stars == {latent}
    menu.hide()


def test_titles_of_documents_are_plain_text_in_tooltips_too(qtbot: QtBot) -> None:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QHelpEvent
    from PySide6.QtWidgets import QToolTip

    cards = DocumentCards()
    qtbot.addWidget(cards)
    title = "<b>bold</b> " * 30
    cards.set_cards([DocumentCard(1, 0.5, 1.0, title, "<i>text</i>", ("12 words",))])
    cards.resize(400, 200)
    cards.show()
    place = QPoint(200, 20)
    event = QHelpEvent(QEvent.Type.ToolTip, place, cards.mapToGlobal(place))
    QApplication.sendEvent(cards, event)
    assert "&lt;b&gt;bold&lt;/b&gt;" in QToolTip.text()
    assert "<b>" not in QToolTip.text()
    QToolTip.hideText()


def test_shares_over_time_stand_on_round_marks() -> None:
    assert share_marks(0.062) == pytest.approx([0, 0.02, 0.04, 0.06, 0.08])
    assert share_marks(0.27) == pytest.approx([0, 0.1, 0.2, 0.3])
    assert share_marks(1.0) == pytest.approx([0, 0.5, 1.0])
    assert [tick_text(mark) for mark in share_marks(0.009)] == ["0 %", "0.5 %", "1 %"]


def test_numbers_read_as_a_person_writes_them() -> None:
    assert [density_text(x) for x in (0, 0.0164, 0.0003, 1e-7)] == [
        "0 %",
        "1.64 %",
        "0.030 %",
        "< 0.001 %",
    ]
    assert [share_text(x) for x in (0.463, 0.004, 0.0001)] == ["46 %", "0.4 %", "< 0.1 %"]
    assert cosine_text(-0.321) == "\u22120.32"
    assert date_text("2009-11-19") == "19 November 2009"
    assert date_text("2009") == "2009"
    assert date_text("spring") == "spring"
