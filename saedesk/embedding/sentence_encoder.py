"""Turning texts into vectors: batches by length, out-of-memory, progress, determinism."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from saedesk.embedding.bert_folder import read_bert_settings
from saedesk.embedding.compute_device import choose_device
from saedesk.embedding.fast_bert import FastBert
from saedesk.embedding.linear_products import Measure, seconds_of_products
from saedesk.embedding.model_catalogue import ModelFiles, keep_model_libraries_offline
from saedesk.embedding.precision_choice import choose_precision
from saedesk.embedding.query_encoder import with_direction
from saedesk.embedding.sentence_transformer_model import SentenceTransformerModel
from saedesk.embedding.text_model import Device, Precision, TextModel, TokenisedTexts
from saedesk.embedding.tokenising_ahead import TokenisingAhead, tokenise_in_parts
from saedesk.errors import KnownError, ModelProblem, OutOfRoom
from saedesk.task_control import Progress, TaskControl, Unattended

PROBE_TEXTS = (
    "A gravitational lens bends the light of a distant galaxy.",
    "Sort the rows of a table by one of its columns.",
    "We present observations of a sample of nearby galaxies and show that the rate at which they "
    "form stars depends on their mass, on the gas they hold and on the neighbours they have. " * 4,
    "Das Verfahren findet in jedem Bild die Kanten, auch bei schwachem Licht (σ = 0.05).",
)
"""Shorter and longer ones: a model is tried on them before it is used."""


@dataclass(frozen=True)
class EncodedTexts:
    """Vectors of a list of texts, in the order of the texts."""

    vectors: np.ndarray
    """(n, dimensions) float32, as the model gives them (not normalised again)."""
    truncated: np.ndarray
    """(n,) bool, texts of which the model saw only the beginning."""


class SentenceEncoder:
    """A loaded embedding model that encodes any number of texts.

    The same list of texts gives bit-identical vectors every time on one device with one number
    of threads: batches depend on the texts' lengths alone.
    """

    def __init__(self, model: ModelFiles, text_model: TextModel) -> None:
        self.model = model
        self._text_model = text_model
        self._tokens_per_batch = text_model.tokens_per_batch
        self._said_that_memory_is_short = False
        self._ahead: TokenisingAhead | None = None

    @staticmethod
    def load(
        model: ModelFiles,
        device: str = "auto",
        precision: Precision | Literal["auto"] = "float32",
        measure: Measure = seconds_of_products,
    ) -> SentenceEncoder:
        """Load `model` on a device ("auto", "cpu", "cuda", "mps") and try it on a few texts.

        `precision` "auto" takes the number format that `measure` finds fastest on this device,
        if the vectors of the texts tried stay the same but for rounding; "float16" and "bfloat16"
        are taken without measuring where the device offers them, else it is like "auto".

        Raises ModelProblem for a model that cannot be loaded or gives unusable vectors,
        BadSetting for a missing device, OutOfRoom when it does not fit.
        """
        keep_model_libraries_offline()
        chosen = choose_device(device)
        encoder = SentenceEncoder(model, _load_text_model(model, chosen))
        try:
            vectors = encoder.encode(PROBE_TEXTS).vectors
        except (RuntimeError, IndexError) as problem:
            raise ModelProblem(
                f"The weights of the embedding model “{model.name}” do not fit its settings: "
                "get the model again."
            ) from problem
        _check_probe(model, vectors)
        choose_precision(
            encoder._text_model,
            precision,
            lambda: encoder.encode(PROBE_TEXTS).vectors,
            vectors,
            measure,
        )
        return encoder

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return self._text_model.dimensions

    @property
    def device(self) -> Device:
        """Where the model runs."""
        return self._text_model.device

    @property
    def precision(self) -> Precision:
        """Number format of the products; vectors are always float32."""
        return self._text_model.precision

    @property
    def max_tokens(self) -> int:
        """Tokens of a text that the model reads; what follows is cut off."""
        return self._text_model.max_tokens

    def encode(
        self,
        texts: Sequence[str],
        control: TaskControl | None = None,
        following: Sequence[str] = (),
    ) -> EncodedTexts:
        """Encode `texts`; reports texts done and can be paused or cancelled between batches.

        `following`, the texts of the next call, are tokenised on another thread meanwhile.
        Raises OutOfRoom when a single text does not fit into the device's memory.
        """
        control = control or Unattended()
        tokens = self._tokenise(texts, control)
        if len(following) and self._text_model.can_tokenise_ahead:
            self._ahead = TokenisingAhead(self._text_model, following)
        try:
            return self._encode(tokens, control)
        except BaseException:
            self._forget_ahead()
            raise

    def _encode(self, tokens: TokenisedTexts, control: TaskControl) -> EncodedTexts:
        texts = tokens.items
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        # Stable, so that texts of one length keep their order and batches never vary.
        waiting = np.argsort(-tokens.lengths, kind="stable")
        done = 0
        while done < len(waiting):
            control.checkpoint()
            rows = self._next_batch(waiting[done:], tokens.lengths)
            try:
                vectors[rows] = self._text_model.embed([tokens.items[row] for row in rows])
            except RuntimeError as problem:
                self._shrink_batches(problem, tokens.lengths[rows])
                self._say_that_memory_is_short(Progress(done, len(texts), "documents"), control)
                continue
            done += len(rows)
            control.report(Progress(done, len(texts), "documents"))
        return EncodedTexts(vectors, tokens.truncated)

    def reads_whole(self, texts: Sequence[str]) -> np.ndarray:
        """(n,) bool: whether the model reads all of each text rather than its beginning."""
        return ~self._text_model.tokenise(texts).truncated

    def encode_query(self, text: str) -> np.ndarray:
        """(dimensions,) float32 of a question to the documents, as long as the model makes it.

        Raises ModelProblem for one without a direction.
        """
        return with_direction(self._text_model.embed_query(text), self.model)

    def _tokenise(self, texts: Sequence[str], control: TaskControl) -> TokenisedTexts:
        ahead = self._ahead
        if ahead is not None and ahead.texts == texts:
            self._ahead = None
            return ahead.wait(control)
        self._forget_ahead()
        return tokenise_in_parts(self._text_model, texts, control.checkpoint)

    def _forget_ahead(self) -> None:
        if self._ahead is not None:
            self._ahead.stop()
            self._ahead = None

    def _next_batch(self, waiting: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """The first rows of `waiting` (longest first) that fit into the token budget.

        Each counts as long as the longest, which is what models that pad make of it.
        """
        longest = max(1, int(lengths[waiting[0]]))
        return waiting[: max(1, self._tokens_per_batch // longest)]

    def _shrink_batches(self, problem: RuntimeError, lengths: np.ndarray) -> None:
        """Halve the batches after an out-of-memory error; raise when that is not the remedy."""
        if _is_device_failure(problem):
            raise KnownError(
                "The graphics processor stopped answering while texts were being embedded: "
                "restart the program, or choose the device “cpu” to go on."
            ) from problem
        if not is_out_of_memory(problem):
            raise problem
        if len(lengths) == 1:
            raise OutOfRoom(
                f"The memory of the device “{self.device}” does not hold one text of "
                f"{int(lengths[0])} tokens: close other programs that use it, or choose the "
                "device “cpu”."
            ) from problem
        self._tokens_per_batch = max(1, int(lengths.max()) * len(lengths) // 2)
        _free_device_memory(self.device)

    def _say_that_memory_is_short(self, so_far: Progress, control: TaskControl) -> None:
        if not self._said_that_memory_is_short:
            self._said_that_memory_is_short = True
            note = "The device is short of memory: going on with smaller batches"
            control.report(replace(so_far, note=note))


def _load_text_model(model: ModelFiles, device: Device) -> TextModel:
    settings = read_bert_settings(model.folder)
    try:
        if settings is not None:
            return FastBert(model, settings, device)
        return SentenceTransformerModel(model, device)
    except RuntimeError as problem:
        if not is_out_of_memory(problem):
            raise
        raise OutOfRoom(
            f"The embedding model “{model.name}” does not fit into the memory of the device "
            f"“{device}”: close other programs that use it, or choose the device “cpu”."
        ) from problem


def _check_probe(model: ModelFiles, vectors: np.ndarray) -> None:
    """Refuse a model whose vectors cannot be used; ok are finite, non-zero, different rows."""
    if not np.isfinite(vectors).all():
        raise ModelProblem(
            f"The embedding model “{model.name}” gives vectors that are not numbers, its weights "
            "are damaged: get the model again."
        )
    if (np.linalg.norm(vectors, axis=1) == 0).any() or np.array_equal(vectors[0], vectors[1]):
        raise ModelProblem(
            f"The embedding model “{model.name}” gives the same or an empty vector for different "
            "sentences, its weights are damaged: get the model again."
        )


def is_out_of_memory(problem: RuntimeError) -> bool:
    import torch

    return isinstance(problem, torch.OutOfMemoryError) or "out of memory" in str(problem).lower()


def _is_device_failure(problem: RuntimeError) -> bool:
    import torch

    if is_out_of_memory(problem):
        return False
    accelerator_error = getattr(torch, "AcceleratorError", ())
    return isinstance(problem, accelerator_error) or "CUDA error" in str(problem)


def _free_device_memory(device: Device) -> None:
    import torch

    if device == "cuda":
        torch.cuda.empty_cache()
    elif device == "mps":
        torch.mps.empty_cache()
