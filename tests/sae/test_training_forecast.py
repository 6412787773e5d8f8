"""The forecast scales, learns from earlier runs and their errors, and knows what it does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from saedesk.sae.architectures.topk import TopKConfig
from saedesk.sae.corpus_probe import CorpusProbe, FvuLaw, ProbePoint, fitted
from saedesk.sae.scaling_laws import published_loss
from saedesk.sae.training_cost import training_steps
from saedesk.sae.training_forecast import Forecast, PastRun, forecast
from saedesk.sae.training_presets import presets
from saedesk.sae.training_rows import TrainingRows

BALANCED = presets(30_000, 384)[1].config
LAW = FvuLaw(1.2, -0.1, -0.2)
PROBE = CorpusProbe("vectors", 3400, (), LAW, {"topk": 2.0, "batch_topk": 3.0})


def told(config: TopKConfig = BALANCED, **known) -> Forecast:
    documents = known.pop("documents", 30_000)
    d_in = known.pop("d_in", 384)
    return forecast(config, documents, d_in, **{"products_per_second": 1e10, **known})


def test_the_forecast_scales_and_is_corrected_by_the_last_run() -> None:
    plain = told()
    assert told(replace(BALANCED, epochs=240)).seconds == pytest.approx(2 * plain.seconds)
    assert plain.fvu is None
    slow = PastRun(768, 8, 1024, plain.steps, 3 * plain.seconds, 0.4)
    other = PastRun(64, 4, 32, 100, 60.0, 0.9)
    corrected = told(past=[slow, other])
    assert corrected.seconds == pytest.approx(3 * plain.seconds)
    assert corrected.fvu is not None
    low, likely, high = corrected.fvu
    assert low < likely < high
    assert likely == pytest.approx(0.4)
    assert high - low < 0.02
    assert corrected.fvu_source == "earlier runs"


@pytest.mark.parametrize(
    ("documents", "batch", "share"),
    [(60, 20, 0.1), (100, 33, 0.0), (1000, 128, 0.05), (30, 29, 0.02), (9, 4, 0.5)],
)
def test_steps_are_counted_as_the_training_takes_them(
    documents: int, batch: int, share: float
) -> None:
    vectors = np.random.default_rng(0).normal(size=(documents, 3)).astype(np.float32)
    rows = TrainingRows(vectors, batch_size=batch, held_out_share=share, seed=0)
    config = TopKConfig(batch_size=batch, held_out_share=share, epochs=7)
    assert training_steps(config, documents) == 7 * rows.steps_per_epoch


def test_a_probe_gives_fvu_and_time_before_the_first_run() -> None:
    found = told(probe=PROBE)
    assert found.fvu is not None
    assert found.fvu[1] == pytest.approx(LAW.fvu(768, 8, 30_000))
    assert found.fvu_source == "a quick fit on 3,400 documents"
    assert found.seconds == pytest.approx(2 * told().seconds)
    of_other = told(probe=PROBE, architecture="batch_topk")
    assert of_other.seconds == pytest.approx(1.5 * found.seconds)


def test_real_runs_count_more_than_the_probe_the_nearer_the_more() -> None:
    law = LAW.fvu(768, 8, 30_000)
    near = PastRun(768, 8, 1024, 100, 10.0, 1.2 * law)
    assert told(probe=PROBE, past=[near]).fvu[1] == pytest.approx(1.2 * law)  # type: ignore[index]
    far = PastRun(768, 64, 1024, 100, 10.0, 1.2 * LAW.fvu(768, 64, 30_000))
    moved = told(probe=PROBE, past=[far]).fvu[1]  # type: ignore[index]
    assert law < moved < 1.1 * law


def test_errors_of_earlier_forecasts_widen_the_next() -> None:
    good = PastRun(768, 16, 1024, 100, 10.0, 0.35, seconds_ratio=1.0, fvu_ratio=1.0)
    bad = replace(good, seconds_ratio=2.0, fvu_ratio=1.3)
    sure, unsure = told(past=[good]), told(past=[bad])
    assert sure.fvu is not None
    assert unsure.fvu is not None
    assert unsure.fvu[1] == sure.fvu[1]
    assert unsure.fvu[2] > sure.fvu[2]
    assert unsure.fvu[0] < sure.fvu[0]
    assert unsure.seconds == sure.seconds
    assert unsure.seconds_range[1] > 1.4 * sure.seconds_range[1]


def test_another_architecture_is_judged_by_its_own_runs_first() -> None:
    topk = PastRun(768, 8, 1024, 100, 10.0, 0.4)
    own = PastRun(384, 8, 1024, 100, 20.0, 0.5, architecture="batch_topk")
    both = told(past=[topk, own], architecture="batch_topk")
    alone = told(past=[own], architecture="batch_topk")
    assert both.seconds == alone.seconds


# -- the law of a probe ------------------------------------------------------------------------


def test_the_law_goes_through_what_it_was_fitted_to() -> None:
    law = FvuLaw(1.1, -0.1, -0.2, 0.1)
    sizes = [(64, 4), (256, 4), (256, 16), (128, 8)]
    documents = 3400
    points = []
    for n, k in sizes:
        middle = replace(law, gap=0.0).fvu(n, k, documents)
        ratio = law.fvu(n, k, documents) / middle
        points.append(ProbePoint(n, k, middle * ratio, middle * (2 - ratio)))
    found = fitted(points, documents)
    # Shorter training is taken into account, and the usual slopes draw a little.
    for n, k in sizes:
        assert found.fvu(n, k, documents) == pytest.approx(
            0.95 * law.fvu(n, k, documents), rel=0.02
        )
    assert found.n_exponent == pytest.approx(-0.1, abs=0.01)
    assert found.k_exponent == pytest.approx(-0.2, abs=0.01)
    assert found.gap == pytest.approx(0.1, abs=0.01)
    assert found.fvu(256, 8, 1e9) < found.fvu(256, 8, 30_000) < found.fvu(256, 8, 3_000)


# -- the published power laws ------------------------------------------------------------------

MEASURED = {  # O'Neill et al. 2024, l_n_k_scaling.pdf: n = 3072, 4608, 6144, 9216, 12288
    ("astro-ph", 16): (0.2300, 0.2174, 0.2113, 0.1994, 0.1943),
    ("astro-ph", 32): (0.1751, 0.1649, 0.1594, 0.1516, 0.1459),
    ("astro-ph", 64): (0.1419, 0.1308, 0.1262, 0.1195, 0.1150),
    ("astro-ph", 128): (0.1111, 0.1051, 0.1023, 0.0972, 0.0923),
    ("cs.LG", 16): (0.2308, 0.2164, 0.2064, 0.1986, 0.1910),
    ("cs.LG", 32): (0.1810, 0.1698, 0.1632, 0.1548, 0.1483),
    ("cs.LG", 64): (0.1486, 0.1397, 0.1312, 0.1230, 0.1170),
    ("cs.LG", 128): (0.1205, 0.1129, 0.1084, 0.0999, 0.0939),
}


def test_the_laws_meet_the_forty_measured_losses() -> None:
    for (corpus, k), losses in MEASURED.items():
        for n, measured in zip((3072, 4608, 6144, 9216, 12288), losses, strict=True):
            found = published_loss(n, k, 1536, 200_000)
            assert found is not None
            assert found.by_corpus[corpus] == pytest.approx(measured, rel=0.013)


def test_between_two_k_it_is_interpolated_and_outside_nothing_is_said() -> None:
    def loss(n: int = 6144, k: int = 48, d: int = 1536, documents: int = 200_000):
        return published_loss(n, k, d, documents)

    middle = loss()
    assert middle is not None
    for corpus, found in middle.by_corpus.items():
        below, above = (loss(k=k).by_corpus[corpus] for k in (32, 64))  # type: ignore[union-attr]
        assert above < found < below
    assert "trained on" in middle.sentence
    assert loss(n=768) is loss(k=8) is loss(k=256) is None
    assert loss(d=384) is loss(documents=30_000) is loss(documents=1_000_000) is None


def test_where_nothing_else_is_known_the_published_laws_stand_in() -> None:
    config = TopKConfig(n_latents=9216, k=64)
    found = told(config, documents=200_000, d_in=1536, probe=PROBE)
    assert found.fvu_source == "the published power laws"
    assert found.fvu is not None
    assert 0.119 < found.fvu[1] < 0.124
    run = PastRun(9216, 64, 1024, 100, 10.0, 0.2)
    assert told(config, documents=200_000, d_in=1536, past=[run]).fvu_source == "earlier runs"
    assert told(config, documents=30_000, d_in=1536).published is None


# -- remarks -----------------------------------------------------------------------------------


def test_remarks_have_the_numbers_behind_them() -> None:
    config = replace(presets(1_000, 384)[1].config, n_latents=3072, k=1000)
    found = {remark.kind: remark for remark in told(config, documents=1_000).remarks}
    assert "0.3 documents for each feature" in found["large dictionary"].sentence
    assert found["large dictionary"].number == pytest.approx(1000 / 3072)
    assert "1000 of 3,072" in found["large k"].sentence
    few = told(replace(config, k=8, held_out_share=0.01), documents=1_000).remarks
    assert {r.kind: r.number for r in few}["few held out"] == 10
    assert not told().remarks


def test_k_is_small_where_it_leaves_two_thirds_out() -> None:
    law = FvuLaw(1.4, -0.07, -0.2)
    hard = CorpusProbe("vectors", 3400, (), law)
    (small,) = told(replace(BALANCED, k=2), probe=hard).remarks
    assert small.kind == "small k"
    fvu, of_twice = law.fvu(768, 2, 30_000), law.fvu(768, 4, 30_000)
    assert small.number == pytest.approx(fvu)
    assert f"{100 * fvu:.0f} %" in small.sentence
    assert f"4 about {100 * of_twice:.0f} %" in small.sentence
    assert "k of 4" in small.advice
    assert not told(probe=hard).remarks
    easy = CorpusProbe("vectors", 3400, (), replace(law, scale=1.0))
    assert not told(replace(BALANCED, k=2), probe=easy).remarks
