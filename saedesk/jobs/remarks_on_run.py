"""What a finished run shows that a person should know: dead features, memorising, absorption."""

from __future__ import annotations

from dataclasses import replace
from statistics import fmean

from saedesk.errors import KnownError
from saedesk.features.absorption import suspected_absorption
from saedesk.jobs.curve_parts import read_curve
from saedesk.jobs.load_sae import is_loaded
from saedesk.jobs.loaded_sae import LoadedSae, open_sae
from saedesk.project.manifest import ArtifactRecord
from saedesk.project.project_folder import Project
from saedesk.sae.training_warnings import Remark

MANY_DEAD = 0.1
LARGE_GAP = 1.3
"""On 28,000 abstracts the held-out FVU is 1.12 to 1.18 times that of the training documents for
dictionaries whose features a second seed finds again, and 1.5 times for one that nobody finds."""
_ADVICE_IF_LOADED = {
    "dead": "It was made for other documents; what is active here describes these.",
    "absorption": "Read the special features together with the general one.",
}
LAST_SHARE = 0.1
"""The training's own FVU is the mean over this last share of the curve."""


def remarks_on_run(project: Project, record: ArtifactRecord) -> tuple[Remark, ...]:
    """The remarks on an SAE of the project; well under a second.

    What needs its analysis is left out before there is one, or where it cannot be read.
    """
    try:
        sae = open_sae(project, record)
    except KnownError:
        sae = None
    found = [_dead(record, sae), _memorising(project, record)]
    if sae is not None:
        found.append(_absorption(project, record, sae))
    return tuple(_fitting(remark, record) for remark in found if remark is not None)


def _fitting(remark: Remark, record: ArtifactRecord) -> Remark:
    """With advice that can be followed: nobody here can train a loaded SAE otherwise."""
    if not is_loaded(record):
        return remark
    return replace(remark, advice=_ADVICE_IF_LOADED.get(remark.kind, remark.advice))


def _dead(record: ArtifactRecord, sae: LoadedSae | None) -> Remark | None:
    """Never active in the corpus, or, before the analysis, in the last epoch of the training."""
    n_latents = int(record.summary["n_latents"])
    if sae is not None:
        count, what = int(sae.statistics.never_active.sum()), "are active in no document"
    else:
        share = float(record.summary.get("dead_share") or 0.0)
        count, what = round(share * n_latents), "were not used in the last epoch"
    if count < MANY_DEAD * n_latents:
        return None
    return Remark(
        "dead",
        f"{count:,} of {n_latents:,} features ({100 * count / n_latents:.0f} %) {what}.",
        count / n_latents,
        "Choose fewer features, a larger weight of AuxK, or resampling.",
    )


def _memorising(project: Project, record: ArtifactRecord) -> Remark | None:
    held_out = record.summary.get("fvu")
    try:
        curve = read_curve(project, record)
    except KnownError:
        return None
    if not curve or not held_out:
        return None
    last = curve[-max(1, round(LAST_SHARE * len(curve))) :]
    trained = fmean(step.reconstruction_loss for step in last)
    if trained <= 0 or held_out / trained < LARGE_GAP:
        return None
    return Remark(
        "memorising",
        f"The FVU is {held_out:.3f} on held-out documents and {trained:.3f} on those trained on, "
        f"{100 * (held_out / trained - 1):.0f} % more: the dictionary memorises documents.",
        held_out / trained,
        "Choose fewer features or a smaller k, stop early, or import more documents.",
    )


def _absorption(project: Project, record: ArtifactRecord, sae: LoadedSae) -> Remark | None:
    pairs = suspected_absorption(sae.vectors.values, sae.decoder, sae.activations)
    if not pairs:
        return None
    worst = pairs[0]
    labels = project.labels.current(record.hash)
    general, special = (
        f"“{labels[latent].text}”" if latent in labels and labels[latent].text else f"{latent}"
        for latent in (worst.general, worst.special)
    )
    pairs_text = "One pair" if len(pairs) == 1 else f"{len(pairs):,} pairs"
    return Remark(
        "absorption",
        f"{pairs_text} of features look like absorption: feature {general} is silent in "
        f"{worst.silent} of {worst.documents} documents of feature {special} that lie as far in "
        "its direction as its own.",
        len(pairs),
        "Read the special features together with the general one; fewer features, or an "
        "architecture with nested sizes, have less of it.",
        (worst.general, worst.special),
    )
