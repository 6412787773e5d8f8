"""`saedesk index`: the search index from a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from saedesk.cli.command_line import main


def test_the_storage_of_the_index_is_to_choose(
    project_copy: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def index(*words: str) -> tuple[int, str, str]:
        code = main(["index", str(project_copy), *words])
        return code, *capfd.readouterr()

    assert "needs no search index" in index("--storage", "float16")[1]
    assert json.loads(index("--json")[1]) == {"index": None}
    code, out, _ = index("--always")
    assert code == 0
    assert out.startswith("60 documents in int8, ")
    assert "Recall 1.000 of an exact search" in out
    first = json.loads(index("--json")[1])
    assert (first["storage"], first["recall"], first["documents"]) == ("int8", 1.0, 60)
    now = json.loads(index("--storage", "float16", "--json")[1])
    assert now["storage"] == "float16"
    assert now["bytes"] > first["bytes"]
    # The index that is there stays as it is until somebody asks for another one.
    assert json.loads(index("--json")[1])["index"] == now["index"]
    about = project_copy / "indexes" / now["index"] / "about.json"
    before = about.stat().st_mtime_ns
    index()
    assert about.stat().st_mtime_ns == before
    index("--anew")
    assert about.stat().st_mtime_ns > before
    with pytest.raises(SystemExit) as refused:
        main(["index", str(project_copy), "--storage", "int4"])
    assert refused.value.code == 2
    assert index("--quiet")[0] == 0
