"""analyse: find what each feature does, with any encoder; or compare the encoders."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saedesk.cli.command_line import common_options
from saedesk.cli.terminal import TerminalControl, answer, table

if TYPE_CHECKING:
    from saedesk.sae.encoders.encoder_fidelity import EncoderFidelity

DEVICES = ("auto", "cpu", "cuda", "mps")


def add_commands(subparsers: Any) -> None:
    """Add the command of this module."""
    parser = subparsers.add_parser("analyse", help="find what each feature does")
    common_options(parser)
    parser.add_argument("--sae", default="", help="hash of the SAE (otherwise the one in use)")
    parser.add_argument("--device", default="auto", choices=DEVICES)
    parser.add_argument(
        "--encoder",
        default="",
        metavar="NAME",
        help="how documents and queries are encoded (otherwise as in the last analysis). "
        + _encoder_help(),
    )
    parser.add_argument(
        "--set",
        metavar="SETTING=VALUE",
        action="append",
        default=[],
        help="a setting of the encoder. " + _setting_help(),
    )
    parser.add_argument(
        "--compare-encoders",
        action="store_true",
        help="measure every encoder (or the one named) on documents that the training never saw, "
        "and change nothing",
    )
    parser.set_defaults(run=run_analyse)


def run_analyse(arguments: argparse.Namespace, control: TerminalControl) -> int:
    """`saedesk analyse PROJECT`."""
    from saedesk.jobs import analyse_features
    from saedesk.project.project_folder import Project

    if arguments.compare_encoders:
        return _compare(arguments, control)
    request = analyse_features.AnalyseRequest(
        arguments.sae, arguments.device, arguments.encoder, _settings(arguments)
    )
    with Project.open(Path(arguments.project)) as project:
        sae = analyse_features.sae_to_use(project, arguments.sae)
        statistics = analyse_features.run(project, request, control)
        activations = project.manifest.find("activations", statistics.inputs["activations"])
    assert activations is not None
    encoder = analyse_features.encoder_in_use(activations)
    content = {"sae": sae.hash, **activations.summary, **statistics.summary}
    content["encoder"] = {"name": encoder.name, "settings": dict(encoder.settings)}
    with_encoder = "" if encoder.name == "own" else f" (encoder: {encoder.title.lower()})"
    text = (
        f"{content['n_latents']:,} features over {content['documents']:,} documents, "
        f"{content['l0']:.1f} active in each{with_encoder}; "
        f"{content['never_active']:,} are never active."
    )
    answer(content, text, as_json=arguments.json)
    return 0


def _compare(arguments: argparse.Namespace, control: TerminalControl) -> int:
    from saedesk.jobs import compare_encoders
    from saedesk.project.project_folder import Project

    name, settings = arguments.encoder, _settings(arguments)
    request = compare_encoders.CompareEncodersRequest(
        arguments.sae,
        (name,) if name else (),
        {name: settings} if name else {},
        device=arguments.device,
    )
    with Project.open(Path(arguments.project), read_only=True) as project:
        found = compare_encoders.run(project, request, control)
    control.finish()
    content = [asdict(fidelity) for fidelity in found]
    answer(content, _comparison_text(found), as_json=arguments.json)
    return 0


def _comparison_text(found: Sequence[EncoderFidelity]) -> str:
    rows = [
        (
            fidelity.encoder,
            "" if fidelity.fvu is None else f"{fidelity.fvu:.4f}",
            f"{fidelity.cosine:.4f}",
            f"{fidelity.l0:.1f}",
            f"{1000 * fidelity.seconds_per_1000:,.1f}",
        )
        for fidelity in found
    ]
    head = ("encoder", "FVU", "cosine", "L0", "ms per 1,000 documents")
    return table(head, rows, right=(1, 2, 3, 4)) + f"\n\nMeasured on {found[0].rows:,} documents."


def _settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """The settings given, as the types the encoder wants; raises BadSetting with a sentence."""
    from saedesk.errors import BadSetting
    from saedesk.sae.encoders import encoders
    from saedesk.sae.sae_config import describe

    if not arguments.set:
        return {}
    if not arguments.encoder:
        raise BadSetting("Name the encoder with --encoder; settings belong to one.")
    infos = {info.name: info for info in describe(encoders().get(arguments.encoder).Settings)}
    found: dict[str, Any] = {}
    for entry in arguments.set:
        name, sign, value = entry.partition("=")
        name = name.strip().replace("-", "_")
        info = infos.get(name)
        if not sign or info is None:
            there = ", ".join(infos) or "none"
            raise BadSetting(
                f"“{entry}” is not SETTING=VALUE of the encoder “{arguments.encoder}”; its "
                f"settings: {there}."
            )
        try:
            found[name] = type(info.default)(value)
        except ValueError as error:
            wanted = "a whole number" if isinstance(info.default, int) else "a number"
            raise BadSetting(f"{info.label} must be {wanted}; it is “{value}”.") from error
    return found


def _encoder_help() -> str:
    from saedesk.sae.encoders import encoders

    known = [f"{name}: {encoders().get(name).about}" for name in encoders()]
    return " ".join(known).replace("%", "%%")


def _setting_help() -> str:
    from saedesk.sae.encoders import encoders
    from saedesk.sae.sae_config import describe

    known = [
        f"{name}: "
        + ", ".join(f"{s.name}={s.default}" for s in describe(encoders().get(name).Settings))
        for name in encoders()
        if describe(encoders().get(name).Settings)
    ]
    return ("Defaults: " + "; ".join(known) + ".").replace("%", "%%")
