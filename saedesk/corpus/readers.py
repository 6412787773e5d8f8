"""The formats a corpus can come in; a new one is a file and a line here."""

from __future__ import annotations

from pathlib import Path

from saedesk.corpus.content_recognition import refuse_what_is_no_table
from saedesk.corpus.csv_reader import CSV_FORMAT
from saedesk.corpus.input_file import InputFile, readable
from saedesk.corpus.jsonl_reader import JSON_FORMAT
from saedesk.corpus.parquet_reader import ARROW_FORMAT, PARQUET_FORMAT
from saedesk.corpus.table_reader import TableFormat, TableReader
from saedesk.corpus.text_folder_reader import TEXT_FOLDER_FORMAT
from saedesk.errors import BadInput
from saedesk.registry import Registry

TABLE_FORMATS: Registry[TableFormat] = Registry("table format", "saedesk.table_formats")
for _format in (PARQUET_FORMAT, ARROW_FORMAT, JSON_FORMAT, CSV_FORMAT, TEXT_FOLDER_FORMAT):
    TABLE_FORMATS.add(_format.name, _format)


def open_table(path: Path, encoding: str | None, delimiter: str | None) -> TableReader:
    """The reader for `path`, chosen by its content, then by its ending.

    Raises BadInput when the path is nothing that can be read, or clearly no table.
    """
    with readable(path):
        is_folder = path.is_dir()
    if is_folder:
        return _open_folder(path, encoding, delimiter)
    file = InputFile(path)
    sample = file.sample()
    formats = [TABLE_FORMATS.get(name) for name in TABLE_FORMATS]
    for table_format in formats:
        if sample and table_format.recognises(path, file.ending, sample):
            return table_format.open(path, encoding, delimiter)
    refuse_what_is_no_table(path, file.ending, sample)
    for table_format in formats:
        if file.ending in table_format.endings:
            if not sample and file.ending != ".txt":
                raise BadInput(f"{path.name} is empty: there are no rows.")
            return table_format.open(path, encoding, delimiter)
    raise BadInput(
        f"{path.name} has an ending that says nothing; "
        "rename it to .csv, .tsv, .jsonl, .parquet, .arrow or .txt, whichever it is."
    )


def _open_folder(path: Path, encoding: str | None, delimiter: str | None) -> TableReader:
    ending = path.suffix.lower()
    if ending in (".csv", ".tsv", ".jsonl", ".json", ".parquet", ".arrow", ".feather", ".gz"):
        raise BadInput(f"{path.name} is a folder, not a file; choose the files inside it.")
    return TABLE_FORMATS.get("text folder").open(path, encoding, delimiter)
