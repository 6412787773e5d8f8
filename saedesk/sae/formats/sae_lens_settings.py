"""What the settings of a SAELens folder mean, in the layout since 6.0 and those before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from saedesk.errors import BadCheckpoint
from saedesk.sae.formats.foreign_format import CheckpointFiles

NORMALISATIONS = {
    "none": "none",
    "expected_average_only_in": "none",
    "layer_norm": "standardised",
    "constant_norm_rescale": "fixed length",
}
"""Ours by SAELens' name."""
_NO_SAES = {
    "transcoder": "it predicts other vectors than those it sees",
    "skip_transcoder": "it predicts other vectors than those it sees",
    "jumprelu_transcoder": "it predicts other vectors than those it sees",
    "jumprelu_skip_transcoder": "it predicts other vectors than those it sees",
    "matching_pursuit": "how it stops differs from the matching pursuit of saedesk",
    "temporal": "it needs the vectors of a whole text in their order",
    "abstopk": "its activations can be negative",
}


def since_6_0(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings in the layout since 6.0, with what SAELens takes older ones to mean."""
    found = dict(settings)
    if _major_version(settings) >= 6:
        return found
    activation = str(found.get("activation_fn_str", found.get("activation_fn", "relu")))
    arguments = found.get("activation_fn_kwargs")
    if activation != "relu":
        found["architecture"] = activation
    if isinstance(arguments, Mapping) and "k" in arguments:
        found["k"] = arguments["k"]
    hook = str(found.get("hook_point", found.get("hook_name", "")))
    found.setdefault("reshape_activations", "hook_z" if "hook_z" in hook else "none")
    normalise = found.get("normalize_activations")
    if normalise is None or isinstance(normalise, bool):
        found["normalize_activations"] = "expected_average_only_in" if normalise else "none"
    return found


def _major_version(settings: Mapping[str, Any]) -> int:
    """Of the SAELens that wrote the settings; 0 where they do not say it."""
    metadata = settings.get("metadata")
    within = metadata.get("sae_lens_version") if isinstance(metadata, Mapping) else None
    major = str(settings.get("sae_lens_version") or within or "").split(".")[0]
    return int(major) if major.isascii() and major.isdigit() and len(major) < 9 else 0


def sentence_for_unknown(
    files: CheckpointFiles, architecture: str, settings: Mapping[str, Any], known: Iterable[str]
) -> str:
    """Why an SAE of this architecture is refused, and which are `known`."""
    why = _NO_SAES.get(architecture)
    if why is None and "d_out" in settings:
        why = _NO_SAES["transcoder"]
    reason = f": {why}" if why else ""
    return (
        f"{files.weights.name} has the architecture “{architecture[:60]}” of SAELens, which "
        f"saedesk cannot use{reason}. It reads {', '.join(known)}."
    )


def check_supported(files: CheckpointFiles, settings: Mapping[str, Any]) -> None:
    """Raise BadCheckpoint with one sentence for an input that saedesk cannot prepare."""
    name = files.weights.name
    normalise = str(settings.get("normalize_activations", "none"))
    if normalise not in NORMALISATIONS:
        raise BadCheckpoint(
            f"{name} normalises its input by “{normalise[:60]}”, which saedesk cannot do. "
            "Fold it into the weights with SAELens and save the SAE again."
        )
    reshape = settings.get("reshape_activations", "none")
    if reshape not in ("none", None):
        raise BadCheckpoint(
            f"{name} reshapes its input (“{str(reshape)[:60]}”), as SAEs of attention heads do; "
            "saedesk takes vectors as they are."
        )
    if "d_out" in settings and settings["d_out"] != settings.get("d_in"):
        raise BadCheckpoint(
            f"{name} is a transcoder: it predicts other vectors than those it sees."
        )
