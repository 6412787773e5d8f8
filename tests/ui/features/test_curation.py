"""Scores, filters, bulk actions, notes and near-duplicates in the Features workspace."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from saedesk.features.labels.label_score import LabelScore
from saedesk.features.labels.scoring_documents import ScoringSettings
from saedesk.features.near_duplicates import NearDuplicate
from saedesk.jobs import score_labels
from saedesk.project.label_store import LANGUAGE_MODEL, FeatureLabel
from saedesk.session.feature_book import FeatureBook
from saedesk.session.label_work import NOTHING_TO_LABEL, label_by_keywords
from saedesk.session.session import Session
from saedesk.ui.features_panels import label_files
from saedesk.ui.features_panels.duplicates_dialog import ACTION
from saedesk.ui.features_panels.feature_filter import (
    DETECTED,
    DETECTIONS,
    HIDDEN,
    NO_LABEL,
    NOT_ASKED,
    NOT_DETECTED,
    NOT_SCORED,
    TAGGED,
    WELL,
)
from saedesk.ui.features_panels.feature_rows import SCORE
from saedesk.ui.main_window import MainWindow
from saedesk.ui.widgets.text_label import TextLabel
from saedesk.ui.workspaces.features_workspace import FeaturesWorkspace
from tests.ui.conftest import FEATURES
from tests.ui.features.test_features_workspace import click_row, order, row_place, shown

LEFT = Qt.MouseButton.LeftButton
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def workspace(session: Session, qtbot: QtBot) -> FeaturesWorkspace:
    return shown(session, qtbot)


@pytest.fixture
def book(session: Session) -> FeatureBook:
    assert session.book is not None
    return session.book


def score(session: Session, **lows: float) -> list[int]:
    """Give some labels scores; returns the latents, one for each given interval's low end."""
    assert session.project is not None
    assert session.book is not None
    labels = [session.book.label(latent) for latent in range(FEATURES)]
    labelled = [label for label in labels if label is not None and label.text][: len(lows)]
    pairs = [
        (label.id, LabelScore("lexical", low + 0.1, low, low + 0.15, 80))
        for label, low in zip(labelled, lows.values(), strict=True)
    ]
    session.project.labels.put_scores(pairs)
    session.book.reload()
    return [label.latent for label in labelled]


def select(workspace: FeaturesWorkspace, latents: list[int]) -> None:
    """By clicks, the first plain, the others with Ctrl."""
    click_row(workspace, latents[0])
    for latent in latents[1:]:
        viewport = workspace.list.table.viewport()
        QTest.mouseClick(viewport, LEFT, CONTROL, row_place(workspace, latent, 120))


def menu_of(workspace: FeaturesWorkspace, latent: int) -> dict[str, object]:
    workspace.list._open_menu(latent, QPoint(0, 0))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    menu.hide()
    return {action.text(): action for action in menu.actions()}


def filter_menu(workspace: FeaturesWorkspace, title: str) -> list[str]:
    """The entries of a part of the menu of filters."""
    workspace.list.head._open_filter_menu()
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    part = next(action.menu() for action in menu.actions() if action.text() == title)
    texts = [action.text() for action in part.actions()]
    menu.hide()
    return texts


# -- scores -----------------------------------------------------------------------------------


def test_scores_sort_filter_and_are_summed_up(
    workspace: FeaturesWorkspace, session: Session
) -> None:
    head = workspace.list.head
    assert head.summary.isHidden()
    assert not head.score_link.isHidden(), "nothing is scored yet, so that is offered"
    best, middle, poor = score(session, a=0.85, b=0.72, c=0.4)
    assert head.score_link.isHidden()
    wanted = f"2 of {FEATURES} features well labelled (score surely above .7, with 95 % confidence)"
    assert head.summary.text().replace("\u00a0", " ") == wanted
    workspace.list.table.row_model.sort_by(SCORE, True)
    assert order(workspace)[:3] == [best, middle, poor]
    workspace.list.table.row_model.sort_by(SCORE, False)
    assert order(workspace)[:3] == [poor, middle, best], "what has no score comes last both ways"
    head.chips.ask(score=WELL)
    assert set(order(workspace)) == {best, middle}
    assert head.chips.conditions["score"].isVisible()
    QTest.keyClick(head.chips.conditions["score"], Qt.Key.Key_Delete)
    assert len(order(workspace)) == FEATURES
    head.chips.ask(score=NOT_SCORED)
    assert len(order(workspace)) == FEATURES - 3
    text = workspace.list._rows.score_explanation(best)  # type: ignore[union-attr]
    for words in ("lexical scorer", "0.95", "0.85 and 1.00", "80 documents", ".5 is chance"):
        assert words in text


def test_the_page_shows_the_score_and_a_new_label_has_none_until_it_is_scored(
    workspace: FeaturesWorkspace, session: Session, book: FeatureBook, qtbot: QtBot
) -> None:
    (latent,) = score(session, a=0.6)
    session.select_feature(latent)
    value, caption = workspace.page.numbers._cells[-1][1:]
    assert (value.text(), caption.text()) == ("0.70", "Label score, 0.60 – 0.75")
    book.set_label(latent, "By hand")
    assert (value.text(), caption.text()) == ("–", "Label score, being scored")
    qtbot.waitUntil(lambda: caption.text() == "Label score", timeout=20000)
    assert value.text() == "–", "the feature has too few documents to spare"
    session.undo.undo()
    assert value.text() == "0.70"


def test_labels_are_scored_from_the_list(
    workspace: FeaturesWorkspace, session: Session, book: FeatureBook, qtbot: QtBot
) -> None:
    said: list[str] = []
    session.message.connect(lambda message: said.append(message.sentence))
    QTest.mouseClick(workspace.list.head.score_link, LEFT)
    qtbot.waitUntil(lambda: bool(said), timeout=20000)
    assert said[0].startswith(f"{len(book.shown_scores):,} labels are scored.")
    assert workspace.list.head.summary.isHidden() == (not book.shown_scores)


def test_the_source_of_a_label_filters_and_is_named(
    workspace: FeaturesWorkspace, session: Session, book: FeatureBook
) -> None:
    assert session.project is not None
    latent = session.feature
    assert latent is not None
    label = FeatureLabel(latent, "Named by a machine", LANGUAGE_MODEL, "small-7b")
    session.project.labels.add(book.sae.hash, [label])
    book.reload()
    workspace.list.head.chips.ask(source=LANGUAGE_MODEL)
    assert order(workspace) == [latent]
    told = workspace.page.title.provenance
    assert told.text().startswith("Named by the language model small-7b on ")
    book.set_label(latent, "Mine")
    assert told.text().startswith("Named by the language model small-7b, changed by you on ")
    assert order(workspace) == []


def test_a_label_by_hand_is_scored_on_the_page(
    workspace: FeaturesWorkspace,
    session: Session,
    book: FeatureBook,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(score_labels, "READ_BY_A_PERSON", 2)
    session.edited_labels.settings = ScoringSettings(positives=6, negatives=6, fewest=3)
    latent = int(book.sae.statistics.count.argmax())
    session.select_feature(latent)
    book.set_label(latent, "dark matter halos")
    value, caption = workspace.page.numbers._cells[4][1:]
    assert caption.text() == "Label score, being scored"
    qtbot.waitUntil(lambda: value.text() != "–", timeout=20000)
    found = book.score(latent)
    assert found is not None
    assert value.text() == f"{found.score:.2f}"
    assert workspace.list._rows.score(latent) == found.score  # type: ignore[union-attr]


def test_detection_is_shown_explained_and_filters(
    workspace: FeaturesWorkspace, session: Session, book: FeatureBook
) -> None:
    assert session.project is not None
    head = workspace.list.head
    good, poor = [latent for latent in order(workspace) if book.has_label(latent)][:2]
    for latent, low in ((good, 0.75), (poor, 0.3)):
        label = book.label(latent)
        assert label is not None
        session.project.labels.put_scores(
            [
                (label.id, LabelScore("detection F1", low + 0.1, low, 1.0, 12)),
                (label.id, LabelScore("detection Pearson", -0.05, -0.4, 0.3, 12)),
                (label.id, LabelScore("embedding", 0.9, 0.8, 0.95, 80)),
            ]
        )
    book.reload()
    assert set(filter_menu(workspace, "Judged by a language model")) == set(DETECTIONS.values())
    head.chips.ask(detection=DETECTED)
    assert order(workspace) == [good]
    assert head.chips.conditions["detection"].text() == "F1 surely above .7"
    head.chips.ask(detection=NOT_DETECTED)
    assert order(workspace) == [poor]
    head.chips.ask(detection=NOT_ASKED)
    assert len(order(workspace)) == FEATURES - 2
    head._ask_for_all()
    assert len(order(workspace)) == FEATURES
    session.select_feature(good)
    value, caption = workspace.page.numbers._cells[-1][1:]
    assert (value.text(), caption.text()) == ("0.85", "Detection F1, 0.75 – 1.00")
    numbers = workspace.page.numbers
    QApplication.processEvents()
    shown = [label for label in numbers.findChildren(TextLabel) if label.isVisible()]
    assert len(shown) == 2 * len(numbers._cells), "the five numbers before are gone"
    text = workspace.list._rows.score_explanation(good)  # type: ignore[union-attr]
    assert text.startswith("By meaning (embedding scorer): 0.90"), "that stands for the label"
    for words in (
        "(detection, F1): 0.85",
        "(detection, Pearson): −0.05",
        "between −0.40",
        "12 doc",
    ):
        assert words in text
    book.set_label(good, "")
    assert len(workspace.page.numbers._cells) == 5, "no label, nothing detected"


def test_how_many_labels_are_good_at_which_confidence_is_told(
    workspace: FeaturesWorkspace, session: Session, book: FeatureBook
) -> None:
    levels = workspace.list.head.levels
    assert levels.isHidden()
    labelled = sum(book.has_label(latent) for latent in range(FEATURES))
    score(session, a=0.95, b=0.85, c=0.75, d=0.4)
    left = f"{labelled - 4} labels without a score"
    assert levels.text() == f"2 surely above .8, 1 surely above .9; {left}"
    assert levels.isVisible()
    head = workspace.list.head
    for told in (levels, head.summary, head.chips.conditions["score"]):
        assert "surely above" in told.toolTip().lower()
        assert "whole 95 % interval" in told.toolTip()


# -- several at once --------------------------------------------------------------------------


def test_several_are_starred_hidden_and_cleared_in_one_step_each(
    workspace: FeaturesWorkspace, session: Session, book: FeatureBook
) -> None:
    bar = workspace.list.bar
    assert bar.isHidden()
    chosen = order(workspace)[1:4]
    select(workspace, chosen)
    assert bar.count.text() == "3 selected"
    QTest.keyClick(workspace.list.table, Qt.Key.Key_Space)
    assert book.stars == set(chosen)
    QTest.mouseClick(bar.clear, LEFT)
    assert not any(book.has_label(latent) for latent in chosen)
    QTest.mouseClick(bar.hide_button, LEFT)
    assert not set(chosen) & set(order(workspace))
    assert bar.isHidden()
    assert workspace.list.chips[HIDDEN].text() == "Hidden 3"
    assert session.undo.count() == 3
    for _ in range(3):
        session.undo.undo()
    assert book.stars == frozenset()
    assert all(book.has_label(latent) for latent in chosen)
    assert set(chosen) <= set(order(workspace))


def test_ctrl_a_selects_what_is_shown_and_escape_ends_it(
    workspace: FeaturesWorkspace, session: Session
) -> None:
    table = workspace.list.table
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_A, CONTROL)
    assert workspace.list.bar.count.text() == f"{FEATURES} selected"
    QTest.keyClick(table, Qt.Key.Key_Space)
    assert workspace.list.bar.count.text() == f"{FEATURES} selected", "more can be done to them"
    QTest.keyClick(table, Qt.Key.Key_Escape)
    assert workspace.list.bar.isHidden()
    assert workspace.list.chosen() == [session.feature]
    click_row(workspace, order(workspace)[0])
    viewport = table.viewport()
    QTest.mouseClick(viewport, LEFT, SHIFT, row_place(workspace, order(workspace)[4], 120))
    assert workspace.list.chosen() == order(workspace)[:5]


def test_a_tag_is_completed_or_made_and_filters(
    workspace: FeaturesWorkspace, session: Session, book: FeatureBook
) -> None:
    book.add_tag([0], "graph theory")
    chosen = order(workspace)[2:4]
    select(workspace, chosen)
    QTest.keyClick(workspace.list.table, Qt.Key.Key_T)
    field = workspace.list.bar.field
    assert field.hasFocus()
    QTest.keyClicks(field, "gra")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert all(book.mark(latent).tags == {"graph theory"} for latent in chosen)
    assert workspace.list.table.hasFocus()
    actions = menu_of(workspace, chosen[0])
    assert "Star 2 features" in actions
    workspace.list.head.chips.ask(tag="graph theory")
    assert set(order(workspace)) == {0, *chosen}
    workspace.list.head.chips.ask(tag="", kind=TAGGED)
    assert set(order(workspace)) == {0, *chosen}


def test_hidden_features_are_left_out_unless_asked_for_and_the_next_one_follows(
    workspace: FeaturesWorkspace, session: Session, book: FeatureBook
) -> None:
    table = workspace.list.table
    before = order(workspace)
    session.select_feature(before[2])
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_H)
    assert order(workspace) == before[:2] + before[3:]
    assert session.feature == before[3], "so that one key after the other sorts a list out"
    QTest.mouseClick(workspace.list.chips[HIDDEN], LEFT)
    assert order(workspace) == [before[2]]
    click_row(workspace, before[2])
    notes = workspace.page.notes
    assert notes.hidden_chip.isVisible()
    QTest.keyClick(notes.hidden_chip, Qt.Key.Key_Delete)
    assert not book.mark(before[2]).hidden
    assert order(workspace) == []


# -- the page ---------------------------------------------------------------------------------


def test_tags_of_a_feature_are_given_and_taken_on_its_page(
    workspace: FeaturesWorkspace, session: Session, book: FeatureBook
) -> None:
    latent, notes = session.feature, workspace.page.notes
    assert latent is not None
    QTest.mouseClick(notes.add_tag, LEFT)
    for tag in ("zebra", "<b>apple</b>"):
        QTest.keyClicks(notes.tag_field, tag)
        QTest.keyClick(notes.tag_field, Qt.Key.Key_Return)
    QTest.keyClick(notes.tag_field, Qt.Key.Key_Escape)
    assert notes.tag_field.isHidden()
    assert [chip.text() for chip in notes.tags] == ["<b>apple</b>", "zebra"]
    QTest.keyClick(notes.tags[1], Qt.Key.Key_Delete)
    assert book.mark(latent).tags == {"<b>apple</b>"}
    session.undo.undo()
    assert [chip.text() for chip in notes.tags] == ["<b>apple</b>", "zebra"]


def test_a_note_keeps_itself_for_the_feature_it_was_typed_for(
    workspace: FeaturesWorkspace, session: Session, book: FeatureBook, qtbot: QtBot
) -> None:
    latent, notes = session.feature, workspace.page.notes
    assert latent is not None
    QTest.mouseClick(notes.add_note, LEFT)
    assert notes.note.hasFocus()
    QTest.keyClicks(notes.note, "One")
    qtbot.waitUntil(lambda: book.mark(latent).note == "One", timeout=3000)
    QTest.keyClicks(notes.note, " more")
    other = next(i for i in order(workspace) if i != latent)
    session.select_feature(other)
    assert book.mark(latent).note == "One more"
    assert book.mark(other).note == ""
    assert notes.note.toPlainText() == ""
    assert session.undo.count() == 1, "what is typed in one go is one step"
    session.select_feature(latent)
    assert notes.note.isVisible()
    assert notes.note.toPlainText() == "One more"
    session.undo.undo()
    assert notes.note.toPlainText() == ""
    session.undo.redo()
    assert notes.note.toPlainText() == "One more"


def test_a_read_only_project_says_why_nothing_can_be_marked(
    session: Session, tiny_project: Path, qtbot: QtBot
) -> None:
    second = Session()
    try:
        assert second.open_project(tiny_project)
        made = shown(second, qtbot)
        select(made, order(made)[:2])
        bar, page = made.list.bar, made.page
        for button in (bar.star, bar.hide_button, bar.tag, bar.clear, page.title.hide_button):
            assert not button.isEnabled()
            assert "read-only" in button.toolTip()
        for link in (page.notes.add_tag, page.notes.add_note):
            assert not link.isEnabled()
            assert "read-only" in link.toolTip()
        QTest.mouseClick(made.list.head.more_button, LEFT)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        menu.hide()
        possible = [action.text() for action in menu.actions() if action.isEnabled()]
        assert [text for text in possible if text] == [
            "Export labels…",
            "Find near-duplicates…",
        ]
        QTest.keyClick(made.list.table, Qt.Key.Key_H)
        assert second.book is not None
        assert dict(second.book.marks) == {}
    finally:
        assert second.close()


# -- files and duplicates ---------------------------------------------------------------------


def test_only_labels_without_a_score_are_scored_if_so_wanted(
    workspace: FeaturesWorkspace, session: Session, book: FeatureBook, qtbot: QtBot
) -> None:
    given = score(session, a=0.91)
    session.select_feature(given[0])
    said: list[str] = []
    session.message.connect(lambda message: said.append(message.sentence))
    workspace.list.label_tasks.score_missing()
    qtbot.waitUntil(lambda: bool(said), timeout=20000)
    assert "labels are scored." in said[0]
    assert book.shown_scores[given[0]].low == 0.91, "what has a score keeps it"


@pytest.mark.parametrize("answer", [label_files.KEEP, label_files.REPLACE, label_files.CANCEL])
def test_an_import_shows_what_it_would_do_first(
    workspace: FeaturesWorkspace, session: Session, book: FeatureBook, qtbot: QtBot,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str,
) -> None:  # fmt: skip
    path = tmp_path / "theirs.csv"
    path.write_text(f"feature,label\n1,Theirs\n2,Theirs too\n{FEATURES},no\n", encoding="utf-8")
    book.set_label(1, "Mine")
    keywords = book.text(2)
    asked: list[str] = []
    monkeypatch.setattr(label_files, "choose_file", lambda *_, **__: path)
    monkeypatch.setattr(label_files, "ask", lambda *a: asked.extend(a[1:3]) or answer)
    label_files.import_labels(session, workspace)
    qtbot.waitUntil(lambda: bool(asked) and not session.compute.tasks, timeout=5000)
    assert "theirs.csv" in asked[0]
    assert f"2 of {3} rows match" in asked[1]
    assert "1 features have another label by a person" in asked[1]
    assert book.text(1) == ("Theirs" if answer == label_files.REPLACE else "Mine")
    assert book.text(2) == (keywords if answer == label_files.CANCEL else "Theirs too")


def test_near_duplicates_are_hidden_with_a_click_and_shown_again(
    workspace: FeaturesWorkspace, session: Session, book: FeatureBook, qtbot: QtBot
) -> None:
    found = [NearDuplicate(5, 6, 0.97, 3), NearDuplicate(8, 9, 0.4, 9)]
    workspace.list.label_tasks.show_duplicates(book, found)
    dialog = workspace.list.label_tasks.duplicates
    assert dialog is not None
    dialog.table.cell_clicked.emit(0, ACTION)
    assert book.mark(5).hidden
    assert 5 not in order(workspace)
    assert dialog.hide_all.text() == "Hide all 1"
    QTest.mouseClick(dialog.undo, LEFT)
    assert not book.mark(5).hidden
    QTest.mouseClick(dialog.hide_all, LEFT)
    assert {i for i, mark in book.marks.items() if mark.hidden} == {5, 8}
    assert not dialog.hide_all.isEnabled()
    session.undo.undo()
    assert not any(mark.hidden for mark in book.marks.values())
    dialog.close()


def test_near_duplicates_are_looked_for_in_the_project(
    workspace: FeaturesWorkspace, session: Session, book: FeatureBook, qtbot: QtBot
) -> None:
    said: list[str] = []
    session.message.connect(lambda message: said.append(message.sentence))
    tasks = workspace.list.label_tasks
    tasks.find_duplicates()
    qtbot.waitUntil(lambda: bool(said) or tasks.duplicates is not None, timeout=5000)
    if tasks.duplicates is not None:
        assert tasks.duplicates.table.row_model.rowCount() > 0
        tasks.duplicates.close()


# -- keyword labels ---------------------------------------------------------------------------


def all_labels_menu(workspace: FeaturesWorkspace) -> dict[str, QAction]:
    QTest.mouseClick(workspace.list.head.more_button, LEFT)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    menu.hide()
    return {action.text(): action for action in menu.actions()}


def test_keyword_labels_are_made_from_the_menu_of_an_sae_without_any(
    session: Session, qtbot: QtBot
) -> None:
    """As after `saedesk analyse`, which counts and labels nothing."""
    assert session.project is not None
    connection = session.project.database.connection()
    connection.execute("DELETE FROM labels")
    connection.commit()
    assert session.book is not None
    session.book.reload()
    session.book.set_label(3, "Mine")
    workspace = shown(session, qtbot)
    said: list[str] = []
    session.message.connect(lambda message: said.append(message.sentence))
    all_labels_menu(workspace)["Label by keywords"].trigger()
    qtbot.waitUntil(lambda: bool(said), timeout=20000)
    assert "labelled by keywords, 1 left as they were" in said[0]
    book = session.book
    assert book.text(3) == "Mine"
    labelled = sum(book.has_label(latent) for latent in range(FEATURES))
    assert labelled > FEATURES // 2
    assert workspace.list.chips[NO_LABEL].text() == f"{NO_LABEL} {FEATURES - labelled}"


def test_only_features_without_a_label_are_labelled_if_so_wanted(
    workspace: FeaturesWorkspace, session: Session, book: FeatureBook, qtbot: QtBot
) -> None:
    assert session.project is not None
    lost = [latent for latent in range(FEATURES) if book.has_label(latent)][:2]
    connection = session.project.database.connection()
    connection.executemany("DELETE FROM labels WHERE latent = ?", [(one,) for one in lost])
    connection.execute("UPDATE labels SET text = 'older words' WHERE source = 'keywords'")
    connection.commit()
    book.reload()
    said: list[str] = []
    session.message.connect(lambda message: said.append(message.sentence))
    all_labels_menu(workspace)["Label features without a label by keywords"].trigger()
    qtbot.waitUntil(lambda: bool(said), timeout=20000)
    assert said[0].startswith("2 features labelled by keywords")
    assert all(book.has_label(latent) for latent in lost)
    others = {book.text(i) for i in range(FEATURES) if book.has_label(i) and i not in lost}
    assert others == {"older words"}


def test_without_features_the_command_says_what_is_missing(
    empty_session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    assert empty_session.create_project(tmp_path / "new.saedesk")
    said: list[str] = []
    empty_session.message.connect(lambda message: said.append(message.sentence))
    assert label_by_keywords(empty_session) is None
    assert said == [NOTHING_TO_LABEL]


def test_both_commands_stand_in_the_palette(project_window: MainWindow, qtbot: QtBot) -> None:
    asked: list[str] = []
    for name in ("label_by_keywords", "label_missing_by_keywords"):
        action = project_window.actions_by_name[name]
        assert action.isEnabled()
        action.trigger()
        asked += [task.title for task in project_window.session.compute.tasks]
        project_window.session.compute.cancel_all()
        qtbot.waitUntil(lambda: not project_window.session.compute.tasks, timeout=20000)
    assert asked == ["Labelling by keywords"] * 2
