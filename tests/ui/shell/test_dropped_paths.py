from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from saedesk.project.project_folder import Project
from saedesk.ui.shell.dropped_paths import (
    DroppedCorpus,
    DroppedOther,
    DroppedProject,
    DroppedVectors,
    understand,
)


def project(folder: Path) -> Path:
    Project.create(folder).close()
    return folder


def test_a_project_or_its_manifest_is_opened(tmp_path: Path) -> None:
    folder = project(tmp_path / "a.saedesk")
    assert understand([folder]) == DroppedProject(folder)
    assert understand([folder / "project.json"]) == DroppedProject(folder)


def test_tables_and_a_folder_of_texts_are_imported(tmp_path: Path) -> None:
    table = tmp_path / "papers.csv"
    table.write_text("id,text\n1,one\n", "utf-8")
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "a.txt").write_text("words", "utf-8")
    assert understand([table]) == DroppedCorpus((table,))
    assert understand([texts]) == DroppedCorpus((texts,))


def test_vectors_are_brought_one_file_at_a_time(tmp_path: Path) -> None:
    file, other = tmp_path / "vectors.npy", tmp_path / "more.npz"
    np.save(file, np.ones((3, 4), np.float16))
    np.savez(other, vectors=np.ones((3, 4)), ids=np.arange(3))
    assert understand([file]) == DroppedVectors(file)
    assert understand([other]) == DroppedVectors(other)
    answer = understand([file, other])
    assert isinstance(answer, DroppedOther)
    assert "one file of vectors" in answer.sentence


def test_arrays_that_are_no_vectors_are_told_apart(tmp_path: Path) -> None:
    objects, cut, flat = tmp_path / "objects.npy", tmp_path / "cut.npy", tmp_path / "flat.npy"
    np.save(objects, np.array([{"a": 1}, None]), allow_pickle=True)
    np.save(cut, np.ones((50, 8)))
    cut.write_bytes(cut.read_bytes()[:500])
    np.save(flat, np.arange(10.0))
    for path, said in ((objects, "Python objects"), (cut, "cut off"), (flat, "1 axis")):
        answer = understand([path])
        assert isinstance(answer, DroppedOther)
        assert path.name in answer.sentence
        assert said in answer.sentence


def test_other_things_get_one_sentence(tmp_path: Path) -> None:
    picture = tmp_path / "cat.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    for paths in (
        [],
        [picture],
        [project(tmp_path / "a.saedesk"), project(tmp_path / "b.saedesk")],
        [tmp_path, picture],
        [tmp_path / "missing.csv"],
    ):
        answer = understand(paths)
        assert isinstance(answer, DroppedOther)
        assert answer.sentence.endswith(".")
    assert "cat.png" in understand([picture]).sentence  # type: ignore[union-attr]


def test_a_large_folder_is_answered_without_walking_through_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for outer in range(30):
        for inner in range(30):
            (tmp_path / f"{outer}" / f"{inner}").mkdir(parents=True)
    seen: list[str] = []
    scandir = os.scandir

    def counted(path: Any = ".") -> Any:
        seen.append(str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", counted)
    assert understand([tmp_path]) == DroppedCorpus((tmp_path,))
    assert 0 < len(seen) < 100


def test_a_small_folder_without_texts_still_says_so(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    answer = understand([tmp_path])
    assert isinstance(answer, DroppedOther)
    assert "holds no .txt files" in answer.sentence
