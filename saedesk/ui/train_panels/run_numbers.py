"""The numbers in the head of a run, each with its caption and what it means."""

from __future__ import annotations

from saedesk.project.atomic_files import megabytes
from saedesk.ui.train_panels import measure_texts
from saedesk.ui.train_panels.training_run import Run
from saedesk.ui.train_panels.training_texts import (
    count_text,
    duration_text,
    fvu_text,
    l0_text,
    left_text,
    off_text,
    share_text,
    speed_text,
)

Entry = tuple[str, str, str]
"""Value, caption and explanation."""


def run_numbers(run: Run, is_wide: bool) -> list[Entry]:
    """What the head shows of a run; captions are shorter where there is less room."""
    if run.is_loaded:
        return _loaded_numbers(run, is_wide)
    shown = [
        (run.epochs_text(), "Epoch", measure_texts.EPOCHS),
        _fvu_entry(run, is_wide),
        (l0_text(run.l0), "L0, features per document" if is_wide else "L0", measure_texts.L0),
        (share_text(run.dead), "Dead in training" if is_wide else "Dead", measure_texts.DEAD),
        (
            speed_text(run.speed),
            "Documents per second" if is_wide else "Documents/s",
            measure_texts.SPEED,
        ),
    ]
    if run.is_live:
        shown.append((left_text(run.seconds_left), "Left", measure_texts.LEFT))
    else:
        shown.append(_time_entry(run, is_wide))
    return shown


def _loaded_numbers(run: Run, is_wide: bool) -> list[Entry]:
    """Of an SAE from a file only what it is, and what its analysis measured here."""
    shown: list[Entry] = [(count_text(run.n_latents), "Features", measure_texts.FEATURES)]
    if run.k is not None:
        caption = "Active at once, k" if is_wide else "k"
        shown.append((count_text(run.k), caption, measure_texts.K))
    if run.fvu is not None:
        caption = "FVU, documents here" if is_wide else "FVU here"
        shown.append((fvu_text(run.fvu), caption, measure_texts.FVU_HERE))
    if run.l0 is not None:
        caption = "L0, features per document" if is_wide else "L0"
        shown.append((l0_text(run.l0), caption, measure_texts.L0_HERE))
    if run.dead is not None:
        caption = "Active in no document" if is_wide else "Never active"
        shown.append((share_text(run.dead), caption, measure_texts.NEVER_ACTIVE))
    if run.size_bytes is not None:
        shown.append((megabytes(run.size_bytes), "Size", measure_texts.SIZE))
    return shown


def _fvu_entry(run: Run, is_wide: bool) -> Entry:
    told = run.forecast
    caption, said = "FVU held-out", measure_texts.FVU
    if told.fvu is not None and told.fvu_ratio is not None:
        caption = f"FVU, {off_text(told.fvu_ratio, is_wide)}"
        off = off_text(told.fvu_ratio, True)
        said = f"{said} The forecast was {fvu_text(told.fvu)}: {off}."
    return fvu_text(run.fvu), caption, said


def _time_entry(run: Run, is_wide: bool) -> Entry:
    told = run.forecast
    caption, said = "Time", measure_texts.TIME
    if told.seconds is not None and told.seconds_ratio is not None:
        caption = f"Time, {off_text(told.seconds_ratio, is_wide)}"
        off = off_text(told.seconds_ratio, True)
        said = f"{said} The forecast was {duration_text(told.seconds)}: {off}."
    return duration_text(run.seconds), caption, said
