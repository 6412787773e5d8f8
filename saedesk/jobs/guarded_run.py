"""A training whose failure is its own: the others of its pass go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from saedesk.errors import KnownError
from saedesk.jobs.training_member import Member
from saedesk.sae.training_run import TrainingRun

if TYPE_CHECKING:
    from torch import Tensor

    from saedesk.sae.training_rows import TrainingRows


class GuardedRun(TrainingRun):
    """Stores its SAE as soon as it is done; after a failure it takes no more batches."""

    def __init__(self, member: Member, rows: TrainingRows) -> None:
        super().__init__(
            rows,
            member.request.architecture,
            member.request.config,
            on_step=member.curve.add,
            checkpoint=member.checkpoint,
        )
        self._member = member
        member.curve.start(self.total_steps, self.steps_per_epoch)

    @property
    def is_done(self) -> bool:
        """Whether it takes no more batches."""
        return self._member.failure is not None or super().is_done

    def advance(self, x: Tensor) -> None:
        """One step; a known failure ends this run only."""
        try:
            super().advance(x)
        except KnownError as error:
            self._member.failure = error
            return
        if self.is_done:
            self._member.store(self.result(), self.total_steps)

    def write_checkpoint(self) -> None:
        """Keep what the next step needs, unless there will be none."""
        if self._member.record is None and self._member.failure is None:
            super().write_checkpoint()
