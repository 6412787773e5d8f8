"""score-labels: how well the labels tell their features' documents from others, offline."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saedesk.cli.command_line import common_options
from saedesk.cli.terminal import TerminalControl, answer, table

if TYPE_CHECKING:
    from saedesk.features.labels.label_score import LabelScore
    from saedesk.jobs.score_labels import ScoreLabelsResult

_SCORERS = ("embedding", "lexical")


def add_commands(subparsers: Any) -> None:
    """Add the command of this module."""
    parser = subparsers.add_parser(
        "score-labels",
        help="measure offline how well the labels fit, on documents nobody labelled from",
    )
    common_options(parser)
    parser.add_argument("--sae", default="", help="hash of the SAE (otherwise the one in use)")
    parser.add_argument(
        "--scorer",
        choices=_SCORERS,
        action="append",
        help="embedding: nearness of the label to the documents by the encoder of the vectors; "
        "lexical: words of the label in the documents (otherwise both)",
    )
    parser.set_defaults(run=run_score_labels)


def run_score_labels(arguments: argparse.Namespace, control: TerminalControl) -> int:
    """`saedesk score-labels PROJECT`."""
    from saedesk.jobs import score_labels
    from saedesk.project.project_folder import Project

    scorers = tuple(dict.fromkeys(arguments.scorer or _SCORERS))
    request = score_labels.ScoreLabelsRequest(arguments.sae, scorers)
    with Project.open(Path(arguments.project)) as project:
        result = score_labels.run(project, request, control)
    control.finish()
    answer(asdict(result), scores_text(result), as_json=arguments.json)
    return 0


def scores_text(result: ScoreLabelsResult) -> str:
    """How many features are well labelled at which confidence, as a table with its legend."""
    levels = list(result.summary[0].well_labelled) if result.summary else []
    rows = [
        (one.scorer, f"{one.labels:,}", f"{one.mean:.3f}", *map(str, one.well_labelled.values()))
        for one in result.summary
    ]
    head = ("Scorer", "Labels", "Mean", *(f"above {level}" for level in levels))
    lines = [f"{result.scored:,} labels are scored on documents that nobody labelled from."]
    if result.unscored:
        lines[0] += f" {result.unscored:,} features have too few documents to spare."
    if rows:
        lines += ["", table(head, rows, right=tuple(range(1, len(head)))), ""]
        lines += [
            "0.5 is chance, 1 is a label that tells all documents apart; half of the inactive "
            "documents are much like the active ones. “Above” counts labels whose whole 95 % "
            "interval lies there."
        ]
    return "\n".join([*lines, *result.notes])


def shown_score(scores: Mapping[str, LabelScore]) -> str:
    """The score of a label in a table, "0.83 (0.74–0.89)"; "" without one."""
    one = next((scores[name] for name in _SCORERS if name in scores), None)
    return "" if one is None else f"{one.score:.2f} ({one.low:.2f}–{one.high:.2f})"


def score_content(scores: Mapping[str, LabelScore]) -> dict[str, dict[str, float | int]]:
    """The scores of a label in plain values, by scorer."""
    return {
        name: {
            "score": one.score,
            "low": one.low,
            "high": one.high,
            "documents": one.documents,
        }
        for name, one in scores.items()
    }
