"""A small server that speaks the OpenAI protocol on loopback, and misbehaves as it is told."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[["Handler", dict[str, Any]], None]


class Handler(BaseHTTPRequestHandler):
    """Hands every request to the server's behaviour."""

    protocol_version = "HTTP/1.1"
    server: ChatServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._serve(json.loads(body))

    def do_GET(self) -> None:
        self._serve({})

    do_CONNECT = do_GET

    def _serve(self, asked: dict[str, Any]) -> None:
        with self.server.guard:
            number = len(self.server.requests)
            self.server.requests.append((self.path, dict(self.headers), asked))
            self.server.under_way += 1
            self.server.most_at_once = max(self.server.most_at_once, self.server.under_way)
        script = self.server.script
        behaviour = script[number] if number < len(script) else self.server.behaviour
        try:
            behaviour(self, asked)
        except (BrokenPipeError, ConnectionResetError):
            pass
        finally:
            with self.server.guard:
                self.server.under_way -= 1

    def send(self, status: int, body: bytes, kind: str = "application/json", **more: str) -> None:
        """A whole answer."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in more.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing on stderr."""


class ChatServer(ThreadingHTTPServer):
    """`script` is worked off first, request by request; then `behaviour` answers all."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, behaviour: Behaviour, script: list[Behaviour] | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behaviour, self.script = behaviour, script or []
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.guard = threading.Lock()
        self.under_way = self.most_at_once = 0
        self.over = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is part of the tests."""

    def __enter__(self) -> ChatServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()
        self._thread.join()


def completion(text: str | None, **more: Any) -> bytes:
    """A body as servers send it."""
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": more.pop("reason", "stop")}
    usage = more.pop("usage", {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110})
    content = {"id": "x", "object": "chat.completion", "created": 1, "model": "tiny"}
    return json.dumps({**content, "choices": [choice], "usage": usage, **more}).encode()


def says(text: str | None, **more: Any) -> Behaviour:
    """Always the same words."""
    return lambda handler, asked: handler.send(200, completion(text, **more))


def refuses(status: int, message: str = "no", **headers: str) -> Behaviour:
    """An error of HTTP."""
    body = json.dumps({"error": {"message": message}}).encode()
    return lambda handler, asked: handler.send(status, body, **headers)


def sends(body: bytes, kind: str = "application/json", **headers: str) -> Behaviour:
    """These bytes with status 200."""
    return lambda handler, asked: handler.send(200, body, kind, **headers)


def hangs(handler: Handler, asked: dict[str, Any]) -> None:
    """Takes the question and says nothing until the server ends."""
    handler.server.over.wait()
    handler.close_connection = True


def breaks_off(handler: Handler, asked: dict[str, Any]) -> None:
    """Promises more than it sends."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [')
    handler.close_connection = True


def never_ends(handler: Handler, asked: dict[str, Any]) -> None:
    """A byte now and then, for ever: no single read takes long."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    while not handler.server.over.wait(0.02):
        handler.wfile.write(b"1\r\n \r\n")
    handler.close_connection = True


def headers_never_end(handler: Handler, asked: dict[str, Any]) -> None:
    """Not even the headers come to an end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while not handler.server.over.wait(0.02):
        handler.wfile.write(b"X: y\r\n")
    handler.close_connection = True


def huge(announced: bool) -> Behaviour:
    """300 MB, with its size said before or not."""

    def behave(handler: Handler, asked: dict[str, Any]) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        name, value = ("Content-Length", str(300 << 20)) if announced else ("Connection", "close")
        handler.send_header(name, value)
        handler.end_headers()
        for _ in range(300):
            handler.wfile.write(b" " * (1 << 20))
        handler.close_connection = True

    return behave


def judges(is_true: Callable[[str, str], bool], label: str = "FINAL: a good name") -> Behaviour:
    """Names every feature alike, and judges documents by `is_true(label, document)`."""

    def behave(handler: Handler, asked: dict[str, Any]) -> None:
        question = asked["messages"][1]["content"]
        if "PREDICTION:" not in question:
            handler.send(200, completion(f"Thinking.\n{label}"))
            return
        name = json.loads(next(x for x in question.splitlines() if x.startswith("LABEL "))[6:])
        said = ["PREDICTION:"]
        for number, document in enumerate(documents_in(question), start=1):
            said.append(f"{number}: {0.9 if is_true(name, document['text']) else -0.8}")
        handler.send(200, completion("\n".join(said)))

    return behave


def documents_in(question: str) -> list[dict[str, Any]]:
    """The documents of a prompt's block, as a model would read them."""
    block = re.search(r"^BEGIN (\w+)\n(.*)\nEND \1$", question, re.DOTALL | re.MULTILINE)
    assert block is not None
    return [json.loads(line) for line in block[2].split("\n")]


def wait_for(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Until something has happened on another thread."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)
