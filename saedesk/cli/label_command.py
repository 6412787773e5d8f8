"""label: by keywords, or by a language model at an address that a person names."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saedesk.cli.command_line import common_options
from saedesk.cli.score_labels_command import scores_text
from saedesk.cli.terminal import TerminalControl, answer, say

if TYPE_CHECKING:
    from saedesk.jobs.label_with_model import (
        LabelEstimate,
        LabelWithModelRequest,
        LabelWithModelResult,
    )
    from saedesk.jobs.model_keys import SecretKey
    from saedesk.project.project_folder import Project

BY_MODEL = "llm"
_SHOWN_FAILURES = 10


def add_commands(subparsers: Any) -> None:
    """Add the command of this module."""
    label = subparsers.add_parser(
        "label",
        usage="%(prog)s PROJECT [--labeler keywords]\n       "
        "%(prog)s PROJECT --labeler llm --endpoint URL --model NAME [options]",
        help="give the features labels",
        epilog="Example: saedesk label PROJECT --labeler llm --endpoint http://127.0.0.1:11434/v1 "
        "--model NAME --features unlabelled --estimate",
    )
    common_options(label)
    label.add_argument("--sae", default="", help="hash of the SAE (otherwise the one in use)")
    label.add_argument("--labeler", default="keywords", help="keywords, or llm")
    model = label.add_argument_group(
        "With --labeler llm",
        "Documents are sent to the endpoint. Offered by default: Ollama :11434/v1, LM Studio "
        ":1234/v1, llama.cpp :8080/v1, vLLM :8000/v1 on http://127.0.0.1",
    )
    _add_questions(model)
    _add_limits(model)
    _add_choices(model)
    label.set_defaults(run=run_label)


def _add_questions(model: argparse._ArgumentGroup) -> None:
    """Whom to ask, with which key, about which features."""
    model.add_argument("--endpoint", metavar="URL", help="address of an OpenAI-compatible server")
    model.add_argument("--model", metavar="NAME", help="the model, as its server calls it")
    keys = model.add_mutually_exclusive_group()
    keys.add_argument(
        "--key-from-environment", metavar="NAME", help="environment variable with the key"
    )
    keys.add_argument(
        "--ask-key", action="store_true", help="ask for the key and keep it in the system’s keyring"
    )
    model.add_argument(
        "--features",
        metavar="WHICH",
        default="unlabelled",
        help="unlabelled (the default), starred, all, or numbers such as 3,17,20-29",
    )


def _add_limits(model: argparse._ArgumentGroup) -> None:
    """How much at once, how long, for how much."""
    model.add_argument("--concurrency", type=int, default=2, metavar="N", help="questions at once")
    model.add_argument(
        "--timeout", type=float, default=120.0, metavar="S", help="seconds for a whole answer"
    )
    model.add_argument(
        "--answer-tokens",
        type=int,
        default=1000,
        metavar="N",
        help="most tokens of one answer; models that think at length need more",
    )
    model.add_argument("--budget-tokens", type=int, metavar="N", help="most tokens, in and out")
    model.add_argument(
        "--price-in", type=float, metavar="X", help="money for a million tokens sent"
    )
    model.add_argument(
        "--price-out", type=float, metavar="Y", help="money for a million tokens answered"
    )
    model.add_argument("--budget-money", type=float, metavar="Z", help="most money, by the prices")


def _add_choices(model: argparse._ArgumentGroup) -> None:
    """What is done with the model, and what it may see."""
    model.add_argument(
        "--estimate", action="store_true", help="only say what it would take; nothing is sent"
    )
    model.add_argument(
        "--private",
        action="store_true",
        help="refuse a model that is not on this computer, as always while private mode is on in "
        "the settings menu of the window",
    )
    model.add_argument(
        "--allow-host",
        metavar="HOST",
        action="append",
        default=[],
        help="let plain http go to this host",
    )
    scores = model.add_mutually_exclusive_group()
    scores.add_argument(
        "--score",
        action="store_true",
        help="also have the labels judged on documents not shown (F1, Pearson)",
    )
    scores.add_argument(
        "--score-only", action="store_true", help="have the labels there are judged, make none"
    )


def run_label(arguments: argparse.Namespace, control: TerminalControl) -> int:
    """`saedesk label PROJECT`."""
    from saedesk.project.project_folder import Project

    if arguments.labeler == BY_MODEL:
        with Project.open(Path(arguments.project)) as project:
            return _by_model(project, arguments, control)
    from saedesk.jobs import label_features

    request = label_features.LabelRequest(arguments.sae, arguments.labeler)
    with Project.open(Path(arguments.project)) as project:
        result = label_features.run(project, request, control)
    text = (
        f"{result.labelled:,} features have keyword labels, {result.kept:,} keep a person’s or a "
        f"model’s, {result.unlabelled:,} have none."
    )
    if result.scores is not None:
        text += "\n" + scores_text(result.scores)
    answer(asdict(result), text, as_json=arguments.json)
    return 0


def _by_model(project: Project, arguments: argparse.Namespace, control: TerminalControl) -> int:
    from saedesk.jobs import label_with_model
    from saedesk.jobs.feature_choice import UNLABELLED

    request = _request(arguments)
    foreseen = label_with_model.estimate(project, request)
    if arguments.estimate:
        text = _in_words(foreseen)
        if foreseen.example:
            text += f"\n\nThe first question:\n\n{foreseen.example}"
        answer(asdict(foreseen), text, as_json=arguments.json)
        return 0
    say(_in_words(foreseen))
    if not foreseen.features and request.features.which == UNLABELLED:
        say("With --features all those with a label by keywords are asked about as well.")
    key = _key(request, arguments) if foreseen.features else None
    result = label_with_model.run(project, request, control, key=key)
    control.finish()
    content = {**asdict(result), "failures": [list(one) for one in result.failures]}
    answer(content, _result_in_words(result, request), as_json=arguments.json)
    for latent, sentence in result.failures[:_SHOWN_FAILURES]:
        say(f"Feature {latent}: {sentence}")
    if len(result.failures) > _SHOWN_FAILURES:
        say(f"{len(result.failures) - _SHOWN_FAILURES:,} more features met problems.")
    if result.stopped:
        say(result.stopped)
    is_complete = not result.failures and not result.left
    return 0 if is_complete or result.labelled or result.scored else 1


def _request(arguments: argparse.Namespace) -> LabelWithModelRequest:
    from saedesk.errors import BadSetting
    from saedesk.jobs.feature_choice import feature_choice
    from saedesk.jobs.label_with_model import LabelWithModelRequest
    from saedesk.jobs.model_budget import Prices

    if not arguments.endpoint or not arguments.model:
        raise BadSetting("Say which model to ask: --endpoint URL and --model NAME.")
    return LabelWithModelRequest(
        endpoint=arguments.endpoint,
        model=arguments.model,
        sae=arguments.sae,
        features=feature_choice(arguments.features),
        label=not arguments.score_only,
        score=arguments.score or arguments.score_only,
        concurrency=arguments.concurrency,
        timeout=arguments.timeout,
        answer_tokens=arguments.answer_tokens,
        budget_tokens=arguments.budget_tokens,
        prices=Prices(arguments.price_in, arguments.price_out),
        budget_money=arguments.budget_money,
        private=arguments.private,
        allowed_hosts=tuple(arguments.allow_host),
    )


def _key(request: LabelWithModelRequest, arguments: argparse.Namespace) -> SecretKey | None:
    """The key that is named, asked for, or kept in the keyring for this server."""
    from saedesk.jobs.model_keys import KeyChain, SecretKey, key_from_environment

    if arguments.key_from_environment:
        return key_from_environment(arguments.key_from_environment)
    chain, origin = KeyChain(), request.checked_endpoint().origin
    if not arguments.ask_key:
        return chain.key_of(origin)
    from getpass import getpass

    key = SecretKey(getpass(f"Key for {origin}: "))
    if note := chain.keep(origin, key):
        say(note)
    return key


def _in_words(foreseen: LabelEstimate) -> str:
    if not foreseen.features:
        return "There is nothing to ask." + _left_out(foreseen)
    cost = "" if foreseen.money is None else f", about {foreseen.money:,.2f} of money"
    where = " Documents leave this computer." if foreseen.leaves_this_computer else ""
    return (
        f"About {foreseen.features:,} features: {foreseen.requests:,} requests to "
        f"{foreseen.endpoint}, some {foreseen.tokens_in:,} tokens in and "
        f"{foreseen.tokens_out:,} out{cost}.{where}{_left_out(foreseen)}"
    )


def _left_out(told: LabelEstimate | LabelWithModelResult) -> str:
    parts = []
    if told.finished:
        parts.append(f"{told.finished:,} were named by this model before")
    if told.by_person:
        parts.append(f"{told.by_person:,} keep a person’s label")
    if told.too_few:
        parts.append(f"{told.too_few:,} are active in fewer than two documents")
    return f" Of the others {', '.join(parts)}." if parts else ""


def _result_in_words(result: LabelWithModelResult, request: LabelWithModelRequest) -> str:
    cost = "" if result.money is None else f", {result.money:,.4f} of money"
    text = f"{result.labelled:,} features are named by {request.model}"
    if request.score:
        text += f", {result.scored:,} labels are judged"
    text += f"; {result.tokens_in:,} tokens in and {result.tokens_out:,} out{cost}."
    if result.failures:
        text += f" {len(result.failures):,} features met problems."
    if result.left:
        text += f" {result.left:,} were not come to."
    return text + _left_out(result)
