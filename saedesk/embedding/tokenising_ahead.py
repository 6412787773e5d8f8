"""Tokenising the next texts on another thread while the ones before them are embedded."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from saedesk.embedding.text_model import TextModel, TokenisedTexts
from saedesk.task_control import Cancelled, TaskControl

TEXTS_AT_ONCE = 64
"""Between two checkpoints."""

SECONDS_BETWEEN_CHECKPOINTS = 0.02


def tokenise_in_parts(
    model: TextModel, texts: Sequence[str], checkpoint: Callable[[], None]
) -> TokenisedTexts:
    """Tokens of all texts, with a checkpoint before each part of them."""
    items: list[Any] = []
    lengths, truncated = [np.zeros(0, np.int64)], [np.zeros(0, bool)]
    for start in range(0, len(texts), TEXTS_AT_ONCE):
        checkpoint()
        some = model.tokenise(texts[start : start + TEXTS_AT_ONCE])
        items += some.items
        lengths.append(some.lengths)
        truncated.append(some.truncated)
    return TokenisedTexts(items, np.concatenate(lengths), np.concatenate(truncated))


class TokenisingAhead:
    """Texts that are being tokenised on a thread of their own."""

    def __init__(self, model: TextModel, texts: Sequence[str]) -> None:
        self.texts = texts
        self._model = model
        self._stopped = threading.Event()
        self._tokens: TokenisedTexts | None = None
        self._problem: Exception | None = None
        # No daemon: one that is inside the tokeniser when the interpreter ends would crash it.
        self._thread = threading.Thread(target=self._run, name="tokenising")
        self._thread.start()

    def stop(self) -> None:
        """End soon; nobody wants the tokens."""
        self._stopped.set()

    def wait(self, control: TaskControl) -> TokenisedTexts:
        """The tokens; raises what the thread met."""
        try:
            control.checkpoint()
            while self._thread.is_alive():
                control.checkpoint()
                self._thread.join(SECONDS_BETWEEN_CHECKPOINTS)
        except BaseException:
            self.stop()
            raise
        if self._problem is not None:
            raise self._problem
        assert self._tokens is not None
        return self._tokens

    def _run(self) -> None:
        try:
            self._tokens = tokenise_in_parts(self._model, self.texts, self._check)
        except Cancelled:
            pass
        except Exception as problem:  # noqa: BLE001 - raised again on the thread that wants the tokens
            self._problem = problem

    def _check(self) -> None:
        if self._stopped.is_set():
            raise Cancelled
