"""Addresses of language models: which are offered, which are allowed, and where they lead.

Plain http goes to this computer, or to a host that a person has named; private mode allows this
computer only, whatever a name resolves to.
"""

from __future__ import annotations

import ipaddress
import json
import queue
import re
import socket
import threading
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from saedesk.errors import BadSetting, ModelProblem
from saedesk.program_log import home_folder

SECONDS_TO_RESOLVE = 5.0
LONGEST_ADDRESS = 500
PRIVATE_MODE = "private_mode"
"""Name of the setting."""


@dataclass(frozen=True)
class OfferedEndpoint:
    """A program that serves models on this computer, at the address it has by default."""

    name: str
    url: str


OFFERED_ENDPOINTS = (
    OfferedEndpoint("Ollama", "http://127.0.0.1:11434/v1"),
    OfferedEndpoint("LM Studio", "http://127.0.0.1:1234/v1"),
    OfferedEndpoint("llama.cpp", "http://127.0.0.1:8080/v1"),
    OfferedEndpoint("vLLM", "http://127.0.0.1:8000/v1"),
)


@dataclass(frozen=True)
class Endpoint:
    """An address that may be asked."""

    url: str
    """Without a slash at the end, a name, a password, a query or a fragment."""
    host: str
    port: int
    pinned: tuple[str, ...] = ()
    """The addresses on this computer that `host` led to when it was checked. Only these are
    connected to, so that a name cannot lead elsewhere later; empty where any may be."""

    @property
    def is_on_this_computer(self) -> bool:
        """Whether nothing leaves this computer."""
        return bool(self.pinned)

    @property
    def origin(self) -> str:
        """Scheme, host and port: what a key belongs to."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.url.split(':', 1)[0]}://{host}:{self.port}"


def check_endpoint(
    url: str, *, private: bool = False, allowed_hosts: Collection[str] = ()
) -> Endpoint:
    """The endpoint at an address; raises BadSetting, or ModelProblem for a host nobody knows.

    private: only this computer. allowed_hosts: hosts to which plain http may go.
    """
    endpoint = _parsed(url)
    is_http = endpoint.url.startswith("http:")
    is_allowed = endpoint.host in {host.strip("[] ").lower() for host in allowed_hosts}
    if not (private or is_http or _is_local_name(endpoint.host)):
        return endpoint
    if is_http and is_allowed and not private:
        return endpoint
    addresses = _resolved(endpoint)
    elsewhere = [address for address in addresses if not _is_on_this_computer(address)]
    if not elsewhere:
        return Endpoint(endpoint.url, endpoint.host, endpoint.port, tuple(addresses))
    if private:
        raise BadSetting(
            f"Private mode is on, and {endpoint.host} is not this computer ({elsewhere[0]}). "
            "Choose a model on this computer, for example at "
            f"{OFFERED_ENDPOINTS[0].url}, or turn private mode off."
        )
    if is_http:
        raise BadSetting(
            f"Plain http to {endpoint.host} could be read on the way. Use https, or allow this "
            f"host with --allow-host {endpoint.host}."
        )
    return endpoint


def is_surely_here(url: str) -> bool:
    """Whether an address names this computer itself, whatever a look-up of names would say."""
    try:
        return _is_local_name(_parsed(url).host)
    except BadSetting:
        return False


def private_mode_is_set() -> bool:
    """Whether the settings ask for private mode; settings that cannot be read ask for it."""
    try:
        content = json.loads((home_folder() / "settings.json").read_text("utf-8"))
    except FileNotFoundError:
        return False
    except (OSError, ValueError, RecursionError):
        return True
    return not isinstance(content, dict) or content.get(PRIVATE_MODE, False) is not False


def _parsed(url: str) -> Endpoint:
    text = url.strip().rstrip("/")
    # A password or a key may stand in what is refused, so no sentence repeats it.
    example = f"It looks like {OFFERED_ENDPOINTS[0].url}."
    if not text or len(text) > LONGEST_ADDRESS or re.search(r"[\s\x00-\x20\x7f\\]", text):
        raise BadSetting(f"The address of the model is empty or has unusual signs. {example}")
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise BadSetting(f"The address of the model cannot be read. {example}") from error
    if parts.scheme not in ("http", "https") or not host:
        raise BadSetting(f"The address of the model must begin with http:// or https://. {example}")
    if "@" in parts.netloc:
        raise BadSetting("The address of the model must not contain a name, password or key.")
    if "?" in text or "#" in text:
        raise BadSetting("The address of the model must have nothing after “?” or “#”, as no key.")
    if port == 0:
        raise BadSetting(f"The address of the model has no port 0. {example}")
    return Endpoint(text, host, port or (80 if parts.scheme == "http" else 443))


def _is_local_name(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return _is_on_this_computer(str(ipaddress.ip_address(host)))
    except ValueError:
        return False


def _is_on_this_computer(address: str) -> bool:
    """Whether an IP address is a loopback one; one of the computer's others is seen outside."""
    ip = ipaddress.ip_address(address.split("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    return (mapped or ip).is_loopback


def _resolved(endpoint: Endpoint) -> list[str]:
    """All IP addresses of the host; in a thread, because a look-up has no time limit of its own."""
    answer: queue.Queue[list[str]] = queue.Queue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
            answer.put(list(dict.fromkeys(str(entry[4][0]) for entry in found)))
        except (OSError, UnicodeError):
            answer.put([])

    threading.Thread(target=look_up, daemon=True).start()
    try:
        addresses = answer.get(timeout=SECONDS_TO_RESOLVE)
    except queue.Empty:
        addresses = []
    if not addresses:
        raise ModelProblem(f"No computer is known by the name {endpoint.host}. Check the address.")
    return addresses
