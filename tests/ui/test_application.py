"""The program from its first line to its exit code, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent.parent
CLOSE_SOON = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from saedesk.ui import application
from saedesk.ui.main_window import MainWindow

def window():
    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))
"""


def run(code: str, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run code that opens the window; every Qt warning and every error is on stderr."""
    return subprocess.run(
        [sys.executable, "-c", CLOSE_SOON + code, *arguments],
        capture_output=True,
        text=True,
        cwd=CHECKOUT,
        env={**os.environ, "SAEDESK_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"},
        timeout=60,
        check=False,
    )


def test_it_opens_without_torch_or_plots_and_ends_with_zero(tmp_path: Path) -> None:
    done = run(
        """
application.make_application()
def look():
    loaded = [n for n in ("torch", "pyqtgraph", "transformers", "hnswlib") if n in sys.modules]
    print(loaded, window().first_start.demo.isVisible())
    window().close()
QTimer.singleShot(0, look)
sys.exit(application.run_window(None))
""",
        tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[] True"
    assert "Traceback" not in done.stderr
    assert "ended" in (tmp_path / "logs" / "saedesk.log").read_text("utf-8")


def test_a_folder_that_is_no_project_is_told_in_the_window(tmp_path: Path) -> None:
    done = run(
        """
application.make_application()
def look():
    print(window().message.text)
    window().close()
QTimer.singleShot(0, look)
sys.exit(application.run_window(Path(sys.argv[1])))
""",
        tmp_path,
        str(tmp_path / "nothing.saedesk"),
    )
    assert done.returncode == 0, done.stderr
    assert "There is no project at" in done.stdout


def test_an_unexpected_error_is_told_once_and_the_window_stays(tmp_path: Path) -> None:
    done = run(
        """
application.make_application()
def fail():
    QTimer.singleShot(50, look)
    raise ZeroDivisionError("secret words")
def look():
    print(window().message.text)
    window().message._action.click()
    print("secret words" in QApplication.clipboard().text())
    window().close()
QTimer.singleShot(0, fail)
sys.exit(application.run_window(None))
""",
        tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "ZeroDivisionError" in done.stdout
    assert done.stdout.rstrip().endswith("True")
    assert "secret words" not in (tmp_path / "logs" / "saedesk.log").read_text("utf-8")


@pytest.mark.slow
def test_work_that_does_not_stop_does_not_hold_the_program(tmp_path: Path) -> None:
    done = run(
        """
import time
application.make_application()
def begin():
    window().session.run("Stubborn", lambda control: time.sleep(60))
    QTimer.singleShot(300, close)
def close():
    window().asks_before_closing = False
    window().close()
QTimer.singleShot(0, begin)
sys.exit(application.run_window(None))
""",
        tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "sleep" in (tmp_path / "logs" / "crash.log").read_text("utf-8") or (
        "thread" in (tmp_path / "logs" / "crash.log").read_text("utf-8").lower()
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send")
def test_the_end_of_the_session_closes_it_even_while_it_asks(tmp_path: Path) -> None:
    done = run(
        """
import os, signal
from saedesk.ui.widgets.dialogs import ask
application.make_application()
def question():
    QTimer.singleShot(100, lambda: os.kill(os.getpid(), signal.SIGTERM))
    ask(window(), "Is anybody there?")
QTimer.singleShot(0, question)
sys.exit(application.run_window(None))
""",
        tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "ended" in (tmp_path / "logs" / "saedesk.log").read_text("utf-8")
