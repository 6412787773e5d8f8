"""The GPU's kernels: in Triton's interpreter where there is no GPU, on the GPU where there is."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from saedesk.sae import sparse_kernels, triton_kernels
from saedesk.sae.codes import Codes
from tests.sae import triton_checks

REPOSITORY = Path(__file__).parents[2]
LARGEST_ERROR = 1e-5

needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")


def in_fresh_process(*arguments: str, interpret: bool) -> Any:
    """What the checks print; Triton reads the environment once, at its import."""
    pytest.importorskip("triton")
    paths = [str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    if interpret:
        environment["TRITON_INTERPRET"] = "1"
    script = triton_checks.__file__
    assert script is not None
    done = subprocess.run(
        [sys.executable, script, *arguments], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
def test_kernels_and_a_training_agree_with_float64_in_the_interpreter() -> None:
    errors = in_fresh_process(interpret=True)
    assert len(errors) > 15
    assert {name: error for name, error in errors.items() if not error < LARGEST_ERROR} == {}


@pytest.mark.slow
def test_kernels_compile_for_gpus_that_are_not_there() -> None:
    compiled = in_fresh_process("compile", interpret=False)
    assert "_segment_sums sm_80" in compiled
    assert "_segment_products sm_90" in compiled


def test_the_first_use_compares_with_dense_products_in_the_interpreter() -> None:
    assert in_fresh_process("first use", interpret=True) == [True]


@pytest.mark.gpu
@needs_gpu
def test_kernels_and_a_training_agree_with_float64_on_the_gpu() -> None:
    pytest.importorskip("triton")
    errors = triton_checks.kernel_errors("cuda") | triton_checks.training_errors("cuda")
    assert {name: error for name, error in errors.items() if not error < LARGEST_ERROR} == {}


@pytest.mark.gpu
@needs_gpu
def test_the_gpu_gives_the_same_bits_again() -> None:
    pytest.importorskip("triton")
    codes = triton_checks.on_device(triton_checks.ragged(150), "cuda")
    rows = torch.randn((codes.batch, 130), device="cuda")
    order = sparse_kernels.order_by_latent(codes, 150)
    sums = []
    for _ in range(5):
        out = torch.empty((150, 130), device="cuda")
        sparse_kernels.add_row_sums(order, codes.values, rows, out, overwrite=True)
        sums.append(out)
    assert all(torch.equal(sums[0], other) for other in sums)


@dataclasses.dataclass(frozen=True)
class WithTorch:
    """The kernels' interface on torch, right but for `spoiled`."""

    spoiled: str

    def result(self, name: str, exact: torch.Tensor) -> torch.Tensor:
        return exact * 1.001 if name == self.spoiled else exact

    def decode(self, codes: Codes, decoder: torch.Tensor) -> torch.Tensor:
        return self.result("decode", codes.dense(len(decoder)) @ decoder)

    def sampled_products(
        self, codes: Codes, rows: torch.Tensor, m: torch.Tensor, *, only_active: bool
    ) -> torch.Tensor:
        return self.result("products", (rows @ m.t())[codes.rows, codes.latents])

    def add_row_sums(
        self, order: Any, weights: torch.Tensor, rows: torch.Tensor, out: torch.Tensor, **_: Any
    ) -> None:
        sparse_kernels.add_row_sums(order, weights, rows, out, overwrite=True)
        out.copy_(self.result("sums", out))

    def add_weight_sums(self, order: Any, weights: torch.Tensor, out: torch.Tensor) -> None:
        latents = torch.arange(len(out)).repeat_interleave(order.offsets.diff())
        out.index_add_(0, latents, weights[order.entry])
        out.copy_(self.result("weight sums", out))


@pytest.mark.parametrize("spoiled", ["nothing", "decode", "products", "sums", "weight sums"])
def test_kernels_that_give_other_numbers_are_found_out(spoiled: str) -> None:
    found: Any = WithTorch(spoiled)
    assert triton_kernels.is_right(found, "cpu") == (spoiled == "nothing")


@pytest.fixture
def with_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the program asks before it compiles says yes."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda *_: (9, 0))
    monkeypatch.setattr(torch.version, "hip", None)
    monkeypatch.setattr(triton_kernels.importlib.util, "find_spec", lambda _: object())


@pytest.mark.usefixtures("with_a_gpu")
@pytest.mark.parametrize("reason", ["does not compile", "wrong numbers"])
def test_kernels_that_fail_are_not_used_and_the_log_says_so(
    reason: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def check(*_: object) -> bool:
        if reason == "does not compile":
            raise RuntimeError("Failed to find C compiler.")
        return False

    loaded = triton_kernels.TritonKernels(SimpleNamespace(TritonError=ArithmeticError))  # type: ignore[arg-type]
    monkeypatch.setattr(triton_kernels, "load", lambda: loaded)
    monkeypatch.setattr(triton_kernels, "is_right", check)
    assert triton_kernels._checked.__wrapped__(0) is None
    assert "torch is" in caplog.text


def test_tensors_on_the_cpu_take_no_kernels() -> None:
    assert triton_kernels.kernels_for(torch.ones(3), torch.ones(3)) is None
