"""A trained SAE: its weights, its codes, its reconstructions."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from saedesk.errors import BadInput
from saedesk.sae.architectures import architectures
from saedesk.sae.code_chunks import CodeChunk, encode_rows
from saedesk.sae.encoders import OWN, make_encoder
from saedesk.sae.input_normalisation import SCALE, SHIFT, InputNormalisation
from saedesk.sae.quantised_product import RoundedWeights
from saedesk.sae.sae_config import SaeConfig
from saedesk.sae.side_by_side import chunks_at_once, in_order
from saedesk.task_control import Progress, TaskControl, Unattended

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from torch import Tensor

    from saedesk.sae.architectures.architecture import Architecture, Parameters
    from saedesk.sae.codes import Codes
    from saedesk.sae.encoders.encoder import Encoder

_LARGEST_DENSE = 1 << 24
"""Pre-activations held at once while encoding: 64 MB of float32."""
_FEW_ROWS = 32
"""Rounding the weights costs as much as encoding so many rows."""
ROWS_OF_A_FIT = 2000
"""What an encoder leaves open is settled on so many rows, spread evenly."""


@dataclass(frozen=True)
class SaeOnDevice:
    """An SAE's weights where they compute, with the buffers of its encoder product."""

    architecture: Architecture
    parameters: Parameters
    normalisation: InputNormalisation
    device: Any

    def rows(self, rows: np.ndarray) -> Tensor:
        """Vectors (n, d_in), any float type, as float32 on the device."""
        import torch

        single = np.ascontiguousarray(rows, dtype=np.float32)
        if not single.flags.writeable:
            # torch wants memory it may write to, though nobody does; vectors are mapped read-only.
            single = single.copy()
        return torch.from_numpy(single).to(self.device)

    def rebuilt(self, codes: Codes, x: Tensor) -> Tensor:
        """Reconstructions (n, d_in) of the vectors `x`; of them at length 1 for "unit"."""
        from saedesk.sae import sparse_kernels

        parameters = self.parameters
        rebuilt = sparse_kernels.decode(codes, parameters["W_dec"]) + parameters["pre_bias"]
        return self.normalisation.undo(rebuilt, x)

    def target(self, x: Tensor, seen: Tensor) -> Tensor:
        """What reconstructions are held against: the vectors, or for "unit" those of length 1."""
        return seen if self.normalisation.kind == "unit" else x


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
    _rounded: RoundedWeights = field(default_factory=RoundedWeights, repr=False, compare=False)
    """Kept, as rounding the weights of 9,216 latents takes as long as encoding 400 vectors."""

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

    def encode(
        self,
        vectors: np.ndarray,
        *,
        device: str = "cpu",
        encoder: str | Encoder = OWN,
        settings: Mapping[str, Any] | None = None,
    ) -> csr_matrix:
        """Codes of `vectors` (n, d_in): scipy CSR (n, n_latents) float32, values > 0 only.

        A row with a number that is not finite has no values, as a row that no latent answers to.
        `encoder` is a name in `encoders()` with its settings, or a fitted one; what a named one
        leaves open is settled on these vectors.
        """
        from scipy.sparse import csr_matrix

        single = np.ndim(vectors) == 1
        vectors = np.atleast_2d(vectors)
        settled = self._settled(vectors, encoder, settings, device)
        chunks = list(self._chunks(vectors, settled, device, is_by_latent=True))
        counts = np.concatenate([c.counts for c in chunks] or [np.zeros(0, np.int64)])
        latents = np.concatenate([c.latents for c in chunks] or [np.zeros(0, np.int32)])
        values = np.concatenate([c.values for c in chunks] or [np.zeros(0, np.float32)])
        pointers = np.concatenate([[0], np.cumsum(counts)])
        codes = csr_matrix((values, latents, pointers), (len(counts), self.n_latents))
        codes.has_sorted_indices = True
        return codes[0] if single else codes

    def encode_chunks(
        self,
        vectors: np.ndarray,
        *,
        device: str = "cpu",
        control: TaskControl | None = None,
        encoder: str | Encoder = OWN,
        settings: Mapping[str, Any] | None = None,
        with_error: bool = False,
    ) -> Iterator[CodeChunk]:
        """Codes of `vectors` (n, d_in), array or memmap, some thousand rows at a time.

        `with_error` decodes them too, which takes a fifth longer. Raises BadInput when the width
        is not d_in, BadSetting for an unknown encoder or setting.
        """
        settled = self._settled(vectors, encoder, settings, device)
        chunks = self._chunks(vectors, settled, device, with_error=with_error)
        control = control or Unattended()
        done = 0
        with closing(chunks):
            while done < len(vectors):
                control.checkpoint()
                control.report(Progress(done, len(vectors), "documents"))
                chunk = next(chunks)
                done += len(chunk.counts)
                yield chunk

    def _settled(
        self,
        vectors: np.ndarray,
        encoder: str | Encoder,
        settings: Mapping[str, Any] | None,
        device: str,
    ) -> Encoder:
        self._check_width(vectors)
        if isinstance(encoder, str):
            return self.fit_encoder(vectors, encoder, settings, device=device)
        return encoder

    def _chunks(
        self, vectors: np.ndarray, encoder: Encoder, device: str, **wanted: bool
    ) -> Generator[CodeChunk]:
        """By `encode_rows`; several chunks at a time where 8-bit integers are searched.

        Other encoders compute in libraries that keep to no share of the cores, or hold what
        chunks would have to wait for.
        """
        step, at_once = _rows_at_once(self.n_latents), 1
        ready = [self.on_device(device, len(vectors))]
        first = ready[0].architecture
        searches = first.takes_largest and first.precision == "int8"
        if encoder.name == OWN and searches and len(vectors) > step:
            at_once = chunks_at_once()
            step = min(_rows_at_once(self.n_latents * at_once), -(-len(vectors) // at_once))

        def maker() -> Callable[[int], CodeChunk]:
            own = ready.pop() if ready else self.on_device(device, len(vectors))
            return lambda at: encode_rows(own, encoder, vectors[at : at + step], **wanted)

        yield from in_order(maker, range(0, len(vectors), step), at_once)

    def fit_encoder(
        self,
        vectors: np.ndarray,
        encoder: str = OWN,
        settings: Mapping[str, Any] | None = None,
        *,
        device: str = "cpu",
    ) -> Encoder:
        """The encoder called `encoder`, with what its settings leave open settled on `vectors`."""
        import torch

        self._check_width(vectors)
        made = make_encoder(encoder, settings)
        if encoder == OWN or not len(vectors):
            return made
        count = min(len(vectors), ROWS_OF_A_FIT)
        rows = np.asarray(vectors[np.linspace(0, len(vectors) - 1, count).astype(np.int64)])
        rows = rows[np.isfinite(rows).all(1) & rows.any(1)]
        working = self.on_device(device, len(rows))
        with torch.inference_mode():
            seen = working.normalisation.apply(working.rows(rows))
            return made.fitted(working.architecture, working.parameters, seen)

    def on_device(self, device: str, rows: int) -> SaeOnDevice:
        """The weights on a device ("auto" chooses one), ready to encode about so many rows."""
        import torch

        from saedesk.embedding.compute_device import choose_device
        from saedesk.sae.product_choice import search_precision

        target = torch.device(choose_device(device))
        architecture = architectures().get(self.architecture)(self.config, self.d_in)
        if rows >= _FEW_ROWS:
            architecture.precision = search_precision(str(target), self.d_in, self.n_latents)
            architecture.rounded = self._rounded
        parameters = {name: tensor.to(target) for name, tensor in self.parameters.items()}
        normalisation = InputNormalisation.of_tensors(self.config.input_normalisation, parameters)
        return SaeOnDevice(architecture, parameters, normalisation, target)

    def _check_width(self, vectors: np.ndarray) -> None:
        if vectors.ndim != 2 or vectors.shape[1] != self.d_in:
            raise BadInput(
                f"The vectors have {vectors.shape[-1]} numbers each, the SAE takes {self.d_in}. "
                "Use the vectors it was trained on."
            )

    def decode(self, codes: csr_matrix | np.ndarray) -> np.ndarray:
        """Reconstructions W_decᵀ z + pre_bias of codes (n, n_latents): (n, d_in) float32.

        Where every vector is normalised by its own numbers, those of vectors of length 1.
        """
        return np.asarray(codes @ self.decoder + self.pre_bias, dtype=np.float32)

    def reconstruct(self, vectors: np.ndarray, *, device: str = "cpu") -> np.ndarray:
        """What the codes of `vectors` (n, d_in) give back: x̂ (n, d_in) float32.

        A normalisation of the input is undone with each vector's own numbers, which `decode` of
        codes alone does not know; "unit" gives directions. Raises BadInput for another width.
        """
        import torch

        single = np.ndim(vectors) == 1
        vectors = np.atleast_2d(vectors)
        self._check_width(vectors)
        working = self.on_device(device, len(vectors))
        rebuilt = np.empty(vectors.shape, np.float32)
        step = _rows_at_once(self.n_latents)
        with torch.inference_mode():
            for start in range(0, len(vectors), step):
                x = working.rows(vectors[start : start + step])
                codes = working.architecture.encode(
                    working.parameters, working.normalisation.apply(x)
                )
                rebuilt[start : start + step] = working.rebuilt(codes, x).cpu().numpy()
        return rebuilt[0] if single else rebuilt

    def save(self, folder: Path | str) -> None:
        """Write sae.safetensors and config.json into `folder`."""
        from saedesk.sae.formats.saedesk_format import save_sae

        save_sae(self, Path(folder))

    def __repr__(self) -> str:
        k = getattr(self.config, "k", None)
        width = "" if k is None else f", k={k}"
        return (
            f"SparseAutoencoder({self.architecture}, d_in={self.d_in}, "
            f"n_latents={self.n_latents}{width})"
        )


def _rows_at_once(n_latents: int) -> int:
    return int(np.clip(_LARGEST_DENSE // n_latents, 16, 4096))


def folded(parameters: Parameters) -> Parameters:
    """Weights with the input's normalisation folded in: directions among the vectors themselves.

    x̂ = scale · (W_decᵀ z + pre_bias) + shift; torch tensors or numpy arrays alike. Where every
    vector has a scale of its own, it is 1/√d, that of vectors of length 1. Weights that are not
    given are not asked for.
    """
    result = dict(parameters)
    scale, shift = result.pop(SCALE, None), result.pop(SHIFT, None)
    if scale is not None:
        for name in {"W_dec", "pre_bias"} & result.keys():
            result[name] = result[name] * scale
        if "W_enc" in result:
            result["W_enc"] = result["W_enc"] / scale
    if shift is not None and "pre_bias" in result:
        result["pre_bias"] = result["pre_bias"] + shift
    return result


def _read_only(tensor: Any) -> np.ndarray:
    array: np.ndarray = tensor.numpy().view()
    array.flags.writeable = False
    return array
