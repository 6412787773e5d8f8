"""The doors into the program: `saedesk`, `saedesk PROJECT`, `saedesk COMMAND …`."""

from __future__ import annotations

import multiprocessing
import os
import sys
from pathlib import Path

from saedesk import __version__

EXIT_PROBLEM = 1
EXIT_USAGE = 2


def main(argv: list[str] | None = None) -> int:
    """Open the window, alone or with a project, or carry out a command; the exit code."""
    # First of all: in a frozen program a spawned child starts here too.
    multiprocessing.freeze_support()
    words = sys.argv[1:] if argv is None else argv
    if getattr(sys, "frozen", False) and "-m" in words[:2]:
        at = words.index("-m")  # the interpreter's own options before it mean nothing here
        return _run_module(words[at + 1], words[at + 2 :])
    if not words:
        return _open_window(None)
    if words in (["--version"], ["-V"]):
        sys.stdout.write(f"saedesk {__version__}\n")
        return 0
    if _names_a_project(words[0]):
        if len(words) > 1:
            sys.stderr.write(f"One project at a time: {words[1]} is one word too many.\n")
            return EXIT_USAGE
        return _open_window(Path(words[0]))
    from saedesk.cli.command_line import main as run_command

    return run_command(words)


def desktop() -> int:
    """The door for desktop entries: always the window, with the project that was clicked."""
    multiprocessing.freeze_support()
    projects = sys.argv[1:]
    return _open_window(Path(projects[0]) if projects else None)


def _names_a_project(word: str) -> bool:
    """A path: with the project's suffix or a separator, or a folder that holds a project."""
    separators = [separator for separator in (os.sep, os.altsep) if separator]
    has_separator = any(separator in word for separator in separators)
    return not word.startswith("-") and (
        word in (".", "..")
        or has_separator
        or word.rstrip("".join(separators)).endswith(".saedesk")
        or (Path(word) / "project.json").is_file()
    )


def _open_window(project: Path | None) -> int:
    from saedesk.start_checks import why_no_window

    problem = why_no_window()
    if problem:
        if sys.stderr is not None:  # a Windows program without a console has none
            sys.stderr.write(f"{problem}\n")
        return EXIT_PROBLEM
    from saedesk.ui.application import run_window

    return run_window(project)


def _run_module(name: str, words: list[str]) -> int:
    """What `python -m` does, for children of a frozen program: sys.executable is the program."""
    if name == "saedesk":
        return main(words)
    import runpy

    sys.argv = [name, *words]
    runpy.run_module(name, run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main())
