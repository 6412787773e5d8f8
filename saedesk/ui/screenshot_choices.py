"""What pictures of a project show: a feature, a question and a steering that can be seen."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from saedesk.features.families.edited_families import ShownFamily
from saedesk.jobs.search_documents import SearchAnswer
from saedesk.search.query_features import QueryFeatures, steer
from saedesk.search.steering_plan import SteeringPlan
from saedesk.session.family_book import FamilyBook
from saedesk.session.feature_book import FeatureBook
from saedesk.session.session import Session

COMMON, RARE = 0.05, 0.005
"""Density of a feature that is neither in every document nor in a handful of them."""
FEWEST_DOCUMENTS = 5
COSINES = (0.88, 0.91, 0.85, 0.925, 0.82)
"""How much of the query is left: far enough that documents move, near enough to stay related."""
KEPT = range(4, 9)
"""Of ten results, how many are still there."""
FEWEST_CURVES = 3
FAMILY_SIZES = range(8, 22)
"""Members that fit into the drawing with their labels."""
FEWEST_BRANCHES = 3
"""Features of a tree with something below them."""
REFERENCE_FIELDS = {"package", "module", "kind"}
"""Fields of reference documentation, which is asked in plain words."""
REFERENCE_QUESTION = "fit a smooth curve through noisy measurements"


def best_feature(session: Session) -> int | None:
    """A feature that shows well: a label of several words, neither common nor rare, strong."""
    sae, book = session.sae, session.book
    if sae is None or book is None:
        return None
    statistics = sae.statistics
    worth = np.where(statistics.count >= FEWEST_DOCUMENTS, statistics.maximum, -1.0)
    fitting = (statistics.density >= RARE) & (statistics.density <= COMMON)
    clear = np.array([_clarity(book, latent) for latent in range(sae.n_latents)])
    worth = worth + 10 * clear + 20 * fitting
    return int(np.argmax(worth)) if len(worth) else None


def _clarity(book: FeatureBook, latent: int) -> int:
    """How well a label reads: 2 one phrase of several words, 1 several words, 0 one or none."""
    text = book.text(latent)
    if not book.has_label(latent) or len(text.split()) < 2:
        return 0
    return 1 if "," in text else 2


def best_family(book: FamilyBook) -> ShownFamily | None:
    """A family that shows well: of a size that fits, with branches, and a label that is good."""

    def worth(family: ShownFamily) -> tuple[bool, bool, float]:
        branches = {edge.parent for edge in family.edges}
        label = book.label(family.root)
        score = 0.0 if label is None or label.score is None else label.score
        return family.size in FAMILY_SIZES, len(branches) >= FEWEST_BRANCHES, score

    return max(book.families, key=worth, default=None)


def branch_of(family: ShownFamily) -> int:
    """The child below which most features stand right away, else the first child."""
    children = [edge.parent for edge in family.edges if edge.parent != family.root]
    return max(children, key=children.count, default=family.children[0])


def question(session: Session) -> str:
    """A query that fits the project: plain words, or the labels of two features that are near."""
    project, sae, book = session.project, session.sae, session.book
    names = set() if project is None else {f.name for f in project.documents.fields()}
    if names >= REFERENCE_FIELDS:
        return REFERENCE_QUESTION
    latent = best_feature(session)
    if latent is None or sae is None or book is None or not book.has_label(latent):
        return "An introduction with examples"
    likeness = sae.directions @ sae.directions[latent]
    likeness[latent] = -1.0
    likeness[[not book.has_label(other) for other in range(sae.n_latents)]] = -1.0
    first, second = (book.text(i).split(",")[0] for i in (latent, int(np.argmax(likeness))))
    if not second[1:2].isupper():  # "EEG" and "AI" stay as they are.
        second = second[:1].lower() + second[1:]
    return f"{first} and {second}"


def steerings(session: Session) -> Iterator[list[tuple[int, float]]]:
    """Values for two features of the query, the first turned to zero, the second up.

    The best come first; the caller takes the first whose answer shows what steering does.
    """
    search, sae = session.search, session.sae
    if search is None or sae is None or search.query is None or len(search.query.latents) < 3:
        return
    query, decoder = search.query, sae.decoder
    strongest, *others = (int(latent) for latent in query.latents[:6])
    others.sort(key=lambda latent: -float(decoder[latent] @ decoder[strongest]))
    pairs = [(zeroed, raised) for raised in others[:3] for zeroed in others if zeroed != raised]
    pairs.sort(key=lambda pair: -search.typed_value(pair[0]))
    for cosine in COSINES:
        for zeroed, raised in pairs[:3]:
            typed = search.typed_value(raised)
            step = _step_to(query, decoder, zeroed, raised, cosine)
            if step is not None:
                yield [(zeroed, 0.0), (raised, typed + step)]


def _step_to(
    query: QueryFeatures, decoder: np.ndarray, zeroed: int, raised: int, cosine: float
) -> float | None:
    """How far to raise one feature, another at zero, until so much of the query is left."""
    typed = dict(zip(query.latents.tolist(), query.values.tolist(), strict=True))

    def left(step: float) -> float:
        plan = SteeringPlan(((zeroed, -typed[zeroed]), (raised, step)))
        return steer(query, plan, decoder).cosine

    low, high = 0.1 * typed[raised], 4.0
    if not left(low) > cosine > left(high):
        return None
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if left(middle) > cosine else (low, middle)
    return round(low, 3)


def shows_moves(answer: SearchAnswer) -> bool:
    """Whether one sees what steering does: most results are kept, and several of them moved."""
    moved = [
        result
        for result in answer.steered
        if result.rank_before is not None and 1 <= result.rank_before <= len(answer.plain)
        if result.rank_before != result.rank
    ]
    return answer.kept in KEPT and len(moved) >= FEWEST_CURVES
