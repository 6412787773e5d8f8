"""The known-answer benchmark: its data, its metrics against slow versions, oracle and floor."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from saedesk.errors import BadInput, BadSetting
from saedesk.registry import Registry
from saedesk.sae.architectures import architectures
from saedesk.sae.known_answer import known_answer_runs
from saedesk.sae.known_answer.known_answer_data import (
    N_CHILDREN,
    N_GRANDCHILDREN,
    N_ROOTS,
    KnownAnswerData,
    feature_forest,
    known_answer_sets,
    sparse_sources,
)
from saedesk.sae.known_answer.known_answer_results import (
    USUAL_RUNS,
    Spread,
    expected_range,
    protocol,
    results_as_json,
    stored_results,
    summarise,
)
from saedesk.sae.known_answer.known_answer_runs import (
    BOUNDS,
    RANDOM_DICTIONARY,
    TRUE_DICTIONARY,
    score,
    score_bound,
    settings_for,
    train_and_score,
)
from saedesk.sae.known_answer.recovery_scores import (
    METRICS,
    RecoveryScores,
    fraction_unexplained,
    mcc_of_codes,
    mcc_of_dictionary,
    recovered_share,
)
from saedesk.sae.training import train

SETS = {one.name: one for one in known_answer_sets()}


@pytest.fixture(scope="module")
def forest() -> KnownAnswerData:
    return feature_forest().make(3)


# -- data --------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_active", [3, 6, 9])
def test_sources_have_the_published_sizes(n_active: int) -> None:
    data = sparse_sources(n_active).make(0)
    assert data.dictionary.shape == (16, 8)
    np.testing.assert_allclose(np.linalg.norm(data.dictionary, axis=1), 1)
    for codes in (data.training_codes, data.test_codes):
        assert codes.shape == (1024, 16)
        assert ((codes > 0).sum(axis=1) == n_active).all()
        assert not (codes < 0).any()
        share = (codes > 0).mean(axis=0)
        assert np.abs(share - n_active / 16).max() < 0.06
    values = data.training_codes[data.training_codes > 0]
    assert stats.kstest(values, stats.halfnorm.cdf).pvalue > 1e-4
    assert data.test_rows.dtype == np.float32
    np.testing.assert_allclose(data.test_rows, data.test_codes @ data.dictionary, atol=1e-5)


@pytest.mark.parametrize("n_active", [2, 10])
def test_no_other_numbers_of_active_sources(n_active: int) -> None:
    with pytest.raises(BadSetting, match=str(n_active)):
        sparse_sources(n_active)


@pytest.mark.parametrize("name", SETS)
def test_a_draw_is_a_function_of_its_seed(name: str) -> None:
    first, again, other = (SETS[name].make(seed) for seed in (1, 1, 2))
    assert np.array_equal(first.training_rows, again.training_rows)
    assert np.array_equal(first.dictionary, again.dictionary)
    assert not np.array_equal(first.dictionary, other.dictionary)
    assert not np.array_equal(first.test_codes, first.training_codes[: len(first.test_codes)])


def family(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which are active: roots (n, r), children (n, r, c), grandchildren (n, r, c, g)."""
    active = codes > 0
    below = N_ROOTS * (1 + N_CHILDREN)
    return (
        active[:, :N_ROOTS],
        active[:, N_ROOTS:below].reshape(-1, N_ROOTS, N_CHILDREN),
        active[:, below:].reshape(-1, N_ROOTS, N_CHILDREN, N_GRANDCHILDREN),
    )


def test_children_are_active_only_with_their_parent_and_one_at_a_time(
    forest: KnownAnswerData,
) -> None:
    roots, children, grandchildren = family(forest.training_codes)
    assert not (children.any(axis=2) & ~roots).any()
    assert not (grandchildren.any(axis=3) & ~children).any()
    assert children.sum(axis=2).max() == 1
    assert grandchildren.sum(axis=3).max() == 1
    # Half of the active parents go on, and no feature is too rare to be learnt.
    assert children.any(axis=2).sum() / roots.sum() == pytest.approx(0.5, abs=0.02)
    assert grandchildren.any(axis=3).sum() / children.sum() == pytest.approx(0.5, abs=0.02)
    assert (forest.training_codes > 0).sum(axis=0).min() >= 10
    assert (forest.test_codes > 0).any(axis=0).all()


def test_the_forest_is_overlapping_correlated_and_falls_like_zipf(forest: KnownAnswerData) -> None:
    roots, children, _ = family(np.concatenate([forest.training_codes, forest.test_codes]))
    expected = 0.4 * np.arange(1, N_ROOTS + 1) ** -0.5
    np.testing.assert_allclose(roots.mean(axis=0), expected, atol=0.02)
    shares = children.sum(axis=(0, 1)) / children.sum()
    assert (np.diff(shares) < 0).all()
    correlations = np.corrcoef(roots.T.astype(float))[np.triu_indices(N_ROOTS, 1)]
    assert np.abs(correlations).max() > 0.05
    unit = forest.dictionary
    np.testing.assert_allclose(np.linalg.norm(unit, axis=1), 1)
    with_parent = (
        unit[N_ROOTS : N_ROOTS * (1 + N_CHILDREN)] * np.repeat(unit[:N_ROOTS], N_CHILDREN, axis=0)
    ).sum(axis=1)
    assert with_parent.mean() == pytest.approx(0.3, abs=0.1)
    assert len(unit) > unit.shape[1]
    n_active = (forest.training_codes > 0).sum(axis=1).mean()
    assert abs(n_active - feature_forest().n_active) < 0.5
    assert np.linalg.norm(forest.bias) == pytest.approx(0.5)
    expected_rows = forest.test_codes @ unit + forest.bias
    np.testing.assert_allclose(forest.test_rows, expected_rows, atol=1e-5)


# -- metrics -----------------------------------------------------------------------------------


def slow_best_matching(similarity: np.ndarray) -> float:
    n = len(similarity)
    return max(
        sum(similarity[i, j] for i, j in enumerate(order)) / n
        for order in itertools.permutations(range(n))
    )


def test_mcc_equals_the_best_of_all_permutations() -> None:
    generator = np.random.default_rng(0)
    true = generator.exponential(size=(40, 5)) * (generator.random((40, 5)) < 0.4)
    found = true[:, [3, 1, 0, 4, 2]] + generator.normal(size=(40, 5))
    similarity = np.abs(np.corrcoef(true.T, found.T)[:5, 5:])
    assert mcc_of_codes(true, found) == pytest.approx(slow_best_matching(similarity), rel=1e-12)
    # A greedy matching is not enough here.
    a, b = generator.normal(size=(2, 5, 3))
    cosines = [[abs(u @ v) / np.sqrt(u @ u * (v @ v)) for v in b] for u in a]
    best = slow_best_matching(np.array(cosines))
    assert mcc_of_dictionary(a, b) == pytest.approx(best, rel=1e-12)


def test_mcc_knows_no_order_sign_or_scale() -> None:
    data = sparse_sources().make(0)
    generator = np.random.default_rng(1)
    found = data.test_codes + 0.3 * generator.normal(size=data.test_codes.shape)
    rows = data.dictionary + 0.3 * generator.normal(size=data.dictionary.shape)
    order = generator.permutation(16)
    factor = generator.choice([-1, 1], 16) * generator.uniform(0.1, 10, 16)
    plain = mcc_of_codes(data.test_codes, found)
    assert 0.5 < plain < 0.99
    changed = (found * factor + generator.normal(size=16))[:, order]
    assert mcc_of_codes(data.test_codes, changed) == pytest.approx(plain, rel=1e-9)
    plain = mcc_of_dictionary(data.dictionary, rows)
    changed = (rows * factor[:, None])[order]
    assert mcc_of_dictionary(data.dictionary, changed) == pytest.approx(plain, rel=1e-9)


def test_dead_latents_and_missing_ones_count_nothing() -> None:
    data = sparse_sources().make(0)
    codes, rows = data.test_codes.copy(), data.dictionary.copy()
    codes[:, :4] = 0.1  # constant, with rounding in its mean
    codes[:, 4:8] = 0
    rows[:8] = 0
    with np.errstate(all="raise"):
        assert mcc_of_codes(data.test_codes, codes) == pytest.approx(0.5)
        assert mcc_of_dictionary(data.dictionary, rows) == pytest.approx(0.5, abs=0.001)
        assert recovered_share(data.dictionary, rows) == 0.5
    assert mcc_of_codes(data.test_codes, codes[:, 8:]) == pytest.approx(0.5)
    wider = np.concatenate([data.test_codes, codes], axis=1)
    assert mcc_of_codes(data.test_codes, wider) == pytest.approx(1)
    with pytest.raises(BadInput, match="1024"):
        mcc_of_codes(data.test_codes, codes[:-1])


def test_a_direction_is_recovered_above_its_cosine_and_with_its_sign() -> None:
    true = np.eye(4)[:3]
    tilted = np.array([[0.95, 0, 0, np.sqrt(1 - 0.95**2)], [0, 0.85, 0, np.sqrt(1 - 0.85**2)]])
    assert recovered_share(true, tilted) == pytest.approx(1 / 3)
    assert recovered_share(true, -tilted) == 0
    assert recovered_share(true, np.concatenate([-tilted, 5 * np.eye(4)])) == 1


def test_fvu_is_one_for_the_mean_and_zero_for_the_rows() -> None:
    rows = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    mean = np.broadcast_to(rows.astype(float).mean(axis=0), rows.shape)
    assert fraction_unexplained(rows, mean) == pytest.approx(1)
    assert fraction_unexplained(rows, rows) == 0


# -- oracle, floor and training ----------------------------------------------------------------


def codes_of_the_best_support(data: KnownAnswerData, n_active: int) -> np.ndarray:
    """Every choice of `n_active` directions tried, the one with the smallest error taken."""
    rows, dictionary = data.test_rows.astype(np.float64), data.dictionary
    best = np.full(len(rows), np.inf)
    codes = np.zeros((len(rows), len(dictionary)))
    for support in itertools.combinations(range(len(dictionary)), n_active):
        chosen = list(support)
        fitted = rows @ np.linalg.pinv(dictionary[chosen])
        error = np.square(rows - fitted @ dictionary[chosen]).sum(axis=1)
        is_better = (error < best) & (fitted > -1e-3).all(axis=1)
        best[is_better], codes[is_better] = error[is_better], 0
        codes[np.ix_(is_better, chosen)] = fitted[is_better]
    return codes


def test_the_true_dictionary_with_the_best_encoder_is_perfect() -> None:
    data = sparse_sources().make(0)
    assert mcc_of_codes(data.test_codes, codes_of_the_best_support(data, 3)) > 0.999


def test_the_bounds_are_near_one_and_at_the_floor() -> None:
    data_set = sparse_sources()
    top, floor = (score_bound(bound, data_set, 0) for bound in (TRUE_DICTIONARY, RANDOM_DICTIONARY))
    assert top.mcc_of_codes > 0.98
    assert top.mcc_of_dictionary == pytest.approx(1)
    assert (top.recovered_share, top.dead_share) == (1, 0)
    assert top.fvu < 1e-6
    assert floor.mcc_of_codes < 0.5
    # What matching alone gives to directions that have nothing to do with each other.
    generator = np.random.default_rng(9)
    draws = [
        mcc_of_dictionary(a, b) for a, b in (generator.normal(size=(2, 16, 8)) for _ in range(200))
    ]
    assert abs(floor.mcc_of_dictionary - np.mean(draws)) < 4 * np.std(draws)
    assert floor.recovered_share < 0.1


def test_a_trained_topk_finds_much_more_than_an_untrained_one() -> None:
    data_set = sparse_sources()
    data = data_set.make(0)
    # A fitted start knows much already, so the random one of the published SAEs is the measure;
    # and single seeds end a tenth apart, so what five of them reach on average is compared.
    random = settings_for("topk", data_set, 0) | {"initialisation": "published"}
    untrained = score(train(data.training_rows, "topk", steps=1, device="cpu", **random), data)
    runs = [train_and_score("topk", data_set, seed, steps=500) for seed in range(5)]

    def mean(measure: str) -> float:
        return float(np.mean([getattr(run, measure) for run in runs]))

    assert mean("mcc_of_codes") > untrained.mcc_of_codes + 0.15
    assert mean("mcc_of_dictionary") > untrained.mcc_of_dictionary + 0.1
    assert mean("recovered_share") >= untrained.recovered_share + 0.3
    assert max(run.fvu for run in runs) < 0.2 < untrained.fvu
    assert all(2.5 < run.l0 <= 3 for run in runs)
    bound = score_bound(TRUE_DICTIONARY, data_set, 0).mcc_of_codes
    assert all(run.mcc_of_codes < bound for run in runs)


def test_every_architecture_is_set_up_for_the_set() -> None:
    for name in architectures():
        for data_set in known_answer_sets():
            settings = settings_for(name, data_set, 7)
            config = architectures().get(name).Config(**settings)
            config.check()
            assert (config.n_latents, config.seed) == (data_set.n_features, 7)


def test_architectures_of_others_say_what_sparsity_means(monkeypatch: pytest.MonkeyPatch) -> None:
    topk = architectures().get("topk")

    class WithAWeight(topk):  # type: ignore[misc, valid-type]
        @staticmethod
        def settings_for_sparsity(k: int) -> dict[str, float]:
            return {"k": k, "aux_coefficient": k / 100}

    class WithKAlone:
        Config = topk.Config

    others: Registry = Registry("architecture", "saedesk.no_such_group")
    others.add("weight", WithAWeight)
    others.add("k_alone", WithKAlone)
    monkeypatch.setattr(known_answer_runs, "architectures", lambda: others)
    assert settings_for("weight", sparse_sources(5), 0)["aux_coefficient"] == 0.05
    assert settings_for("k_alone", sparse_sources(5), 0)["k"] == 5


# -- means, intervals and the stored values ----------------------------------------------------


def scores(value: float) -> RecoveryScores:
    return RecoveryScores(value, value, value, value, 3 * value, value)


def test_a_summary_has_the_t_interval_of_the_mean() -> None:
    numbers = [0.5, 0.7, 0.6, 0.9]
    result = summarise("s", "topk", "TopK", [scores(number) for number in numbers])
    low, high = stats.t.interval(0.95, 3, np.mean(numbers), stats.sem(numbers))
    assert result.values["fvu"].interval == pytest.approx((low, high))
    assert result.values["l0"].mean == pytest.approx(3 * np.mean(numbers))
    assert summarise("s", "topk", "TopK", [scores(0.5)]).values["fvu"].interval is None


def test_the_expected_range_holds_new_means_and_not_changed_ones() -> None:
    generator = np.random.default_rng(0)
    mcc = METRICS[0]
    inside = 0
    for _ in range(2000):
        old, new = generator.normal(0.6, 0.02, 20), generator.normal(0.6, 0.02, 3)
        spread = Spread(float(old.mean()), float(old.std(ddof=1)), 20)
        low, high = expected_range(mcc, spread, 3, 16)
        inside += low <= new.mean() <= high
    assert 0.995 <= inside / 2000 < 1
    assert high < 0.68
    # Values that never varied: rounding, or one feature in one run.
    never = Spread(0.0, 0.0, 20)
    ranges = {metric.name: expected_range(metric, never, 3, 16) for metric in METRICS}
    assert ranges["fvu"] == (0, 0.005)
    assert ranges["dead_share"] == pytest.approx((0, 1 / 48))
    assert expected_range(mcc, Spread(0.99, 0.1, 20), 3, 16)[1] == 1


def test_stored_results_come_back(tmp_path: Path) -> None:
    data_set = sparse_sources()
    runs = [scores(0.5), scores(0.6), scores(0.8)]
    result = summarise(data_set.name, "topk", "TopK", runs)
    file = tmp_path / "stored.json"
    file.write_text(json.dumps(results_as_json([result], [data_set], {"torch": "2"})), "utf-8")
    (found,) = stored_results(file)
    assert (found.data_set, found.architecture, found.title) == (data_set.name, "topk", "TopK")
    for metric in METRICS:
        spread = found.values[metric.name]
        assert spread.mean == pytest.approx(result.values[metric.name].mean, abs=1e-6)
        expected = expected_range(metric, result.values[metric.name], USUAL_RUNS, 16)
        assert found.ranges[metric.name] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"results": [{"data_set": "x"}]}'])
def test_a_damaged_file_of_stored_results_is_a_sentence(tmp_path: Path, content: str) -> None:
    file = tmp_path / "stored.json"
    file.write_text(content)
    with pytest.raises(BadInput, match=r"stored\.json"):
        stored_results(file)
    with pytest.raises(BadInput, match=r"missing\.json"):
        stored_results(tmp_path / "missing.json")


def test_the_shipped_values_belong_to_the_sets_as_they_are() -> None:
    file = known_answer_data_file()
    content = json.loads(file.read_text("utf-8"))
    assert content["protocols"] == {name: protocol(one) for name, one in SETS.items()}
    results = stored_results()
    for result in results:
        for metric in METRICS:
            spread = result.values[metric.name]
            assert spread.runs >= 10
            n_features = SETS[result.data_set].n_features
            expected = expected_range(metric, spread, USUAL_RUNS, n_features)
            assert result.ranges[metric.name] == pytest.approx(expected, abs=1e-4)
    keys = [(result.data_set, result.architecture) for result in results]
    assert len(keys) == len(set(keys))
    assert set(keys) >= {(name, one) for name in SETS for one in (*BOUNDS, "topk")}


def known_answer_data_file() -> Path:
    from saedesk.resource_files import resource

    return resource("known_answer", "stored_results.json")


def test_stored_results_need_no_torch() -> None:
    code = (
        "import sys\n"
        "from saedesk.sae.known_answer.known_answer_results import stored_results\n"
        "assert stored_results()[0].values['fvu'].interval\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_every_architecture_still_reaches_its_stored_values() -> None:
    from saedesk.jobs import known_answer_benchmark
    from saedesk.task_control import Unattended

    stored = {(one.data_set, one.architecture): one for one in stored_results()}
    results = known_answer_benchmark.run(known_answer_benchmark.BenchmarkRequest(), Unattended())
    missing = [
        one.architecture for one in results if (one.data_set, one.architecture) not in stored
    ]
    assert missing == []
    outside = [
        (one.data_set, one.architecture, metric.name, value, (low, high))
        for one in results
        for metric in METRICS
        for low, high in [stored[one.data_set, one.architecture].ranges[metric.name]]
        for value in [one.values[metric.name].mean]
        if not low <= value <= high
    ]
    assert outside == []
