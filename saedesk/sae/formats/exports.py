"""SAEs written for other libraries: a folder with weights, settings and a model card."""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from saedesk.errors import BadInput, BadSetting, OutOfRoom
from saedesk.sae.architectures import architectures
from saedesk.sae.formats.model_card import CARD_NAME, ModelCard, render_card

if TYPE_CHECKING:
    from saedesk.sae.sparse_autoencoder import SparseAutoencoder

_MODULES = {
    "saelens": "sae_lens_export",
    "sparsify": "sparsify_export",
    "saedesk": "saedesk_export",
}
EXPORT_FORMATS = tuple(_MODULES)
"""Names for `export_sae`, on the command line and in the window."""


class Exporter(Protocol):
    """A module that writes for one library."""

    TITLE: str
    """Name of the library."""
    LOADING: str
    """Lines of Python that open the folder called `{folder}` with the library."""

    def reason_against(self, sae: SparseAutoencoder) -> str:
        """Why the library cannot hold the SAE, as an end of “… cannot hold it: ”; "" if it can."""

    def write(self, sae: SparseAutoencoder, folder: Path, card: ModelCard) -> tuple[str, ...]:
        """Weights and settings into an empty folder; returns what a reader should know."""


def reason_against(sae: SparseAutoencoder, format: str) -> str:
    """Why a format cannot hold an SAE, naming those that can; "" where it can.

    Raises BadSetting for an unknown format.
    """
    exporter = _exporter(format)
    reason = exporter.reason_against(sae)
    if not reason:
        return ""
    able = [e.TITLE for e in map(_exporter, EXPORT_FORMATS) if not e.reason_against(sae)]
    named = " and ".join(able) + (" can." if len(able) > 1 else " alone can.")
    return f"{exporter.TITLE} cannot hold this SAE: {reason}. {named}"


def export_sae(
    sae: SparseAutoencoder, folder: Path, format: str, card: ModelCard
) -> tuple[str, ...]:
    """Write `folder` for the library called `format`; returns sentences to be told.

    Weights, settings and README.md appear together or not at all. Raises BadSetting for an unknown
    format and one that cannot hold the SAE, BadInput for a folder that is not empty, OutOfRoom
    when it cannot be written.
    """
    reason = reason_against(sae, format)
    if reason:
        raise BadSetting(reason)
    exporter = _exporter(format)
    with _new_folder(folder) as partial:
        notes = exporter.write(sae, partial, card)
        text = render_card(card, exporter.TITLE, exporter.LOADING, _facts(sae), notes)
        (partial / CARD_NAME).write_text(text, "utf-8")
    return notes


def _exporter(format: str) -> Exporter:
    if format not in _MODULES:
        raise BadSetting(
            f"There is no export for “{format}”; there are {', '.join(EXPORT_FORMATS)}."
        )
    return cast(Exporter, importlib.import_module(f"{__package__}.{_MODULES[format]}"))


def _facts(sae: SparseAutoencoder) -> dict[str, str]:
    """What the card says of the SAE itself."""
    k = getattr(sae.config, "k", None)
    facts = {
        "Architecture": architectures().get(sae.architecture).title,
        "Features": f"{sae.n_latents:,}",
        "Length of the vectors": f"{sae.d_in:,}",
    }
    return facts if k is None else {**facts, "Active features of a document, k": f"{k:,}"}


@contextlib.contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """A folder beside `folder` that takes its place in one step when the block ends."""
    folder = Path(os.path.abspath(folder.expanduser()))
    partial = folder.parent / f".partial-{os.getpid()}-{folder.name}"
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise BadInput(f"{folder} is not an empty folder. Choose a new one.")
        partial.mkdir(parents=True)
        yield partial
        _flush(partial)
        if folder.exists():
            folder.rmdir()  # Empty; no system but POSIX renames over it.
        partial.rename(folder)
    except OSError as error:
        raise OutOfRoom(
            f"{folder} could not be written: {error.strerror or error}. Make room, or choose "
            "another folder."
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _flush(folder: Path) -> None:
    for path in folder.iterdir():
        path.chmod(0o644)  # safetensors writes for the owner alone.
        with path.open("rb+") as file:
            os.fsync(file.fileno())
