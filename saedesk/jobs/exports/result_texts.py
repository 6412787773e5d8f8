"""What results say of features and families: their names, parts of scores, and what steered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from saedesk.jobs.exports.asked_for import AskedFor
from saedesk.jobs.family_sliders import names_of_families
from saedesk.jobs.table_writers import Row
from saedesk.project.project_folder import Project
from saedesk.search.explanation import Contribution
from saedesk.search.family_steering import FamilySlider
from saedesk.search.steering_plan import Target

_OTHERS = {"meaning": "by meaning", "words": "by words"}


@dataclass(frozen=True)
class ResultTexts:
    """The names of features and families, and what is written with them."""

    features: Mapping[int, str]
    """Labels, by feature."""
    families: Mapping[int, str] = field(default_factory=dict)
    """What people see families called, by root."""

    def label(self, target: Target | None) -> str:
        """The label of a feature, the name of a family or else the label of its root; or ""."""
        if target is None:
            return ""
        if isinstance(target, FamilySlider):
            return self.families.get(target.root) or self.features.get(target.root, "")
        return self.features.get(target, "")

    def name(self, target: Target) -> str:
        """What a person reads of a feature or a family."""
        if isinstance(target, FamilySlider):
            return f"Family: {self.label(target) or f'feature {target.root}'}"
        return self.label(target) or f"feature {target}"

    def parts_in_words(self, parts: Iterable[Contribution]) -> str:
        """Parts of a score in one cell."""
        return "; ".join(f"{self._name_of(part)} {part.value:+.4f}" for part in parts)

    def parts(self, parts: Iterable[Contribution]) -> list[Row]:
        """Parts of a score as records."""
        return [
            {
                "feature": part.latent,
                "family": part.target.root if isinstance(part.target, FamilySlider) else None,
                "label": self.label(part.target if part.latent is None else part.latent),
                "value": part.value,
                "kind": part.kind,
                "part": part.part or "",
            }
            for part in parts
        ]

    def steering_in_words(self, asked: AskedFor) -> str:
        """What steered, in one cell."""
        told = [f"{self._numbered(one)} {u:+.4f}" for one, u in asked.steering]
        told += [
            f"{self._numbered(one)} {count} place{'' if count == 1 else 's'}"
            for one, count in asked.places
        ]
        told += [f"{self._numbered(one)} {100 * share:.0f} % less" for one, share in asked.less]
        return "; ".join(told)

    def steering(self, asked: AskedFor) -> list[Row]:
        """What steered, as records."""
        return [
            *(self._steered(one, strength=strength) for one, strength in asked.steering),
            *(self._steered(one, places=places) for one, places in asked.places),
            *(self._steered(one, less=share) for one, share in asked.less),
        ]

    def _name_of(self, part: Contribution) -> str:
        if part.target is not None:
            name = self.name(part.target)
            return name if part.part is None else f"{name}, {part.part} ({part.kind})"
        if part.latent is None:
            return _OTHERS.get(part.kind, "not explained by features")
        return self.name(part.latent)

    def _numbered(self, target: Target) -> str:
        return f"{self.name(target)} ({_latent(target)})"

    def _steered(
        self,
        target: Target,
        *,
        strength: float | None = None,
        places: int | None = None,
        less: float | None = None,
    ) -> Row:
        """One record of what steers; numbers of other ways are empty."""
        is_family = isinstance(target, FamilySlider)
        latent = _latent(target)
        return {
            "feature": None if is_family else latent,
            "family": latent if is_family else None,
            "label": self.label(target),
            "strength": strength,
            "places": places,
            "less": less,
        }


def texts_of(project: Project, sae: str, targets: Iterable[Target]) -> ResultTexts:
    """The labels of the SAE with this hash, and the names of the families among `targets`."""
    labels = project.labels.current(sae) if sae else {}
    features = {latent: label.text for latent, label in labels.items()}
    return ResultTexts(features, names_of_families(project, sae, targets))


def _latent(target: Target) -> int:
    return target.root if isinstance(target, FamilySlider) else target
