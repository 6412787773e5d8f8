"""Vectors from files: every row finds its document, nothing is half there, nothing shifts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from saedesk.embedding.model_catalogue import resolve_model
from saedesk.embedding.text_hashes import from_bytes
from saedesk.embedding.vector_files import vector_file
from saedesk.errors import BadInput, ModelProblem, OutOfRoom
from saedesk.jobs import embed_documents, forecast_training, import_vectors
from saedesk.jobs.import_vectors import ImportVectorsRequest, ImportVectorsResult
from saedesk.jobs.known_vectors import KnownVectors
from saedesk.jobs.search_documents import SearchEngine
from saedesk.project.artifact_readers import open_vectors
from saedesk.project.document_writer import import_records
from saedesk.project.project_check import check_project
from saedesk.project.project_folder import Project
from saedesk.sae.training_rows import TrainingRows
from saedesk.search.steering_plan import SteeringPlan
from saedesk.task_control import Cancelled, Unattended
from tests.tiny_projects import Listener, embed, import_file

DOCUMENTS, DIMENSIONS = 40, 8


@pytest.fixture
def vectors() -> np.ndarray:
    return np.random.default_rng(1).standard_normal((DOCUMENTS, DIMENSIONS)).astype(np.float32)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "empty.saedesk") as project:
        yield project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """40 documents with keys k0, k1, … and no vectors."""
    lines = [f"k{row},Title {row},Some text number {row}" for row in range(DOCUMENTS)]
    (tmp_path / "documents.csv").write_text("id,title,text\n" + "\n".join(lines) + "\n")
    with Project.create(tmp_path / "filled.saedesk") as project:
        import_file(project, tmp_path / "documents.csv")
        yield project


def saved(folder: Path, array: np.ndarray, name: str = "vectors.npy") -> Path:
    np.save(folder / name, array)
    return folder / name


def with_keys(folder: Path, keys: list[str], vectors: np.ndarray) -> Path:
    rows = pa.array([row.tolist() for row in vectors], pa.list_(pa.float32()))
    pq.write_table(pa.table({"id": keys, "embedding": rows}), folder / "keyed.parquet")
    return folder / "keyed.parquet"


def run(project: Project, path: Path, **more) -> ImportVectorsResult:
    return import_vectors.run(project, ImportVectorsRequest(path, **more), Unattended())


def preview(project: Project | None, path: Path, **more):
    return import_vectors.preview(project, ImportVectorsRequest(path, **more), Unattended())


def refused(project: Project, path: Path, **more) -> str:
    """The sentence; nothing has changed."""
    before = state(project)
    with pytest.raises(BadInput) as problem:
        run(project, path, **more)
    assert state(project) == before
    return problem.value.sentence


def state(project: Project) -> list[object]:
    files = sorted(p.relative_to(project.folder) for p in (project.folder / "vectors").rglob("*"))
    return [project.manifest, project.documents.corpus_hash(), files]


def vector_of(project: Project, key: str) -> np.ndarray | None:
    record = project.current("vectors")
    assert record is not None
    vectors = open_vectors(project, record)
    id_ = next(id_ for id_, other in project.documents.iterate_keys() if other == key)
    row = vectors.row_of(id_)
    return None if row is None else np.array(vectors.values[row])


# -- matching -------------------------------------------------------------------------------------


def test_by_order_every_document_gets_its_row(project, tmp_path, vectors):
    result = run(project, saved(tmp_path, vectors))
    assert (result.stored, result.documents_made) == (DOCUMENTS, 0)
    assert result.record.inputs["match"] == "order"
    for row in (0, 7, DOCUMENTS - 1):
        np.testing.assert_array_equal(vector_of(project, f"k{row}"), vectors[row])
    assert check_project(project, Unattended()) == []


def test_by_order_the_numbers_have_to_agree(project, tmp_path, vectors):
    path = saved(tmp_path, vectors[:-3])
    for match in ("order", "auto"):
        sentence = refused(project, path, match=match)
        assert "37 vectors" in sentence
        assert "40 documents" in sentence


def test_by_key_rows_may_come_in_any_order_and_be_more_or_fewer(
    project, tmp_path, vectors, monkeypatch
):
    monkeypatch.setattr(vector_file, "BYTES_AT_ONCE", 4 * DIMENSIONS * 7)
    order = np.random.default_rng(2).permutation(DOCUMENTS)[: DOCUMENTS - 1]
    keys = [f"k{row}" for row in order] + ["stranger"]
    rows = np.concatenate([vectors[order], np.ones((1, DIMENSIONS), np.float32)])
    path = with_keys(tmp_path, keys, rows)
    seen = preview(project, path)
    assert (seen.match, seen.matched, seen.without_vector, seen.without_document) == (
        "key", DOCUMENTS - 1, 1, 1,
    )  # fmt: skip
    first = int(order[0])
    assert seen.examples[0] == (0, f"k{first}", f"Title {first}")
    result = run(project, path)
    assert result.stored == DOCUMENTS - 1
    for row in order:
        np.testing.assert_array_equal(vector_of(project, f"k{row}"), vectors[row])
    left_out = (set(range(DOCUMENTS)) - set(order.tolist())).pop()
    assert vector_of(project, f"k{left_out}") is None
    assert "1 row was left out" in result.notes[-1]


def test_equal_keys_are_named(project, tmp_path, vectors):
    keys = [f"k{row}" for row in range(DOCUMENTS)]
    keys[5] = keys[31]
    sentence = refused(project, with_keys(tmp_path, keys, vectors), match="key", key_column="id")
    assert "Rows 6 and 32" in sentence
    assert "“k31”" in sentence


def test_keys_of_another_corpus_say_what_there_is(project, tmp_path, vectors):
    keys = [f"other {row}" for row in range(DOCUMENTS)]
    path = with_keys(tmp_path, keys, vectors)
    sentence = refused(project, path, match="key")
    assert "“other 0”" in sentence
    assert "“k0”" in sentence
    assert preview(project, path).match == "order", "as many rows as documents, and no key fits"
    assert "no column “nothing”" in refused(project, path, key_column="nothing")


def test_new_documents_are_not_mixed_with_others(project, tmp_path, vectors):
    sentence = refused(project, saved(tmp_path, vectors), match="new documents")
    assert "40 documents already" in sentence


# -- new documents --------------------------------------------------------------------------------


def test_texts_beside_the_vectors_become_documents(empty, tmp_path, vectors):
    table = pa.table(
        {
            "paper": [f"p{row}" for row in range(DOCUMENTS)],
            "title": [f"About {row % 7}, part {row}" for row in range(DOCUMENTS)],
            "abstract": ["" if row == 3 else f"We show {row}." for row in range(DOCUMENTS)],
            "year": [2000 + row % 9 for row in range(DOCUMENTS)],
            "embedding": pa.array([row.tolist() for row in vectors], pa.list_(pa.float64())),
        }
    )
    pq.write_table(table, tmp_path / "papers.parquet")
    seen = preview(None, tmp_path / "papers.parquet", key_column="paper")
    assert seen.match == "new documents"
    assert seen.examples[1] == (1, "p1", "About 1, part 1")
    result = run(empty, tmp_path / "papers.parquet", key_column="paper")
    assert result.documents_made == DOCUMENTS
    row = empty.documents.row(5)
    assert row is not None
    assert (row.key, row.title, row.text) == ("p4", "About 4, part 4", "We show 4.")
    assert row.fields == {"year": 2004.0}
    np.testing.assert_array_equal(vector_of(empty, "p4"), vectors[4])
    assert import_records(empty.database)[0].empty_texts == 1
    assert check_project(empty, Unattended()) == []
    assert import_file_and_count(empty, tmp_path) == DOCUMENTS + 1


def import_file_and_count(project: Project, folder: Path) -> int:
    """More documents may come later, as into any project."""
    (folder / "more.csv").write_text("id,title,text\nnew,A new one,With a text\n")
    import_file(project, folder / "more.csv")
    return project.documents.count()


def test_vectors_alone_are_documents_by_row_number(empty, tmp_path, vectors):
    result = run(empty, saved(tmp_path, vectors))
    assert result.documents_made == DOCUMENTS
    assert [key for _, key in empty.documents.iterate_keys()][:3] == ["1", "2", "3"]
    assert open_vectors(empty, result.record).model_name == ""
    assert len(empty.documents.embedding_rows()[0]) == 0
    with pytest.raises(BadInput, match="stay in use"):
        embed(empty)


def test_a_guessed_key_that_repeats_gives_way_to_row_numbers(empty, tmp_path, monkeypatch):
    monkeypatch.setattr("saedesk.jobs.vector_matching.SAMPLE_ROWS", 5)
    monkeypatch.setattr("saedesk.embedding.vector_files.columns_beside.SAMPLE_ROWS", 5)
    vectors = np.random.default_rng(0).standard_normal((10, DIMENSIONS)).astype(np.float32)
    path = with_keys(tmp_path, [*"abcdefghi", "b"], vectors)
    assert "Rows 2 and 10" in refused(empty, path, key_column="id")
    result = run(empty, path)
    assert "row numbers are the keys" in result.notes[0]
    row = empty.documents.row(2)
    assert row is not None
    assert (row.key, row.fields) == ("2", {"id": "b"})


# -- rows that cannot or should not be used -------------------------------------------------------


@pytest.fixture
def faulty(vectors) -> np.ndarray:
    """Row 2 is zero, 4 and 5 hold NaN, 9 is too large for float32, 12 and 20 repeat row 1."""
    made = vectors.astype(np.float64)
    made[2] = 0
    made[4, 3] = made[5, 0] = np.nan
    made[9, 1] = 1e300
    made[12] = made[20] = made[1]
    return made


def test_faults_are_shown_with_their_rows(project, tmp_path, faulty):
    seen = preview(project, saved(tmp_path, faulty))
    assert seen.zero_rows.tolist() == [2]
    assert seen.nan_rows.tolist() == [4, 5]
    assert seen.infinite_rows.tolist() == [9]
    assert seen.duplicate_rows.tolist() == [12, 20]
    assert "float64" in seen.notes[0]
    sentence = refused(project, saved(tmp_path, faulty))
    for part in ("4 of 40", "1 zero (row 3)", "2 NaN (rows 5, 6)", "1 infinite (row 10)"):
        assert part in sentence


def test_dropped_rows_leave_their_documents_without_a_vector(project, tmp_path, faulty):
    result = run(project, saved(tmp_path, faulty), unusable="drop", duplicates="drop")
    assert (result.stored, result.dropped, result.kept_out) == (34, 6, 0)
    for row in (2, 4, 5, 9, 12, 20):
        assert vector_of(project, f"k{row}") is None
    for row in (0, 1, 3, 6, 21, 39):
        np.testing.assert_array_equal(vector_of(project, f"k{row}"), faulty[row].astype("f4"))
    assert result.record.summary["zero_rows"] == result.record.summary["not_finite_rows"] == 0


def test_a_repeated_row_counts_only_where_the_first_one_has_a_document(project, tmp_path, vectors):
    keys = ["stranger", *(f"k{row}" for row in range(DOCUMENTS))]
    rows = np.concatenate([vectors[:1], vectors])
    path = with_keys(tmp_path, keys, rows)
    assert preview(project, path).duplicate_rows.tolist() == []
    assert run(project, path, duplicates="drop").stored == DOCUMENTS


def test_rows_kept_out_stay_in_place_and_are_never_trained_on(project, tmp_path, faulty):
    result = run(project, saved(tmp_path, faulty), unusable="keep out", duplicates="keep out")
    assert (result.stored, result.dropped, result.kept_out) == (DOCUMENTS, 0, 2)
    vectors = open_vectors(project, result.record)
    assert vectors.bad_rows.tolist() == [2, 4, 5, 9]
    assert vectors.kept_out.tolist() == [12, 20]
    assert vectors.not_trained_on.tolist() == [2, 4, 5, 9, 12, 20]
    rows = TrainingRows(
        vectors.values, batch_size=8, held_out_share=0.1, seed=0, excluded=vectors.not_trained_on
    )
    seen = set(rows.training.tolist()) | set(rows.held_out.tolist())
    assert seen == set(range(DOCUMENTS)) - {2, 4, 5, 9, 12, 20}


def test_training_and_forecast_leave_kept_out_rows_aside(project, tmp_path, faulty, monkeypatch):
    from saedesk.jobs import train_sae
    from tests.tiny_projects import train_request

    run(project, saved(tmp_path, faulty), unusable="keep out", duplicates="keep out")
    seen = []
    made = TrainingRows.__init__

    def watched(self, *arguments, **more):
        made(self, *arguments, **more)
        seen.append((self.training, self.held_out))

    monkeypatch.setattr(TrainingRows, "__init__", watched)
    train_sae.run(project, train_request(epochs=2, n_latents=8, k=2), Unattended())
    trained = {int(row) for parts in seen for part in parts for row in part}
    assert trained == set(range(DOCUMENTS)) - {2, 4, 5, 9, 12, 20}
    told = []
    monkeypatch.setattr(
        forecast_training,
        "forecast",
        lambda config, documents, *more, **rest: told.append(documents),
    )
    forecast_training.forecast_training(project, train_request().config)
    assert told == [34]


def test_a_file_without_any_usable_row_is_refused(project, tmp_path):
    path = saved(tmp_path, np.zeros((DOCUMENTS, DIMENSIONS), np.float32))
    for unusable in ("drop", "keep out"):
        assert "None of the vectors can be used" in refused(project, path, unusable=unusable)


# -- the same again, cancels and kills ------------------------------------------------------------


def test_the_same_file_is_not_stored_twice(project, empty, tmp_path, vectors):
    path = saved(tmp_path, vectors)
    for each in (project, empty):
        first = run(each, path)
        again = run(each, path)
        assert again.record == first.record
        assert again.documents_made == 0
        assert len(each.artifacts("vectors")) == 1
    assert run(empty, path, match="new documents").record == empty.current("vectors")
    other = run(project, saved(tmp_path, vectors * 2, "other.npy"))
    assert project.current("vectors") == other.record
    assert run(project, path).record != other.record
    assert len(project.artifacts("vectors")) == 2


def test_damaged_vectors_are_mended_by_the_same_import(empty, tmp_path, vectors):
    path = saved(tmp_path, vectors)
    record = run(empty, path).record
    stored = empty.path_of(record, "vectors.npy")
    content = bytearray(stored.read_bytes())
    content[-1] ^= 1
    stored.write_bytes(content)
    (finding,) = check_project(empty, Unattended())
    assert "import-vectors" in finding.way_out
    assert run(empty, path).record.hash == record.hash
    assert check_project(empty, Unattended()) == []
    assert len(empty.artifacts("vectors")) == 1


@pytest.mark.parametrize("kind", ["project", "empty"])
def test_a_cancel_at_any_moment_leaves_nothing(kind, request, tmp_path, vectors, monkeypatch):
    monkeypatch.setattr(vector_file, "BYTES_AT_ONCE", 4 * DIMENSIONS * 7)
    project: Project = request.getfixturevalue(kind)
    wanted = ImportVectorsRequest(saved(tmp_path, vectors))
    before = state(project)
    cancelled = 0
    while True:
        try:
            import_vectors.run(project, wanted, Listener(cancel_at=cancelled + 1))
            break
        except Cancelled:
            cancelled += 1
            assert state(project) == before
    assert cancelled > 10
    assert project.documents.count() == DOCUMENTS


def test_a_kill_after_the_documents_is_mended_by_the_same_import(empty, tmp_path, vectors):
    path = saved(tmp_path, vectors)

    def killed(draft, use):
        # What a kill leaves is what lies on the disk now.
        shutil.copytree(empty.folder, tmp_path / "killed.saedesk")
        raise KeyboardInterrupt

    empty._publish = killed
    with pytest.raises(KeyboardInterrupt):
        run(empty, path)
    (tmp_path / "killed.saedesk" / "lock").unlink(missing_ok=True)
    with Project.open(tmp_path / "killed.saedesk") as project:
        assert project.documents.count() == DOCUMENTS
        assert project.current("vectors") is None
        result = run(project, path)
        assert result.stored == DOCUMENTS
        assert result.documents_made == 0
        assert project.documents.count() == DOCUMENTS
        assert result.record.inputs["match"] == "new documents"


def test_what_a_killed_import_left_is_swept(project, tmp_path, vectors):
    inputs = {"some": "inputs"}
    left = project.work_folder("vectors", inputs, resume=False)
    (left / "cannot-go-on").touch()
    embedding = project.work_folder("vectors", {"chunks": 1}, resume=True)
    run(project, saved(tmp_path, vectors))
    assert not left.exists()
    assert embedding.exists()
    left.mkdir()
    (left / "cannot-go-on").touch()
    assert project.sweep() == [left]


def test_a_full_disk_is_told_before_anything_is_written(project, tmp_path, vectors, monkeypatch):
    path, before = saved(tmp_path, vectors), state(project)
    usage = shutil.disk_usage(tmp_path)._replace(free=100)
    monkeypatch.setattr("shutil.disk_usage", lambda folder: usage)
    with pytest.raises(OutOfRoom, match="not enough room"):
        run(project, path)
    assert state(project) == before


def test_a_file_that_changes_meanwhile_is_not_imported(project, tmp_path, vectors):
    path = saved(tmp_path, vectors)

    class Changing(Unattended):
        def report(self, progress):
            if progress.note == "Storing the vectors":
                np.save(path, vectors * 3)

    before = state(project)
    with pytest.raises(BadInput, match="was changed"):
        import_vectors.run(project, ImportVectorsRequest(path), Changing())
    assert state(project) == before


# -- the model that made them ---------------------------------------------------------------------


@pytest.fixture
def embedded(project_copy: Path, tmp_path: Path) -> Iterator[tuple[Project, np.ndarray]]:
    """A project with the documents of the small one and no vectors, and the vectors."""
    with Project.open(project_copy) as project:
        record = project.current("vectors")
        assert record is not None
        made = np.array(open_vectors(project, record).values)
        for kind in ("statistics", "activations", "indexes", "saes", "vectors"):
            for artifact in project.artifacts(kind):
                project.remove(artifact)
        yield project, made


def test_vectors_of_a_named_model_answer_typed_queries(embedded, tmp_path):
    project, made = embedded
    result = run(project, saved(tmp_path, made.astype("f2")), model="all-MiniLM-L6-v2")
    assert result.model_cosine is not None
    assert result.model_cosine > 0.999
    assert result.record.summary["precision"] == "float16"
    vectors = open_vectors(project, result.record)
    engine = SearchEngine(project, vectors, None)
    answer = engine.answer("galaxies", engine.take_apart("galaxies"), SteeringPlan())
    assert answer.plain
    again = embed(project)
    assert (again.embedded, again.reused) == (0, len(made)), "known vectors are not made again"


def test_another_model_is_refused_with_the_cosine(embedded, tmp_path):
    project, made = embedded
    foreign = np.random.default_rng(0).standard_normal(made.shape)
    sentence = refused(project, saved(tmp_path, foreign), model="all-MiniLM-L6-v2")
    assert "does not give these vectors (cosine" in sentence
    assert "on 8 documents" in sentence
    narrow = saved(tmp_path, made[:, :100])
    assert "384 numbers; these have 100" in refused(project, narrow, model="all-MiniLM-L6-v2")
    with pytest.raises(ModelProblem, match="not on this computer"):
        run(project, narrow, model="somebody/no-such-model")


def test_vectors_of_texts_prepared_otherwise_come_with_a_note(embedded, tmp_path):
    project, made = embedded
    noise = np.random.default_rng(0).standard_normal(made.shape).astype("f4")
    mixed = made + 0.5 * noise / np.linalg.norm(noise, axis=1, keepdims=True)
    result = run(project, saved(tmp_path, mixed), model="all-MiniLM-L6-v2")
    assert result.model_cosine == pytest.approx(0.89, abs=0.03)
    assert "prepared differently" in result.notes[0]
    hashes = from_bytes(project.documents.embedding_rows()[1])
    known = KnownVectors.collect(project, resolve_model("all-MiniLM-L6-v2"), None)
    assert len(known.missing(hashes)) == len(made), "they are not taken for the model's own"


def test_embedding_takes_the_place_of_vectors_of_an_unknown_model(embedded, tmp_path):
    project, made = embedded
    imported = run(project, saved(tmp_path, made[:, :50])).record
    assert "vectors.npy" in embed_documents.what_embedding_replaces(project)
    result = embed(project)
    assert project.current("vectors") == result.record
    assert imported in project.artifacts("vectors")
    assert embed_documents.what_embedding_replaces(project) == ""
    with pytest.raises(ModelProblem):
        embed_documents.run(project, embed_documents.EmbedRequest(model=""), Unattended())
