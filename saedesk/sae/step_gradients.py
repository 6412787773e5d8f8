"""The gradients of one training step, collected term by term in buffers that are used again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from saedesk.sae import sparse_kernels
from saedesk.sae.codes import Codes

if TYPE_CHECKING:
    from torch import Tensor

Parameters = dict[str, "Tensor"]
_LARGE = frozenset({"W_enc", "W_dec"})
"""Written only through `_add_rows`, whose first term replaces what the buffer held."""
FULL = 1 / 10
"""With more than this share of all latents in use a CPU is faster by dense products: at
(384, 3,072) with half of them, as ReLU starts, sorting the entries alone takes as long."""


class StepGradients:
    """∂loss by parameter; every `add_…` adds one term of the loss.

    The loss depends on the parameters through x̂ = W_decᵀ z + pre_bias and through the
    pre-activations a = W_enc (x − pre_bias) + b_enc. All terms are exact; only entries of codes
    are touched.
    """

    def __init__(self) -> None:
        self.by_name: Parameters = {}
        self._parameters: Parameters = {}
        self._centred: Tensor | None = None
        self._unwritten: set[str] = set()

    def start(self, parameters: Parameters, centred: Tensor) -> None:
        """Zero for `parameters` and the batch `centred` = x − pre_bias (batch, d_in)."""
        self._parameters, self._centred = parameters, centred
        self._unwritten.clear()
        for name, tensor in parameters.items():
            buffer = self.by_name.get(name)
            if buffer is None or buffer.shape != tensor.shape or buffer.dtype != tensor.dtype:
                self.by_name[name] = tensor.new_zeros(tensor.shape)
            elif name in _LARGE:
                self._unwritten.add(name)  # Zeroing them takes as long as writing the first term.
            else:
                buffer.zero_()

    def add_reconstruction(
        self,
        codes: Codes,
        slope: Tensor,
        *,
        factor: Tensor | None = None,
        code_slope: Tensor | None = None,
        unit_decoder: bool = True,
        reaches_encoder: bool = True,
        only_active: bool = False,
    ) -> Tensor:
        """A reconstruction W_decᵀ z whose ∂loss/∂x̂ is `slope` (batch, d_in), times `factor` ().

        `code_slope` (n_entries,) is what other terms of the loss add to ∂loss/∂z of the entries.
        With `unit_decoder` the decoder's gradient loses its part along each row, which must have
        unit norm (the order of the published step: project, clip, Adam, renormalise). The pre-bias
        is not touched here: `add_pre_bias`. Returns ∂loss/∂z of the entries, (n_entries,);
        with `only_active` that of entries of value 0 may be 0, which can save their products.
        """
        decoder = self._parameters["W_dec"]
        into_code = sparse_kernels.sampled_products(codes, slope, decoder, only_active=only_active)
        weights, along = codes.values, None
        if factor is not None:
            into_code, weights = into_code * factor, weights * factor
        if unit_decoder:
            along = decoder.new_zeros(decoder.shape[0])
            sparse_kernels.add_weight_sums(codes, codes.values * into_code, along)
        self._add_rows(
            "W_dec",
            codes,
            weights,
            slope,
            orthogonal_to=decoder if unit_decoder else None,
            along=along,
        )
        if code_slope is not None:
            into_code = into_code + code_slope
        if reaches_encoder:
            self.add_pre_activations(codes, into_code * codes.active)
        return into_code

    def add_pre_activations(self, codes: Codes, slope: Tensor) -> None:
        """∂loss/∂a of the entries of `codes` is `slope` (n_entries,): W_enc and b_enc."""
        assert self._centred is not None
        self._add_rows("W_enc", codes, slope, self._centred)
        sparse_kernels.add_weight_sums(codes, slope, self.by_name["b_enc"])

    def _add_rows(
        self,
        name: str,
        codes: Codes,
        weights: Tensor,
        rows: Tensor,
        *,
        orthogonal_to: Tensor | None = None,
        along: Tensor | None = None,
    ) -> None:
        out, overwrite = self.by_name[name], name in self._unwritten
        self._unwritten.discard(name)
        if out.device.type == "cpu" and codes.latents.numel() > FULL * codes.batch * out.shape[0]:
            _add_dense_rows(codes.with_values(weights), rows, out, overwrite, orthogonal_to, along)
            return
        sparse_kernels.add_row_sums(
            sparse_kernels.order_by_latent(codes, out.shape[0]),
            weights,
            rows,
            out,
            overwrite=overwrite,
            orthogonal_to=orthogonal_to,
            along=along,
        )

    def add_rows(self, name: str, latents: Tensor, rows: Tensor) -> None:
        """∂loss of some `latents` (m,), each once, is `rows` (m, …) more."""
        if name in self._unwritten:
            self._unwritten.discard(name)
            self.by_name[name].zero_()
        self.by_name[name].index_add_(0, latents, rows)

    def add_pre_bias(self, slope: Tensor, factor: Tensor | float = 1.0) -> None:
        """x̂ = … + pre_bias with ∂loss/∂x̂ = `slope` (batch, d_in), times `factor`."""
        self.by_name["pre_bias"] += slope.sum(0) * factor

    def finish(self) -> Parameters:
        """All gradients. The encoder sees x − pre_bias, so the pre-bias loses W_encᵀ ∂loss/∂a."""
        for name in self._unwritten:
            self.by_name[name].zero_()
        into_input = sparse_kernels.weighted_sum(self.by_name["b_enc"], self._parameters["W_enc"])
        self.by_name["pre_bias"] -= into_input
        return self.by_name


def _add_dense_rows(
    weights: Codes,
    rows: Tensor,
    out: Tensor,
    overwrite: bool,
    orthogonal_to: Tensor | None,
    along: Tensor | None,
) -> None:
    """As `sparse_kernels.add_row_sums`, by one dense product."""
    import torch

    dense = weights.dense(out.shape[0]).t()
    torch.addmm(out, dense, rows, beta=0.0 if overwrite else 1.0, out=out)
    if orthogonal_to is not None and along is not None:
        out.addcmul_(along[:, None], orthogonal_to, value=-1.0)
