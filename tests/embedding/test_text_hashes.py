from __future__ import annotations

import numpy as np

from saedesk.embedding.text_hashes import (
    as_bytes,
    find_rows,
    from_bytes,
    hash_array,
    sorting_order,
    text_hash,
)


def test_known_hash() -> None:
    # The first half of the SHA-256 of the empty text, from FIPS 180-4's examples.
    assert text_hash("").hex() == "e3b0c44298fc1c149afbf4c8996fb924"


def test_half_surrogate_pairs_have_hashes_of_their_own() -> None:
    assert len({text_hash("\ud800"), text_hash("\ud801"), text_hash("\ufffd")}) == 3


def test_hashes_that_end_in_zero_bytes_stay_apart() -> None:
    hashes = [b"a" * 15 + b"\0", b"a" * 14 + b"\0\0", b"\0" * 16, b"\0" * 15 + b"\x01"]
    known = hash_array(hashes)
    known = known[sorting_order(known)]
    assert find_rows(known, hash_array(hashes)).tolist() == [3, 2, 0, 1]
    assert from_bytes(as_bytes(known)).tolist() == known.tolist()


def test_order_is_the_order_of_the_bytes() -> None:
    rng = np.random.default_rng(0)
    hashes = [rng.bytes(16) for _ in range(500)]
    known = hash_array(hashes)
    assert [as_bytes(row.reshape(1)).tobytes() for row in known[sorting_order(known)]] == sorted(
        hashes
    )


def test_lookup_agrees_with_a_dictionary() -> None:
    rng = np.random.default_rng(1)
    # Few different high halves, so that the low halves must decide.
    hashes = sorted({bytes(rng.integers(0, 3, 8, np.uint8)) + rng.bytes(8) for _ in range(4000)})
    absent = [hashes[0][:8] + rng.bytes(8) for _ in range(50)] + [rng.bytes(16) for _ in range(50)]
    row_of = {value: row for row, value in enumerate(hashes)}
    wanted = [hashes[row] for row in rng.integers(0, len(hashes), 3000)] + absent
    found = find_rows(hash_array(hashes), hash_array(wanted))
    assert found.tolist() == [row_of.get(value, -1) for value in wanted]


def test_nothing_known_and_nothing_wanted() -> None:
    one = hash_array([text_hash("a")])
    assert find_rows(one[:0], one).tolist() == [-1]
    assert find_rows(one, one[:0]).tolist() == []
