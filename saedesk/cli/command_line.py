"""`saedesk COMMAND`: parses, runs the job, answers. Exit codes: 0, 1 a known error, 2 usage, 130.

A command is a module of `saedesk.cli` that fills a parser and has a function to run; what it
needs is imported when it runs, so that help answers at once.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import traceback
from collections.abc import Callable, Sequence

from saedesk.cli.terminal import TerminalControl, say, write_what_the_terminal_can_show
from saedesk.errors import BadInput, KnownError
from saedesk.task_control import Cancelled

COMMAND_MODULES = (
    "saedesk.cli.project_commands",
    "saedesk.cli.pipeline_commands",
    "saedesk.cli.vectors_command",
    "saedesk.cli.index_command",
    "saedesk.cli.score_labels_command",
    "saedesk.cli.families_command",
    "saedesk.cli.reading_commands",
    "saedesk.cli.search_command",
    "saedesk.cli.searches_command",
    "saedesk.cli.sae_commands",
    "saedesk.cli.export_command",
    "saedesk.cli.labels_command",
    "saedesk.cli.report_command",
    "saedesk.cli.demo_command",
    "saedesk.cli.benchmark_command",
)
"""Each has `add_commands(subparsers)`; a new command goes into one of them or a new module."""

Command = Callable[[argparse.Namespace, TerminalControl], int]


def make_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="saedesk",
        description="Look inside text embeddings. Without a command, or with a project, the window "
        "opens.",
    )
    parser.add_argument("--version", action="version", version=_version())
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in COMMAND_MODULES:
        importlib.import_module(name).add_commands(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    write_what_the_terminal_can_show()
    try:
        arguments = _parsed(argv)
        control = TerminalControl(quiet=arguments.quiet)
    except KeyboardInterrupt:
        say("Interrupted before anything had begun.")
        return 130
    command: Command = arguments.run
    try:
        _check_signs(arguments)
        return command(arguments, control)
    except KnownError as error:
        control.finish()
        say(error.sentence)
        return 1
    except (Cancelled, KeyboardInterrupt):
        control.finish()
        say("Interrupted. What was finished is kept; the same command goes on from there.")
        return 130
    except BrokenPipeError:
        # The reader has what it wanted (`| head`). Nothing more may be written, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - a person gets a sentence, the log the details
        control.finish()
        say(_sentence_for_a_bug(error))
        return 1
    finally:
        control.finish()


_PLACES = frozenset({"files", "file", "path", "folder", "out"})
"""Arguments that name files and folders; a project is made only under a name in UTF-8."""


def _parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    """The arguments of a command; ends the program with code 2 for wrong usage."""
    parser = make_parser()
    arguments, left = parser.parse_known_args(argv)
    # argparse gives an optional QUERY nothing where options stand between it and PROJECT.
    has_room = arguments.command == "search" and not arguments.query
    if has_room and len(left) == 1 and not left[0].startswith("-"):
        arguments.query, left = left[0], []
    if left:
        parser.error(f"unrecognized arguments: {' '.join(left)}")
    return arguments


def _check_signs(arguments: argparse.Namespace) -> None:
    """Raises BadInput for bytes that are no UTF-8, which neither a project nor JSON can hold.

    Files and folders that are there already, or are to be, may have such names.
    """
    for name, value in vars(arguments).items():
        for word in value if isinstance(value, list) else [value]:
            if not isinstance(word, str) or name in _PLACES or os.path.exists(word):
                continue
            if any("\ud800" <= sign <= "\udfff" for sign in word):
                shown = "".join("?" if "\ud800" <= sign <= "\udfff" else sign for sign in word)
                raise BadInput(
                    f"“{shown}” is not written in UTF-8. Set the terminal to UTF-8 and type it "
                    "again."
                )


def common_options(parser: argparse.ArgumentParser, *, project: bool = True) -> None:
    """The options every command has."""
    if project:
        parser.add_argument("project", metavar="PROJECT", help="the project’s folder")
    parser.add_argument("--json", action="store_true", help="answer as JSON on stdout")
    parser.add_argument("--quiet", action="store_true", help="no progress on stderr")


def _sentence_for_a_bug(error: Exception) -> str:
    from saedesk.program_log import log_folder, write_crash

    where = write_crash(traceback.format_exc())
    place = f"The details are in {where}." if where else f"{log_folder()} could not be written."
    return f"saedesk failed unexpectedly ({type(error).__name__}: {error}). {place}"


def _version() -> str:
    from saedesk import __version__

    return f"saedesk {__version__}"
