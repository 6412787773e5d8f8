"""Documents ranked by the words of a text: BM25 over titles and texts, phrases that must occur.

The full-text index of SQLite scores every document with any of the words, 3 microseconds each,
which a word that stands in a quarter of a million documents makes a second. In a large corpus the
rare words are therefore asked for first; the frequent ones only add to the scores of what the rare
ones found, as long as no document without a rare word could come among the best.
"""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Callable

import numpy as np

from saedesk.project.project_database import ProjectDatabase
from saedesk.search.hybrid_search import TypedWords
from saedesk.search.quoted_phrases import QuotedPhrases
from saedesk.task_control import TaskControl, Unattended

TITLE_WEIGHT = 3.0
"""A word in a title counts as three in a text. nDCG@10 by words with 1, 3 and 10: .689, .690, .687
(SciFact), .362, .376, .380 (Cranfield)."""
LARGE = 100_000
"""With fewer documents every word is asked for at once."""
RARE = 50
"""A word is rare in a large corpus where no more than one document in so many has it."""
MOST_LOOKED_AT = 30_000
"""Texts that are looked at for a quoted phrase. In 1,000,000 documents 14,703 candidates take .2 s,
as long as ranking them; 275 take less than finding them."""
MOST_CHARACTERS = 40_000_000
"""And characters of them: full texts are fewer and far longer. So many take .8 s."""
BEYOND_ASCII = 3
"""A text with other than ASCII characters counts so many times: 15 million of its characters are
looked through in a second, 50 million of the others."""
TEXTS_AT_ONCE = 200
"""Texts in memory; between them the search can be stopped."""
_HIGHEST = 2.2
"""BM25 gives a word at most k1 + 1 times its inverse document frequency; k1 is 1.2 in SQLite."""
_TOKENS = "porter unicode61 remove_diacritics 2"
Hits = tuple[np.ndarray, np.ndarray]
"""Ids of documents (m,) int64, and their scores (m,) float64, larger for better."""
Passes = Callable[[np.ndarray], np.ndarray]
"""Which of some documents, ids (m,) int64, may be found: (m,) bool."""


class WordSearch:
    """BM25 over one project; remembers how frequent words are. Not from two threads at once."""

    def __init__(self, database: ProjectDatabase) -> None:
        self._database = database
        self._frequency: dict[str, int | None] = {}
        self._documents = int(database.rows("SELECT count(*) FROM documents")[0][0])
        self._can_count = False
        self._kept_phrases: tuple[tuple[str, ...], np.ndarray, bool] | None = None

    def with_phrases(self, typed: TypedWords, control: TaskControl | None = None) -> np.ndarray:
        """Ids, ascending (m,) int64, of the documents with every phrase, of which there is one.

        The index gives the candidates, in any form of the words; unless they are too many or too
        long (see `is_word_for_word`) their texts are looked at. Those of the last phrases are kept.
        """
        return self._phrases_of(typed, control or Unattended())[1]

    def is_word_for_word(self, typed: TypedWords) -> bool:
        """Whether `with_phrases` looked at texts; if not, endings of words made no difference."""
        return self._phrases_of(typed, Unattended())[2]

    def _phrases_of(
        self, typed: TypedWords, control: TaskControl
    ) -> tuple[tuple[str, ...], np.ndarray, bool]:
        kept = self._kept_phrases
        if kept is None or kept[0] != typed.phrases:
            rows = self._database.rows(
                "SELECT rowid FROM documents_fts WHERE documents_fts MATCH ? ORDER BY rowid",
                (typed.all_phrases,),
            )
            found = [row[0] for row in rows]
            exact = self._word_for_word(found, typed, control)
            ids = np.array(found if exact is None else exact, np.int64)
            kept = self._kept_phrases = (typed.phrases, ids, exact is not None)
        return kept

    def _word_for_word(
        self, candidates: list[int], typed: TypedWords, control: TaskControl
    ) -> list[int] | None:
        """Those of ascending candidates whose texts have every phrase; None for too much text."""
        if len(candidates) > MOST_LOOKED_AT:
            return None
        phrases, found, looked_at = QuotedPhrases(typed.phrases), [], 0
        texts = self._database.pieces(
            "SELECT id, title, text FROM documents "
            "WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
            (json.dumps(candidates),),
            TEXTS_AT_ONCE,
        )
        with contextlib.closing(texts):
            for piece in texts:
                control.checkpoint()
                for document, title, text in piece:
                    looked_at += len(text) * (1 if text.isascii() else BEYOND_ASCII)
                    if looked_at > MOST_CHARACTERS:
                        return None
                    if phrases.all_in(title, text):
                        found.append(document)
        return found

    def ranked(self, typed: TypedWords, count: int, passes: Passes | None = None) -> Hits:
        """The `count` best documents that have every phrase, or else any of the words.

        Best first, equal scores by id; `passes` tells which may be among them.
        """
        if not typed.any_of:
            return np.zeros(0, np.int64), np.zeros(0)
        if typed.phrases:
            passes = _both(self.with_phrases(typed), passes)
            found = self._read(typed.all_phrases, count, passes)
            return self._with_more(found, typed.all_phrases, typed.words, count, passes)
        rare, frequent = self._split(typed.words)
        if not rare or not frequent:
            return _best([self._read(_any(rare or frequent), count, passes)], count)
        found = self._read(_any(rare), count, passes)
        found = self._with_more(found, _any(rare), frequent, count, passes)
        most = sum(_HIGHEST * self._weight(word) for word in frequent)
        if len(found[0]) == count and found[1][-1] >= most:
            return found
        return _best([self._read(_any((*rare, *frequent)), count, passes)], count)

    def _with_more(
        self,
        found: Hits,
        required: str,
        more: tuple[str, ...],
        count: int,
        passes: Passes | None,
    ) -> Hits:
        """What `required` found, with the scores that further words add where they occur."""
        if not more:
            return _best([found], count)
        with_them = self._read(f"({required}) AND ({_any(more)})", count, passes)
        return _best([with_them, found], count)

    def _read(self, expression: str, count: int, passes: Passes | None) -> Hits:
        """What matches an expression, best first; all of it where only some are allowed."""
        scored = f"SELECT rowid, -bm25(documents_fts, {TITLE_WEIGHT}, 1.0) AS score "
        matching = "FROM documents_fts WHERE documents_fts MATCH ?"
        cut = "" if passes is not None else f" ORDER BY score DESC, rowid LIMIT {int(count)}"
        pieces = [
            np.array(piece, np.float64)
            for piece in self._database.pieces(scored + matching + cut, (expression,))
        ]
        table = np.concatenate(pieces) if pieces else np.zeros((0, 2))
        ids, scores = table[:, 0].astype(np.int64), table[:, 1]
        if passes is not None:
            kept = passes(ids)
            ids, scores = ids[kept], scores[kept]
        return ids, scores

    def _split(self, words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Rare and frequent words; words in more than half of all documents weigh nothing."""
        if self._documents < LARGE:
            return words, ()
        frequency = {word: self._documents_with(word) for word in words}
        rare = tuple(w for w, n in frequency.items() if n is None or n * RARE <= self._documents)
        frequent = tuple(w for w in words if w not in rare)
        telling = tuple(w for w in frequent if 2 * (frequency[w] or 0) <= self._documents)
        return rare, telling or (() if rare else frequent)

    def _weight(self, word: str) -> float:
        """The inverse document frequency of a word, as SQLite has it."""
        n = self._documents_with(word) or 0
        return max(1e-6, math.log((self._documents - n + 0.5) / (n + 0.5)))

    def _documents_with(self, word: str) -> int | None:
        """How many documents have a word; None for one that the index keeps as several."""
        if word not in self._frequency:
            self._frequency[word] = self._count(word)
        return self._frequency[word]

    def _count(self, word: str) -> int | None:
        run = self._database.connection().execute
        if not self._can_count:
            # Tables of this connection alone: one takes a word apart as the index does.
            run(
                "CREATE VIRTUAL TABLE IF NOT EXISTS temp.typed_word "
                f"USING fts5(word, tokenize='{_TOKENS}')"
            )
            for name, schema, table in (
                ("typed_tokens", "temp", "typed_word"),
                ("token_counts", "main", "documents_fts"),
            ):
                run(
                    f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.{name} "
                    f"USING fts5vocab({schema}, {table}, 'row')"
                )
            self._can_count = True
        run("DELETE FROM temp.typed_word")
        run("INSERT INTO temp.typed_word (word) VALUES (?)", (word,))
        tokens = self._database.rows("SELECT term, cnt FROM temp.typed_tokens")
        if len(tokens) != 1 or tokens[0][1] != 1:
            return None
        counted = self._database.rows(
            "SELECT doc FROM temp.token_counts WHERE term = ?", (tokens[0][0],)
        )
        return int(counted[0][0]) if counted else 0


def _both(ids: np.ndarray, passes: Passes | None) -> Passes:
    """Lets through what is among `ids`, ascending (m,), and passes."""

    def both(found: np.ndarray) -> np.ndarray:
        among = np.isin(found, ids, assume_unique=True)
        return among if passes is None else among & passes(found)

    return both


def _any(words: tuple[str, ...]) -> str:
    return " OR ".join(f'"{word}"' for word in words)


def _best(found: list[Hits], count: int) -> Hits:
    """The best of several lists; a document that is in two has the score of the first."""
    ids = np.concatenate([hits[0] for hits in found])
    scores = np.concatenate([hits[1] for hits in found])
    ids, first = np.unique(ids, return_index=True)
    scores = scores[first]
    order = np.lexsort((ids, -scores))[:count]
    return ids[order], scores[order]
