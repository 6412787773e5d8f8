"""The constants of the family algorithm, each a setting with its default and its reason."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from saedesk.sae.sae_config import PAPER, check_settings, setting


@dataclass(frozen=True)
class FamilySettings:
    """Raises BadSetting when `check` finds one out of range."""

    threshold: float = setting(
        0.1,
        "Threshold",
        "Two features are joined where this share of the rarer one’s documents, or more, has both.",
        low=0.05,
        high=1.0,
        source=f"{PAPER}, released code",
    )
    later_threshold: float = setting(
        0.07,
        "Threshold of later passes",
        "The same once the roots of the passes before are taken away.",
        low=0.05,
        high=1.0,
        source=f"{PAPER}, released code",
        advanced=True,
    )
    above_chance: float = setting(
        4.0,
        "Above chance",
        "Two features are joined only where they share so many more documents than by chance, in "
        "standard deviations. 0 joins what the threshold lets through, such as a rare feature "
        "with whatever it met once.",
        low=0.0,
        high=100.0,
        unit="standard deviations",
        source="decided here: with 3.5 to 4, planted trees of topics are found whole where 5 % of "
        "the activations are wrong; with 0, one in twenty is",
        advanced=True,
    )
    weight: Literal["max", "mean", "min"] = setting(
        "max",
        "Strength of an edge",
        "Which of the two conditional shares counts: “max” that of the rarer feature, which is "
        "how far the special one lies within the general one; “min” the other; “mean” both.",
        choices=("max", "mean", "min"),
        source="decided here: the released code takes whichever feature comes first in the list",
        advanced=True,
    )
    passes: int = setting(
        3,
        "Passes",
        "How often roots are taken away and families looked for again among the others.",
        low=1,
        high=10,
        source=f"{PAPER}, released code",
        advanced=True,
    )
    most_density: float = setting(
        0.2,
        "Densest feature",
        "Features that fire in a larger share of all documents are left out: they would be "
        "everybody’s parent.",
        low=0.001,
        high=1.0,
        source=f"{PAPER}, released code",
        advanced=True,
    )
    fewest_documents: int = setting(
        5,
        "Fewest documents",
        "Features with fewer documents are left out: in so few, firing together is chance.",
        low=1,
        high=1_000_000,
        unit="documents",
        source="decided here",
        advanced=True,
    )
    fewest_branches: int = setting(
        3,
        "Branches of a root",
        "A feature with at least so many features right below it is the root of a family.",
        low=1,
        high=1_000,
        source=f"{PAPER}, released code: more than 2",
        advanced=True,
    )
    fewest_children: int = setting(
        4,
        "Children of a family",
        "Smaller families are left out.",
        low=1,
        high=10_000,
        source=f"{PAPER}, released code: more than 3",
        advanced=True,
    )
    largest_overlap: float = setting(
        0.6,
        "Overlap",
        "Of two families that share more than this (children in both over children in either), "
        "the larger one stays.",
        low=0.0,
        high=1.0,
        source=f"{PAPER}, released code",
        advanced=True,
    )

    def check(self) -> None:
        """Raise BadSetting with one sentence for the first setting out of range."""
        check_settings(self)

    def as_json(self) -> dict[str, Any]:
        """Plain values, for files and hashes."""
        return asdict(self)
