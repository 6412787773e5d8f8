"""Sentences about a steered query: what the cap and the optimisation did, what had no effect."""

from __future__ import annotations

from collections.abc import Sequence

from saedesk.jobs.target_labels import TargetLabels
from saedesk.search.query_features import QueryFeatures
from saedesk.search.steered_ranking import Scores
from saedesk.search.steering import Steering, typed_codes, value_of
from saedesk.search.steering_plan import SteeringPlan, Target


def notes_of_steering(
    query: QueryFeatures,
    plan: SteeringPlan,
    steering: Steering,
    unseen: set[Target],
    labels: TargetLabels,
    scores: Scores,
) -> tuple[str, ...]:
    """What a person should know of a plan; `unseen` are those that no result as typed has."""
    notes: list[str] = []
    if steering.share < 1.0:
        notes.append(about_cap(plan, steering.share))
    if steering.errors:
        notes.append(_about_optimisation(steering.errors))
    typed = typed_codes(query)
    for target, _ in plan.less:
        name = labels.name_of(target)
        if target in unseen:
            notes.append(
                f"There is nothing of {name} in the results as typed, so there is nothing to "
                "have less of: its slider does nothing."
            )
        elif plan.cap is not None and steering.share > 0.0 >= value_of(target, typed):
            notes.append(
                f"The query has nothing of {name}, so its cosine does not tell that documents "
                "of it are put down."
            )
    ranked_by = [target for target, _ in (*steering.plan.places, *steering.plan.less)]
    for target in dict.fromkeys(ranked_by):
        notes += [f"{_capital(labels.name_of(target))}: {said}" for said in scores(target).left_out]
    return tuple(notes)


def about_cap(plan: SteeringPlan, share: float) -> str:
    """What the cap of a plan leaves of its sliders, a share of 0 to 1."""
    within = ", and the optimisation stays within this" if plan.optimise else ""
    places = "; places are given in full" if plan.places else ""
    return (
        f"To keep a cosine of {plan.cap:.2f} with the query as typed, the sliders count for "
        f"{100 * share:.0f} % of what they show{within}{places}."
    )


def unfilled_places(
    plan: SteeringPlan, place_of: Sequence[Target | None], labels: TargetLabels
) -> tuple[str, ...]:
    """Which of the places of a plan went to nobody; `place_of` tells who gave each result its."""
    told = []
    for target, asked in plan.places:
        given = sum(one == target for one in place_of)
        if given < asked:
            name = labels.name_of(target)
            many = f"{given} of the {asked} places" if given else f"None of the {asked} places"
            told.append(
                f"{many} of {name} could be given: no other document that may be found has it."
            )
    return tuple(told)


def _about_optimisation(errors: Sequence[float]) -> str:
    """What is left of the differences, squared and normalised, at first and after every step."""
    first, last = (f"{100 * error**0.5:.0f} %" for error in (errors[0], errors[-1]))
    told = "The features of the steered query, read again, differ from what was asked for by "
    if first == last:
        return f"{told}{last}; the optimisation finds nothing nearer."
    return f"{told}{last}; without the optimisation by {first}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
