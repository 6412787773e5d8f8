"""The demo corpus: the reference documentation that every installation has.

Docstrings of the Python standard library, NumPy, SciPy, scikit-learn and PyTorch, read from the
installed packages in a process of its own (`python -m saedesk.corpus.reference_documentation
OUT.jsonl`), because looking at everything means importing everything.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import json
import os
import pkgutil
import re
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from saedesk.corpus.docstring_text import readable_text, without_repeated_sentences
from saedesk.corpus.document import ColumnRole, ColumnUse, FieldType
from saedesk.errors import BadInput, KnownError
from saedesk.task_control import Progress, TaskControl

COLUMNS = (
    ColumnUse("key", ColumnRole.KEY),
    ColumnUse("title", ColumnRole.TITLE),
    ColumnUse("text", ColumnRole.TEXT),
    ColumnUse("package", ColumnRole.FIELD, FieldType.CATEGORY),
    ColumnUse("module", ColumnRole.FIELD, FieldType.CATEGORY),
    ColumnUse("kind", ColumnRole.FIELD, FieldType.CATEGORY),
    ColumnUse("length", ColumnRole.FIELD, FieldType.NUMBER),
)
"""The columns of the file, for importing it."""

PACKAGES = {"numpy": "NumPy", "scipy": "SciPy", "sklearn": "scikit-learn", "torch": "PyTorch"}

STANDARD_LIBRARY = "Python"

SHORTEST_DOCSTRING = 200
"""Characters as they are in the source."""

SHORTEST_TEXT = 90
"""Characters of prose that must be left."""

SECONDS_ALLOWED = 180

# Windows, jokes, terminals, build tools, tests, and what later Python versions no longer have.
_MODULES_LEFT_OUT = """
aifc antigravity asynchat asyncore audioop cgi cgitb chunk conftest crypt ctypes.macholib
curses.has_key distutils encodings ensurepip idlelib imghdr imp lib2to3 mailcap msilib msvcrt
nis nntplib nt numpy.distutils numpy.f2py numpy.testing numpy.typing ossaudiodev pipes
pydoc_data readline rlcompleter scipy.conftest scipy.misc scipy.odr sklearn.conftest
sklearn.externals sklearn.experimental sklearn.utils.estimator_checks smtpd sndhdr spwd sunau
telnetlib test this tkinter torch.backends.python_native torch.backends.xeon
torch.export.experimental torch.fx.experimental torch.fx.passes torch.jit.supported_ops
torch.jit.unsupported_tensor_ops torch.nn.qat torch.nn.quantizable torch.utils.benchmark.utils
torch.utils.data.datapipes.gen_pyi torch.utils.hipify turtle turtledemo uu winreg winsound
xdrlib
"""
MODULES_LEFT_OUT = frozenset(_MODULES_LEFT_OUT.split())

_PARTS_OF_PYTORCH = """
amp autograd distributions fft func futures hub jit linalg masked nested nn optim overrides
package profiler quasirandom random serialization signal sparse special utils functional storage
export fx accelerator cuda backends multiprocessing library
"""
PARTS_OF_PYTORCH = frozenset(_PARTS_OF_PYTORCH.split())
"""The others are internal, or take long to import."""

REPEATED_SENTENCE = 6
"""A sentence in so many docstrings is about none of them in particular."""

NAMES_LEFT_OUT = frozenset({"tests", "test", "testing", "conftest", "setup", "benchmarks"})

LEGACY_TENSOR = re.compile(r"torch\.(\w+\.)?\w+Tensor")

METHODS_LEFT_OUT = frozenset({"get_metadata_routing", "get_params", "set_params", "register"})


@dataclass(frozen=True)
class DocumentedThing:
    """One row of the file."""

    key: str
    """Qualified name, such as "scipy.signal.welch"."""
    title: str
    """The same."""
    text: str
    """Readable prose of its docstring."""
    package: str
    """"Python", "NumPy", "SciPy", "scikit-learn" or "PyTorch"."""
    module: str
    """At most two parts, such as "scipy.signal"."""
    kind: str
    """"module", "class", "function" or "method"."""
    length: int
    """Words of the text."""


def collect_reference_documentation(out: Path, control: TaskControl) -> int:
    """Write the demo corpus to `out` (JSON lines, see COLUMNS); returns the number of documents.

    Runs in a process of its own that is ended on a cancel. Raises KnownError when it fails.
    """
    control.report(Progress(0, None, "documents", "Reading the installed documentation"))
    command = [sys.executable, "-P", "-m", "saedesk.corpus.reference_documentation", str(out)]
    deadline = time.monotonic() + SECONDS_ALLOWED
    with subprocess.Popen(
        command,
        env=_quiet_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as child:
        try:
            while child.poll() is None:
                control.checkpoint()
                if time.monotonic() > deadline:
                    raise KnownError(
                        f"Reading the installed documentation took longer than {SECONDS_ALLOWED} "
                        "seconds and was stopped: try the demo again when the computer is idle."
                    )
                time.sleep(0.05)
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
                _partial(out).unlink(missing_ok=True)
    if child.returncode != 0 or not out.is_file():
        raise KnownError(
            "The installed documentation could not be read (the helping process ended with code "
            f"{child.returncode}): install the program again, or import a corpus of your own."
        )
    with out.open("rb") as stream:
        return sum(1 for _ in stream)


def _quiet_environment() -> dict[str, str]:
    """No network, no windows, one thread, and this very package on the path."""
    here = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(part for part in (here, os.environ.get("PYTHONPATH", "")) if part)
    return {
        **os.environ,
        "PYTHONPATH": path,
        "PYTHONHASHSEED": "0",
        "PYTHONWARNINGS": "ignore",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "OMP_NUM_THREADS": "1",
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "MPLBACKEND": "agg",
        "CUDA_VISIBLE_DEVICES": "",
        "TERM": "dumb",
    }


def write_reference_documentation(out: Path) -> int:
    """Write the corpus in this process; the number of documents. Replaces `out` at the end."""
    partial = _partial(out)
    things = documented_things()
    with partial.open("w", encoding="utf-8", newline="\n") as stream:
        for thing in things:
            stream.write(json.dumps(asdict(thing), ensure_ascii=False) + "\n")
    os.replace(partial, out)
    return len(things)


def _partial(out: Path) -> Path:
    return out.with_name(out.name + ".partial")


def documented_things() -> list[DocumentedThing]:
    """Everything documented well enough, one for each text, sorted by key."""
    found = sorted(_shortest_names().values(), key=lambda entry: entry[0])
    entries = [(name, kind, _readable_prose(thing, kind)) for name, kind, thing in found]
    shorter = without_repeated_sentences([text for _, _, text in entries], REPEATED_SENTENCE)
    by_text: dict[str, DocumentedThing] = {}
    for (name, kind, whole), rest in zip(entries, shorter, strict=True):
        # A docstring of little else than shared sentences stays whole: torch.nn.Linear is one.
        text = rest if len(rest) >= SHORTEST_TEXT else whole
        if len(text) >= SHORTEST_TEXT:
            by_text.setdefault(text, _describe(name, kind, text))
    return sorted(by_text.values(), key=lambda described: described.key)


def _readable_prose(thing: Any, kind: str) -> str:
    """The prose of a docstring; "" for one that says too little or differs from run to run."""
    docstring = _own_docstring(thing, kind)
    if len(docstring.strip()) < SHORTEST_DOCSTRING:
        return ""
    prose = readable_text(docstring)
    # An address in memory differs from run to run.
    return "" if " at 0x" in prose else prose


def _describe(name: str, kind: str, text: str) -> DocumentedThing:
    parts = name.split(".")
    above = parts if kind == "module" else parts[: -2 if kind == "method" else -1]
    return DocumentedThing(
        key=name,
        title=name,
        text=text,
        package=PACKAGES.get(parts[0], STANDARD_LIBRARY),
        module=".".join(above[:2]),
        kind=kind,
        length=len(text.split()),
    )


def _own_docstring(thing: Any, kind: str) -> str:
    try:
        docstring = thing.__dict__.get("__doc__") if kind == "class" else thing.__doc__
    except Exception:  # noqa: BLE001 - lazy objects may do anything when looked at
        return ""
    if not isinstance(docstring, str) and kind == "class":
        docstring = getattr(thing, "__doc__", None)
    return docstring if isinstance(docstring, str) else ""


def _shortest_names() -> dict[int, tuple[str, str, Any]]:
    """By identity of each documented thing: its shortest public name, its kind, itself."""
    found: dict[int, tuple[str, str, Any]] = {}

    def offer(name: str, kind: str, thing: Any) -> None:
        known = found.get(id(thing))
        if known is None or _rank(name) < _rank(known[0]):
            found[id(thing)] = (name, kind, thing)

    for module in _modules():
        offer(module.__name__, "module", module)
        for name, thing in _public_members(module):
            offer(f"{module.__name__}.{name}", _kind(thing), thing)
    for class_name, kind, thing in list(found.values()):
        if kind == "class" and not LEGACY_TENSOR.fullmatch(class_name):
            for name, method in _methods(thing):
                offer(f"{class_name}.{name}", "method", method)
    return found


def _rank(name: str) -> tuple[int, int, str]:
    return name.count("."), len(name), name


def _kind(thing: Any) -> str:
    return "class" if inspect.isclass(thing) else "function"


def _modules() -> Iterator[ModuleType]:
    standard = sorted(name for name in sys.stdlib_module_names if not name.startswith("_"))
    for root in [*standard, *PACKAGES]:
        if root in MODULES_LEFT_OUT:
            continue
        module = _import(root)
        if module is None:
            continue
        yield module
        yield from _submodules(module)


def _submodules(package: ModuleType) -> Iterator[ModuleType]:
    places = getattr(package, "__path__", None)
    if places is None:
        return
    for entry in sorted(pkgutil.iter_modules(places), key=lambda entry: entry.name):
        name = f"{package.__name__}.{entry.name}"
        if entry.name.startswith("_") or entry.name in NAMES_LEFT_OUT or name in MODULES_LEFT_OUT:
            continue
        if package.__name__ == "torch" and entry.name not in PARTS_OF_PYTORCH:
            continue
        module = _import(name)
        if module is None:
            continue
        yield module
        yield from _submodules(module)


def _import(name: str) -> ModuleType | None:
    """The module, or None where this platform or version cannot import it."""
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return importlib.import_module(name)
    except (Exception, SystemExit):  # noqa: BLE001 - one module must not stop the others
        return None


def _public_members(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Classes and functions of a module that belong to its package, by public name."""
    listed = getattr(module, "__all__", None)
    names = listed if isinstance(listed, list | tuple) else list(vars(module))
    root = module.__name__.split(".")[0]
    for name in sorted({name for name in names if isinstance(name, str)}):
        if name.startswith("_"):
            continue
        try:
            thing = getattr(module, name)
        except Exception:  # noqa: BLE001 - names may be listed that are gone or deprecated
            continue
        if inspect.isclass(thing) or _is_function(thing):
            owner = getattr(thing, "__module__", None) or module.__name__
            if isinstance(owner, str) and _belongs(owner.split(".")[0], root, module.__name__):
                yield name, thing


def _belongs(owner: str, root: str, module: str) -> bool:
    if owner == root:
        return True
    # C code and private companions of the standard library: "_socket", "builtins", "posix".
    standard = sys.stdlib_module_names
    return root in standard and owner in standard and (owner.startswith("_") or module == "os")


def _is_function(thing: Any) -> bool:
    return (
        inspect.isroutine(thing)
        or type(thing).__name__ in {"ufunc", "_ArrayFunctionDispatcher", "MultiUFunc"}
        or (callable(thing) and hasattr(thing, "__wrapped__"))
    )


def _methods(cls: type) -> Iterator[tuple[str, Any]]:
    """Methods and properties with a docstring of their own, not those of a base class."""
    # What torch.Tensor inherits from its C base has no other public name.
    from_c = [base for base in cls.__mro__[1:] if str(base.__module__).startswith("torch._C")]
    bases = [base for base in cls.__mro__[1:] if base not in from_c]
    inherited = {
        getattr(member, "__doc__", None) for base in bases for member in vars(base).values()
    }
    members = {name: member for base in [*from_c, cls] for name, member in vars(base).items()}
    for name, member in sorted(members.items()):
        if name.startswith("_") or name in METHODS_LEFT_OUT or name.endswith("_request"):
            continue
        if isinstance(member, staticmethod | classmethod):
            member = member.__func__
        if inspect.isroutine(member) and getattr(member, "__doc__", None) not in inherited:
            yield name, member


def main(arguments: list[str]) -> int:
    """Entry point of the process; 0, or 2 when it is called in another way."""
    if len(arguments) != 1:
        return 2
    warnings.simplefilter("ignore")
    sys.dont_write_bytecode = True
    out = Path(arguments[0])
    if not out.parent.is_dir():
        raise BadInput(f"There is no folder “{out.parent}” for the demo corpus.")
    write_reference_documentation(out)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
