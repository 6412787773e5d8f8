"""The log of unexpected failures, for the window and the command line: one folder, one rule.

The rule: types and places of errors, never their messages, because those may quote a document.
The folder is this user's own, and nothing in it is ever sent anywhere.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sys
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path

LOG_NAME = "saedesk.log"
_LOG_BYTES = 500_000
_LOGS_KEPT = 3

_PLACE = re.compile(r'\s+File "([^"]+\.py|<frozen [\w.]+>)", line (\d+)(?:, in ([\w.<>]+))?')
_REPEATED = re.compile(r"\s+\[Previous line repeated \d+ more times?\]")
_TYPE = re.compile(r"([A-Za-z_][\w.<>]*)(?::|$)")
_BETWEEN_ERRORS = (
    "During handling of the above exception, another exception occurred:",
    "The above exception was the direct cause of the following exception:",
)
"""What Python writes between an error and the one that it led to."""

log = logging.getLogger("saedesk")


def home_folder() -> Path:
    """Where this user's settings and logs lie; SAEDESK_HOME overrides the system's place."""
    if "SAEDESK_HOME" in os.environ:
        return Path(os.environ["SAEDESK_HOME"])
    from platformdirs import user_config_path

    return user_config_path("saedesk", appauthor=False)


def log_folder() -> Path:
    """The folder of the logs."""
    return home_folder() / "logs"


class LogFile(RotatingFileHandler):
    """A log that grows to a limit and starts anew; two programs may write to it at once."""

    def __init__(self, folder: Path) -> None:
        """Makes the folder where there is none; raises OSError where that is not possible."""
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(
            folder / LOG_NAME,
            maxBytes=_LOG_BYTES,
            backupCount=_LOGS_KEPT,
            encoding="utf-8",
            delay=True,
        )
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        self.failed = False
        """Whether something could not be written."""

    def doRollover(self) -> None:
        """Start anew, or go on in the same file while another program holds it open."""
        with contextlib.suppress(OSError):
            super().doRollover()

    def handleError(self, record: logging.LogRecord) -> None:
        """A log that cannot be written must not become a second failure."""
        self.failed = True


def start_log(folder: Path) -> LogFile:
    """Write what is logged into `folder` until `stop_log`; raises OSError."""
    file = LogFile(folder)
    log.addHandler(file)
    log.setLevel(logging.INFO)
    return file


def stop_log(file: LogFile) -> None:
    """Close the file of `start_log`."""
    log.removeHandler(file)
    file.close()


def log_failure(details: str) -> None:
    """Log the types and places of a traceback."""
    log.error("unexpected failure\n%s", types_and_places(details))


def write_crash(details: str) -> Path | None:
    """Log a traceback of a command; the file that has it, or None when none can be written."""
    python = f"Python {sys.version.split()[0]}, {sys.platform}"
    text = f"a command failed, {python}\n{types_and_places(details)}"
    try:
        file = LogFile(log_folder())
    except OSError:
        return None
    file.handle(logging.LogRecord("saedesk", logging.ERROR, "", 0, text, None, None))
    file.close()
    return None if file.failed else Path(file.baseFilename)


def types_and_places(details: str) -> str:
    """A traceback without what errors say: each error's type under its files, lines, functions."""
    return "\n".join(_without_messages(details.splitlines()))


def _without_messages(lines: list[str]) -> Iterator[str]:
    in_message = False
    for line in lines:
        if in_message:
            # A message can have any number of lines, which may look like anything.
            in_message = line not in _BETWEEN_ERRORS
        elif place := _PLACE.match(line):
            file, number, function = place.groups()
            yield f"  {file}:{number}" + (f" in {function}" if function else "")
        elif _REPEATED.fullmatch(line):
            yield line
        elif line and not line[0].isspace() and line != "Traceback (most recent call last):":
            kind = _TYPE.match(line)
            yield kind[1] if kind else "an error"
            in_message = True
