from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from saedesk.embedding.model_catalogue import ModelFiles
from saedesk.embedding.sentence_encoder import SentenceEncoder
from saedesk.embedding.text_model import TokenisedTexts
from saedesk.errors import BadSetting, KnownError, ModelProblem, OutOfRoom
from saedesk.task_control import Cancelled, Progress, Unattended

TEXTS = [
    "Dark matter halos and the rotation of galaxies.",
    "",
    "Sparse autoencoders take embeddings apart. " * 12,
    "Ein kurzer Satz.",
    "Convolutional networks for images of galaxies. " * 80,
    "token",
    "Bayesian inference of stellar ages from oscillations, " * 5,
]


class Listener(Unattended):
    """Keeps what is reported; cancels at the given checkpoint."""

    def __init__(self, cancel_at: int | None = None) -> None:
        self.reports: list[Progress] = []
        self.checkpoints = 0
        self.cancel_at = cancel_at

    def checkpoint(self) -> None:
        self.checkpoints += 1
        if self.checkpoints == self.cancel_at:
            raise Cancelled

    def report(self, progress: Progress) -> None:
        self.reports.append(progress)


class SmallDevice:
    """The real model on a device that holds only so many tokens at a time."""

    def __init__(self, real: Any, room: int, complaint: type[Exception] | None = None) -> None:
        self._real = real
        self._room = room
        self._complaint = complaint
        self.batches: list[int] = []
        self.dimensions = real.dimensions
        self.max_tokens = real.max_tokens
        self.device = real.device
        self.precision = real.precision
        self.tokens_per_batch = real.tokens_per_batch

    def tokenise(self, texts: Sequence[str]) -> TokenisedTexts:
        return self._real.tokenise(texts)

    def embed(self, items: Sequence[Any]) -> np.ndarray:
        import torch

        if sum(len(item) for item in items) > self._room:
            raise (self._complaint or torch.OutOfMemoryError)("CUDA out of memory.")
        self.batches.append(len(items))
        return self._real.embed(items)

    def embed_query(self, text: str) -> np.ndarray:
        return self._real.embed_query(text)


def test_same_vectors_as_sentence_transformers(
    encoder: SentenceEncoder, default_model: ModelFiles
) -> None:
    from sentence_transformers import SentenceTransformer

    oracle = SentenceTransformer(str(default_model.folder), device="cpu", local_files_only=True)
    expected = oracle.encode(TEXTS, show_progress_bar=False)
    encoded = encoder.encode(TEXTS)
    assert np.abs(encoded.vectors - expected).max() < 2e-6
    assert encoded.vectors.dtype == np.float32
    query = oracle.encode(["dark matter"], show_progress_bar=False)[0]
    assert np.abs(encoder.encode_query("dark matter") - query).max() < 2e-6


def test_the_default_model_says_what_it_is(encoder: SentenceEncoder) -> None:
    assert (encoder.dimensions, encoder.max_tokens) == (384, 256)
    assert (encoder.device, encoder.precision) == ("cpu", "float32")


def test_texts_longer_than_the_window_are_counted(encoder: SentenceEncoder) -> None:
    assert encoder.encode(TEXTS).truncated.tolist() == [i == 4 for i in range(len(TEXTS))]


def test_a_text_just_inside_the_window_is_not_truncated(encoder: SentenceEncoder) -> None:
    fits, one_more = " ".join(["galaxy"] * 254), " ".join(["galaxy"] * 255)
    encoded = encoder.encode([fits, one_more])
    assert encoded.truncated.tolist() == [False, True]
    assert np.abs(encoded.vectors[0] - encoded.vectors[1]).max() < 2e-6


def test_the_same_list_gives_the_same_bits(encoder: SentenceEncoder) -> None:
    first, again = encoder.encode(TEXTS), encoder.encode(TEXTS)
    assert first.vectors.tobytes() == again.vectors.tobytes()


def test_order_and_company_do_not_change_a_vector(encoder: SentenceEncoder) -> None:
    together = encoder.encode(TEXTS).vectors
    backwards = encoder.encode(TEXTS[::-1]).vectors[::-1]
    alone = np.concatenate([encoder.encode([text]).vectors for text in TEXTS])
    assert np.abs(together - backwards).max() < 1e-6
    assert np.abs(together - alone).max() < 1e-6


def test_no_texts_give_an_empty_matrix_of_the_right_width(encoder: SentenceEncoder) -> None:
    encoded = encoder.encode([])
    assert encoded.vectors.shape == (0, 384)
    assert encoded.truncated.shape == (0,)


def test_hostile_texts_give_unit_vectors(encoder: SentenceEncoder) -> None:
    texts = ["\ud800 half a pair", "\x00", "   ", "😀" * 50, "‮bidi", "a" * 300_000, "\udfff"]
    encoded = encoder.encode(texts)
    assert np.allclose(np.linalg.norm(encoded.vectors, axis=1), 1.0, atol=1e-5)
    assert encoded.truncated[5]


def test_whole_surrogate_pairs_are_the_character_they_mean(encoder: SentenceEncoder) -> None:
    pair, half = encoder.encode(["a galaxy \ud83c\udf0c", "a galaxy \ud83c"]).vectors
    meant, _ = encoder.encode(["a galaxy 🌌", "a galaxy \ud83c"]).vectors
    assert np.array_equal(pair, meant)
    assert np.isfinite(half).all()


def test_progress_ends_with_every_text(encoder: SentenceEncoder) -> None:
    listener = Listener()
    encoder.encode(TEXTS * 4, listener)
    done = [progress.done for progress in listener.reports]
    assert done == sorted(done)
    assert done[-1] == len(TEXTS) * 4
    assert len(done) > 1
    assert listener.reports[-1].unit == "documents"


def test_cancel_is_heard_between_batches(encoder: SentenceEncoder) -> None:
    listener = Listener(cancel_at=3)
    with pytest.raises(Cancelled):
        encoder.encode(TEXTS * 4, listener)
    assert len(listener.reports) == 1


def test_out_of_memory_halves_the_batches_and_says_so_once(
    encoder: SentenceEncoder, default_model: ModelFiles
) -> None:
    small = SmallDevice(encoder._text_model, room=260)
    listener = Listener()
    texts = TEXTS * 3
    encoded = SentenceEncoder(default_model, small).encode(texts, listener)
    assert np.abs(encoded.vectors - encoder.encode(texts).vectors).max() < 1e-6
    assert len([progress for progress in listener.reports if progress.note]) == 1
    assert max(small.batches) > 1


def test_a_text_that_never_fits_ends_with_advice(
    encoder: SentenceEncoder, default_model: ModelFiles
) -> None:
    small = SmallDevice(encoder._text_model, room=40)
    with pytest.raises(OutOfRoom, match="one text of 256 tokens"):
        SentenceEncoder(default_model, small).encode(TEXTS)


def test_a_device_that_is_gone_ends_with_advice(
    encoder: SentenceEncoder, default_model: ModelFiles
) -> None:
    class Gone(RuntimeError):
        def __init__(self, text: str) -> None:
            super().__init__("CUDA error: unspecified launch failure")

    small = SmallDevice(encoder._text_model, room=0, complaint=Gone)
    with pytest.raises(KnownError, match="choose the device “cpu”"):
        SentenceEncoder(default_model, small).encode(TEXTS)


def test_other_errors_of_the_library_are_not_hidden(
    encoder: SentenceEncoder, default_model: ModelFiles
) -> None:
    class Bug(RuntimeError):
        def __init__(self, text: str) -> None:
            super().__init__("size mismatch")

    small = SmallDevice(encoder._text_model, room=0, complaint=Bug)
    with pytest.raises(Bug):
        SentenceEncoder(default_model, small).encode(TEXTS)


def test_a_query_without_direction_is_refused(
    encoder: SentenceEncoder, default_model: ModelFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = SmallDevice(encoder._text_model, room=1000)
    monkeypatch.setattr(small, "embed_query", lambda text: np.zeros(384, np.float32))
    with pytest.raises(ModelProblem, match="no usable vector"):
        SentenceEncoder(default_model, small).encode_query("anything")


def test_a_device_this_computer_lacks_is_named(default_model: ModelFiles) -> None:
    import torch

    missing = "mps" if torch.cuda.is_available() else "cuda"
    with pytest.raises(BadSetting, match=f"“{missing}”"):
        SentenceEncoder.load(default_model, missing)
    with pytest.raises(BadSetting, match="tpu"):
        SentenceEncoder.load(default_model, "tpu")


@pytest.mark.slow
def test_abstracts_agree_with_sentence_transformers(
    encoder: SentenceEncoder, default_model: ModelFiles, data_folder: Path
) -> None:
    from sentence_transformers import SentenceTransformer

    path = data_folder / "arxiv" / "arxiv_sample_500.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        texts = [f"{row['title']}  {row['abstract']}" for row in csv.DictReader(stream)][:200]
    oracle = SentenceTransformer(str(default_model.folder), device="cpu", local_files_only=True)
    expected = oracle.encode(texts, show_progress_bar=False)
    assert np.abs(encoder.encode(texts).vectors - expected).max() < 2e-6
