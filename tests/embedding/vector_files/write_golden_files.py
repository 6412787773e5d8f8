"""Write the files beside this script with the libraries that people use; run by hand.

    pip install datasets pandas pyarrow safetensors
    python tests/embedding/vector_files/write_golden_files.py

Every file holds the same 12 vectors of 5 numbers, which `vectors.json` has exactly.
"""

from __future__ import annotations

import importlib.metadata
import json
import shutil
from pathlib import Path

import datasets
import numpy as np
import pandas as pd
from safetensors.numpy import save_file

GOLDEN = Path(__file__).parent / "golden"
LIBRARIES = ("datasets", "numpy", "pandas", "pyarrow", "safetensors")


def main() -> None:
    """Replace the golden files."""
    shutil.rmtree(GOLDEN, ignore_errors=True)
    GOLDEN.mkdir()
    # Sixteenths are exact in every format, float16 included.
    vectors = np.random.default_rng(0).integers(-99, 99, (12, 5)) / 16
    (GOLDEN / "vectors.json").write_text(json.dumps(vectors.tolist()) + "\n")
    versions = {name: importlib.metadata.version(name) for name in LIBRARIES}
    (GOLDEN / "versions.json").write_text(json.dumps(versions, indent=1) + "\n")
    columns = {
        "doc_id": [f"d{row}" for row in range(12)],
        "text": [f"Text number {row}." for row in range(12)],
        "embedding": vectors.astype(np.float32).tolist(),
    }
    write_data_sets(columns)
    write_tables(columns, vectors)
    np.save(GOLDEN / "half.npy", np.asfortranarray(vectors.astype(np.float16)))
    np.savez_compressed(GOLDEN / "named.npz", vectors=vectors, ids=np.array(columns["doc_id"]))
    save_file({"vectors": vectors.astype(np.float32)}, GOLDEN / "one.safetensors")


def write_data_sets(columns: dict[str, list]) -> None:
    """One of plain lists in two files, and one with splits and vectors of fixed length."""
    plain = datasets.Dataset.from_dict(columns)
    plain.save_to_disk(GOLDEN / "data_set", num_shards=2)
    fixed = plain.cast_column("embedding", datasets.Sequence(datasets.Value("float32"), length=5))
    splits = datasets.DatasetDict(
        {"train": fixed.select(range(8)), "test": fixed.select(range(8, 12)).flatten_indices()}
    )
    splits.save_to_disk(GOLDEN / "splits")


def write_tables(columns: dict[str, list], vectors: np.ndarray) -> None:
    """Parquet and Feather as pandas writes a column of arrays, and lines of JSON."""
    frame = pd.DataFrame({**columns, "embedding": list(vectors)})
    frame.to_parquet(GOLDEN / "pandas.parquet")
    frame.to_feather(GOLDEN / "pandas.feather")
    frame.to_json(GOLDEN / "pandas.jsonl", orient="records", lines=True)


if __name__ == "__main__":
    main()
