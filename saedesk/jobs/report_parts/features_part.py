"""What a report says about features: all in short, the chosen ones in full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from saedesk.corpus.document import FieldDefinition, FieldType
from saedesk.features.exemplars import strongest_documents
from saedesk.features.feature_neighbours import active_together, nearest_by_direction
from saedesk.features.field_breakdown import category_shares, share_over_time
from saedesk.features.latent_statistics import activation_histogram
from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.project.document_columns import read_document_columns
from saedesk.project.document_store import DocumentRow, year_with_fraction
from saedesk.project.label_store import KEYWORDS, PERSON, FeatureLabel
from saedesk.project.project_folder import Project
from saedesk.report.number_texts import date_field_text
from saedesk.report.report_content import (
    ExampleDocument,
    FeatureCard,
    FeaturesPart,
    FieldShares,
    NearFeature,
    OverTime,
)
from saedesk.report.shown_text import clipped
from saedesk.task_control import Progress, TaskControl

STRONGEST = 5
NEAREST = 5
LONGEST_HEADING = 180
LONGEST_BEGINNING = 230
LONGEST_ABOUT = 60
FEWEST_VALUES, MOST_VALUES = 2, 400
"""A category with one value says nothing, one with a value for each document neither."""


@dataclass(frozen=True)
class _Fields:
    """The fields that are broken down, row by row the documents that were analysed."""

    definitions: Sequence[FieldDefinition]
    categories: Mapping[str, Sequence[str | None]] = field(default_factory=dict)
    years: Mapping[str, np.ndarray] = field(default_factory=dict)


def features_part(
    project: Project, sae: LoadedSae, wanted: int, control: TaskControl
) -> FeaturesPart:
    """All features of an analysed SAE, `wanted` of them in full."""
    labels = project.labels.current(sae.hash)
    stars = project.labels.starred(sae.hash)
    chosen = chosen_features(sae, labels, stars, wanted)
    fields = _fields(project, sae, control)
    cards = []
    for done, latent in enumerate(chosen):
        control.checkpoint()
        control.report(Progress(done, len(chosen), "features", "Gathering features"))
        cards.append(_card(project, sae, latent, labels, latent in stars, fields))
    return FeaturesPart(
        cards=cards,
        labels={latent: label.text for latent, label in labels.items() if label.text},
        density=sae.statistics.density,
        documents=sae.statistics.count,
        n_documents=sae.statistics.n_documents,
        label_sources=_sources(labels),
    )


def chosen_features(
    sae: LoadedSae,
    labels: Mapping[int, FeatureLabel],
    stars: Collection[int],
    wanted: int,
) -> list[int]:
    """Which features are shown in full, densest first.

    Those that a person starred or named come first, then the densest with a label, then the
    densest without one; features that are never active are left out.
    """
    count = sae.statistics.count
    ranks = []
    for latent in np.flatnonzero(count):
        label = labels.get(int(latent))
        by_person = int(latent) in stars or (label is not None and label.source == PERSON)
        has_label = label is not None and bool(label.text)
        ranks.append((not by_person, not has_label, -int(count[latent]), int(latent)))
    best = sorted(ranks)[: max(0, wanted)]
    return [latent for *_, latent in sorted(best, key=lambda rank: rank[2:])]


def _sources(labels: Mapping[int, FeatureLabel]) -> list[tuple[str, int]]:
    """Who or what named how many features; a person stays unnamed."""
    counted = Counter(_source(label) for label in labels.values() if label.text)
    return sorted(counted.items(), key=lambda entry: (-entry[1], entry[0]))


def _source(label: FeatureLabel) -> str:
    if label.source == PERSON:
        return "named by a person"
    if label.source == KEYWORDS:
        return f"named by keywords (version {label.author.rpartition(' ')[2] or 'unknown'})"
    return f"named by {label.source}"


def _card(
    project: Project,
    sae: LoadedSae,
    latent: int,
    labels: Mapping[int, FeatureLabel],
    starred: bool,
    fields: _Fields,
) -> FeatureCard:
    statistics, label = sae.statistics, labels.get(latent)
    named = label is not None and bool(label.text)
    rows, values = strongest_documents(sae.activations, latent, STRONGEST)
    found = project.documents.rows(sae.vectors.document_ids[rows])
    by_id = {document.id: document for document in found}
    examples = [
        _example(by_id[int(id_)], float(value), fields.definitions)
        for id_, value in zip(sae.vectors.document_ids[rows], values, strict=True)
        if int(id_) in by_id
    ]
    active_rows = sae.activations.latent(latent)[0]
    return FeatureCard(
        latent=latent,
        label=label.text if label is not None else "",
        source=_source(label) if label is not None and named else "",
        starred=starred,
        documents=int(statistics.count[latent]),
        density=float(statistics.density[latent]),
        mean=float(statistics.mean[latent]),
        maximum=float(statistics.maximum[latent]),
        activations=activation_histogram(sae.activations, latent),
        strongest=examples,
        nearest=_near(nearest_by_direction(sae.directions, latent, NEAREST), labels),
        together=_near(active_together(sae.activations, latent, NEAREST), labels),
        fields=[
            FieldShares(name, category_shares(cells, active_rows))
            for name, cells in fields.categories.items()
        ],
        over_time=next(
            (
                OverTime(name, *share_over_time(years, active_rows))
                for name, years in fields.years.items()
            ),
            None,
        ),
    )


def _near(
    pair: tuple[np.ndarray, np.ndarray], labels: Mapping[int, FeatureLabel]
) -> list[NearFeature]:
    return [
        NearFeature(int(i), labels[int(i)].text if int(i) in labels else "", float(value))
        for i, value in zip(*pair, strict=True)
    ]


def _example(
    document: DocumentRow, activation: float, definitions: Sequence[FieldDefinition]
) -> ExampleDocument:
    about: list[str] = []
    for definition in definitions:
        value = document.fields.get(definition.name)
        if not value or len(about) == 2:
            continue
        if definition.type is FieldType.CATEGORY:
            about.append(clipped(str(value), LONGEST_ABOUT))
        elif definition.type is FieldType.DATE:
            about.append(date_field_text(str(value)))
    if document.words:
        about.append(f"{document.words:,} words" if document.words != 1 else "1 word")
    addresses = [d.name for d in definitions if d.type is FieldType.URL]
    says_something = bool(document.title or document.text.strip())
    heading = document.heading if says_something else f"Document {document.key}"
    return ExampleDocument(
        heading=clipped(heading, LONGEST_HEADING),
        beginning=clipped(document.text, LONGEST_BEGINNING) if document.title else "",
        about=about,
        url=next((str(document.fields[n]) for n in addresses if document.fields.get(n)), ""),
        activation=activation,
    )


def _fields(project: Project, sae: LoadedSae, control: TaskControl) -> _Fields:
    """The first category and the first date worth breaking down, in the order of the vectors."""
    definitions = project.documents.fields()
    category = next((d.name for d in definitions if _is_telling(project, d)), None)
    date = next((d.name for d in definitions if d.type is FieldType.DATE), None)
    wanted = [name for name in (category, date) if name is not None]
    if not wanted:
        return _Fields(definitions)
    columns = read_document_columns(project.database, definitions, wanted, control)
    places = np.searchsorted(columns.ids, sae.vectors.document_ids)
    places = np.minimum(places, max(0, len(columns.ids) - 1))
    known = columns.ids[places] == sae.vectors.document_ids
    categories: dict[str, Sequence[str | None]] = {}
    years: dict[str, np.ndarray] = {}
    if category is not None:
        cells = columns.cells[category]
        categories[category] = [
            str(cells[at]) if there and cells[at] else None
            for at, there in zip(places, known, strict=True)
        ]
    if date is not None:
        dates = columns.cells[date]
        years[date] = np.array(
            [
                year_with_fraction(str(dates[at])) if there and dates[at] else float("nan")
                for at, there in zip(places, known, strict=True)
            ]
        )
        if not np.isfinite(years[date]).any():
            years.clear()
    return _Fields(definitions, categories, years)


def _is_telling(project: Project, definition: FieldDefinition) -> bool:
    if definition.type is not FieldType.CATEGORY:
        return False
    counted = project.documents.category_counts(definition.name, limit=MOST_VALUES + 2)
    values = sum(bool(entry.value) for entry in counted)
    return FEWEST_VALUES <= values <= MOST_VALUES
