"""What was asked of the steering, and what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.benchmarks.sae_peers.markdown_table import markdown_table
from tests.benchmarks.steering.bench import Results, clusters
from tests.benchmarks.steering.intervals import Estimate, estimate
from tests.benchmarks.steering.outcomes import RELEVANCE, REPLACED, TEXTS, Budget
from tests.benchmarks.steering.trials import DOWN, NEAR_UP, UP


@dataclass(frozen=True)
class Goal:
    """A share that is to be reached by one method at one budget."""

    text: str
    kind: str
    method: str
    budget: Budget
    ease: str
    """"easy", "hard" or "relevance"."""
    least: tuple[float, ...]
    """For J1 and JT, or for the relevance alone."""


_AT_90, _AT_97, _ONE = (RELEVANCE, 0.9), (RELEVANCE, 0.97), (REPLACED, 1)
_PLACES, _LESS = "places (product)", "less (product)"
GOALS = (
    Goal("up, relevance ≥ .9", UP, _PLACES, _AT_90, "easy", (0.90, 0.92)),
    Goal("up, one place", UP, _PLACES, _ONE, "easy", (0.90, 0.90)),
    Goal("up, one place: relevance", UP, _PLACES, _ONE, "relevance", (0.93,)),
    Goal("up near, relevance ≥ .9, hard", NEAR_UP, _PLACES, _AT_90, "hard", (0.88, 0.85)),
    Goal("down, relevance ≥ .97", DOWN, _LESS, _AT_97, "easy", (0.92, 0.90)),
    Goal("down, relevance ≥ .97, hard", DOWN, _LESS, _AT_97, "hard", (0.75, 0.70)),
)
TEXT_ONLY = "places by label and words"


def goals_section(results: Results) -> str:
    """Every goal with what was measured, its interval, and whether it is reached."""
    rows = [row for goal in GOALS for row in _rows(results, goal)]
    rows += list(_above_text(results))
    columns = ["", "goal", "measured [95 %]", "reached"]
    return "\n".join(["### Goals\n", markdown_table(columns, rows)])


def _rows(results: Results, goal: Goal) -> Iterator[list[str]]:
    found = results.tables[goal.kind][goal.method, goal.budget]
    own = clusters(results.trials[goal.kind])
    if goal.ease == "relevance":
        values = {"": found.relevance}
    else:
        measures = getattr(found, goal.ease)
        values = {name: measures[name] for name in ("J1", TEXTS)}
    for (name, each), least in zip(values.items(), goal.least, strict=True):
        one = estimate(each, own)
        text = f"{goal.text}, {name}" if name else goal.text
        yield [text, f"≥ {least:.2f}", str(one), _reached(one.mean, least)]


def _above_text(results: Results) -> Iterator[list[str]]:
    table, own = results.tables[UP], clusters(results.trials[UP])
    mine, theirs = table[_PLACES, _AT_90], table[TEXT_ONLY, _AT_90]
    for name in ("J1", TEXTS):
        one: Estimate = estimate(mine.easy[name] - theirs.easy[name], own)
        text = f"up, relevance ≥ .9, above text-only places, {name}"
        yield [text, "interval > 0", str(one), "yes" if one.low > 0 else "no"]


def _reached(value: float, least: float) -> str:
    return "yes" if round(value, 3) >= least else "no"
