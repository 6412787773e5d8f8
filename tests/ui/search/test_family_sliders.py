"""A family as one slider in Search: found by typing, moved, reset, changed, taken away, undone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from saedesk.features.families.family_settings import FamilySettings
from saedesk.jobs import find_families
from saedesk.session.family_book import FamilyBook, family_book
from saedesk.session.family_search import steer_with_family
from saedesk.session.session import Session
from saedesk.task_control import Unattended
from saedesk.ui.search_panels.feature_names import NamedFamily
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
    request = make_request(session, "results", tmp_path / "results.csv", None, 10)
    assert {latent for latent, _ in request.steer} == set(family.members)
    assert "steered by" in what_search_adds(session, "results")
    wait_for_answer(qtbot, session)


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
