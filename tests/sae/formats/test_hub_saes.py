"""SAEs from a hub that runs on this computer: what is fetched, and what is not."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from saedesk.errors import BadCheckpoint
from saedesk.sae.formats.any_format import hub_sae, inspect_sae, load_sae
from tests.sae.formats.test_any_format import sparsify_folder

COMMIT = "c" * 40


class Hub(ThreadingHTTPServer):
    """Answers the requests that fetching a repository takes."""

    daemon_threads = True

    def __init__(self, repositories: dict[str, dict[str, bytes]]) -> None:
        super().__init__(("127.0.0.1", 0), HubRequest)
        self.repositories = repositories
        self.asked: list[str] = []


class HubRequest(BaseHTTPRequestHandler):
    server: Hub

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def do_GET(self) -> None:
        self.answer(body=True)

    def answer(self, body: bool) -> None:
        self.server.asked.append(self.path)
        content = self.content(self.path.split("?")[0])
        self.send_response(404 if content is None else 200)
        if content is None:
            self.send_header("X-Error-Code", "RepoNotFound")
        else:
            self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
            self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        if body:
            self.wfile.write(content or b"")

    def content(self, path: str) -> bytes | None:
        for name, files in self.server.repositories.items():
            prefix = f"/{name}/resolve/{COMMIT}/"
            if path.startswith(prefix):
                return files.get(path.removeprefix(prefix))
            if path.startswith(f"/api/models/{name}/tree"):
                listed = [
                    {"type": "file", "path": file, "size": len(content), "oid": "0" * 40}
                    for file, content in files.items()
                ]
                return json.dumps(listed).encode()
            if path.startswith(f"/api/models/{name}"):
                siblings = [{"rfilename": n, "size": len(c)} for n, c in files.items()]
                return json.dumps({"id": name, "sha": COMMIT, "siblings": siblings}).encode()
        return None

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on stderr."""


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    from huggingface_hub import constants

    folder = sparsify_folder(tmp_path / "source")
    weights = (folder / "sae.safetensors").read_bytes()
    settings = (folder / "cfg.json").read_bytes()
    one = {"sae.safetensors": weights, "cfg.json": settings, "evil.py": b"raise SystemExit"}
    several = {
        f"layers.{layer}/{name}": content for layer in (0, 1) for name, content in one.items()
    }
    hub = Hub({"maker/one": one, "maker/several": several, "maker/text": {"README.md": b"hi"}})
    thread = threading.Thread(target=hub.serve_forever, args=(0.02,))
    thread.start()
    address = f"http://127.0.0.1:{hub.server_port}"
    monkeypatch.setattr(constants, "ENDPOINT", address)
    monkeypatch.setattr(
        constants,
        "HUGGINGFACE_CO_URL_TEMPLATE",
        address + "/{repo_id}/resolve/{revision}/{filename}",
    )
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    yield hub
    hub.shutdown()
    thread.join()
    hub.server_close()


def test_only_weights_and_settings_are_fetched_and_only_once(hub: Hub) -> None:
    path = hub_sae("maker/one", allow_download=True)
    assert load_sae(path).origin["file"] == "maker/one"
    assert not [asked for asked in hub.asked if asked.endswith(".py")]
    hub.asked.clear()
    assert hub_sae("maker/one", allow_download=False) == path
    assert hub.asked == []


def test_one_of_several_is_fetched_alone(hub: Hub) -> None:
    with pytest.raises(BadCheckpoint, match=r"2 SAEs: maker/several/layers\.0, maker/several/l"):
        hub_sae("maker/several", allow_download=True)
    assert not [asked for asked in hub.asked if "safetensors" in asked]
    path = hub_sae("maker/several/layers.1", allow_download=True)
    assert inspect_sae(path).k == 4
    assert not [asked for asked in hub.asked if "layers.0" in asked]
    file = hub_sae("maker/several/layers.0/sae.safetensors", allow_download=True)
    assert load_sae(file).origin["file"] == "maker/several/layers.0/sae.safetensors"
    assert load_sae(file).config.k == 4


def test_nothing_is_asked_without_leave(hub: Hub) -> None:
    with pytest.raises(BadCheckpoint, match=r"Allow the download"):
        hub_sae("maker/one", allow_download=False)
    assert hub.asked == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("maker/other", "check the spelling"),
        ("maker/text", "has no SAE: no file of weights"),
        ("maker/one/layers.7", r"has no SAE in layers\.7"),
        ("nothing.pt", "There is no file or folder nothing.pt"),
        ("/no/such/folder", "There is no file or folder"),
        ("maker/../../etc", "There is no file or folder"),
    ],
)
def test_names_that_lead_nowhere(hub: Hub, name: str, words: str) -> None:
    with pytest.raises(BadCheckpoint, match=words):
        hub_sae(name, allow_download=True)


def test_a_hub_out_of_reach_is_said_at_once(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(BadCheckpoint, match="cannot be reached"):
        hub_sae("maker/one", allow_download=True)
