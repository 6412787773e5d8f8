"""import-vectors in this process: from a bare vectors.npy to features, previews, refusals."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from saedesk.cli.command_line import main
from saedesk.project.project_folder import Project

ROWS, DIMENSIONS = 120, 16


@pytest.fixture(autouse=True)
def interrupt_handler() -> Iterator[None]:
    """A command takes over Ctrl+C; the tests want it back."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]):
    """A command in this process: exit code, what stdout has, what stderr has."""

    def command(*words: object) -> tuple[int, str, str]:
        try:
            code = main([str(word) for word in words])
        except SystemExit as error:
            code = int(str(error.code))
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return command


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    generator = np.random.default_rng(3)
    topics = 2 * generator.standard_normal((6, DIMENSIONS))
    made = topics[generator.integers(0, 6, ROWS)] + generator.normal(0, 0.3, (ROWS, DIMENSIONS))
    np.save(tmp_path / "vectors.npy", made.astype(np.float32))
    return tmp_path / "vectors.npy"


def answer_of(result: tuple[int, str, str]):
    code, out, err = result
    assert code == 0, err
    return json.loads(out)


def test_a_project_made_only_from_vectors_can_be_explored(run, tmp_path, vectors):
    project = tmp_path / "p"
    assert run("new", project)[0] == 0
    told = answer_of(run("import-vectors", project, vectors, "--json"))
    assert (told["stored"], told["documents_made"]) == (ROWS, ROWS)
    assert answer_of(run("info", project, "--json"))["without_text"] == ROWS
    training = ("--latents", "12", "--k", "2", "--epochs", "20", "--batch-size", "20", "--json")
    assert answer_of(run("train", project, *training))
    assert answer_of(run("analyse", project, "--json"))
    assert answer_of(run("label", project, "--json"))["labelled"] == 0
    features = answer_of(run("features", project, "--json"))
    assert features
    feature = answer_of(run("feature", project, features[0]["feature"], "--json"))
    assert feature
    code, _, err = run("search", project, "anything")
    assert code == 1
    assert "encoder" in err
    for table in ("features", "documents"):
        assert run("export", project, table, tmp_path / f"{table}.csv")[0] == 0
    assert len((tmp_path / "documents.csv").read_text().splitlines()) == ROWS + 1
    code, _, err = run("embed", project)
    assert code == 1
    assert "no texts to embed" in err
    assert run("verify", project)[0] == 0


def test_a_preview_tells_and_stores_nothing(run, tmp_path, vectors):
    run("new", tmp_path / "p")
    made = np.load(vectors)
    made[7], made[9] = 0, made[8]
    np.save(vectors, made)
    told = answer_of(run("import-vectors", tmp_path / "p", vectors, "--preview", "--json"))
    assert told["match"] == "new documents"
    assert told["zero"] == {"count": 1, "rows": [8]}
    assert told["duplicate"] == {"count": 1, "rows": [10]}
    assert told["examples"][0] == [1, "1", "1"]
    code, out, _ = run("import-vectors", tmp_path / "p", vectors, "--preview")
    assert code == 0
    assert "1 are zero (row 8)" in out
    assert "Nothing was imported." in out
    with Project.open(tmp_path / "p", read_only=True) as project:
        assert project.documents.count() == 0
        assert not project.artifacts("vectors")
    code, _, err = run("import-vectors", tmp_path / "p", vectors)
    assert code == 1
    assert "1 zero (row 8)" in err
    code, out, _ = run(
        "import-vectors", tmp_path / "p", vectors, "--unusable", "drop", "--duplicates", "keep-out"
    )
    assert code == 0
    assert "119 documents have vectors" in out
    assert "1 repeated vectors are kept out of training" in out


def test_files_that_cannot_be_used_are_one_sentence(run, tmp_path):
    run("new", tmp_path / "p")
    (tmp_path / "v.pkl").write_bytes(b"\x80\x04K\x01.")
    code, out, err = run("import-vectors", tmp_path / "p", tmp_path / "v.pkl")
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "pickle" in err
    code, _, err = run("import-vectors", tmp_path / "p", tmp_path / "v.pkl", "--match", "luck")
    assert code == 2


def test_vectors_for_documents_that_are_there(run, tmp_path, vectors):
    lines = [f"d{row},Text {row}" for row in range(ROWS)]
    (tmp_path / "documents.csv").write_text("id,text\n" + "\n".join(lines) + "\n")
    run("new", tmp_path / "p")
    assert run("import", tmp_path / "p", tmp_path / "documents.csv")[0] == 0
    code, out, _ = run("import-vectors", tmp_path / "p", vectors, "--match", "order")
    assert code == 0
    assert "120 documents have vectors of 16 numbers from vectors.npy." in out
    np.save(vectors, np.load(vectors)[:5])
    code, _, err = run("import-vectors", tmp_path / "p", vectors)
    assert code == 1
    assert "5 vectors" in err
    assert "120 documents" in err


def test_embedding_says_that_imported_vectors_are_no_longer_in_use(run, tmp_path, vectors):
    (tmp_path / "documents.csv").write_text("id,text\na,One text\nb,Another text\n")
    np.save(vectors, np.load(vectors)[:2])
    run("new", tmp_path / "p")
    run("import", tmp_path / "p", tmp_path / "documents.csv")
    assert run("import-vectors", tmp_path / "p", vectors)[0] == 0
    code, _, err = run("embed", tmp_path / "p", "--device", "cpu")
    assert code == 0
    assert "vectors imported from vectors.npy are in use" in err
    with Project.open(tmp_path / "p", read_only=True) as project:
        assert len(project.artifacts("vectors")) == 2
