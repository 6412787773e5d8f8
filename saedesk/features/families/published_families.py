"""Families in the form that O'Neill et al. 2024 published them in, and how they compare with ours.

A `clean_families` file is one JSON object (released code, `saerch/family.py`):

    {name: {"parent": [name of the root, number of nodes],
            "children": [[name of a feature, number of the feature], ...]}}

The number of the root is not in it, so families are compared by what is below the root.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from saedesk.errors import BadInput
from saedesk.features.families.edited_families import ShownFamily
from saedesk.features.families.family_tree import FeatureFamily

LARGEST_FILE = 64 << 20
"""Bytes. The released files have less than one megabyte."""
MOST_FAMILIES = 100_000
MOST_CHILDREN = 1_000_000
LONGEST_NAME = 1_000
"""Characters of a name."""
FOUND_AGAIN = 0.5
"""Families are the same when their overlap is at least this: then they have more in common than
not, and no family is the same as two that have nothing in common with one another."""
SAME_SAE = 0.5
"""A file is about the features of this SAE when so many of its numbers have their label here."""


@dataclass(frozen=True)
class PublishedFamily:
    """One family of a file."""

    name: str
    root: str
    """Name of the root."""
    children: tuple[tuple[str, int], ...]
    """Name and number of each feature below the root."""


@dataclass(frozen=True)
class FamilyMatch:
    """A family of the file and the one here that is most like it."""

    published: PublishedFamily
    root: int | None
    """Root of ours; None where no family has anything in common with it."""
    overlap: float
    """In both over in either (Jaccard), of what is below the roots; 0 to 1."""
    shared: int
    """Features in both."""


@dataclass(frozen=True)
class FamiliesCompared:
    """A file beside the families of this SAE."""

    by: Literal["numbers", "labels"]
    """What says that two features are the same: the number where the file is about this SAE."""
    matches: tuple[FamilyMatch, ...]
    """For each family of the file, in its order."""
    found_again: int
    """Families of the file with an overlap of at least `FOUND_AGAIN`."""
    ours_found: int
    """Families here that are the best match of one of those."""
    mean_overlap: float
    """Over the families of the file."""


def published_form(
    families: Sequence[tuple[str, FeatureFamily | ShownFamily]], texts: Mapping[int, str]
) -> dict[str, dict[str, Any]]:
    """Families with their names as the file has them; equal names get a number.

    texts: names of the features; others are called “Feature 12”.
    """
    times: Counter[str] = Counter()
    found: dict[str, dict[str, Any]] = {}
    for name, family in families:
        times[name] += 1
        key = name if times[name] == 1 else f"{name} ({times[name]})"
        while key in found:
            times[name] += 1
            key = f"{name} ({times[name]})"
        found[key] = {
            "parent": [_text(texts, family.root), len(family.members)],
            "children": [[_text(texts, latent), latent] for latent in family.children],
        }
    return found


def read_published(path: Path) -> tuple[PublishedFamily, ...]:
    """The families of a file; raises BadInput with a sentence for whatever else it holds."""
    content = _json(path)
    if not isinstance(content, dict) or not content:
        raise BadInput(f"{path.name} holds no families: they are a JSON object of names.")
    if len(content) > MOST_FAMILIES:
        raise BadInput(f"{path.name} has more than {MOST_FAMILIES:,} families.")
    families = tuple(_family(path, name, one) for name, one in content.items())
    if sum(len(one.children) for one in families) > MOST_CHILDREN:
        raise BadInput(f"The families of {path.name} have more than {MOST_CHILDREN:,} features.")
    return families


def compare_published(
    published: Sequence[PublishedFamily],
    families: Sequence[ShownFamily | FeatureFamily],
    texts: Mapping[int, str],
) -> FamiliesCompared:
    """Each family of a file beside that of `families` with which it overlaps most.

    Features are the same by their numbers where the file is about the same SAE, and else by their
    labels, whatever their case; `texts` are those of this SAE.
    """
    by = _same_by(published, texts)
    ours = [_own_keys(one, texts, by) for one in families]
    having: dict[Any, list[int]] = {}
    for number, keys in enumerate(ours):
        for key in keys:
            having.setdefault(key, []).append(number)
    matches = []
    for one in published:
        keys = _keys(one, by)
        shared = Counter(place for key in keys for place in having.get(key, ()))
        best = max(
            shared,
            key=lambda place: (shared[place] / len(keys | ours[place]), -place),
            default=None,
        )
        if best is None:
            matches.append(FamilyMatch(one, None, 0.0, 0))
        else:
            overlap = shared[best] / len(keys | ours[best])
            matches.append(FamilyMatch(one, families[best].root, overlap, shared[best]))
    again = [one for one in matches if one.overlap >= FOUND_AGAIN]
    return FamiliesCompared(
        by,
        tuple(matches),
        len(again),
        len({one.root for one in again}),
        float(np.mean([one.overlap for one in matches])) if matches else 0.0,
    )


def _same_by(
    published: Sequence[PublishedFamily], texts: Mapping[int, str]
) -> Literal["numbers", "labels"]:
    named = {number: name for one in published for name, number in one.children}
    same = sum(_plain(_text(texts, i)) == _plain(name) for i, name in named.items())
    return "numbers" if named and same >= SAME_SAE * len(named) else "labels"


def _keys(published: PublishedFamily, by: str) -> frozenset[Any]:
    """What stands for the features of a family of a file."""
    if by == "numbers":
        return frozenset(number for _, number in published.children)
    return frozenset(_plain(name) for name, _ in published.children)


def _own_keys(
    family: ShownFamily | FeatureFamily, texts: Mapping[int, str], by: str
) -> frozenset[Any]:
    if by == "numbers":
        return frozenset(family.children)
    return frozenset(_plain(_text(texts, latent)) for latent in family.children)


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _text(texts: Mapping[int, str], latent: int) -> str:
    return texts.get(latent) or f"Feature {latent}"


def _json(path: Path) -> Any:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BadInput(
                f"{path.name} has more than {LARGEST_FILE >> 20} MB, which no file of families has."
            )
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name} is no text in UTF-8, so it is no file of families.") from error
    try:
        return json.loads(text, object_pairs_hook=_object_with_keys_once)
    except BadInput as error:
        raise BadInput(f"{path.name} {error.sentence}") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path.name} is not JSON, so it is no file of families.") from error


def _object_with_keys_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        (name, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        raise BadInput(f"names “{name[:60]}” twice. Leave one of them.")
    return found


def _family(path: Path, name: str, content: Any) -> PublishedFamily:
    """Raises BadInput where `content` is no family."""
    if isinstance(content, dict):
        parent, children = content.get("parent"), content.get("children")
        if _is_pair(parent) and isinstance(children, list) and all(map(_is_pair, children)):
            numbers = [number for _, number in children]
            if len(set(numbers)) < len(numbers):
                raise BadInput(f"The family “{name[:60]}” of {path.name} names a feature twice.")
            if len(name) <= LONGEST_NAME:
                assert isinstance(parent, list)
                pairs = tuple((str(child), int(number)) for child, number in children)
                return PublishedFamily(name, str(parent[0]), pairs)
    raise BadInput(
        f"The family “{name[:60]}” of {path.name} is not of the published form: a “parent” with a "
        "name and a number, and “children” with a name and the number of a feature each."
    )


def _is_pair(content: Any) -> bool:
    """Whether it is [name, number]."""
    return (
        isinstance(content, list)
        and len(content) == 2
        and isinstance(content[0], str)
        and len(content[0]) <= LONGEST_NAME
        and isinstance(content[1], int)
        and not isinstance(content[1], bool)
        and 0 <= content[1] < 1 << 31
    )
