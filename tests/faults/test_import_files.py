"""Bad files on the way in: each leads to a rejected row or to one sentence, never to a crash."""

from __future__ import annotations

import gzip
import json
import os
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from saedesk.corpus.corpus_input import (
    DocumentBatch,
    InputRequest,
    RejectedRow,
    preview_input,
    read_documents,
)
from saedesk.corpus.document import ColumnRole, ColumnUse, Document, FieldType
from saedesk.errors import BadInput, BadSetting, KnownError

KEY = ColumnUse("id", ColumnRole.KEY)
TEXT = ColumnUse("text", ColumnRole.TEXT)


def batches(*paths: Path, uses: tuple[ColumnUse, ...] = (KEY, TEXT), **more) -> list[DocumentBatch]:
    return list(read_documents(InputRequest(paths, uses, **more)))


def documents(*paths: Path, **more) -> list[Document]:
    return [document for batch in batches(*paths, **more) for document in batch.documents]


def rejected(*paths: Path, **more) -> list[RejectedRow]:
    return [row for batch in batches(*paths, **more) for row in batch.rejected]


def texts(*paths: Path, **more) -> list[str]:
    return [document.text for document in documents(*paths, **more)]


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.json", "a.parquet"])
def test_an_empty_file_has_no_rows(write, name):
    with pytest.raises(BadInput, match=r"no rows"):
        preview_input(write(name, b""))


@pytest.mark.parametrize("content", ["id,text\n", "id,text", "\n\n", "[]"])
def test_a_header_alone_has_no_rows(write, content):
    path = write("a.json" if content == "[]" else "a.csv", content)
    with pytest.raises(BadInput, match=r"no rows"):
        preview_input(path)


def test_cp1252_is_preselected_but_not_decided(write):
    path = write("a.csv", "id,text\n1,caf\u00e9 \u2013 5 \u20ac\n".encode("cp1252"))
    preview = preview_input(path)
    assert (preview.encoding, preview.encoding_is_certain) == ("cp1252", False)
    assert preview.rows[0][1] == "caf\u00e9 \u2013 5 \u20ac"
    assert any("guess" in note for note in preview.notes)
    with pytest.raises(BadInput, match=r"not utf-8 in line 2.*encoding"):
        documents(path)
    assert texts(path, encoding="cp1252") == ["caf\u00e9 \u2013 5 \u20ac"]


def test_a_late_latin_1_byte_is_found_and_its_line_named(write):
    lines = [f"{n},{'plain text ' * 20}" for n in range(2_000)]
    path = write("a.csv", ("id,text\n" + "\n".join(lines) + "\n1x,caf\u00e9\n").encode("latin-1"))
    assert not preview_input(path).encoding_is_certain
    with pytest.raises(BadInput, match=r"in line 2002\b"):
        documents(path)


def test_bytes_cp1252_does_not_know_preselect_latin_1(write):
    path = write("a.csv", b"id,text\n1,caf\xe9 \x81\n")
    assert preview_input(path).encoding == "latin-1"


def test_an_unknown_encoding_is_named(write):
    path = write("a.csv", "id,text\n1,x\n")
    for name in ("utf-9", "base64", "rot13"):
        with pytest.raises(BadSetting, match=name):
            preview_input(path, encoding=name)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_utf_16_is_read_with_and_without_mark(write, encoding, mark, name):
    content = (
        "id,text\n1,gr\u00fcn \u4e2d\n"
        if name == "a.csv"
        else '{"id": "1", "text": "gr\u00fcn \u4e2d"}\n'
    )
    path = write(name, (mark + content).encode(encoding))
    preview = preview_input(path)
    assert (preview.encoding, preview.encoding_is_certain) == (encoding, True)
    assert preview.columns == ("id", "text")
    assert texts(path) == ["gr\u00fcn \u4e2d"]


def test_a_utf_8_mark_is_not_part_of_the_first_column(write):
    path = write("a.csv", b"\xef\xbb\xbfid,text\n1,x\n")
    assert preview_input(path).columns == ("id", "text")
    assert documents(path, encoding="utf-8-sig")[0].key == "1"
    jsonl = write("a.jsonl", b'\xef\xbb\xbf{"id": "1", "text": "x"}\n')
    assert texts(jsonl) == ["x"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_quotes_and_line_ends_inside_cells_do_not_change_the_row_count(write, end):
    rows = ["id,text", '1,"two\nlines, and ""quotes"""', "2,plain", '3,"a\r\nb"', ""]
    found = texts(write("a.csv", end.join(rows)))
    assert found == ['two\nlines, and "quotes"', "plain", "a\r\nb"]


def test_ragged_rows_are_rejected_with_their_lines_and_the_totals_add_up(write):
    path = write("a.csv", 'id,text\n1,a\n2\n3,"b\nc"\n4,d,e\n\n5,f,,\n6,g\n')
    assert [document.key for document in documents(path)] == ["1", "3", "5", "6"]
    assert [(row.line, row.beginning) for row in rejected(path)] == [(3, "2"), (6, "4,d,e")]
    assert [line for batch in batches(path) for line in batch.lines] == [2, 4, 8, 9]
    assert "3 cells; the first line names 2." in rejected(path)[1].reason


def test_a_stray_carriage_return_costs_its_row_and_does_not_make_two(write):
    path = write("a.csv", 'id,text\n1,a\rb\n2,"c\rd"\n3,\re\n4,f\r\n')
    assert texts(path) == ["c\rd", "f"]
    assert [(row.line, row.reason) for row in rejected(path)] == [
        (2, "A line break inside a cell is not in quotes."),
        (4, "A line break inside a cell is not in quotes."),
    ]


def test_a_quote_open_to_the_end_is_named_by_the_line_where_it_opened(write):
    path = write("a.csv", 'id,text\n1,a\n2,"fine\nfine"\n"3","never closed\n4,b\n5,c\n')
    with pytest.raises(BadInput, match=r"opens in line 5 is never closed; nothing was imported"):
        documents(path)


def test_a_quote_left_open_before_another_quoted_row_is_named_too(write):
    path = write("a.csv", 'id,text\n1,a\n2,"never closed\n3,b\n4,"quoted"\n5,c\n')
    with pytest.raises(BadInput, match=r"opens in line 3 "):
        documents(path)


def test_a_quote_open_for_more_than_the_longest_cell_is_found(write, monkeypatch):
    monkeypatch.setattr("saedesk.corpus.csv_reader.MAX_CELL_CHARACTERS", 1_000)
    path = write("a.csv", 'id,text\n1,a\n2,"never closed\n' + "3,some words\n" * 500)
    with pytest.raises(BadInput, match=r"opens in line 3 "):
        documents(path)


def test_a_quote_not_doubled_inside_a_cell_costs_that_row_only(write):
    path = write("a.csv", 'id,text\n1,"he said "yes" twice"\n2,b\n')
    assert texts(path) == ["b"]
    assert [row.line for row in rejected(path)] == [2]


@pytest.mark.parametrize("shape", ["one line", "many lines", "unquoted", "first of its row"])
def test_a_cell_too_long_is_rejected_and_the_rows_after_it_are_kept(write, monkeypatch, shape):
    monkeypatch.setattr("saedesk.corpus.csv_reader.MAX_CELL_CHARACTERS", 10_000)
    monkeypatch.setattr("saedesk.corpus.csv_reader.MAX_ROW_CHARACTERS", 15_000)
    long = {
        "one line": '"' + 'x,""y""' * 9_000 + '"',
        "many lines": '"' + "x, y\n" * 9_000 + '"',
        "unquoted": "x" * 50_000,
        "first of its row": '"' + "x\n" * 5_000 + "z" * 20_000 + '"',
    }[shape]
    path = write("a.csv", f'id,text\n1,a\n2,{long}\n3,"b\nb"\n4,c\n')
    assert texts(path) == ["a", "b\nb", "c"]
    assert [row.line for row in rejected(path)] == [3]


def test_a_cell_of_100_mb_needs_bounded_memory(tmp_path):
    path = tmp_path / "a.csv"
    with open(path, "w") as out:
        out.write('id,text\n1,a\n2,"')
        for _ in range(100):
            out.write("words, " * 150_000)
        out.write('"\n3,b\n')
    script = (
        "import sys; from pathlib import Path\n"
        "from saedesk.corpus.corpus_input import *\n"
        "from saedesk.corpus.document import *\n"
        "uses = (ColumnUse('id', ColumnRole.KEY), ColumnUse('text', ColumnRole.TEXT))\n"
        "for batch in read_documents(InputRequest((Path(sys.argv[1]),), uses)):\n"
        "    print([d.text for d in batch.documents], len(batch.rejected))\n"
        # Not ru_maxrss: a child inherits that of the process it was forked from.
        "status = Path('/proc/self/status').read_text()\n"
        "print(status.split('VmHWM:')[1].split()[0])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    found, peak = done.stdout.split("\n")[:2]
    assert found == "['a', 'b'] 1"
    assert int(peak) < 300_000  # KB, interpreter included


def test_nul_and_lone_surrogates_are_replaced_and_counted(write):
    lines = [
        r'{"id": "1", "text": "a\u0000b\ud800c", "note": "\udc00"}',
        r'{"id": "2", "text": "\ud83d\ude00"}',
    ]
    path = write("a.jsonl", "\n".join(lines))
    uses = (KEY, TEXT, ColumnUse("note", ColumnRole.FIELD, FieldType.TEXT))
    found = documents(path, uses=uses)
    assert [document.text for document in found] == ["a\ufffdb\ufffdc", "\U0001f600"]
    assert found[0].fields == {"note": "\ufffd"}
    assert sum(batch.replaced_characters for batch in batches(path, uses=uses)) == 3
    json.dumps(found[0].text).encode()
    csv_path = write("a.csv", b"id,text\n1,a\x00b\n")
    assert texts(csv_path) == ["a\ufffdb"]


def test_bidirectional_and_control_characters_are_kept_as_data(write):
    text = "abc\u202edef\x1b[31m\x07"
    assert texts(write("a.csv", f"id,text\n1,{text}\n")) == [text]


def test_words_that_other_readers_take_for_nothing_stay_text(write):
    path = write("a.csv", "id,text\n1,NA\n2,null\n3,\n4,   \n5,None\n")
    assert texts(path) == ["NA", "null", "", "   ", "None"]


def test_keys_stay_exactly_as_they_are_written(write):
    keys = ["007", "1e5", "12345678901234567890", "1909.0300", "A12"]
    path = write("a.csv", "id,text\n" + "".join(f"{key},x\n" for key in keys))
    assert [document.key for document in documents(path)] == keys
    numbers = ["1e5", "12345678901234567890", "1909.0300", "7"]
    lines = "".join(f'{{"id": {number}, "text": "x"}}\n' for number in numbers)
    assert [document.key for document in documents(write("a.jsonl", lines))] == numbers


def test_repeated_and_empty_column_names_are_renamed_and_said(write):
    preview = preview_input(write("a.csv", "id,x,x,,x,x (2)\n1,a,b,c,d,e\n"))
    assert preview.columns == ("id", "x", "x (3)", "column 4", "x (4)", "x (2)")
    assert preview.rows == (("1", "a", "b", "c", "d", "e"),)
    assert sum("“x”" in note for note in preview.notes) == 2
    assert any("no name" in note for note in preview.notes)


def test_broken_json_lines_are_rejected_and_the_rest_is_read(write):
    lines = [
        '{"id": "1", "text": "a"}', '{"id": "2", "text": ', "[1, 2]", '"words"', "3", "",
        '{"id": "3", "text": "b"}', '{"id": "4", "te',
    ]  # fmt: skip
    path = write("a.jsonl", "\n".join(lines))
    assert texts(path) == ["a", "b"]
    assert [row.line for row in rejected(path)] == [2, 3, 4, 5, 8]
    assert "not complete JSON" in rejected(path)[0].reason


def test_json_nested_20_000_deep_is_a_rejected_line(write):
    deep = '{"id": "1", "text": ' + "[" * 20_000 + "]" * 20_000 + "}"
    path = write("a.jsonl", deep + '\n{"id": "2", "text": "b"}\n')
    assert texts(path) == ["b"]
    assert "nested too deeply" in rejected(path)[0].reason
    array = write("b.json", f'[{{"id": "0", "text": "a"}}, {deep}]')
    with pytest.raises(BadInput, match=r"element 2.*nested too deeply"):
        documents(array)


def test_json_nested_just_deep_enough_to_be_read_does_not_crash_later(write):
    for depth in (500, 900, 990, 2_000):
        deep = '{"a":' * depth + "1" + "}" * depth
        path = write("a.jsonl", f'{{"id": "1", "text": {deep}}}\n{{"id": "2", "text": "b"}}\n')
        assert texts(path)[-1] == "b"


@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
def test_a_json_array_is_read_element_by_element(write, name):
    elements = [{"id": str(n), "text": f"text {n} " * 2_000} for n in range(60)]
    content = json.dumps([*elements, 5, "words"], indent=1)
    path = write(name, content)
    preview = preview_input(path)
    assert any("one JSON array" in note for note in preview.notes)
    assert texts(path) == [element["text"] for element in elements]
    assert [row.line for row in rejected(path)] == [61, 62]


@pytest.mark.parametrize(
    "content",
    ['[{"id": "1"},', '[{"id": "1"} {"id": "2"}]', '[{"id": "1"}] x', '[{"id": "1"}, {"id": '],
)
def test_a_broken_json_array_is_refused(write, content):
    with pytest.raises(BadInput, match=r"breaks at element"):
        preview_input(write("a.json", content))


def test_a_file_of_scalars_is_not_json_lines(write):
    with pytest.raises(BadInput, match=r"not JSON Lines"):
        preview_input(write("a.jsonl", "1\n2\n3\n"))


@pytest.mark.parametrize(
    ("content", "looks_like"),
    [
        (b"<!DOCTYPE html><html><body>Log in</body></html>", "web page"),
        (b"\xef\xbb\xbf\n <HTML>\n", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n", "Git LFS pointer"),
        (b"MZ\x90\x00\x03" + bytes(200), "Windows program"),
        (b"\x7fELF\x02\x01" + bytes(64), "Linux program"),
        (b"%PDF-1.7\n", "PDF"),
        (bytes(range(1, 9)) * 100, "binary data"),
        (pickle.dumps({"id": ["1"]}), "pickle"),
    ],
)
@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_what_is_no_table_is_called_what_it_looks_like(write, content, looks_like, name):
    with pytest.raises(BadInput, match=f"is not a table: it is .*{looks_like}"):
        preview_input(write(name, content))


def test_a_workbook_called_csv_is_recognised(tmp_path):
    path = tmp_path / "a.csv"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    with pytest.raises(BadInput, match=r"Excel workbook"):
        preview_input(path)


@pytest.mark.parametrize("name", ["a.pkl", "a.joblib", "a.csv", "a"])
def test_a_pickle_is_refused_and_runs_nothing(tmp_path, name):
    marker = tmp_path / "marker"

    class Touch:
        def __reduce__(self):
            return os.system, (f"touch {marker}",)

    path = tmp_path / name
    path.write_bytes(pickle.dumps(Touch()))
    with pytest.raises(BadInput, match=r"pickle|joblib"):
        preview_input(path)
    assert not marker.exists()


def test_an_array_of_numbers_is_refused_as_a_corpus(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((2, 2), dtype=np.float32))
    with pytest.raises(BadInput, match=r"NumPy array"):
        preview_input(tmp_path / "a.npy")


def parquet(path: Path, **columns) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table(columns), path, write_page_checksum=True)
    return path


def test_parquet_columns_that_are_no_text_are_left_out_and_named(tmp_path):
    import pyarrow as pa

    path = parquet(
        tmp_path / "a.parquet",
        id=pa.array([1, 2]),
        text=pa.array(["a", None]),
        blob=pa.array([b"\xff", b"\x00"]),
        vector=pa.array([[0.1], [0.2]], pa.list_(pa.float32(), 1)),
        tags=pa.array([["x", "y"], None]),
        meta=pa.array([{"n": 1}, {"n": 2}]),
        when=pa.array([0, None], pa.timestamp("ns", tz="Europe/Berlin")),
        nothing=pa.nulls(2),
    )
    preview = preview_input(path)
    assert preview.columns == ("id", "text", "tags", "meta", "when")
    assert preview.rows[0] == ("1", "a", "x; y", '{"n": 1}', "1970-01-01 00:00:00")
    assert preview.rows[1] == ("2", "", "", '{"n": 2}', "")
    assert sum("left out" in note for note in preview.notes) == 3


@pytest.mark.parametrize("ending", [".parquet", ".feather"])
@pytest.mark.parametrize("damage", ["half", "one byte short", "footer", "text"])
def test_a_damaged_columnar_file_is_one_sentence(tmp_path, ending, damage):
    import pyarrow as pa
    import pyarrow.feather as feather

    path = tmp_path / f"a{ending}"
    if ending == ".parquet":
        parquet(path, id=[str(n) for n in range(1_000)], text=["words"] * 1_000)
    else:
        feather.write_feather(pa.table({"id": ["1"] * 1_000, "text": ["x"] * 1_000}), str(path))
    content = path.read_bytes()
    path.write_bytes({
        "half": content[: len(content) // 2],
        "one byte short": content[:-1],
        "footer": content[:-8] + b"\x00\x00\x00\x80" + content[-4:],
        "text": b"these are only words",
    }[damage])  # fmt: skip
    with pytest.raises(BadInput, match=r"a\.(parquet|feather)"):
        preview_input(path)


def test_a_flipped_bit_in_a_checked_parquet_page_is_found(tmp_path):
    path = parquet(
        tmp_path / "a.parquet", id=[f"{n}" for n in range(500)], text=[f"t{n}" for n in range(500)]
    )
    content = bytearray(path.read_bytes())
    content[300] ^= 1
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"damaged"):
        documents(path)


@pytest.mark.parametrize(
    "name", ["a*.csv", "a'b.csv", "a b.csv", "gr\u00fcn \u4e2d.csv", "[a].csv", "x" * 250 + ".csv"]
)
def test_characters_of_a_path_are_taken_literally(write, name):
    write("ab.csv", "id,text\n9,other file\n")
    path = write(name, "id,text\n1,mine\n")
    assert preview_input(path).rows == (("1", "mine"),)
    assert texts(path) == ["mine"]


def test_a_file_that_changes_while_it_is_read_is_refused_at_the_end(write):
    path = write("a.csv", "id,text\n" + "".join(f"{n},x\n" for n in range(100)))
    reading = read_documents(InputRequest((path,), (KEY, TEXT)), batch_size=10)
    next(reading)
    with open(path, "a") as file:
        file.write("100,y\n")
    with pytest.raises(BadInput, match=r"changed while it was read"):
        list(reading)


def test_a_file_that_vanishes_while_it_is_read_is_refused(write):
    path = write("a.csv", "id,text\n" + "".join(f"{n},x\n" for n in range(100)))
    reading = read_documents(InputRequest((path,), (KEY, TEXT)), batch_size=10)
    next(reading)
    path.unlink()
    with pytest.raises(BadInput, match=r"not there"):
        list(reading)


def test_a_missing_file_and_a_folder_called_csv_are_one_sentence(tmp_path):
    with pytest.raises(BadInput, match=r"is not there"):
        preview_input(tmp_path / "a.csv")
    (tmp_path / "b.csv").mkdir()
    with pytest.raises(BadInput, match=r"is a folder"):
        preview_input(tmp_path / "b.csv")
    (tmp_path / "c").mkdir()
    with pytest.raises(BadInput, match=r"no \.txt files"):
        preview_input(tmp_path / "c")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_refused_without_waiting_for_it(tmp_path):
    path = tmp_path / "a.csv"
    os.mkfifo(path)
    with pytest.raises(BadInput, match=r"pipe"):
        preview_input(path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_a_file_without_read_permission_is_one_sentence(write):
    path = write("a.csv", "id,text\n1,x\n")
    path.chmod(0)
    with pytest.raises(BadInput, match=r"permission"):
        preview_input(path)


def test_a_cut_off_gzip_file_is_refused(tmp_path):
    path = tmp_path / "a.csv.gz"
    rows = "".join(f"{n},{os.urandom(8).hex()}\n" for n in range(20_000))
    content = gzip.compress(("id,text\n" + rows).encode())
    for damaged in (
        content[: len(content) // 2],
        content[:-4],
        content[:40_000] + b"\xff" * 99 + content[40_099:],
    ):
        path.write_bytes(damaged)
        with pytest.raises(BadInput, match=r"gzip"):
            documents(path)
    path.write_bytes(b"id,text\n1,x\n")
    with pytest.raises(BadInput, match=r"not compressed"):
        preview_input(path)


def test_a_second_file_without_a_column_is_named_with_the_column(write):
    first = write("a.csv", "id,text\n1,x\n")
    second = write("b.csv", "id,body\n2,y\n")
    with pytest.raises(BadInput, match=r"b\.csv has no column “text”"):
        documents(first, second)


def test_a_row_without_key_is_rejected(write):
    path = write("a.csv", "id,text\n1,x\n,y\n")
    assert [(row.line, row.reason) for row in rejected(path)] == [(3, "The row has no key.")]


def test_random_bytes_under_any_ending_never_crash(tmp_path):
    random = np.random.default_rng(0)
    sentences: list[str] = []
    for ending in (
        ".csv",
        ".tsv",
        ".jsonl",
        ".json",
        ".parquet",
        ".feather",
        ".arrow",
        ".txt",
        ".gz",
        "",
    ):
        for _ in range(20):
            path = tmp_path / f"a{ending}"
            path.write_bytes(random.bytes(int(random.integers(1, 3_000))))
            try:
                preview = preview_input(path)
                list(read_documents(InputRequest((path,), preview.uses, preview.encoding)))
            except KnownError as problem:
                sentences.append(problem.sentence)
    assert sentences
    assert all(sentence.endswith(".") for sentence in sentences)
