"""A trained SAE: its weights, its codes, its reconstructions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from saedesk.errors import BadInput
from saedesk.sae.architectures import architectures
from saedesk.sae.input_normalisation import SCALE, SHIFT, InputNormalisation
from saedesk.sae.sae_config import SaeConfig
from saedesk.task_control import Progress, TaskControl, Unattended

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from saedesk.sae.architectures.architecture import Architecture, Parameters
    from saedesk.sae.codes import Codes

_LARGEST_DENSE = 1 << 24
"""Pre-activations held at once while encoding: 64 MB of float32."""


@dataclass(frozen=True)
class CodeChunk:
    """Codes of some consecutive rows; only values > 0."""

    counts: np.ndarray
    """(rows,) int64: active latents of each row."""
    latents: np.ndarray
    """(n_active,) int32, row after row, strongest first."""
    values: np.ndarray
    """(n_active,) float32 > 0."""
    squared_error: float
    """Σ‖x − x̂‖² over the rows, in float64."""


@dataclass(frozen=True)
class SparseAutoencoder:
    """Weights and config of one SAE; numpy in and out, torch inside."""

    architecture: str
    """Name in the registry of architectures."""
    config: SaeConfig
    d_in: int
    """Length of the vectors it takes apart."""
    parameters: Parameters
    """Torch tensors, float32, on the CPU: W_enc, W_dec (n_latents, d_in), b_enc, pre_bias, what
    else the architecture learns, and the input's normalisation."""
    origin: dict[str, Any] = field(default_factory=dict)
    """Where it comes from: the vectors, the training, or the file it was loaded from."""

    @property
    def n_latents(self) -> int:
        """Size of the dictionary."""
        return int(self.parameters["W_dec"].shape[0])

    @property
    def decoder(self) -> np.ndarray:
        """(n_latents, d_in) float32: a direction for each latent among the vectors, read-only."""
        return _read_only(folded(self.parameters)["W_dec"])

    @property
    def encoder(self) -> np.ndarray:
        """(n_latents, d_in) float32: what each latent reads from a vector, read-only."""
        return _read_only(folded(self.parameters)["W_enc"])

    @property
    def pre_bias(self) -> np.ndarray:
        """(d_in,) float32, read-only."""
        return _read_only(folded(self.parameters)["pre_bias"])

    @property
    def normalisation(self) -> InputNormalisation:
        """What is done to a vector before it is taken apart."""
        return InputNormalisation.of_tensors(self.config.input_normalisation, self.parameters)

    def encode(self, vectors: np.ndarray, *, device: str = "cpu") -> csr_matrix:
        """Codes of `vectors` (n, d_in): scipy CSR (n, n_latents) float32, values > 0 only."""
        from scipy.sparse import csr_matrix

        single = np.ndim(vectors) == 1
        chunks = list(self.encode_chunks(np.atleast_2d(vectors), device=device))
        counts = np.concatenate([c.counts for c in chunks] or [np.zeros(0, np.int64)])
        latents = np.concatenate([c.latents for c in chunks] or [np.zeros(0, np.int32)])
        values = np.concatenate([c.values for c in chunks] or [np.zeros(0, np.float32)])
        pointers = np.concatenate([[0], np.cumsum(counts)])
        codes = csr_matrix((values, latents, pointers), (len(counts), self.n_latents))
        codes.sort_indices()
        return codes[0] if single else codes

    def encode_chunks(
        self,
        vectors: np.ndarray,
        *,
        device: str = "cpu",
        control: TaskControl | None = None,
    ) -> Iterator[CodeChunk]:
        """Codes of `vectors` (n, d_in), array or memmap, some thousand rows at a time.

        Raises BadInput when the width is not d_in.
        """
        import torch

        from saedesk.embedding.compute_device import choose_device

        control = control or Unattended()
        if vectors.ndim != 2 or vectors.shape[1] != self.d_in:
            raise BadInput(
                f"The vectors have {vectors.shape[-1]} numbers each, the SAE takes {self.d_in}. "
                "Use the vectors it was trained on."
            )
        target = torch.device(choose_device(device))
        architecture = self._architecture(str(target))
        parameters = {name: tensor.to(target) for name, tensor in self.parameters.items()}
        normalisation = InputNormalisation.of_tensors(self.config.input_normalisation, parameters)
        step = int(np.clip(_LARGEST_DENSE // self.n_latents, 16, 4096))
        with torch.inference_mode():
            for start in range(0, len(vectors), step):
                control.checkpoint()
                control.report(Progress(start, len(vectors), "documents"))
                # Copied: torch wants memory it may write to, and the vectors are mapped read-only.
                rows = np.array(vectors[start : start + step], dtype=np.float32, order="C")
                x = torch.from_numpy(rows).to(target)
                yield _encode_rows(architecture, parameters, normalisation, x)

    def decode(self, codes: csr_matrix | np.ndarray) -> np.ndarray:
        """Reconstructions W_decᵀ z + pre_bias of codes (n, n_latents): (n, d_in) float32."""
        return np.asarray(codes @ self.decoder + self.pre_bias, dtype=np.float32)

    def save(self, folder: Path | str) -> None:
        """Write sae.safetensors and config.json into `folder`."""
        from saedesk.sae.formats.saedesk_format import save_sae

        save_sae(self, Path(folder))

    def _architecture(self, device: str) -> Architecture:
        from saedesk.sae.product_choice import search_precision

        architecture = architectures().get(self.architecture)(self.config, self.d_in)
        architecture.precision = search_precision(device, self.d_in, self.n_latents)
        return architecture

    def __repr__(self) -> str:
        k = getattr(self.config, "k", None)
        width = "" if k is None else f", k={k}"
        return (
            f"SparseAutoencoder({self.architecture}, d_in={self.d_in}, "
            f"n_latents={self.n_latents}{width})"
        )


def _encode_rows(
    architecture: Architecture, parameters: Parameters, normalisation: InputNormalisation, x: Any
) -> CodeChunk:
    from saedesk.sae import sparse_kernels

    seen = normalisation.apply(x)
    codes = architecture.encode(parameters, seen)
    rebuilt = sparse_kernels.decode(codes, parameters["W_dec"]) + parameters["pre_bias"]
    # A vector of unit length is rebuilt where the SAE sees only that; else the vector itself.
    target = seen if normalisation.kind == "unit" else x
    # Rows that are not finite have no code and no error.
    squared_error = float((normalisation.undo(rebuilt) - target).square().sum(1).double().nansum())
    rows, latents, values = strongest_first(codes)
    counts = np.bincount(rows, minlength=codes.batch).astype(np.int64)
    return CodeChunk(counts, latents.astype(np.int32), values, squared_error)


def strongest_first(codes: Codes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, latents and values of the active entries, row after row, strongest first."""
    import torch

    order = torch.sort(codes.values, descending=True, stable=True).indices
    order = order[torch.sort(codes.rows[order], stable=True).indices]
    order = order[codes.active[order]]
    parts = (codes.rows, codes.latents, codes.values)
    rows, latents, values = (part[order].cpu().numpy() for part in parts)
    return rows, latents, values


def folded(parameters: Parameters) -> Parameters:
    """Weights with the input's normalisation folded in: directions among the vectors themselves.

    x̂ = scale · (W_decᵀ z + pre_bias) + shift; torch tensors or numpy arrays alike.
    """
    result = dict(parameters)
    scale, shift = result.pop(SCALE, None), result.pop(SHIFT, None)
    if scale is not None:
        for name in ("W_dec", "pre_bias"):
            result[name] = result[name] * scale
        result["W_enc"] = result["W_enc"] / scale
    if shift is not None:
        result["pre_bias"] = result["pre_bias"] + shift
    return result


def _read_only(tensor: Any) -> np.ndarray:
    array: np.ndarray = tensor.numpy().view()
    array.flags.writeable = False
    return array
