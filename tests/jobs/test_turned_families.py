"""Families that are turned as one are told as one, and come back as one."""

from __future__ import annotations

from pathlib import Path

import pytest

from saedesk.errors import BadInput
from saedesk.features.families.family_settings import FamilySettings
from saedesk.jobs import find_families
from saedesk.jobs.family_sliders import slider_of_family
from saedesk.jobs.loaded_sae import open_analysed_sae
from saedesk.jobs.search_documents import SearchEngine
from saedesk.jobs.search_request import SearchRequest
from saedesk.jobs.search_request_json import plan_to_json
from saedesk.jobs.turned_families import Turned, effects_of, turned_in
from saedesk.project.project_folder import Project
from saedesk.search.steering_plan import SteeringPlan, put_to_rest
from saedesk.task_control import Unattended

LOOSE = FamilySettings(threshold=0.05, later_threshold=0.05, above_chance=0.0)


@pytest.fixture
def family(project_copy: Path):
    with Project.open(project_copy) as project:
        find_families.run(project, find_families.FamiliesRequest(settings=LOOSE), Unattended())
        sae = open_analysed_sae(project)
        root = find_families.families_in_use(project).families[0].root
        yield SearchEngine(project, sae.vectors, sae), slider_of_family(project, sae, root)


def test_a_family_turned_as_one_has_one_effect(family) -> None:
    engine, slider = family
    turned = Turned(SteeringPlan(), (slider.with_strength(0.6),))
    found = engine.ask(SearchRequest("dark halos", plan=turned.steering))
    assert len(found.effects) > 1
    (effect,) = effects_of(found, turned)
    assert effect.target == put_to_rest(slider)
    typed = slider.value_in(
        dict(zip(found.query.latents.tolist(), found.query.values.tolist(), strict=True))
    )
    assert effect.asked == pytest.approx(typed + 0.6)
    assert effect.after == pytest.approx(slider.value_in(dict(found.codes_after)))
    before = {result.row for result in found.plain}
    assert effect.replaced == len({result.row for result in found.steered} - before) > 0


def test_features_beside_it_keep_their_effects(family) -> None:
    engine, slider = family
    own = next(i for i in range(24) if i not in dict(slider.moves))
    turned = Turned(SteeringPlan(((own, 0.3),)), (slider.with_strength(0.6),))
    found = engine.ask(SearchRequest("dark halos", plan=turned.steering))
    effects = effects_of(found, turned)
    assert [one.target for one in effects] == [own, put_to_rest(slider)]
    assert effects[0] in found.effects
    assert effects[1].replaced is None
    assert effects_of(found, Turned(turned.steering)) == found.effects
    by_words = engine.ask(SearchRequest("galaxies", match="words", plan=turned.steering))
    assert effects_of(by_words, turned) == ()


def test_what_is_turned_comes_back_as_it_was(family) -> None:
    _, slider = family
    turned = Turned(SteeringPlan(((3, 0.3),), cap=0.5), (slider.with_strength(0.6),))
    content = {"plan": plan_to_json(turned.steering), "sliders": turned.to_json()}
    assert turned_in(content) == turned
    assert turned_in({"plan": plan_to_json(turned.steering)}) == Turned(turned.steering)
    assert turned.with_family(slider.with_strength(0.1)).families == (slider.with_strength(0.1),)
    assert turned.with_family(slider.with_strength(0.0)).families == ()
    with pytest.raises(BadInput, match="not what saedesk writes"):
        turned_in({"sliders": {"families": [{"root": 1}]}})
