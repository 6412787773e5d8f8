"""What questions to a language model cost: foreseen, counted, and kept under a limit."""

from __future__ import annotations

from dataclasses import dataclass, field

from saedesk.errors import BadSetting
from saedesk.features.labels.language_model.label_prompt import Prompt

BYTES_PER_TOKEN = 3.0
"""Of UTF-8; on the low side (English has about 4), so that what is foreseen is rather too much."""

TOKENS_AROUND = 20
"""What a chat adds to the words of a question."""


@dataclass(frozen=True)
class Prices:
    """Money for a million tokens, in any currency; None where nobody has said."""

    tokens_in: float | None = None
    tokens_out: float | None = None

    def check(self) -> None:
        """Raise BadSetting for a price below 0, or for one of two."""
        for price in (self.tokens_in, self.tokens_out):
            if price is not None and not 0 <= price < 1e9:
                raise BadSetting(f"A price must be a number from 0 on, not {price}.")
        if (self.tokens_in is None) != (self.tokens_out is None):
            raise BadSetting("Give both prices, for tokens in and for tokens out, or none.")

    def money(self, tokens_in: int, tokens_out: int) -> float | None:
        """What so many tokens cost; None without prices."""
        if self.tokens_in is None or self.tokens_out is None:
            return None
        return (tokens_in * self.tokens_in + tokens_out * self.tokens_out) / 1e6


@dataclass
class Budget:
    """Tokens and money spent and set aside in one run; a limit is never passed.

    Before a question is sent, all that it may cost is set aside: its own tokens and the most its
    answer may have.
    """

    prices: Prices = field(default_factory=Prices)
    most_tokens: int | None = None
    most_money: float | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    _aside_in: int = 0
    _aside_out: int = 0

    def __post_init__(self) -> None:
        self.prices.check()
        if self.most_tokens is not None and self.most_tokens < 1:
            raise BadSetting(f"The budget of tokens must be at least 1, not {self.most_tokens}.")
        if self.most_money is not None:
            if not 0 < self.most_money < 1e12:
                raise BadSetting(f"The budget of money must be above 0, not {self.most_money}.")
            if self.prices.tokens_in is None:
                raise BadSetting("A budget of money needs the prices for a million tokens.")

    @property
    def money(self) -> float | None:
        """Money spent; None without prices."""
        return self.prices.money(self.tokens_in, self.tokens_out)

    def set_aside(self, tokens_in: int, most_out: int) -> bool:
        """Reserve what a question may cost; False where it does not fit any more."""
        all_in = self.tokens_in + self._aside_in + tokens_in
        all_out = self.tokens_out + self._aside_out + most_out
        if self.most_tokens is not None and all_in + all_out > self.most_tokens:
            return False
        money = self.prices.money(all_in, all_out)
        if self.most_money is not None and money is not None and money > self.most_money:
            return False
        self._aside_in += tokens_in
        self._aside_out += most_out
        return True

    def release(self, tokens_in: int, most_out: int) -> None:
        """Undo `set_aside`."""
        self._aside_in -= tokens_in
        self._aside_out -= most_out

    def spend(self, tokens_in: int, tokens_out: int) -> None:
        """Count what was used."""
        self.tokens_in += tokens_in
        self.tokens_out += tokens_out

    @property
    def used_up(self) -> str:
        """The sentence for a run that stops at its budget."""
        spent = f"{self.tokens_in + self.tokens_out:,} tokens"
        if self.money is not None:
            spent += f", {self.money:,.4f} of money,"
        return (
            f"The budget does not reach for another question; {spent} were used. What is finished "
            "is kept; with a larger budget the rest goes on from there."
        )


def foreseen_tokens(text: str) -> int:
    """About how many tokens a text has, rather too many."""
    return round(len(text.encode("utf-8", "replace")) / BYTES_PER_TOKEN)


def prompt_tokens(prompt: Prompt) -> int:
    """About how many tokens a question has."""
    return TOKENS_AROUND + foreseen_tokens(prompt.system) + foreseen_tokens(prompt.question)
