"""Which of a feature's documents labels are made from; every third one is set aside for scoring."""

from __future__ import annotations

import numpy as np

from saedesk.features.sparse_activations import SparseActivations

RULE = "two of three by activation"
"""Name of the rule of `documents_read`, for the history of labels."""

ALL_READ = 12
"""A feature with no more documents has all of them read; its label gets no score."""


def documents_read(
    activations: SparseActivations, latent: int, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Rows (int32) and values (float32) of the documents a label is made from, strongest first.

    Ranked by activation from 0, the documents at ranks 2, 5, 8, ... are never read, so that labels
    can be scored on documents nobody has seen. Of the others at most `count`: one half the
    strongest, one half spread evenly over the rest of the stronger half of all.
    """
    rows, values = activations.latent(latent)
    places = np.arange(len(rows))
    if len(rows) > ALL_READ:
        places = places[places % 3 != 2]
    if len(places) > count:
        strongest = (count + 1) // 2
        half = max(len(places) // 2, count)
        spread = np.linspace(strongest, half - 1, count - strongest).astype(int)
        places = places[np.unique(np.concatenate([np.arange(strongest), spread]))]
    return rows[places], values[places]
