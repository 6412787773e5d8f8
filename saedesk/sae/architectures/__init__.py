"""The architectures saedesk can train. A new one is a file here and a line in `ARCHITECTURES`.

An architecture is a class like `topk.TopK`: its `Config`, `initialise`, `gradients`,
`constrain_gradients`, `constrain_parameters` and `encode`. Other distributions add theirs through
the entry-point group "saedesk.architectures".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from saedesk.registry import Registry

if TYPE_CHECKING:
    from saedesk.sae.architectures.architecture import Architecture


def architectures() -> Registry[type[Architecture]]:
    """All architectures by name."""
    global _architectures
    if _architectures is None:
        from saedesk.sae.architectures.batch_topk import BatchTopK
        from saedesk.sae.architectures.gated import Gated
        from saedesk.sae.architectures.jump_relu import JumpRelu
        from saedesk.sae.architectures.matching_pursuit import MatchingPursuit
        from saedesk.sae.architectures.matryoshka import Matryoshka
        from saedesk.sae.architectures.relu_l1 import ReluL1
        from saedesk.sae.architectures.top_afa import TopAfa
        from saedesk.sae.architectures.topk import TopK

        _architectures = Registry("architecture", "saedesk.architectures")
        _architectures.add("topk", TopK)
        _architectures.add("batch_topk", BatchTopK)
        _architectures.add("matryoshka", Matryoshka)
        _architectures.add("top_afa", TopAfa)
        _architectures.add("gated", Gated)
        _architectures.add("jump_relu", JumpRelu)
        _architectures.add("relu_l1", ReluL1)
        _architectures.add("matching_pursuit", MatchingPursuit)
    return _architectures


_architectures: Registry[type[Architecture]] | None = None
