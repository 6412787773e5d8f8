from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from saedesk.errors import BadSetting
from saedesk.features.labels.documents_read import ALL_READ, documents_read
from saedesk.features.labels.label_scoring import (
    EMBEDDING,
    LEXICAL,
    LabelScorer,
    label_stems,
    lexical_share,
)
from saedesk.features.labels.scoring_documents import ScoringSettings, scoring_documents
from saedesk.features.labels.word_forms import word_stems
from saedesk.features.sparse_activations import SparseActivations
from saedesk.task_control import Cancelled, Unattended
from tests.features.made_up_activations import write_dense
from tests.features.made_up_topics import topic_corpus

TOPICS = ["gravitational lensing", "dark matter", "random forest", "neural networks", "ring nebula"]
TOPICS += ["solar wind", "protein folding", "stock market", "word embeddings", "cosmic strings"]
PER_TOPIC = 90
WIDTH = 24


class Planted:
    """Documents of ten topics; a topic's vectors lie around its own direction."""

    def __init__(self, folder: Path, shown: str | None = None) -> None:
        generator = np.random.default_rng(3)
        self.documents, dense = topic_corpus([[topic] for topic in TOPICS], PER_TOPIC)
        self.activations: SparseActivations = write_dense(folder, dense)
        self.centres = np.eye(len(TOPICS), WIDTH, dtype=np.float32)
        noise = generator.normal(size=(len(dense), WIDTH)).astype(np.float32)
        self.vectors = (dense > 0) @ self.centres + 0.08 * noise

    def read(self, latent: int) -> np.ndarray:
        return documents_read(self.activations, latent, 60)[0]

    def embed(self, labels: Sequence[str]) -> np.ndarray:
        return self.centres[[TOPICS.index(label.lower()) for label in labels]]

    def texts(self, rows: np.ndarray) -> list[tuple[str, str]]:
        return [self.documents[row] for row in rows]

    def scores(self, labels: dict[int, str], **settings: int) -> dict[int, dict]:
        scorer = LabelScorer(
            *(self.activations, self.vectors, self.read),
            embed=self.embed,
            texts=self.texts,
            settings=ScoringSettings(**settings),
        )
        return {i: one for block in scorer.scores(labels) for i, one in block.items()}


@pytest.fixture
def planted(tmp_path: Path) -> Planted:
    return Planted(tmp_path)


def test_right_labels_score_near_1_and_shuffled_ones_at_chance(planted: Planted) -> None:
    right = planted.scores(dict(enumerate(TOPICS)))
    assert len(right) == len(TOPICS)
    for by_scorer in right.values():
        assert by_scorer[EMBEDDING].score > 0.95
        assert by_scorer[LEXICAL].score > 0.95
        for score in by_scorer.values():
            assert score.low <= score.score <= score.high
            assert score.documents == 70  # 30 that nobody has read, 40 inactive ones
    shuffled = planted.scores({i: TOPICS[i - 3] for i in range(len(TOPICS))})
    for scorer in (EMBEDDING, LEXICAL):
        scores = [by_scorer[scorer] for by_scorer in shuffled.values()]
        held = sum(score.low <= 0.5 <= score.high for score in scores)
        assert held >= 9, scorer
        assert max(score.score for score in scores) < 0.7


def test_a_label_of_everything_or_nothing_scores_one_half(planted: Planted) -> None:
    scorer = LabelScorer(
        *(planted.activations, planted.vectors, planted.read),
        embed=lambda labels: np.zeros((len(labels), WIDTH), np.float32),
        texts=planted.texts,
    )
    (block,) = scorer.scores({0: "zebra", 1: "the of", 2: "  "})
    assert set(block) == {0, 1}
    assert block[0][LEXICAL].score == block[0][EMBEDDING].score == 0.5
    assert block[0][LEXICAL].low < 0.5 < block[0][LEXICAL].high
    assert LEXICAL not in block[1]


def test_no_document_that_was_read_is_scored_on(planted: Planted) -> None:
    found = scoring_documents(
        *(planted.activations, planted.vectors, range(len(TOPICS)), planted.read),
        ScoringSettings(),
    )
    seen: list[set[int]] = []
    for one in found:
        active = set(planted.activations.latent(one.latent)[0].tolist())
        read = set(planted.read(one.latent).tolist())
        positives, negatives = set(one.rows[one.is_active]), set(one.rows[~one.is_active])
        assert positives <= active - read
        assert not negatives & active
        assert len(positives) + len(negatives) == len(one.rows) == 70
        seen.append(negatives)
    # Every feature has negatives of its own.
    assert len({frozenset(each) for each in seen}) == len(TOPICS)
    assert max(len(a & b) for a in seen for b in seen if a is not b) < 20
    again = scoring_documents(
        *(planted.activations, planted.vectors, [4], planted.read), ScoringSettings(pool=900)
    )
    assert set(again[0].rows[again[0].is_active]) == set(found[4].rows[found[4].is_active])


def test_half_of_the_negatives_are_hard_ones(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    dense = np.zeros((1000, 2), np.float32)
    dense[:60, 0] = generator.random(60) + 0.5
    vectors = generator.normal(size=(1000, WIDTH)).astype(np.float32)
    vectors[:160, 0] += 8  # 100 inactive documents are like the 60 active ones
    activations = write_dense(tmp_path, dense)
    (found,) = scoring_documents(
        *(activations, vectors, [0, 1], lambda _: np.empty(0, np.int64)),
        ScoringSettings(positives=30, negatives=60),
        np.array([60, 61, 0]),
    )
    negatives = found.rows[~found.is_active]
    assert found.latent == 0
    assert found.is_active.sum() == 30
    assert len(negatives) == 60
    assert 30 <= ((negatives >= 60) & (negatives < 160)).sum() <= 40
    assert not {0, 60, 61} & set(found.rows)


def test_positives_are_spread_over_the_quantiles(tmp_path: Path) -> None:
    dense = np.zeros((900, 1), np.float32)
    dense[:400, 0] = np.linspace(1, 0.1, 400)
    activations = write_dense(tmp_path, dense)
    vectors = np.random.default_rng(0).normal(size=(900, 8))
    (found,) = scoring_documents(
        *(activations, vectors, [0], lambda _: np.empty(0, np.int64)), ScoringSettings()
    )
    ranks = found.rows[found.is_active]
    assert [int((ranks // 100 == quarter).sum()) for quarter in range(4)] == [10, 10, 10, 10]


def test_too_few_documents_to_spare_give_no_score(tmp_path: Path) -> None:
    dense = np.zeros((300, 3), np.float32)
    dense[:ALL_READ, 0] = 1
    dense[20:43, 1] = np.linspace(1, 2, 23)  # 7 that nobody has read
    dense[50:77, 2] = np.linspace(1, 2, 27)  # 9
    activations = write_dense(tmp_path, dense)
    vectors = np.random.default_rng(0).normal(size=(300, 8))
    scorer = LabelScorer(
        *(activations, vectors, lambda latent: documents_read(activations, latent, 100)[0]),
        texts=lambda rows: [("", "star dust") for _ in rows],
    )
    (block,) = scorer.scores({0: "star", 1: "dust", 2: "dust"})
    assert set(block) == {2}
    assert block[2][LEXICAL].documents == 49
    # A feature active everywhere has no inactive documents.
    full = write_dense(tmp_path / "full", np.ones((60, 1), np.float32))
    scorer = LabelScorer(full, vectors[:60], lambda latent: np.arange(20), texts=lambda rows: [])
    assert list(scorer.scores({0: "star"})) == [{}]


def test_blocks_of_features_give_the_same_and_can_be_cancelled(planted: Planted) -> None:
    labels = dict(enumerate(TOPICS))
    whole = planted.scores(labels, pool=900)
    assert planted.scores(labels, pool=900, features_at_once=3) == whole

    class CancelLater(Unattended):
        left = 4

        def checkpoint(self) -> None:
            self.left -= 1
            if self.left < 0:
                raise Cancelled

    scorer = LabelScorer(planted.activations, planted.vectors, planted.read, texts=planted.texts)
    with pytest.raises(Cancelled):
        list(scorer.scores(labels, CancelLater()))


def test_documents_read_and_set_aside(tmp_path: Path) -> None:
    dense = np.zeros((800, 3), np.float32)
    dense[:ALL_READ, 0] = 1
    dense[:30, 1] = np.linspace(1, 0.1, 30)
    dense[:, 2] = np.linspace(1, 0.1, 800)
    activations = write_dense(tmp_path, dense)
    assert len(documents_read(activations, 0, 100)[0]) == ALL_READ
    rows, values = documents_read(activations, 1, 100)
    np.testing.assert_array_equal(rows, [row for row in range(30) if row % 3 != 2])
    assert (np.diff(values) < 0).all()
    rows, _ = documents_read(activations, 2, 100)
    assert len(rows) == 100
    assert not (rows % 3 == 2).any()
    assert (rows < 75).sum() >= 50
    assert ((rows > 150) & (rows < 400)).sum() >= 30
    assert rows.max() < 400


def test_words_of_a_label() -> None:
    stems = label_stems("Mixtures of experts, X-ray lenses & the 3D $x$")
    assert len(stems) == 5
    document = frozenset().union(*map(word_stems, ["mixture", "lens", "expert", "ray"]))
    assert lexical_share(stems, document) == pytest.approx(4 / 5)
    assert label_stems("of the") == ()


def test_settings_out_of_range() -> None:
    with pytest.raises(BadSetting, match="fewest"):
        ScoringSettings(fewest=0)
