"""Documents from what lies beside vectors; without any texts they have a key and fields only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from saedesk.corpus.document import Document
from saedesk.corpus.document_building import DocumentBuilder, field_definitions
from saedesk.embedding.vector_files.vector_file import VectorFile
from saedesk.errors import BadInput
from saedesk.jobs.vector_matching import RowMatch, import_hash
from saedesk.project.document_writer import ImportRecord, writing_documents
from saedesk.project.project_folder import Project
from saedesk.task_control import Progress, TaskControl

_CHECK_EVERY = 200


@dataclass(frozen=True)
class DocumentsBeside:
    """The documents that the rows of a vector file become, in the order of the rows."""

    file: VectorFile
    match: RowMatch
    digest: str
    """Of the file's content; "" for a preview."""

    def documents(self, builder: DocumentBuilder | None = None) -> Iterator[Document]:
        """One for every row; a row without a key column is called by its number from 1."""
        builder = builder or DocumentBuilder(self.match.uses)
        for row, cells in enumerate(self.file.cells(builder.columns), start=1):
            document = builder.build(cells, str(row))
            assert document is not None  # Keys were looked at when the rows were matched.
            yield document

    def write(self, project: Project, control: TaskControl) -> int:
        """Add all documents to an empty project in one step; returns how many."""
        rows, empty = 0, 0
        builder = DocumentBuilder(self.match.uses)
        fields = field_definitions(self.match.uses)
        with writing_documents(project.database, fields) as writer:
            for document in self.documents(builder):
                if rows % _CHECK_EVERY == 0:
                    control.checkpoint()
                    note = "Storing the documents"
                    control.report(Progress(rows, self.file.table.rows, "documents", note))
                if not writer.add(document):
                    raise BadInput(
                        f"Two rows of {self.file.path.name} have the key “{document.key[:80]}”. "
                        "Choose another column of keys."
                    )
                empty += not document.text.strip()
                rows += 1
            counts = builder.take_counts()
            record = ImportRecord(
                source=self.file.path.name,
                read=rows,
                kept=rows,
                rejected=0,
                duplicates=0,
                empty_texts=empty,
                replaced_characters=counts.replaced_characters,
                unreadable_values=counts.unreadable_values,
                size_bytes=sum(path.stat().st_size for path in self.file.content_files()),
            )
            control.checkpoint()
            source = import_hash(self.file, self.match.uses, self.digest)
            writer.finish(source, record, ())
        return rows


def heading_of(document: Document) -> str:
    """The title, or else the beginning of the text, or else the key, as for stored documents."""
    return document.title or " ".join(document.text[:200].split()) or document.key
