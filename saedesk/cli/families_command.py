"""families: groups of features that fire together, as a tree."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saedesk.cli.command_line import common_options
from saedesk.cli.compare_families import add_compare_option, run_comparison
from saedesk.cli.terminal import TerminalControl, answer, printable

if TYPE_CHECKING:
    from saedesk.features.families.family_tree import FeatureFamily
    from saedesk.jobs.measure_families import MeasuredFamilies
    from saedesk.project.label_store import FeatureLabel


def add_commands(subparsers: Any) -> None:
    """Add the command of this module."""
    from saedesk.features.families.family_settings import FamilySettings
    from saedesk.features.families.feature_filter import FeatureFilter

    parser = subparsers.add_parser(
        "families", help="find groups of features that fire together, general to special"
    )
    common_options(parser)
    parser.add_argument("--sae", default="", help="hash of the SAE (otherwise the one in use)")
    parser.add_argument("--top", type=int, default=10, help="families to show")
    parser.add_argument(
        "--measure", action="store_true", help="how well they hold together and how stable they are"
    )
    parser.add_argument(
        "--draws", type=int, default=20, help="how often the documents are drawn for the stability"
    )
    _add_settings(parser, FamilySettings, "set_")
    _add_settings(parser, FeatureFilter, "filter_")
    add_compare_option(parser)
    parser.set_defaults(run=run_families)


def _add_settings(parser: argparse.ArgumentParser, settings: type[Any], prefix: str) -> None:
    from saedesk.sae.sae_config import describe

    for info in describe(settings):
        word = "WORDS" if isinstance(info.default, str) else "N"
        parser.add_argument(
            f"--{info.name.replace('_', '-')}",
            dest=f"{prefix}{info.name}",
            type=type(info.default),
            choices=info.choices or None,
            metavar=None if info.choices else word,
            help=f"{info.help} (otherwise {info.default})".replace("%", "%%"),
        )


def run_families(arguments: argparse.Namespace, control: TerminalControl) -> int:
    """`saedesk families PROJECT`."""
    from saedesk.features.families.family_settings import FamilySettings
    from saedesk.features.families.feature_filter import FeatureFilter
    from saedesk.jobs import find_families, measure_families
    from saedesk.jobs.shown_families import named
    from saedesk.project.project_folder import Project

    if arguments.compare:
        return run_comparison(arguments, control)
    settings = FamilySettings(**_said(arguments, "set_"))
    wanted = FeatureFilter(**_said(arguments, "filter_"))
    request = find_families.FamiliesRequest(arguments.sae, settings, wanted)
    measure = measure_families.MeasureRequest(arguments.sae, arguments.draws)
    measured = None
    with Project.open(Path(arguments.project)) as project:
        if arguments.measure:
            measure.check()
        found = find_families.run(project, request, control)
        if arguments.measure:
            measured = measure_families.run(project, measure, control)
        labels = project.labels.current(found.sae.hash)
        shown, _ = named(project, found.sae.hash, found, found.families)
    names = {one.root: one.name for one in shown}
    top = found.families[: max(0, arguments.top)]
    content = {
        "sae": found.sae.hash,
        **found.record.summary,
        "settings": dict(found.record.inputs["settings"]),
        "shown": find_families.family_rows(top, labels, names),
    }
    if not wanted.lets_all_in:
        content["filter"] = wanted.as_json()
    if measured is not None:
        content |= measure_families.grouping_row(measured)
        measure_families.add_measures(content["shown"], measured)
    answer(content, _text(content, top, labels, names, measured), as_json=arguments.json)
    return 0


def _said(arguments: argparse.Namespace, prefix: str) -> dict[str, Any]:
    return {
        name.removeprefix(prefix): value
        for name, value in vars(arguments).items()
        if name.startswith(prefix) and value is not None
    }


def _text(
    content: dict[str, Any],
    families: tuple[FeatureFamily, ...],
    labels: Mapping[int, FeatureLabel],
    names: Mapping[int, str],
    measured: MeasuredFamilies | None,
) -> str:
    lines = [f"{content['families']:,} families with {content['features']:,} features"]
    if measured is not None:
        lines += ["", *_grouping_lines(measured)]
    for number, family in enumerate(families):
        lines.append("")
        lines.extend(_tree(family, labels, names, number, measured))
    return "\n".join(lines)


def _grouping_lines(measured: MeasuredFamilies) -> Iterator[str]:
    """What is measured of all families together, one number a line."""
    from saedesk.features.families.family_metrics import RANDOM_GROUPINGS

    told = measured.grouping
    random = f"in {RANDOM_GROUPINGS} random groupings of the same sizes"
    rows = [
        ("mean size", f"{told.mean_size:.1f}", "features below the root"),
        (
            "block ratio",
            _times(told.block_ratio),
            f"co-occurrence inside over across; {_times(told.random_block_ratio)} {random}",
        ),
        ("block ratio, D", _times(told.block_ratio_similarity), "the same on activations"),
        (
            "R_cooc",
            _times(told.r_cooc),
            f"root with child over child with child; {_times(told.random_r_cooc)} at random",
        ),
        (
            "membership",
            f"{100 * told.membership:.0f} %",
            f"of {told.usable:,} usable features; of them {100 * told.in_one_family:.0f} % "
            "in one family only",
        ),
    ]
    if measured.stability.families:
        mean = sum(measured.stability.families) / len(measured.stability.families)
        draws = measured.stability.replicates
        rows.append(("stability", f"{100 * mean:.0f} %", f"of families return, in {draws} draws"))
    width = max(len(number) for _, number, _ in rows)
    for name, number, meaning in rows:
        yield printable(f"{name:<15} {number:>{width}}  {meaning}")


def _times(ratio: float | None) -> str:
    return "–" if ratio is None else f"{ratio:,.2f}"


def _tree(
    family: FeatureFamily,
    labels: Mapping[int, FeatureLabel],
    names: Mapping[int, str],
    number: int,
    measured: MeasuredFamilies | None,
) -> Iterator[str]:
    """A family as indented lines, each feature below its parent with the share they have."""
    from saedesk.jobs.loaded_sae import shown_label

    below: dict[int, list[tuple[int, str]]] = {}
    for place, edge in enumerate(family.edges):
        told = f"{100 * edge.weight:.0f} %"
        if measured is not None:
            told += f"  (returns in {100 * measured.stability.edges[number][place]:.0f} %)"
        below.setdefault(edge.parent, []).append((edge.child, told))
    head = f"{len(family.members)} features"
    if measured is not None:
        own = measured.measures[number]
        head += f", {own.documents:,} documents, {_times(own.denser)} times as dense inside, "
        head += f"returns in {100 * measured.stability.families[number]:.0f} %"
    # A family that was merged into another one has no name of its own.
    name = names.get(family.root) or shown_label(labels.get(family.root), family.root)
    yield printable(f"{name}  ({head})")
    # The last child of each comes first: it is drawn last, and with a corner.
    stack = [(child, "", place == 0) for place, child in enumerate(below[family.root][::-1])]
    while stack:
        (latent, told), indent, is_last = stack.pop()
        label = shown_label(labels.get(latent), latent)
        yield printable(f"{indent}{'└─' if is_last else '├─'} {label}  {told}")
        deeper = indent + ("   " if is_last else "│  ")
        children = below.get(latent, [])[::-1]
        stack += [(child, deeper, place == 0) for place, child in enumerate(children)]
