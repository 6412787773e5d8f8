"""Is there room for several trainings together, in memory and on the disk?"""

from __future__ import annotations

from collections.abc import Sequence

import psutil

from saedesk.errors import OutOfRoom
from saedesk.jobs.training_request import TrainRequest
from saedesk.project.atomic_files import megabytes, require_room
from saedesk.project.project_folder import Project
from saedesk.sae.training_cost import sae_bytes, training_memory


def require_room_for(
    project: Project, requests: Sequence[TrainRequest], shape: tuple[int, ...]
) -> None:
    """Raise OutOfRoom unless all requests can be trained at once on vectors of `shape` (n, d).

    On the disk: weights, moments and their checkpoint, twice while one replaces the other.
    """
    documents, d_in = shape
    require_room(project.folder, sum(8 * sae_bytes(r.config.n_latents, d_in) for r in requests))
    needed = sum(
        training_memory(r.config, min(r.config.batch_size, documents), d_in) for r in requests
    )
    free = _free_memory(requests[0].device)
    if needed <= free:
        return
    which = "this SAE needs" if len(requests) == 1 else f"these {len(requests)} SAEs together need"
    raise OutOfRoom(
        f"Training {which} {megabytes(needed)} of memory; {megabytes(free)} are free. "
        "Choose fewer SAEs at a time, fewer features or a smaller batch."
    )


def _free_memory(device: str) -> int:
    from saedesk.embedding.compute_device import choose_device

    if choose_device(device) == "cuda":
        import torch

        return int(torch.cuda.mem_get_info()[0])
    return int(psutil.virtual_memory().available)
