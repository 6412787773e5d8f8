"""Downloading from a hub that runs on this computer: what is fetched, and what is not."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from saedesk.embedding.model_catalogue import ModelFiles, resolve_model
from saedesk.errors import ModelProblem

COMMIT = "c" * 40


class Hub(ThreadingHTTPServer):
    """Answers the requests that fetching a repository takes."""

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), HubRequest)
        self.files = files
        self.asked: list[str] = []


class HubRequest(BaseHTTPRequestHandler):
    server: Hub

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def do_GET(self) -> None:
        self.answer(body=True)

    def answer(self, body: bool) -> None:
        self.server.asked.append(self.path)
        path = self.path.split("?")[0]
        prefix = f"/maker/model/resolve/{COMMIT}/"
        if path.startswith("/api/models/maker/model/tree"):
            listed = [
                {"type": "file", "path": name, "size": len(content), "oid": "0" * 40}
                for name, content in self.server.files.items()
            ]
            content = json.dumps(listed).encode()
        elif path.startswith("/api/models/maker/model"):
            names = [{"rfilename": name} for name in self.server.files]
            content = json.dumps({"id": "maker/model", "sha": COMMIT, "siblings": names}).encode()
        elif path.startswith(prefix) and path[len(prefix) :] in self.server.files:
            content = self.server.files[path[len(prefix) :]]
        else:
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if body:
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on stderr."""


@pytest.fixture
def hub(
    default_model: ModelFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Hub]:
    from huggingface_hub import constants

    files = {
        path.relative_to(default_model.folder).as_posix(): path.read_bytes()
        for path in default_model.folder.rglob("*")
        if path.is_file()
    }
    hub = Hub(files | {"evil.py": b"raise SystemExit", "pytorch_model.bin": b"cos\nsystem\n"})
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


def test_only_data_is_fetched_and_only_once(hub: Hub, default_model: ModelFiles) -> None:
    model = resolve_model("maker/model", allow_download=True)
    assert (model.source, model.fingerprint) == ("hub", default_model.fingerprint)
    assert not [path for path in hub.asked if path.endswith((".py", ".bin"))]
    hub.asked.clear()
    assert resolve_model("maker/model").source == "cache"
    assert hub.asked == []


def test_nothing_is_asked_without_leave(hub: Hub) -> None:
    with pytest.raises(ModelProblem, match="allow the download"):
        resolve_model("maker/model")
    assert hub.asked == []


def test_a_name_the_hub_does_not_know(hub: Hub) -> None:
    with pytest.raises(ModelProblem, match="check the spelling"):
        resolve_model("maker/other", allow_download=True)
