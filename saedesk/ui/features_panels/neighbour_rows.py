"""Rows of the features around a feature, with what is known of each in the tooltip."""

from __future__ import annotations

from collections.abc import Iterable

from saedesk.features.absorption import AbsorbedPair
from saedesk.features.co_activity import CoActive
from saedesk.jobs.feature_details import Neighbours
from saedesk.session.feature_book import FeatureBook
from saedesk.ui.feature_names import name_in_list
from saedesk.ui.features_panels.number_texts import cosine_text, documents_text, share_text
from saedesk.ui.features_panels.share_rows import ShareRow

NEAREST, OPPOSED = "Nearest", "Opposed"
LIFT, SHARE = "Lift", "Share"
MOST_PARENTS, MOST_CHILDREN = 5, 6


def direction_rows(book: FeatureBook, neighbours: Neighbours, side: str) -> list[ShareRow]:
    """Nearest or most opposed by direction."""
    latents, cosines = neighbours.nearest if side == NEAREST else neighbours.opposed
    rows = []
    for latent, cosine in zip(latents.tolist(), cosines.tolist(), strict=True):
        length = cosine if side == NEAREST else -cosine
        rows.append(_row(book, latent, cosine_text(cosine), max(0.0, length)))
    return rows


def together_rows(book: FeatureBook, neighbours: Neighbours, measure: str) -> list[ShareRow]:
    """What fires in its documents, by lift or by share."""
    is_lift = measure == LIFT
    found = neighbours.by_lift if is_lift else neighbours.by_share
    largest = max(found.lift.tolist(), default=1.0) if is_lift else 1.0
    rows = []
    for at, latent in enumerate(found.latents.tolist()):
        lift, share = float(found.lift[at]), float(found.share_of_this[at])
        value = lift_text(lift) if is_lift else share_text(share)
        length = lift / largest if is_lift else share
        rows.append(_row(book, latent, value, length, *_together_lines(found, at)))
    return rows


def _together_lines(found: CoActive, at: int) -> tuple[str, ...]:
    read, of_this = found.documents_read, found.documents_of_this
    together, share = int(found.together[at]), float(found.share_of_this[at])
    said = f"Fires in {together:,} of the {documents_text(read)} of this feature"
    if read < of_this:
        said += f" that were counted, drawn from {of_this:,}"
    low, high = lift_text(float(found.lift_low[at])), lift_text(float(found.lift_high[at]))
    return (
        f"{said} ({share_text(share)})",
        f"This feature fires in {share_text(float(found.share_of_other[at]))} of its "
        f"{documents_text(int(found.documents[at]))}",
        f"Lift {lift_text(float(found.lift[at]))}, 95 % interval {low} – {high}: so many times "
        f"as often together as by chance",
    )


def family_rows(book: FeatureBook, neighbours: Neighbours) -> list[ShareRow]:
    """Parents with an arrow up, then children with an arrow down; the strongest of many."""
    rows = []
    for edge in neighbours.parents[:MOST_PARENTS]:
        lines = ("More general: a parent in its family", f"Weight {edge.weight:.2f}")
        rows.append(_row(book, edge.parent, f"{edge.weight:.2f}", edge.weight, *lines, sign="↑"))
    for edge in neighbours.children[:MOST_CHILDREN]:
        lines = ("More special: a child in its family", f"Weight {edge.weight:.2f}")
        rows.append(_row(book, edge.child, f"{edge.weight:.2f}", edge.weight, *lines, sign="↳"))
    rest = len(neighbours.children) - MOST_CHILDREN
    if rest > 0:
        word = "child" if rest == 1 else "children"
        rows.append(ShareRow(None, f"{rest:,} more {word}", "", 0.0, is_quiet=True, has_bar=False))
    return rows


def absorption_rows(
    book: FeatureBook, pairs: Iterable[AbsorbedPair], is_general: bool
) -> list[ShareRow]:
    """The special features that seem to have absorbed this one, or the general ones it absorbs."""
    rows = []
    for pair in pairs:
        other = pair.special if is_general else pair.general
        general, special = ("this", "that") if is_general else ("that", "this")
        share = pair.silent / max(1, pair.documents)
        told = (
            f"In {pair.silent:,} of {documents_text(pair.documents)} of {special} feature that "
            f"were read, {general} one should fire too, and is silent",
            f"Cosine of the directions {cosine_text(pair.cosine)}",
        )
        rows.append(_row(book, other, share_text(share), share, *told))
    return rows


def lift_text(lift: float) -> str:
    """ "3.2 ×", "140 ×"."""
    return f"{lift:.1f} ×" if lift < 9.95 else f"{lift:,.0f} ×"


def _row(
    book: FeatureBook, latent: int, value: str, length: float, *lines: str, sign: str = ""
) -> ShareRow:
    name = name_in_list(book, latent)
    return ShareRow(
        latent,
        f"{sign} {name}" if sign else name,
        value,
        min(1.0, max(0.0, length)),
        tooltip="\n".join((name, f"Feature {latent}", *lines)),
        is_quiet=not book.has_label(latent),
    )
