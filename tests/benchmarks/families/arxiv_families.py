"""Families of 30,000 abstracts of arXiv, measured beside random groupings of the same sizes.

    SAEDESK_DATA=FOLDER python -m tests.benchmarks.families.arxiv_families --cache FOLDER [--top 10]

The first run imports the abstracts and their vectors and trains an SAE on them, which takes a
minute or two; the project is kept in the cache folder.
"""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path

from saedesk.cli.command_line import main as saedesk

NAME = "arxiv_ml_astro_30k"
MODEL = "all-MiniLM-L6-v2"
TRAINING = (
    *("--latents", "768", "--k", "8", "--epochs", "40"),
    *("--learning-rate", "5e-4", "--learning-rate-decay", "linear"),
)


def main() -> None:
    """Print measures and trees, as the command does."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--cache", type=Path, required=True, help="folder for what is made once")
    parser.add_argument("--top", default="10", help="families to print")
    arguments = parser.parse_args()
    data = os.environ.get("SAEDESK_DATA")
    if not data:
        parser.error("set SAEDESK_DATA to the folder with arxiv/")
    project = arguments.cache / "arxiv.saedesk"
    if not project.exists():
        _build(project, Path(data) / "arxiv")
    _run("families", project, "--measure", "--top", arguments.top)


def _build(project: Path, data: Path) -> None:
    unfinished = project.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    project.parent.mkdir(parents=True, exist_ok=True)
    _run("new", unfinished, "--name", NAME)
    _run("import", unfinished, str(data / f"{NAME}.csv.gz"))
    vectors = str(data / f"{NAME}.minilm.f16.npy")
    _run("import-vectors", unfinished, vectors, "--model", MODEL)
    _run("train", unfinished, *TRAINING)
    _run("analyse", unfinished)
    _run("label", unfinished)
    unfinished.rename(project)


def _run(command: str, project: Path, *options: str) -> None:
    if saedesk([command, str(project), *options]) != 0:
        raise SystemExit(f"saedesk {command} failed")


if __name__ == "__main__":
    main()
