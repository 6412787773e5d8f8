"""The ways to encode with a trained dictionary. A new one is a file here and a line below.

What a linear map and a pointwise function find is not the best sparse code: for K-sparse sources
behind fewer measurements the gap cannot be closed by training ("Compute Optimal Inference and
Provable Amortisation Gap", arXiv:2411.13117). Encoders that search for each document
close part of it, at a price in time. How much they gain is a property of the dictionary: "Stop
Probing, Start Coding" (arXiv:2603.28744) finds that with a badly learned one better inference
changes little. `encoder_fidelity` measures it. Other distributions add encoders through the
entry-point group "saedesk.encoders".
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from saedesk.errors import BadSetting
from saedesk.registry import Registry

if TYPE_CHECKING:
    from saedesk.sae.encoders.encoder import Encoder

OWN = "own"


def encoders() -> Registry[type[Encoder]]:
    """All encoders by name."""
    global _encoders
    if _encoders is None:
        from saedesk.sae.encoders.matching_pursuit import MatchingPursuit
        from saedesk.sae.encoders.optimised import Optimised
        from saedesk.sae.encoders.own import Own
        from saedesk.sae.encoders.threshold import Threshold

        _encoders = Registry("encoder", "saedesk.encoders")
        for encoder in (Own, Threshold, MatchingPursuit, Optimised):
            _encoders.add(encoder.name, encoder)
    return _encoders


def make_encoder(name: str = OWN, settings: Mapping[str, Any] | None = None) -> Encoder:
    """The encoder called `name`; settings that are not given have their defaults.

    Raises BadSetting for an unknown encoder or setting, or one out of range.
    """
    encoder = encoders().get(name)
    known = [field.name for field in dataclasses.fields(encoder.Settings)]
    for setting in settings or {}:
        if setting not in known:
            there = f"It has {', '.join(known)}." if known else "It has none."
            raise BadSetting(f"“{setting}” is no setting of the encoder “{name}”. {there}")
    chosen = encoder.Settings(**(settings or {}))
    chosen.check()
    return encoder(chosen)


_encoders: Registry[type[Encoder]] | None = None
