"""The families of a session: found, tried, edited, undone, kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from saedesk.features.families.edited_families import ShownFamily
from saedesk.features.families.family_settings import FamilySettings
from saedesk.features.families.family_tree import find_families as families_of
from saedesk.jobs import find_families
from saedesk.jobs.find_families import FamiliesRequest
from saedesk.project.family_edits import LONGEST_FAMILY_NAME
from saedesk.project.project_folder import Project
from saedesk.session.family_book import NOT_COUNTED, FamilyBook, family_book
from saedesk.session.session import Session
from saedesk.task_control import Unattended

LOOSE = FamilySettings(
    threshold=0.05,
    above_chance=0.0,
    most_density=1.0,
    fewest_documents=1,
    fewest_branches=2,
    fewest_children=2,
)
STRICT = replace(LOOSE, threshold=0.6, later_threshold=0.6)


@pytest.fixture
def folder(project_copy: Path) -> Path:
    with Project.open(project_copy) as project:
        find_families.run(project, FamiliesRequest(settings=LOOSE), Unattended())
    return project_copy


@pytest.fixture
def session(empty_session: Session, folder: Path) -> Session:
    assert empty_session.open_project(folder)
    return empty_session


@pytest.fixture
def book(session: Session) -> FamilyBook:
    return family_book(session)


def opened_again(session: Session, folder: Path) -> FamilyBook:
    session.close_project()
    assert session.open_project(folder)
    return family_book(session)


def apart(book: FamilyBook) -> tuple[ShownFamily, ShownFamily]:
    """Two families of which neither has the root of the other, the general one first."""
    assert book._sae is not None
    counts = book._sae.statistics.count
    for one in book.families:
        for other in book.families:
            strange = one.root not in other.members and other.root not in one.members
            if strange and counts[one.root] > counts[other.root]:
                return one, other
    raise AssertionError


def test_there_is_one_book_and_it_reads_what_is_stored(session: Session, book: FamilyBook) -> None:
    assert family_book(session) is book
    assert book.settings == book.kept_settings == LOOSE
    assert book.is_counted
    assert book.is_found
    sizes = [one.size for one in book.families]
    assert len(sizes) > 3
    assert sizes == sorted(sizes, reverse=True)
    root = book.families[0].root
    assert session.book is not None
    assert book.name(root) == session.book.text(root), "the root's label before there is another"
    assert book.label(root) is book.measures(root) is book.grouping is book.stability(root) is None
    assert book.edge_stability(root) == {}


def test_without_a_project_it_is_empty_and_follows_the_session(
    empty_session: Session, folder: Path, qtbot: QtBot
) -> None:
    book = family_book(empty_session)
    assert book.families == ()
    assert not book.is_counted
    with qtbot.waitSignal(book.refused) as refused:
        book.try_settings(LOOSE)
    assert refused.args == [NOT_COUNTED]
    with qtbot.waitSignals([book.families_changed, book.measures_changed]):
        empty_session.open_project(folder)
    assert book.families
    with qtbot.waitSignal(book.families_changed):
        empty_session.close_project()
    assert book.families == ()


def test_a_name_is_kept_undone_and_taken_away(
    session: Session, book: FamilyBook, folder: Path
) -> None:
    root = book.families[1].root
    before = book.name(root)
    book.rename(root, "  Galaxies \n and stars ")
    assert book.name(root) == book.family(root).name == "Galaxies and stars"
    assert book.label(root).score is None
    session.undo.undo()
    assert book.name(root) == before
    session.undo.redo()
    book = opened_again(session, folder)
    assert book.name(root) == "Galaxies and stars"
    book.rename(root, "")
    assert book.name(root) == before
    assert session.project is not None
    assert session.project.family_edits.edits(session.sae.hash) == {}


def test_a_name_that_is_too_long_is_refused(session: Session, book: FamilyBook) -> None:
    said: list[str] = []
    book.refused.connect(said.append)
    book.rename(book.families[0].root, "x" * (LONGEST_FAMILY_NAME + 1))
    assert len(said) == 1
    assert not session.undo.canUndo()


def test_merged_families_stay_one_until_it_is_undone(
    session: Session, book: FamilyBook, folder: Path
) -> None:
    general, special = apart(book)
    before = book.families
    book.select(special.root)
    book.merge([special.root, general.root])
    merged = book.family(general.root)
    assert merged is not None
    assert set(merged.members) == {*general.members, *special.members}
    assert (merged.edited, merged.merged_from) == (True, (special.root,))
    assert book.family(special.root) is None
    assert book.selected == general.root
    (edge,) = [edge for edge in merged.edges if edge.child == special.root]
    rows = [set(session.sae.activations.latent(i)[0]) for i in (general.root, special.root)]
    share = len(rows[0] & rows[1]) / (len(rows[1]) + 1)
    assert edge.parent == general.root
    assert edge.weight == pytest.approx(share)
    counts = [int(session.sae.statistics.count[i]) for i in merged.children]
    assert counts == sorted(counts, reverse=True)
    session.undo.undo()
    assert book.families == before
    session.undo.redo()
    book = opened_again(session, folder)
    assert book.family(general.root) == merged
    book.restore([general.root])
    assert book.families == before


def test_one_family_cannot_be_merged(session: Session, book: FamilyBook) -> None:
    said: list[str] = []
    book.refused.connect(said.append)
    book.merge([book.families[0].root, 999_999])
    assert said == ["Choose at least two families to merge."]
    assert not session.undo.canUndo()


def test_a_merged_family_can_be_merged_again_and_split(book: FamilyBook) -> None:
    first, second = apart(book)
    third = next(one for one in book.families if one.root not in (first.root, second.root))
    book.merge([first.root, second.root])
    book.merge([first.root, third.root])
    last = first if book.family(first.root) is not None else third
    whole = book.family(last.root)
    assert whole is not None
    assert len(whole.merged_from) == 2
    parents = {edge.child: edge.parent for edge in whole.edges}
    assert set(parents) == set(whole.children)
    if second.root in whole.children:
        book.split(whole.root, second.root)
        own = book.family(second.root)
        assert own is not None
        assert set(own.members) <= set(second.members)


def test_splitting_takes_a_branch_out(session: Session, book: FamilyBook) -> None:
    family, child = next(
        (one, edge.parent)
        for one in book.families
        for edge in one.edges
        if edge.parent != one.root and sum(other.parent == one.root for other in one.edges) > 1
    )
    book.split(family.root, child)
    rest, own = book.family(family.root), book.family(child)
    assert rest is not None
    assert own is not None
    assert sorted((*rest.members, *own.members)) == sorted(family.members)
    assert len(rest.edges) + len(own.edges) == len(family.edges) - 1
    session.undo.undo()
    assert book.family(family.root) == family
    said: list[str] = []
    book.refused.connect(said.append)
    leaf = next(i for i in family.children if all(edge.parent != i for edge in family.edges))
    book.split(family.root, leaf)
    assert "nothing below this feature" in said[0]


def test_pinned_and_merged_families_survive_other_thresholds(
    session: Session, book: FamilyBook, folder: Path, qtbot: QtBot
) -> None:
    pinned, *others = book.families
    book.set_pinned([pinned.root], True)
    assert not book.family(pinned.root).edited
    with qtbot.waitSignal(book.families_changed):
        book.try_settings(STRICT)
    gone = {one.root for one in others} - {one.root for one in book.families}
    assert gone, "the test needs families that other thresholds do not give"
    assert book.family(pinned.root) == replace(pinned, pinned=True)
    with qtbot.waitSignal(book.families_changed, timeout=20_000):
        book.keep_settings()
    assert book.kept_settings == STRICT
    qtbot.waitUntil(lambda: not session.compute.tasks, timeout=30_000)
    book = opened_again(session, folder)
    assert book.family(pinned.root) == replace(pinned, pinned=True)
    book.set_pinned([pinned.root], False)
    found = {one.root: one for one in families_of(book.co_occurrence, STRICT)}
    now = book.family(pinned.root)
    assert (now is None) == (pinned.root not in found)
    assert now is None or now.family == found[pinned.root]


def test_hidden_families_are_left_out_unless_asked_for(
    session: Session, book: FamilyBook, folder: Path
) -> None:
    roots = [one.root for one in book.families[:2]]
    book.set_hidden(roots, True)
    assert not {one.root for one in book.families} & set(roots)
    assert book.hidden_count == 2
    assert book.family(roots[0]) is not None
    book = opened_again(session, folder)
    book.shows_hidden = True
    assert [one.hidden for one in book.families[:2]] == [True, True]
    book.set_hidden(roots, False)
    book.shows_hidden = False
    assert [one.root for one in book.families[:2]] == roots


def test_the_newest_thresholds_win_and_nothing_is_stored(
    session: Session, book: FamilyBook, folder: Path, qtbot: QtBot
) -> None:
    manifest = (folder / "project.json").read_bytes()
    tried: list[FamilySettings] = []
    book.live_changed.connect(tried.append)
    for threshold in (0.1, 0.2, 0.3, 0.9):
        book.try_settings(replace(LOOSE, threshold=threshold))
    assert [one.threshold for one in tried] == [0.1, 0.2, 0.3, 0.9]
    qtbot.waitUntil(lambda: book.settings.threshold == 0.9)
    assert book.kept_settings == LOOSE
    wanted = families_of(book.co_occurrence, replace(LOOSE, threshold=0.9))
    assert {one.root for one in book.families} == {one.root for one in wanted}
    book.try_settings(LOOSE)
    qtbot.waitUntil(lambda: book.settings == LOOSE)
    assert (folder / "project.json").read_bytes() == manifest


def test_what_takes_long_is_done_before_a_threshold_is_moved(
    session: Session, book: FamilyBook, qtbot: QtBot
) -> None:
    before, changes = book.families, []
    book.families_changed.connect(lambda: changes.append(book.families))
    assert not book.co_occurrence.ranked
    book.prepare()
    qtbot.waitUntil(lambda: bool(book.co_occurrence.ranked) and not session.query.tasks)
    book.prepare()
    assert not session.query.tasks, "once is enough"
    assert book.families == before
    assert not changes


def test_a_setting_out_of_range_is_refused(book: FamilyBook) -> None:
    said: list[str] = []
    book.refused.connect(said.append)
    book.try_settings(replace(LOOSE, threshold=7.0))
    assert "Threshold" in said[0]
    assert book.settings == LOOSE


def test_finding_labels_and_measures_in_one_task(
    session: Session, book: FamilyBook, qtbot: QtBot
) -> None:
    before = book.families
    book.find()
    assert [task.title for task in session.compute.tasks] == ["Finding the families"]
    qtbot.waitUntil(lambda: not session.compute.tasks, timeout=30_000)
    assert book.families == before
    assert book.grouping is not None
    assert 0 <= book.grouping.membership_scored <= book.grouping.membership
    labelled = [one for one in book.families if book.label(one.root) is not None]
    assert labelled
    one = labelled[0]
    assert book.name(one.root) == book.label(one.root).text
    assert book.measures(one.root).documents > 0
    assert 0 <= book.stability(one.root) <= 1
    assert set(book.edge_stability(one.root)) == {(e.parent, e.child) for e in one.edges}
    general, special = apart(book)
    book.merge([general.root, special.root])
    assert book.measures(general.root) is None, "it was measured with other members"
    assert book.stability(general.root) is None


def test_a_project_that_cannot_be_written_is_read_and_tried_but_not_changed(
    session: Session, folder: Path, qtbot: QtBot
) -> None:
    session.close_project()
    with Project.open(folder):
        assert session.open_project(folder)
        assert session.project.read_only
        book, said = family_book(session), []
        book.refused.connect(said.append)
        root, before = book.families[0].root, book.families
        with qtbot.waitSignal(book.families_changed):
            book.try_settings(STRICT)
        with qtbot.waitSignal(book.families_changed):
            book.try_settings(LOOSE)
        book.rename(root, "Mine")
        book.set_pinned([root], True)
        book.try_settings(STRICT)
        book.keep_settings()
        book.find()
        assert len(said) == 4
        assert all("read-only" in sentence for sentence in said)
        assert not session.undo.canUndo()
        book.try_settings(LOOSE)
        qtbot.waitUntil(lambda: book.settings == LOOSE)
        assert book.families == before
        session.close_project()


def test_an_sae_takes_its_edits_along(session: Session, book: FamilyBook) -> None:
    book.rename(book.families[0].root, "Mine")
    project, record = session.project, session.sae.record
    session.remove_sae(record)
    assert project.family_edits.edits(record.hash) == {}
    assert project.artifacts("families") == []
    assert book.families == ()
