"""What questions about single features share with the rest of a session."""

from __future__ import annotations

import pytest

from saedesk.features import near_misses
from saedesk.jobs import build_index
from saedesk.jobs.feature_details import FeatureDetails
from saedesk.session.feature_reader import FeatureReader
from saedesk.session.session import Session
from saedesk.task_control import TaskControl, Unattended


def test_near_misses_use_the_index_once_the_search_has_opened_it(
    qtbot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert session.project is not None
    assert session.search is not None
    assert session.sae is not None
    build_index.run(session.project, build_index.IndexRequest(always=True), Unattended())
    # A corpus that is larger than a scan may take.
    monkeypatch.setattr(near_misses, "VALUES_SCANNED", 1)
    monkeypatch.setattr(near_misses, "_BLOCK", 3)
    latent = int(session.sae.statistics.count.argmax())

    def reads(details: FeatureDetails, control: TaskControl) -> int:
        details._near = None
        return details.near_misses(latent, control).proposed

    reader = FeatureReader(session, "Looking")
    with qtbot.waitSignal(reader.answered) as before:
        reader.read(reads)
    assert before.args == [0], "an index is not opened for this"
    with qtbot.waitSignal(session.search.answered, timeout=20_000):
        session.search.set_like([1])
    with qtbot.waitSignal(reader.answered) as after:
        reader.read(reads)
    assert after.args[0] > 0
