"""What a server's answer means: words of a model, or a sentence saying why there are none."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

OK = 200
LONGEST_ANSWER = 100_000
"""Characters of a model's words; far more than was asked for."""

Hide = Callable[[str], str]
"""Takes a key out of foreign words, should a server have sent it back."""

_LONGEST_QUOTE = 160
_MOST_TOKENS = 10_000_000


@dataclass(frozen=True)
class ModelReply:
    """What came back from one question."""

    text: str = ""
    """The model's words."""
    tokens_in: int | None = None
    """Tokens read, as the server counts them; None where it does not say."""
    tokens_out: int | None = None
    served_by: str = ""
    """The model that the server says has answered."""
    problem: str = ""
    """Why there are no words, a sentence; "" where there are."""
    may_retry: bool = False
    """Whether the same question may be answered later."""
    wait: float | None = None
    """Seconds the server asks to wait before."""
    stops_all: bool = False
    """Whether every other question would fail in the same way."""
    was_cut: bool = False
    """Whether the words end at the limit of tokens."""
    status: int = OK
    """Of HTTP; 0 where no server was reached."""


def reply_of_body(body: bytes, kind: str, hide: Hide = str) -> ModelReply:
    """The first answer in a body with status 200; kind: its content type."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        what = "a web page" if "html" in kind.lower() else "something that is not JSON"
        if not body.strip():
            what = "nothing"
        return ModelReply(problem=f"The server answered with {what} in place of a model’s answer.")
    try:
        choice = content["choices"][0]
        text = choice["message"]["content"]
    except (KeyError, IndexError, TypeError):
        return ModelReply(problem="The server’s answer has no model’s words in it.")
    if not isinstance(text, str) or not text.strip():
        was_cut = isinstance(choice, dict) and choice.get("finish_reason") == "length"
        why = ": it thought until its tokens were used up" if was_cut else ""
        return ModelReply(problem=f"The model’s answer was empty{why}.", was_cut=was_cut)
    if len(text) > LONGEST_ANSWER:
        return ModelReply(problem=f"The model’s answer has more than {LONGEST_ANSWER:,} letters.")
    usage = content.get("usage")
    served_by = content.get("model")
    return ModelReply(
        # Half of a pair can be said in JSON and be written nowhere.
        hide(text.encode("utf-8", "replace").decode("utf-8")),
        _tokens(usage, "prompt_tokens"),
        _tokens(usage, "completion_tokens"),
        _quote(hide(served_by)) if isinstance(served_by, str) else "",
        was_cut=choice.get("finish_reason") == "length",
    )


def reply_of_status(
    status: int, headers: Mapping[str, str], body: str, model: str, hide: Hide = str
) -> ModelReply:
    """Why a server refused, and whether to ask again."""
    said = f" ({said})" if (said := _quote(hide(_message(body)))) else ""
    if 300 <= status < 400:
        return ModelReply(
            problem="The server leads on to another address, which is not followed. Give the "
            "address of the model itself.",
            stops_all=True,
            status=status,
        )
    if status in (401, 403):
        sentence = f"The server refuses the key, or wants one{said}."
        return ModelReply(problem=sentence, stops_all=True, status=status)
    if status == 404:
        sentence = f"The server has no model “{_quote(model)}”, or no chat at this address{said}."
        return ModelReply(problem=sentence, stops_all=True, status=status)
    if status == 429:
        problem = f"The server has too many requests, or the account no credit left{said}."
        wait = _seconds_to_wait(headers.get("retry-after", ""))
        return ModelReply(problem=problem, may_retry=True, wait=wait, status=status)
    if status >= 500 or status == 408:
        wait = _seconds_to_wait(headers.get("retry-after", ""))
        problem = f"The server failed with error {status}{said}."
        return ModelReply(problem=problem, may_retry=True, wait=wait, status=status)
    return ModelReply(problem=f"The server refused with error {status}{said}.", status=status)


def other_dialect(
    status: int, message: str, asked_with: Mapping[str, str]
) -> dict[str, str] | None:
    """What to ask with after a refusal of these parameters; None where nothing else is known.

    Some newer models know only `max_completion_tokens`, and only their own temperature.
    """
    if status not in (400, 422):
        return None
    if "max_completion_tokens" in message and asked_with["tokens"] == "max_tokens":
        return {"tokens": "max_completion_tokens"}
    if "temperature" in message and asked_with["temperature"] == "yes":
        return {"temperature": "no"}
    return None


def _tokens(usage: Any, name: str) -> int | None:
    """A count that can be true; a server may say anything."""
    count = usage.get(name) if isinstance(usage, dict) else None
    if isinstance(count, int) and not isinstance(count, bool) and 0 <= count <= _MOST_TOKENS:
        return count
    return None


def _message(body: str) -> str:
    """What a server says in an error, in the usual places."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    error = content.get("error", content) if isinstance(content, dict) else None
    message = error.get("message") if isinstance(error, dict) else error
    return message if isinstance(message, str) else ""


def _quote(text: str) -> str:
    """The beginning of foreign words on one line."""
    seen = "".join(sign if sign.isprintable() else " " for sign in text[: 4 * _LONGEST_QUOTE])
    line = " ".join(seen.split()).rstrip(".")
    return line if len(line) <= _LONGEST_QUOTE else line[:_LONGEST_QUOTE] + "…"


def _seconds_to_wait(header: str) -> float | None:
    """Retry-After, seconds or a date (RFC 9110, section 10.2.3); None where it says neither."""
    text = header.strip()
    if text.isdigit() and len(text) < 10:
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError, OSError):
        return None
