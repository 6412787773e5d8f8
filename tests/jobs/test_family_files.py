"""Families as people see them, in every file that leaves: GraphML, JSON, tables, the report."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

import saedesk
from saedesk.errors import BadInput, BadSetting, DamagedArtifact
from saedesk.features.families.edited_families import FamilyEdit, ShownFamily
from saedesk.features.families.family_editing import merging, pinning
from saedesk.features.families.family_settings import FamilySettings
from saedesk.features.families.family_tree import FamilyEdge, FeatureFamily
from saedesk.features.families.published_families import compare_published, read_published
from saedesk.jobs import export_table, find_families, label_families, write_report
from saedesk.jobs.export_table import ExportRequest
from saedesk.jobs.find_families import FamiliesRequest
from saedesk.jobs.loaded_sae import open_analysed_sae
from saedesk.jobs.shown_families import read_all, shown_families
from saedesk.project.label_store import PERSON, FeatureLabel
from saedesk.project.project_folder import Project
from saedesk.task_control import Unattended

LOOSE = FamilySettings(
    threshold=0.05,
    above_chance=0.0,
    most_density=1.0,
    fewest_documents=1,
    fewest_branches=2,
    fewest_children=2,
)
NAME = 'Stars & <planets> "\x07"'
X = "{http://graphml.graphdrawing.org/xmlns}"


def shown(project: Project) -> tuple[ShownFamily, ...]:
    return shown_families(project, "", Unattended())[1]


@pytest.fixture
def project(project_copy: Path):
    """Families with labels; the first named, two merged and pinned, one hidden."""
    with Project.open(project_copy) as project:
        found = find_families.run(project, FamiliesRequest(settings=LOOSE), Unattended())
        sae = open_analysed_sae(project)
        first, second, third, fourth, *_ = shown(project)
        counts = sae.statistics.count
        edits = merging({}, [second, third], counts, lambda a, b: 0.1)
        project.family_edits.put(found.sae.hash, edits)
        (merged,) = [one for one in shown(project) if one.edited]
        edits = pinning(project.family_edits.edits(found.sae.hash), [merged], True)
        hidden = {fourth.root: FamilyEdit(hidden=True), first.root: FamilyEdit(name=NAME)}
        project.family_edits.put(found.sae.hash, {**edits, **hidden})
        label_families.run(project, label_families.LabelFamiliesRequest(), Unattended())
        yield project


def export(project: Project, path: Path, *, published: bool = False) -> int:
    request = ExportRequest("families", path, published=published)
    return export_table.run(project, request, Unattended())


def test_a_graph_has_each_feature_and_edge_once(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "families.graphml"
    families = [one for one in shown(project) if not one.hidden]
    sae = project.current("saes").hash
    project.labels.add(sae, [FeatureLabel(families[0].root, NAME, PERSON, "somebody")])
    assert export(project, path) == len(families)
    graph = ElementTree.parse(path).getroot().find(f"{X}graph")
    nodes = {int(node.get("id")): node for node in graph.findall(f"{X}node")}
    assert set(nodes) == {i for one in families for i in one.members}
    edges = {(int(e.get("source")), int(e.get("target"))): e for e in graph.findall(f"{X}edge")}
    assert set(edges) == {(e.parent, e.child) for one in families for e in one.edges}
    data = {one.get("key"): one.text for one in nodes[families[0].root].findall(f"{X}data")}
    assert data["node_label"] == NAME.replace("\x07", ""), "what XML cannot hold is left out"
    assert str(families[0].root) in data["node_families"].split()
    weights = {(e.parent, e.child): e.weight for one in families for e in one.edges}
    for pair, edge in edges.items():
        assert float(edge.find(f"{X}data").text) == pytest.approx(weights[pair])
    names = graph.find(f"{X}data").text
    assert names.splitlines()[0] == f"{families[0].root} {families[0].name}".replace("\x07", "")


def test_json_holds_everything_and_hidden_families_are_marked(
    project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "families.json"
    families = shown(project)
    assert export(project, path) == len(families)
    content = json.loads(path.read_text("utf-8"))
    assert content["format"] == "saedesk families"
    assert content["settings"]["threshold"] == LOOSE.threshold
    for told, one in zip(content["families"], families, strict=True):
        assert (told["root"], told["name"]) == (one.root, one.name)
        assert [member["feature"] for member in told["members"]] == list(one.members)
        parents = {member["feature"]: member["parent"] for member in told["members"]}
        assert parents == {one.root: None} | {e.child: e.parent for e in one.edges}
        flags = (told["pinned"], told["hidden"], told["edited"], tuple(told["merged_from"]))
        assert flags == (one.pinned, one.hidden, one.edited, one.merged_from)
    assert NAME in [one["name"] for one in content["families"]]
    assert sum(one["hidden"] for one in content["families"]) == 1
    assert any(one["label"] and one["label"]["score"] for one in content["families"])


def test_the_published_form_is_read_back_whole(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "clean_families.json"
    families = [one for one in shown(project) if not one.hidden]
    assert export(project, path, published=True) == len(families)
    labels = project.labels.current(project.current("saes").hash)
    texts = {i: label.text for i, label in labels.items()}
    found = compare_published(read_published(path), families, texts)
    assert found.by == "numbers"
    assert [one.root for one in found.matches] == [one.root for one in families]
    assert found.mean_overlap == 1.0


@pytest.mark.parametrize("name", ["families.graphml", "families.csv", "features.csv"])
def test_only_json_has_a_published_form(project: Project, tmp_path: Path, name: str) -> None:
    request = ExportRequest(name.split(".")[0], tmp_path / name, published=True)
    with pytest.raises(BadSetting, match="published form"):
        export_table.run(project, request, Unattended())
    assert not request.path.exists()


def test_without_analysis_there_is_no_file(project_copy: Path, tmp_path: Path) -> None:
    from saedesk.jobs import analyse_features

    with Project.open(project_copy) as project:
        record = analyse_features.analysis_in_use(project, project.current("saes"))[1]
        analyse_features.remove_analysis(project, record)
        with pytest.raises(BadInput, match="not analysed"):
            export(project, tmp_path / "families.json")
    assert not (tmp_path / "families.json").exists()


def test_tables_report_and_notebooks_show_the_same(project: Project, tmp_path: Path) -> None:
    families = shown(project)
    export(project, tmp_path / "families.jsonl")
    export(project, tmp_path / "families.csv")
    lines = (tmp_path / "families.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert [(row["root"], row["name"]) for row in rows] == [(o.root, o.name) for o in families]
    assert [tuple(row["merged_from"]) for row in rows] == [one.merged_from for one in families]
    assert [row["pinned"] for row in rows] == [one.pinned for one in families]
    assert any(row["score"] is not None for row in rows)
    with (tmp_path / "families.csv").open(encoding="utf-8", newline="") as file:
        flat = list(csv.DictReader(file))
    assert {row["name"] for row in flat if row["hidden"] == "True"} == {
        one.name for one in families if one.hidden
    }
    folder = project.folder
    request = write_report.ReportRequest(tmp_path / "r.html", features=0)
    write_report.run(project, request, Unattended())
    page = (tmp_path / "r.html").read_text("utf-8")
    assert "Stars &amp; &lt;planets&gt;" in page
    assert "merged from 2 families, pinned" in page
    assert "1 more is hidden" in page
    project.close()
    with saedesk.open_project(folder) as opened:
        assert opened.families() == families


def test_a_family_of_features_that_are_not_there_is_named(project: Project) -> None:
    sae = open_analysed_sae(project)
    assert read_all(project, sae.hash, sae.n_latents).found
    far = FeatureFamily(900, (3,), (FamilyEdge(900, 3, 0.5),), 1)
    project.family_edits.put(sae.hash, {900: FamilyEdit(pinned=True, family=far)})
    with pytest.raises(DamagedArtifact, match="feature 900"):
        read_all(project, sae.hash, sae.n_latents)
