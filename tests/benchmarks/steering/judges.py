"""Who says whether results have more or less of a feature: four judges blind to the steering.

    J1   the activation of the matched feature in an SAE of another size and seed
    J2   cosine of the words of the label with those of the document
    J2L  the same among the topics of an LSA
    J2w  log odds of all words of the document, learnt from the feature's documents
    J3   the share of documents of the feature's category, for features that have one

All are learnt on the label half. Every score is scaled so that 0 is any document searched and 1
the feature's documents.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, diags

from saedesk.features.labels.roc_area import roc_area
from saedesk.features.sparse_activations import SparseActivations
from tests.benchmarks.steering.arxiv_projects import Abstracts, Material
from tests.benchmarks.steering.text_space import TextSpace

TEXT_JUDGES = ("J2", "J2L", "J2w")
JUDGES = ("J1", *TEXT_JUDGES)
SAME_FEATURE = 0.7
"""Cosine of two decoder directions from which on they are one feature, found twice."""
DENSITIES = (0.0005, 0.1)
FEWEST = 10
LEAST_MEANING, LEAST_WORDS = 0.75, 0.55
MOST_OF_A_CATEGORY, RARE_CATEGORY = 0.5, 0.15


@dataclass(frozen=True, eq=False)
class Judges:
    """Scores of all documents searched, and which features may be asked about."""

    scores: dict[str, np.ndarray]
    """(features, n) float32 of each judge, by place in `features`; scaled."""
    features: np.ndarray
    """Latents that are clean, ascending."""
    matched: np.ndarray
    """(features,) bool: found again by the judge's SAE."""
    categories: list[str]
    """The category that most documents of a feature share, "" where there is none."""
    found_again: float
    """Share of all features of the steered SAE that the judge's has too."""
    label_areas: np.ndarray
    """(latents,) area under the ROC curve of the label's vector; nan where it is not known."""

    def place(self, latent: int) -> int:
        """Where a latent is in `features`."""
        return int(np.searchsorted(self.features, latent))


def make_judges(
    material: Material,
    activations: SparseActivations,
    labels: dict[int, str],
    label_vectors: dict[int, np.ndarray],
) -> Judges:
    """Judges of the features with labels, `activations` being those of the search half."""
    space = TextSpace(material.labelled.texts)
    words = space.count(material.searched.texts)
    own = activations.to_csr().T.tocsr()
    latents = _often_enough(own, labels)
    text = _text_scores(space, words, material, latents, labels)
    meaning = material.searched.vectors @ np.stack([label_vectors[i] for i in latents]).T
    active = own[latents].toarray() > 0.0
    areas = np.full(own.shape[0], np.nan)
    areas[latents] = [roc_area(meaning[:, i], active[i]) for i in range(len(latents))]
    by_words = [roc_area(text["J2"][i], active[i]) for i in range(len(latents))]
    clean = (areas[latents] >= LEAST_MEANING) & (np.array(by_words) >= LEAST_WORDS)
    closeness = material.steered_sae.decoder @ material.judge_sae.decoder.T
    matched = closeness.max(axis=1) > SAME_FEATURE
    read = material.judge_sae.encode(material.searched.vectors)
    again = read[:, closeness.argmax(axis=1)[latents[clean]]].T.toarray()
    raw = {"J1": again, **{name: values[clean] for name, values in text.items()}}
    categories = _categories(material.searched, active[clean])
    raw["J3"] = np.stack([_is_of(material.searched, name) for name in categories])
    features = latents[clean]
    return Judges(
        {name: _scaled(values, active[clean]) for name, values in raw.items()},
        features,
        matched[features],
        categories,
        float(matched.mean()),
        areas,
    )


def _often_enough(own: csr_matrix, labels: dict[int, str]) -> np.ndarray:
    counts = np.diff(own.indptr)
    density = counts / own.shape[1]
    usable = (counts >= FEWEST) & (density >= DENSITIES[0]) & (density <= DENSITIES[1])
    return np.array([i for i in np.flatnonzero(usable).tolist() if i in labels], np.int64)


def _text_scores(
    space: TextSpace,
    words: csr_matrix,
    material: Material,
    latents: np.ndarray,
    labels: dict[int, str],
) -> dict[str, np.ndarray]:
    """(latents, n) of every text judge, not scaled."""
    label_words = space.count([labels[int(i)] for i in latents])
    codes = material.steered_sae.encode(material.labelled.vectors).T.tocsr()[latents]
    members = (codes > 0).astype(np.float64).tocsr()
    odds = space.word_odds(members)
    present = (words > 0).astype(np.float64)
    per_document = np.maximum(present.sum(axis=1).A1, 1.0)
    return {
        "J2": (space.tfidf(words) @ space.tfidf(label_words).T).toarray().T,
        "J2L": space.topics(label_words) @ space.topics(words).T,
        "J2w": (diags(1.0 / per_document) @ present @ odds.T).T,
    }


def _categories(searched: Abstracts, active: np.ndarray) -> list[str]:
    """For each row of `active` the rare category that most of its documents share, or ""."""
    everywhere = Counter(name for some in searched.categories for name in some)
    rare = {name for name, n in everywhere.items() if n < RARE_CATEGORY * len(searched.categories)}
    found = []
    for row in active:
        there = np.flatnonzero(row)
        own = Counter(name for i in there for name in searched.categories[i] if name in rare)
        name, number = max(own.items(), key=lambda item: (item[1], item[0]), default=("", 0))
        found.append(name if number > MOST_OF_A_CATEGORY * len(there) else "")
    return found


def _is_of(searched: Abstracts, category: str) -> np.ndarray:
    return np.array([category in some for some in searched.categories], np.float32)


def _scaled(values: np.ndarray, active: np.ndarray) -> np.ndarray:
    """0 for any document, 1 for the feature's."""
    any_document = values.mean(axis=1, keepdims=True)
    own = (values * active).sum(axis=1, keepdims=True) / active.sum(axis=1, keepdims=True)
    more = np.maximum(own - any_document, 1e-9)
    return ((values - any_document) / more).astype(np.float32)
