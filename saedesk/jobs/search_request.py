"""Everything that one search depends on, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from saedesk.errors import BadInput, BadSetting
from saedesk.project.document_filter import DocumentFilter
from saedesk.search.family_steering import FamilySlider
from saedesk.search.steering_plan import SteeringPlan, Target

LikeBy = Literal["vectors", "features"]
Match = Literal["meaning", "words", "both"]
LIKE_BYS: tuple[LikeBy, ...] = ("vectors", "features")
MATCHES: tuple[Match, ...] = ("meaning", "words", "both")
RESULTS = 10


@dataclass(frozen=True)
class SearchRequest:
    """What is asked of the search; the same request over the same project has the same answer."""

    text: str = ""
    like: tuple[int, ...] = ()
    """Ids of documents that the results should be like; they are left out of the results."""
    unlike: tuple[int, ...] = ()
    """Ids of documents that the results should not be like."""
    like_by: LikeBy = "vectors"
    """Whether documents are compared by their vectors or by their features."""
    target: Target | None = None
    """A feature or a family alone as the query."""
    match: Match = "meaning"
    """By the meaning of the text, by its words, or by both."""
    plan: SteeringPlan = field(default_factory=SteeringPlan)
    wanted: DocumentFilter = field(default_factory=DocumentFilter)
    count: int = RESULTS
    families: tuple[FamilySlider, ...] = ()
    """Families that the plan moves along their directions: each is one part of a score."""

    def with_plan(self, plan: SteeringPlan) -> SearchRequest:
        """The same question steered in another way."""
        return replace(self, plan=plan)


def uses_features(request: SearchRequest) -> bool:
    """Whether a request means something else with another SAE."""
    return request.target is not None or request.like_by == "features" or not request.plan.at_rest


def check_strengths(strengths: tuple[tuple[int, float], ...], n_latents: int) -> SteeringPlan:
    """A plan from (latent, strength) pairs; raises BadInput for a feature that is not there."""
    for latent, _ in strengths:
        _check_latent(latent, n_latents)
    return SteeringPlan(tuple(sorted((i, u) for i, u in strengths if u != 0)))


def check_question(request: SearchRequest) -> None:
    """Raises BadSetting for parts of a request that do not go together."""
    if request.match not in MATCHES:
        raise BadSetting(f"There is no search by “{request.match}”: {', '.join(MATCHES)}.")
    if request.like_by not in LIKE_BYS:
        raise BadSetting(f"Documents are not compared by “{request.like_by}”: vectors or features.")
    asked = [bool(request.text.strip()), bool(request.like), request.target is not None]
    if sum(asked) > 1:
        raise BadSetting("Search for a text, for documents or for a feature, one of them at once.")
    if request.unlike and request.target is not None:
        raise BadSetting("A feature alone is searched for without documents to be unlike.")
    if request.unlike and not any(asked):
        raise BadSetting(
            "Besides documents that the results should not be like, give a text, or documents that "
            "they should be like."
        )
    if set(request.like) & set(request.unlike):
        raise BadSetting("The results cannot be like a document and unlike the same document.")
    if request.match != "meaning" and not asked[0]:
        raise BadSetting("Words are looked for in a text. Type one, or search by meaning.")
    if request.match != "meaning" and request.like_by == "features":
        raise BadSetting("Search by words or compare by features, one of them at once.")
    if request.count < 0:
        raise BadSetting(f"{request.count} results cannot be shown; ask for 1 or more.")


def check_target(target: Target, n_latents: int) -> None:
    """Raises BadInput for a feature, also one of a family, that is not there."""
    latents = (target,) if isinstance(target, int) else dict(target.moves + target.along)
    for latent in latents:
        _check_latent(latent, n_latents)


def check_plan(plan: SteeringPlan, n_latents: int) -> None:
    """Raises BadInput for a feature, also one of a family, that is not there."""
    for target in plan.targets:
        check_target(target, n_latents)


def _check_latent(latent: int, n_latents: int) -> None:
    if not 0 <= latent < n_latents:
        raise BadInput(
            f"There is no feature {latent}; they are numbered 0 to {n_latents - 1}."
            if n_latents
            else "There are no features to steer with yet. Train an SAE and analyse it first."
        )
