"""Asking a language model over HTTP, through the official client of the OpenAI protocol.

The one module that loads `openai`. The network has a thread and an event loop of its own, so that
whoever asks can stop at once: nothing here waits for a server. What the client would take from the
environment (proxies, keys, headers, addresses) is kept out, redirects are not followed, and every
answer has a limit in seconds and in bytes.
"""

from __future__ import annotations

import asyncio
import json
import queue
import ssl
import threading
import traceback
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from saedesk.errors import ModelProblem
from saedesk.features.labels.language_model.label_prompt import Prompt
from saedesk.jobs.guarded_transport import LARGEST_BODY, UnboundedAnswer, guarded_transport
from saedesk.jobs.model_endpoint import Endpoint
from saedesk.jobs.model_keys import SecretKey
from saedesk.jobs.model_reply import ModelReply, other_dialect, reply_of_body, reply_of_status
from saedesk.program_log import log_failure

if TYPE_CHECKING:
    import openai

MOST_MODELS = 1000
"""Of a server's list."""


class LanguageModelClient:
    """One model at one endpoint; use it in a `with` block. Ask, then collect replies in any order.

    Neither `ask` nor `reply` waits for the network longer than told to; leaving the block ends
    whatever is under way.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        model: str,
        key: SecretKey | None = None,
        *,
        seconds: float = 120.0,
        largest_body: int = LARGEST_BODY,
    ) -> None:
        """seconds: the limit of a whole answer, from the first byte sent to the last received."""
        self._endpoint, self._model, self._key = endpoint, model, key
        self._seconds, self._largest_body = seconds, largest_body
        self._dialect: dict[str, str] = {"tokens": "max_tokens", "temperature": "yes"}
        self._replies: queue.SimpleQueue[tuple[int, ModelReply]] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._early: list[tuple[int, Prompt, int]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None
        self._ended = False
        self._broken = ""
        self._tasks: set[asyncio.Task[None]] = set()
        self._client: openai.AsyncOpenAI | None = None
        self._thread = threading.Thread(target=self._serve, name="language model", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._guard:
            self._ended = True
            if self._loop is not None and self._end is not None:
                with suppress(RuntimeError):  # The loop has closed by itself.
                    self._loop.call_soon_threadsafe(self._end.set)
        # Only looking up a name can hold the thread longer, and nobody waits for that.
        self._thread.join(timeout=0.7)

    def ask(self, number: int, prompt: Prompt, most_tokens: int) -> None:
        """Send a question; its reply comes under the same number."""
        with self._guard:
            if self._loop is None:
                self._early.append((number, prompt, most_tokens))
            else:
                self._loop.call_soon_threadsafe(self._begin, number, prompt, most_tokens)

    def reply(self, seconds: float) -> tuple[int, ModelReply] | None:
        """The next reply, or None when there is none within so many seconds.

        Raises ModelProblem where this computer's side of the connection cannot be set up.
        """
        try:
            return self._replies.get(timeout=max(0.0, seconds))
        except queue.Empty:
            if self._broken:
                raise ModelProblem(self._broken) from None
            return None

    def _serve(self) -> None:
        try:
            asyncio.run(self._main())
        except Exception as error:  # noqa: BLE001 - whoever waits for replies must hear of it
            log_failure(traceback.format_exc())
            self._broken = (
                f"Language models cannot be asked from here ({type(error).__name__}). Install "
                "saedesk again, or look into its log."
            )

    async def _main(self) -> None:
        client = make_openai_client(self._endpoint, self._key, self._seconds, self._largest_body)
        self._client = client
        try:
            with self._guard:
                if self._ended:
                    return
                self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
                for early in self._early:
                    self._begin(*early)
            await self._end.wait()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            with suppress(Exception):
                await client.close()

    def _begin(self, number: int, prompt: Prompt, most_tokens: int) -> None:
        task = asyncio.get_running_loop().create_task(self._answer(number, prompt, most_tokens))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, number: int, prompt: Prompt, most_tokens: int) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                reply = await self._reply(prompt, most_tokens)
        except TimeoutError:
            reply = self._too_slow()
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - one question's failure is its own
            log_failure(traceback.format_exc())
            reply = ModelReply(problem=f"Asking the model failed ({type(error).__name__}).")
        self._replies.put((number, reply))

    async def _reply(self, prompt: Prompt, most_tokens: int) -> ModelReply:
        """One answer; where the server wants other parameters it is asked again with those."""
        for _ in range(len(self._dialect) + 1):
            asked_with = dict(self._dialect)
            reply, message = await self._once(prompt, most_tokens, asked_with)
            wanted = other_dialect(reply.status, message, asked_with)
            if wanted is None:
                break
            self._dialect.update(wanted)
        return reply

    async def _once(
        self, prompt: Prompt, most_tokens: int, dialect: Mapping[str, str]
    ) -> tuple[ModelReply, str]:
        """A reply, and what the server said where it refused."""
        import httpx2
        import openai

        assert self._client is not None
        options: dict[str, Any] = {dialect["tokens"]: most_tokens}
        if dialect["temperature"] == "yes":
            options["temperature"] = 0
        try:
            answer = await self._client.chat.completions.with_raw_response.create(
                model=self._model,
                messages=[
                    {"role": "system", "content": prompt.system},
                    {"role": "user", "content": prompt.question},
                ],
                **options,
            )
        except openai.APIStatusError as error:
            told = error.response
            return (
                reply_of_status(told.status_code, told.headers, told.text, self._model, self._hide),
                told.text,
            )
        except openai.APITimeoutError:
            return self._too_slow(), ""
        except openai.APIConnectionError as error:
            if isinstance(error.__cause__, httpx2.ConnectError):
                return ModelReply(problem=_unreachable(self._endpoint, error), status=0), ""
            return _BROKE_OFF, ""
        except UnboundedAnswer as error:
            return ModelReply(problem=error.sentence), ""
        told = answer.http_response
        kind = told.headers.get("content-type", "")
        return reply_of_body(told.content, kind, self._hide), ""

    def _hide(self, text: str) -> str:
        return text if self._key is None else self._key.hidden_in(text)

    def _too_slow(self) -> ModelReply:
        return ModelReply(
            problem=f"The model did not answer within {self._seconds:g} s.", may_retry=True
        )


_BROKE_OFF = ModelReply(problem="The model’s answer broke off on the way.", may_retry=True)


def _unreachable(endpoint: Endpoint, error: BaseException) -> str:
    """Why no connection came about."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, ssl.SSLError) or "certificate" in str(inner).lower():
            return (
                f"{endpoint.origin} has no certificate that this computer trusts, or speaks no "
                "https. Check the address."
            )
        inner = inner.__cause__ or inner.__context__
    return (
        f"Nothing answers at {endpoint.origin}. Start the program that serves the model, or check "
        "the address."
    )


def make_openai_client(
    endpoint: Endpoint, key: SecretKey | None, seconds: float, largest_body: int
) -> openai.AsyncOpenAI:
    """The official client, told everything, so that it takes nothing from the environment."""
    import httpx2
    import openai

    transport = guarded_transport(endpoint, key, largest_body)
    return openai.AsyncOpenAI(
        base_url=endpoint.url,
        # The key itself is put in below the client, where no header of its environment can be.
        api_key="-",
        admin_api_key="-",
        organization="",
        project="",
        webhook_secret="",
        max_retries=0,
        timeout=seconds,
        http_client=httpx2.AsyncClient(
            transport=transport, trust_env=False, follow_redirects=False, timeout=seconds
        ),
    )


def models_of(
    endpoint: Endpoint, key: SecretKey | None = None, *, seconds: float = 5.0
) -> tuple[str, ...]:
    """The names of the models a server offers, in its order; waits at most `seconds`.

    Raises ModelProblem where nobody answers, or not with a list.
    """
    return asyncio.run(_models_of(endpoint, key, seconds))


async def _models_of(endpoint: Endpoint, key: SecretKey | None, seconds: float) -> tuple[str, ...]:
    import openai

    client = make_openai_client(endpoint, key, seconds, LARGEST_BODY)
    try:
        async with asyncio.timeout(seconds):
            answer = await client.models.with_raw_response.list()
        listed = json.loads(answer.http_response.content)["data"]
        names = [str(one["id"]) for one in listed[:MOST_MODELS]]
    except openai.APIStatusError as error:
        told = error.response
        hide = str if key is None else key.hidden_in
        refused = reply_of_status(told.status_code, told.headers, told.text, "", hide)
        raise ModelProblem(refused.problem) from None
    except (openai.APIConnectionError, UnboundedAnswer, TimeoutError) as error:
        raise ModelProblem(_unreachable(endpoint, error)) from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ModelProblem(
            f"{endpoint.origin} answers, but not with a list of models. Check the address: most "
            "end in /v1."
        ) from None
    finally:
        await client.close()
    return tuple(name for name in names if name.isprintable() and 0 < len(name) <= 200)
