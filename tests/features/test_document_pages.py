"""Pages of every choice fit together and hold what a plain count over the dense codes says."""

from __future__ import annotations

import numpy as np
import pytest

from saedesk.features.document_pages import (
    band_around,
    band_page,
    random_active_page,
    random_inactive_page,
    range_page,
    strongest_page,
)
from tests.features.made_up_activations import random_dense, write_dense

NEVER, ALWAYS_EQUAL, USUAL, ONCE, ALWAYS = 1, 2, 3, 4, 5


@pytest.fixture
def dense() -> np.ndarray:
    dense = random_dense(300, 6, seed=2)
    rng = np.random.default_rng(0)
    dense[:, USUAL] = np.where(rng.random(300) < 0.5, dense[:, 0] + 1, 0)
    dense[:, ONCE] = 0
    dense[17, ONCE] = 2
    dense[:, ALWAYS] = 1 + rng.random(300)
    return dense


@pytest.fixture
def activations(tmp_path, dense):
    return write_dense(tmp_path, dense)


def all_pages(ask, size: int = 37) -> tuple[list[int], list[float], int]:
    """Everything, page after page; checks that pages know their place."""
    rows, values = [], []
    while True:
        page = ask(len(rows), size)
        assert page.offset == len(rows)
        assert len(page.rows) == len(page.values) == min(size, max(0, page.total - len(rows)))
        if not len(page.rows):
            return rows, values, page.total
        rows += page.rows.tolist()
        values += page.values.tolist()


@pytest.mark.parametrize("latent", range(6))
def test_strongest_and_random_pages_hold_every_active_document_once(activations, dense, latent):
    active = np.flatnonzero(dense[:, latent])
    order = sorted(active.tolist(), key=lambda row: (-dense[row, latent], row))
    rows, values, total = all_pages(lambda at, n: strongest_page(activations, latent, at, n))
    assert (rows, total) == (order, len(active))
    assert values == dense[order, latent].tolist()
    drawn, values, total = all_pages(
        lambda at, n: random_active_page(activations, latent, at, n, 5)
    )
    assert (sorted(drawn), total) == (active.tolist(), len(active))
    assert values == dense[drawn, latent].tolist()


@pytest.mark.parametrize("latent", range(6))
def test_random_inactive_pages_hold_every_silent_document_once(activations, dense, latent):
    bad = np.array([4, 5, 299])
    silent = sorted(set(np.flatnonzero(dense[:, latent] == 0).tolist()) - set(bad.tolist()))
    rows, values, total = all_pages(
        lambda at, n: random_inactive_page(activations, latent, at, n, 3, bad)
    )
    assert (sorted(rows), total) == (silent, len(silent))
    assert not any(values)
    if len(silent) > 20:
        assert rows != silent
        again = random_inactive_page(activations, latent, 0, 20, 3, bad)
        other = random_inactive_page(activations, latent, 0, 20, 4, bad)
        assert again.rows.tolist() == rows[:20] != other.rows.tolist()


def test_random_inactive_documents_are_drawn_evenly(activations, dense):
    drawn = np.zeros(300)
    for seed in range(400):
        drawn[random_inactive_page(activations, USUAL, 0, 15, seed).rows] += 1
    silent = dense[:, USUAL] == 0
    expected = 400 * 15 / silent.sum()
    assert (drawn[~silent] == 0).all()
    assert drawn[silent].std() < 1.3 * np.sqrt(expected)
    assert drawn[silent].mean() == pytest.approx(expected)


@pytest.mark.parametrize("latent", range(6))
def test_ten_bands_cut_the_documents_into_ten_parts(activations, dense, latent):
    order = strongest_page(activations, latent, 0, 1000).rows.tolist()
    parts = [
        all_pages(lambda at, n, b=band: band_page(activations, latent, b / 10, (b + 1) / 10, at, n))
        for band in reversed(range(10))
    ]
    if len(order) >= 20:
        assert sum(len(rows) for rows, _, _ in parts) == len(order)
        assert [row for rows, _, _ in parts for row in rows] == order
        sizes = [total for _, _, total in parts]
        assert max(sizes) - min(sizes) <= 1
    assert all_pages(lambda at, n: band_page(activations, latent, 0, 1, at, n))[0] == order


def test_a_narrow_band_holds_the_nearest_document(activations):
    order = strongest_page(activations, USUAL, 0, 1000).rows.tolist()
    for position in np.linspace(0, 1, 23):
        page = band_page(activations, USUAL, position, position, 0, 10)
        assert page.total == 1
        rank = order.index(int(page.rows[0]))
        assert abs((len(order) - rank - 0.5) / len(order) - position) <= 0.51 / len(order)
    assert band_page(activations, ONCE, 0.2, 0.3, 0, 10).rows.tolist() == [17]
    assert band_page(activations, NEVER, 0.2, 0.3, 0, 10).total == 0


def test_the_slider_keeps_the_width_of_its_band():
    for position in np.linspace(0, 1, 41):
        low, high = band_around(float(position))
        assert 0 <= low < high <= 1
        assert high - low == pytest.approx(0.1)
        assert low - 1e-12 <= position <= high + 1e-12
    assert band_around(0.5, 0.2) == pytest.approx((0.4, 0.6))
    with pytest.raises(ValueError, match="position"):
        band_around(1.1)


def test_ranges_take_in_the_lower_end(activations, dense):
    values = dense[:, USUAL]
    top = float(values.max())
    for low, high in [(1.2, 1.5), (1.25, 1.25), (0, np.inf), (1.5, top), (9, 10), (1.5, 1.2)]:
        rows, _, _ = all_pages(
            lambda at, n, r=(low, high): range_page(activations, USUAL, *r, at, n)
        )
        inside = (values >= low) & (values < high) & (values > 0)
        if high == top:
            inside |= (values == top) & (values >= low)
        assert sorted(rows) == np.flatnonzero(inside).tolist()


def test_wrong_pages_and_quantiles_are_refused(activations):
    with pytest.raises(ValueError, match="page"):
        strongest_page(activations, USUAL, -1, 5)
    with pytest.raises(ValueError, match="quantiles"):
        band_page(activations, USUAL, 0.8, 0.2, 0, 5)
