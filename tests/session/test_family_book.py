"""The families of a session: found, tried, edited, undone, kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from saedesk.features.families.edited_families import ShownFamily
from saedesk.features.families.family_documents import family_documents
from saedesk.features.families.family_settings import FamilySettings
from saedesk.features.families.family_tree import find_families as families_of
from saedesk.features.families.feature_filter import FeatureFilter
from saedesk.jobs import analyse_features, find_families
from saedesk.jobs.find_families import FamiliesRequest
from saedesk.project.family_edits import LONGEST_FAMILY_NAME
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.session import family_measuring
from saedesk.session.family_book import NOT_COUNTED, FamilyBook, family_book
from saedesk.session.family_measuring import NOTHING_TO_MEASURE
from saedesk.session.family_search import FamilySliders, add_family
from saedesk.session.session import Session
from saedesk.task_control import Unattended
from tests.tiny_projects import train_request

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


def measured(book: FamilyBook, qtbot: QtBot) -> None:
    """Wait until nothing is missing any more."""
    qtbot.waitUntil(lambda: not (book.measures_missing or book.is_measuring), timeout=60_000)


def test_what_is_missing_is_measured_after_opening_and_after_edits(
    session: Session, book: FamilyBook, folder: Path, qtbot: QtBot
) -> None:
    assert book._delay.isActive()
    book._delay.setInterval(300)
    assert book.measures_missing == len(book.families)
    told: list[bool] = []
    book.measuring_changed.connect(lambda: told.append(book.is_measuring))
    measured(book, qtbot)
    assert told == [True, False]
    general, special = apart(book)
    untouched = {
        one.root: (book.measures(one.root), book.stability(one.root), book.label(one.root))
        for one in book.families
        if one.root not in (general.root, special.root)
    }
    assert all(measures is not None for measures, _, _ in untouched.values())
    book.merge([general.root, special.root])
    assert book.measures_missing == 1
    book.rename(special.root, "Not there")
    assert not book.is_measuring, "somebody may go on editing"
    session.undo.undo()
    session.undo.redo()
    measured(book, qtbot)
    whole = book.family(general.root)
    rows = family_documents(session.sae.activations, whole.root, whole.children)
    assert book.measures(general.root).documents == len(rows)
    assert 0 <= book.stability(general.root) <= 1
    assert set(book.edge_stability(general.root)) == {(e.parent, e.child) for e in whole.edges}
    assert book.label(general.root).text
    now = {i: (book.measures(i), book.stability(i), book.label(i)) for i in untouched}
    assert {i: label for i, (_, _, label) in now.items()} == {
        i: label for i, (_, _, label) in untouched.items()
    }
    assert {i: one[1] for i, one in now.items()} == {i: one[1] for i, one in untouched.items()}
    book.rename(general.root, "zzqy words of nothing")
    assert book.label(general.root).score is None
    assert book.measures_missing == 1
    measured(book, qtbot)
    own = session.project.artifacts("family_labels")
    assert len(own) == len(session.project.artifacts("family_measures")) == 1
    assert book.label(general.root).score is not None, "a name is scored like a label"
    book = opened_again(session, folder)
    assert book.measures_missing == 0
    assert book.measures(general.root) is not None


def test_measuring_can_be_asked_for_and_a_newer_edit_begins_it_anew(
    session: Session, book: FamilyBook, qtbot: QtBot
) -> None:
    book.measure()
    assert book.is_measuring
    (first,) = session.compute.tasks
    assert first.title == "Measuring the families"
    general, special = apart(book)
    book.merge([general.root, special.root])
    book.measure()
    measured(book, qtbot)
    assert book.measures(general.root) is not None
    qtbot.waitUntil(lambda: not session.compute.tasks)


def test_without_families_there_is_nothing_to_measure(empty_session: Session) -> None:
    book, said = family_book(empty_session), []
    book.refused.connect(said.append)
    book.measure()
    assert said == [NOTHING_TO_MEASURE]
    assert book.measures_missing == 0


def test_a_read_only_project_is_not_measured(session: Session, folder: Path, qtbot: QtBot) -> None:
    session.close_project()
    with Project.open(folder):
        assert session.open_project(folder)
        book, said = family_book(session), []
        book.refused.connect(said.append)
        assert book.measures_missing
        assert not book._delay.isActive()
        book.measure()
        assert "read-only" in said[0]
        assert not session.compute.tasks


def test_families_that_were_kept_are_measured_whatever_sae_is_shown_by_then(
    session: Session, book: FamilyBook, qtbot: QtBot
) -> None:
    kept = session.sae.record
    other = second_sae(session, qtbot)
    with qtbot.waitSignal(book.families_changed):
        book.try_settings(STRICT)
    book.keep_settings()
    session.use_sae(other)
    qtbot.waitUntil(lambda: not session.compute.tasks, timeout=60_000)
    (record,) = session.project.artifacts("family_measures")
    analysis = analyse_features.analysis_in_use(session.project, kept)[1]
    assert record.inputs["activations"] == analysis.hash


def second_sae(session: Session, qtbot: QtBot) -> ArtifactRecord:
    first = session.sae.hash
    session.train(train_request(seed=3, epochs=2))
    qtbot.waitUntil(lambda: not session.compute.tasks, timeout=60_000)
    return next(one for one in session.project.artifacts("saes") if one.hash != first)


def test_a_read_only_project_goes_from_one_sae_to_another_and_back(
    session: Session, folder: Path, qtbot: QtBot
) -> None:
    first, other = session.sae.record, second_sae(session, qtbot)
    session.close_project()
    with Project.open(folder):
        assert session.open_project(folder)
        session.use_sae(other)
        assert session.sae.hash == other.hash
        session.use_sae(first)
        assert session.sae.hash == first.hash


def test_what_is_tried_while_other_settings_are_kept_goes_on(
    session: Session, book: FamilyBook, qtbot: QtBot
) -> None:
    book.try_settings(STRICT)
    book.keep_settings()
    third = replace(LOOSE, threshold=0.3)
    book.try_settings(third)
    qtbot.waitUntil(lambda: book.kept_settings == STRICT, timeout=30_000)
    qtbot.waitUntil(lambda: book.settings == third)
    wanted = families_of(book.co_occurrence, third)
    assert {one.root for one in book.families} == {one.root for one in wanted}
    book.keep_settings()
    qtbot.waitUntil(lambda: book.kept_settings == third, timeout=30_000)


def test_a_filter_is_tried_and_kept_with_the_settings(
    session: Session, book: FamilyBook, folder: Path, qtbot: QtBot
) -> None:
    labelled = sorted(session.project.labels.current(session.sae.hash))
    session.book.set_label(labelled[0], "a keyword")
    clean = FeatureFilter(labels="clean")
    assert book.filter == book.kept_filter == FeatureFilter()
    with qtbot.waitSignal(book.families_changed):
        book.set_filter(clean)
    assert (book.filter, book.kept_filter, book.settings) == (clean, FeatureFilter(), LOOSE)
    assert book.is_trying
    members = {latent for one in book.families for latent in one.members}
    assert members <= set(labelled[1:])
    tried = book.families
    book.keep_settings()
    qtbot.waitUntil(lambda: book.kept_filter == clean, timeout=30_000)
    assert book.families == tried
    assert not book.is_trying
    book = opened_again(session, folder)
    assert book.filter == clean
    assert book.families == tried
    with qtbot.waitSignal(book.families_changed):
        book.set_filter(FeatureFilter())
    assert labelled[0] in {latent for one in book.families for latent in one.members}
    said: list[str] = []
    book.refused.connect(said.append)
    book.set_filter(FeatureFilter(least_score=0.9))
    qtbot.waitUntil(lambda: bool(said))
    assert "Score the labels first" in said[0]
    assert "saedesk" not in said[0].replace(".saedesk", "")


def test_documents_of_a_family_are_counted_in_the_query_lane(
    session: Session, book: FamilyBook, qtbot: QtBot
) -> None:
    one = book.families[0]
    with qtbot.waitSignal(book.documents_counted) as counted:
        book.count_documents(one.root)
    rows = family_documents(session.sae.activations, one.root, one.children)
    assert counted.args == [one.root, len(rows)]


def test_names_are_without_what_cannot_be_seen(session: Session, book: FamilyBook) -> None:
    root = book.families[0].root
    book.rename(root, "Dark\u202e matter\x07\n halos\u2066")
    assert book.name(root) == "Dark matter halos"
    session.book.set_label(root, "Red\u202e shift\x1b")
    assert session.book.text(root) == "Red shift"


def test_a_slider_in_search_follows_its_family(session: Session, book: FamilyBook) -> None:
    FamilySliders(session, book)
    general, special = apart(book)
    assert add_family(session, general.root)
    search = session.search
    search.put_family(search.state.family(general.root).with_strength(0.4))
    before = search.state.family(general.root)
    steps = session.undo.count()
    book.merge([general.root, special.root])
    now = search.state.family(general.root)
    assert now.children == book.family(general.root).children != before.children
    assert {latent for latent, _ in now.moves} > {latent for latent, _ in before.moves}
    assert now.strength == 0.4
    assert session.undo.count() == steps + 1, "the edit alone is a step"
    session.undo.undo()
    assert search.state.family(general.root) == before
    session.undo.redo()
    session.undo.undo()
    session.undo.undo()
    book.merge([general.root, special.root])
    assert search.state.family(general.root).children == now.children


def test_many_families_are_read_outside_the_window(
    session: Session,
    book: FamilyBook,
    folder: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = book.families
    book.rename(before[0].root, "Mine")
    monkeypatch.setattr(family_measuring, "READ_AT_ONCE", 10)
    session.close_project()
    with qtbot.waitSignal(book.measures_changed):
        assert session.open_project(folder)
    assert (book.families, book.is_found) == ((), False)
    with qtbot.waitSignals([book.families_changed, book.measures_changed]):
        assert session.query.tasks
    assert [one.root for one in book.families] == [one.root for one in before]
    assert book.name(before[0].root) == "Mine"
    assert book.settings == LOOSE
