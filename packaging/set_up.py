"""Set saedesk up beside its source and run it, or pass its tests. Standard library only.

    python3 packaging/set_up.py [run] [PROJECT]     the window; without a display the demo
    python3 packaging/set_up.py test [ARGUMENTS…]   the tests; arguments go to pytest

The first call makes `.venv` and installs the versions of packaging/constraints.txt; later calls
find a stamp of everything that decides about the environment and start at once. System
libraries that Qt needs are installed where that is allowed (root on Debian or Ubuntu) and named
with the exact command everywhere else.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import ModuleType

CHECKOUT = Path(__file__).resolve().parent.parent
ENVIRONMENT = CHECKOUT / ".venv"
CONSTRAINTS = CHECKOUT / "packaging" / "constraints.txt"
DEMO = CHECKOUT / "demo"
STAMP = ENVIRONMENT / "saedesk-set-up.txt"
OLDEST_PYTHON = (3, 11)
MOST_PROCESSES = 4
"""That run tests at once; each makes the projects that tests copy, so more gain little."""
PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"
ON_LINUX = sys.platform.startswith("linux")
ON_WINDOWS = os.name == "nt"
CHECK_VERSIONS = """
import sys
from saedesk.start_checks import installed_pyside, unsuitable_versions
sys.exit(unsuitable_versions(sys.version_info[:2], installed_pyside()))
"""


class CannotGoOn(Exception):
    """What is missing and the way out, in words for the person at the terminal."""


def main(words: list[str]) -> int:
    use = words[0] if words and words[0] in ("run", "test") else "run"
    rest = words[1:] if words and words[0] == use else words
    if words[:1] in (["-h"], ["--help"]):
        print(__doc__)
        return 0
    try:
        check_python()
        ready = is_ready(use)
        check_system(to_be_built=not ready)
        if not ready:
            make_environment(use)
        return run_tests(rest) if use == "test" else run_program(rest)
    except CannotGoOn as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def check_python() -> None:
    if sys.version_info < OLDEST_PYTHON:
        raise CannotGoOn(
            f"saedesk needs Python 3.11 or later and this is {PYTHON}; call this script with "
            "another one, for example python3.11 packaging/set_up.py"
        )


# --- the system ------------------------------------------------------------------------------


def start_checks() -> ModuleType:
    """saedesk/start_checks.py by its path: the package itself cannot be imported yet."""
    path = CHECKOUT / "saedesk" / "start_checks.py"
    spec = importlib.util.spec_from_file_location("saedesk_start_checks", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def check_system(to_be_built: bool) -> None:
    """Install or name what the system lacks; `to_be_built` asks for the compiler as well."""
    if not ON_LINUX:
        if to_be_built and sys.platform == "darwin" and not shutil.which("c++"):
            raise CannotGoOn("hnswlib is compiled here: run xcode-select --install first.")
        return
    needed = missing_for_building() if to_be_built else []
    with_display = has_display()
    needed += start_checks().missing_packages(with_display=with_display)
    # Whoever may install gets the libraries of a window too, for the day there is a display.
    wanted = needed + start_checks().missing_packages(with_display=True)
    if wanted and may_install():
        install_packages(sorted(set(wanted)))
        needed = missing_for_building() if to_be_built else []
        needed += start_checks().missing_packages(with_display=with_display)
    if needed:
        names = " ".join(sorted(set(needed)))
        if shutil.which("apt-get"):
            way_out = "sudo apt-get update && sudo apt-get install --yes " + names
        else:
            way_out = "your system's counterparts of Debian's packages " + names
        raise CannotGoOn(
            "System packages are missing. Install them and call this again:\n" + way_out
        )


def missing_for_building() -> list[str]:
    """Debian packages without which no environment can be made and hnswlib not be compiled."""
    missing = []
    if importlib.util.find_spec("ensurepip") is None:
        missing.append(f"python{PYTHON}-venv")
    if not (os.environ.get("CXX") or shutil.which("g++") or shutil.which("clang++")):
        missing.append("g++")
    if not Path(sysconfig.get_path("include"), "Python.h").is_file():
        missing.append(f"python{PYTHON}-dev")
    return missing


def may_install() -> bool:
    """Whether this is root on a system of Debian's family."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return False
    try:
        release = Path("/etc/os-release").read_text("utf-8").lower()
    except OSError:
        return False
    return "debian" in release or "ubuntu" in release


def install_packages(packages: list[str]) -> None:
    print("Installing system packages: " + " ".join(packages), flush=True)
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    for command in (["apt-get", "update"], install):
        # Standard error: the last line on standard output belongs to the program or the tests.
        if subprocess.call(command, env=environment, stdout=sys.stderr, stdin=subprocess.DEVNULL):
            raise CannotGoOn("This failed, see above; try it by hand:\n" + " ".join(command))


# --- the Python environment --------------------------------------------------------------------


def fingerprint() -> str:
    """A hash of all that decides about the environment."""
    content = hashlib.sha256()
    for path in (CONSTRAINTS, CHECKOUT / "pyproject.toml", Path(__file__)):
        content.update(path.read_bytes())
    content.update(sys.version.encode())
    content.update(str(CHECKOUT).encode())  # an environment cannot be moved
    return content.hexdigest()


def is_ready(use: str) -> bool:
    try:
        stamp = STAMP.read_text("utf-8").split()
    except OSError:
        return False
    return stamp[:1] == [fingerprint()] and use in stamp[1:] and python_inside().exists()


def python_inside() -> Path:
    if ON_WINDOWS:
        return ENVIRONMENT / "Scripts" / "python.exe"
    return ENVIRONMENT / "bin" / "python"


def make_environment(use: str) -> None:
    print(f"Setting up {ENVIRONMENT}; the first time takes some minutes.", flush=True)
    STAMP.unlink(missing_ok=True)
    make = [sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)]
    if version_inside() != sys.version and subprocess.call(make):
        raise CannotGoOn(f"Python {PYTHON} could not make an environment, see above.")
    # torch by its exact version first: a range makes pip weigh builds of several gigabytes.
    pip_install(pinned("torch"))
    # hnswlib has no wheels. Compiled here it may use all that this processor can do, so it must
    # not come from a cache that another machine filled; HNSWLIB_NO_NATIVE=1, for a build that
    # runs elsewhere, is only right for releases (packaging/build_linux.py sets it).
    pip_install("--no-cache-dir", "--no-binary", "hnswlib", pinned("hnswlib"))
    pip_install("--editable", str(CHECKOUT) + ("[test]" if use == "test" else ""))
    if subprocess.call([str(python_inside()), "-c", CHECK_VERSIONS], cwd=CHECKOUT):
        raise CannotGoOn("The versions in packaging/constraints.txt do not fit this Python.")
    STAMP.write_text(fingerprint() + (" run test\n" if use == "test" else " run\n"), "utf-8")


def version_inside() -> str | None:
    """sys.version of the environment's Python, or None where it does not start."""
    command = [str(python_inside()), "-c", "import pip, sys; print(sys.version, end='')"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return answer.stdout if answer.returncode == 0 else None


def pinned(name: str) -> str:
    for line in CONSTRAINTS.read_text("utf-8").splitlines():
        if line.startswith(name + "=="):
            return line.strip()
    raise CannotGoOn(f"{name} has no version in {CONSTRAINTS}.")


def pip_install(*words: str) -> None:
    command = [str(python_inside()), "-m", "pip", "install", "--disable-pip-version-check"]
    command += ["--no-input", "--quiet", "--constraint", str(CONSTRAINTS), *words]
    print("  pip install " + " ".join(words), flush=True)
    if subprocess.call(command, stdin=subprocess.DEVNULL):
        raise CannotGoOn(
            "pip could not install it, see above. It can be called again:\n" + " ".join(command)
        )


# --- the two uses --------------------------------------------------------------------------------


def has_display() -> bool:
    """Whether a person can see a window: a screen that Qt only draws in memory is none."""
    if not ON_LINUX:
        return True
    settings = {name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM"}
    return start_checks().missing_display(settings) is None


def run_program(words: list[str]) -> int:
    """The window, or without a display the demo that leaves pictures of it."""
    program = [str(python_inside()), "-m", "saedesk"]
    if has_display() or (words and words[0].startswith("-")):
        return subprocess.call([*program, *words])
    if words:
        raise CannotGoOn(
            f"There is no display to open {words[0]} on. Without a display, use the commands: "
            f"{' '.join(program)} --help"
        )
    print("There is no display, so the demo runs without a window.", flush=True)
    print(f"It leaves a project and pictures of the window in {DEMO}", flush=True)
    environment = dict(os.environ, QT_QPA_PLATFORM="offscreen")
    return subprocess.call([*program, "demo", "--headless", str(DEMO)], env=environment)


def run_tests(words: list[str]) -> int:
    """ruff where everything is tested, then pytest, whose closing line is the last."""
    python = str(python_inside())
    found = 0
    environment = dict(os.environ)
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    if not words:
        found = subprocess.call([python, "-m", "ruff", "check", "--quiet", "."], cwd=CHECKOUT)
        # All tests share the processors, a file of them in one process; each with one thread.
        words = ["-n", str(min(MOST_PROCESSES, os.cpu_count() or 1)), "--dist", "loadfile"]
        environment.setdefault("OMP_NUM_THREADS", "1")
    failed = subprocess.call([python, "-m", "pytest", *words], cwd=CHECKOUT, env=environment)
    return failed or found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
