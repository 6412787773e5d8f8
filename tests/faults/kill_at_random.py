"""Kill a step with SIGKILL at random moments, run it again, compare with an undisturbed run.

    python tests/faults/kill_at_random.py --times 20 --step all

Each step is the real command in a process group of its own, on a copy of a prepared project. The
moment of the kill lies anywhere between the first sign of work on the disk and the last write of
an undisturbed run (every fourth one earlier, while the program starts). After the kill the finished
parts of the project must be intact; after another run without a kill the artifacts must be the
same as without any, bit for bit. Chunks and checkpoints are made more often than in real work, so
that many kills find some of them finished.

With SAEDESK_DATA the corpus is its sample of abstracts, otherwise one that is made up.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from saedesk.project.manifest import load_manifest  # noqa: E402
from saedesk.project.project_check import check_project  # noqa: E402
from saedesk.project.project_folder import Project  # noqa: E402
from saedesk.task_control import Unattended  # noqa: E402
from tests.ui.made_up_abstracts import write_abstracts  # noqa: E402

COMMAND = """
import sys
from saedesk.jobs import embed_documents
embed_documents.CHUNK = 32
if "train" in sys.argv:
    from saedesk.sae import training
    training.SECONDS_BETWEEN_CHECKPOINTS = 0.2
from saedesk.__main__ import main
sys.exit(main())
"""
NOT_COMPARED = {"created", "seconds", "examples_per_second", "forecast", "forecast_error"}
WORDS_OF_A_TEXT = 25


@dataclass(frozen=True)
class Step:
    """One command and how to see that it has begun to write."""

    name: str
    arguments: tuple[str, ...]
    sign: Callable[[Path], bool]
    kinds: tuple[str, ...]
    """Kinds of artifacts that it makes; () for the documents."""


@dataclass
class Tally:
    """What happened to one step."""

    kills: int = 0
    while_running: int = 0
    unfinished_work: int = 0
    """Kills that left a part of the work behind, to go on from or to throw away."""
    differences: list[str] = field(default_factory=list)
    seconds: float = 0.0
    """Of an undisturbed run, from the first sign of work to the last write."""


def _has_partial(kind: str) -> Callable[[Path], bool]:
    return lambda project: any((project / kind).glob(".partial-*"))


def _is_importing(project: Path) -> bool:
    log = project / "documents.sqlite-wal"
    try:
        return log.stat().st_size > 0
    except FileNotFoundError:
        return False  # A finished import takes its log away.


def steps(corpus: Path, epochs: int) -> list[Step]:
    """The four steps in the order of the work."""
    training = ("--latents", "64", "--k", "4", "--epochs", str(epochs), "--batch-size", "64")
    return [
        Step("import", ("import", "{project}", str(corpus), "--keep-first"), _is_importing, ()),
        Step(
            "embed",
            ("embed", "{project}", "--device", "cpu"),
            _has_partial("vectors"),
            ("vectors",),
        ),
        Step(
            "train",
            ("train", "{project}", "--device", "cpu", *training),
            _has_partial("saes"),
            ("saes",),
        ),
        Step(
            "analyse",
            ("analyse", "{project}", "--device", "cpu"),
            _has_partial("activations"),
            ("activations", "statistics"),
        ),
    ]


def write_corpus(path: Path, documents: int) -> Path:
    """A CSV of `documents` short texts."""
    sample = Path(os.environ.get("SAEDESK_DATA", "")) / "arxiv" / "arxiv_sample_500.csv"
    source = sample
    if not os.environ.get("SAEDESK_DATA") or not sample.is_file():
        source = write_abstracts(path.with_name("made-up.csv"), documents)
    with source.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[:documents]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        for row in rows:
            text = " ".join(row["abstract"].split()[:WORDS_OF_A_TEXT])
            writer.writerow({**row, "abstract": text})
    return path


def write_long_corpus(path: Path, corpus: Path, times: int) -> Path:
    """The same documents many times over with keys of their own: an import of about a second."""
    with corpus.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        for copy in range(times):
            writer.writerows({**row, "id": f"{copy}-{row['id']}"} for row in rows)
    return path


def start(step: Step, project: Path) -> subprocess.Popen[bytes]:
    """The command in a process group of its own."""
    arguments = [word.format(project=project) for word in step.arguments]
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, *arguments, "--quiet"],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def finish(step: Step, project: Path) -> tuple[float, float]:
    """Run to the end; seconds until the first sign of work, and from there to the last write."""
    began = time.time()
    child = start(step, project)
    _wait_for(step, project, child)
    first = time.time()
    _, complaint = child.communicate()
    if child.returncode != 0:
        raise SystemExit(f"{step.name} failed: {complaint.decode('utf-8', 'replace')}")
    last = max((project / name).stat().st_mtime for name in ("project.json", "documents.sqlite"))
    return first - began, max(0.0, last - first)


def _wait_for(step: Step, project: Path, child: subprocess.Popen[bytes]) -> None:
    while child.poll() is None and not step.sign(project):
        time.sleep(0.0005)


def kill_once(step: Step, project: Path, before: float, work: float, choose: random.Random) -> bool:
    """Start the step and kill it; whether it was still running then."""
    child = start(step, project)
    if choose.random() < 0.25:
        time.sleep(choose.uniform(0.0, before))
    else:
        _wait_for(step, project, child)
        time.sleep(choose.uniform(0.0, 1.1 * work))
    with_its_children = os.getpgid(child.pid) if child.poll() is None else None
    if with_its_children is not None:
        os.killpg(with_its_children, signal.SIGKILL)
    child.communicate()
    return child.returncode == -signal.SIGKILL


def state(step: Step, folder: Path) -> dict[str, Any]:
    """Everything that must be the same after a kill and another run."""
    if step.kinds:
        return {kind: _artifacts(folder, kind) for kind in step.kinds}
    found: dict[str, Any] = {}
    with closing(sqlite3.connect(folder / "documents.sqlite")) as connection:
        for table in ("documents", "document_fields", "rejected_rows", "corpus_state"):
            rows = connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
            found[table] = hashlib.sha256(repr(rows).encode()).hexdigest()
        found["words"] = connection.execute(
            "SELECT count(*) FROM documents_fts WHERE documents_fts MATCH 'model'"
        ).fetchone()
        reports = connection.execute("SELECT source_hash, report FROM imports").fetchall()
    found["imports"] = [(name, _comparable(json.loads(report))) for name, report in reports]
    return found


def _artifacts(folder: Path, kind: str) -> list[Any]:
    manifest = load_manifest(folder)
    return [
        (
            record.hash,
            record.inputs,
            _comparable(record.summary),
            {name: _content(folder / kind / record.hash / name) for name in record.files},
            manifest.current.get(kind),
        )
        for record in manifest.artifacts
        if record.kind == kind
    ]


def _content(path: Path) -> Any:
    if path.suffix == ".jsonl":
        lines = path.read_text("utf-8").splitlines()
        return [_comparable(json.loads(line)) for line in lines]
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _comparable(content: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name not in NOT_COMPARED}


def damage(folder: Path) -> list[str]:
    """What `verify` finds."""
    with Project.open(folder) as project:
        found = check_project(project, Unattended())
    return [f"{f.kind}/{f.hash}/{f.file} {f.problem}" for f in found]


def leftovers(folder: Path) -> list[str]:
    """Files of unfinished work, of which none may be left in the end."""
    return [str(path.relative_to(folder)) for path in folder.rglob(".partial-*")]


def try_step(step: Step, ready: Path, undisturbed: Path, times: int, seed: int) -> Tally:
    """Kill, look, finish, compare; `ready` has everything before the step."""
    tally = Tally()
    choose = random.Random(f"{step.name} {seed}")
    measured = ready.with_name(f"{step.name}-measured.saedesk")
    shutil.copytree(ready, measured)
    before, work = finish(step, measured)
    shutil.rmtree(measured)
    tally.seconds = work
    expected = state(step, undisturbed)
    for number in range(times):
        project = ready.with_name(f"{step.name}-{number}.saedesk")
        shutil.copytree(ready, project)
        tally.kills += 1
        tally.while_running += kill_once(step, project, before, work, choose)
        tally.unfinished_work += bool(leftovers(project)) or _is_importing(project)
        tally.differences += [f"{number}: after the kill {found}" for found in damage(project)]
        finish(step, project)
        if state(step, project) != expected:
            tally.differences.append(f"{number}: the result differs, kept in {project}")
            continue
        tally.differences += [f"{number}: after the rerun {found}" for found in damage(project)]
        tally.differences += [f"{number}: left behind {found}" for found in leftovers(project)]
        shutil.rmtree(project)
    return tally


def try_steps(
    work: Path, chosen: str, times: int, seed: int, documents: int = 500, epochs: int = 300
) -> dict[str, Tally]:
    """Build the undisturbed projects in `work`, then try the steps asked for."""
    corpus = write_corpus(work / "corpus.csv", documents)
    long_corpus = write_long_corpus(work / "long.csv", corpus, 20)
    found: dict[str, Tally] = {}
    ready = work / "ready-0.saedesk"
    Project.create(ready).close()
    for number, step in enumerate(steps(corpus, epochs), 1):
        undisturbed = work / f"ready-{number}.saedesk"
        shutil.copytree(ready, undisturbed)
        finish(step, undisturbed)
        if chosen in (step.name, "all"):
            if step.name == "import":
                longer = steps(long_corpus, epochs)[0]
                alone = work / "imported.saedesk"
                shutil.copytree(ready, alone)
                finish(longer, alone)
                found[step.name] = try_step(longer, ready, alone, times, seed)
            else:
                found[step.name] = try_step(step, ready, undisturbed, times, seed)
        ready = undisturbed
        if chosen == step.name:
            break
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=20, help="kills for each step")
    parser.add_argument(
        "--step", default="all", choices=("import", "embed", "train", "analyse", "all")
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--documents", type=int, default=500)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="saedesk-kill-") as folder:
        found = try_steps(
            Path(folder), arguments.step, arguments.times, arguments.seed, arguments.documents
        )
    write = sys.stdout.write
    write(f"{'Step':<9}{'Kills':>6}{'Running':>9}{'Work cut':>10}{'Work s':>8}  All equal\n")
    for name, tally in found.items():
        equal = "no" if tally.differences else "yes"
        write(
            f"{name:<9}{tally.kills:>6}{tally.while_running:>9}{tally.unfinished_work:>10}"
            f"{tally.seconds:>8.1f}  {equal}\n"
        )
    for name, tally in found.items():
        for line in tally.differences:
            write(f"{name} {line}\n")
    return 1 if any(tally.differences for tally in found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
