"""Which sentences drive the features of a document, by leaving each one out and embedding again.

The effect of sentence s on feature f is p_f(whole text) − p_f(text without s), where p_f is the
feature's pre-activation: its encoder row times the vector as the SAE sees it, plus a bias that
cancels. While the feature stays active in a TopK or ReLU SAE this is the drop of its activation.
Where the feature goes silent, because it fell under a threshold or other features took its place
among the largest, the activation says only “gone”, for a half as for a whole reason; the
pre-activation goes on measuring, so effects stay graded and comparable. Encoders that search for a
code have no pre-activation: there p_f is the product of the vector with the decoder's direction.
The activations without each sentence are given beside the effects, as the encoder makes them.

Only what the encoder reads of a text takes part: what lies beyond its window is unread and has no
effect, and nothing from there moves in when a sentence is left out. Source: leave-one-out
attribution (Li, Monroe and Jurafsky 2016, arXiv:1612.08220), with sentences for words.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from saedesk.corpus.document import text_to_embed
from saedesk.embedding.text_hashes import text_hash
from saedesk.features.evidence.sentences import sentence_spans

MOST_SENTENCES = 24
"""Of one document; more are joined with their shortest neighbours, so that time stays bounded."""
DRIVES_FROM = 2 / 3
"""A sentence counts from this share of the largest effect."""
SMALLEST_SHARE = 0.03
"""Of the activation: with smaller effects no sentence drives the feature, all of them do. Of the
strongest documents of 30 features (abstracts) 7 % lie below; rounding moves effects by 0.1 %."""
_GAP = 2
"""Places between title and text in the count of `joined`."""

ReadsWhole = Callable[[Sequence[str]], np.ndarray]
"""Texts -> (n,) bool, whether the encoder reads all of each."""
Code = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""A vector (d,) -> its active latents and their activations."""


@dataclass(frozen=True)
class SentenceSpan:
    """Where a sentence stands in a document."""

    in_title: bool
    """In the title rather than in the text."""
    start: int
    """Characters from the beginning of the title or text as stored."""
    end: int


@dataclass(frozen=True, eq=False)
class SentenceEvidence:
    """What each sentence of a document does to each of some features."""

    text_hash: bytes
    """Of title and text."""
    spans: tuple[SentenceSpan, ...]
    is_read: np.ndarray
    """(n_sentences,) bool; False where the sentence lies beyond the encoder's window."""
    latents: np.ndarray
    """(n_features,) int32, the features that are active in the whole text or were asked for."""
    activations: np.ndarray
    """(n_features,) float32 in the whole text, embedded anew; 0 where silent."""
    effects: np.ndarray
    """(n_features, n_sentences) float32, in units of the activation; positive drives."""
    without: np.ndarray
    """(n_features, n_sentences) float32, the activation without the sentence; 0 where silent."""

    @property
    def is_single(self) -> bool:
        """Whether the encoder reads no more than one sentence."""
        return int(self.is_read.sum()) <= 1

    def is_silent(self, latent: int) -> bool:
        """Whether it is known that a feature is not active in the whole text."""
        at = self.place_of(latent)
        return at is not None and not self.activations[at] > 0

    def closest_to_firing(self, latent: int) -> int | None:
        """The sentence that brings a silent feature nearest to firing; None where none does."""
        at = self.place_of(latent)
        if at is None or not self.is_silent(latent) or self.is_single:
            return None
        best = int(self.effects[at].argmax())
        return best if self.effects[at, best] > 0 else None

    def place_of(self, latent: int) -> int | None:
        """The row of a feature in the arrays, or None."""
        found = np.flatnonzero(self.latents == latent)
        return int(found[0]) if len(found) else None

    def grades(self, latent: int) -> np.ndarray:
        """(n_sentences,) float32: 1 for the driving sentence, less for others, 0 for most.

        All 0 where no sentence drives the feature, or nothing is known about it: a feature that is
        silent has no driving sentence, and what is one sentence has no other to compare it with.
        """
        at = self.place_of(latent)
        if at is None or not self.activations[at] > 0 or self.is_single:
            return np.zeros(len(self.spans), np.float32)
        return grades(self.effects[at], float(self.activations[at]))


def grades(effects: np.ndarray, activation: float) -> np.ndarray:
    """(n,) shares of the largest effect; 0 under DRIVES_FROM or where all effects are tiny."""
    largest = float(effects.max(initial=0.0))
    if largest <= max(0.0, SMALLEST_SHARE * activation):
        return np.zeros(len(effects), np.float32)
    shares = effects / largest
    return np.where(shares >= DRIVES_FROM, shares, 0.0).astype(np.float32)


def hash_of(title: str, text: str) -> bytes:
    """What names a document's sentences: title and text, and which is which."""
    return text_hash(f"{title}\0{text}")


def document_sentences(title: str, text: str, end: int) -> tuple[SentenceSpan, ...]:
    """The title, the sentences of the text, and what begins behind the window's `end` in one.

    At most MOST_SENTENCES + 1; the title is one.
    """
    spans = [SentenceSpan(False, *span) for span in sentence_spans(text)]
    if title.strip():
        left, right = len(title) - len(title.lstrip()), len(title.rstrip())
        spans.insert(0, SentenceSpan(True, left, right))
    read = int(are_read(spans, title, end).sum())
    unread = spans[read:]
    if len(unread) > 1:
        unread = [SentenceSpan(unread[0].in_title, unread[0].start, unread[-1].end)]
    return (*_at_most(spans[:read], MOST_SENTENCES), *unread)


def _at_most(spans: list[SentenceSpan], most: int) -> list[SentenceSpan]:
    """Neighbours joined to pieces of like length where there are too many; the title stays."""
    if len(spans) <= most:
        return spans
    head, body = (spans[:1], spans[1:]) if spans[0].in_title else ([], spans)
    pieces = most - len(head)
    first, last = body[0].start, body[-1].end
    joined: dict[int, SentenceSpan] = {}
    for span in body:
        piece = (span.start + span.end - 2 * first) * pieces // (2 * (last - first))
        start = joined[piece].start if piece in joined else span.start
        joined[piece] = SentenceSpan(False, start, span.end)
    return [*head, *joined.values()]


def window_end(title: str, text: str, reads_whole: ReadsWhole) -> int:
    """Characters of title, gap and text that an encoder reads; all of them where it reads all.

    The last word that is read in part counts as unread.
    """
    whole = len(title) + _GAP + len(text)
    if bool(reads_whole([text_to_embed(title, text)])[0]):
        return whole
    cuts = [match.start() for match in re.finditer(r"\s+", f"{title}{' ' * _GAP}{text}")]
    if len(cuts) < whole / 50:
        cuts = list(range(whole))

    def fits(at: int) -> bool:
        return bool(reads_whole([text_to_embed(*first_part(title, text, cuts[at]))])[0])

    # From the beginning, in growing steps: a text of megabytes is never read to its end.
    high = 64
    while high < len(cuts) and fits(high):
        high *= 2
    first_too_long = bisect.bisect_left(
        range(min(high, len(cuts))),
        True,
        lo=high // 2 if high > 64 else 0,
        key=lambda i: not fits(i),
    )
    return cuts[first_too_long - 1] if first_too_long else 0


def first_part(title: str, text: str, end: int) -> tuple[str, str]:
    """Title and text up to `end`, counted as in `window_end`."""
    return title[:end], text[: max(0, end - len(title) - _GAP)]


def are_read(spans: Sequence[SentenceSpan], title: str, end: int) -> np.ndarray:
    """(n,) bool: whether a sentence begins before the end of the window."""
    before = len(title) + _GAP
    starts = [span.start if span.in_title else before + span.start for span in spans]
    return np.array([start < end for start in starts], bool)


def variants(title: str, text: str, spans: Sequence[SentenceSpan], end: int) -> list[str]:
    """What to embed: all that is read, then the same without each sentence that is read.

    Empty where the sentence is all there is.
    """
    read = are_read(spans, title, end)
    title, text = first_part(title, text, end)
    texts = [text_to_embed(title, text)]
    for span in (span for span, is_read in zip(spans, read, strict=True) if is_read):
        own = title if span.in_title else text
        rest = own[: span.start] + own[span.end :].lstrip()
        texts.append(text_to_embed(rest, text) if span.in_title else text_to_embed(title, rest))
    return texts


def sentence_evidence(
    spans: tuple[SentenceSpan, ...],
    is_read: np.ndarray,
    vectors: np.ndarray,
    readers: Callable[[np.ndarray, np.ndarray], np.ndarray],
    code: Code,
    wanted: Sequence[int] = (),
    name: bytes = b"",
) -> SentenceEvidence:
    """The evidence from the vectors (1 + n_read, d) of `variants`; zeros for an empty text.

    `readers(latents, vectors)` gives p (n_vectors, n_features); `code` the activations. Features
    are those active in the first vector and the `wanted` ones.
    """
    active, values = code(vectors[0])
    latents = np.union1d(active, np.asarray(wanted, np.int64)).astype(np.int32)
    activations = _placed(latents, active, values)
    p = readers(latents, vectors).astype(np.float32)
    effects = np.zeros((len(latents), len(spans)), np.float32)
    without = np.zeros_like(effects)
    columns = np.flatnonzero(is_read)
    without[:, ~is_read] = activations[:, None]
    for column, vector, own in zip(columns, vectors[1:], p[1:], strict=True):
        if vector.any():
            effects[:, column] = p[0] - own
            without[:, column] = _placed(latents, *code(vector))
        else:
            # Nothing is left without it, so all of the activation is its doing.
            effects[:, column] = activations
    for array in (is_read, latents, activations, effects, without):
        array.flags.writeable = False
    return SentenceEvidence(name, spans, is_read, latents, activations, effects, without)


def _placed(latents: np.ndarray, active: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(n_features,) float32 activations of `latents` (ascending); 0 where not among the active."""
    found = np.zeros(len(latents), np.float32)
    at = np.searchsorted(latents, active)
    inside = at < len(latents)
    at, active, values = at[inside], np.asarray(active)[inside], np.asarray(values)[inside]
    hit = latents[at] == active
    found[at[hit]] = values[hit]
    return found
