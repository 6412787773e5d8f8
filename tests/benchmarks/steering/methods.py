"""Ways of turning a feature up or down: the product's own, and what they are compared with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.sparse import csr_matrix

from saedesk.search.family_steering import FamilySlider
from saedesk.search.feature_scores import ACTIVATION, LABEL, WORDS
from saedesk.search.query_features import QueryFeatures
from saedesk.search.whitening import Whitening
from tests.benchmarks.steering.arxiv_projects import Material
from tests.benchmarks.steering.product import Product
from tests.benchmarks.steering.trials import Query, Trial
from tests.benchmarks.steering.walks import (
    STRENGTHS,
    Walk,
    along_direction,
    along_score,
    places_by,
    single_step,
)

ROCCHIO_DOCUMENTS = 10
TEXT_ONLY = (LABEL, WORDS)
Method = Callable[["Asked"], Walk]


@dataclass(frozen=True, eq=False)
class Asked:
    """One trial with its query."""

    trial: Trial
    query: Query

    @property
    def features(self) -> QueryFeatures:
        """The query taken apart."""
        return self.query.features

    @property
    def plain(self) -> np.ndarray:
        """(n,) cosine of every document with the query."""
        return self.query.plain


class Methods:
    """All methods over one corpus; what they need is made once."""

    def __init__(
        self,
        material: Material,
        product: Product,
        labels: Mapping[int, str],
        label_vectors: Mapping[int, np.ndarray],
        encode: Callable[[str], np.ndarray],
        codes: csr_matrix,
    ) -> None:
        """`codes` (n, latents) are those of the documents searched."""
        self._product, self._labels = product, labels
        self._encode = lru_cache(maxsize=4)(encode)
        self._vectors = material.searched.vectors
        self._encoder = material.steered_sae.encoder
        middle = np.mean(list(label_vectors.values()), axis=0)
        self._label_directions = {i: _unit(v - middle) for i, v in label_vectors.items()}
        self._label_vectors = label_vectors
        self._learnt = _Learnt(material)
        active = (codes > 0).astype(np.float32).tocsc()
        self._together = (active.T @ active).tocsr()
        self._density = np.diff(active.indptr) / active.shape[0]

    def up(self) -> dict[str, Method]:
        """By name, the product's first."""
        return {
            "places (product)": lambda a: self._product.places(a.features, a.trial.target),
            "residual direction (product)": self._residual(1.0),
            "family (product)": self._family,
            "places for the family (product)": self._family_places,
            "clamp (product)": lambda a: self._product.clamp(a.features, a.trial.target),
            "optimised (product)": lambda a: self._product.optimised(a.features, a.trial.target),
            "places by label and words": self.places_by_parts(TEXT_ONLY),
            "places by a search for the label": self._label_search_places,
            "places by the rewritten query": self._rewritten_places,
            "places by activation": self.places_by_parts((ACTIVATION,)),
            "fused score added": self._fused(1.0),
            "label embedding": self._label(1.0),
            "rewriting as a direction": self._rewriting(1.0),
            "text rewriting, once": self._rewritten,
            "residual direction, as far as that": self._residual_as_far,
            "Rocchio, centred": self._direction(self._learnt.rocchio, 1.0),
            "whitened mean difference": self._direction(self._learnt.whitened, 1.0),
            "encoder row": self._direction(self._row, 1.0),
            "random direction": self._random(1.0),
        }

    def down(self) -> dict[str, Method]:
        """By name, the product's first."""
        return {
            "less (product)": lambda a: self._product.less(a.features, a.trial.target),
            "residual direction (product)": self._residual(-1.0),
            "fused score subtracted": self._fused(-1.0),
            "label embedding": self._label(-1.0),
            "rewriting as a direction": self._rewriting(-1.0),
            "“title, not label”, once": self._not,
            "Rocchio, centred": self._direction(self._learnt.rocchio, -1.0),
            "whitened mean difference": self._direction(self._learnt.whitened, -1.0),
            "encoder row": self._direction(self._row, -1.0),
            "random direction": self._random(-1.0),
        }

    def places_by_parts(
        self, names: Sequence[str], weight: float = 1.0, strongest: float = np.inf
    ) -> Method:
        """Places by the mean of some parts of the fused score, in units of the product's weight."""

        def walk(asked: Asked) -> Walk:
            latent = asked.trial.target
            score = self._product.parts(latent).mean(names, weight, strongest)
            return self._product.places(asked.features, latent, score)

        return walk

    def less_by_parts(
        self, names: Sequence[str], weight: float = 1.0, strongest: float = np.inf
    ) -> Method:
        """Less by the mean of some parts of the fused score, in units of the product's weight."""

        def walk(asked: Asked) -> Walk:
            latent = asked.trial.target
            score = self._product.parts(latent).mean(names, weight, strongest)
            return self._product.less(asked.features, latent, score)

        return walk

    def _residual(self, sign: float) -> Method:
        return lambda a: self._product.direction(a.features, a.trial.target, sign)

    def _family(self, asked: Asked) -> Walk:
        return self._product.family(asked.features, self._slider(asked))

    def _family_places(self, asked: Asked) -> Walk:
        return self._product.places(asked.features, self._slider(asked))

    def _slider(self, asked: Asked) -> FamilySlider:
        together = self._together[asked.trial.target].toarray()[0]
        return self._product.family_of(asked.trial.target, together, self._density)

    def _fused(self, sign: float) -> Method:
        def walk(asked: Asked) -> Walk:
            fused = self._product.engine.fused_score(asked.trial.target)
            return along_score(asked.plain, fused.values, sign)

        return walk

    def _direction(self, direction_of: Callable[[int], np.ndarray], sign: float) -> Method:
        return lambda a: self._along(a, direction_of(a.trial.target), sign)

    def _along(self, asked: Asked, direction: np.ndarray, sign: float) -> Walk:
        along = self._vectors @ direction.astype(np.float32)
        return along_direction(asked.plain, along, float(asked.features.vector @ direction), sign)

    def _row(self, latent: int) -> np.ndarray:
        return _unit(self._encoder[latent])

    def _label(self, sign: float) -> Method:
        return self._direction(lambda latent: self._label_directions[latent], sign)

    def _random(self, sign: float) -> Method:
        def walk(asked: Asked) -> Walk:
            random = np.random.default_rng((asked.trial.query, asked.trial.target))
            direction = _unit(random.standard_normal((self._vectors.shape[1],)))
            return self._along(asked, direction, sign)

        return walk

    def _rewriting(self, sign: float) -> Method:
        def walk(asked: Asked) -> Walk:
            towards = _unit(self._rewritten_vector(asked) - asked.features.vector)
            return self._along(asked, towards, sign)

        return walk

    def _rewritten_vector(self, asked: Asked) -> np.ndarray:
        return _unit(self._encode(f"{asked.query.title} {self._labels[asked.trial.target]}"))

    def _rewritten(self, asked: Asked) -> Walk:
        return self._instead(asked, self._rewritten_vector(asked))

    def _not(self, asked: Asked) -> Walk:
        text = f"{asked.query.title}, not {self._labels[asked.trial.target]}"
        return self._instead(asked, _unit(self._encode(text)))

    def _instead(self, asked: Asked, vector: np.ndarray) -> Walk:
        cosine = float(asked.features.vector @ vector)
        return single_step(asked.plain, self._vectors @ vector.astype(np.float32), cosine)

    def _rewritten_places(self, asked: Asked) -> Walk:
        return places_by(asked.plain, self._vectors @ self._rewritten_vector(asked))

    def _label_search_places(self, asked: Asked) -> Walk:
        return places_by(asked.plain, self._vectors @ self._label_vectors[asked.trial.target])

    def _residual_as_far(self, asked: Asked) -> Walk:
        """The residual direction at the very cosine of the rewritten query."""
        cosine = float(asked.features.vector @ self._rewritten_vector(asked))
        direction = _unit(self._product.sae.decoder[asked.trial.target])
        u = _strength_at(cosine, float(asked.features.vector @ direction))
        scores = asked.plain + np.float32(u) * (self._vectors @ direction)
        return single_step(asked.plain, scores, cosine)


class _Learnt:
    """Directions learnt from the documents of the label half."""

    def __init__(self, material: Material) -> None:
        self._vectors = material.labelled.vectors
        self._codes = material.steered_sae.encode(self._vectors).tocsc()
        self._mean = self._vectors.mean(axis=0)
        self._whitening = Whitening(self._vectors, np.ones(len(self._vectors), np.float32))

    def rocchio(self, latent: int) -> np.ndarray:
        """Mean of its ten strongest documents less the mean of all."""
        rows, values = self._of(latent)
        first = rows[np.argsort(-values, kind="stable")[:ROCCHIO_DOCUMENTS]]
        return _unit(self._vectors[first].mean(axis=0) - self._mean)

    def whitened(self, latent: int) -> np.ndarray:
        """The difference of means over the spread of all documents."""
        rows, values = self._of(latent)
        own = values @ self._vectors[rows] / values.sum()
        return _unit(self._whitening.direction((own - self._mean).astype(np.float64)))

    def _of(self, latent: int) -> tuple[np.ndarray, np.ndarray]:
        part = slice(self._codes.indptr[latent], self._codes.indptr[latent + 1])
        return self._codes.indices[part], self._codes.data[part]


def _unit(vector: np.ndarray) -> np.ndarray:
    found: np.ndarray = vector / np.linalg.norm(vector)
    return found.astype(np.float32)


def _strength_at(cosine: float, along: float) -> float:
    """u > 0 at which cos(q, q + u v) = cosine, for q·v = along and unit vectors."""
    # q' makes the angle a with q in the plane of q and v, and q and v the angle b apart:
    # by the law of sines u = sin a / sin(b − a).
    a, b = np.arccos(np.clip(cosine, -1, 1)), np.arccos(np.clip(along, -1, 1))
    return float(np.sin(a) / np.sin(b - a)) if b > a else float(STRENGTHS[-1])
