"""The gradients of one training step, collected term by term in buffers that are used again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from saedesk.sae import sparse_kernels
from saedesk.sae.codes import Codes, LatentOrder

if TYPE_CHECKING:
    from torch import Tensor

Parameters = dict[str, "Tensor"]
_LARGE = frozenset({"W_enc", "W_dec"})
"""Written only through `_add_rows`, whose first term replaces what the buffer held."""


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
        code_slope: Tensor | None = None,
        unit_decoder: bool = True,
        reaches_encoder: bool = True,
        only_active: bool = False,
    ) -> Tensor:
        """A reconstruction W_decᵀ z whose ∂loss/∂x̂ is `slope` (batch, d_in).

        `code_slope` (n_entries,) is what other terms of the loss add to ∂loss/∂z of the entries.
        With `unit_decoder` the decoder's gradient loses its part along each row, which must have
        unit norm (the order of the published step: project, clip, Adam, renormalise). The pre-bias
        is not touched here: `add_pre_bias`. Returns ∂loss/∂z of the entries, (n_entries,);
        with `only_active` that of entries of value 0 may be 0, which can save their products.
        """
        decoder = self._parameters["W_dec"]
        order = sparse_kernels.order_by_latent(codes, decoder.shape[0])
        into_code = sparse_kernels.sampled_products(codes, slope, decoder, only_active=only_active)
        along = None
        if unit_decoder:
            along = decoder.new_zeros(decoder.shape[0])
            sparse_kernels.add_weight_sums(codes, codes.values * into_code, along)
        self._add_rows(
            "W_dec",
            order,
            codes.values,
            slope,
            orthogonal_to=decoder if unit_decoder else None,
            along=along,
        )
        if code_slope is not None:
            into_code = into_code + code_slope
        if reaches_encoder:
            self.add_pre_activations(codes, into_code * codes.active, order)
        return into_code

    def add_pre_activations(
        self, codes: Codes, slope: Tensor, order: LatentOrder | None = None
    ) -> None:
        """∂loss/∂a of the entries of `codes` is `slope` (n_entries,): W_enc and b_enc."""
        assert self._centred is not None
        n = self._parameters["W_enc"].shape[0]
        order = order or sparse_kernels.order_by_latent(codes, n)
        self._add_rows("W_enc", order, slope, self._centred)
        sparse_kernels.add_weight_sums(codes, slope, self.by_name["b_enc"])

    def _add_rows(
        self,
        name: str,
        order: LatentOrder,
        weights: Tensor,
        rows: Tensor,
        *,
        orthogonal_to: Tensor | None = None,
        along: Tensor | None = None,
    ) -> None:
        sparse_kernels.add_row_sums(
            order,
            weights,
            rows,
            self.by_name[name],
            overwrite=name in self._unwritten,
            orthogonal_to=orthogonal_to,
            along=along,
        )
        self._unwritten.discard(name)

    def add_pre_bias(self, slope: Tensor) -> None:
        """x̂ = … + pre_bias with ∂loss/∂x̂ = `slope` (batch, d_in)."""
        self.by_name["pre_bias"] += slope.sum(0)

    def finish(self) -> Parameters:
        """All gradients. The encoder sees x − pre_bias, so the pre-bias loses W_encᵀ ∂loss/∂a."""
        for name in self._unwritten:
            self.by_name[name].zero_()
        self.by_name["pre_bias"] -= self.by_name["b_enc"] @ self._parameters["W_enc"]
        return self.by_name
