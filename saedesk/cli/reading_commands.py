"""features, feature, search: reading what an SAE found, and steering with it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saedesk.cli.command_line import common_options
from saedesk.cli.score_labels_command import score_content, shown_score
from saedesk.cli.search_options import (
    add_steer_option,
    add_where_option,
    parse_strength,
    parse_where,
)
from saedesk.cli.terminal import TerminalControl, answer, table

if TYPE_CHECKING:
    from saedesk.jobs.search_documents import ResultRow, SearchAnswer

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

    search = subparsers.add_parser("search", help="search the documents, steered by features")
    common_options(search)
    search.add_argument(
        "query", metavar="QUERY", nargs="?", default="", help="what to look for; or --like"
    )
    search.add_argument(
        "--like",
        metavar="KEY",
        action="append",
        default=[],
        help="search with this document instead of a text; several are searched with together",
    )
    add_steer_option(search)
    add_where_option(search)
    search.add_argument("--top", type=int, default=10)
    search.add_argument("--sae", default="", help="hash of the SAE (otherwise the one in use)")
    search.set_defaults(run=run_search)


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


def run_search(arguments: argparse.Namespace, control: TerminalControl) -> int:
    """`saedesk search PROJECT QUERY` or `saedesk search PROJECT --like KEY`."""
    from saedesk.errors import BadInput, BadSetting
    from saedesk.jobs.loaded_sae import open_analysed_sae
    from saedesk.jobs.search_documents import SearchEngine, check_strengths
    from saedesk.project.artifact_readers import open_vectors
    from saedesk.project.document_keys import documents_with_keys
    from saedesk.project.project_folder import Project

    if bool(arguments.query.strip()) == bool(arguments.like):
        raise BadSetting("Give either QUERY, a text to look for, or --like with a document’s key.")
    with Project.open_or_read(Path(arguments.project)) as project:
        record = project.current("vectors")
        if record is None:
            raise BadInput(f"{project.name} has no vectors yet. Run “saedesk embed” first.")
        has_sae = project.current("saes") is not None or arguments.sae
        sae = open_analysed_sae(project, arguments.sae) if has_sae else None
        vectors = open_vectors(project, record) if sae is None else sae.vectors
        strengths = tuple(parse_strength(entry) for entry in arguments.steer)
        plan = check_strengths(strengths, 0 if sae is None else sae.n_latents)
        engine = SearchEngine(project, vectors, sae)
        like = documents_with_keys(project.database, arguments.like)
        query = engine.documents_query(like) if like else engine.take_apart(arguments.query)
        wanted = parse_where(project, arguments.where)
        found = engine.answer(arguments.query, query, plan, max(1, arguments.top), wanted, like)
        labels = {} if sae is None else project.labels.current(sae.hash)
    content = _search_content(found, {i: label.text for i, label in labels.items()})
    content["like"] = arguments.like
    answer(content, _search_text(content), as_json=arguments.json)
    return 0


def _search_content(found: SearchAnswer, labels: dict[int, str]) -> dict[str, Any]:
    query = found.query
    strengths = dict(found.plan.strengths)
    typed = {int(i): float(v) for i, v in zip(query.latents, query.values, strict=True)}
    return {
        "query": found.text,
        "cosine": found.cosine,
        "kept": found.kept,
        "exact": found.exact,
        "passed": found.passed,
        "features": [
            {
                "feature": latent,
                "label": labels.get(latent, ""),
                "typed": typed.get(latent, 0.0),
                "strength": strengths.get(latent, 0.0),
            }
            for latent in [*typed, *(i for i in strengths if i not in typed)]
        ],
        "results": [_result(row, labels) for row in found.steered],
        "plain": [_result(row, labels) for row in found.plain],
    }


def _result(row: ResultRow, labels: dict[int, str]) -> dict[str, Any]:
    return {
        "rank": row.rank,
        "rank_before": row.rank_before,
        "key": row.document.key,
        "title": row.document.heading,
        "score": row.score,
        "score_before": row.score_before,
        "contributions": [
            {
                "feature": part.latent,
                "label": "" if part.latent is None else labels.get(part.latent, ""),
                "value": part.value,
                "kind": part.kind,
            }
            for part in row.contributions
        ],
    }


def _search_text(content: dict[str, Any]) -> str:
    rows = [
        (r["rank"], r["rank_before"] or "–", f"{r['score']:.3f}", r["title"])
        for r in content["results"]
    ]
    features = [
        (f["feature"], f["label"], f"{f['typed']:.3f}", f"{f['strength']:+.3f}")
        for f in content["features"]
    ]
    return "\n".join(
        [
            table(("Rank", "Before", "Score", "Document"), rows, right=(0, 1, 2)),
            "",
            table(("Feature", "Label", "In the query", "Steered by"), features, right=(0, 2, 3)),
            *_like_text(content["like"]),
            "",
            f"Cosine to the query as typed {content['cosine']:.3f}; "
            f"{content['kept']} of {len(content['plain'])} results kept.",
        ]
    )


def _like_text(keys: list[str]) -> list[str]:
    if not keys:
        return []
    what = "is the document" if len(keys) == 1 else "are the documents"
    return ["", f"The query {what} {', '.join(keys)}, left out of the results."]
