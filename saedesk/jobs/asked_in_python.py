"""A search as it is asked in Python, as a request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypedDict

import numpy as np

from saedesk.corpus.document import FieldType
from saedesk.errors import BadInput, BadSetting
from saedesk.jobs.search_request import (
    LikeBy,
    Match,
    SearchRequest,
    check_question,
    check_strengths,
    uses_features,
)
from saedesk.jobs.search_request_json import plan_from_json, request_from_json
from saedesk.jobs.turned_families import Turned, turned_of
from saedesk.project.document_filter import DocumentFilter, words_and_phrases
from saedesk.project.filter_bounds import AFTER_DATES, WHOLE_DATE
from saedesk.project.project_folder import Project
from saedesk.search.family_steering import FamilySlider
from saedesk.search.steering_plan import Mode, Target

TEXT_OR_DOCUMENTS = "Search for a text or for documents like others, not for both at once."


class MoreOfSearch(TypedDict, total=False):
    """What else a search can be asked for; every part may be left out."""

    unlike: Sequence[int]
    """Ids of documents that the results should not be like."""
    by: LikeBy
    """“vectors”, or “features”: documents by the features they share."""
    match: Match
    """“meaning”, “words”, whatever their endings, or “both”; what is in quotation marks must occur
    word for word."""
    feature: int | None
    """A feature alone as the query."""
    family: FamilySlider | None
    """A family alone as the query, as `project.family(root)` gives it."""
    families: Mapping[FamilySlider, float]
    """Families turned up or down as one, {project.family(root): strength}."""
    places: Mapping[Target, int]
    """{feature or family: m}: m of ten results are given to its documents."""
    less: Mapping[Target, float]
    """{feature or family: 0 to 1}: less of it."""
    mode: Mode
    """“add” to the query, or “clamp” its features and drop what they leave out."""
    cap: float | None
    """The least cosine with the query, 0 to 1."""
    optimise: bool
    """Move on until the features, read again, are those asked for."""
    where: Mapping[str, Any]
    """{field: value}, {field: [values]} or {field: (lowest, highest)}, None for no bound; of texts,
    links and categories also {field: {"contains": words}}, letter for letter."""
    containing: str
    """Only documents with all of these words in title or text, whatever their endings; the last may
    be the beginning of a word unless it is in quotation marks."""
    only: Sequence[int] | None
    """Only these documents, by their ids."""
    preset: str
    """The name of steering that was saved in the project; what is given beside it goes before."""
    saved: str
    """The name of a search that was saved in the project; nothing else is given then."""


_PARTS = frozenset(MoreOfSearch.__annotations__)


@dataclass(frozen=True, eq=False)
class AskedInPython:
    """The arguments of `project.search`."""

    query: str
    steer: Mapping[int, float]
    count: int
    wanted: DocumentFilter | None
    like: tuple[int, ...]
    more: MoreOfSearch

    def question(
        self, project: Project, n_latents: int, sae: str = ""
    ) -> tuple[SearchRequest, Turned]:
        """The request, and what steers it, families apart from features.

        `sae` is the hash of the SAE that is read with. Raises BadInput or BadSetting with a
        sentence for what is none.
        """
        more = self.more
        if unknown := sorted(set(more) - _PARTS):
            known = ", ".join(sorted(_PARTS))
            raise BadSetting(f"A search knows nothing of “{unknown[0]}”; it knows {known}.")
        if more.get("saved"):
            if self.query or self.like or self.steer or len(more) > 1:
                raise BadSetting("A saved search is asked as it was saved: give its name alone.")
            saved = project.saved_searches.named("search", more["saved"])
            request = request_from_json(saved.content)
            if uses_features(request):
                _check_sae(saved.sae, sae, f"The search “{saved.name}”")
            turned = turned_of(saved.content, request.plan)
            return replace(request, families=turned.families), turned
        if self.query and self.like:
            raise BadInput(TEXT_OR_DOCUMENTS)
        turned = self._turned(project, n_latents, sae)
        request = SearchRequest(
            self.query,
            self.like,
            tuple(int(one) for one in more.get("unlike", ())),
            more.get("by", "vectors"),
            self._target(),
            more.get("match", "meaning"),
            turned.steering,
            self._filter(project),
            self.count,
            turned.families,
        )
        check_question(request)
        return request, turned

    def in_words(self, request: SearchRequest) -> str:
        """What was searched with, where it was no text."""
        if isinstance(request.target, FamilySlider):
            return f"family {request.target.root}"
        if request.target is not None:
            return f"feature {request.target}"
        return "documents like the given ones"

    def _target(self) -> Target | None:
        feature, family = self.more.get("feature"), self.more.get("family")
        if feature is not None and family is not None:
            raise BadSetting("Search for a feature or for a family, one of them at once.")
        return family if feature is None else feature

    def _turned(self, project: Project, n_latents: int, sae: str) -> Turned:
        more, turned = self.more, Turned()
        if more.get("preset"):
            preset = project.saved_searches.named("preset", more["preset"])
            _check_sae(preset.sae, sae, f"The preset “{preset.name}”")
            turned = turned_of(preset.content, plan_from_json(preset.content.get("plan", {})))
        plan = turned.plan
        for latent, strength in check_strengths(tuple(self.steer.items()), n_latents).strengths:
            plan = plan.with_strength(latent, strength)
        for target, m in more.get("places", {}).items():
            plan = plan.with_places(target, m)
        for target, share in more.get("less", {}).items():
            plan = plan.with_less(target, share)
        plan = plan.with_mode(more["mode"]) if "mode" in more else plan
        plan = plan.with_cap(more["cap"]) if "cap" in more else plan
        plan = plan.with_optimise(more["optimise"]) if "optimise" in more else plan
        turned = Turned(plan, turned.families)
        for family, strength in more.get("families", {}).items():
            turned = turned.with_family(family.with_strength(strength))
        return turned

    def _filter(self, project: Project) -> DocumentFilter:
        where, words = self.more.get("where", {}), self.more.get("containing", "")
        only = self.more.get("only")
        if self.wanted is not None:
            if where or words or only is not None:
                raise BadSetting("Give `wanted`, or conditions one by one, not both.")
            return self.wanted
        categories: dict[str, tuple[str, ...]] = {}
        ranges: dict[str, tuple[Any, Any]] = {}
        said: dict[str, str] = {}
        dates = {one.name for one in project.documents.fields() if one.type is FieldType.DATE}
        for name, value in where.items():
            if isinstance(value, Mapping):
                said[name] = _contained(name, value)
            elif isinstance(value, tuple):
                if len(value) != 2:
                    raise BadSetting(f"The bounds of {name} are two: (lowest, highest).")
                ranges[name] = value
            elif isinstance(value, list):
                categories[name] = tuple(value)
            elif isinstance(value, str) and name in dates and len(value) < WHOLE_DATE:
                # A year or a month is all of its days, as it is in a terminal.
                ranges[name] = (value, f"{value}{AFTER_DATES}")
            elif isinstance(value, str):
                categories[name] = (value,)
            else:
                ranges[name] = (value, value)
        ids = None if only is None else np.unique(np.asarray(only, np.int64))
        return DocumentFilter(words, categories, ranges, ids, field_words=said)


def _contained(name: str, value: Mapping[str, Any]) -> str:
    words = value.get("contains")
    if len(value) != 1 or not isinstance(words, str) or not words_and_phrases(words):
        raise BadSetting(f'What {name} contains is said as {{"contains": "words"}}.')
    return words


def check_like(like: Sequence[int], unlike: Sequence[int] = ()) -> None:
    """Raises BadInput for what is no number of a document."""
    for name, ids in (("like", like), ("unlike", unlike)):
        for one in [ids] if isinstance(ids, str) else ids:
            if isinstance(one, bool) or not isinstance(one, int | np.integer):
                raise BadInput(
                    f"{str(one)[:80]!r} in `{name}` is not the id of a document. Ids are whole "
                    "numbers, such as those in `document_ids` or the `id` of a document; a key is "
                    "not one."
                )


def _check_sae(saved: str, sae: str, what: str) -> None:
    if saved and saved != sae:
        raise BadInput(
            f"{what} is one of features of another SAE. Open the project with sae={saved!r}."
        )
