"""A small corpus that reads like abstracts: topics that an embedding keeps apart, typed fields."""

from __future__ import annotations

import csv
import random
from pathlib import Path

TOPICS = {
    "Cosmology": (
        "dark matter halos",
        "galaxy clusters",
        "weak gravitational lensing",
        "the cosmic microwave background",
        "large-scale structure",
        "baryon acoustic oscillations",
    ),
    "Exoplanets": (
        "transiting exoplanets",
        "hot Jupiter atmospheres",
        "radial velocity surveys",
        "planet formation in discs",
        "habitable zones of red dwarfs",
        "stellar activity",
    ),
    "Machine learning": (
        "convolutional neural networks",
        "self-supervised learning",
        "gradient descent",
        "generative adversarial training",
        "graph neural networks",
        "reinforcement learning",
    ),
    "Language": (
        "machine translation",
        "named entity recognition",
        "sentiment of product reviews",
        "question answering",
        "word embeddings",
        "summaries of long documents",
    ),
    "Biology": (
        "protein folding",
        "gene expression in single cells",
        "bacterial resistance",
        "phylogenetic trees",
        "enzyme kinetics",
        "the immune response to viruses",
    ),
    "Economics": (
        "inflation expectations",
        "minimum wages and employment",
        "auctions with many bidders",
        "central bank communication",
        "trade between neighbouring countries",
        "household debt",
    ),
}
"""Category of a document -> what such documents are about."""

TITLES = (
    "A new look at {a}",
    "On the relation between {a} and {b}",
    "{A} from ten years of data",
    "How far does {a} explain {b}?",
    "Measuring {a} with small samples",
    "{A} and {b} revisited",
)
SENTENCES = (
    "We study {a} and its connection to {b}.",
    "Earlier work on {b} left the role of {a} open.",
    "Our data cover {n} independent measurements of {a}.",
    "We find that {a} can be predicted from {b} within a few percent.",
    "The result holds when {b} is measured with an independent method.",
    "This suggests that models of {a} need to take {b} into account.",
    "We publish the catalogue of {a} together with the code.",
    "Uncertainties are dominated by {b}.",
)
COLUMNS = ("id", "title", "abstract", "category", "date", "citations", "url")


def write_abstracts(path: Path, count: int = 120, seed: int = 7) -> Path:
    """A CSV of `count` documents with key, title, text, category, date, number and url."""
    choose = random.Random(seed)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number in range(count):
            writer.writerow(_row(number, choose))
    return path


def _row(number: int, choose: random.Random) -> tuple[str, ...]:
    category = list(TOPICS)[number % len(TOPICS)]
    a, b = choose.sample(TOPICS[category], 2)
    words = {"a": a, "b": b, "A": a[0].upper() + a[1:], "n": str(choose.randint(40, 4000))}
    sentences = choose.sample(SENTENCES, choose.randint(3, 5))
    date = f"{2005 + number % 18}-{1 + number % 12:02d}-{1 + number % 27:02d}"
    return (
        f"{number:04d}",
        choose.choice(TITLES).format(**words),
        " ".join(sentence.format(**words) for sentence in sentences),
        category,
        date,
        str(choose.randint(0, 300)),
        f"https://example.org/{number:04d}",
    )
