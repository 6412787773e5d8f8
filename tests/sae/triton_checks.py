"""The Triton kernels against float64, on whatever device the tensors are given.

Run as a program it does so in Triton's interpreter, on the CPU, and prints the errors as JSON;
with "compile" it compiles them for two GPUs, which need not be there; with "first use" it prints
what the program's own check says.
"""

from __future__ import annotations

import json
import sys

import torch
from torch import Tensor

from saedesk.sae import sparse_kernels, triton_kernels
from saedesk.sae.architectures import architectures
from saedesk.sae.codes import Codes
from saedesk.sae.sae_trainer import SaeTrainer

COMPUTE_CAPABILITIES = (80, 90)


def rectangular(n: int) -> Codes:
    """150 rows of 4 entries; latents 0 and 7 in each row, a third of the latents in none."""
    generator = torch.Generator().manual_seed(0)
    others = torch.rand((150, 2 * n // 3 - 8), generator=generator).topk(2).indices + 8
    latents = torch.cat([others, torch.tensor([[0, 7]]).expand(150, 2)], 1)
    return Codes.rectangular(torch.rand((150, 4), generator=generator), latents)


def ragged(n: int) -> Codes:
    """30 rows of 0 to 100 entries."""
    generator = torch.Generator().manual_seed(1)
    z = torch.rand((30, n), generator=generator)
    share = torch.linspace(0, min(1, 100 / n), 30)[:, None]
    return Codes.of_dense(z * (torch.rand((30, n), generator=generator) < share))


def on_the_edge(n: int) -> Codes:
    """130 rows; latents in as many of them as a short or a long segment may have, or one more."""
    lengths = torch.tensor([64, 65, 0, 1, 128, 129, 63, 130, 0, 2])
    z = torch.rand((130, n), generator=torch.Generator().manual_seed(5)) + 0.1
    z[:, len(lengths) :] = 0
    z[:, : len(lengths)] *= torch.arange(130)[:, None] < lengths
    return Codes.of_dense(z)


def on_device(codes: Codes, device: str) -> Codes:
    """The same entries, all three tensors moved."""
    moved = (t.to(device) for t in (codes.values, codes.latents, codes.offsets))
    return Codes(*moved, width=codes.width)


def relative_error(got: Tensor, expected: Tensor) -> float:
    """‖got − expected‖ / ‖expected‖."""
    return float((got.double() - expected).norm() / expected.norm())


def kernel_errors(device: str) -> dict[str, float]:
    """Of each kernel, by its name and the shapes."""
    found = triton_kernels.load()
    errors = {}
    for make, n, d in ((rectangular, 60, 5), (ragged, 150, 130), (on_the_edge, 60, 20)):
        codes = on_device(make(n), device)
        generator = torch.Generator().manual_seed(2)
        matrix = torch.randn((n, d), generator=generator).to(device)
        rows = torch.randn((codes.batch, d), generator=generator).to(device)
        wide, order = codes.dense(n).double(), sparse_kernels.order_by_latent(codes, n)
        unit = matrix / matrix.norm(dim=1, keepdim=True)
        sums = wide.t() @ rows.double()
        along = (sums * unit.double()).sum(1)
        out, replaced = torch.ones_like(matrix), torch.ones_like(matrix)
        nothing = {"orthogonal_to": None, "along": None}
        found.add_row_sums(order, codes.values, rows, out, overwrite=False, **nothing)
        found.add_row_sums(
            order,
            codes.values,
            rows,
            replaced,
            overwrite=True,
            orthogonal_to=unit,
            along=along.float(),
        )
        weight_sums = torch.ones(n, device=device)
        found.add_weight_sums(order, codes.values, weight_sums)
        products = (rows.double() @ matrix.double().t())[codes.rows, codes.latents]
        generator = torch.Generator().manual_seed(4)
        kept = (torch.rand(codes.values.shape, generator=generator) < 0.5).to(device)
        sparser = codes.with_values(codes.values * kept)
        results = {
            "decode": (found.decode(codes, matrix), wide @ matrix.double()),
            "products": (found.sampled_products(codes, rows, matrix, only_active=False), products),
            "active products": (
                found.sampled_products(sparser, rows, matrix, only_active=True),
                products * sparser.active,
            ),
            "active decode": (
                found.decode(sparser, matrix),
                sparser.dense(n).double() @ matrix.double(),
            ),
            "sums": (out, 1 + sums),
            "orthogonal sums": (replaced, sums - along[:, None] * unit.double()),
            "weight sums": (weight_sums, 1 + wide.sum(0)),
        }
        for name, (got, expected) in results.items():
            errors[f"{name} {make.__name__} {d}"] = relative_error(got, expected)
    return errors


def training_errors(device: str) -> dict[str, float]:
    """Parameters after four steps with the kernels, beside those after four steps without."""
    chosen = sparse_kernels.kernels_for
    trained = {}
    for kernels in (None, triton_kernels.load()):
        sparse_kernels.kernels_for = lambda *_, kernels=kernels: kernels
        config = (
            architectures()
            .get("topk")
            .Config(n_latents=60, k=3, k_annealing_share=0, dead_after_steps=1, batch_size=48)
        )
        x = torch.randn((48, 10), generator=torch.Generator().manual_seed(3))
        trainer = SaeTrainer("topk", config, x, total_steps=4, device=device, precision="float32")
        for _ in range(4):
            trainer.step(x.to(device))
        trained[kernels is None] = trainer.parameters
    sparse_kernels.kernels_for = chosen
    return {
        f"training {name}": relative_error(tensor, trained[True][name].double())
        for name, tensor in trained[False].items()
    }


def compile_all() -> list[str]:
    """Machine code of each kernel for each GPU; raises where one does not compile."""
    import triton
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource

    kernels = triton_kernels.load().kernels
    tall = {"LONGEST": 0, "TILE": 16, "BLOCK": 128}
    wide = {"LONGEST": 64, "TILE": 2, "BLOCK": 512}
    long = {"LONGEST": 64, "TILE": 32, "BLOCK": 128, "STEPS": 14}
    products = {"PROGRAMS": 4, "TILE": 16, "BLOCK": 128}
    switches = ("PERMUTED", "OVERWRITE", "PROJECTED")
    done = []
    for kernel, constants in (
        (kernels._segment_sums, tall | dict.fromkeys(switches, False)),
        (kernels._segment_sums, wide | dict.fromkeys(switches, True)),
        (kernels._long_segment_sums, long | dict.fromkeys(switches, True)),
        (kernels._segment_products, products | {"ONLY_ACTIVE": True}),
        (kernels._segment_products, products | {"ONLY_ACTIVE": False}),
        (kernels._segment_weight_sums, {"TILE": 128}),
    ):
        kinds = {"d": "i32", "segments": "i32", "offsets": "*i64", "index": "*i64", "entry": "*i64"}
        signature = {
            name: "constexpr" if name in constants else kinds.get(name, "*fp32")
            for name in kernel.arg_names
        }
        for capability in COMPUTE_CAPABILITIES:
            source = ASTSource(fn=kernel, signature=signature, constexprs=constants)
            compiled = triton.compile(
                source,
                target=GPUTarget("cuda", capability, 32),
                options={"num_warps": 4, "enable_fp_fusion": True},
            )
            assert compiled.asm["cubin"]
            done.append(f"{kernel.__name__} sm_{capability}")
    return done


def main() -> None:
    """For a fresh process, whose environment says whether Triton interprets."""
    wanted = sys.argv[1:]
    found: object
    if wanted == ["compile"]:
        found = compile_all()
    elif wanted == ["first use"]:
        found = [triton_kernels.is_right(triton_kernels.load(), "cpu")]
    else:
        found = kernel_errors("cpu") | training_errors("cpu")
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
