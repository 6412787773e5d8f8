"""train: one SAE, or a grid of them in one queue, with a forecast before and its error after."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saedesk.cli.command_line import common_options
from saedesk.cli.terminal import TerminalControl, answer, duration, say
from saedesk.task_control import Progress

if TYPE_CHECKING:
    from saedesk.jobs.training_request import TrainRequest
    from saedesk.project.manifest import ArtifactRecord
    from saedesk.project.project_folder import Project
    from saedesk.sae.sae_config import SaeConfig, SettingInfo
    from saedesk.sae.training_forecast import Forecast

DEVICES = ("auto", "cpu", "cuda", "mps")
_SECONDS_WORTH_A_PROBE = 30.0
"""A training that is over in less needs no better forecast than the one there is."""
_GRID_NAMES = {"n_latents": "n_latents", "latents": "n_latents", "k": "k"}


def add_commands(subparsers: Any) -> None:
    """Add the command of this module."""
    parser = subparsers.add_parser(
        "train",
        usage="%(prog)s PROJECT [--preset NAME] [--architecture NAME] [--grid NAME=VALUE,VALUE] "
        "[settings]",
        help="train an SAE, or several in one queue",
        description="Options that are not given come from the preset for this corpus.",
        epilog="Example: saedesk train PROJECT --grid n_latents=384,768 --grid k=4,8,16",
    )
    common_options(parser)
    parser.add_argument(
        "--preset", default="Balanced", help="“Quick look”, “Balanced” or “As published”"
    )
    parser.add_argument("--architecture", default="topk", metavar="NAME", help=_architecture_help())
    parser.add_argument("--device", default="auto", choices=DEVICES)
    parser.add_argument(
        "--grid",
        metavar="NAME=VALUE,VALUE",
        action="append",
        default=[],
        help="train every combination of the values; NAME is n_latents, k or architecture. SAEs "
        "with the same batches share one pass over the vectors",
    )
    _add_settings(parser)
    parser.set_defaults(run=run_train)


def _architecture_help() -> str:
    from saedesk.sae.architectures import architectures

    known = [f"{name}: {architectures().get(name).about}" for name in architectures()]
    return " ".join(known).replace("%", "%%")


def _add_settings(parser: argparse.ArgumentParser) -> None:
    """An option for every setting of every architecture, under the heads of the form."""
    from saedesk.sae.sae_config import GROUPS

    owners = _settings()
    everyone = max(len(names) for _, names in owners.values())
    for group, head in GROUPS.items():
        section = parser.add_argument_group(head)
        for info, names in owners.values():
            if info.group == group and len(names) == everyone:
                _add_setting(section, info)
    section = parser.add_argument_group("Settings of some architectures only")
    for info, names in owners.values():
        if len(names) < everyone:
            _add_setting(section, info, f"({', '.join(names)}) ")


def _settings() -> dict[str, tuple[SettingInfo, list[str]]]:
    """By name: the setting and the architectures that have it."""
    from saedesk.sae.architectures import architectures
    from saedesk.sae.sae_config import describe

    found: dict[str, tuple[SettingInfo, list[str]]] = {}
    for name in architectures():
        for info in describe(architectures().get(name).Config):
            found.setdefault(info.name, (info, []))[1].append(name)
    return found


def _add_setting(section: argparse._ArgumentGroup, info: SettingInfo, before: str = "") -> None:
    names = [f"--{info.name.replace('_', '-')}"]
    if info.name == "n_latents":
        names.insert(0, "--latents")
    section.add_argument(
        *names,
        dest=f"set_{info.name}",
        type=type(info.default),
        choices=info.choices or None,
        metavar=None if info.choices else "N",
        help=(before + info.help).replace("%", "%%"),
    )


def run_train(arguments: argparse.Namespace, control: TerminalControl) -> int:
    """`saedesk train PROJECT`."""
    from saedesk.errors import BadInput
    from saedesk.jobs import train_grid
    from saedesk.jobs.training_request import TrainGridRequest
    from saedesk.project.project_folder import Project

    with Project.open(Path(arguments.project)) as project:
        vectors = project.current("vectors")
        if vectors is None:
            raise BadInput(f"{project.name} has no vectors yet. Run “saedesk embed” first.")
        requests = _requests(arguments, vectors.summary)
        for request in requests:
            request.config.check()
        if not arguments.quiet:
            _say_forecasts(project, requests, control)
        shown = _RunProgress(control)
        records = train_grid.run(project, TrainGridRequest(requests), shown)
        control.finish()
        runs = [_run_content(project, record) for record in records]
    text = "\n".join(_run_text(run) for run in runs)
    answer({"runs": runs} if arguments.grid else runs[0], text, as_json=arguments.json)
    return 0


# -- what is asked for ----------------------------------------------------------------------------


def _requests(arguments: argparse.Namespace, vectors: dict[str, Any]) -> tuple[TrainRequest, ...]:
    from saedesk.jobs.training_request import TrainRequest, grid_of

    config, preset = _config(arguments, vectors)
    base = TrainRequest(config, arguments.architecture, arguments.device, preset)
    grid = _grid(arguments.grid)
    return grid_of(base, **grid) if grid else (base,)


def _grid(entries: list[str]) -> dict[str, Any]:
    """The values of `--grid` options, as `grid_of` takes them."""
    from saedesk.errors import BadSetting

    found: dict[str, Any] = {}
    for entry in entries:
        name, _, values = entry.partition("=")
        chosen = [value.strip() for value in values.split(",") if value.strip()]
        name = name.strip().replace("-", "_")
        if name == "architecture" and chosen:
            found["architectures"] = chosen
        elif name in _GRID_NAMES and chosen and all(value.isdigit() for value in chosen):
            found[_GRID_NAMES[name]] = [int(value) for value in chosen]
        else:
            raise BadSetting(
                f"“--grid {entry}” is not understood. Write n_latents=384,768 or k=4,8 or "
                "architecture=NAME,NAME."
            )
    return found


def _config(arguments: argparse.Namespace, vectors: dict[str, Any]) -> tuple[SaeConfig, str]:
    """The preset's settings with what was said in place of them, and the preset if all is its."""
    from dataclasses import replace

    from saedesk.errors import BadSetting
    from saedesk.sae.architecture_settings import config_in
    from saedesk.sae.sae_config import describe
    from saedesk.sae.training_presets import present_name, presets

    known = presets(int(vectors["documents"]), int(vectors["dimensions"]))
    wanted = present_name(arguments.preset).lower()
    chosen = next((preset for preset in known if preset.name.lower() == wanted), None)
    if chosen is None:
        names = ", ".join(f"“{p.name}”" for p in known)
        raise BadSetting(f"There is no preset “{arguments.preset}”. There are: {names}.")
    config = config_in(arguments.architecture, chosen.config)
    said = {
        name.removeprefix("set_"): value
        for name, value in vars(arguments).items()
        if name.startswith("set_") and value is not None
    }
    settings = {info.name for info in describe(type(config))}
    for name in said:
        if name not in settings:
            option = name.replace("_", "-")
            raise BadSetting(f"--{option} is no setting of {arguments.architecture}.")
    return replace(config, **said), "" if said else chosen.name


# -- what is told ---------------------------------------------------------------------------------


def _say_forecasts(
    project: Project, requests: tuple[TrainRequest, ...], control: TerminalControl
) -> None:
    """What each training will cost and reach, on stderr; probes the corpus where that pays."""
    from saedesk.jobs.forecast_training import forecast_training, needs_probe, probe

    told = [forecast_training(project, r.config, r.architecture) for r in requests]
    total = sum(one.seconds for one in told if one is not None)
    if total > _SECONDS_WORTH_A_PROBE and needs_probe(project):
        probe(project, control)
        control.finish()
        told = [forecast_training(project, r.config, r.architecture) for r in requests]
    for request, one in zip(requests, told, strict=True):
        if one is not None:
            say(f"Forecast for {_shape(request)}: {_forecast_text(one)}.")
    remarks = [remark.text for one in told if one is not None for remark in one.remarks]
    for sentence in dict.fromkeys(remarks):
        say(sentence)


def _shape(request: TrainRequest) -> str:
    from saedesk.sae.architectures import architectures

    k = getattr(request.config, "k", None)
    size = f"{request.config.n_latents:,} features"
    title = architectures().get(request.architecture).title
    return ", ".join([title, size, *([f"k {k}"] if k else [])])


def _forecast_text(told: Forecast) -> str:
    from saedesk.project.atomic_files import megabytes

    text = f"about {duration(told.seconds)}, {megabytes(told.size_bytes)}"
    if told.fvu is not None:
        low, likely, high = told.fvu
        text += f", FVU {likely:.3f} ({low:.3f} to {high:.3f}) by {told.fvu_source}"
    if told.published is not None:
        text += f". {told.published.sentence}".rstrip(".")
    return text


def _run_content(project: Project, record: ArtifactRecord) -> dict[str, Any]:
    from saedesk.jobs.remarks_on_run import remarks_on_run

    remarks = [asdict(remark) for remark in remarks_on_run(project, record)]
    return {"sae": record.hash, **record.summary, "remarks": remarks}


def _run_text(run: dict[str, Any]) -> str:
    fvu = "" if run["fvu"] is None else f", FVU {run['fvu']:.3f} on held-out documents"
    dead = "" if run["dead_share"] is None else f", {100 * run['dead_share']:.1f} % dead"
    settled = " It had settled before its last step." if run.get("settled") else ""
    lines = [
        f"{run['name']} ({run['sae']}): {run['n_latents']:,} features, {run['steps']:,} steps in "
        f"{duration(run['seconds'])}{fvu}{dead}.{settled}{_error_text(run)}"
    ]
    lines += [f"  {remark['sentence']} {remark['advice']}" for remark in run["remarks"]]
    return "\n".join(lines)


def _error_text(run: dict[str, Any]) -> str:
    """“ Against the forecast: time 12 % more, FVU 3 % less.”"""
    errors = run.get("forecast_error") or {}
    known = [("time", errors.get("seconds")), ("FVU", errors.get("fvu"))]
    parts = [
        f"{what} {abs(ratio - 1) * 100:.0f} % {'more' if ratio >= 1 else 'less'}"
        for what, ratio in known
        if ratio
    ]
    return f" Against the forecast: {', '.join(parts)}." if parts else ""


class _RunProgress:
    """The terminal's control with the last FVU of every running SAE in its line."""

    def __init__(self, control: TerminalControl) -> None:
        self._control = control
        self._fvu: dict[str, float] = {}
        self.checkpoint = control.checkpoint
        self.finish_early = control.finish_early

    def publish(self, partial: object) -> None:
        """Remember what the curve of a run has come to."""
        from saedesk.jobs.curve_parts import CurvePart, RunStored

        if isinstance(partial, CurvePart):
            measured = [step.fvu for step in partial.steps if step.fvu is not None]
            if measured:
                self._fvu[partial.run] = measured[-1]
        elif isinstance(partial, RunStored):
            self._fvu.pop(str(partial.record.summary.get("name", "")), None)

    def report(self, progress: Progress) -> None:
        """Draw the line."""
        note = ", ".join(f"{run} FVU {fvu:.3f}" for run, fvu in self._fvu.items())
        self._control.report(Progress(progress.done, progress.total, progress.unit, note))
