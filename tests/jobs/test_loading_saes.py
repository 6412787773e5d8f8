"""SAEs of other libraries in a project: first-class once they are loaded; ours given away."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import saedesk
from saedesk.cli.command_line import main
from saedesk.errors import BadCheckpoint, BadInput, MissingK
from saedesk.jobs import analyse_features, compare_encoders, export_sae, label_features, load_sae
from saedesk.jobs.compare_encoders import CompareEncodersRequest
from saedesk.jobs.load_sae import LoadSaeRequest, is_loaded
from saedesk.jobs.loaded_sae import open_sae
from saedesk.jobs.remarks_on_run import remarks_on_run
from saedesk.project.artifact_readers import open_vectors
from saedesk.project.project_check import check_project
from saedesk.project.project_folder import Project
from saedesk.task_control import Unattended

N, K = 48, 5


def tensors(d_in: int = 384, seed: int = 0) -> dict[str, torch.Tensor]:
    """Encoder, decoder (both (n, d)) and biases with some life in them."""
    generator = torch.Generator().manual_seed(seed)
    decoder = torch.nn.functional.normalize(torch.randn(N, d_in, generator=generator), dim=1)
    return {
        "encoder": decoder + 0.1 * torch.randn(N, d_in, generator=generator),
        "decoder": decoder,
        "bias": 0.02 * torch.randn(N, generator=generator),
        "pre_bias": 0.01 * torch.randn(d_in, generator=generator),
    }


def sparsify_folder(folder: Path, d_in: int = 384) -> Path:
    folder.mkdir()
    found = tensors(d_in)
    save_file(
        {
            "encoder.weight": found["encoder"],
            "encoder.bias": found["bias"],
            "W_dec": found["decoder"],
            "b_dec": found["pre_bias"],
        },
        folder / "sae.safetensors",
    )
    settings = {
        "activation": "topk",
        "expansion_factor": 1,
        "normalize_decoder": True,
        "num_latents": N,
        "k": K,
        "multi_topk": False,
        "skip_connection": False,
        "transcode": False,
        "d_in": d_in,
    }
    (folder / "cfg.json").write_text(json.dumps(settings), "utf-8")
    return folder


def saerch_file(path: Path) -> Path:
    found = tensors()
    state = {
        "pre_bias": found["pre_bias"],
        "latent_bias": found["bias"],
        "encoder.weight": found["encoder"],
        "decoder.weight": found["decoder"].T.contiguous(),
    }
    torch.save(state, path)
    return path


def codes_by_hand(vectors: np.ndarray) -> np.ndarray:
    """float64: ReLU of the K largest of E (x − b) + c."""
    found = {name: tensor.double().numpy() for name, tensor in tensors().items()}
    pre = (vectors.astype(np.float64) - found["pre_bias"]) @ found["encoder"].T + found["bias"]
    codes = np.zeros_like(pre)
    best = np.argsort(-pre, axis=1)[:, :K]
    np.put_along_axis(codes, best, np.take_along_axis(pre, best, 1).clip(0), 1)
    return codes


@pytest.fixture
def sparsify(tmp_path: Path) -> Path:
    return sparsify_folder(tmp_path / "their-sae")


def test_a_loaded_sae_is_read_like_one_trained_here(project_copy: Path, sparsify: Path) -> None:
    with Project.open(project_copy) as project:
        own = project.current("saes")
        record = load_sae.run(project, LoadSaeRequest(sparsify, put_in_use=True), Unattended())
        assert is_loaded(record)
        assert not is_loaded(own)
        assert project.current("saes") == record
        assert (record.summary["name"], record.summary["k"]) == ("Loaded 1", K)
        analyse_features.run(project, analyse_features.AnalyseRequest(device="cpu"), Unattended())
        label_features.run(project, label_features.LabelRequest(), Unattended())
        sae = open_sae(project, record)
        expected = codes_by_hand(np.asarray(sae.vectors.values))
        np.testing.assert_allclose(
            sae.activations.to_csr().toarray(), expected, rtol=1e-4, atol=1e-6
        )
        assert project.labels.current(record.hash)
        activations = analyse_features.analysis_in_use(project, record)[1]
        x = np.asarray(sae.vectors.values, np.float64)
        found = tensors()
        rebuilt = expected @ found["decoder"].double().numpy() + found["pre_bias"].double().numpy()
        fvu = ((x - rebuilt) ** 2).sum() / ((x - x.mean(0)) ** 2).sum()
        assert activations.summary["fvu"] == pytest.approx(fvu, rel=1e-4)
        advice = " ".join(remark.advice for remark in remarks_on_run(project, record))
        assert "fewer features" not in advice, "nobody here can train it otherwise"
        fidelities = compare_encoders.run(project, CompareEncodersRequest(rows=50), Unattended())
        assert len(fidelities) > 1
        assert not check_project(project, Unattended())
    with saedesk.open_project(project_copy) as opened:
        answer = opened.search("dark matter", {3: 0.5}, count=3)
        assert len(answer) == 3
        assert answer.cosine < 1


def test_the_same_file_is_not_stored_twice(project_copy: Path, sparsify: Path) -> None:
    with Project.open(project_copy) as project:
        in_use = project.current("saes")
        first = load_sae.run(project, LoadSaeRequest(sparsify, name="Theirs"), Unattended())
        again = load_sae.run(project, LoadSaeRequest(sparsify), Unattended())
        assert first == again
        assert first.summary["name"] == "Theirs"
        assert project.current("saes") == in_use, "nobody asked to put it in use"
        assert len(project.artifacts("saes")) == 2
        with pytest.raises(BadInput, match="already, as “Theirs”"):
            load_sae.run(project, LoadSaeRequest(sparsify, name="Mine"), Unattended())


def test_a_name_is_given_once(project_copy: Path, sparsify: Path) -> None:
    with Project.open(project_copy) as project:
        with pytest.raises(BadInput, match="an SAE called “Run 1” already"):
            load_sae.run(project, LoadSaeRequest(sparsify, name="Run 1"), Unattended())
        assert len(project.artifacts("saes")) == 1


def test_k_is_told_where_the_file_does_not_say_it(project_copy: Path, tmp_path: Path) -> None:
    file = saerch_file(tmp_path / "model.pth")
    with Project.open(project_copy) as project:
        before = (project_copy / "project.json").read_bytes()
        with pytest.raises(MissingK, match="k"):
            load_sae.run(project, LoadSaeRequest(file), Unattended())
        assert (project_copy / "project.json").read_bytes() == before
        record = load_sae.run(project, LoadSaeRequest(file, k=K), Unattended())
        assert record.summary["k"] == K
        named = saerch_file(tmp_path / f"{K}_{N}_{2 * K}_auxk_epoch_50.pth")
        assert load_sae.run(project, LoadSaeRequest(named), Unattended()).summary["k"] == K


def test_another_width_is_refused_with_both_numbers(project_copy: Path, tmp_path: Path) -> None:
    folder = sparsify_folder(tmp_path / "wide", d_in=768)
    with Project.open(project_copy) as project:
        before = (project_copy / "project.json").read_bytes()
        with pytest.raises(BadCheckpoint, match="768 numbers apart; those of abstracts have 384"):
            load_sae.run(project, LoadSaeRequest(folder), Unattended())
        assert (project_copy / "project.json").read_bytes() == before
        assert not list((project_copy / "saes").glob(".partial*"))


def test_an_sae_may_come_before_the_vectors(tmp_path: Path, sparsify: Path) -> None:
    with Project.create(tmp_path / "empty.saedesk") as project:
        record = load_sae.run(project, LoadSaeRequest(sparsify), Unattended())
        assert project.current("saes") == record
        with pytest.raises(BadInput, match="There are no vectors of 384 numbers"):
            analyse_features.run(project, analyse_features.AnalyseRequest(), Unattended())
        target = tmp_path / "given"
        export_sae.run(project, export_sae.ExportSaeRequest("", target, "sparsify"), Unattended())
        assert (target / "sae.safetensors").is_file()


FORMATS: dict[str, Callable[[Path], tuple[Path, int | None]]] = {
    "saelens": lambda folder: (folder, None),
    "sparsify": lambda folder: (folder, None),
    "saedesk": lambda folder: (folder, None),
}


@pytest.mark.parametrize("format_", FORMATS)
def test_what_is_given_away_comes_back_the_same(
    project_copy: Path, tmp_path: Path, format_: str
) -> None:
    with Project.open(project_copy, read_only=True) as project:
        record = project.current("saes")
        vectors = np.asarray(open_vectors(project, project.current("vectors")).values)
        request = export_sae.ExportSaeRequest("", tmp_path / "given", format_, "cc-by-4.0")
        export_sae.run(project, request, Unattended())
        own = saedesk.load_sae(project.path_of(record)).encode(vectors).toarray()
    path, k = FORMATS[format_](tmp_path / "given")
    theirs = saedesk.load_sae(path, k=k).encode(vectors).toarray()
    np.testing.assert_allclose(theirs, own, rtol=1e-5, atol=1e-6)
    card = (tmp_path / "given" / "README.md").read_text("utf-8")
    assert "cc-by-4.0" in card
    assert "60 documents" in card
    assert str(tmp_path) not in card


def test_the_commands_load_describe_and_give_away(
    project_copy: Path, sparsify: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["load-sae", str(project_copy), str(sparsify), "--preview", "--json"]) == 0
    described = json.loads(capfd.readouterr().out)
    assert (described["architecture"], described["n_latents"], described["k"]) == ("topk", N, K)
    assert main(["load-sae", str(project_copy), str(sparsify), "--json"]) == 0
    loaded = json.loads(capfd.readouterr().out)
    assert main(["analyse", str(project_copy), "--sae", loaded["hash"], "--quiet"]) == 0
    target = tmp_path / "out"
    words = ["export-sae", str(project_copy), loaded["hash"], str(target), "--format", "sparsify"]
    assert main(words) == 0
    assert (target / "sae.safetensors").is_file()
    capfd.readouterr()
    assert main(words) == 1
    problem = capfd.readouterr().err
    assert str(target) in problem
    assert "Traceback" not in problem


def test_hostile_files_are_refused_in_a_sentence(
    project_copy: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    marker = tmp_path / "ran"

    class Runs:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            import os

            return os.system, (f"touch {marker}",)

    torch.save({"encoder.weight": Runs()}, tmp_path / "hostile.pt")
    (tmp_path / "text.safetensors").write_text("hello", "utf-8")
    (tmp_path / "empty").mkdir()
    before = (project_copy / "project.json").read_bytes()
    for name in ("hostile.pt", "text.safetensors", "empty", "missing/sae"):
        assert main(["load-sae", str(project_copy), str(tmp_path / name)]) == 1
        out, problem = capfd.readouterr()
        assert not out
        assert name.split("/")[-1] in problem
        assert len(problem.strip().splitlines()) == 1
        assert "weights_only" not in problem
    assert not marker.exists()
    assert (project_copy / "project.json").read_bytes() == before
