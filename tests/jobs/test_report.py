"""The report says what the project holds, and is written whole or not at all."""

from __future__ import annotations

import csv
import getpass
import json
import os
import shlex
from pathlib import Path

import numpy as np
import pytest

from saedesk.cli.command_line import make_parser
from saedesk.corpus.corpus_input import InputRequest, preview_input
from saedesk.corpus.document import ColumnRole, ColumnUse, FieldType
from saedesk.errors import BadInput, BadSetting
from saedesk.features.families.family_settings import FamilySettings
from saedesk.jobs import analyse_features, find_families, import_documents, load_sae, write_report
from saedesk.jobs.find_families import FamiliesRequest
from saedesk.jobs.loaded_sae import open_analysed_sae
from saedesk.jobs.report_parts.corpus_part import bins_of
from saedesk.jobs.report_parts.safe_values import file_name, flat_rows, value_text
from saedesk.jobs.write_report import ReportRequest
from saedesk.project.label_store import PERSON, FeatureLabel
from saedesk.project.project_folder import Project
from saedesk.report.report_page import render
from saedesk.task_control import Cancelled, Unattended
from tests.report.parsed_page import Page
from tests.tiny_projects import DOCUMENTS, FEATURES, K, Listener, import_file

HOSTILE = '<script>alert("x")</script> & "quotes" \'\u202egpj.exe ]]>'


def report_of(project: Project, path: Path, **options: object) -> Page:
    """Write the report and read it."""
    found = write_report.run(project, ReportRequest(path, **options), Unattended())  # type: ignore[arg-type]
    assert found == path
    page = Page(path.read_text("utf-8"))
    page.check_it_is_safe()
    return page


def index_of(page: Page) -> list[list[str]]:
    rows = [row for row in page.all("tr") if str(row.attributes.get("id", "")).startswith("f")]
    return [[cell.text.strip() for cell in row.inside] for row in rows]


def test_the_numbers_are_those_of_the_project(project_copy: Path, tmp_path: Path) -> None:
    with Project.open(project_copy, read_only=True) as project:
        page = report_of(project, tmp_path / "r.html", features=7)
        sae = open_analysed_sae(project)
        labels = project.labels.current(sae.hash)
        activations = project.current("activations", of=sae.hash)
        l0 = project.artifacts("activations")[0].summary["l0"]
        corpus_hash = project.documents.corpus_hash()
    assert activations is None
    text, summary = page.visible, sae.record.summary
    assert f"{DOCUMENTS} documents · SAE Run 1" in text
    assert f"into {FEATURES} features, {K} of them active at a time" in text
    assert f"FVU, held-out documents {summary['fvu']:.3f}" in text
    assert "measured on the 10 % of the documents" in text
    assert f"L0, active per document {l0:.1f}" in text
    never = int(sae.statistics.never_active.sum())
    assert f"{never} of {FEATURES} features fire in no document" in text
    assert corpus_hash in text
    rows = index_of(page)
    assert len(rows) == FEATURES
    for number, label, _, documents in rows:
        assert int(documents) == sae.statistics.count[int(number)]
        expected = labels[int(number)].text if int(number) in labels else ""
        is_shown = bool(page.all(id=f"feature-{number}"))
        assert label == (expected or (f"Feature {number}" if is_shown else ""))
    cards = page.all("article", "feature")
    shown = [int(str(card.attributes["id"]).removeprefix("feature-")) for card in cards]
    counts = sae.statistics.count[shown]
    assert len(shown) == 7
    assert (np.diff(counts) <= 0).all()
    strongest = f"Strongest {sae.statistics.maximum[shown[0]]:.3f}"
    assert strongest in " ".join(cards[0].text.split())


def test_every_artifact_is_recorded_with_seed_hashes_and_files(
    project_copy: Path, tmp_path: Path
) -> None:
    with Project.open(project_copy, read_only=True) as project:
        page = report_of(project, tmp_path / "r.html")
        records = project.manifest.artifacts
    text = page.one(id="record").text
    for record in records:
        assert record.hash in text
        for name, about in record.files.items():
            assert name in text
            assert about["sha256"] in text
    assert "Seed" in text
    assert "Encoder the SAE’s own" in " ".join(text.split())
    assert "all-MiniLM-L6-v2" in text
    assert "abstracts.csv" in page.visible


def test_the_commands_are_understood_and_have_the_settings_of_the_training(
    project_copy: Path, tmp_path: Path
) -> None:
    with Project.open(project_copy, read_only=True) as project:
        page = report_of(project, tmp_path / "r.html")
        record = project.current("saes")
    assert record is not None
    parser = make_parser()
    lines = [code.text for code in page.all("code")]
    commands = {}
    for line in lines:
        program, *words = shlex.split(line)
        assert program == "saedesk"
        parsed = parser.parse_args(words)
        commands[parsed.command] = parsed
    assert list(commands) == ["new", "import", "embed", "train", "analyse", "label", "report"]
    train = commands["train"]
    for name, value in record.inputs["config"].items():
        assert getattr(train, f"set_{name}") == value, name
    assert commands["import"].files == ["abstracts.csv"]
    assert "category:category" in commands["import"].field


def test_starred_and_named_features_come_before_denser_ones(
    project_copy: Path, tmp_path: Path
) -> None:
    with Project.open(project_copy) as project:
        sae = open_analysed_sae(project)
        rare = [int(i) for i in np.argsort(sae.statistics.count) if sae.statistics.count[i]][:2]
        project.labels.set_star(sae.hash, rare[0], True)
        project.labels.add(sae.hash, [FeatureLabel(rare[1], "Mine", PERSON, "Jo Surname")])
        page = report_of(project, tmp_path / "r.html", features=2)
    ids = {card.attributes["id"] for card in page.all("article")}
    assert ids == {f"feature-{latent}" for latent in rare}
    assert "★ starred" in page.visible
    assert "Named by a person" in page.visible
    assert "Jo Surname" not in page.raw


def test_nothing_tells_where_the_project_lies_or_whose_it_is(
    project_copy: Path, tmp_path: Path
) -> None:
    manifest = project_copy / "project.json"
    content = json.loads(manifest.read_text("utf-8"))
    for artifact in content["artifacts"]:
        if artifact["kind"] == "vectors":
            # As projects of before wrote the name of a model in a folder.
            artifact["summary"]["model"] = "/home/someone/models/mine"
            artifact["summary"]["windows"] = "C:\\Users\\someone\\mine"
    manifest.write_text(json.dumps(content), "utf-8")
    with Project.open(project_copy, read_only=True) as project:
        page = report_of(project, tmp_path / "r.html")
    assert "someone" not in page.raw
    text = page.visible
    for secret in (str(tmp_path), str(Path.home()), os.sep + "home", str(project_copy.parent)):
        assert secret not in text
    user = getpass.getuser()
    assert user == "root" or user not in text
    assert "mine" in text


def test_the_same_project_gives_the_same_report_but_for_the_date(
    project_copy: Path, tmp_path: Path
) -> None:
    request, when = ReportRequest(tmp_path / "r.html"), "2026-01-02T03:04:05+00:00"
    with Project.open(project_copy, read_only=True) as project:
        first = render(write_report.gather(project, request, Unattended(), when))
        second = render(write_report.gather(project, request, Unattended(), when))
    assert first == second
    assert "2 January 2026, 03:04 UTC" in first


def test_texts_of_documents_are_never_markup(tmp_path: Path) -> None:
    from saedesk.jobs import label_features, train_sae
    from tests.tiny_projects import embed, train_request

    file = tmp_path / "hostile.csv"
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerow(["id", "title", "abstract", "category", "url"])
        for number in range(24):
            address = "javascript:alert(1)" if number % 2 else f"https://example.org/{number}"
            kind = HOSTILE if number % 3 else "plain"
            text = f"{HOSTILE} about stars and galaxies, number {number}"
            writer.writerow([number, f"{HOSTILE} {number}", text, kind, address])
    with Project.create(tmp_path / "p.saedesk", name=HOSTILE) as project:
        seen = preview_input(file)
        address = ColumnUse("url", ColumnRole.FIELD, FieldType.URL)
        uses = tuple(address if use.column == "url" else use for use in seen.uses)
        wanted = InputRequest((file,), uses, seen.encoding, seen.delimiter)
        import_documents.run(project, import_documents.ImportRequest(wanted), Unattended())
        embed(project)
        train_sae.run(project, train_request(epochs=2, n_latents=8, batch_size=8), Unattended())
        analyse_features.run(project, analyse_features.AnalyseRequest(device="cpu"), Unattended())
        label_features.run(project, label_features.LabelRequest(), Unattended())
        sae = open_analysed_sae(project)
        project.labels.add(sae.hash, [FeatureLabel(0, HOSTILE, PERSON, "you")])
        page = report_of(project, tmp_path / "r.html")
    shown = " ".join(HOSTILE.replace("\u202e", "").split())
    assert page.one("h1").text.strip() == shown
    assert page.visible.count(shown) > 20
    links = [a.attributes["href"] for a in page.all("a") if a.attributes.get("target")]
    assert links
    assert all(str(link).startswith("https://example.org/") for link in links)


# -- projects that have not got everything ---------------------------------------------------------


def test_an_empty_project_gets_a_report(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.saedesk") as project:
        page = report_of(project, tmp_path / "r.html")
    assert "nothing has been imported yet" in page.visible
    assert not page.all("article")


def test_documents_without_vectors_get_a_report(abstracts: Path, tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.saedesk") as project:
        import_file(project, abstracts)
        page = report_of(project, tmp_path / "r.html")
    assert "no vectors yet" in page.visible
    assert "abstracts.csv 60 60 0 0" in page.visible
    assert [code.text.split()[1] for code in page.all("code")] == ["new", "import", "report"]


def test_vectors_without_any_text_get_a_report(tmp_path: Path) -> None:
    from saedesk.jobs import import_vectors, train_sae
    from tests.tiny_projects import train_request

    centres = np.random.default_rng(0).normal(size=(6, 16))
    rows = centres[np.arange(90) % 6] + 0.2 * np.random.default_rng(1).normal(size=(90, 16))
    rows[5] = 0
    np.save(tmp_path / "-mine.npy", rows.astype(np.float32))
    with Project.create(tmp_path / "p.saedesk") as project:
        request = import_vectors.ImportVectorsRequest(tmp_path / "-mine.npy", unusable="keep out")
        import_vectors.run(project, request, Unattended())
        train_sae.run(project, train_request(n_latents=8, k=1, epochs=3), Unattended())
        analyse_features.run(project, analyse_features.AnalyseRequest(device="cpu"), Unattended())
        page = report_of(project, tmp_path / "r.html")
    text = page.visible
    assert "The 90 vectors of 16 numbers each came from a file; which encoder made them" in text
    assert "1 of them is zero or not finite" in text
    assert "90 of them without a text" in text
    assert all("Document " in title.text for title in page.all("p", "title"))
    assert page.all("p", "title")
    lines = [shlex.split(code.text) for code in page.all("code")]
    assert [line[1] for line in lines[:3]] == ["new", "import-vectors", "train"]
    parsed = make_parser().parse_args(lines[1][1:])
    assert (parsed.file, parsed.match) == ("./-mine.npy", "new-documents")
    assert parsed.unusable == "keep-out"


def test_an_sae_without_an_analysis_or_vectors_gets_a_report(
    project_copy: Path, tmp_path: Path
) -> None:
    with Project.open(project_copy) as project:
        record = project.current("saes")
        assert record is not None
        folder = tmp_path / "weights"
        folder.mkdir()
        for name in ("sae.safetensors", "config.json"):
            (folder / name).write_bytes(project.path_of(record, name).read_bytes())
        analyse_features.remove_analysis(project, project.artifacts("activations")[0])
        page = report_of(project, tmp_path / "r.html")
    assert "not analysed yet" in page.visible
    assert "FVU, held-out documents" in page.visible
    assert "L0, active per document" in page.visible
    with Project.create(tmp_path / "loaded.saedesk") as project:
        load_sae.run(project, load_sae.LoadSaeRequest(folder), Unattended())
        page = report_of(project, tmp_path / "loaded.html")
    assert "was not trained here: it was loaded from weights" in page.visible
    lines = [code.text.strip() for code in page.all("code")]
    assert lines[1] == f"saedesk load-sae loaded.saedesk weights --k {K} --use"


def test_another_sae_than_the_one_in_use_can_be_asked_for(
    project_copy: Path, tmp_path: Path
) -> None:
    from saedesk.jobs import train_sae
    from tests.tiny_projects import train_request

    with Project.open(project_copy) as project:
        first = project.current("saes")
        assert first is not None
        train_sae.run(project, train_request(epochs=1, n_latents=16), Unattended())
        page = report_of(project, tmp_path / "second.html")
        assert "SAE Run 2" in page.visible
        assert not page.all("article")
        assert "All autoencoders of the project" in page.visible
        page = report_of(project, tmp_path / "first.html", sae=first.hash[:8])
        assert "SAE Run 1" in page.visible
        assert len(page.all("article")) > 10
        with pytest.raises(BadInput, match="no single SAE"):
            report_of(project, tmp_path / "none.html", sae="ffff")


# -- writing ---------------------------------------------------------------------------------------


def test_a_cancelled_report_leaves_the_old_one(project_copy: Path, tmp_path: Path) -> None:
    path = tmp_path / "out" / "r.html"
    path.parent.mkdir()
    path.write_text("from yesterday")
    with Project.open(project_copy, read_only=True) as project:
        calls = Listener()
        write_report.run(project, ReportRequest(tmp_path / "whole.html"), calls)
        for checkpoint in (1, 5, calls.checkpoints):
            with pytest.raises(Cancelled):
                write_report.run(project, ReportRequest(path), Listener(cancel_at=checkpoint))
    assert path.read_text() == "from yesterday"
    assert [file.name for file in path.parent.iterdir()] == ["r.html"]
    units = [(report.done, report.total) for report in calls.reports if report.total]
    assert units == sorted(units)
    assert len(units) > 10


def test_places_that_cannot_be_are_refused_before_any_work(
    project_copy: Path, tmp_path: Path
) -> None:
    listener = Listener()
    with Project.open(project_copy, read_only=True) as project:
        for request, error, sentence in (
            (ReportRequest(tmp_path / "r.pdf"), BadSetting, "must end in .html"),
            (ReportRequest(tmp_path / "no" / "r.html"), BadInput, "There is no folder"),
            (ReportRequest(tmp_path / "r.html", features=-1), BadSetting, "0 to 1,000"),
            (ReportRequest(tmp_path / "r.html", features=9999), BadSetting, "0 to 1,000"),
        ):
            with pytest.raises(error, match=sentence):
                write_report.run(project, request, listener)
        (tmp_path / "folder.html").mkdir()
        with pytest.raises(BadInput, match="is a folder"):
            write_report.run(project, ReportRequest(tmp_path / "folder.html"), listener)
    assert listener.checkpoints == 0


def test_no_feature_in_full_is_a_report_too(project_copy: Path, tmp_path: Path) -> None:
    with Project.open(project_copy, read_only=True) as project:
        page = report_of(project, tmp_path / "r.HTM", features=0)
    assert not page.all("article")
    assert len(index_of(page)) == FEATURES


def test_histograms_of_fields_suit_their_values() -> None:
    years = bins_of(np.array([2015.0, 2017.0, 2017.0]))
    assert years is not None
    assert (list(years.edges), list(years.counts)) == ([2015, 2016, 2017, 2018], [1, 0, 2])
    assert (years.unit, years.is_whole) == ("years", True)
    pages = np.array([*range(1, 90), 5000.0])
    counted = bins_of(pages)
    assert counted is not None
    assert counted.counts.sum() == 90
    assert len(set(np.diff(counted.edges))) == 1
    assert float(np.diff(counted.edges)[0]).is_integer()
    for odd in ([0.0], [-1e300], [1e300, 1e300], [1e-9, 2e-9], [-5.5, 5.5], [0.0] * 999 + [1e9]):
        found = bins_of(np.array(odd))
        assert found is not None
        assert found.counts.sum() == len(odd)
        assert found.edges[-1] > found.edges[0]
    assert bins_of(np.array([])) is None
    dates = bins_of(np.array([2015.5, 2016.0, 2019.9]), is_date=True)
    assert dates is not None
    assert len(dates.counts) == 5


def test_values_lose_the_way_to_a_file_and_nothing_else() -> None:
    for path in ("/home/jo/x/mine", "C:\\Users\\jo\\mine", "~/mine", "file:///home/jo/mine"):
        assert file_name(path) == "mine"
    for text in ("sentence-transformers/all-MiniLM-L6-v2", "a / b", "yes", ""):
        assert file_name(text) == text
    assert value_text([1.5, True, None, "x"]) == "1.5, yes, , x"
    assert list(flat_rows({"a_b": {"c": 1, "d": None}, "e": "/p/q"})) == [
        ("a b, c", "1"),
        ("e", "q"),
    ]


def test_families_are_trees_with_the_shares_that_were_found(
    project_copy: Path, tmp_path: Path
) -> None:
    loose = FamilySettings(
        threshold=0.05,
        above_chance=0.0,
        most_density=1.0,
        fewest_documents=1,
        fewest_branches=1,
        fewest_children=1,
    )
    with Project.open(project_copy) as project:
        report_of(project, tmp_path / "before.html")
        assert not project.artifacts("families"), "a report stores nothing"
        found = find_families.run(project, FamiliesRequest(settings=loose), Unattended())
        page = report_of(project, tmp_path / "r.html")
        (line,) = [
            line
            for line in (node.text.strip() for node in page.all("code"))
            if line.startswith("saedesk families")
        ]
    assert f"{len(found.families)} families with" in page.visible
    trees = page.visible.partition("Features that fire in the same documents")[2]
    for one in found.families[:2]:
        assert f"{len(one.members)} features" in trees
        for edge in one.edges:
            assert f"{100 * edge.weight:.0f} %" in trees
    arguments = make_parser().parse_args(shlex.split(line)[1:])
    assert arguments.set_threshold == 0.05
    assert arguments.set_fewest_children == 1
