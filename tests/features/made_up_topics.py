"""A corpus of made-up abstracts in which the topic of each document is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

FILLER = (
    *("river", "table", "garden", "window", "morning", "letter", "bridge", "forest", "silver"),
    *("market", "harbour", "village", "winter", "painter", "engine", "mountain", "bottle"),
    *("copper", "island", "station", "corner", "hammer"),
)

OPENINGS = ("In this paper we propose a new way to look at", "We show results on", "The study of")


def topic_corpus(
    phrases: Sequence[Sequence[str]], per_topic: int = 40, seed: int = 0
) -> tuple[list[tuple[str, str]], np.ndarray]:
    """(title, text) of documents that contain the phrases of their topic, and (n, m) activations.

    Latent i fires in the documents of topic i. A phrase is given in one or more spellings, one
    of which is drawn for each document.
    """
    generator = np.random.default_rng(seed)
    documents: list[tuple[str, str]] = []
    dense = np.zeros((per_topic * len(phrases), len(phrases)), np.float32)
    for topic, spellings in enumerate(phrases):
        for _ in range(per_topic):
            words = [str(word) for word in generator.choice(FILLER, 12)]
            chosen = [str(generator.choice(phrase.split("|"))) for phrase in spellings]
            opening = str(generator.choice(OPENINGS))
            text = f"{opening} {' '.join(words[:4])}, {', '.join(chosen)}, {' '.join(words[4:])}."
            dense[len(documents), topic] = generator.random() + 0.2
            documents.append((" ".join(words[:3]).capitalize(), text))
    order = generator.permutation(len(documents))
    return [documents[i] for i in order], dense[order]
