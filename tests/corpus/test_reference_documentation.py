from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from saedesk.corpus import reference_documentation
from saedesk.corpus.docstring_text import (
    LONGEST_TEXT,
    readable_text,
    without_repeated_sentences,
)
from saedesk.corpus.reference_documentation import COLUMNS, collect_reference_documentation
from saedesk.errors import KnownError
from saedesk.task_control import Cancelled, Unattended


@pytest.fixture(scope="module")
def documentation(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    out = tmp_path_factory.mktemp("documentation") / "documentation.jsonl"
    return out, collect_reference_documentation(out, Unattended())


@pytest.fixture(scope="module")
def rows(documentation: tuple[Path, int]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in documentation[0].read_text("utf-8").splitlines()]


def test_size_and_fields(documentation: tuple[Path, int], rows: list[dict[str, Any]]) -> None:
    assert documentation[1] == len(rows)
    assert 5000 <= len(rows) <= 7500
    assert {tuple(row) for row in rows} == {tuple(use.column for use in COLUMNS)}
    packages = Counter(row["package"] for row in rows)
    assert set(packages) == {"Python", "NumPy", "SciPy", "scikit-learn", "PyTorch"}
    assert min(packages.values()) > 400
    assert {row["kind"] for row in rows} == {"module", "class", "function", "method"}


def test_keys_and_texts_are_unique_and_in_order(rows: list[dict[str, Any]]) -> None:
    keys = [row["key"] for row in rows]
    assert keys == sorted(set(keys))
    assert len({row["text"] for row in rows}) == len(rows)


def test_texts_are_prose(rows: list[dict[str, Any]]) -> None:
    texts = [row["text"] for row in rows]
    assert max(map(len, texts)) <= LONGEST_TEXT
    assert all(row["length"] == len(row["text"].split()) for row in rows)
    for unwanted in (">>> ", ":class:`", " at 0x", ".. math::", "Read more in the User Guide"):
        assert sum(unwanted in text for text in texts) <= len(texts) // 500, unwanted


def test_well_known_things_are_under_their_usual_names(rows: list[dict[str, Any]]) -> None:
    by_key = {row["key"]: row for row in rows}
    svd = by_key["scipy.linalg.svd"]
    assert svd["text"].startswith("Singular Value Decomposition.")
    assert (svd["package"], svd["module"], svd["kind"]) == ("SciPy", "scipy.linalg", "function")
    assert by_key["torch.nn.Linear"]["kind"] == "class"
    assert by_key["sklearn.cluster.KMeans"]["module"] == "sklearn.cluster"
    assert by_key["subprocess.Popen.communicate"]["kind"] == "method"
    assert by_key["subprocess.Popen.communicate"]["module"] == "subprocess"
    assert by_key["textwrap.dedent"]["package"] == "Python"


def test_nothing_of_this_computer_is_in_it(rows: list[dict[str, Any]]) -> None:
    home = str(Path.home())
    assert not [row["key"] for row in rows if len(home) > 3 and home in row["text"]]


@pytest.mark.slow
def test_the_same_installation_gives_the_same_file(
    documentation: tuple[Path, int], tmp_path: Path
) -> None:
    collect_reference_documentation(tmp_path / "again.jsonl", Unattended())
    assert (tmp_path / "again.jsonl").read_bytes() == documentation[0].read_bytes()


def test_cancel_ends_the_process_and_leaves_no_file(tmp_path: Path) -> None:
    class Impatient(Unattended):
        def checkpoint(self) -> None:
            raise Cancelled

    start = time.monotonic()
    with pytest.raises(Cancelled):
        collect_reference_documentation(tmp_path / "out.jsonl", Impatient())
    assert time.monotonic() - start < 2.0
    assert list(tmp_path.iterdir()) == []


def test_a_failing_process_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "no folder" / "out.jsonl"
    with pytest.raises(KnownError, match="could not be read") as problem:
        collect_reference_documentation(out, Unattended())
    assert "\n" not in problem.value.sentence
    monkeypatch.setattr(reference_documentation, "SECONDS_ALLOWED", -1)
    with pytest.raises(KnownError, match="took longer"):
        collect_reference_documentation(tmp_path / "out.jsonl", Unattended())


NUMPY_STYLE = """
    welch(x, fs=1.0,
          nperseg=None) -> array

    Estimate power spectral density [1]_ with `x`.

    Uses :func:`~scipy.signal.periodogram` and ``nperseg`` points, *not* **all**.

    Parameters
    ----------
    x : array_like
        Time series.
    fs, nperseg : float, optional
        Numbers.
        Note : this line is no name.

    Returns
    -------
    f : ndarray
        Frequencies.

    Notes
    -----
    .. versionadded:: 0.12

    The overlap reduces :math:`\\frac{a}{b} \\le \\infty`.

    ====  =====
    kind  speed
    ====  =====
    a     1
    ====  =====

    After the table.

    Examples
    --------
    >>> welch([1, 2])
    array([1])
    """


def test_numpy_sections() -> None:
    assert readable_text(NUMPY_STYLE) == (
        "Estimate power spectral density with x.\n\n"
        "Uses scipy.signal.periodogram and nperseg points, not all.\n\n"
        "The overlap reduces (a) / (b) ≤ ∞.\n\n"
        "After the table."
    )


GOOGLE_STYLE = r"""add(input, other, \*, out=None) -> Tensor

Adds :attr:`other` to :attr:`input`.

.. math::
    out = input + other

.. note:: Broadcasts.

It is used like this::

    torch.add(a, b)

Args:
    input (Tensor): the input
        continued: here
    other (Tensor or Number): what is added

Example::

    >>> torch.add(a, 20)
    tensor([1])
"""


def test_google_sections() -> None:
    assert readable_text(GOOGLE_STYLE) == (
        "Adds other to input.\n\nBroadcasts.\n\nIt is used like this:"
    )


def test_a_sentence_that_begins_like_a_call_is_kept() -> None:
    text = "zip(a, b) pairs the items of two iterables.\n\nIt stops at the shortest."
    assert readable_text(text) == text


def test_long_texts_end_with_a_sentence() -> None:
    text = readable_text("A sentence about arrays. " * 200)
    assert len(text) <= LONGEST_TEXT
    assert text.endswith("arrays.")


@pytest.mark.parametrize("docstring", ["", "\n\n", "(((", "f(", "`" * 50, ".. ::", "a\x00b ::\n"])
def test_odd_docstrings_do_no_harm(docstring: str) -> None:
    assert isinstance(readable_text(docstring), str)


def test_sentences_that_many_docstrings_share_are_left_out() -> None:
    shared = "Beginning in version 1.9, matrices are converted before the calculation."
    texts = [f"Computes thing number {i}. {shared}\n\nIt returns a pair." for i in range(6)]
    cleaned = without_repeated_sentences([*texts, "Something else. It is short."], 6)
    assert cleaned[2] == "Computes thing number 2.\n\nIt returns a pair."
    assert cleaned[-1] == "Something else. It is short."
    assert without_repeated_sentences(texts[:5], 6) == texts[:5]
