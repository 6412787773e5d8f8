"""Keys of language models: in the system's keyring, in an environment variable, or in memory.

Never in a project, a setting, a log, a command line or anything that is printed.
"""

from __future__ import annotations

import os
import re
from typing import NoReturn

from saedesk.errors import BadSetting

SERVICE = "saedesk"
"""Under which the keyring keeps keys, by the origin of their endpoint."""

NO_KEYRING = (
    "This computer has no keyring that works, so the key is kept in memory only and has to be "
    "given again next time."
)
_LONGEST = 4096


class SecretKey:
    """A key that shows itself to nobody who does not ask for it by name."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Raises BadSetting for what cannot be a key; the sentence does not repeat it."""
        text = text.strip()
        if not re.fullmatch(r"[\x21-\x7e]{1,4096}", text):
            raise BadSetting(
                f"A key has 1 to {_LONGEST:,} plain letters, digits and signs without spaces."
            )
        self._text = text

    def reveal(self) -> str:
        """The key itself; only for the header of a request and for the keyring."""
        return self._text

    def hidden_in(self, text: str) -> str:
        """`text` with every copy of the key taken out."""
        return text.replace(self._text, "•••")

    def __repr__(self) -> str:
        return "SecretKey(•••)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is never written")


def key_from_environment(name: str) -> SecretKey:
    """The key in an environment variable; raises BadSetting where it has none."""
    text = os.environ.get(name, "")
    if not text.strip():
        raise BadSetting(f"The environment variable {name} is not set, or is empty.")
    return SecretKey(text)


class KeyChain:
    """The keys of this run and those of the system's keyring, by the origin of an endpoint."""

    def __init__(self) -> None:
        self._in_memory: dict[str, SecretKey] = {}

    def key_of(self, origin: str) -> SecretKey | None:
        """The key of an endpoint; None where there is none. May wait for the keyring's owner."""
        if origin in self._in_memory:
            return self._in_memory[origin]
        import keyring

        try:
            text = keyring.get_password(SERVICE, origin)
        except Exception:  # noqa: BLE001 - backends raise errors of their own kinds
            return None
        return SecretKey(text) if text else None

    def keep(self, origin: str, key: SecretKey) -> str:
        """Keep a key in the keyring; "" or a sentence saying that it is in memory only."""
        self._in_memory[origin] = key
        import keyring

        try:
            keyring.set_password(SERVICE, origin, key.reveal())
            # A keyring that forgets, as the one named “null” does, is none.
            is_kept = keyring.get_password(SERVICE, origin) == key.reveal()
        except Exception:  # noqa: BLE001 - backends raise errors of their own kinds
            is_kept = False
        return "" if is_kept else NO_KEYRING

    def forget(self, origin: str) -> None:
        """Take a key out of memory and keyring; nothing happens where there is none."""
        self._in_memory.pop(origin, None)
        import keyring

        try:
            keyring.delete_password(SERVICE, origin)
        except Exception:  # noqa: BLE001 - backends raise errors of their own kinds
            return
