"""README.md of an SAE: front matter that the hub reads, nothing of this computer."""

from __future__ import annotations

from saedesk.sae.formats.model_card import ModelCard, render_card

CARD = ModelCard(
    name="Run 3",
    data="Trained on the vectors of 27,000 documents.",
    config={"n_latents": 3072, "learning_rate": 1e-4, "revival": "auxk", "fitted": True},
    metrics={"FVU, all documents": 0.123456, "L0, all documents": 31.98},
    licence="Apache-2.0",
    encoder="sentence-transformers/all-MiniLM-L6-v2",
    created="2026-11-21",
    program="saedesk 0.1.0",
)


def front_matter(text: str) -> list[str]:
    lines = text.splitlines()
    assert lines[0] == "---"
    return lines[1 : lines.index("---", 1)]


def test_the_front_matter_has_what_the_hub_looks_for() -> None:
    assert front_matter(render_card(CARD, "SAELens")) == [
        "license: apache-2.0",
        "library_name: saelens",
        "base_model:",
        '- "sentence-transformers/all-MiniLM-L6-v2"',
        "tags:",
        "- sparse-autoencoder",
        "- text-embeddings",
        "- interpretability",
    ]


def test_data_settings_measures_and_both_ways_of_loading_are_there() -> None:
    loading = "from sae_lens import SAE\nsae = SAE.load_from_disk({folder})"
    text = render_card(CARD, "SAELens", loading, {"Features": "3,072"}, ("Mind the *stars*.",))
    assert "27,000 documents" in text
    assert "Made on 2026-11-21, written for SAELens by saedesk 0.1.0." in text
    assert "| Features | 3,072 |" in text
    assert "| n\\_latents | 3072 |\n| learning\\_rate | 0.0001 |" in text
    assert "| fitted | yes |" in text
    assert "| FVU, all documents | 0.1235 |\n| L0, all documents | 31.98 |" in text
    assert "fraction of variance unexplained" in text
    assert "SAE.load_from_disk('path/to/this/folder')" in text
    assert "saedesk.load_sae('path/to/this/folder')" in text
    assert "> Mind the \\*stars\\*." in text


def test_what_is_not_known_is_said_or_left_out() -> None:
    text = render_card(ModelCard("Run", ""))
    assert not any(line.startswith(("license", "base_model")) for line in front_matter(text))
    assert "Not measured." in text
    assert "## Licence\n\nNot stated" in text
    assert "## Data" not in text


def test_paths_of_this_computer_are_not_given_away() -> None:
    for path in ("/home/ann/models/mine", "C:\\Users\\ann\\mine", "~/ann/mine", "./ann/mine"):
        card = ModelCard("Run", "", config={"file": path}, encoder=path)
        text = render_card(card)
        assert "ann" not in text
        assert "text embeddings of mine:" in text
        assert "| file | mine |" in text


def test_names_cannot_change_the_page() -> None:
    card = ModelCard(
        "x\n---\n# <script>", "a|b\n\n## c", config={"<b>": "`|`"}, licence="mit\nbase_model: evil"
    )
    text = render_card(card)
    assert front_matter(text)[0] == 'license: "mit\\nbase_model: evil"'
    assert "# x --- \\# \\<script\\>" in text
    assert "<script>" not in text.replace("\\<", "").replace("\\>", "")
    assert "\n## c" not in text
    assert "| \\<b\\> | \\`\\|\\` |" in text
