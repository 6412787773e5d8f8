"""Fetching an embedding model from the Hugging Face hub, only when a person asked for it."""

from __future__ import annotations

import queue
import socket
import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from saedesk.embedding.model_catalogue import FILES_OF_A_MODEL
from saedesk.errors import ModelProblem

SECONDS_TO_REACH_THE_HUB = 1.5


def download_model(repository: str) -> Path:
    """Fetch `repository` into the local cache and return its folder.

    Raises ModelProblem within two seconds when there is no network: the hub library by itself
    goes on trying for more than a minute.
    """
    from huggingface_hub import constants, snapshot_download
    from huggingface_hub.errors import HfHubHTTPError
    from huggingface_hub.utils import disable_progress_bars

    disable_progress_bars()
    if not can_reach(constants.ENDPOINT):
        raise ModelProblem(
            f"The embedding model “{repository}” is not on this computer and "
            f"{constants.ENDPOINT} cannot be reached: connect to the network, or choose the "
            "folder of a model."
        )
    try:
        with online():
            folder = snapshot_download(
                repository, allow_patterns=list(FILES_OF_A_MODEL), etag_timeout=5, token=False
            )
    except HfHubHTTPError as problem:
        raise ModelProblem(
            f"The Hugging Face hub has no public embedding model “{repository}”: "
            "check the spelling of its name."
        ) from problem
    # The hub library has changed its network library, and its exceptions, between versions.
    except Exception as problem:
        raise ModelProblem(
            f"The download of the embedding model “{repository}” broke off: try again, what has "
            "arrived is kept."
        ) from problem
    return Path(folder)


@contextmanager
def online() -> Iterator[None]:
    """Lift the offline setting that was read when the hub library was imported."""
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = False
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


def can_reach(endpoint: str) -> bool:
    """Whether a connection to `endpoint`, or to the proxy in front of it, comes about in time.

    In a thread, because looking up a host name has no time limit of its own.
    """
    scheme = urllib.parse.urlsplit(endpoint).scheme or "https"
    address = urllib.parse.urlsplit(urllib.request.getproxies().get(scheme, endpoint))
    answer: queue.Queue[bool] = queue.Queue()

    def connect() -> None:
        port = address.port or (443 if address.scheme == "https" else 80)
        try:
            socket.create_connection(
                (address.hostname or "", port), timeout=SECONDS_TO_REACH_THE_HUB
            ).close()
        except OSError:
            answer.put(False)
        else:
            answer.put(True)

    threading.Thread(target=connect, daemon=True).start()
    try:
        return answer.get(timeout=SECONDS_TO_REACH_THE_HUB)
    except queue.Empty:
        return False
