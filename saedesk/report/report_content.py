"""Everything a report says, as plain data; `report_page.render` turns it into a page.

Texts are those of people and documents, as they are: the page escapes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from saedesk.features.field_breakdown import CategoryShare
from saedesk.features.latent_statistics import ActivationCounts
from saedesk.sae.training_curve import TrainingStep


@dataclass(frozen=True)
class Bins:
    """How often values lie between edges."""

    edges: np.ndarray
    """(bins + 1,) float64, ascending."""
    counts: np.ndarray
    """(bins,) int64; the last bin has all values above it too."""
    highest: float
    """The largest value, perhaps far above the last edge."""
    unit: str = ""
    """"years" for dates and for numbers that are years, which are not written with commas."""
    is_whole: bool = False
    """Whether every bin is one whole number."""


@dataclass(frozen=True)
class ImportedFile:
    """One import, its numbers adding up: read = kept + rejected + duplicates."""

    source: str
    """The file by its name, without a folder."""
    created: str
    """ISO time, UTC."""
    read: int
    kept: int
    rejected: int
    duplicates: int
    empty_texts: int
    encoding: str
    """"" where the file has none."""
    size_bytes: int
    unreadable_values: Mapping[str, int] = field(default_factory=dict)
    """By field: cells that were no number or date."""


@dataclass(frozen=True)
class FieldSummary:
    """What the documents say in one field."""

    name: str
    type: str
    """One of the values of `corpus.document.FieldType`."""
    known: int
    """Documents that say something."""
    values: Sequence[tuple[str, int]] = ()
    """The most frequent values of a category with their documents, most first."""
    n_values: int = 0
    """How many values a category has in all."""
    bins: Bins | None = None
    """Numbers, degrees, or years with fractions for dates; None for texts."""


@dataclass(frozen=True)
class CorpusPart:
    """The documents."""

    documents: int
    without_text: int
    imports: Sequence[ImportedFile]
    fields: Sequence[FieldSummary]
    words: Bins | None
    """Words in title and text of a document; None where no document has a word."""
    median_words: float = 0.0


@dataclass(frozen=True)
class VectorsPart:
    """The vectors that the SAE, or a search, reads."""

    model: str
    """Name of the encoder; "" where it is not known."""
    documents: int
    dimensions: int
    precision: str
    """"" where it is not known."""
    unusable: int = 0
    """Vectors that are zero or not finite; left out everywhere."""
    truncated: int = 0
    """Texts of which the encoder read only the beginning."""
    imported: bool = False
    """Whether they came from a file instead of being made here."""


@dataclass(frozen=True)
class RunRow:
    """One SAE of the project, for the table of all."""

    name: str
    hash: str
    architecture: str
    n_latents: int
    k: int | None
    l0: float | None
    fvu: float | None
    """On held-out documents, of a loaded SAE on all; None where it was not measured."""
    in_report: bool


@dataclass(frozen=True)
class SaePart:
    """The SAE and what was measured of it."""

    name: str
    hash: str
    architecture: str
    """Title for a person."""
    about: str
    """A sentence on the architecture."""
    n_latents: int
    k: int | None
    held_out_fvu: float | None
    """Σ‖x−x̂‖² / Σ‖x−mean‖² on documents that the training never saw."""
    held_out_share: float | None
    corpus_fvu: float | None
    """The same over all documents of the project."""
    l0: float | None
    """Features active in a document, mean over all documents; of the last batch before that."""
    never_active: int | None
    """Features active in no document; None before the analysis."""
    encoder: str
    """How documents are encoded, where that is not the SAE's own encoder; else ""."""
    settings: Sequence[tuple[str, str]]
    """Name and value of the settings of the training, or of those the file told."""
    remarks: Sequence[str] = ()
    """What is worth knowing, each a sentence with its number and what to do."""
    curve: Sequence[TrainingStep] = ()
    """() for an SAE that was not trained here."""
    loaded_format: str = ""
    """Which library's format it was loaded from; "" for one trained here."""
    loaded_file: str = ""
    """Name of the file or folder it was loaded from, without the way there."""
    loaded_notes: Sequence[str] = ()


@dataclass(frozen=True)
class ExampleDocument:
    """A document in which a feature is strong."""

    heading: str
    beginning: str
    """The beginning of the text; "" where the heading is that already."""
    about: Sequence[str]
    """Category and date, as far as there are."""
    url: str
    """Its address, as the document has it; linked only where it is http or https."""
    activation: float


@dataclass(frozen=True)
class NearFeature:
    """A feature near another one."""

    latent: int
    label: str
    value: float
    """Cosine of the directions, or the share of this one's documents."""


@dataclass(frozen=True)
class FieldShares:
    """In which categories a feature fires."""

    field: str
    shares: Sequence[CategoryShare]


@dataclass(frozen=True)
class OverTime:
    """The share of each period's documents in which a feature fires."""

    field: str
    edges: np.ndarray
    """(p + 1,) years."""
    shares: np.ndarray
    """(p,); NaN where a period has no document."""


@dataclass(frozen=True)
class FeatureCard:
    """One feature in full."""

    latent: int
    label: str
    """"" where it has none."""
    source: str
    """Who or what gave the label, in words; "" where it has none."""
    starred: bool
    documents: int
    density: float
    mean: float
    maximum: float
    activations: ActivationCounts
    strongest: Sequence[ExampleDocument]
    nearest: Sequence[NearFeature]
    together: Sequence[NearFeature]
    fields: Sequence[FieldShares] = ()
    over_time: OverTime | None = None


@dataclass(frozen=True)
class FeaturesPart:
    """All features in short and some in full."""

    cards: Sequence[FeatureCard]
    """Densest first."""
    labels: Mapping[int, str]
    """Labels by latent; features without one are missing."""
    density: np.ndarray
    """(m,) share of the documents in which each feature is active."""
    documents: np.ndarray
    """(m,) number of those documents."""
    n_documents: int
    """Documents that were analysed."""
    label_sources: Sequence[tuple[str, int]]
    """Who or what gave the labels, and how many."""


@dataclass(frozen=True)
class FamilyMember:
    """A feature in the tree of its family."""

    latent: int
    label: str
    """"" where it has none."""
    depth: int
    """0 for the root, 1 right below it, and so on."""
    documents: int
    weight: float | None
    """Share of its documents that its parent has too, as the settings measure it; None for the
    root."""


@dataclass(frozen=True)
class FamilyCard:
    """One family: its root first, then everything below it, branch after branch."""

    members: Sequence[FamilyMember]
    strength: float
    """Mean of the weights."""
    name: str = ""
    """A person's name or the family's label; "" for the label of the root."""
    remark: str = ""
    """What a person did to it, in a few words; "" for nothing."""


@dataclass(frozen=True)
class FamiliesPart:
    """The families of the SAE's features."""

    families: int
    features: int
    """In any family."""
    cards: Sequence[FamilyCard]
    """The largest, largest first."""
    hidden: int = 0
    """Families that a person hid; they are in no other number here."""


@dataclass(frozen=True)
class StoredFile:
    """A file of the project's folder."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class MadeThing:
    """How one thing of the project was made: enough to make it again and to check it."""

    title: str
    hash: str
    created: str
    """ISO time, UTC; "" where it is not known."""
    in_report: bool
    """Whether this report shows what is in it."""
    made_from: Sequence[tuple[str, str]]
    """Inputs and versions, by name."""
    settings: Sequence[tuple[str, str]] = ()
    came_out: Sequence[tuple[str, str]] = ()
    """Counts, measures, times."""
    files: Sequence[StoredFile] = ()


@dataclass(frozen=True)
class Command:
    """A line for a terminal."""

    line: str
    remark: str = ""
    """What one has to know before running it."""


@dataclass(frozen=True)
class ReportContent:
    """A whole report."""

    name: str
    """Name of the project."""
    created: str
    """ISO time at which the project was made."""
    written: str
    """ISO time of the report."""
    program: str
    """Name and version of the program."""
    corpus: CorpusPart
    vectors: VectorsPart | None = None
    sae: SaePart | None = None
    runs: Sequence[RunRow] = ()
    features: FeaturesPart | None = None
    """None before the SAE is analysed."""
    families: FamiliesPart | None = None
    """None before they are found."""
    record: Sequence[MadeThing] = ()
    commands: Sequence[Command] = ()
