"""The index of a project: documents that come later are added to it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from saedesk.jobs import build_index
from saedesk.jobs.build_index import IndexRequest, open_index
from saedesk.jobs.search_documents import SearchEngine
from saedesk.project.artifact_readers import open_vectors
from saedesk.project.project_folder import Project
from saedesk.search.search_index import SearchIndex
from saedesk.search.steering_plan import SteeringPlan
from saedesk.task_control import Unattended
from tests.tiny_projects import embed, import_file
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
