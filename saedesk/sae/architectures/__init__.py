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
        from saedesk.sae.architectures.topk import TopK

        _architectures = Registry("architecture", "saedesk.architectures")
        _architectures.add("topk", TopK)
    return _architectures


_architectures: Registry[type[Architecture]] | None = None
