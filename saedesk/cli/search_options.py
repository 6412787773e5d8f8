"""Options for what is steered, as numbers, families and shares."""

from __future__ import annotations

import math
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import argparse

    from saedesk.jobs.loaded_sae import LoadedSae
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


def add_steering_options(parser: argparse.ArgumentParser) -> None:
    """All that steers a search."""
    add_steer_option(parser)
    add_many(parser, "--family", "ROOT=STRENGTH[:PART]", "turn a family up or down as one")
    add_many(parser, "--places", "TARGET=M", "give M of the ten results to its documents")
    add_many(parser, "--less", "TARGET=AMOUNT", "less of it, from 0 to 1")
    parser.add_argument(
        "--mode",
        choices=("add", "clamp"),
        help="add to the query (otherwise), or set its features and drop what they leave out",
    )
    parser.add_argument(
        "--cap", type=float, metavar="COSINE", help="keep this cosine with the query, 0 to 1"
    )
    parser.add_argument(
        "--optimise",
        action="store_true",
        help="move on until the features, read again, are those asked for",
    )
    parser.add_argument(
        "--preset", metavar="NAME", default="", help="steering saved in the project"
    )


def add_many(parser: argparse.ArgumentParser, name: str, metavar: str, help_: str) -> None:
    """An option that may be given several times."""
    parser.add_argument(name, metavar=metavar, action="append", default=[], help=help_)


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
        found.append((parse_target(project, sae, name, entry), int(many)))
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
        found.append((parse_target(project, sae, name, entry), share))
    return _each_once(found)


def parse_target(project: Project, sae: LoadedSae | None, name: str, entry: str) -> Target:
    """“12” or “family:12” as a feature or a family; raises BadSetting with the whole `entry`."""
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
