"""What the list of families filters, sorts and draws, by root."""

from __future__ import annotations

import numpy as np

from saedesk.features.families.edited_families import ShownFamily
from saedesk.features.families.family_label import FamilyLabel
from saedesk.features.families.feature_filter import FeatureFilter
from saedesk.session.family_book import FamilyBook
from saedesk.session.feature_book import FeatureBook
from saedesk.ui.family_panels.measuring_words import why_not_measured
from saedesk.ui.widgets.row_table_model import sorting

LABEL, SIZE, SCORE, STABLE = "label", "size", "score", "stable"


class FamilyRows:
    """Names, sizes, scores and stability of the families there are now."""

    def __init__(self, families: FamilyBook, features: FeatureBook) -> None:
        self._book, self._features = families, features
        self.families = families.families
        self.roots = np.array([one.root for one in self.families], np.int64)
        self._by_root = {one.root: one for one in self.families}
        self._names: dict[int, str] = {}
        self._folded: dict[int, list[str]] = {}

    def __len__(self) -> int:
        return len(self.families)

    def family(self, root: int) -> ShownFamily:
        """The family of a root that is in the list."""
        return self._by_root[root]

    def has(self, root: int) -> bool:
        """Whether the list holds the family."""
        return root in self._by_root

    def name(self, root: int) -> str:
        """What the family is called; looked up once, for the rows that are looked at."""
        if root not in self._names:
            self._names[root] = self._book.name(root)
        return self._names[root]

    def label(self, root: int) -> FamilyLabel | None:
        """Its label and the score of that."""
        return self._book.label(root)

    def score(self, root: int) -> float | None:
        """Of its label, None where none was measured."""
        label = self._book.label(root)
        return None if label is None else label.score

    def stability(self, root: int) -> float | None:
        """Share of replicates that have it, None where it was not measured."""
        return self._book.stability(root)

    @property
    def why_missing(self) -> str:
        """Why a score or a stability is not there."""
        return why_not_measured(self._book)

    @property
    def placed(self) -> int:
        """Features that stand in at least one of the families."""
        return len({latent for one in self.families for latent in one.members})

    def matching(self, text: str) -> np.ndarray:
        """Roots of the families whose name, or one of whose members, has all the words."""
        words = text.casefold().split()
        if not words:
            return self.roots
        found = [
            any(all(word in label for word in words) for label in self._labels(root))
            for root in self.roots.tolist()
        ]
        return self.roots[np.array(found, bool)]

    def _labels(self, root: int) -> list[str]:
        if root not in self._folded:
            members = (self._features.text(latent) for latent in self._by_root[root].members)
            self._folded[root] = [text.casefold() for text in (self.name(root), *members)]
        return self._folded[root]

    def ordered(self, roots: np.ndarray, by: str, descending: bool) -> np.ndarray:
        """Roots in an order; those without what they are ordered by come last."""
        if by == LABEL:
            key = np.array([self.name(root).casefold() for root in roots.tolist()], object)
        else:
            key = np.array([self._number(root, by) for root in roots.tolist()], np.float64)
        return roots[sorting(key, descending)] if len(roots) else roots

    def _number(self, root: int, by: str) -> float:
        values = {
            SIZE: lambda: float(self._by_root[root].size),
            SCORE: lambda: self.score(root),
            STABLE: lambda: self.stability(root),
        }
        value = values[by]()
        return float("nan") if value is None else value


def families_text(count: int) -> str:
    """ "1 family", "214 families"."""
    return f"{count:,} famil{'y' if count == 1 else 'ies'}"


def filter_text(wanted: FeatureFilter) -> str:
    """What the filter leaves of the features, as a sentence; "" where it lets all in."""
    kinds = []
    if wanted.least_score > 0:
        kinds.append(f"a label score from {wanted.least_score:.2f}")
    if wanted.labels == "clean":
        kinds.append("a readable label")
    if wanted.equal_labels == "best":
        kinds.append("the best of equal labels")
    if not kinds:
        return ""
    first = ", ".join(kinds[:-1])
    said = f"{first} and {kinds[-1]}" if first else kinds[-1]
    return f"Only features with {said} are looked at."


def placed_text(placed: int, features: int) -> str:
    """The sentence under the list."""
    alone = features - placed
    belongs = "belongs" if placed == 1 else "belong"
    return (
        f"{placed:,} of {features:,} features {belongs} to a family. {alone:,} "
        f"{'stands' if alone == 1 else 'stand'} alone at these thresholds."
    )
