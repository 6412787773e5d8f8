"""Words of documents as numbers, for judges that know nothing of vectors or SAEs.

Fitted on the label half alone. TF-IDF is (1 + log tf) log(n / df) at length 1 (Salton and Buckley
1988), LSA its projection on 200 right singular vectors (Deerwester et al. 1990).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy.sparse import csr_matrix, diags
from scipy.sparse.linalg import svds

from saedesk.features.labels.word_forms import is_stop_word, word_key

LEAST_DOCUMENTS = 5
TOPICS = 200
PRIOR_DOCUMENTS = 20.0
"""So many documents with the words of the others are added to those of a feature before odds are
taken, or words that are too rare to be seen among so few would count most."""
_WORD = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=1 << 18)
def _key(word: str) -> str:
    """What spellings of a word share; "" for words that say nothing."""
    return "" if is_stop_word(word) else word_key(word)


def words_of(text: str) -> Counter[str]:
    """How often each word occurs, without stop words."""
    found = Counter(_key(word) for word in _WORD.findall(text.lower()))
    del found[""]
    return found


class TextSpace:
    """The words and topics of the label half."""

    def __init__(self, texts: Sequence[str]) -> None:
        counts = [words_of(text) for text in texts]
        documents = Counter(word for count in counts for word in count)
        kept = sorted(word for word, number in documents.items() if number >= LEAST_DOCUMENTS)
        self._column = {word: place for place, word in enumerate(kept)}
        shares = np.array([documents[word] for word in kept]) / len(texts)
        self._weights = -np.log(shares)
        self.counts = self._matrix(counts)
        start = np.random.default_rng(0).standard_normal(min(self.counts.shape))
        _, _, topics = svds(self.tfidf(self.counts), k=TOPICS, v0=start)
        self._topics = topics.T

    def count(self, texts: Sequence[str]) -> csr_matrix:
        """How often each word occurs in each text, (n, words)."""
        return self._matrix([words_of(text) for text in texts])

    def tfidf(self, counts: csr_matrix) -> csr_matrix:
        """(n, words), rows at length 1 or zero."""
        weighted = counts.astype(np.float64)
        weighted.data = 1.0 + np.log(weighted.data)
        weighted = (weighted @ diags(self._weights)).tocsr()
        lengths = np.sqrt(weighted.multiply(weighted).sum(axis=1)).A1
        return (diags(1.0 / np.maximum(lengths, 1e-12)) @ weighted).tocsr()

    def topics(self, counts: csr_matrix) -> np.ndarray:
        """(n, topics), rows at length 1 or zero."""
        found: np.ndarray = self.tfidf(counts) @ self._topics
        return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)

    def word_odds(self, members: csr_matrix) -> np.ndarray:
        """(groups, words): log odds of each word among the members against all others.

        `members` (groups, n) marks the documents of the label half in each group.
        """
        present = (self.counts > 0).astype(np.float64)
        sizes = members.sum(axis=1).A1[:, None]
        inside = (members @ present).toarray()
        everywhere = present.sum(axis=0).A1
        outside_share = (everywhere - inside + 0.5) / (members.shape[1] - sizes + 1.0)
        share = (inside + PRIOR_DOCUMENTS * outside_share) / (sizes + PRIOR_DOCUMENTS)
        odds: np.ndarray = np.log(share / (1 - share)) - np.log(outside_share / (1 - outside_share))
        return odds

    def _matrix(self, counts: Sequence[Counter[str]]) -> csr_matrix:
        rows = [
            {self._column[word]: number for word, number in count.items() if word in self._column}
            for count in counts
        ]
        pointers = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
        columns = np.fromiter((column for row in rows for column in row), np.int64)
        values = np.fromiter((number for row in rows for number in row.values()), np.float64)
        matrix = csr_matrix((values, columns, pointers), (len(rows), len(self._column)))
        matrix.sort_indices()
        return matrix
