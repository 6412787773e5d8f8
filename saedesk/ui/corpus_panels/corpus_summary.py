"""What came in and what did not, as facts for the strip at the top of Corpus."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from saedesk.corpus.document import FieldType
from saedesk.jobs.corpus_columns import CategoryColumn, CorpusColumns
from saedesk.project.artifact_readers import Vectors
from saedesk.project.document_writer import ImportRecord, import_records
from saedesk.project.project_folder import Project
from saedesk.ui.corpus_panels.corpus_filter import missing_values
from saedesk.ui.corpus_panels.document_texts import count_of
from saedesk.ui.field_titles import shown_name

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "utf-32-le": "UTF-32 LE",
    "utf-32-be": "UTF-32 BE",
    "cp1252": "Windows-1252",
    "latin-1": "Latin-1",
    "iso8859-2": "Latin-2",
    "cp1251": "Windows-1251",
    "koi8-r": "KOI8-R",
    "shift_jis": "Shift JIS",
    "gb18030": "GB 18030",
    "big5": "Big5",
    "euc_kr": "EUC-KR",
}
"""Codec to the name a person knows."""


@dataclass(frozen=True)
class SummaryPart:
    """One fact of the strip."""

    text: str
    action: str = ""
    """What a click does: "rejected", "without_text", "missing:FIELD"; "" for nothing."""
    tooltip: str = ""
    colour: str = "text2"
    """Of a fact without an action that is not the first."""


def shown_size(size: int) -> str:
    """“46.2 MB”."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:,.1f} {unit}"
    return count_of(size, "byte", "bytes")


def summary_parts(
    project: Project, columns: CorpusColumns, vectors: Vectors | None
) -> list[SummaryPart]:
    """The facts in the order of their weight, the documents first."""
    records = import_records(project.database)
    parts = [SummaryPart(_documents_text(len(columns), records), tooltip=_sources(records))]
    parts += _leftovers(records, columns)
    form = _form_text(records)
    if form:
        parts.append(SummaryPart(form))
    if vectors is not None:
        parts += _vector_parts(vectors)
    return parts


def _documents_text(count: int, records: list[ImportRecord]) -> str:
    text = count_of(count, "document", "documents")
    if len(records) == 1:
        return f"{text} from {records[0].source}"
    return f"{text} from {len(records)} imports" if records else text


def _sources(records: list[ImportRecord]) -> str:
    return "\n".join(
        f"{record.source}: {count_of(record.kept, 'document', 'documents')}, {record.created[:10]}"
        for record in records[-12:]
    )


def _leftovers(records: list[ImportRecord], columns: CorpusColumns) -> list[SummaryPart]:
    parts = []
    rejected = sum(record.rejected for record in records)
    if rejected:
        text = f"{count_of(rejected, 'row', 'rows')} left out"
        why = "Rows that could not be used, with their lines and reasons"
        parts.append(SummaryPart(text, "rejected", why))
    doubles = sum(record.duplicates for record in records)
    if doubles:
        text = f"{count_of(doubles, 'double key', 'double keys')} left out"
        why = "Rows whose key another document had already; the first was kept"
        parts.append(SummaryPart(text, "", why))
    blank = int(np.count_nonzero(~columns.has_text))
    if blank and not columns.can_embed.any():
        why = "These documents have vectors but no texts: they are shown by key and fields"
        parts.append(SummaryPart("no texts", "", why))
    elif blank:
        why = "Documents with a blank text; one with a title is embedded by its title alone"
        parts.append(SummaryPart(f"{blank:,} without text", "without_text", why))
    parts += _missing(records, columns)
    replaced = sum(record.replaced_characters for record in records)
    if replaced:
        text = f"{count_of(replaced, 'character', 'characters')} replaced"
        why = "NUL characters and broken surrogates, which became \ufffd"
        parts.append(SummaryPart(text, "", why))
    return parts


def _missing(records: list[ImportRecord], columns: CorpusColumns) -> list[SummaryPart]:
    """Dates that are missing here and there, and fields with cells that could not be read."""
    unreadable: dict[str, int] = {}
    for record in records:
        for name, count in record.unreadable_values.items():
            unreadable[name] = unreadable.get(name, 0) + count
    parts = []
    for definition in columns.definitions:
        column = columns.fields.get(definition.name)
        if column is None or isinstance(column, CategoryColumn):
            continue
        bad = unreadable.get(definition.name, 0)
        missing = int(np.count_nonzero(missing_values(columns, definition.name)))
        is_date = definition.type is FieldType.DATE
        if not missing or not (bad or (is_date and 2 * missing < len(columns))):
            continue
        what = "a date" if is_date else shown_name(definition.name).lower()
        why = f"No value in “{shown_name(definition.name)}”"
        if bad:
            cells = count_of(bad, "cell was", "cells were")
            kind = definition.type.value
            why += f"; {cells} no {kind} and {'was' if bad == 1 else 'were'} left empty"
        parts.append(SummaryPart(f"{missing:,} without {what}", f"missing:{definition.name}", why))
    return parts


def _form_text(records: list[ImportRecord]) -> str:
    if not records:
        return ""
    record = records[-1]
    form = []
    if len(records) == 1:
        if record.encoding:
            form.append(ENCODINGS.get(record.encoding, record.encoding))
        if record.delimiter:
            form.append(DELIMITERS.get(record.delimiter, f"“{record.delimiter}”"))
    size = sum(record.size_bytes for record in records)
    if size:
        form.append(shown_size(size))
    return ", ".join(form)


def vectors_origin(vectors: Vectors) -> str:
    """Where vectors came from: “Vectors: all-MiniLM-L6-v2”, or the file that had them."""
    record = vectors.record
    model = str(record.summary.get("model") or record.inputs.get("model") or "")
    if not record.inputs.get("imported"):
        return f"Vectors: {model}"
    made = f"made by {model}" if model else "encoder unknown"
    return f"Vectors from {source_of(vectors)}, {made}"


def source_of(vectors: Vectors) -> str:
    """The name of the file that somebody brought."""
    return str(vectors.record.summary.get("imported", {}).get("file") or "a file")


def _vector_parts(vectors: Vectors) -> list[SummaryPart]:
    summary = vectors.record.summary
    dimensions = vectors.values.shape[1]
    count = count_of(len(vectors.values), "document has", "documents have")
    precision = summary.get("precision", "")
    why = f"{count} a vector of {dimensions:,} numbers" + (f" ({precision})" if precision else "")
    parts = [SummaryPart(f"{vectors_origin(vectors)}, {dimensions:,} numbers each", "", why)]
    zero, broken = int(summary.get("zero_rows", 0)), int(summary.get("not_finite_rows", 0))
    if zero or broken:
        text = f"{count_of(zero + broken, 'vector', 'vectors')} unusable"
        why = (
            f"{zero:,} all zeros, {broken:,} not finite: these documents are not used in "
            "training and are never found by search"
        )
        parts.append(SummaryPart(text, "", why))
    cut = int(summary.get("truncated", 0))
    if cut:
        text = f"{count_of(cut, 'text', 'texts')} cut"
        what = "1 text is" if cut == 1 else f"{cut:,} texts are"
        counts = "its beginning counts" if cut == 1 else "their beginning counts"
        why = f"{what} longer than the model reads; only {counts}."
        parts.append(SummaryPart(text, "", why, "warn"))
    return parts
