"""What a search found, for notebooks and scripts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from saedesk.errors import BadInput
from saedesk.jobs.loaded_sae import shown_label
from saedesk.jobs.notebook_tables import ShownAsTable, TableParts
from saedesk.jobs.search_answer import ResultRow, SearchAnswer
from saedesk.project.label_store import FeatureLabel
from saedesk.search.family_steering import FamilySlider

_OTHERS = {"meaning": "by meaning", "words": "by words"}


class SearchResults(ShownAsTable):
    """What a search found: iterate it for the documents of the steered query, best first."""

    def __init__(
        self,
        answer: SearchAnswer,
        labels: Mapping[int, FeatureLabel],
        asked: str = "documents like the given ones",
        families: Mapping[int, str] | None = None,
    ) -> None:
        """`asked` says what was searched with where it was no text; `families` names by root."""
        self.answer = answer
        """Everything about the search."""
        self._labels = labels
        self._asked = asked
        self._families = families or {}

    @property
    def plain(self) -> tuple[ResultRow, ...]:
        """The documents of the query as typed, best first."""
        return self.answer.plain

    @property
    def steered(self) -> tuple[ResultRow, ...]:
        """Those of the steered query; equal to `plain` where nothing is steered."""
        return self.answer.steered

    @property
    def cosine(self) -> float:
        """cos(q, q'): how much of the query as typed is left."""
        return self.answer.cosine

    @property
    def features(self) -> dict[int, float]:
        """The features of the query as typed, {feature: activation}, strongest first."""
        query = self.answer.query
        return {int(i): float(v) for i, v in zip(query.latents, query.values, strict=True)}

    def contributions(self, rank: int = 1) -> dict[str, float]:
        """What makes the score of the document at `rank`: {label: part}; the parts add up to it.

        A family that is turned as one is one part, “Family: ” and what it is called. What no
        feature explains is called “not explained by features”, where words count there are “by
        meaning” and “by words”. Raises BadInput for a rank that is not there.
        """
        if not 1 <= rank <= len(self.steered):
            raise BadInput(f"There is no result {rank}; there are {len(self.steered)}.")
        found: dict[str, float] = {}
        for part in self.steered[rank - 1].contributions:
            name = _OTHERS.get(part.kind, "not explained by features")
            if part.latent is not None:
                name = shown_label(self._labels.get(part.latent), part.latent)
            elif isinstance(part.target, FamilySlider):
                name = f"Family: {self._name_of(part.target)}"
            found[name] = found.get(name, 0.0) + part.value
        return found

    def _name_of(self, family: FamilySlider) -> str:
        root = family.root
        return self._families.get(root) or shown_label(self._labels.get(root), root)

    def __iter__(self) -> Iterator[ResultRow]:
        return iter(self.steered)

    def __len__(self) -> int:
        return len(self.steered)

    def _caption(self) -> str:
        asked = f"“{self.answer.text}”" if self.answer.text else self._asked
        if self.answer.plan.at_rest:
            return f"{len(self)} results for {asked}"
        return f"{len(self)} results for {asked}, steered; cosine to it {self.cosine:.3f}"

    def _table(self) -> TableParts:
        rows = [(r.rank, r.rank_before or "–", f"{r.score:.3f}", r.document.heading) for r in self]
        return ("Rank", "Before", "Score", "Document"), rows, (0, 1, 2)
