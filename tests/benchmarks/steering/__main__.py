"""Does steering find more of what is asked for, at the same cost in relevance, than words do?

    SAEDESK_DATA=FOLDER python -m tests.benchmarks.steering --cache FOLDER [--quick] [--tune]

Needs no language model: judges that know nothing of the steered SAE see the ten results before
and after, and name the one of five features that rose or fell most (O'Neill et al. 2024, section
5, where GPT-4o did). The first run trains two SAEs and builds a project, which takes some minutes;
they are kept in the cache folder. `--tune` measures other weights of the fused scores on the half
of the queries that is not reported.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

from saedesk.project.project_folder import Project
from tests.benchmarks.steering import plain_search
from tests.benchmarks.steering.arxiv_projects import material
from tests.benchmarks.steering.bench import Bench
from tests.benchmarks.steering.curves import write_csv, write_plot
from tests.benchmarks.steering.report import plain_section, sections
from tests.benchmarks.steering.tuning import tune

QUICK_QUERIES = 30
QUERIES = 200


def main() -> None:
    """Print tables and goals; write curves and plot where a folder is given."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--cache", type=Path, required=True, help="folder for what is made once")
    parser.add_argument("--output", type=Path, help="folder for the report, the curves, the plot")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_QUERIES} queries, Cranfield")
    parser.add_argument("--tune", action="store_true", help="measure other weights, nothing else")
    arguments = parser.parse_args()
    data = os.environ.get("SAEDESK_DATA")
    if not data:
        parser.error("set SAEDESK_DATA to the folder with arxiv/")
    started = time.perf_counter()
    made = material(Path(data), arguments.cache)
    count = QUICK_QUERIES if arguments.quick else QUERIES
    with Project.open(made.project, read_only=True) as project:
        # The first half of the queries is for choosing weights, the second is reported.
        start = 0 if arguments.tune else QUERIES
        bench = Bench(made, project, slice(start, start + count))
        if arguments.tune:
            tune(bench)
            return
        results = bench.measure()
    lines = []
    for section in sections(results):
        print(section, flush=True)
        lines.append(section)
    collections = plain_search.COLLECTIONS[:1] if arguments.quick else plain_search.COLLECTIONS
    unhurt = [plain_search.measure(Path(data), arguments.cache, name) for name in collections]
    lines.append(plain_section(unhurt))
    print(lines[-1], flush=True)
    if arguments.output is not None:
        arguments.output.mkdir(parents=True, exist_ok=True)
        (arguments.output / "steering.md").write_text("\n".join(lines) + "\n", "utf-8")
        write_csv(results, arguments.output / "steering.csv")
        write_plot(results, arguments.output / "steering.svg")
    print(f"({time.perf_counter() - started:.0f} s)")


if __name__ == "__main__":
    main()
