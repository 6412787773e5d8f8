"""The published form of families: written, read back, compared, refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from saedesk.errors import BadInput
from saedesk.features.families.family_tree import FamilyEdge, FeatureFamily
from saedesk.features.families.published_families import (
    PublishedFamily,
    compare_published,
    published_form,
    read_published,
)


def family(root: int, *children: int) -> FeatureFamily:
    return FeatureFamily(root, children, tuple(FamilyEdge(root, i, 0.5) for i in children), 1)


OURS = [family(0, 1, 2, 3, 4), family(5, 6, 7, 8), family(9, 1, 2)]
TEXTS = {i: f"Topic {i}" for i in range(10)}
NAMES = ("Stars", "Planets", "Stars")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    form = published_form(list(zip(NAMES, OURS, strict=True)), TEXTS)
    path = tmp_path / "clean_families.json"
    path.write_text(json.dumps(form), "utf-8")
    return path


def test_what_was_written_is_read_and_found_again(path: Path) -> None:
    content = json.loads(path.read_text("utf-8"))
    assert content["Planets"] == {
        "parent": ["Topic 5", 4],
        "children": [["Topic 6", 6], ["Topic 7", 7], ["Topic 8", 8]],
    }
    published = read_published(path)
    assert [one.name for one in published] == ["Stars", "Planets", "Stars (2)"]
    found = compare_published(published, OURS, TEXTS)
    assert found.by == "numbers"
    assert [one.root for one in found.matches] == [0, 5, 9]
    assert [one.overlap for one in found.matches] == [1.0, 1.0, 1.0]
    assert (found.found_again, found.ours_found, found.mean_overlap) == (3, 3, 1.0)


def test_features_of_another_sae_are_the_same_by_their_labels() -> None:
    elsewhere = [
        PublishedFamily("a", "x", (("topic  1", 91), ("TOPIC 2", 92), ("Topic 3", 93))),
        PublishedFamily("b", "y", (("nothing here", 1), ("nor here", 2))),
    ]
    found = compare_published(elsewhere, OURS, TEXTS)
    assert found.by == "labels"
    first, second = found.matches
    assert (first.root, first.shared, first.overlap) == (0, 3, pytest.approx(3 / 4))
    assert (second.root, second.overlap) == (None, 0.0), "numbers of another SAE say nothing"
    assert (found.found_again, found.mean_overlap) == (1, pytest.approx(3 / 8))


def test_against_no_families_nothing_is_found(path: Path) -> None:
    found = compare_published(read_published(path), [], TEXTS)
    assert (found.found_again, found.mean_overlap) == (0, 0.0)


GOOD = {"parent": ["a", 3], "children": [["b", 1]]}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[" * 200_000, "is not JSON"),
        ("[]", "holds no families"),
        ("{}", "holds no families"),
        ('{"a": {}, "a": {}}', "names “a” twice"),
        (json.dumps({"a": 3}), "The family “a”"),
        (json.dumps({"a": {**GOOD, "parent": "x"}}), "The family “a”"),
        (json.dumps({"a": {**GOOD, "parent": [["x"], 3]}}), "The family “a”"),
        (json.dumps({"a": {**GOOD, "children": {"b": 1}}}), "The family “a”"),
        (json.dumps({"a": {**GOOD, "children": [["b", -1]]}}), "The family “a”"),
        (json.dumps({"a": {**GOOD, "children": [["b", 1 << 40]]}}), "The family “a”"),
        (json.dumps({"a": {**GOOD, "children": [["b", True]]}}), "The family “a”"),
        (json.dumps({"a": {**GOOD, "children": [["b", 1, 2]]}}), "The family “a”"),
        (json.dumps({"a": {**GOOD, "children": [["b" * 2_000, 1]]}}), "The family “a”"),
        (json.dumps({"x" * 2_000: GOOD}), "The family “xxx"),
        (json.dumps({"a": {**GOOD, "children": [["b", 1], ["c", 1]]}}), "names a feature twice"),
    ],
)
def test_other_files_are_refused_in_a_sentence(tmp_path: Path, content: str, sentence: str) -> None:
    path = tmp_path / "families.json"
    path.write_text(content, "utf-8")
    with pytest.raises(BadInput, match=sentence) as refused:
        read_published(path)
    assert "families.json" in refused.value.sentence
    assert len(refused.value.sentence) < 400


def test_bytes_that_are_no_text_and_no_file_at_all(tmp_path: Path) -> None:
    path = tmp_path / "families.json"
    path.write_bytes(b"\xff\xfe\x00{")
    with pytest.raises(BadInput, match="UTF-8"):
        read_published(path)
    with pytest.raises(BadInput, match="cannot be read"):
        read_published(tmp_path / "nothing.json")
    with pytest.raises(BadInput, match="cannot be read"):
        read_published(tmp_path)


def test_a_huge_file_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "families.json"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    with pytest.raises(BadInput, match="more than 64 MB"):
        read_published(path)
