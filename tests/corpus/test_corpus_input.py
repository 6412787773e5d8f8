"""Files of every format become the documents that are in them."""

from __future__ import annotations

import gzip
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from saedesk.corpus.corpus_input import (
    InputRequest,
    field_definitions,
    preview_input,
    read_documents,
)
from saedesk.corpus.csv_reader import CsvTable
from saedesk.corpus.document import (
    ColumnRole,
    ColumnUse,
    Document,
    FieldDefinition,
    FieldType,
)
from saedesk.corpus.readers import TABLE_FORMATS
from saedesk.corpus.table_reader import TableFormat
from saedesk.errors import BadInput, BadSetting

USES = (
    ColumnUse("id", ColumnRole.KEY),
    ColumnUse("title", ColumnRole.TITLE),
    ColumnUse("text", ColumnRole.TEXT),
    ColumnUse("year", ColumnRole.FIELD, FieldType.NUMBER),
    ColumnUse("day", ColumnRole.FIELD, FieldType.DATE),
    ColumnUse("kind", ColumnRole.FIELD, FieldType.CATEGORY),
    ColumnUse("note", ColumnRole.IGNORE),
)
CSV = (
    "note,id,title,text,year,day,kind\n"
    'x,007,One,"first, text",1999,1999-05-01,a\n'
    "y,A12,Two,second,about 2000,3/4/2001,\n"
)
EXPECTED = [
    Document("007", "One", "first, text", {"year": 1999.0, "day": "1999-05-01", "kind": "a"}),
    Document("A12", "Two", "second", {"year": None, "day": None, "kind": None}),
]


def read(*paths: Path, uses=USES, **more) -> list[Document]:
    request = InputRequest(paths, uses, **more)
    return [document for batch in read_documents(request) for document in batch.documents]


def write_parquet(path: Path) -> None:
    import pyarrow as pa
    import pyarrow.feather as feather
    import pyarrow.parquet as pq

    columns = list(zip(*[row.split("|") for row in (
        "x|007|One|first, text|1999|1999-05-01|a", "y|A12|Two|second|about 2000|3/4/2001|",
    )], strict=True))  # fmt: skip
    names = ["note", "id", "title", "text", "year", "day", "kind"]
    table = pa.table(dict(zip(names, columns, strict=True)))
    if path.suffix == ".parquet":
        pq.write_table(table, path)
    elif path.suffix == ".feather":
        feather.write_feather(table, str(path))
    else:
        with pa.ipc.new_stream(str(path), table.schema) as stream:
            stream.write_table(table)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.csv", "CSV"), ("a.tsv", "TSV"), ("semicolon.csv", "CSV"), ("bar.csv", "CSV"),
        ("tab.csv", "TSV"), ("a.csv.gz", "CSV"), ("a.jsonl", "JSON Lines"),
        ("a.jsonl.gz", "JSON Lines"), ("a.parquet", "Parquet"), ("a.feather", "Arrow"),
        ("a.arrow", "Arrow"),
    ],
)  # fmt: skip
def test_every_format_gives_the_same_documents(tmp_path, name, kind):
    path = tmp_path / name
    json_lines = (
        '{"note": 1, "id": "007", "title": "One", "text": "first, text", "year": 1999, '
        '"day": "1999-05-01", "kind": "a"}\n'
        '{"id": "A12", "title": "Two", "text": "second", "year": "about 2000", '
        '"day": "3/4/2001", "kind": null}\n'
    )
    if kind in ("Parquet", "Arrow"):
        write_parquet(path)
    else:
        separator = {"a.tsv": "\t", "tab.csv": "\t", "semicolon.csv": ";", "bar.csv": "|"}.get(
            name, ","
        )
        table = (
            CSV.replace("first, text", "\0").replace(",", separator).replace("\0", "first, text")
        )
        content = (json_lines if kind == "JSON Lines" else table).encode()
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    preview = preview_input(path)
    assert preview.kind == kind
    assert preview.size_bytes == path.stat().st_size
    assert [use.column for use in preview.uses] == list(preview.columns)
    assert read(path) == EXPECTED
    batch = next(read_documents(InputRequest((path,), USES)))
    assert batch.unreadable_values == {"year": 1, "day": 1}


def test_a_folder_of_texts_is_one_document_for_each_file(tmp_path):
    folder = tmp_path / "letters.2019"
    (folder / "more").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    (folder / "b.txt").write_text("second", encoding="utf-16")
    (folder / "a.TXT").write_text("\ufefffirst\nline", encoding="utf-8")
    (folder / "more" / "c.txt").write_bytes(b"")
    (folder / "notes.md").write_text("no")
    (folder / ".hidden" / "d.txt").write_text("no")
    preview = preview_input(folder)
    assert (preview.kind, preview.encoding_is_certain) == ("text folder", True)
    assert [use.role for use in preview.uses] == [ColumnRole.KEY, ColumnRole.TEXT]
    expected = [("a.TXT", "first\nline"), ("b.txt", "second"), ("more/c.txt", "")]
    assert [(d.key, d.text) for d in read(folder, uses=preview.uses)] == expected
    (folder / "old.txt").write_bytes("caf\u00e9".encode("cp1252"))
    assert not preview_input(folder).encoding_is_certain
    with pytest.raises(BadInput, match=r"old\.txt is not utf-8"):
        read(folder, uses=preview.uses)
    found = read(folder, uses=preview.uses, encoding="cp1252")
    assert [document.text for document in found] == ["first\nline", "second", "", "caf\u00e9"]
    assert read(folder / "old.txt", uses=preview.uses, encoding="cp1252")[0].text == "caf\u00e9"


def test_keys_are_made_from_file_names_and_rows(tmp_path):
    uses = (ColumnUse("text", ColumnRole.TEXT),)
    (tmp_path / "other").mkdir()
    paths = [tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "other" / "a.csv"]
    for path in paths:
        path.write_text('text\n"x\ny"\nz\n')
    assert [d.key for d in read(paths[0], uses=uses)] == ["a.csv:1", "a.csv:2"]
    assert [d.key for d in read(*paths, uses=uses)] == [
        "a.csv:1", "a.csv:2", "b.csv:1", "b.csv:2", "a.csv (2):1", "a.csv (2):2",
    ]  # fmt: skip


def test_several_text_columns_are_joined_with_a_blank_line(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("question,answer\nwhy?,because\nhow?,\n")
    uses = (ColumnUse("question", ColumnRole.TEXT), ColumnUse("answer", ColumnRole.TEXT))
    assert [d.text for d in read(path, uses=uses)] == ["why?\n\nbecause", "how?"]


@pytest.mark.parametrize(
    ("uses", "sentence"),
    [
        (USES[:2], "No column holds the text"),
        ((*USES, ColumnUse("note2", ColumnRole.KEY)), "Only one column can be the key"),
        ((*USES, ColumnUse("t2", ColumnRole.TITLE)), "Only one column can be the title"),
        ((*USES, ColumnUse("id", ColumnRole.FIELD, FieldType.TEXT)), "“id” is given two roles"),
        ((*USES, ColumnUse("x", ColumnRole.FIELD)), "“x” has no type"),
    ],
)
def test_roles_that_make_no_sense_are_refused(tmp_path, uses, sentence):
    path = tmp_path / "a.csv"
    path.write_text(CSV)
    with pytest.raises(BadSetting, match=sentence):
        read(path, uses=uses)


def test_batches_are_small_and_their_progress_reaches_the_end(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,text\n" + "".join(f"{n},{'words ' * 20}\n" for n in range(950)) + "x\n")
    uses = (USES[0], USES[2])
    batches = list(read_documents(InputRequest((path, path), uses), batch_size=100))
    assert sum(len(batch.documents) for batch in batches) == 1_900
    assert max(len(batch.documents) for batch in batches) == 100
    assert [row.line for batch in batches for row in batch.rejected] == [952, 952]
    done = [batch.bytes_done for batch in batches]
    assert done == sorted(done)
    assert 0 < done[2] < done[-1] == batches[0].bytes_total == 2 * path.stat().st_size


def test_a_batch_of_very_long_texts_is_handed_out_early(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,text\n" + "".join(f"{n},{'w' * 3_000_000}\n" for n in range(7)))
    batches = list(read_documents(InputRequest((path,), (USES[0], USES[2]))))
    assert max(len(batch.documents) for batch in batches) == 3


def test_a_preview_is_short(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,text\n" + "".join(f"{n},{'w' * 900}\n" for n in range(200)))
    preview = preview_input(path)
    assert len(preview.rows) == 50
    assert {len(row[1]) for row in preview.rows} == {300}


def test_a_delimiter_chosen_by_a_person_wins(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id;text\n1;a, b\n2;c, d\n")
    assert preview_input(path).delimiter == ";"
    with pytest.raises(BadInput, match=r"None of the first 2 rows"):
        preview_input(path, delimiter=",")
    assert preview_input(path, delimiter="|").columns == ("id;text",)
    assert read(path, uses=(USES[0], USES[2]), delimiter=";")[0].text == "a, b"
    with pytest.raises(BadSetting, match="one character"):
        preview_input(path, delimiter="::")


def test_prose_in_one_column_is_not_split(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text\nsome words here\nother words there\n")
    assert preview_input(path).columns == ("text",)


def test_json_values_that_appear_late_are_read(tmp_path):
    path = tmp_path / "a.jsonl"
    lines = [f'{{"id": "{n}", "text": "x"}}\n' for n in range(1_200)]
    path.write_text("".join(lines) + '{"id": "late", "text": "y", "year": 5, "tags": ["a", "b"]}\n')
    uses = (*USES[:1], USES[2], USES[3], ColumnUse("tags", ColumnRole.FIELD, FieldType.CATEGORY))
    assert read(path, uses=uses)[-1].fields == {"year": 5.0, "tags": "a; b"}


def test_a_request_crosses_to_another_process_and_fields_are_declared():
    request = InputRequest((Path("a.csv"),), USES, "cp1252", ";")
    assert pickle.loads(pickle.dumps(request)) == request
    assert field_definitions(USES) == (
        FieldDefinition("year", FieldType.NUMBER),
        FieldDefinition("day", FieldType.DATE),
        FieldDefinition("kind", FieldType.CATEGORY),
    )


def test_a_new_format_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(TABLE_FORMATS, "_things", dict(TABLE_FORMATS._things))
    TABLE_FORMATS.add("log", TableFormat("log", (".log",), lambda *_: False, CsvTable))
    path = tmp_path / "a.log"
    path.write_text("id,text\n1,x\n")
    assert preview_input(path).rows == (("1", "x"),)


def test_importing_the_package_loads_no_pyarrow():
    code = "import sys, saedesk.corpus.corpus_input; sys.exit('pyarrow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
