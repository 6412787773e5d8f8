"""What must hold before Qt is loaded: versions that fit, system libraries, a display.

Qt aborts the process when one of these is missing and names at most one of them, so this file
looks first. It imports only the standard library and nothing of saedesk, because the set-up
script loads it by its path before anything is installed.
"""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

LIBRARIES_OF_QT = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
}
"""Shared libraries that Qt needs even without a display, and the Debian packages they are in."""

LIBRARIES_OF_A_DISPLAY = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
"""What Qt's X11 plugin needs beside them."""

FONT_PACKAGE = "fonts-dejavu-core"
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")


def why_no_window(environment: Mapping[str, str] | None = None) -> str | None:
    """The first thing that keeps a window from opening, as one sentence, or None."""
    settings = os.environ if environment is None else environment
    problem = unsuitable_versions(sys.version_info[:2], installed_pyside())
    if problem or not sys.platform.startswith("linux"):
        return problem
    problem = missing_display(settings)
    if problem:
        return problem
    packages = missing_packages(with_display=uses_x11(settings))
    if packages:
        return (
            "The window needs system libraries that are missing; on Debian or Ubuntu: "
            f"apt-get install {' '.join(packages)}"
        )
    return None


def installed_pyside() -> str | None:
    """The version of PySide6 by its metadata, without importing it; None when it says none."""
    try:
        return version("PySide6_Essentials")
    except PackageNotFoundError:
        return None  # a frozen program carries the version it was built and tested with


def unsuitable_versions(python: tuple[int, int], pyside: str | None) -> str | None:
    """A sentence with the way out for a pair that is known to crash, or None.

    PySide6 6.12.0 takes a reference away from None with every call that returns nothing. Python
    3.12 and later do not count those references; earlier ones abort after some thousand calls.
    """
    if pyside == "6.12.0" and python < (3, 12):
        return (
            f"PySide6 6.12.0 crashes on Python {python[0]}.{python[1]}; install another one: "
            'pip install "pyside6-essentials<6.12", or use Python 3.12 or later.'
        )
    return None


def missing_display(environment: Mapping[str, str]) -> str | None:
    """A sentence when a Linux session has no screen to draw on, or None."""
    if environment.get("QT_QPA_PLATFORM", "").split(":")[0] not in ("", "xcb", "wayland"):
        return None  # offscreen, vnc and the like draw without one
    if environment.get("WAYLAND_DISPLAY"):
        return None
    display = environment.get("DISPLAY", "")
    way_out = "“saedesk demo --headless FOLDER” works without a display."
    if not display:
        return f"There is no display to open a window on; {way_out}"
    if not _x_server_answers(display):
        return f"The display {display} does not answer; {way_out}"
    return None


def uses_x11(environment: Mapping[str, str]) -> bool:
    """Whether Qt will load its X11 plugin in this Linux session."""
    platform = environment.get("QT_QPA_PLATFORM", "").split(":")[0]
    if platform:
        return platform == "xcb"
    return bool(environment.get("DISPLAY"))


def missing_packages(with_display: bool) -> list[str]:
    """Debian packages of the shared libraries and fonts that Qt needs and cannot find, sorted."""
    libraries = dict(LIBRARIES_OF_QT)
    if with_display:
        libraries |= LIBRARIES_OF_A_DISPLAY
    packages = {package for library, package in libraries.items() if not _loads(library)}
    if not has_fonts(FONT_FOLDERS):
        packages.add(FONT_PACKAGE)
    return sorted(packages)


def has_fonts(folders: Iterable[str]) -> bool:
    """Whether any of the folders holds an outline font; without one every letter is a box."""
    for folder in folders:
        for _, _, names in os.walk(Path(folder).expanduser()):
            if any(name.lower().endswith((".ttf", ".otf", ".ttc")) for name in names):
                return True
    return False


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _x_server_answers(display: str) -> bool:
    host, _, screen = display.rpartition(":")
    number = screen.split(".")[0]
    if not number.isdigit():
        return False
    if host.startswith("/"):
        return Path(f"{host}:{number}").exists()
    if host in ("", "unix"):
        path = f"/tmp/.X11-unix/X{number}"
        return any(_connects(socket.AF_UNIX, place) for place in (path, "\0" + path))
    return _connects(socket.AF_INET, (host, 6000 + int(number)))


def _connects(family: socket.AddressFamily, place: str | tuple[str, int]) -> bool:
    with socket.socket(family) as connection:
        connection.settimeout(2.0)
        try:
            connection.connect(place)
        except OSError:
            return False
    return True
