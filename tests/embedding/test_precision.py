"""The number format: chosen by measuring, faithful to float32, and the quick way of queries."""

from __future__ import annotations

import csv
import gzip
import math
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from saedesk.embedding.fast_bert import FastBert
from saedesk.embedding.linear_products import (
    LinearProduct,
    Measure,
    ProductShape,
    seconds_of_products,
)
from saedesk.embedding.model_catalogue import ModelFiles, resolve_model
from saedesk.embedding.precision_choice import lowest_cosine
from saedesk.embedding.query_bert import gelu
from saedesk.embedding.query_encoder import load_query_encoder
from saedesk.embedding.sentence_encoder import SentenceEncoder
from saedesk.embedding.sentence_transformer_model import SentenceTransformerModel
from saedesk.embedding.text_model import Device, Precision
from saedesk.errors import ModelProblem
from saedesk.task_control import Cancelled
from tests.faults.test_embedding_models import change_json, change_weights, make_other_type

SUBJECTS = ("galaxies", "proteins", "languages", "proofs", "markets", "networks", "fields", "ions")
TEXTS = [
    f"We study {subject} of {'many ' * number}kinds, seen for the first time. " * (1 + number % 4)
    + f"Our result no. {number} holds for {subject} where ε < 0.{number}."
    for number, subject in enumerate(SUBJECTS * 4)
]
QUERIES = ["dark matter", "", "Ein Satz über Sterne, mit Komma.", "galaxy " * 400, "😀 \ud800"]


def as_if(bfloat16: float) -> Measure:
    """A processor whose bfloat16 products take `bfloat16` of the time of float32."""

    def measure(
        device: Device, shape: ProductShape, precisions: Sequence[Precision]
    ) -> dict[Precision, float]:
        assert "float32" in precisions
        return {name: 1.0 if name == "float32" else bfloat16 for name in precisions}

    return measure


@pytest.fixture(scope="module")
def short(default_model: ModelFiles) -> SentenceEncoder:
    return SentenceEncoder.load(default_model, "cpu", "auto", as_if(0.3))


@pytest.mark.parametrize(
    ("ratio", "expected"), [(0.3, "bfloat16"), (0.9, "float32"), (3.0, "float32")]
)
def test_the_measurement_decides(default_model: ModelFiles, ratio: float, expected: str) -> None:
    encoder = SentenceEncoder.load(default_model, "cpu", "auto", as_if(ratio))
    assert encoder.precision == expected


def test_without_a_wish_nothing_is_measured_and_float32_taken(default_model: ModelFiles) -> None:
    def refuse(*_: object) -> dict[Precision, float]:
        raise AssertionError

    assert SentenceEncoder.load(default_model, "cpu", "float32", refuse).precision == "float32"
    assert SentenceEncoder.load(default_model, "cpu", "bfloat16", refuse).precision == "bfloat16"


def test_a_format_that_the_device_does_not_offer_is_chosen_anew(default_model: ModelFiles) -> None:
    encoder = SentenceEncoder.load(default_model, "cpu", "float16", as_if(3.0))
    assert encoder.precision == "float32"


def test_short_vectors_keep_their_direction(
    short: SentenceEncoder, encoder: SentenceEncoder
) -> None:
    vectors, exact = short.encode(TEXTS).vectors, encoder.encode(TEXTS).vectors
    assert lowest_cosine(vectors, exact) >= 0.9999
    # And they are short: were they float32 after all, they would agree to 1e-6.
    assert np.abs(vectors - exact).max() > 1e-5
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_short_vectors_are_the_same_bits_again(short: SentenceEncoder) -> None:
    first, again = short.encode(TEXTS).vectors, short.encode(TEXTS, following=TEXTS[:3]).vectors
    assert first.tobytes() == again.tobytes()


def test_a_model_that_does_not_keep_its_vectors_stays_float32(
    default_model: ModelFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one whose numbers are too large for a short format would."""
    honest = FastBert.embed

    def coarse(self: FastBert, items: Sequence[list[int]]) -> np.ndarray:
        vectors = honest(self, items)
        return vectors if self.precision == "float32" else np.round(vectors, 1)

    monkeypatch.setattr(FastBert, "embed", coarse)
    encoder = SentenceEncoder.load(default_model, "cpu", "auto", as_if(0.3))
    assert encoder.precision == "float32"
    monkeypatch.undo()
    plain = SentenceEncoder.load(default_model, "cpu").encode(TEXTS[:4]).vectors
    assert np.array_equal(encoder.encode(TEXTS[:4]).vectors, plain)


def test_the_measurement_is_made_once_and_leaves_the_threads() -> None:
    import torch

    threads, shape = torch.get_num_threads(), ProductShape(48, 96)
    first = seconds_of_products("cpu", shape, ("float32", "bfloat16"))
    assert set(first) == {"float32", "bfloat16"}
    assert all(0 < seconds < 1 for seconds in first.values())
    assert seconds_of_products("cpu", shape, ("float32", "bfloat16")) is first
    assert torch.get_num_threads() == threads


@pytest.mark.parametrize(("precision", "error"), [("float32", 1e-5), ("bfloat16", 3e-2)])
@pytest.mark.parametrize("bent", [False, True])
def test_products_agree_with_numpy(precision: Precision, error: float, bent: bool) -> None:
    import torch

    random = np.random.default_rng(0)
    weight, bias = random.normal(size=(40, 24)) / 5, random.normal(size=40)
    rows = random.normal(size=(7, 24))
    product = LinearProduct(
        torch.tensor(weight).float(), torch.tensor(bias).float(), precision, gelu=bent
    )
    with torch.inference_mode():
        found = product(torch.tensor(rows).float()).float().numpy()
    expected = (rows @ weight.T + bias).astype(np.float32)
    expected = gelu(expected) if bent else expected
    assert np.abs(found - expected).max() < error


def test_gelu_is_that_of_double_precision() -> None:
    x = np.linspace(-8, 8, 4001, dtype=np.float32)
    exact = np.array([v * (1 + math.erf(v / math.sqrt(2))) / 2 for v in x.tolist()])
    # The formula's own 0.75e-7, and four roundings to float32.
    assert (np.abs(gelu(x) - exact) <= 3e-7 * np.abs(x)).all()


# -- models that sentence-transformers runs ------------------------------------------------------


def test_other_models_are_shortened_too(model_copy: Path) -> None:
    make_other_type(model_copy)
    model = resolve_model(str(model_copy))
    short = SentenceEncoder.load(model, "cpu", "auto", as_if(0.3))
    assert isinstance(short._text_model, SentenceTransformerModel)
    assert short._text_model.product_shape == ProductShape(384, 1536)
    assert short.precision == "bfloat16"
    vectors = short.encode(TEXTS[:8]).vectors
    short._text_model.use_precision("float32")
    exact = short.encode(TEXTS[:8]).vectors
    assert lowest_cosine(vectors, exact) >= 0.9999
    assert np.abs(vectors - exact).max() > 1e-5


# -- queries -------------------------------------------------------------------------------------


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_queries_are_those_of_the_documents_in_float32(model_copy: Path, pooling: str) -> None:
    if pooling == "cls":
        first = {"pooling_mode_mean_tokens": False, "pooling_mode_cls_token": True}
        change_json(model_copy / "1_Pooling" / "config.json", lambda old: old | first)
    model = resolve_model(str(model_copy))
    quick, whole = load_query_encoder(model), SentenceEncoder.load(model, "cpu")
    for query in QUERIES:
        vector = quick.encode_query(query)
        assert vector.dtype == np.float32
        assert np.abs(vector - whole.encode_query(query)).max() < 2e-6


def test_the_first_query_needs_no_torch() -> None:
    program = (
        "import sys\n"
        "from saedesk.embedding.model_catalogue import resolve_model\n"
        "from saedesk.embedding.query_encoder import load_query_encoder\n"
        "load_query_encoder(resolve_model('all-MiniLM-L6-v2')).encode_query('dark matter')\n"
        "print({'torch', 'transformers', 'scipy'} & set(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.stdout.strip() == "set()"


def test_models_that_numpy_does_not_run_answer_queries(model_copy: Path) -> None:
    change_weights(model_copy, lambda w: w.update({k: v.bfloat16() for k, v in w.items()}))
    quick = load_query_encoder(resolve_model(str(model_copy)))
    assert isinstance(quick, SentenceEncoder)
    assert np.isfinite(quick.encode_query("dark matter")).all()


def remove_a_bias(folder: Path) -> None:
    change_weights(folder, lambda w: w.pop("encoder.layer.2.output.dense.bias"))


def cut_the_words(folder: Path) -> None:
    name = "embeddings.word_embeddings.weight"
    change_weights(folder, lambda w: w.update({name: w[name][:500].clone()}))


def cut_the_file(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])


@pytest.mark.parametrize(
    ("damage", "said"),
    [(remove_a_bias, "lacks"), (cut_the_words, "do not fit"), (cut_the_file, "damaged")],
)
def test_damaged_weights_are_named(
    model_copy: Path, damage: Callable[[Path], None], said: str
) -> None:
    damage(model_copy)
    with pytest.raises(ModelProblem, match=said):
        load_query_encoder(resolve_model(str(model_copy))).encode_query("telescope galaxies")


def test_a_query_without_direction_is_refused(model_copy: Path) -> None:
    change_weights(model_copy, lambda w: w.update({k: v * float("nan") for k, v in w.items()}))
    with pytest.raises(ModelProblem, match="no usable vector"):
        load_query_encoder(resolve_model(str(model_copy))).encode_query("anything")


# -- tokenising ahead ----------------------------------------------------------------------------


def test_texts_tokenised_ahead_are_not_tokenised_again(
    encoder: SentenceEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = [encoder.encode(part).vectors for part in (TEXTS[:5], TEXTS[5:9])]
    seen: list[str] = []
    honest = FastBert.tokenise

    def listening(self: FastBert, texts: Sequence[str]):
        seen.extend(texts)
        return honest(self, texts)

    monkeypatch.setattr(FastBert, "tokenise", listening)
    first = encoder.encode(TEXTS[:5], following=TEXTS[5:9]).vectors
    second = encoder.encode(TEXTS[5:9]).vectors
    assert sorted(seen) == sorted(TEXTS[:9])
    assert np.array_equal(first, expected[0])
    assert np.array_equal(second, expected[1])


def test_other_texts_than_announced_are_read_all_the_same(encoder: SentenceEncoder) -> None:
    encoder.encode(TEXTS[:2], following=TEXTS[2:4])
    assert np.array_equal(encoder.encode(TEXTS[6:9]).vectors, encoder.encode(TEXTS[6:9]).vectors)


def test_what_tokenising_ahead_meets_is_raised_when_it_is_wanted(
    encoder: SentenceEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder.encode(TEXTS[:2])
    honest = FastBert.tokenise

    def failing(self: FastBert, texts: Sequence[str]):
        if texts[0] == TEXTS[2]:
            raise RuntimeError("tokeniser")
        return honest(self, texts)

    monkeypatch.setattr(FastBert, "tokenise", failing)
    encoder.encode(TEXTS[:2], following=TEXTS[2:4])
    with pytest.raises(RuntimeError, match="tokeniser"):
        encoder.encode(TEXTS[2:4])


def test_cancelling_ends_the_tokenising(encoder: SentenceEncoder) -> None:
    from tests.embedding.test_sentence_encoder import Listener

    with pytest.raises(Cancelled):
        encoder.encode(TEXTS[:4], Listener(cancel_at=2), following=TEXTS * 20)
    assert encoder._ahead is None


# -- real abstracts ------------------------------------------------------------------------------


@pytest.mark.slow
def test_two_thousand_abstracts_keep_their_direction(
    short: SentenceEncoder, data_folder: Path
) -> None:
    folder = data_folder / "arxiv"
    with gzip.open(folder / "arxiv_ml_astro_30k.csv.gz", "rt", encoding="utf-8", newline="") as f:
        texts = [f"{row['title']}. {row['abstract']}" for row in islice(csv.DictReader(f), 2000)]
    stored = np.load(folder / "arxiv_ml_astro_30k.minilm.f16.npy", mmap_mode="r")[:2000]
    assert lowest_cosine(short.encode(texts).vectors, stored.astype(np.float32)) >= 0.9999
