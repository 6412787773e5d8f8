"""Words of texts as numbers: which spellings are one word, and which words say the same.

Light and English-minded on purpose (step 1 of Porter 1980 and a list of endings): what a label
shows is always a spelling that occurs in the texts, never a stem.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from saedesk.resource_files import resource

_REMAINS = re.compile(r"\$\$?[^$]{1,300}\$\$?|\\[A-Za-z]+|(?:https?://|www\.)\S+|&#?\w+;")
"""Formulae and commands of LaTeX, web addresses, entities of HTML."""

_ACCENT = re.compile(r"(?:(?<=\w)|\{)\\([\"'`^~=.])\s?\{?\\?([A-Za-z])\}?\}?")
"""A letter with an accent in LaTeX, not at a word's beginning: "Alfv\\'en", "B{\\'e}nard"."""

_COMBINING = dict(zip("\"'`^~=.", "\u0308\u0301\u0300\u0302\u0303\u0304\u0307", strict=True))

_SESSION = re.compile(r"^[ \t]*(?:>>>|\.\.\.).*$", re.MULTILINE)
"""Lines typed at a Python prompt, as references quote them."""

_PARAGRAPH = re.compile(r"\n(?=[ \t\r\n])")
"""A line break before an empty or an indented line ends what was said; others only wrap."""

WORD_OR_BREAK = re.compile(r"[1-9]-?D\b|\d[\w.,]*|[^\W\d_][^\W_]*(?:[-'’&][^\W_]+)*|[.!?;:]|[^\s]")
"""A word, a number, or a mark that phrases do not cross."""

_IRREGULAR = {
    "lens": "lens",
    "lenses": "lens",
    "news": "news",
    "gas": "gas",
    "gases": "gas",
    "matrices": "matrix",
    "vertices": "vertex",
    "indices": "index",
    "spectra": "spectrum",
    "data": "data",
    "people": "people",
    "nuclei": "nucleus",
    "media": "media",
    "children": "child",
    "women": "woman",
    "men": "man",
}

_ENDINGS = """
    cations cation izations isations ization isation ational ations ation ators ator icalli
    ingli ments ment
    ness ists ist isms ism ings ing ical ions ion ives ive ians ian ants ant ents ent ances
    ance ences ence ables able ari ors or ers er ed ic
    al li iti ous iz is es a e i
""".split()  # noqa: SIM905 - a list of fifty literals is harder to read
"""Longest first among those that share an end, so that one pass is enough."""

_SILENT = ("se", "xe", "ze", "che", "she", "ae", "ie")
"""Ends that lose their "e": "classes" is "classe" without its plural, "movies" is "movy"."""

_SHORTEST_STEM = 4

_ADJECTIVE_ENDINGS = (
    *("al", "ive", "ous", "ary", "ed", "ar", "vex", "less", "ful", "able", "ible", "ant"),
    *(
        "ient",
        "ized",
        "ised",
        "wise",
        "atic",
        "etic",
        "ific",
        "actic",
        "olic",
        "stic",
        "omic",
        "onic",
        "oric",
        "latent",
        "online",
        "parallel",
        "robust",
        "sparse",
    ),
)

LINKS = frozenset({"of", "in", "for", "on", "by", "from", "with"})
"""Stop words that may stand inside a phrase ("mixture of experts")."""


def without_remains(text: str) -> str:
    """`text` with formulae, commands, addresses, entities and code replaced by a break."""
    if ">>>" in text:
        text = _SESSION.sub("", text)
    if "\n" in text:
        text = _PARAGRAPH.sub(" | ", text)
    if "\\" in text:
        text = _ACCENT.sub(_accented, text)
    if "$" in text or "\\" in text or "://" in text or "www." in text or "&" in text:
        return _REMAINS.sub(" | ", text)
    return text


def _accented(found: re.Match[str]) -> str:
    return unicodedata.normalize("NFC", found.group(2) + _COMBINING[found.group(1)])


@lru_cache(maxsize=1 << 18)
def word_key(spelling: str) -> str:
    """What spellings of one word share: case and plural do not count ("Galaxies", "galaxy")."""
    word = spelling.lower().replace("’", "'").removesuffix("'s").rstrip("'")
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "ics", "is")):
        word = word[:-3] + "y" if word.endswith("ies") else word[:-1]
    if len(word) > 4 and word.endswith("is"):
        word = word[:-2]
    if len(word) > 3 and word.endswith(_SILENT):
        word = word[:-1]
    return word[:-1] + "i" if len(word) > 3 and word.endswith("y") else word


@lru_cache(maxsize=1 << 16)
def word_stems(spelling: str) -> frozenset[str]:
    """The stems of a word's parts ("multi-agent": multi, agent), for finding repetitions."""
    parts = [part for part in spelling.lower().split("-") if len(part) > 1]
    return frozenset(_stem(word_key(part)) for part in parts or [spelling.lower()])


def say_the_same(stems: frozenset[str], others: frozenset[str]) -> bool:
    """Whether two sets of stems share one, or one that begins with the other."""
    return any(_same_stem(one, other) for one in stems for other in others)


def _same_stem(one: str, other: str) -> bool:
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    return len(short) >= _SHORTEST_STEM and long.startswith(short) and len(long) - len(short) <= 6


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            word = word[: -len(ending)]
            break
    if len(word) > _SHORTEST_STEM and word.endswith("y"):
        # "verifying" and "verify".
        word = word[:-1] + "i"
    # "bidding" and "bid", "planned" and "plan".
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "sl" else word


def is_short_for(short: str, phrase: str) -> bool:
    """Whether `short` is made of the first letters of the phrase's words ("PDEs", "GAN")."""
    initials = "".join(word[0] for word in phrase.replace("-", " ").split(" ")).lower()
    plain = short.lower().rstrip("s") if not short.isupper() else short.lower()
    return len(plain) > 1 and not short.islower() and plain in (initials, initials.rstrip("s"))


def reads_as_adjective(spelling: str) -> bool:
    """Whether a single word looks like one that waits for a noun ("gravitational", "convex")."""
    ends_so = spelling.endswith(_ADJECTIVE_ENDINGS) or spelling.startswith(("multi-", "semi-"))
    return spelling.islower() and ends_so


@lru_cache(maxsize=4)
def word_list(name: str) -> frozenset[str]:
    """The words of a file in resources/stop_words, with and without their apostrophes."""
    lines = resource("stop_words", f"{name}.txt").read_text(encoding="utf-8").splitlines()
    words = {line.strip().lower() for line in lines if line.strip() and not line.startswith("#")}
    return frozenset(words | {word.replace("'", "") for word in words if len(word) > 4})


def is_stop_word(spelling: str) -> bool:
    """Whether no keyword begins or ends with this word."""
    word = spelling.lower().replace("’", "'")
    return len(word) < 2 or word in word_list("english")


def stands_alone(spelling: str) -> bool:
    """Whether this word can be a keyword by itself."""
    word = spelling.lower().replace("’", "'")
    if len(word) == 2 and not (spelling.isupper() or not word.isascii()):
        return False
    not_alone = word_list("english_not_alone")
    return word not in not_alone and not is_stop_word(word)
