"""Look inside text embeddings: train sparse autoencoders, read their features, steer a search.

    import saedesk
    vectors = saedesk.load_vectors("vectors.npy")
    sae = saedesk.train(vectors, n_latents=768, k=8, epochs=40)
    codes = sae.encode(vectors)
    project = saedesk.open_project("abstracts.saedesk")

Importing saedesk loads neither torch nor Qt; the first call that needs torch does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from saedesk.embedding.vector_files.loading import load_vectors as load_vectors
    from saedesk.jobs.opened_project import open_project as open_project
    from saedesk.sae.formats.any_format import load_sae as load_sae
    from saedesk.sae.training import train as train
    from saedesk.search.steered_vectors import steer_vectors as steer

__version__ = "0.1.0"
__all__ = ["__version__", "load_sae", "load_vectors", "open_project", "steer", "train"]

_HOMES = {
    "train": ("saedesk.sae.training", "train"),
    "load_sae": ("saedesk.sae.formats.any_format", "load_sae"),
    "load_vectors": ("saedesk.embedding.vector_files.loading", "load_vectors"),
    "open_project": ("saedesk.jobs.opened_project", "open_project"),
    "steer": ("saedesk.search.steered_vectors", "steer_vectors"),
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from importlib import import_module

        home, own_name = _HOMES[name]
        return getattr(import_module(home), own_name)
    raise AttributeError(f"module 'saedesk' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
