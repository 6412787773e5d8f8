"""Whether labels and stars may be written; says why not."""

from __future__ import annotations

from saedesk.errors import KnownError
from saedesk.session.session import Message, Session

READ_ONLY = (
    "The project is open read-only here, because another saedesk has it open or the folder cannot "
    "be written."
)


def read_only_reason(session: Session) -> str:
    """Why labels and stars cannot be changed; empty where they can."""
    return READ_ONLY if session.project is not None and session.project.read_only else ""


def may_write(session: Session) -> bool:
    """True in a project that can be written; else the reason becomes a message."""
    if session.project is None:
        return False
    try:
        session.project.check_writable()
    except KnownError as error:
        session.message.emit(Message("error", error.sentence))
        return False
    return True
