"""Opens folders with the library itself, in its own environment, and keeps what it computes.

python read_with_library.py saelens|sparsify FOLDER

For every folder in FOLDER, of the vectors in its vectors.npy, in its found.npz.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor


def of_saelens(folder: str, x: Tensor) -> tuple[Tensor, Tensor]:
    from sae_lens import SAE

    sae = SAE.load_from_disk(folder)
    codes = sae.encode(x)
    return codes, sae.decode(codes)


def of_sparsify(folder: str, x: Tensor) -> tuple[Tensor, Tensor]:
    # It asks for the kind of GPU while it is imported, which fails in a torch for the CPU.
    torch.cuda.is_bf16_supported = lambda *_: False
    from sparsify import SparseCoder

    sae = SparseCoder.load_from_disk(folder)
    values, latents, _ = sae.encode(x)
    codes = x.new_zeros((len(x), sae.num_latents)).scatter(1, latents, values)
    return codes, sae.decode(values, latents)


def main() -> None:
    library, parent = sys.argv[1:]
    read = {"saelens": of_saelens, "sparsify": of_sparsify}[library]
    for folder in sorted(Path(parent).iterdir()):
        x = torch.from_numpy(np.load(folder / "vectors.npy"))
        with torch.no_grad():
            codes, rebuilt = read(str(folder), x)
        np.savez(folder / "found.npz", codes=codes.numpy(), reconstructions=rebuilt.numpy())


if __name__ == "__main__":
    main()
