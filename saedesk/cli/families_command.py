"""families: groups of features that fire together, as a tree."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saedesk.cli.command_line import common_options
from saedesk.cli.terminal import TerminalControl, answer, printable

if TYPE_CHECKING:
    from saedesk.features.families.family_tree import FeatureFamily
    from saedesk.project.label_store import FeatureLabel


def add_commands(subparsers: Any) -> None:
    """Add the command of this module."""
    from saedesk.features.families.family_settings import FamilySettings
    from saedesk.sae.sae_config import describe

    parser = subparsers.add_parser(
        "families", help="find groups of features that fire together, general to special"
    )
    common_options(parser)
    parser.add_argument("--sae", default="", help="hash of the SAE (otherwise the one in use)")
    parser.add_argument("--top", type=int, default=10, help="families to show")
    for info in describe(FamilySettings):
        parser.add_argument(
            f"--{info.name.replace('_', '-')}",
            dest=f"set_{info.name}",
            type=type(info.default),
            choices=info.choices or None,
            metavar=None if info.choices else "N",
            help=f"{info.help} (otherwise {info.default})".replace("%", "%%"),
        )
    parser.set_defaults(run=run_families)


def run_families(arguments: argparse.Namespace, control: TerminalControl) -> int:
    """`saedesk families PROJECT`."""
    from saedesk.features.families.family_settings import FamilySettings
    from saedesk.jobs import find_families
    from saedesk.project.project_folder import Project

    said = {
        name.removeprefix("set_"): value
        for name, value in vars(arguments).items()
        if name.startswith("set_") and value is not None
    }
    request = find_families.FamiliesRequest(arguments.sae, FamilySettings(**said))
    with Project.open(Path(arguments.project)) as project:
        found = find_families.run(project, request, control)
        labels = project.labels.current(found.sae.hash)
    top = found.families[: max(0, arguments.top)]
    content = {
        "sae": found.sae.hash,
        **found.record.summary,
        "settings": dict(found.record.inputs["settings"]),
        "shown": find_families.family_rows(top, labels),
    }
    answer(content, _text(content, top, labels), as_json=arguments.json)
    return 0


def _text(
    content: dict[str, Any],
    families: tuple[FeatureFamily, ...],
    labels: Mapping[int, FeatureLabel],
) -> str:
    lines = [f"{content['families']:,} families with {content['features']:,} features"]
    for family in families:
        lines.append("")
        lines.extend(_tree(family, labels))
    return "\n".join(lines)


def _tree(family: FeatureFamily, labels: Mapping[int, FeatureLabel]) -> Iterator[str]:
    """A family as indented lines, each feature below its parent with the share they have."""
    from saedesk.jobs.loaded_sae import shown_label

    below: dict[int, list[tuple[int, float]]] = {}
    for edge in family.edges:
        below.setdefault(edge.parent, []).append((edge.child, edge.weight))
    count = f"{len(family.members)} features"
    yield printable(f"{shown_label(labels.get(family.root), family.root)}  ({count})")
    # The last child of each comes first: it is drawn last, and with a corner.
    stack = [(child, "", place == 0) for place, child in enumerate(below[family.root][::-1])]
    while stack:
        (latent, weight), indent, is_last = stack.pop()
        label = shown_label(labels.get(latent), latent)
        yield printable(f"{indent}{'└─' if is_last else '├─'} {label}  {100 * weight:.0f} %")
        deeper = indent + ("   " if is_last else "│  ")
        children = below.get(latent, [])[::-1]
        stack += [(child, deeper, place == 0) for place, child in enumerate(children)]
