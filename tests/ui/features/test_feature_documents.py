"""Documents of a feature: every way to choose them, and turning through all of them."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from saedesk.features.document_pages import band_around
from saedesk.jobs.feature_details import FeatureDetails
from saedesk.project.document_filter import DocumentFilter
from saedesk.session.session import Session
from saedesk.ui.features_panels.document_choice import (
    AT_RANDOM,
    BY_QUANTILE,
    NEAR_MISSES,
    PAGE,
    SILENT,
    STRONGEST,
)
from saedesk.ui.features_panels.feature_documents import FeatureDocuments
from saedesk.ui.workspaces.features_workspace import FeaturesWorkspace

LEFT = Qt.MouseButton.LeftButton
WAIT = 5000


@pytest.fixture
def workspace(session: Session, qtbot: QtBot) -> FeaturesWorkspace:
    made = FeaturesWorkspace(session)
    qtbot.addWidget(made)
    made.resize(1376, 820)
    made.show()
    assert session.sae is not None
    session.select_feature(int(np.argmax(session.sae.statistics.count)))
    return made


@pytest.fixture
def documents(workspace: FeaturesWorkspace) -> FeatureDocuments:
    return workspace.page.documents


def rows_of(session: Session) -> np.ndarray:
    assert session.sae is not None
    assert session.feature is not None
    return np.asarray(session.sae.activations.latent(session.feature)[0])


def choose(documents: FeatureDocuments, way: str, qtbot: QtBot) -> None:
    QTest.mouseClick(documents.tabs, LEFT, pos=documents.tabs.place_of(way).center())
    qtbot.waitUntil(lambda: len(documents.cards.cards) > 0, timeout=WAIT)


def all_pages(documents: FeatureDocuments, qtbot: QtBot) -> list[int]:
    found = [card.document_id for card in documents.cards.cards]
    while documents.foot.later.isEnabled() and documents.foot.later.isVisible():
        QTest.mouseClick(documents.foot.later, LEFT)
        qtbot.waitUntil(lambda: len(documents.cards.cards) > 0, timeout=WAIT)
        found += [card.document_id for card in documents.cards.cards]
    return found


@pytest.mark.parametrize("way", [STRONGEST, AT_RANDOM, SILENT])
def test_turning_shows_every_document_of_a_choice_once(
    documents: FeatureDocuments, session: Session, qtbot: QtBot, way: str
) -> None:
    choose(documents, way, qtbot)
    active = session.document_ids(rows_of(session)).tolist()
    assert session.sae is not None
    everything = session.sae.vectors.document_ids.tolist()
    expected = set(everything) - set(active) if way == SILENT else set(active)
    found = all_pages(documents, qtbot)
    assert len(found) == len(set(found)) == len(expected) == documents.found
    assert set(found) == expected
    if way == STRONGEST:
        assert found == active
    else:
        assert found != sorted(found)
    stands = (len(expected) - 1) // PAGE * PAGE
    assert documents.foot.shown.text().startswith(
        f"{stands + 1} – {len(expected)} of {len(expected)}"
    )
    assert not documents.foot.later.isEnabled()
    QTest.mouseClick(documents.foot.earlier, LEFT)
    qtbot.waitUntil(lambda: len(documents.cards.cards) > 0, timeout=WAIT)
    assert [c.document_id for c in documents.cards.cards] == found[stands - PAGE : stands]


def test_another_draw_has_another_order(documents: FeatureDocuments, qtbot: QtBot) -> None:
    choose(documents, SILENT, qtbot)
    first = [card.document_id for card in documents.cards.cards]
    assert all(card.value == 0 for card in documents.cards.cards)
    QTest.mouseClick(documents.draw, LEFT)
    qtbot.waitUntil(lambda: len(documents.cards.cards) > 0, timeout=WAIT)
    assert [card.document_id for card in documents.cards.cards] != first
    assert not documents.all.isVisible(), "silent documents are nearly the whole corpus"


def test_the_slider_moves_a_band_over_the_activations(
    documents: FeatureDocuments, session: Session, qtbot: QtBot
) -> None:
    choose(documents, BY_QUANTILE, qtbot)
    assert session.sae is not None
    values = np.asarray(session.sae.activations.latent(session.feature)[1])
    documents.band.setFocus()
    for key, position in ((Qt.Key.Key_Home, 0.0), (Qt.Key.Key_End, 1.0), (Qt.Key.Key_Left, 0.95)):
        QTest.keyClick(documents.band, key)
        low, high = np.quantile(values, band_around(position))
        slack = np.ptp(values) / len(values) * 5
        shown = [card.value for card in documents.cards.cards]
        assert shown
        assert min(shown) >= low - slack
        assert max(shown) <= high + slack
        assert documents.found == pytest.approx(len(values) / 10, abs=1)
    assert documents.band_text.text().startswith("90 – 100 %")


def test_near_misses_are_the_engines_and_say_among_how_many(
    documents: FeatureDocuments, session: Session, qtbot: QtBot
) -> None:
    choose(documents, NEAR_MISSES, qtbot)
    assert session.project is not None
    assert session.sae is not None
    assert session.feature is not None
    near = FeatureDetails(session.project, session.sae).near_misses(session.feature)
    expected = session.document_ids(near.rows).tolist()
    cards = documents.cards.cards
    assert [card.document_id for card in cards] == expected[:PAGE]
    assert not set(expected) & set(session.document_ids(rows_of(session)).tolist())
    assert cards[0].facts[0] == f"cosine {near.cosines[0]:.2f}"
    assert documents.foot.shown.text() == (
        f"1 – {PAGE} of the {len(expected)} among the {near.searched} documents searched"
    )
    wanted: list[DocumentFilter] = []
    session.documents_wanted.connect(wanted.append)
    QTest.mouseClick(documents.all, LEFT)
    assert wanted[0].document_ids is not None
    assert wanted[0].document_ids.tolist() == sorted(expected)


def test_only_the_newest_question_is_answered(
    documents: FeatureDocuments, session: Session, qtbot: QtBot
) -> None:
    choose(documents, NEAR_MISSES, qtbot)
    for latent in (3, 4, 5):
        session.select_feature(latent)
    tabs = documents.tabs
    QTest.mouseClick(tabs, LEFT, pos=tabs.place_of(AT_RANDOM).center())
    QTest.mouseClick(tabs, LEFT, pos=tabs.place_of(STRONGEST).center())
    first = [card.document_id for card in documents.cards.cards]
    assert first == session.document_ids(rows_of(session)).tolist()[:PAGE]
    qtbot.waitUntil(lambda: not session.query.tasks, timeout=WAIT)
    assert [card.document_id for card in documents.cards.cards] == first
