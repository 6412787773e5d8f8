"""Options that several commands share: what is steered, and which documents count."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import argparse

    from saedesk.corpus.document import FieldType
    from saedesk.jobs.loaded_sae import LoadedSae
    from saedesk.project.document_filter import DocumentFilter
    from saedesk.project.project_folder import Project
    from saedesk.search.family_steering import FamilySlider
    from saedesk.search.steering_plan import Target

_USUAL = ("both", "density")
Amount = TypeVar("Amount", int, float)


def add_steer_option(parser: argparse.ArgumentParser) -> None:
    """`--steer ID=STRENGTH`, as often as wanted."""
    parser.add_argument(
        "--steer",
        metavar="ID=STRENGTH",
        action="append",
        default=[],
        help="turn a feature up or down; useful strengths lie between -0.75 and 0.75",
    )


def add_where_option(parser: argparse.ArgumentParser) -> None:
    """`--where FIELD=VALUE`, as often as wanted."""
    parser.add_argument(
        "--where",
        metavar="FIELD=VALUE",
        action="append",
        default=[],
        help="only these documents; numbers and dates also as FIELD=LOW..HIGH",
    )


def parse_strength(entry: str) -> tuple[int, float]:
    """“12=0.5” as (12, 0.5); raises BadSetting for anything else."""
    from saedesk.errors import BadSetting

    latent, _, strength = entry.partition("=")
    try:
        return int(latent), float(strength)
    except ValueError as error:
        raise BadSetting(f"“{entry}” is not ID=STRENGTH, for example 12=0.5 or 12=-0.3.") from error


def parse_family(project: Project, sae: LoadedSae | None, entry: str) -> FamilySlider:
    """“12”, “12:children” or “12:both:activation” as a family’s slider, at rest.

    Raises BadSetting for anything else, BadInput for a family that is not there.
    """
    from saedesk.errors import BadSetting
    from saedesk.jobs.family_sliders import slider_of_family

    root, *more = entry.split(":")
    if not root.strip().isdecimal() or len(more) > 2:
        raise BadSetting(
            f"“{entry}” names no family; say its root, for example 12, 12:children or "
            "12:both:activation."
        )
    names: list[Any] = [name or usual for name, usual in zip_longest(more, _USUAL)]
    return slider_of_family(project, sae, int(root), *names)


def parse_families(
    project: Project, sae: LoadedSae | None, entries: list[str]
) -> list[FamilySlider]:
    """“12=0.4” or “12=-0.3:children” as families, turned; raises as `parse_family` does."""
    from saedesk.errors import BadSetting

    found: dict[tuple[object, ...], FamilySlider] = {}
    for entry in entries:
        root, sign, rest = entry.partition("=")
        strength, colon, part = rest.partition(":")
        turned = _number(strength)
        if not sign or turned is None:
            raise BadSetting(
                f"“{entry}” is not ROOT=STRENGTH, for example 12=0.4 or 12=-0.3:children."
            )
        slider = parse_family(project, sae, f"{root}{colon}{part}")
        key = (slider.root, slider.part, slider.weighting)
        if key in found:
            raise BadSetting(f"Family {slider.root} has two strengths; give it one.")
        found[key] = slider.with_strength(turned)
    return list(found.values())


def parse_places(
    project: Project, sae: LoadedSae | None, entries: list[str]
) -> list[tuple[Target, int]]:
    """“12=3” or “family:12=3” as places of ten; raises BadSetting for anything else."""
    from saedesk.errors import BadSetting

    found: list[tuple[Target, int]] = []
    for entry in entries:
        name, _, many = entry.partition("=")
        if not many.strip().isdecimal() or not 0 <= int(many) <= 10:
            raise BadSetting(f"“{entry}” is not TARGET=M with M from 0 to 10, for example 12=3.")
        found.append((_parse_target(project, sae, name, entry), int(many)))
    return _each_once(found)


def parse_less(
    project: Project, sae: LoadedSae | None, entries: list[str]
) -> list[tuple[Target, float]]:
    """“12=0.5” or “family:12=1” as less of a target; raises BadSetting for anything else."""
    from saedesk.errors import BadSetting

    found: list[tuple[Target, float]] = []
    for entry in entries:
        name, _, amount = entry.partition("=")
        share = _number(amount)
        if share is None or not 0.0 <= share <= 1.0:
            raise BadSetting(
                f"“{entry}” is not TARGET=AMOUNT with an amount from 0 to 1, for example 12=0.5."
            )
        found.append((_parse_target(project, sae, name, entry), share))
    return _each_once(found)


def _parse_target(project: Project, sae: LoadedSae | None, name: str, entry: str) -> Target:
    from saedesk.errors import BadSetting

    kind, colon, family = name.partition(":")
    if colon and kind == "family":
        return parse_family(project, sae, family)
    if not name.strip().isdecimal():
        raise BadSetting(f"“{entry}” begins with no feature, as in 12=…, nor with family:ROOT.")
    return int(name)


def _each_once(entries: list[tuple[Target, Amount]]) -> list[tuple[Target, Amount]]:
    from saedesk.errors import BadSetting

    for target, _ in entries:
        if sum(other == target for other, _ in entries) > 1:
            name = f"Feature {target}" if isinstance(target, int) else f"Family {target.root}"
            raise BadSetting(f"{name} is given twice; give it once.")
    return entries


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def parse_where(
    project: Project, entries: list[str], words: str = "", keys: Sequence[str] = ()
) -> DocumentFilter:
    """“year=2010..2015” and “kind=letter” as a filter; raises BadSetting for an unknown field.

    Besides, documents with `words`, and those with one of `keys`; BadInput for an unknown key.
    """
    import numpy as np

    from saedesk.corpus.document import FieldType
    from saedesk.errors import BadSetting
    from saedesk.project.document_filter import DocumentFilter
    from saedesk.project.document_keys import documents_with_keys

    types = {field.name: field.type for field in project.documents.fields()}
    categories: dict[str, tuple[str, ...]] = {}
    ranges: dict[str, tuple[Any, Any]] = {}
    for entry in entries:
        # The longest name that fits: one may hold the sign itself.
        names = [name for name in types if entry.startswith(f"{name}=")]
        if not names:
            known = ", ".join(types) or "none"
            raise BadSetting(f"“{entry}” is not FIELD=VALUE; the fields are: {known}.")
        name = max(names, key=len)
        value = entry.removeprefix(f"{name}=")
        low, dots, high = value.partition("..")
        is_number = types[name] in (FieldType.NUMBER, FieldType.LATITUDE, FieldType.LONGITUDE)
        if is_number or (dots and types[name] is FieldType.DATE):
            ranges[name] = _range(low, high if dots else low, types[name], entry)
        else:
            categories[name] = (*categories.get(name, ()), value)
    ids = None
    if keys:
        ids = np.unique(np.array(documents_with_keys(project.database, keys), np.int64))
    return DocumentFilter(words, categories, ranges, ids)


def _range(low: str, high: str, type_: FieldType, entry: str) -> tuple[Any, Any]:
    from saedesk.corpus.document import FieldType
    from saedesk.errors import BadSetting

    if type_ is FieldType.DATE:
        # A year or month as the upper bound includes all of its days.
        return low or None, f"{high}\uffff" if high else None
    try:
        return (float(low) if low else None), (float(high) if high else None)
    except ValueError as error:
        raise BadSetting(f"“{entry}” needs numbers, for example 2010..2015.") from error
