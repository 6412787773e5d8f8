"""A family as one slider in Search: found by typing, moved, reset, changed, taken away, undone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from saedesk.features.families.family_settings import FamilySettings
from saedesk.jobs import export_table, find_families
from saedesk.session.family_book import FamilyBook, family_book
from saedesk.session.family_search import steer_with_family
from saedesk.session.session import Session
from saedesk.task_control import Unattended
from saedesk.ui.search_panels.feature_names import NamedFamily
from saedesk.ui.search_panels.result_row_layout import RowColumns
from saedesk.ui.search_panels.result_row_words import row_tooltip
from saedesk.ui.workspaces.search_workspace import SearchWorkspace

SECONDS = 20_000
"""Longest wait in milliseconds; the first query loads the embedding model."""
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def families(session: Session) -> FamilyBook:
    """The families of the small project."""
    request = find_families.FamiliesRequest(settings=FamilySettings(above_chance=0.0))
    found = find_families.run(session.opened_project(), request, Unattended())
    assert len(found.families) >= 4
    return family_book(session)


@pytest.fixture
def workspace(session: Session, families: FamilyBook, qtbot: QtBot) -> SearchWorkspace:
    """Search with the answer to a query about one of the families."""
    shown = SearchWorkspace(session)
    qtbot.addWidget(shown)
    shown.resize(1376, 820)
    shown.show()
    qtbot.waitExposed(shown)
    with qtbot.waitSignal(session.search.answered, timeout=SECONDS):
        session.search.set_text(session.book.text(families.families[0].root))
    return shown


def wait_for_answer(qtbot: QtBot, session: Session) -> None:
    qtbot.waitUntil(lambda: not session.query.tasks, timeout=SECONDS)


def test_a_family_is_found_by_typing_and_rests_bit_for_bit(
    workspace: SearchWorkspace, session: Session, families: FamilyBook, qtbot: QtBot
) -> None:
    field, family = workspace.steering.field, families.families[1]
    families.rename(family.root, "Some quite peculiar family")
    before = session.search.answer
    field.setFocus()
    qtbot.keyClicks(field, "quite peculiar")
    assert field.found == [NamedFamily(family.root, "Some quite peculiar family", family.size)]
    qtbot.keyClick(field, Qt.Key.Key_Return)
    wait_for_answer(qtbot, session)
    (row,) = workspace.steering.family_rows
    assert row.label == "Some quite peculiar family"
    # A person adds what more is wanted of.
    assert row.places.hasFocus()
    assert row.value_text == "0 of 10"
    assert session.search.state.steering.at_rest
    assert session.search.answer.plan.at_rest
    assert session.search.answer.steered == before.plain
    session.undo.undo()
    assert not workspace.steering.family_rows
    wait_for_answer(qtbot, session)


def test_the_slider_moves_all_its_features_and_undo_takes_it_back(
    workspace: SearchWorkspace, session: Session, families: FamilyBook, qtbot: QtBot
) -> None:
    family = families.families[0]
    steer_with_family(session, family.root)
    (row,) = workspace.steering.family_rows
    typed = row.slider.typed
    assert typed == pytest.approx(
        session.search.state.families[0].value_in(
            dict(
                zip(
                    session.search.query.latents.tolist(),
                    session.search.query.values.tolist(),
                    strict=True,
                )
            )
        )
    )
    plain = [shown.document_id for shown in workspace.results.plain.rows]
    row.slider.setFocus()
    steps = session.undo.count()
    for _ in range(12):
        qtbot.keyPress(row.slider, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyRelease(row.slider, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    wait_for_answer(qtbot, session)
    assert session.undo.count() == steps + 1
    assert row.slider.strength == pytest.approx(typed + 0.6)
    plan = session.search.answer.plan
    assert {latent for latent, _ in plan.strengths} == set(family.members)
    decoder = session.sae.decoder
    move = sum(u * decoder[latent].astype(np.float64) for latent, u in plan.strengths)
    assert np.linalg.norm(move) == pytest.approx(0.6, abs=1e-5)
    assert [shown.document_id for shown in workspace.results.plain.rows] == plain
    assert session.search.answer.cosine < 1
    assert workspace.steering.reset_all.isEnabled()
    session.undo.undo()
    wait_for_answer(qtbot, session)
    assert row.slider.strength == typed
    assert session.search.answer.plan.at_rest


def test_parent_or_children_are_turned_and_the_query_moves_as_far(
    workspace: SearchWorkspace, session: Session, families: FamilyBook, qtbot: QtBot
) -> None:
    family = families.families[0]
    steer_with_family(session, family.root)
    session.search.set_family_value(family.root, 0.5)
    (row,) = workspace.steering.family_rows
    strength = session.search.state.families[0].strength

    def choose(words: str) -> None:
        menu = row.make_choices()
        next(action for action in menu.actions() if action.text() == words).trigger()

    choose("The children")
    assert row.part.text() == "children"
    assert {latent for latent, _ in session.search.state.steering.strengths} == set(family.children)
    choose("Weighted by mean activation")
    assert session.search.state.families[0].weighting == "activation"
    choose("The parent")
    wait_for_answer(qtbot, session)
    assert session.search.state.families[0].strength == strength
    assert session.search.answer.plan.strengths == ((family.root, pytest.approx(strength)),)
    session.undo.undo()
    assert session.search.state.families[0].part == "children"
    wait_for_answer(qtbot, session)


def test_reset_and_remove_have_buttons(
    workspace: SearchWorkspace, session: Session, families: FamilyBook, qtbot: QtBot
) -> None:
    root = families.families[0].root
    steer_with_family(session, root)
    steer_with_family(session, root)
    assert len(session.search.state.families) == 1
    session.search.set_family_value(root, -0.4)
    (row,) = workspace.steering.family_rows
    assert row.value_text == "−0.400"
    qtbot.mouseClick(row.reset_button, LEFT)
    assert row.slider.strength == row.slider.typed
    session.search.set_family_value(root, 0.4)
    qtbot.mouseClick(workspace.steering.reset_all, LEFT)
    assert session.search.state.at_rest
    qtbot.mouseClick(row.remove_button, LEFT)
    assert not workspace.steering.family_rows
    wait_for_answer(qtbot, session)


def test_a_new_query_leaves_the_family_as_it_is_set(
    workspace: SearchWorkspace, session: Session, families: FamilyBook, qtbot: QtBot
) -> None:
    root = families.families[0].root
    steer_with_family(session, root)
    session.search.set_family_value(root, 0.5)
    strength = session.search.state.family(root).strength
    with qtbot.waitSignal(session.search.query_changed, timeout=SECONDS):
        session.search.set_text("something else")
    (row,) = workspace.steering.family_rows
    assert strength
    assert session.search.state.family(root).strength == strength
    assert row.slider.strength == pytest.approx(row.slider.typed + strength)
    wait_for_answer(qtbot, session)


def test_what_is_exported_is_steered_by_the_family(
    workspace: SearchWorkspace,
    session: Session,
    families: FamilyBook,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    from saedesk.ui.export_panels.export_subjects import make_request, what_search_adds

    family = families.families[0]
    steer_with_family(session, family.root)
    session.search.set_family_value(family.root, 0.5)
    families.rename(family.root, "Some quite peculiar family")
    request = make_request(session, "results", tmp_path / "results.csv", None, 10)
    assert {latent for latent, _ in request.steer} == set(family.members)
    strength = session.search.state.families[0].strength
    said = f"steered by the family “Some quite peculiar family” {strength:+.2f}"
    for table in ("results", "steered-vectors"):
        assert said.replace("-", "−") in what_search_adds(session, table)
    wait_for_answer(qtbot, session)
    for ending in ("jsonl", "csv"):
        # As the window shows them, and searched for again: a family is one part by its name.
        paths = [tmp_path / f"{name}.{ending}" for name in ("shown", "again")]
        workspace.leaving.save_results(paths[0])
        request = make_request(session, "results", paths[1], None, 10)
        export_table.run(session.opened_project(), request, Unattended())
        assert paths[0].read_text("utf-8") == paths[1].read_text("utf-8")
    for line in (tmp_path / "shown.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        for parts, total in (
            (row["contributions"], row["score"]),
            (row["change"], row["score"] - row["score_before"]),
        ):
            assert sum(part["value"] for part in parts) == pytest.approx(total, abs=1e-5)
            (own,) = (part for part in parts if part["kind"] in ("up", "down"))
            told = (own["feature"], own["family"], own["label"])
            assert told == (None, family.root, "Some quite peculiar family")
        (steering,) = row["steering"]
        assert steering["family"] == family.root
        assert steering["strength"] == strength
    told = (tmp_path / "shown.csv").read_text("utf-8")
    assert f"Family: Some quite peculiar family ({family.root}) {strength:+.4f}" in told
    workspace.leaving.copy_results()
    assert QGuiApplication.clipboard().text().count("Family: Some quite peculiar family ") == 20


def test_a_family_turned_is_one_bar_of_score_and_change(
    workspace: SearchWorkspace, session: Session, families: FamilyBook, qtbot: QtBot
) -> None:
    family = families.families[0]
    steer_with_family(session, family.root)
    (row,) = workspace.steering.family_rows
    name = f"Family: {families.name(family.root)}"
    waterfall, switch = workspace.explanation.waterfall, workspace.explanation.switch
    for strength in (0.3, 0.002):
        session.search.set_position(row.slid, row.slider.typed + strength)
        wait_for_answer(qtbot, session)
        chosen = workspace.results.chosen
        for what in ("Score", "Change"):
            switch.set_current(what)
            workspace.explanation._on_switch(what)
            total = chosen.score - (chosen.score_before if what == "Change" else 0.0)
            qtbot.waitUntil(lambda total=total: waterfall.table()[1][-1][1] == total)
            rows = waterfall.table()[1]
            assert [bar[0] for bar in rows if bar[2] in ("up", "down")] == [name]
            assert sum(bar[1] for bar in rows[:-1]) == pytest.approx(rows[-1][1], abs=1e-5)
    assert waterfall._decimals > 3


def test_the_bar_of_a_row_tells_the_parts_of_the_sum_below(
    workspace: SearchWorkspace, session: Session, families: FamilyBook, qtbot: QtBot
) -> None:
    family = families.families[0]
    steer_with_family(session, family.root)
    (row,) = workspace.steering.family_rows
    typed = dict(zip(*(array.tolist() for array in codes_of(session)), strict=True))
    own = next(latent for latent in typed if latent in family.members)
    for strength, kind in ((0.3, "up"), (-0.2, "down")):
        session.search.set_position(row.slid, row.slider.typed + strength)
        wait_for_answer(qtbot, session)
        chosen = workspace.results.chosen
        qtbot.waitUntil(lambda score=chosen.score: sum_of(workspace)[-1][1] == score)
        (bar,) = (bar for bar in sum_of(workspace) if bar[2] in ("up", "down"))
        parts = dict(workspace.results.steered.rows[chosen.rank - 1].parts)
        assert (bar[1], bar[2]) == (pytest.approx(parts[kind], abs=1e-9), kind)
        assert sum(parts.values()) == pytest.approx(chosen.score, abs=1e-5)
        # What the query has of a feature by itself is not the family's.
        vector = session.vectors.values[chosen.row].astype(np.float64)
        decoder, plan = session.sae.decoder.astype(np.float64), session.search.answer.plan
        moved = sum(u * decoder[latent] for latent, u in plan.strengths)
        unit, length = (
            vector / np.linalg.norm(vector),
            np.linalg.norm(session.search.query.vector + moved),
        )
        assert parts[kind] == pytest.approx(moved @ unit / length, abs=1e-6)
        its_own = typed[own] * (decoder[own] @ unit) / length
        assert any(
            part.latent == own and part.value == pytest.approx(its_own, abs=1e-6)
            for part in chosen.contributions
        )
        columns = RowColumns.of(600, True)
        shown = workspace.results.steered.rows[chosen.rank - 1]
        assert f"turned {kind}" in row_tooltip(shown, columns, columns.parts + 5)
        assert f"features turned {kind}" not in row_tooltip(shown, columns, columns.parts + 5)


def codes_of(session: Session) -> tuple[np.ndarray, np.ndarray]:
    query = session.search.query
    return query.latents, query.values


def sum_of(workspace: SearchWorkspace) -> list[tuple[str, float, str]]:
    return list(workspace.explanation.waterfall.table()[1])


def test_of_two_settings_each_tells_its_own_family(
    workspace: SearchWorkspace, session: Session, families: FamilyBook, qtbot: QtBot
) -> None:
    family = families.families[0]
    steer_with_family(session, family.root)
    (row,) = workspace.steering.family_rows
    search = session.search
    search.set_position(row.slid, row.slider.typed + 0.4)
    search.keep_as_a()
    search.set_position(row.slid, row.slider.typed - 0.2)
    wait_for_answer(qtbot, session)
    for answer, kind in ((search.compared, "up"), (search.answer, "down")):
        for result in answer.steered:
            (part,) = (part for part in result.contributions if part.kind in ("up", "down"))
            assert (part.target.root, part.kind) == (family.root, kind)


def test_a_family_is_one_part_of_what_documents_share(
    workspace: SearchWorkspace, session: Session, families: FamilyBook, qtbot: QtBot
) -> None:
    chosen = workspace.results.chosen.document.id
    with qtbot.waitSignal(session.search.answered, timeout=SECONDS):
        session.search.set_like([chosen])
    with qtbot.waitSignal(session.search.answered, timeout=SECONDS):
        session.search.set_like_by("features")
    family = families.families[0]
    steer_with_family(session, family.root)
    (row,) = workspace.steering.family_rows
    session.search.set_position(row.slid, row.slider.typed + 0.3)
    wait_for_answer(qtbot, session)
    score = workspace.results.chosen.score
    qtbot.waitUntil(lambda: sum_of(workspace)[-1][1] == score)
    bars = sum_of(workspace)
    name = f"Family: {families.name(family.root)}"
    assert [bar[0] for bar in bars if bar[2] in ("up", "down")] == [name]
    assert sum(bar[1] for bar in bars[:-1]) == pytest.approx(score, abs=1e-5)
