"""What stands around the sliders: their scale, its legend, and room where there are no results."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from saedesk.session.session import Session
from saedesk.ui.search_panels.steering_panel import SteeringPanel
from tests.ui.search.test_query_bar import idle, shown
from tests.ui.search.test_steering_panel import added_row


@pytest.fixture
def panel(session: Session, qtbot: QtBot) -> SteeringPanel:
    """The panel in Search, with the answer to a query of two documents."""
    workspace = shown(session, qtbot)
    session.search.set_like([5, 40])
    idle(qtbot, session)
    return workspace.steering


def test_without_results_the_panel_shows_no_scale_of_nothing_and_cuts_no_row(
    panel: SteeringPanel, session: Session, qtbot: QtBot
) -> None:
    search = session.search
    row = added_row(panel, session)
    search.set_way(row.slid, "places")
    idle(qtbot, session)
    assert panel.scale.isVisible()
    search.set_text("“no such phrase anywhere”")
    search.set_match("both")
    idle(qtbot, session)
    assert search.query is None, "nothing was found"
    assert [one.slid for one in panel.rows] == [row.slid]
    assert not panel.scale.isVisible(), "places have no scale"
    search.set_way(row.slid, "direction")
    assert panel.scale.isVisible()
    search.set_match("words")
    idle(qtbot, session)
    assert panel.unsteered.isVisible()
    assert not panel.scale.isVisible()
    assert panel._hint.text() == "", "no feature of the query will appear"
    bar = panel._scroll.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() == 0)


def test_the_legend_tells_of_marks_where_there_are_some(
    panel: SteeringPanel, session: Session, qtbot: QtBot
) -> None:
    idle(qtbot, session)
    assert panel.scale.has_marks
    session.search.set_like_by("features")
    idle(qtbot, session)
    assert panel.rows
    assert not any(row.slider.is_marked for row in panel.rows)
    assert not panel.scale.has_marks
    session.search.set_like_by("vectors")
    idle(qtbot, session)
    qtbot.waitUntil(lambda: panel.scale.has_marks)
