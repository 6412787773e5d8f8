"""Steering as saerch.ai does it: the codes are set, chosen from again and decoded.

The query becomes what its features say, so what they do not explain is dropped: results change
as soon as anything is turned (O'Neill et al. 2024, and the code of their app).
"""

from __future__ import annotations

from collections.abc import Mapping


def clamped(
    codes: Mapping[int, float], turned: Mapping[int, float], k: int | None
) -> dict[int, float]:
    """The codes {latent: activation} with what was turned added, by latent.

    The k largest that are above zero stay, as in a TopK SAE; all above zero where k is None. Of
    equal ones the smaller latent stays.
    """
    wanted = {
        latent: codes.get(latent, 0.0) + turned.get(latent, 0.0)
        for latent in codes.keys() | turned.keys()
    }
    active = [(latent, value) for latent, value in wanted.items() if value > 0.0]
    chosen = sorted(active, key=lambda entry: (-entry[1], entry[0]))[:k]
    return dict(sorted(chosen))
