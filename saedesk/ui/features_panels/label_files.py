"""Labels in and out: asks for the file, shows what an import would do, and lets a person decide."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QWidget

from saedesk.jobs.label_exchange import ImportPreview
from saedesk.session import label_work
from saedesk.session.message import LABELS
from saedesk.session.session import Session
from saedesk.ui.features_panels.write_permission import may_write
from saedesk.ui.widgets.dialogs import ALL_FILES, ask, choose_file

OUT_KINDS = (("CSV", "*.csv"), ("JSON Lines", "*.jsonl"), ("Parquet", "*.parquet"))
IN_KINDS = (("Labels", "*.csv *.tsv *.jsonl *.parquet"), ALL_FILES)

IMPORT, KEEP, REPLACE, CANCEL = (
    "Import",
    "Keep what people wrote",
    "Replace that too",
    "Cancel",
)


def export_labels(session: Session, parent: QWidget) -> None:
    """Ask for a file and write labels, scores, stars, notes and tags to it."""
    if session.sae is None:
        return
    title = "Export labels, stars, notes and tags"
    path = choose_file(parent, title, OUT_KINDS, save=True, suggested="labels.csv")
    if path is not None:
        label_work.export_labels(session, path if path.suffix else path.with_suffix(".csv"))


def import_labels(session: Session, parent: QWidget) -> None:
    """Ask for a file, read it, and ask again with what it would change."""
    if session.sae is None or not may_write(session):
        return
    path = choose_file(parent, "Import labels", IN_KINDS)
    if path is not None:
        label_work.preview_labels(session, path, partial(_decide, session, parent, path))


def _decide(session: Session, parent: QWidget, path: Path, seen: ImportPreview) -> None:
    persons = seen.person_labels + seen.person_marks
    if not (seen.new_labels or seen.replaced_labels or seen.new_marks or persons):
        session.tell(f"Nothing in {path.name} is new here.", (LABELS,))
        return
    buttons = (KEEP, REPLACE, CANCEL) if persons else (IMPORT, CANCEL)
    answer = ask(parent, f"Import labels from {path.name}?", preview_text(seen), buttons)
    if answer != CANCEL and session.sae is not None and may_write(session):
        label_work.import_labels(session, path, replace_person=answer == REPLACE)


def preview_text(seen: ImportPreview) -> str:
    """What an import would do, in sentences."""
    lines = [f"{seen.rows - seen.unknown:,} of {seen.rows:,} rows match a feature of this SAE."]
    does = [
        f"{count:,} {words}"
        for count, words in (
            (seen.new_labels, "features without a label get one"),
            (seen.replaced_labels, "labels by keywords or a language model are replaced"),
            (seen.new_marks, "features get a star, a note, a tag, or are hidden"),
        )
        if count
    ]
    if does:
        lines.append("; ".join(does) + ".")
    if seen.person_labels:
        lines.append(f"{seen.person_labels:,} features have another label by a person.")
    if seen.person_marks:
        lines.append(
            f"{seen.person_marks:,} features have another note here, or a star or hiding that the "
            "file says they have not."
        )
    lines.append("Earlier labels stay in the history, and Undo takes the import back.")
    return " ".join(lines)
