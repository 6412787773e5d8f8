"""Features as rows: label, where it comes from, statistics, documents and neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from saedesk.features.exemplars import strongest_documents
from saedesk.features.labels.label_score import LabelScore
from saedesk.features.labels.label_scoring import SCORERS
from saedesk.features.labels.language_model.detection_score import DETECTION_F1, DETECTION_PEARSON
from saedesk.features.labels.shown_score import shown_score
from saedesk.features.latent_statistics import QUANTILES
from saedesk.jobs.label_file import tags_text
from saedesk.jobs.loaded_sae import LoadedSae, feature_row, open_analysed_sae, shown_label
from saedesk.jobs.table_writers import Kind, Row
from saedesk.project.document_keys import keys_of
from saedesk.project.feature_marks import FeatureMark
from saedesk.project.label_store import FeatureLabel
from saedesk.project.project_folder import Project
from saedesk.task_control import Progress, TaskControl

_STRONGEST_DOCUMENTS = 10
_NEAREST_FEATURES = 5
_COSINES_AT_ONCE = 2_000_000
"""8 MB of float32."""
_QUANTILE_NAMES = {f"q{round(100 * q):02d}": at for at, q in enumerate(QUANTILES) if q < 1}
"""“q05” is the value under which 5 % of the active values lie."""
_SCORERS = {
    name: name.replace(" ", "_").lower() for name in (*SCORERS, DETECTION_F1, DETECTION_PEARSON)
}
"""Of every scorer what its columns are called after."""

SCORE_KINDS: dict[str, Kind] = {
    "score": float,
    "score_low": float,
    "score_high": float,
    "score_documents": int,
    "scorer": str,
}
"""Columns of the score that stands for a label, in this table and in that of labels."""

_KINDS: dict[str, Kind] = {
    "feature": int,
    "label": str,
    "label_source": str,
    "starred": bool,
    "hidden": bool,
    "note": str,
    "tags": str,
    **SCORE_KINDS,
    "documents": int,
    "density": float,
    "mean": float,
    "maximum": float,
    "minimum": float,
    **dict.fromkeys(_QUANTILE_NAMES, float),
    "label_author": str,
    "label_changed": str,
    "label_versions": int,
    **{
        f"label_score_{name}{part}": int if part == "_documents" else float
        for name in _SCORERS.values()
        for part in ("", "_low", "_high", "_documents")
    },
}
_TEXT_KINDS: dict[str, Kind] = {"strongest_documents": str, "nearest_features": str}
_LIST_KINDS: dict[str, Kind] = {
    "strongest_documents": [{"key": str, "document": int, "activation": float}],
    "nearest_features": [{"feature": int, "label": str, "cosine": float}],
    "histogram": [int],
}


def feature_rows(
    project: Project, sae_hash: str, structured: bool, control: TaskControl
) -> tuple[Iterator[Row], dict[str, Kind]]:
    """One row for each feature of an analysed SAE, and the types of its columns.

    Statistics are those of the active values, None where a feature is never active.
    What a person marked the feature with, and the score that stands for its label, have the names
    they have in the table of labels. `label_changed` is the time of the last change (ISO, UTC).
    The ten strongest documents and the five nearest features (by the cosine of their directions)
    are lists of records where `structured`, and with them the histogram, 40 equal bins from
    minimum to maximum; else texts.
    Raises BadInput when the SAE is not analysed.
    """
    sae = open_analysed_sae(project, sae_hash)
    kinds = {**_KINDS, **(_LIST_KINDS if structured else _TEXT_KINDS)}
    return _Rows(project, sae, structured).make(control), kinds


class _Rows:
    def __init__(self, project: Project, sae: LoadedSae, structured: bool) -> None:
        self._project, self._sae, self._structured = project, sae, structured
        self._labels = project.labels.current(sae.hash)
        self._stars = project.labels.starred(sae.hash)
        self._scores = project.labels.scores(sae.hash)
        self._marks = project.marks.marks(sae.hash)

    def make(self, control: TaskControl) -> Iterator[Row]:
        n_latents = self._sae.n_latents
        at_once = max(1, _COSINES_AT_ONCE // max(1, n_latents))
        for start in range(0, n_latents, at_once):
            control.checkpoint()
            control.report(Progress(start, n_latents, "features"))
            latents = np.arange(start, min(start + at_once, n_latents))
            for latent, near in zip(latents, self._nearest(latents), strict=True):
                if latent % 50 == 0:
                    control.checkpoint()
                yield self._row(int(latent), near)

    def _row(self, latent: int, near: list[tuple[int, float]]) -> Row:
        statistics = self._sae.statistics
        is_active = bool(statistics.count[latent])
        history = self._project.labels.history(self._sae.hash, latent)
        label, mark = self._labels.get(latent), self._marks.get(latent, FeatureMark())
        scores = self._scores.get(latent, {}) if label is not None and label.text else {}
        return {
            **feature_row(self._sae, latent, self._labels, self._stars),
            "hidden": mark.hidden,
            "note": mark.note,
            "tags": tags_text(mark.tags),
            **score_cells(scores),
            "minimum": float(statistics.minimum[latent]) if is_active else None,
            **{
                name: float(statistics.quantiles[latent, at]) if is_active else None
                for name, at in _QUANTILE_NAMES.items()
            },
            "label_author": "" if label is None else label.author,
            "label_changed": _last_change(history),
            "label_versions": len(history),
            **_cells_by_scorer(scores),
            **self._surroundings(latent, near),
        }

    def _surroundings(self, latent: int, near: list[tuple[int, float]]) -> Row:
        sae = self._sae
        rows, values = strongest_documents(sae.activations, latent, _STRONGEST_DOCUMENTS)
        ids = sae.vectors.document_ids[rows]
        keys = keys_of(self._project.database, ids)
        if not self._structured:
            names = ((shown_label(self._labels.get(i), i), cosine) for i, cosine in near)
            return {
                "strongest_documents": "; ".join(key for key in keys if key is not None),
                "nearest_features": "; ".join(f"{name} {cosine:.4f}" for name, cosine in names),
            }
        return {
            "strongest_documents": [
                {"key": key, "document": int(id_), "activation": float(value)}
                for key, id_, value in zip(keys, ids, values, strict=True)
            ],
            "nearest_features": [
                {"feature": i, "label": _text(self._labels.get(i)), "cosine": cosine}
                for i, cosine in near
            ],
            "histogram": sae.statistics.histogram[latent].tolist(),
        }

    def _nearest(self, latents: np.ndarray) -> list[list[tuple[int, float]]]:
        """Of each latent the nearest others and their cosines, nearest first, ties by number."""
        directions = self._sae.directions
        cosines = np.asarray(directions[latents] @ directions.T, np.float32)
        cosines[np.arange(len(latents)), latents] = -np.inf
        count = min(_NEAREST_FEATURES, self._sae.n_latents - 1)
        found = []
        for row in cosines:
            # As many as there are at least as near as the last one wanted, because of ties.
            least = np.partition(row, -count)[-count] if count else np.inf
            among = np.flatnonzero(row >= least)
            order = among[np.argsort(-row[among], kind="stable")][:count]
            found.append([(int(i), float(row[i])) for i in order])
        return found


def score_cells(scores: Mapping[str, LabelScore]) -> Row:
    """The score that stands for a label, with its 95 % interval; None where there is none."""
    shown = shown_score(scores)
    if shown is None:
        return {name: "" if name == "scorer" else None for name in SCORE_KINDS}
    return {
        "score": round(shown.score, 4),
        "score_low": round(shown.low, 4),
        "score_high": round(shown.high, 4),
        "score_documents": shown.documents,
        "scorer": shown.scorer,
    }


def _cells_by_scorer(scores: Mapping[str, LabelScore]) -> Row:
    """The score of the label in force by each scorer, with its 95 % interval; None where none."""
    cells: Row = {}
    for scorer, name in _SCORERS.items():
        one = scores.get(scorer)
        cells |= {
            f"label_score_{name}": None if one is None else one.score,
            f"label_score_{name}_low": None if one is None else one.low,
            f"label_score_{name}_high": None if one is None else one.high,
            f"label_score_{name}_documents": None if one is None else one.documents,
        }
    return cells


def _last_change(history: list[FeatureLabel]) -> str:
    return max((label.created for label in history), default="")


def _text(label: FeatureLabel | None) -> str:
    return "" if label is None else label.text
