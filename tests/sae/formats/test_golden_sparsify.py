"""Folders of sparsify, written by sparsify itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from saedesk.errors import BadCheckpoint
from saedesk.sae.formats.any_format import load_sae
from tests.sae.formats import golden_form
from tests.sae.formats.golden_checks import assert_reads_as_the_library

LIBRARY = "sparsify"
REASONS = {
    "groupmax": "activation groupmax",
    "transcoder": "is a transcoder",
    "skip_connection": "skip connection",
}


@pytest.mark.parametrize("variant", golden_form.variants(LIBRARY))
def test_codes_and_reconstructions_are_those_of_sparsify(variant: str, tmp_path: Path) -> None:
    sae = assert_reads_as_the_library(LIBRARY, variant, tmp_path)
    assert (sae.architecture, sae.n_latents) == ("topk", golden_form.N_LATENTS)


@pytest.mark.parametrize("variant", golden_form.variants(LIBRARY, refused=True))
def test_what_is_no_topk_sae_is_refused(variant: str) -> None:
    with pytest.raises(BadCheckpoint, match=REASONS[variant]):
        load_sae(golden_form.checkpoint(LIBRARY, variant))
