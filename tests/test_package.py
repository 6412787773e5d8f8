"""What is installed: the wheel's content, the pins, the set-up script, the desktop files."""

from __future__ import annotations

import configparser
import importlib.util
import os
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import saedesk
from saedesk import __main__, resource_files

CHECKOUT = Path(__file__).parent.parent
PACKAGING = CHECKOUT / "packaging"


def load(name: str) -> ModuleType:
    """A script of `packaging/`, which is no package."""
    spec = importlib.util.spec_from_file_location(name, PACKAGING / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def project_file() -> dict:
    return tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))


@pytest.fixture
def set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The set-up script with an environment of its own that does not exist yet."""
    script = load("set_up")
    monkeypatch.setattr(script, "ENVIRONMENT", tmp_path / ".venv")
    monkeypatch.setattr(script, "STAMP", tmp_path / ".venv" / "stamp.txt")
    return script


# --- dependencies ------------------------------------------------------------------------------


def pins() -> dict[str, str]:
    lines = (PACKAGING / "constraints.txt").read_text("utf-8").splitlines()
    return {canonicalize_name(name): version for name, version in (x.split("==") for x in lines)}


def test_every_dependency_is_pinned_inside_its_range(project_file: dict) -> None:
    project = project_file["project"]
    for line in project["dependencies"] + project["optional-dependencies"]["test"]:
        requirement = Requirement(line)
        pin = pins()[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(pin), f"{line} excludes the pinned {pin}"


def test_pins_name_public_versions_of_others() -> None:
    assert pins()["torch"] == "2.13.0"
    assert "saedesk" not in pins()
    assert not [version for version in pins().values() if "+" in version]


@pytest.mark.parametrize("version", ["6.11.0", "6.11.1", "6.12.0"])
def test_versions_of_pyside_that_break_the_window_are_excluded(
    version: str, project_file: dict
) -> None:
    (line,) = [x for x in project_file["project"]["dependencies"] if x.startswith("pyside6")]
    assert not Requirement(line).specifier.contains(version)


# --- resources -----------------------------------------------------------------------------------


def test_resources_are_found_in_the_source_tree() -> None:
    assert resource_files.resources_folder() == CHECKOUT / "resources"


def test_resources_are_found_in_a_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theme = tmp_path / "saedesk" / "_resources" / "theme"
    theme.mkdir(parents=True)
    (theme / "tokens.json").write_text("{}")
    monkeypatch.setattr(resource_files, "__file__", str(tmp_path / "saedesk" / "resource_files.py"))
    assert resource_files.resource("theme", "tokens.json") == theme / "tokens.json"


def test_resources_are_found_in_a_frozen_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theme = tmp_path / "resources" / "theme"
    theme.mkdir(parents=True)
    (theme / "tokens.json").write_text("{}")
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert resource_files.resources_folder() == tmp_path / "resources"


def test_the_wheel_takes_the_resources_and_leaves_the_screenshots(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    for name in ("theme/tokens.json", "icons/search.svg", "screenshots/search.png"):
        file = tmp_path / "resources" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    initialize = load("wheel_resources").WheelResources.initialize
    builds: dict[str, dict[str, str]] = {}
    for kind in ("standard", "editable"):
        builds[kind] = {}
        initialize(SimpleNamespace(root=str(tmp_path)), kind, {"force_include": builds[kind]})
    assert sorted(builds["standard"].values()) == [
        "saedesk/_resources/icons/search.svg",
        "saedesk/_resources/theme/tokens.json",
    ]
    assert builds["editable"] == {}


def test_an_installed_wheel_runs_by_itself(tmp_path: Path) -> None:
    wheel = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*wheel, "--wheel-dir", str(tmp_path), str(CHECKOUT)], check=True)
    (built,) = tmp_path.glob("saedesk-*.whl")
    place = tmp_path / "installed"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*install, "--target", str(place), str(built)], check=True)
    code = "import saedesk.resource_files as r; print(r.resource('icons'))"
    answer = subprocess.run(
        [sys.executable, "-c", code],
        env=dict(os.environ, PYTHONPATH=str(place)),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(answer.stdout.strip()) == place / "saedesk" / "_resources" / "icons"
    assert not (place / "saedesk" / "_resources" / "screenshots").exists()
    assert {"saedesk", "saedesk-desktop"} <= {file.name for file in (place / "bin").iterdir()}


# --- the set-up script ---------------------------------------------------------------------------


def test_set_up_is_done_only_for_what_it_was_made_for(set_up: ModuleType) -> None:
    assert not set_up.is_ready("run")
    set_up.python_inside().parent.mkdir(parents=True)
    set_up.python_inside().touch()
    set_up.STAMP.write_text(f"{set_up.fingerprint()} run\n")
    assert set_up.is_ready("run")
    assert not set_up.is_ready("test")


def test_other_pins_ask_for_a_new_set_up(
    set_up: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = set_up.fingerprint()
    changed = tmp_path / "constraints.txt"
    changed.write_text(set_up.CONSTRAINTS.read_text("utf-8") + "another==1.0\n")
    monkeypatch.setattr(set_up, "CONSTRAINTS", changed)
    assert set_up.fingerprint() != before


def test_whoever_may_not_install_is_told_the_command(
    set_up: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    checks = SimpleNamespace(
        missing_packages=lambda with_display: ["libegl1", "libgl1"],
        missing_display=lambda environment: None,
    )
    monkeypatch.setattr(set_up, "ON_LINUX", True)
    monkeypatch.setattr(set_up, "start_checks", lambda: checks)
    monkeypatch.setattr(set_up, "may_install", lambda: False)
    monkeypatch.setattr(set_up.shutil, "which", lambda name: f"/usr/bin/{name}")
    for use in ("run", "test"):
        assert set_up.main([use]) == 1
        said = capsys.readouterr().err
        assert "sudo apt-get update && sudo apt-get install --yes libegl1 libgl1" in said


def test_root_on_debian_installs_what_a_window_needs_too(
    set_up: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed: list[str] = []

    def missing(with_display: bool) -> list[str]:
        packages = ["libegl1"] + (["libxcb-cursor0"] if with_display else [])
        return [package for package in packages if package not in installed]

    monkeypatch.setattr(set_up, "ON_LINUX", True)
    monkeypatch.setattr(set_up, "has_display", lambda: False)
    monkeypatch.setattr(set_up, "start_checks", lambda: SimpleNamespace(missing_packages=missing))
    monkeypatch.setattr(set_up, "may_install", lambda: True)
    monkeypatch.setattr(set_up, "install_packages", installed.extend)
    set_up.check_system(to_be_built=False)
    assert installed == ["libegl1", "libxcb-cursor0"]


def test_without_a_display_the_demo_runs(
    set_up: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    called: list[list[str]] = []
    monkeypatch.setattr(set_up.subprocess, "call", lambda command, **_: called.append(command) or 3)
    monkeypatch.setattr(set_up, "has_display", lambda: False)
    assert set_up.run_program([]) == 3
    assert called[0][1:] == ["-m", "saedesk", "demo", "--headless", str(set_up.DEMO)]
    assert "no display" in capsys.readouterr().out
    with pytest.raises(set_up.CannotGoOn, match="no display"):
        set_up.run_program(["Corpus.saedesk"])
    monkeypatch.setattr(set_up, "has_display", lambda: True)
    set_up.run_program(["Corpus.saedesk"])
    assert called[-1][1:] == ["-m", "saedesk", "Corpus.saedesk"]


# --- the doors -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "is_project"),
    [
        ("Corpus.saedesk", True),
        ("Corpus.saedesk/", True),
        ("./folder", True),
        ("/somewhere/folder", True),
        (".", True),
        ("demo", False),
        ("import", False),
        ("--help", False),
    ],
)
def test_a_first_word_is_a_project_or_a_command(word: str, is_project: bool) -> None:
    assert __main__._names_a_project(word) == is_project


def test_a_second_project_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main(["One.saedesk", "Two.saedesk"]) == 2
    assert "Two.saedesk" in capsys.readouterr().err


def test_children_of_a_frozen_program_find_their_module(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "argv", ["saedesk"])
    assert __main__.main(["-m", "saedesk", "--version"]) == 0
    assert capsys.readouterr().out == f"saedesk {saedesk.__version__}\n"
    assert __main__.main(["-P", "-m", "this"]) == 0
    assert "Namespaces are one honking great idea" in capsys.readouterr().out


def test_the_package_and_its_metadata_name_one_version(project_file: dict) -> None:
    assert saedesk.__version__ == project_file["project"]["version"]


# --- the desktop ---------------------------------------------------------------------------------


def test_desktop_entry_metainfo_and_file_type_agree(project_file: dict) -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read(PACKAGING / "saedesk.desktop", "utf-8")
    desktop = entry["Desktop Entry"]
    file_type = ElementTree.parse(PACKAGING / "saedesk.mime.xml").getroot()[0].attrib["type"]
    metainfo = ElementTree.parse(PACKAGING / "saedesk.metainfo.xml").getroot()
    assert desktop["Exec"].split()[0] in project_file["project"]["gui-scripts"]
    assert desktop["MimeType"] == f"{file_type};"
    assert metainfo.findtext("provides/mediatype") == file_type
    assert metainfo.findtext("launchable") == "saedesk.desktop"
    assert (PACKAGING / "icons" / f"{desktop['Icon']}.svg").is_file()
    release = metainfo.find("releases/release")
    assert release is not None
    assert release.attrib["version"] == project_file["project"]["version"]
