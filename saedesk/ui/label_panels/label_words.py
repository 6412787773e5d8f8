"""What the dialog for labels by a language model says about cost, place and choice."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from saedesk.jobs.feature_choice import UNLABELLED
from saedesk.jobs.label_with_model import LabelEstimate, LabelWithModelRequest
from saedesk.session.model_labels import Foreseen
from saedesk.ui.train_panels.fact_grid import Fact

NOTHING_LEAVES = "Nothing leaves this computer."
NOTHING_TO_ASK = "There is nothing to ask."
CHOOSE_ALL = "Choose all features to ask about those with a label by keywords, too."
PRIVATE = "Private mode: ask only models on this computer"
PRIVATE_HELP = "While it is on, other computers are refused, now and next time."
NO_KEY_WORDS = "Most models on this computer need none."


def where_sentence(foreseen: Foreseen) -> str:
    """Where the texts of documents go."""
    if not foreseen.estimate.leaves_this_computer:
        return NOTHING_LEAVES
    host = urlsplit(foreseen.estimate.endpoint).hostname or foreseen.estimate.endpoint
    most = min(foreseen.documents, _documents_shown(foreseen.request, foreseen.estimate))
    return f"Titles and texts of up to {most:,} documents are sent to {host}."


def _documents_shown(request: LabelWithModelRequest, estimate: LabelEstimate) -> int:
    one = request.examples
    shown = one.positives + one.random_negatives + one.hard_negatives
    if request.score:
        shown += request.detection.positives + request.detection.negatives
    return estimate.features * shown


def estimate_facts(estimate: LabelEstimate) -> list[Fact]:
    """The numbers of an estimate."""
    if not estimate.features:
        return []
    facts = [
        Fact("Features", f"{estimate.features:,}"),
        Fact("Requests", f"{estimate.requests:,}"),
        Fact(
            "Tokens",
            f"about {estimate.tokens_in:,} in, {estimate.tokens_out:,} out",
            "Counted from questions written for some of the features, and from usual answers.",
        ),
    ]
    if estimate.money is not None:
        facts.append(
            Fact("Money", f"about {estimate.money:,.2f}", "In the currency of the prices.")
        )
    facts.append(Fact("Goes to", estimate.endpoint))
    return facts


def left_out_sentence(estimate: LabelEstimate, request: LabelWithModelRequest) -> str:
    """Which features are not asked about, and what to do where that is all of them."""
    parts = [
        f"{count:,} {words}"
        for count, words in (
            (estimate.finished, "were named by this model before"),
            (estimate.by_person, "keep a person’s label"),
            (estimate.too_few, "are active in fewer than two documents"),
        )
        if count
    ]
    told = [] if estimate.features else [NOTHING_TO_ASK]
    if parts:
        told.append(f"Of the chosen features {', '.join(parts)}.")
    if not estimate.features and request.features.which == UNLABELLED:
        told.append(CHOOSE_ALL)
    return " ".join(told)


def plain_http_host(url: str) -> str:
    """The other computer to which an address leads without encryption; "" where it does not."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").lower()
    except ValueError:
        return ""
    if parts.scheme != "http" or not host or host.split(".")[-1] == "localhost":
        return ""
    try:
        return "" if ipaddress.ip_address(host).is_loopback else host
    except ValueError:
        return host
