from __future__ import annotations

import csv
import os
from dataclasses import replace
from pathlib import Path

import pytest

from saedesk.corpus.corpus_input import InputRequest, preview_input
from saedesk.corpus.document import ColumnRole, ColumnUse
from saedesk.errors import BadInput, KnownError
from saedesk.jobs import export_table, import_documents
from saedesk.jobs.import_documents import ImportRequest
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.document_writer import import_records, rejected_rows
from saedesk.project.project_folder import Project
from saedesk.task_control import Cancelled, Progress, Unattended
from tests.tiny_projects import Listener, import_file


@pytest.fixture
def project(tmp_path: Path):
    with Project.create(tmp_path / "p.saedesk") as made:
        yield made


def write(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(rows) + "\n", "utf-8")
    return path


def request_for(path: Path) -> ImportRequest:
    seen = preview_input(path)
    return ImportRequest(InputRequest((path,), seen.uses, seen.encoding, seen.delimiter))


def test_an_import_is_recognised_when_it_comes_again(project: Project, abstracts: Path) -> None:
    first = import_file(project, abstracts)
    before = project.documents.corpus_hash()
    again = import_file(project, abstracts)
    assert (first.already_there, again.already_there) == (False, True)
    assert again.record == replace(first.record, created=again.record.created)
    renamed = abstracts.rename(abstracts.with_name("other.csv"))
    assert import_file(project, renamed).already_there
    assert project.documents.count() == 60
    assert project.documents.corpus_hash() == before


def test_equal_keys_stop_the_import_and_nothing_changes(project: Project, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "id,text", "1,one", "2,two", "1,three", "2,four")
    uses = (ColumnUse("id", ColumnRole.KEY), ColumnUse("text", ColumnRole.TEXT))
    wanted = InputRequest((path,), uses)
    with pytest.raises(BadInput, match=r"2 rows have keys .* line 4 of a.csv .“1”."):
        import_documents.run(project, ImportRequest(wanted), Unattended())
    assert project.documents.count() == 0
    assert project.documents.fields() == ()
    keep_first = ImportRequest(wanted, "keep first")
    kept = import_documents.run(project, keep_first, Unattended()).record
    assert (kept.read, kept.kept, kept.duplicates, kept.rejected) == (4, 2, 2, 0)
    assert [row.text for row in project.documents.iterate()] == ["one", "two"]


def test_rows_set_aside_are_reported_and_the_numbers_add_up(
    project: Project, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.csv", "id,text,x", "1,one,a", "2,two", "3,,c", "4,four,d,e")
    record = import_file(project, path).record
    assert record.read == record.kept + record.rejected + record.duplicates == 4
    assert record.empty_texts == 1
    rows = rejected_rows(project.database)
    assert len(rows) == record.rejected > 0
    assert all(row.file == "a.csv" and row.line >= 3 and row.reason for row in rows)
    assert import_records(project.database)[0].kept == record.kept


def test_the_text_na_is_a_text_and_an_empty_one_is_not_embedded(
    project: Project, tmp_path: Path
) -> None:
    import_file(project, write(tmp_path / "a.csv", "id,text", "1,NA", "2,null", "3,", "4,  "))
    assert [row.text for row in project.documents.rows([1, 2])] == ["NA", "null"]
    assert project.documents.embedding_rows()[0].tolist() == [1, 2]


@pytest.mark.parametrize("moment", [1, 2, 3])
def test_a_cancel_leaves_nothing(project: Project, abstracts: Path, moment: int) -> None:
    with pytest.raises(Cancelled):
        import_documents.run(project, request_for(abstracts), Listener(cancel_at=moment))
    assert project.documents.count() == 0
    assert project.documents.find(DocumentFilter(words="dark")).tolist() == []
    assert import_file(project, abstracts).record.kept == 60


class Meddler(Unattended):
    """Does something to the file while it is read."""

    def __init__(self, meddle) -> None:
        self._meddle = meddle

    def report(self, progress: Progress) -> None:
        if progress.done and self._meddle is not None:
            meddle, self._meddle = self._meddle, None
            meddle()


@pytest.mark.parametrize("what", ["appended", "same length", "removed"])
def test_a_file_that_changes_meanwhile_is_not_imported(
    project: Project, abstracts: Path, what: str
) -> None:
    def meddle() -> None:
        if what == "removed":
            abstracts.unlink()
        elif what == "appended":
            with abstracts.open("a") as file:
                file.write("0099,t,more,Biology,2001,1,https://a\n")
        else:
            content = abstracts.read_bytes()
            abstracts.write_bytes(content)
            os.utime(abstracts, ns=(1, 1))

    sentence = "cannot be read" if what == "removed" else "was changed while it was being imported"
    with pytest.raises(BadInput, match=sentence):
        import_documents.run(project, request_for(abstracts), Meddler(meddle))
    assert project.documents.count() == 0


def test_a_missing_file_gets_a_sentence(project: Project, abstracts: Path) -> None:
    request = request_for(abstracts)
    abstracts.unlink()
    with pytest.raises(KnownError, match=r"abstracts\.csv"):
        import_documents.run(project, request, Unattended())


def test_files_without_keys_go_into_one_project(project: Project, tmp_path: Path) -> None:
    import_file(project, write(tmp_path / "a.csv", "text,kind", "one fine text,x", "two,y"))
    import_file(project, write(tmp_path / "b.csv", "text,kind", "three good texts,x", "four,y"))
    assert [row.key for row in project.documents.iterate()] == [
        "a.csv:1", "a.csv:2", "b.csv:1", "b.csv:2",
    ]  # fmt: skip


def test_a_second_file_adds_its_documents(project: Project, tmp_path: Path) -> None:
    import_file(project, write(tmp_path / "a.csv", "id,text,kind", "1,one,x", "2,two,y"))
    import_file(project, write(tmp_path / "b.csv", "id,text,kind", "3,three,z"))
    assert [row.key for row in project.documents.iterate()] == ["1", "2", "3"]
    with pytest.raises(BadInput, match="1 row has a key that another document has already"):
        import_file(project, write(tmp_path / "c.csv", "id,text,kind", "2,zwei,z", "4,vier,z"))
    assert project.documents.count() == 3


HOSTILE = ("=1+1", "+cmd", "-2", "@x", "\tTAB", "plain", 'quote " and, comma', "two\nlines")


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_what_is_exported_can_be_imported_again(
    project: Project, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / "in.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["key", "title", "text", "citations"])
        for number, text in enumerate(HOSTILE):
            writer.writerow([f"k{number}", text.strip(), text, -number])
    import_file(project, path)
    out = tmp_path / f"out.{ending}"
    request = export_table.ExportRequest("documents", out)
    assert export_table.run(project, request, Unattended()) == len(HOSTILE)
    with Project.create(tmp_path / "again.saedesk") as again:
        import_file(again, out)
        texts = [row.text for row in again.documents.iterate()]
        numbers = [next(iter(row.fields.values())) for row in again.documents.iterate()]
    # A leading apostrophe is all that the escape adds.
    escaped = {f"'{text}" for text in HOSTILE if text[0] in "=+-@\t"} if ending == "csv" else set()
    assert [t.removeprefix("'") if t in escaped else t for t in texts] == list(HOSTILE)
    assert numbers == [-float(i) for i in range(len(HOSTILE))]
    if ending == "csv":
        assert escaped <= set(texts)
        assert "'-1" not in out.read_text("utf-8")


def test_exports_that_cannot_be_written(project: Project, abstracts: Path, tmp_path: Path) -> None:
    import_file(project, abstracts)
    for path, table in (
        (tmp_path / "a.xls", "documents"),
        (tmp_path / "no" / "a.csv", "documents"),
        (tmp_path / "a.csv", "nothing"),
        (tmp_path / "a.csv", "features"),
    ):
        with pytest.raises(KnownError):
            export_table.run(project, export_table.ExportRequest(table, path), Unattended())
        assert not path.exists()
