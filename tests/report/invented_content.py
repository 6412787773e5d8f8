"""A report about things that do not exist, to be varied by the tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from saedesk.features.field_breakdown import CategoryShare
from saedesk.features.latent_statistics import ActivationCounts
from saedesk.report.report_content import (
    Bins,
    Command,
    CorpusPart,
    ExampleDocument,
    FamiliesPart,
    FamilyCard,
    FamilyMember,
    FeatureCard,
    FeaturesPart,
    FieldShares,
    FieldSummary,
    ImportedFile,
    MadeThing,
    NearFeature,
    OverTime,
    ReportContent,
    RunRow,
    SaePart,
    StoredFile,
    VectorsPart,
)
from saedesk.sae.training_curve import TrainingStep

MADE = "2026-01-02T03:04:05+00:00"
COUNTS = ActivationCounts(
    np.linspace(0.1, 0.5, 5), np.array([10, 5, 0, 1]), 16, np.array([0.17, 0.25, 0.45])
)


def curve(steps: int = 5) -> list[TrainingStep]:
    """A training that gets better; the FVU is measured at every second step."""
    return [
        TrainingStep(
            10 * (at + 1), 100, 0.9 - 0.01 * at, 0.5 if at % 2 else None, 4.0, 0.0, 1e4, 1e-3
        )
        for at in range(steps)
    ]


def card(latent: int = 1, text: str = "Dark matter", **changes: Any) -> FeatureCard:
    """A feature in full, all of whose texts are `text`."""
    made = FeatureCard(
        latent=latent,
        label=text,
        source=text,
        starred=True,
        documents=16,
        density=0.16,
        mean=0.2,
        maximum=0.5,
        activations=COUNTS,
        strongest=[ExampleDocument(text, text, (text, "2019"), text, 0.5)],
        nearest=[NearFeature(0, text, 0.61), NearFeature(2, "", -0.1)],
        together=[NearFeature(2, text, 0.25)],
        fields=[FieldShares(text, [CategoryShare(text, 0.75, 0.5, 12)])],
        over_time=OverTime(text, np.arange(2015.0, 2020.0), np.array([0.1, np.nan, 0.2, 0.3])),
    )
    return replace(made, **changes)


def features(text: str = "Dark matter", cards: int = 1) -> FeaturesPart:
    """Three features, the last without a label and never active."""
    return FeaturesPart(
        cards=[card(1, text)] if cards else [],
        labels={0: text, 1: text},
        density=np.array([0.02, 0.16, 0.0]),
        documents=np.array([2, 16, 0]),
        n_documents=100,
        label_sources=[(text, 2)],
    )


def members(text: str) -> list[FamilyMember]:
    """A family of two."""
    return [FamilyMember(1, text, 0, 16, None), FamilyMember(0, text, 1, 2, 0.5)]


def content(text: str = "Dark matter", **changes: Any) -> ReportContent:
    """A whole report, every text of which is `text`."""
    bins = Bins(np.arange(2015.0, 2018.0), np.array([3, 4]), 2016.0, "years", is_whole=True)
    made = ReportContent(
        name=text,
        created=MADE,
        written="2026-02-03T04:05:06+00:00",
        program="saedesk 1.2.3",
        corpus=CorpusPart(
            documents=100,
            without_text=1,
            imports=[ImportedFile(text, MADE, 103, 100, 2, 1, 1, text, 5000, {text: 3})],
            fields=[
                FieldSummary(text, "category", 99, [(text, 60), ("other", 39)], 5),
                FieldSummary(text, "date", 7, bins=bins),
                FieldSummary(text, "url", 3),
            ],
            words=Bins(np.linspace(1, 41, 5), np.array([50, 30, 0, 20]), 400.0),
            median_words=12.0,
        ),
        vectors=VectorsPart(text, 100, 384, "float32", unusable=1, truncated=2),
        sae=SaePart(
            name=text,
            hash="0123456789abcdef",
            architecture=text,
            about=text,
            n_latents=3,
            k=4,
            held_out_fvu=0.4321,
            held_out_share=0.05,
            corpus_fvu=0.41,
            l0=3.97,
            never_active=1,
            encoder=text,
            settings=[(text, text)],
            remarks=[text],
            curve=curve(),
        ),
        runs=[
            RunRow(text, "0123456789abcdef", text, 3, 4, 4.0, 0.4321, True),
            RunRow("Run 2", "fedcba9876543210", "ReLU", 5, None, None, None, False),
        ],
        features=features(text),
        families=FamiliesPart(
            3,
            9,
            [
                FamilyCard(
                    [FamilyMember(1, text, 0, 16, None), FamilyMember(0, text, 1, 2, 0.5)], 0.5
                )
            ],
        ),
        record=[
            MadeThing(
                text,
                text,
                MADE,
                True,
                [(text, text)],
                [(text, text)],
                [(text, text)],
                [StoredFile(text, 12, text)],
            )
        ],
        commands=[Command(text, text)],
    )
    return replace(made, **changes)
