"""What the window says about a sentence that drives a feature."""

from __future__ import annotations

from saedesk.features.evidence.leave_one_out import SentenceEvidence

NONE_STANDS_OUT = "no sentence stands out"
_LONGEST_QUOTED = 300
"""Signs of a sentence."""
ONE_SENTENCE = "a single sentence"
SILENT_HERE = "silent in this document"
_WORDS_QUOTED = 5


def told_effect(evidence: SentenceEvidence, latent: int, at: int) -> str:
    """The activation with and without the sentence `at`, and its effect beside the others'."""
    place = evidence.place_of(latent)
    if place is None:
        return ""
    whole = float(evidence.activations[place])
    without = float(evidence.without[place, at])
    effect, largest = float(evidence.effects[place, at]), float(evidence.effects[place].max())
    if whole <= 0:
        first = f"The feature is silent here; this sentence brings it {effect:.3f} closer to firing"
    elif without <= 0:
        first = f"Activation {whole:.3f}; silent without this sentence"
    else:
        first = f"Activation {whole:.3f}; {without:.3f} without this sentence"
    count = int(evidence.is_read.sum())
    if effect >= largest:
        rank = "the largest effect" + (f" of {count} sentences" if count > 1 else "")
    else:
        rank = f"{100 * effect / largest:.0f} % of the largest effect"
    return f"{first}\nEffect {effect:.3f}: {rank}"


def why_unmarked(title: str, text: str, evidence: SentenceEvidence, latent: int) -> str:
    """A few words where no sentence drives the feature, such as which is closest to firing."""
    if evidence.is_silent(latent):
        at = evidence.closest_to_firing(latent)
        if at is None:
            return SILENT_HERE
        words = _words_of(title, text, evidence, at)
        cut = " …" if len(words) > _WORDS_QUOTED else ""
        return f"closest to firing: “{' '.join(words[:_WORDS_QUOTED])}{cut}”"
    return ONE_SENTENCE if evidence.is_single else NONE_STANDS_OUT


def told_closest(title: str, text: str, evidence: SentenceEvidence, latent: int) -> str:
    """The whole sentence closest to firing and its effect; "" where there is none."""
    at = evidence.closest_to_firing(latent)
    if at is None:
        return ""
    words = " ".join(_words_of(title, text, evidence, at))
    return f"“{words[:_LONGEST_QUOTED]}”\n{told_effect(evidence, latent, at)}"


def _words_of(title: str, text: str, evidence: SentenceEvidence, at: int) -> list[str]:
    span = evidence.spans[at]
    return (title if span.in_title else text)[span.start : span.end].split()


def told_marks(title: str, text: str, evidence: SentenceEvidence, latent: int) -> str:
    """The driving sentences in words, strongest first, for a screen reader."""
    grades = evidence.grades(latent)
    said = []
    for at in sorted(range(len(grades)), key=lambda at: -grades[at]):
        if grades[at] > 0:
            words = " ".join(_words_of(title, text, evidence, at))
            told = told_effect(evidence, latent, at).replace("\n", "; ")
            said.append(f"Driving sentence: {words[:_LONGEST_QUOTED]} ({told})")
    if said:
        return ". ".join(said)
    why = why_unmarked(title, text, evidence, latent)
    return why[:1].upper() + why[1:]
