"""The way of a request to a language model: few headers, addresses that were checked, a size limit.

It lies below the client, so that neither the client's defaults nor its environment variables can
add to what is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from saedesk.jobs.model_endpoint import Endpoint
from saedesk.jobs.model_keys import SecretKey

if TYPE_CHECKING:
    import httpx2

LARGEST_BODY = 4 << 20
"""Bytes of an answer, after which the connection is closed."""

_HEADERS_SENT = ("host", "content-type", "content-length", "accept", "user-agent", "connection")
"""All others, some of which the client takes from environment variables, are left out."""


class UnboundedAnswer(Exception):
    """An answer that is too large, or packed so that nobody knows how large it is."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def guarded_transport(
    endpoint: Endpoint, key: SecretKey | None, largest_body: int
) -> httpx2.AsyncBaseTransport:
    """A transport for one endpoint; the key is put into the header here and nowhere else."""
    import httpx2

    class GuardedTransport(httpx2.AsyncBaseTransport):
        """Sends few headers, connects where it may, and bounds what comes back."""

        def __init__(self) -> None:
            self._inner = httpx2.AsyncHTTPTransport(trust_env=False)

        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            kept = {n: request.headers[n] for n in _HEADERS_SENT if n in request.headers}
            kept["accept-encoding"] = "identity"
            if key is not None:
                kept["authorization"] = f"Bearer {key.reveal()}"
            # A request of its own: in the given one the client keeps notes to itself.
            response = await self._sent(
                httpx2.Request(
                    request.method,
                    request.url,
                    headers=kept,
                    stream=request.stream,
                    extensions=request.extensions,
                )
            )
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                await response.aclose()
                raise UnboundedAnswer("The model’s answer was packed, which nobody asked for.")
            length = response.headers.get("content-length", "")
            if length.isdigit():
                try:
                    _check_size(int(length[:18]), largest_body)
                except UnboundedAnswer:
                    await response.aclose()
                    raise
            response.stream = _bounded(response.stream, largest_body)
            return response

        async def _sent(self, request: httpx2.Request) -> httpx2.Response:
            """Through the addresses that were checked, one after the other, or as it is."""
            last: Exception | None = None
            for address in endpoint.pinned:
                request.url = request.url.copy_with(host=address)
                request.extensions = {**request.extensions, "sni_hostname": endpoint.host}
                try:
                    return await self._inner.handle_async_request(request)
                except httpx2.ConnectError as error:
                    last = error
            if last is not None:
                raise last
            return await self._inner.handle_async_request(request)

        async def aclose(self) -> None:
            await self._inner.aclose()

    return GuardedTransport()


def _bounded(stream: Any, largest_body: int) -> httpx2.AsyncByteStream:
    """The body `stream`, given up when it becomes too large."""
    import httpx2

    class BoundedStream(httpx2.AsyncByteStream):
        async def __aiter__(self) -> Any:
            size = 0
            async for part in stream:
                size += len(part)
                _check_size(size, largest_body)
                yield part

        async def aclose(self) -> None:
            await stream.aclose()

    return BoundedStream()


def _check_size(size: int, largest: int) -> None:
    if size > largest:
        raise UnboundedAnswer(
            f"The model’s answer is larger than {largest / (1 << 20):g} MB and was given up."
        )
