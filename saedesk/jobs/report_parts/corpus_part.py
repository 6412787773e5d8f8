"""What a report says about the documents; in bounded memory, one field after the other."""

from __future__ import annotations

import math

import numpy as np

from saedesk.corpus.document import FieldDefinition, FieldType
from saedesk.jobs.report_parts.safe_values import file_name
from saedesk.project.document_columns import read_document_columns
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.document_writer import ImportRecord, import_records
from saedesk.project.project_folder import Project
from saedesk.report.report_content import Bins, CorpusPart, FieldSummary, ImportedFile
from saedesk.task_control import TaskControl

BINS = 40
SHOWN_VALUES = 8
MOST_VALUES = 10_000
"""Values of a category that are counted."""
_YEARS = (1000, 2200)
_EXACT = 2**52
"""Beyond it whole numbers are no longer exact as float64."""
_FAR = 2.0
"""A largest value this many times the 99.5 % quantile would leave the other bars no room."""


def corpus_part(project: Project, control: TaskControl) -> CorpusPart:
    """Counts, imports, fields and lengths of the documents."""
    documents = project.documents
    fields = []
    for definition in documents.fields():
        control.checkpoint()
        fields.append(_field(project, definition))
    control.checkpoint()
    columns = read_document_columns(project.database, documents.fields(), (), control)
    words = columns.words[columns.words > 0]
    return CorpusPart(
        documents=documents.count(),
        without_text=documents.count_without_text(),
        imports=[_imported(record) for record in import_records(project.database)],
        fields=fields,
        words=bins_of(words.astype(np.float64)),
        median_words=float(np.median(words)) if len(words) else 0.0,
    )


def _imported(record: ImportRecord) -> ImportedFile:
    return ImportedFile(
        source=file_name(record.source),
        created=record.created,
        read=record.read,
        kept=record.kept,
        rejected=record.rejected,
        duplicates=record.duplicates,
        empty_texts=record.empty_texts,
        encoding=record.encoding or "",
        size_bytes=record.size_bytes,
        unreadable_values={name: n for name, n in record.unreadable_values.items() if n},
    )


def _field(project: Project, definition: FieldDefinition) -> FieldSummary:
    documents, name, kind = project.documents, definition.name, definition.type
    if kind in (FieldType.TEXT, FieldType.URL):
        silent = len(documents.find(DocumentFilter(categories={name: ("",)})))
        return FieldSummary(name, kind.value, documents.count() - silent)
    if kind is FieldType.CATEGORY:
        counted = documents.category_counts(name, limit=MOST_VALUES)
        values = [(entry.value, entry.count) for entry in counted if entry.value]
        silent = sum(entry.count for entry in counted if not entry.value)
        known = documents.count() - silent
        return FieldSummary(name, kind.value, known, values[:SHOWN_VALUES], len(values))
    numbers = documents.numeric_values(name)
    known = numbers[np.isfinite(numbers)]
    return FieldSummary(
        name, kind.value, len(known), bins=bins_of(known, is_date=kind is FieldType.DATE)
    )


def bins_of(values: np.ndarray, *, is_date: bool = False) -> Bins | None:
    """A histogram of finite values, one bin for each whole number or year where those are few.

    None for no value.
    """
    if len(values) == 0:
        return None
    low, high = float(values.min()), float(values.max())
    is_whole = bool((values == np.floor(values)).all()) and max(-low, high) < _EXACT
    years = is_date or (is_whole and _YEARS[0] <= low and high <= _YEARS[1])
    unit = "years" if years else ""
    by_year = is_date and high - low >= 3
    if (is_whole or by_year) and math.floor(high) - math.floor(low) < BINS:
        edges = np.arange(math.floor(low), math.floor(high) + 2, dtype=np.float64)
        counts = np.histogram(values, edges)[0]
        return Bins(edges, counts, high, unit, is_whole=True)
    top = float(np.quantile(values, 0.995))
    if not (top > 0 and high > _FAR * top):
        top = high
    if not top > low:
        top = low + max(1.0, abs(low) / 1000)
    if is_whole:
        # Bins of equally many whole numbers, or every third bar would stand out.
        step = math.ceil((math.ceil(top) + 1 - low) / BINS)
        edges = np.arange(low, math.ceil(top) + step, step, dtype=np.float64)
        top = edges[-1]
    else:
        edges = np.linspace(low, top, BINS + 1)
    counts = np.histogram(np.minimum(values, top), edges)[0]
    return Bins(edges, counts, high, unit)
