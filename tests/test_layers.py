"""The rules of the house that a reader of one file cannot see broken.

Imports go downwards only (the contracts in pyproject.toml), Qt stays in `session` and `ui`, the
window is up before torch is loaded, and nothing is unpickled or shown as HTML.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
PACKAGE = CHECKOUT / "saedesk"
HEAVY = (
    "torch",
    "sentence_transformers",
    "transformers",
    "hnswlib",
    "sklearn",
    "umap",
    "openai",
    "keyring",
)
QT = ("PySide6", "shiboken6", "pyqtgraph")
LONGEST_MODULE = 500
LONGEST_MAIN_WINDOW = 300


def modules(*folders: str) -> Iterator[Path]:
    """The Python files of the package, or of some of its folders."""
    for folder in folders or ("",):
        yield from sorted((PACKAGE / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def imported_names(nodes: Iterator[ast.AST]) -> Iterator[str]:
    """What the import statements among `nodes` name, with dots: `PySide6.QtWidgets.QLabel`."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def at_module_level(node: ast.AST) -> Iterator[ast.AST]:
    """The statements that run on import: not those in functions or under TYPE_CHECKING."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from at_module_level(child)


def files_with(pattern: str, *folders: str) -> list[str]:
    """`file:line` of every line of code that matches."""
    found = []
    for path in modules(*folders):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            if re.search(pattern, line):
                found.append(f"{name_of(path)}:{number}: {line.strip()}")
    return found


def loaded_after(statement: str, names: tuple[str, ...]) -> list[str]:
    """Which of `names` a fresh interpreter has loaded after `statement`."""
    code = f"{statement}\nimport sys\nprint(*[n for n in {names!r} if n in sys.modules])"
    child = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=CHECKOUT, check=False
    )
    assert child.returncode == 0, child.stderr
    return child.stdout.split()


def test_imports_go_downwards_only() -> None:
    child = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as lint; lint()",
            "--no-cache",
        ],
        capture_output=True,
        text=True,
        cwd=CHECKOUT,
        check=False,
    )
    assert child.returncode == 0, child.stdout + child.stderr


@pytest.mark.parametrize(
    "module", ["saedesk", "saedesk.cli.command_line", "saedesk.ui.main_window"]
)
def test_heavy_libraries_wait_until_they_are_used(module: str) -> None:
    assert loaded_after(f"import {module}", HEAVY) == []


@pytest.mark.parametrize("module", ["saedesk", "saedesk.cli.command_line", "saedesk.__main__"])
def test_terminal_and_library_do_without_qt(module: str) -> None:
    assert loaded_after(f"import {module}", QT) == []


@pytest.mark.parametrize("words", [["--help"], ["--version"]])
def test_help_and_version_load_neither_qt_nor_torch(words: list[str]) -> None:
    statement = (
        "import contextlib, io\n"
        "from saedesk.__main__ import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        f"    main({words!r})"
    )
    assert loaded_after(statement, HEAVY + QT) == []


def test_heavy_libraries_are_imported_inside_functions() -> None:
    found = []
    for path in modules():
        tree = ast.parse(path.read_text("utf-8"))
        for name in imported_names(at_module_level(tree)):
            if name.split(".")[0] in HEAVY:
                found.append(f"{name_of(path)} imports {name}")
    assert found == []


def test_widgets_and_plots_are_imported_only_in_ui() -> None:
    found = []
    for path in modules():
        if name_of(path).startswith("ui/"):
            continue
        for name in imported_names(ast.walk(ast.parse(path.read_text("utf-8")))):
            if name.startswith(("PySide6.QtWidgets", "pyqtgraph")):
                found.append(f"{name_of(path)} imports {name}")
    assert found == []


def test_signals_of_the_session_end_in_bound_methods() -> None:
    """A lambda or partial would run in the worker's thread, whatever the connection type."""
    assert files_with(r"\.connect\(\s*(lambda|partial|functools\.partial)\b", "session") == []
    for path in modules("session"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "connect"
            ):
                slots = [argument for argument in node.args if isinstance(argument, ast.Lambda)]
                assert not slots, f"{name_of(path)}:{node.lineno} connects a lambda"


@pytest.mark.parametrize(
    "pattern",
    [
        r"allow_pickle\s*=\s*True",
        r"weights_only\s*=\s*False",
        r"trust_remote_code\s*=\s*True",
        r"^\s*(import|from)\s+(pickle|cloudpickle|dill|joblib|marshal|shelve)\b",
    ],
)
def test_nothing_that_runs_code_from_a_file(pattern: str) -> None:
    assert files_with(pattern) == []


def test_torch_files_are_read_as_weights_only() -> None:
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "torch.load":
                given = {word.arg: ast.unparse(word.value) for word in node.keywords}
                assert given.get("weights_only") == "True", f"{name_of(path)}:{node.lineno}"


def test_text_is_never_shown_as_html() -> None:
    assert files_with(r"\b(setHtml|insertHtml|appendHtml)\(") == []
    assert files_with(r"TextFormat\.(RichText|AutoText|MarkdownText)|\.setMarkdown\(") == []


def test_message_boxes_are_made_in_one_file() -> None:
    """One place decides that a box shows plain text and what its buttons do."""
    files = {line.split(":")[0] for line in files_with(r"\bQMessageBox\b")}
    assert len(files) <= 1, sorted(files)
    assert all(file.startswith("ui/") for file in files)


def test_modules_are_short_and_named_after_what_they_hold() -> None:
    for path in modules():
        lines = len(path.read_text("utf-8").splitlines())
        limit = LONGEST_MAIN_WINDOW if path.name == "main_window.py" else LONGEST_MODULE
        assert lines <= limit, f"{name_of(path)} has {lines} lines"
        words = set(path.stem.split("_"))
        assert not words & {"utils", "util", "helpers", "common", "misc", "manager"}, path
