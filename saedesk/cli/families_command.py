"""families: groups of features that fire together, as a tree."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saedesk.cli.command_line import common_options
from saedesk.cli.compare_families import add_compare_option, run_comparison
from saedesk.cli.terminal import TerminalControl, answer, printable

if TYPE_CHECKING:
    from saedesk.features.families.edited_families import ShownFamily
    from saedesk.jobs.find_families import FamiliesOfSae, FamiliesRequest
    from saedesk.jobs.measure_families import MeasuredFamilies
    from saedesk.project.label_store import FeatureLabel


def add_commands(subparsers: Any) -> None:
    """Add the command of this module."""
    from saedesk.features.families.family_settings import FamilySettings
    from saedesk.features.families.feature_filter import FeatureFilter

    parser = subparsers.add_parser(
        "families", help="groups of features that fire together, general to special"
    )
    common_options(parser)
    parser.add_argument("--sae", default="", help="hash of the SAE (otherwise the one in use)")
    parser.add_argument("--top", type=int, default=10, help="families to show")
    parser.add_argument(
        "--find",
        action="store_true",
        help="find them anew; so does any setting below. Otherwise those in use are shown",
    )
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
            help=f"{info.help} (otherwise as before; at first {info.default})".replace("%", "%%"),
        )


def run_families(arguments: argparse.Namespace, control: TerminalControl) -> int:
    """`saedesk families PROJECT`: those in use, found first where asked for or not there yet."""
    from saedesk.jobs import find_families, measure_families
    from saedesk.jobs.shown_families import named
    from saedesk.project.project_folder import Project

    if arguments.compare:
        return run_comparison(arguments, control)
    measure = measure_families.MeasureRequest(arguments.sae, arguments.draws)
    finds = arguments.find or bool(_said(arguments, "set_") or _said(arguments, "filter_"))
    open_project = Project.open if finds or arguments.measure else Project.open_or_read
    with open_project(Path(arguments.project)) as project:
        if arguments.measure:
            measure.check()
        before = find_families.families_in_use(project, arguments.sae)
        found = before
        if finds or found is None:
            found = find_families.run(project, _request(arguments, before), control)
        if arguments.measure:
            measure_families.run(project, measure, control)
        measured = measure_families.measured_families(project, found.record)
        labels = project.labels.current(found.sae.hash)
        shown, _ = named(project, found.sae.hash, found, found.families)
    content = _content(found, shown, before)
    top = [one for one in shown if not one.hidden][: max(0, arguments.top)]
    content["shown"] = find_families.family_rows(top, labels)
    if measured is not None:
        content |= measure_families.grouping_row(measured)
        measure_families.add_measures(content["shown"], measured)
    answer(content, _text(content, labels, measured), as_json=arguments.json)
    return 0


def _request(arguments: argparse.Namespace, before: FamiliesOfSae | None) -> FamiliesRequest:
    """What was asked for; what was not said stays as it was."""
    from saedesk.features.families.family_settings import FamilySettings
    from saedesk.jobs.find_families import FamiliesRequest, filter_of, settings_of

    settings = FamilySettings() if before is None else settings_of(before.record)
    return FamiliesRequest(
        arguments.sae,
        replace(settings, **_said(arguments, "set_")),
        replace(filter_of(before), **_said(arguments, "filter_")),
    )


def _content(
    found: FamiliesOfSae, shown: Sequence[ShownFamily], before: FamiliesOfSae | None
) -> dict[str, Any]:
    """What is told of all families; hidden ones are counted apart."""
    from saedesk.jobs.find_families import filter_of

    visible = [one for one in shown if not one.hidden]
    content: dict[str, Any] = {
        "sae": found.sae.hash,
        "families": len(visible),
        "features": len({latent for one in visible for latent in one.members}),
        "hidden": len(shown) - len(visible),
        "settings": dict(found.record.inputs["settings"]),
    }
    if not (wanted := filter_of(found)).lets_all_in:
        content["filter"] = wanted.as_json()
    if before is not None and before.record.hash != found.record.hash:
        content["replaced"] = dict(before.record.inputs["settings"])
        if not (wanted := filter_of(before)).lets_all_in:
            content["replaced_filter"] = wanted.as_json()
    return content


def _said(arguments: argparse.Namespace, prefix: str) -> dict[str, Any]:
    return {
        name.removeprefix(prefix): value
        for name, value in vars(arguments).items()
        if name.startswith(prefix) and value is not None
    }


def _text(
    content: dict[str, Any],
    labels: Mapping[int, FeatureLabel],
    measured: MeasuredFamilies | None,
) -> str:
    lines = [f"{content['families']:,} families with {content['features']:,} features"]
    if content["hidden"]:
        lines[0] += f"; {content['hidden']:,} more are hidden"
    lines.append(f"Found with {_settings_text(content['settings'], content.get('filter', {}))}.")
    if "replaced" in content:
        told = _settings_text(content["replaced"], content.get("replaced_filter", {}))
        lines.append(f"They take the place of those that were found with {told}.")
    if measured is not None:
        lines += ["", *_grouping_lines(measured)]
    for row in content["shown"]:
        lines.append("")
        lines.extend(_tree(row, labels))
    return "\n".join(lines)


def _settings_text(settings: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """The settings that are not as by default, as they are given to the command."""
    from saedesk.features.families.family_settings import FamilySettings
    from saedesk.features.families.feature_filter import FeatureFilter

    usual = FamilySettings().as_json() | FeatureFilter().as_json()
    found = {**usual, **settings, **wanted}
    told = [
        f"--{name.replace('_', '-')} {shlex.quote(str(found[name]))}"
        for name, value in usual.items()
        if found[name] != value
    ]
    return " ".join(told) if told else "the default settings"


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


def _tree(row: Mapping[str, Any], labels: Mapping[int, FeatureLabel]) -> Iterator[str]:
    """A family as indented lines, each feature below its parent with the share they have."""
    from saedesk.jobs.loaded_sae import shown_label

    below: dict[int, list[tuple[int, str]]] = {}
    for edge in row["edges"]:
        told = f"{100 * edge['weight']:.0f} %"
        if edge.get("stability") is not None:
            told += f"  (returns in {100 * edge['stability']:.0f} %)"
        below.setdefault(edge["parent"], []).append((edge["child"], told))
    head = f"{row['features']} features"
    if "measures" in row:
        own = row["measures"]
        head += f", {own['documents']:,} documents, {_times(own['denser'])} times as dense inside, "
        head += f"R_cooc {_times(own['r_cooc'])}, {own['dimensions']:.1f} dimensions, "
        head += f"returns in {100 * row['stability']:.0f} %"
    done = [word for word in ("pinned", "edited") if row[word]]
    yield printable(f"{row['name']}  ({', '.join([head, *done])})")
    # The last child of each comes first: it is drawn last, and with a corner.
    stack = [(one, "", place == 0) for place, one in enumerate(below.get(row["root"], [])[::-1])]
    while stack:
        (latent, told), indent, is_last = stack.pop()
        label = shown_label(labels.get(latent), latent)
        yield printable(f"{indent}{'└─' if is_last else '├─'} {label}  {told}")
        deeper = indent + ("   " if is_last else "│  ")
        children = below.get(latent, [])[::-1]
        stack += [(child, deeper, place == 0) for place, child in enumerate(children)]
