"""What the cards say about the features, edges and families under the mouse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from saedesk.features.families.family_tree import FeatureFamily
from saedesk.report.number_texts import density_text, share_text
from saedesk.ui.family_panels.node_colours import NodeColours
from saedesk.ui.widgets.hover_card import CardLine

CountOf = Callable[[int, int], int]
"""Documents in which two features fire; of a feature and itself, those in which it fires."""


@dataclass(frozen=True)
class Card:
    """Title, lines and hint of a hover card."""

    title: str
    lines: tuple[CardLine, ...]
    hint: str = ""

    @property
    def told(self) -> str:
        """Title and lines for who does not see the card."""
        lines = (f"{line.text} {line.value}".strip() for line in self.lines)
        return ". ".join([self.title, *lines])


@dataclass(frozen=True, eq=False)
class FamilyFacts:
    """What is known of the features that are drawn."""

    texts: Mapping[int, str]
    densities: np.ndarray
    colours: NodeColours | None = None
    edge_stability: Mapping[tuple[int, int], float] = field(default_factory=dict)
    count_of: CountOf | None = None

    def share(self, parent: int, child: int, weight: float) -> float:
        """Share of a special feature’s documents in which the general one fires too; without
        counts the weight of their edge, which is as good as the same."""
        both, total = self._counts(parent, child)
        return both / total if total else weight

    def _counts(self, parent: int, child: int) -> tuple[int, int]:
        """Documents with both, and all of the child; 0 where they are not known."""
        if self.count_of is None:
            return 0, 0
        both = self.count_of(parent, child)
        return (both, self.count_of(child, child)) if both else (0, 0)

    def node_card(self, family: FeatureFamily, latent: int, is_root: bool) -> Card:
        """About a feature; `is_root`: of a family that a double click opens."""
        lines = [CardLine("Of all documents", density_text(float(self.densities[latent])))]
        if self.colours is not None:
            lines.append(CardLine(self.colours.title, self.colours.value_text(latent)))
        lines += self._edge_lines(family, latent, "Together with")
        hint = "Double-click opens its family" if is_root else "Click shows the feature"
        return Card(self.texts.get(latent, ""), tuple(lines), hint)

    def edge_card(self, family: FeatureFamily, latent: int) -> Card:
        """About the edge above a feature: general, special, how often together."""
        edge = next(edge for edge in family.edges if edge.child == latent)
        special = CardLine(self.texts.get(latent, ""), colour="text1", icon="corner-down-right")
        lines = [special, *self._share_lines(edge.parent, latent, edge.weight)]
        return Card(self.texts.get(edge.parent, ""), tuple(lines))

    def more_card(self, latent: int, hidden: int) -> Card:
        """About the sign for features that are folded away."""
        count = "1 more feature" if hidden == 1 else f"{hidden:,} more features"
        return Card(f"{count} below {self.texts.get(latent, '')}", (), "Click shows them")

    def _edge_lines(self, family: FeatureFamily, latent: int, before: str) -> list[CardLine]:
        edge = next((edge for edge in family.edges if edge.child == latent), None)
        if edge is None:
            return []
        parent = CardLine(f"{before} {self.texts.get(edge.parent, '')}")
        return [parent, *self._share_lines(edge.parent, latent, edge.weight)]

    def _share_lines(self, parent: int, child: int, weight: float) -> list[CardLine]:
        both, total = self._counts(parent, child)
        share = share_text(self.share(parent, child, weight))
        text = f"{both:,} of {total:,} documents" if total else "Of the special one’s documents"
        lines = [CardLine(text, share)]
        stability = self.edge_stability.get((parent, child))
        if stability is not None:
            lines.append(CardLine("Found again in samples", share_text(stability)))
        return lines


def family_card(name: str, features: int, related: int) -> Card:
    """About a family in the overview."""
    lines = [CardLine("Features", f"{features:,}")]
    if related:
        lines.append(CardLine("Families with documents in common", f"{related:,}"))
    return Card(name, tuple(lines), "Double-click opens the family")
