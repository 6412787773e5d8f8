"""The kinds of file that tables and arrays can become, by the names people know."""

from __future__ import annotations

from pathlib import Path

from saedesk.jobs.exports.export_request import FORMATS_OF

FORMAT_TITLES = {
    "csv": "CSV",
    "jsonl": "JSON Lines",
    "parquet": "Parquet",
    "graphml": "GraphML",
    "json": "JSON",
    "npz": ".npz",
    "npy": ".npy",
}
"""By the ending."""

FORMAT_READERS = {
    "csv": "Spreadsheets read it; texts that one would run as a formula begin with an apostrophe.",
    "jsonl": "One JSON object a line, with lists where there are several values.",
    "parquet": "For pandas, polars, DuckDB and Arrow: typed columns, with lists, small and fast.",
    "graphml": "Gephi, yEd, Cytoscape and networkx draw it: a node for each feature of a family.",
    "json": "One object with everything: names, labels with scores, members and edges.",
    "npz": "For NumPy: several arrays in one file, with the keys of the documents.",
    "npy": "For NumPy: one array, without keys; rows are in the order of the documents.",
}
"""Who reads it, by the ending."""
MATRIX_READERS = "A sparse matrix for scipy.sparse.load_npz, documents by features, with the keys."


def file_kinds(table: str) -> tuple[tuple[str, str], ...]:
    """The kinds that a question for a file offers, the usual one first."""
    return tuple((FORMAT_TITLES[ending], f"*.{ending}") for ending in FORMATS_OF[table])


def with_ending(path: Path, table: str) -> Path:
    """A path with the usual ending of a table where a person typed none."""
    return path if path.suffix else path.with_suffix(f".{FORMATS_OF[table][0]}")
