"""The index of a project: documents that come later are added to it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from saedesk.cli.command_line import main
from saedesk.errors import BadSetting
from saedesk.jobs import build_index
from saedesk.jobs.build_index import IndexRequest, index_in_words, open_index
from saedesk.jobs.loaded_sae import open_sae
from saedesk.jobs.search_documents import SearchEngine
from saedesk.jobs.search_request import SearchRequest
from saedesk.project.artifact_readers import open_vectors
from saedesk.project.project_folder import Project
from saedesk.search import compact_codes, index_measurement
from saedesk.search.search_index import SearchIndex
from saedesk.search.steering_plan import SteeringPlan
from saedesk.task_control import Cancelled, Unattended
from tests.tiny_projects import Listener, embed, import_file
from tests.tiny_projects import project_copy as project_copy
from tests.tiny_projects import small_project as small_project
from tests.ui.made_up_abstracts import write_abstracts


def index_of(project: Project) -> SearchIndex:
    record = project.current("vectors")
    assert record is not None
    found = open_index(project, open_vectors(project, record))
    assert found is not None
    return found


@pytest.fixture
def more_abstracts(tmp_path: Path) -> Path:
    """The sixty abstracts of the project and thirty others."""
    return write_abstracts(tmp_path / "more.csv", 90)


def test_documents_that_come_later_are_added(project_copy: Path, more_abstracts: Path) -> None:
    request = IndexRequest(always=True)
    with Project.open(project_copy) as project:
        build_index.run(project, request, Unattended())
        first = index_of(project)
        import_file(project, more_abstracts, keep_first=True)
        embed(project)
        record = build_index.run(project, request, Unattended())
        assert record is not None
        now = index_of(project)
        assert now.rows > first.rows
        np.testing.assert_array_equal(now.codes.head[: first.rows], first.codes.head)
        np.testing.assert_array_equal(now.codes.turning.basis, first.codes.turning.basis)
        assert record.summary["recall"] == round(now.recall, 4) == 1.0
        stored = open_vectors(project, project.current("vectors"))
        engine = SearchEngine(project, stored, None)
        found = engine.answer("", engine.document_query(first.rows + 1), SteeringPlan())
        assert found.plain[0].row == first.rows + 1
        assert not found.exact


def test_the_number_format_and_the_graph_are_to_choose(project_copy: Path) -> None:
    with Project.open(project_copy) as project:
        request = IndexRequest(always=True, storage="float16", graph=True)
        build_index.run(project, request, Unattended())
        index = index_of(project)
        assert index.codes.storage == "float16"
        assert index.graph is not None
        assert index.about.graph_for == "both"


def test_its_progress_never_goes_back_and_tells_a_time_only_where_the_rest_is_known(
    project_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compact_codes, "head_width", lambda *_: 2)
    monkeypatch.setattr(index_measurement, "CANDIDATES", (11,))
    listener = Listener()
    with Project.open(project_copy) as project:
        request = IndexRequest(always=True, graph=True)
        build_index.run(project, request, listener)
        assert index_of(project).codes.head.shape[1] > 4
    shares = [one.done / one.total for one in listener.reports if one.total]
    assert len(shares) == len(listener.reports) > 10
    assert shares == sorted(shares)
    titles = list(dict.fromkeys(one.note for one in listener.reports))
    assert titles == [phase.title for phase in build_index.PHASES[1:4]] + [
        "Writing wider codes",
        "Building a graph",
        "Noting which vectors these are",
    ]
    # Whether there would be a graph was not known before.
    is_known = {one.note: not one.may_change for one in listener.reports}
    assert [title for title in titles if is_known[title]] == titles[-2:]


def test_an_answer_of_the_index_tells_its_recall(
    project_copy: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with Project.open(project_copy) as project:
        build_index.run(project, IndexRequest(always=True), Unattended())
        recall = index_of(project).recall
        loaded = open_sae(project, project.current("saes"))
        assert loaded is not None
        engine = SearchEngine(project, loaded.vectors, loaded)
        for more in ({}, {"match": "both"}, {"plan": SteeringPlan(((3, 0.5),))}):
            found = engine.ask(SearchRequest("dark matter halos", **more))
            assert (found.exact, found.recall) == (False, recall)
        by_words = engine.ask(SearchRequest("dark matter halos", match="words"))
        assert (by_words.exact, by_words.recall) == (True, None)
    asked = ["search", str(project_copy), "dark matter halos"]
    assert main([*asked, "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["recall"] == recall
    assert main(asked) == 0
    assert f"finds {recall:.3f} of the ten best of an exact search" in capfd.readouterr().out
    remove_indexes(project_copy)
    assert main([*asked, "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["recall"] is None


def remove_indexes(folder: Path) -> None:
    with Project.open(folder) as project:
        for index in project.artifacts("indexes"):
            project.remove(index)


def test_another_storage_takes_the_place_of_the_one_before(
    project_copy: Path, more_abstracts: Path
) -> None:
    with Project.open(project_copy) as project:
        first = build_index.run(project, IndexRequest(always=True), Unattended())
        assert first is not None
        assert build_index.run(project, IndexRequest(always=True), Unattended()) == first
        request = IndexRequest(always=True, storage="float16")
        with pytest.raises(Cancelled):
            build_index.run(project, request, Listener(cancel_at=2))
        assert index_of(project).codes.storage == "int8"
        now = build_index.run(project, request, Unattended())
        assert now is not None
        assert project.artifacts("indexes") == [now]
        assert "in float16" in index_in_words(now)
        assert index_of(project).codes.storage == "float16"
        # Whoever does not ask for another one stays with it, also with more documents.
        assert build_index.run(project, IndexRequest(always=True), Unattended()) == now
        import_file(project, more_abstracts, keep_first=True)
        embed(project)
        build_index.run(project, IndexRequest(always=True), Unattended())
        assert index_of(project).codes.storage == "float16"
        with pytest.raises(BadSetting, match="no storage “int4”: int8 or float16"):
            build_index.run(project, IndexRequest(storage="int4"), Unattended())  # type: ignore[arg-type]


def test_an_index_that_is_whole_is_built_again_where_that_is_asked_for(project_copy: Path) -> None:
    with Project.open(project_copy) as project:
        first = build_index.run(project, IndexRequest(always=True), Unattended())
        assert first is not None
        file = project.path_of(first, "about.json")
        before = file.stat()
        again = build_index.run(project, IndexRequest(always=True, anew=True), Unattended())
        assert again is not None
        assert project.artifacts("indexes") == [again]
        assert file.stat().st_mtime_ns > before.st_mtime_ns
        assert index_of(project).recall == 1.0
