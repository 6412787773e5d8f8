"""What a plan holds beside strengths, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from saedesk.errors import BadSetting
from saedesk.search.family_steering import FamilySlider, family_slider, with_families
from saedesk.search.steering_plan import SteeringPlan


@pytest.fixture
def family() -> FamilySlider:
    return family_slider(2, [5, 6], np.eye(8, dtype=np.float32), np.ones(8))


def test_entries_that_say_nothing_are_no_entries(family: FamilySlider) -> None:
    plan = SteeringPlan(((1, 0.0),), places=((3, 0), (family, 0)), less=((4, 0.0),))
    assert plan == SteeringPlan()
    assert plan.at_rest
    assert not plan.needs_scores


def test_a_family_is_one_target_wherever_its_slider_stands(family: FamilySlider) -> None:
    plan = SteeringPlan(places=((family.with_strength(0.4), 2),))
    assert plan == SteeringPlan(places=((family, 2),))
    assert plan.places_of(family.with_strength(-1.0)) == 2
    assert plan.with_places(family, 5).places == ((family, 5),)
    assert plan.with_less(family, 0.5).targets == (family,)
    assert plan.with_less(family, 0.5).without(family).at_rest


def test_features_come_before_families_and_numpy_numbers_are_numbers(
    family: FamilySlider,
) -> None:
    plan = SteeringPlan(
        ((7, 0.2),), places=((family, 1), (np.int32(3), 2)), less=((np.int64(1), 0.5),)
    )
    assert plan.targets == (1, 3, 7, family)
    assert plan == SteeringPlan(((7, 0.2),), places=((3, 2), (family, 1)), less=((1, 0.5),))


def test_turning_a_family_keeps_everything_else(family: FamilySlider) -> None:
    plan = SteeringPlan(((1, 0.2),), "clamp", ((3, 2),), ((4, 0.5),), 0.9, True)
    moved = with_families(plan, [family.with_strength(0.5)])
    assert moved.strengths != plan.strengths
    assert (moved.mode, moved.places, moved.less) == ("clamp", ((3, 2),), ((4, 0.5),))
    assert (moved.cap, moved.optimise) == (0.9, True)
    assert plan.put_to_rest() == SteeringPlan(mode="clamp", cap=0.9, optimise=True)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"places": ((1, 6), (2, 5))}, "11 of ten results"),
        ({"places": ((1, 11),)}, "11 of ten results"),
        ({"places": ((1, -1),)}, "-1 of ten results"),
        ({"places": ((1, 1.5),)}, "1.5 of ten results"),
        ({"places": ((1, float("nan")),)}, "nan of ten results"),
        ({"places": ((1, 1), (1, 2))}, "Feature 1 has two numbers"),
        ({"places": ((-1, 1),)}, "count from 0"),
        ({"less": ((1, 1.01),)}, "between 0 and 1"),
        ({"less": ((1, float("nan")),)}, "between 0 and 1"),
        ({"cap": 1.2}, "between 0 and 1"),
        ({"cap": float("nan")}, "between 0 and 1"),
        ({"mode": "louder"}, "add or clamp"),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(BadSetting, match=said):
        SteeringPlan(**wrong)  # type: ignore[arg-type]
