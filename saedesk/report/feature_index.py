"""The index of all features: one compact table row each, so that ten thousand stay small."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup, escape

from saedesk.report.number_texts import count_text, density_text
from saedesk.report.report_content import FeaturesPart
from saedesk.report.shown_text import plain


def index_rows(features: FeaturesPart) -> Markup:
    """Rows of number, label, density and documents, densest first.

    End tags that HTML does not need are left out. A feature that is shown in full is linked.
    """
    shown = {card.latent for card in features.cards}
    order = np.argsort(-np.asarray(features.documents), kind="stable")
    rows = []
    for latent in order.tolist():
        label = escape(plain(features.labels.get(latent, "")))
        if latent in shown:
            label = Markup(f'<a href="#feature-{latent}">{label or f"Feature {latent}"}</a>')
        rows.append(
            f"<tr id=f{latent}><td>{latent}<td>{label}"
            f"<td>{density_text(float(features.density[latent]))}"
            f"<td>{count_text(int(features.documents[latent]))}\n"
        )
    return Markup("".join(rows))
