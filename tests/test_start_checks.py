"""What the program says instead of letting Qt abort."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from saedesk import start_checks

CHECKOUT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("python", "pyside", "refused"),
    [
        ((3, 11), "6.12.0", True),
        ((3, 12), "6.12.0", False),
        ((3, 11), "6.11.3", False),
        ((3, 11), None, False),
    ],
)
def test_the_pair_that_crashes_is_refused(
    python: tuple[int, int], pyside: str | None, refused: bool
) -> None:
    sentence = start_checks.unsuitable_versions(python, pyside)
    assert (sentence is not None) == refused
    if sentence:
        assert 'pip install "pyside6-essentials<6.12"' in sentence


def test_no_display_is_said_with_the_way_out() -> None:
    sentence = start_checks.missing_display({})
    assert sentence is not None
    assert "demo --headless" in sentence


def test_a_display_that_does_not_answer_is_no_display() -> None:
    for display in (":98765", "nonsense", "localhost:4321"):
        sentence = start_checks.missing_display({"DISPLAY": display})
        assert sentence is not None
        assert display in sentence


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="abstract sockets are Linux's")
def test_a_display_that_answers_is_one() -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0/tmp/.X11-unix/X98766")
        server.listen()
        assert start_checks.missing_display({"DISPLAY": ":98766.0"}) is None


def test_platforms_that_draw_without_a_display_need_none() -> None:
    assert start_checks.missing_display({"QT_QPA_PLATFORM": "offscreen"}) is None
    assert start_checks.missing_display({"WAYLAND_DISPLAY": "wayland-0"}) is None
    assert start_checks.missing_display({"QT_QPA_PLATFORM": "xcb"}) is not None
    assert start_checks.uses_x11({"DISPLAY": ":0"})
    assert not start_checks.uses_x11({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"})


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the packages are Debian's")
def test_missing_libraries_are_named_by_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(start_checks.LIBRARIES_OF_QT, "libnowhere.so.1", "libnowhere1")
    monkeypatch.setitem(start_checks.LIBRARIES_OF_A_DISPLAY, "libxcb-none.so.9", "libxcb-none9")
    assert "libnowhere1" in start_checks.missing_packages(with_display=False)
    assert "libxcb-none9" not in start_checks.missing_packages(with_display=False)
    assert "libxcb-none9" in start_checks.missing_packages(with_display=True)
    sentence = start_checks.why_no_window({"QT_QPA_PLATFORM": "offscreen"})
    assert sentence is not None
    assert "apt-get install" in sentence
    assert "libnowhere1" in sentence


def test_folders_without_fonts_are_recognised(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("no font")
    assert not start_checks.has_fonts([str(tmp_path), str(tmp_path / "absent")])
    (tmp_path / "truetype").mkdir()
    (tmp_path / "truetype" / "Sans.TTF").write_bytes(b"")
    assert start_checks.has_fonts([str(tmp_path)])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux may have no display")
@pytest.mark.parametrize("words", [[], ["Corpus.saedesk"], ["./folder"]])
def test_the_window_is_refused_in_one_line(
    words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    child = subprocess.run(
        [sys.executable, "-m", "saedesk", *words],
        capture_output=True,
        text=True,
        cwd=CHECKOUT,
        check=False,
    )
    assert child.returncode == 1
    assert len(child.stderr.splitlines()) == 1
    assert child.stdout == ""
