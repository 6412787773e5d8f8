"""families --compare: the families of a project beside those of a published file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saedesk.cli.terminal import TerminalControl, answer, printable, table

if TYPE_CHECKING:
    from saedesk.features.families.published_families import FamiliesCompared


def add_compare_option(parser: argparse.ArgumentParser) -> None:
    """The file to compare with."""
    parser.add_argument(
        "--compare",
        metavar="FILE",
        default="",
        help="compare the families there are with those of a published clean_families file (.json)",
    )


def run_comparison(arguments: argparse.Namespace, control: TerminalControl) -> int:
    """`saedesk families PROJECT --compare FILE`; stores nothing."""
    from saedesk.features.families.published_families import compare_published, read_published
    from saedesk.jobs.analyse_features import sae_to_use
    from saedesk.jobs.shown_families import shown_families
    from saedesk.project.project_folder import Project

    published = read_published(Path(arguments.compare))
    with Project.open_or_read(Path(arguments.project)) as project:
        sae = sae_to_use(project, arguments.sae)
        _, families, _ = shown_families(project, sae.hash, control)
        labels = project.labels.current(sae.hash)
    shown = [one for one in families if not one.hidden]
    texts = {i: label.text for i, label in labels.items()}
    found = compare_published(published, shown, texts)
    names = {one.root: one.name for one in shown}
    content = _content(found, names, arguments.top)
    content |= {"sae": sae.hash, "file": arguments.compare, "families": len(shown)}
    answer(content, _text(content), as_json=arguments.json)
    return 0


def _content(found: FamiliesCompared, names: dict[int, str], top: int) -> dict[str, Any]:
    return {
        "published": len(found.matches),
        "same_by": found.by,
        "found_again": found.found_again,
        "ours_found": found.ours_found,
        "mean_overlap": found.mean_overlap,
        "shown": [
            {
                "name": one.published.name,
                "features": len(one.published.children),
                "root": one.root,
                "ours": None if one.root is None else names[one.root],
                "shared": one.shared,
                "overlap": one.overlap,
            }
            for one in sorted(found.matches, key=lambda one: -one.overlap)[: max(0, top)]
        ],
    }


def _text(content: dict[str, Any]) -> str:
    same = "numbers" if content["same_by"] == "numbers" else "labels (it is of another SAE)"
    head = (
        f"{content['found_again']:,} of {content['published']:,} families of the file are here "
        f"with at least half of their features; the mean overlap is {content['mean_overlap']:.2f}. "
        f"Features are the same by their {same}; {content['families']:,} families are here."
    )
    rows = [
        (one["name"], one["features"], one["ours"] or "–", one["shared"], f"{one['overlap']:.2f}")
        for one in content["shown"]
    ]
    columns = ("Family of the file", "Features", "Here", "In both", "Overlap")
    return f"{printable(head)}\n\n{table(columns, rows, right=(1, 3, 4))}" if rows else head
