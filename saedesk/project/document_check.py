"""Are the documents what was imported? SQLite's own check sees structure, not changed letters."""

from __future__ import annotations

from dataclasses import dataclass

from saedesk.corpus.document import text_to_embed
from saedesk.embedding.text_hashes import text_hash
from saedesk.project.document_store import DocumentStore
from saedesk.project.document_writer import next_corpus_hash
from saedesk.task_control import Progress, TaskControl

_CHECK_EVERY = 1000


@dataclass(frozen=True)
class CorpusCheck:
    """What a comparison of all documents with their hashes found."""

    changed: tuple[str, ...]
    """Keys of documents whose title or text is not what was imported."""
    is_complete: bool
    """Whether keys, order and number of the documents are those of the imports."""


def check_documents(documents: DocumentStore, control: TaskControl) -> CorpusCheck:
    """Compare every key, title and text with the hashes made when they were imported."""
    changed: list[str] = []
    corpus = ""
    total = documents.count()
    for done, (row, stored) in enumerate(documents.iterate_with_hashes()):
        if done % _CHECK_EVERY == 0:
            control.checkpoint()
            control.report(Progress(done, total, "documents", "Checking the documents"))
        joined = text_to_embed(row.title, row.text)
        if (text_hash(joined) if joined else None) != stored:
            changed.append(row.key)
        corpus = next_corpus_hash(corpus, row.key, stored)
    return CorpusCheck(tuple(changed), corpus == documents.corpus_hash())
