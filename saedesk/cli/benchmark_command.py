"""benchmark: how well the architectures find what is known to be there."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saedesk.cli.command_line import common_options
from saedesk.cli.terminal import TerminalControl, answer, say, table

if TYPE_CHECKING:
    from saedesk.sae.known_answer.known_answer_data import KnownAnswerSet
    from saedesk.sae.known_answer.known_answer_results import KnownAnswerResult, Spread
    from saedesk.sae.known_answer.recovery_scores import MetricInfo

REFERENCE_RUNS = 20
FEWEST_REFERENCE_RUNS = 3
_MARKS = {True: "ok", False: "OUT", None: ""}


def add_commands(subparsers: Any) -> None:
    """Add the command of this module."""
    parser = subparsers.add_parser(
        "benchmark",
        help="train every architecture on data whose answer is known",
        description="Trains every architecture on made-up data whose features are known, and "
        "says how much of them it finds. Takes about a minute.",
    )
    common_options(parser, project=False)
    parser.add_argument(
        "--known-answer",
        action="store_true",
        required=True,
        help="sparse sources (N 16, M 8, K 3) and a forest of features; the only benchmark",
    )
    parser.add_argument(
        "--architecture", metavar="NAME", action="append", default=[], help="only this one"
    )
    parser.add_argument("--data-set", metavar="NAME", help="only this one")
    parser.add_argument(
        "--active", type=int, metavar="K", help="active sources in a row, 3 to 9 (otherwise 3)"
    )
    parser.add_argument(
        "--seeds",
        type=int,
        metavar="N",
        help=f"runs of each (otherwise 5, or {REFERENCE_RUNS} for a reference)",
    )
    parser.add_argument(
        "--write-reference",
        metavar="FILE",
        help="store the results as the values that later runs are compared with; the program’s "
        "own lie in resources/known_answer/stored_results.json",
    )
    parser.set_defaults(run=run_benchmark)


def run_benchmark(arguments: argparse.Namespace, control: TerminalControl) -> int:
    """`saedesk benchmark --known-answer`."""
    from saedesk.jobs import known_answer_benchmark
    from saedesk.sae.known_answer.known_answer_results import USUAL_RUNS, stored_results
    from saedesk.task_control import Cancelled

    reference = _reference_file(arguments)
    usual = USUAL_RUNS if reference is None else REFERENCE_RUNS
    request = known_answer_benchmark.BenchmarkRequest(
        architectures=tuple(dict.fromkeys(arguments.architecture)),
        data_sets=_data_sets(arguments),
        runs=usual if arguments.seeds is None else arguments.seeds,
    )
    stored = () if reference else stored_results()
    try:
        results = known_answer_benchmark.run(request, control)
    except (Cancelled, KeyboardInterrupt):
        control.finish()
        say("Interrupted. A benchmark keeps nothing; the same command begins anew.")
        return 130
    control.finish()
    if reference is not None:
        _write_reference(reference, results, request.data_sets)
    by_key = {(one.data_set, one.architecture): one for one in stored}
    content = {
        "runs": request.runs,
        "reference": None if reference is None else str(reference),
        "data_sets": [_set_as_json(one, results, by_key) for one in request.data_sets],
    }
    answer(content, _text(content), as_json=arguments.json)
    return 0


def _data_sets(arguments: argparse.Namespace) -> tuple[KnownAnswerSet, ...]:
    from saedesk.errors import BadSetting
    from saedesk.sae.known_answer.known_answer_data import known_answer_sets, sparse_sources

    sources, *others = known_answer_sets()
    if arguments.active is not None:
        sources = sparse_sources(arguments.active)
    sets = {one.name: one for one in (sources, *others)}
    if arguments.data_set is None:
        return tuple(sets.values())
    if arguments.data_set not in sets:
        raise BadSetting(
            f"There is no data set “{arguments.data_set}”. There are: {', '.join(sets)}."
        )
    return (sets[arguments.data_set],)


def _reference_file(arguments: argparse.Namespace) -> Path | None:
    """Where to write, checked before minutes of work."""
    from saedesk.errors import BadInput, BadSetting

    if arguments.write_reference is None:
        return None
    path = Path(arguments.write_reference).absolute()
    if path.is_dir() or not path.parent.is_dir():
        raise BadInput(f"{path} cannot be written: name a file in a folder that exists.")
    if arguments.seeds is not None and arguments.seeds < FEWEST_REFERENCE_RUNS:
        raise BadSetting(
            f"Intervals need at least {FEWEST_REFERENCE_RUNS} seeds; {arguments.seeds} were asked "
            "for."
        )
    return path


def _write_reference(
    path: Path, results: tuple[KnownAnswerResult, ...], data_sets: tuple[KnownAnswerSet, ...]
) -> None:
    import torch

    from saedesk import __version__
    from saedesk.project.atomic_files import write_json
    from saedesk.sae.known_answer.known_answer_results import results_as_json

    made_with = {"saedesk": __version__, "torch": str(torch.__version__)}
    write_json(path, results_as_json(results, data_sets, made_with))


def _set_as_json(
    data_set: KnownAnswerSet,
    results: tuple[KnownAnswerResult, ...],
    stored: dict[tuple[str, str], KnownAnswerResult],
) -> dict[str, Any]:
    return {
        "name": data_set.name,
        "title": data_set.title,
        "description": data_set.description,
        "results": [
            _result_as_json(one, stored.get((one.data_set, one.architecture)), data_set)
            for one in results
            if one.data_set == data_set.name
        ],
    }


def _result_as_json(
    result: KnownAnswerResult, stored: KnownAnswerResult | None, data_set: KnownAnswerSet
) -> dict[str, Any]:
    from saedesk.sae.known_answer.recovery_scores import METRICS

    return {
        "architecture": result.architecture,
        "title": result.title,
        "metrics": {
            metric.name: _value_as_json(
                metric,
                result.values[metric.name],
                None if stored is None else stored.values[metric.name],
                data_set.n_features,
            )
            for metric in METRICS
        },
    }


def _value_as_json(
    metric: MetricInfo, value: Spread, stored: Spread | None, n_features: int
) -> dict[str, Any]:
    from saedesk.sae.known_answer.known_answer_results import expected_range

    shown: dict[str, Any] = {
        "mean": value.mean,
        "interval": None if value.interval is None else list(value.interval),
        "expected": None,
        "as_expected": None,
    }
    if stored is not None:
        low, high = expected_range(metric, stored, value.runs, n_features)
        shown["expected"] = [low, high]
        shown["as_expected"] = low <= value.mean <= high
    return shown


def _text(content: dict[str, Any]) -> str:
    from saedesk.sae.known_answer.recovery_scores import METRICS

    values = [
        value
        for data_set in content["data_sets"]
        for one in data_set["results"]
        for value in one["metrics"].values()
    ]
    compared = [value["as_expected"] for value in values if value["as_expected"] is not None]
    head = ("", *(metric.title for metric in METRICS))
    parts = []
    for data_set in content["data_sets"]:
        rows = [
            (one["title"], *(_cell(value, bool(compared)) for value in one["metrics"].values()))
            for one in data_set["results"]
        ]
        shown = table(head, rows, right=range(1, len(head)))
        parts += [data_set["title"], data_set["description"], "", shown, ""]
    parts += [f"{metric.title}: {metric.help}" for metric in METRICS]
    if content["runs"] > 1:
        parts.append(f"±: half of the 95 % t interval of the mean of {content['runs']} runs.")
    if compared:
        parts.append(
            "ok, OUT: inside or outside the stored range, which holds 999 of 1,000 means when "
            f"nothing has changed. {sum(compared)} of {len(compared)} are inside."
        )
    if content["reference"]:
        parts.append(f"Stored as reference: {content['reference']}")
    return "\n".join(parts)


def _cell(value: dict[str, Any], with_marks: bool) -> str:
    shown = f"{value['mean']:.3f}"
    if value["interval"] is not None:
        shown += f" ± {(value['interval'][1] - value['interval'][0]) / 2:.3f}"
    return f"{shown} {_MARKS[value['as_expected']]:<3}" if with_marks else shown
