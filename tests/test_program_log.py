"""The log of unexpected failures has types and places, never what an error says."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from saedesk.program_log import LOG_NAME, log_folder, types_and_places, write_crash

SECRET = "the text of a private document"


class Odd(Exception):
    """An error of somebody's own."""


def with_a_message_of_many_lines() -> None:
    raise ValueError(f'{SECRET}\n\nOdd: {SECRET}\n  File "/x/{SECRET}", line 3, in x\n{SECRET}:')


def with_a_cause() -> None:
    try:
        with_a_message_of_many_lines()
    except ValueError as error:
        raise Odd(SECRET) from error


def while_handling_another() -> None:
    try:
        raise KeyError(SECRET)
    except KeyError:
        raise RuntimeError(SECRET)  # noqa: B904 - on purpose


def with_notes() -> None:
    error = Odd()
    error.add_note(f"{SECRET}\n{SECRET}: again")
    raise error


def deep(level: int = 50) -> None:
    if level == 0:
        raise Odd(SECRET)
    deep(level - 1)


def text_of(fail: Callable[[], None]) -> str:
    try:
        fail()
    except Exception:  # noqa: BLE001 - whatever the case raises
        return traceback.format_exc()
    raise AssertionError


@pytest.mark.parametrize(
    ("fail", "kinds"),
    [
        (with_a_message_of_many_lines, ["ValueError"]),
        (with_a_cause, ["ValueError", "Odd"]),
        (while_handling_another, ["KeyError", "RuntimeError"]),
        (with_notes, ["Odd"]),
        (deep, ["Odd"]),
    ],
)
def test_types_and_places_remain_and_messages_go(
    fail: Callable[[], None], kinds: list[str]
) -> None:
    details = text_of(fail)
    assert SECRET in details
    kept = types_and_places(details)
    assert SECRET not in kept
    found = [line.rsplit(".", 1)[-1] for line in kept.splitlines() if line[0] != " "]
    assert found == kinds
    assert f"{__file__}:" in kept
    assert f"in {fail.__name__}" in kept


def test_an_error_that_was_never_raised_has_a_type() -> None:
    details = "".join(traceback.format_exception(ValueError(SECRET)))
    assert types_and_places(details) == "ValueError"


def test_crashes_of_commands_are_added_to_the_one_log(settings_folder: Path) -> None:
    for _ in range(2):
        assert write_crash(text_of(with_a_cause)) == settings_folder / "logs" / LOG_NAME
    assert [path.name for path in log_folder().iterdir()] == [LOG_NAME]
    written = (log_folder() / LOG_NAME).read_text("utf-8")
    assert written.count("a command failed") == 2
    assert written.count("in with_a_cause\ntests.test_program_log.Odd") == 2
    assert SECRET not in written


def test_the_log_does_not_grow_for_ever(settings_folder: Path) -> None:
    details = '  File "/a/place.py", line 3, in somewhere\n' * 8000 + "ValueError\n"
    for _ in range(10):
        write_crash(details)
    sizes = [path.stat().st_size for path in log_folder().iterdir()]
    assert 1 < len(sizes) <= 4
    assert max(sizes) < 600_000


def test_a_log_that_cannot_be_written_is_told(
    settings_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (log_folder() / LOG_NAME).mkdir(parents=True)
    assert write_crash(text_of(deep)) is None
    settings_folder.joinpath("file").write_text("")
    monkeypatch.setenv("SAEDESK_HOME", str(settings_folder / "file"))
    assert write_crash(text_of(deep)) is None
    assert capsys.readouterr().err == ""
