"""features, feature: reading what an SAE found."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from saedesk.cli.command_line import common_options
from saedesk.cli.score_labels_command import score_content, shown_score
from saedesk.cli.terminal import TerminalControl, answer, table

_SORTS = ("density", "maximum", "label", "feature")


def add_commands(subparsers: Any) -> None:
    """Add the commands of this module."""
    features = subparsers.add_parser("features", help="list features")
    common_options(features)
    features.add_argument("--sort", default="density", choices=_SORTS)
    features.add_argument("--filter", default="", help="only labels that contain this text")
    features.add_argument("--top", type=int, default=20)
    features.add_argument("--sae", default="", help="hash of the SAE (otherwise the one in use)")
    features.set_defaults(run=run_features)

    feature = subparsers.add_parser("feature", help="everything about one feature")
    common_options(feature)
    feature.add_argument("id", type=int, metavar="ID")
    feature.add_argument("--top", type=int, default=10, help="documents to show")
    feature.add_argument("--sae", default="", help="hash of the SAE (otherwise the one in use)")
    feature.set_defaults(run=run_feature)


def run_features(arguments: argparse.Namespace, control: TerminalControl) -> int:
    """`saedesk features PROJECT`."""
    from saedesk.jobs.loaded_sae import feature_row, open_analysed_sae
    from saedesk.project.project_folder import Project

    with Project.open(Path(arguments.project), read_only=True) as project:
        sae = open_analysed_sae(project, arguments.sae)
        labels, stars = project.labels.current(sae.hash), project.labels.starred(sae.hash)
        scores = project.labels.scores(sae.hash)
    rows = [
        {
            **feature_row(sae, latent, labels, stars),
            "label_scores": score_content(scores.get(latent, {})),
        }
        for latent in range(sae.n_latents)
    ]
    wanted = arguments.filter.lower()
    rows = [row for row in rows if wanted in row["label"].lower()]
    key = {
        "density": lambda row: -row["density"],
        "maximum": lambda row: -(row["maximum"] or 0.0),
        "label": lambda row: (not row["label"], row["label"].lower()),
        "feature": lambda row: row["feature"],
    }[arguments.sort]
    rows = sorted(rows, key=key)[: max(0, arguments.top)]
    text = table(
        ("Feature", "Label", "Score", "Documents", "Density", "Strongest"),
        [
            (
                row["feature"],
                row["label"],
                shown_score(scores.get(row["feature"], {})),
                f"{row['documents']:,}",
                f"{100 * row['density']:.2f} %",
                "" if row["maximum"] is None else f"{row['maximum']:.3f}",
            )
            for row in rows
        ],
        right=(0, 3, 4, 5),
    )
    answer(rows, text, as_json=arguments.json)
    return 0


def run_feature(arguments: argparse.Namespace, control: TerminalControl) -> int:
    """`saedesk feature PROJECT ID`."""
    from saedesk.errors import BadInput
    from saedesk.features.exemplars import strongest_documents
    from saedesk.features.feature_neighbours import active_together, nearest_by_direction
    from saedesk.features.latent_statistics import QUANTILES
    from saedesk.jobs.loaded_sae import feature_row, open_analysed_sae
    from saedesk.project.project_folder import Project

    with Project.open(Path(arguments.project), read_only=True) as project:
        sae = open_analysed_sae(project, arguments.sae)
        latent = arguments.id
        if not 0 <= latent < sae.n_latents:
            raise BadInput(
                f"There is no feature {latent}; they are numbered 0 to {sae.n_latents - 1}."
            )
        labels, stars = project.labels.current(sae.hash), project.labels.starred(sae.hash)
        scores = project.labels.scores(sae.hash).get(latent, {})
        rows, values = strongest_documents(sae.activations, latent, max(0, arguments.top))
        documents = project.documents.rows(sae.vectors.document_ids[rows])

    def neighbours(pair: Any, name: str) -> list[dict[str, Any]]:
        return [
            {
                "feature": int(i),
                "label": labels[int(i)].text if int(i) in labels else "",
                name: float(v),
            }
            for i, v in zip(*pair, strict=True)
        ]

    content = {
        **feature_row(sae, latent, labels, stars),
        "label_scores": score_content(scores),
        "quantiles": {
            str(q): None if v != v else float(v)
            for q, v in zip(QUANTILES, sae.statistics.quantiles[latent], strict=True)
        },
        "strongest_documents": [
            {"key": d.key, "title": d.heading, "activation": float(v)}
            for d, v in zip(documents, values, strict=True)
        ],
        "nearest_by_direction": neighbours(
            nearest_by_direction(sae.directions, latent, 5), "cosine"
        ),
        "active_together": neighbours(active_together(sae.activations, latent, 5), "share"),
    }
    answer(content, _feature_text(content), as_json=arguments.json)
    return 0


def _feature_text(content: dict[str, Any]) -> str:
    lines = [
        f"Feature {content['feature']}: {content['label'] or 'no label yet'}",
        *_score_lines(content["label_scores"]),
        f"Active in {content['documents']:,} documents ({100 * content['density']:.2f} %)",
        "",
        table(
            ("Activation", "Document"),
            [(f"{d['activation']:.3f}", d["title"]) for d in content["strongest_documents"]],
        ),
        "",
        table(
            ("Cosine", "Nearest by direction"),
            [(f"{n['cosine']:.2f}", n["label"]) for n in content["nearest_by_direction"]],
        ),
    ]
    return "\n".join(lines)


def _score_lines(scores: dict[str, dict[str, Any]]) -> list[str]:
    return [
        f"Label score ({scorer}): {one['score']:.2f}, 95 % interval {one['low']:.2f} to "
        f"{one['high']:.2f}, on {one['documents']:,} documents"
        for scorer, one in scores.items()
    ]
