"""nDCG@10 on SciFact with reconstructions in place of the originals, by architecture and k."""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from benchmark_data import arxiv_rows
from markdown_table import markdown_table
from method import BATCH, LEARNING_RATE

import saedesk
from saedesk.embedding.model_catalogue import resolve_model
from saedesk.embedding.sentence_encoder import SentenceEncoder
from saedesk.sae.architectures import architectures
from saedesk.sae.sparse_autoencoder import SparseAutoencoder

MODEL = "sentence-transformers/all-MiniLM-L6-v2"
N_LATENTS = 3072
DEPTH = 10


@dataclass(frozen=True)
class SciFact:
    """Vectors of length 1 and the judgements."""

    documents: np.ndarray
    """(n_documents, d) float32."""
    queries: np.ndarray
    """(n_queries, d) float32, those with judgements in the test part."""
    relevant: list[set[int]]
    """Rows of the relevant documents, by query."""


def measure_retrieval(data: Path, cache: Path, *, quick: bool) -> str:
    """A Markdown section."""
    scifact = _scifact(data / "scifact", cache)
    training, source = scifact.documents, f"{len(scifact.documents):,} SciFact documents"
    if (data / "arxiv").is_dir():
        arxiv = arxiv_rows(data, "cpu").training.numpy()
        training = np.concatenate([training, arxiv])
        source += f" and {len(arxiv):,} arXiv abstracts"
    ks, epochs = ((16, 64), 4) if quick else ((8, 16, 32, 64), 10)
    plain = ndcg(scifact.queries, scifact.documents, scifact.relevant)
    table = []
    for name in architectures():
        for k in ks:
            table.append([f"{name}, k {k}", *_row(name, k, epochs, training, scifact, plain)])
    columns = ["", "L0", "FVU", "documents rebuilt", "and queries rebuilt", "kept"]
    return "\n".join(
        [
            "### Retrieval after reconstruction, SciFact\n",
            f"nDCG@10 of cosine ranking with {MODEL}: **{plain:.3f}** with the originals "
            f"({len(scifact.queries)} queries, {len(scifact.documents):,} documents). SAEs of "
            f"{N_LATENTS:,} latents, trained on the {source} for {epochs} epochs, batch {BATCH:,}, "
            f"learning rate {LEARNING_RATE:g} with linear decay; L0 and FVU are of the SciFact "
            "documents. Kept: documents rebuilt, against the originals.\n",
            markdown_table(columns, table),
        ]
    )


def _row(
    name: str, k: int, epochs: int, training: np.ndarray, scifact: SciFact, plain: float
) -> list[str]:
    """L0, FVU and nDCG of one SAE, as text."""
    sae = saedesk.train(
        training,
        name,
        n_latents=N_LATENTS,
        epochs=epochs,
        batch_size=BATCH,
        learning_rate=LEARNING_RATE,
        learning_rate_decay="linear",
        held_out_share=0.0,
        device="cpu",
        **architectures().get(name).settings_for_sparsity(k),
    )
    codes = sae.encode(scifact.documents)
    documents = sae.decode(codes)
    queries = _rebuilt(sae, scifact.queries)
    spread = np.square(scifact.documents - scifact.documents.mean(0)).sum()
    fvu = float(np.square(documents - scifact.documents).sum() / spread)
    rebuilt = ndcg(scifact.queries, documents, scifact.relevant)
    both = ndcg(queries, documents, scifact.relevant)
    l0 = codes.nnz / codes.shape[0]
    kept = f"{rebuilt / plain:.1%}"
    return [f"{l0:.1f}", f"{fvu:.3f}", f"{rebuilt:.3f}", f"{both:.3f}", kept]


def _rebuilt(sae: SparseAutoencoder, vectors: np.ndarray) -> np.ndarray:
    return sae.decode(sae.encode(vectors))


def ndcg(queries: np.ndarray, documents: np.ndarray, relevant: list[set[int]]) -> float:
    """Mean nDCG@10 of cosine ranking with binary relevance (Järvelin and Kekäläinen 2002)."""
    scores = _unit(queries) @ _unit(documents).T
    discounts = 1 / np.log2(np.arange(2, DEPTH + 2))
    total = 0.0
    for row, wanted in zip(scores, relevant, strict=True):
        best = np.argsort(-row, kind="stable")[:DEPTH]
        gain = sum(discounts[place] for place, document in enumerate(best) if document in wanted)
        total += gain / discounts[: len(wanted)].sum()
    return total / len(relevant)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def _scifact(folder: Path, cache: Path) -> SciFact:
    """Read and embedded; the vectors are kept for the next time."""
    corpus, queries = _lines(folder / "corpus.jsonl.gz"), _lines(folder / "queries.jsonl.gz")
    row_of = {document["_id"]: row for row, document in enumerate(corpus)}
    wanted: dict[str, set[int]] = defaultdict(set)
    with (folder / "qrels_test.tsv").open(encoding="utf-8", newline="") as file:
        for judgement in csv.DictReader(file, delimiter="\t"):
            if float(judgement["score"]) > 0:
                wanted[judgement["query-id"]].add(row_of[judgement["corpus-id"]])
    asked = [query for query in queries if query["_id"] in wanted]
    cache.mkdir(parents=True, exist_ok=True)
    texts = [f"{document['title']}. {document['text']}" for document in corpus]
    return SciFact(
        _embedded(texts, cache / "documents.npy"),
        _embedded([query["text"] for query in asked], cache / "queries.npy"),
        [wanted[query["_id"]] for query in asked],
    )


def _lines(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _embedded(texts: list[str], path: Path) -> np.ndarray:
    if path.is_file():
        vectors: np.ndarray = np.load(path, allow_pickle=False)
        if len(vectors) == len(texts):
            return vectors
    encoder = SentenceEncoder.load(resolve_model(MODEL), "cpu")
    vectors = _unit(encoder.encode(texts).vectors).astype(np.float32)
    np.save(path, vectors)
    return vectors
