"""Every key that does something, in groups; commands of the window are read from their table."""

from __future__ import annotations

from dataclasses import dataclass

from saedesk.ui.shell.action_table import ACTIONS


@dataclass(frozen=True)
class KeyLine:
    """What a key does."""

    words: str
    caps: tuple[str, ...]
    """The keys from the left; several arrows are any of them."""


@dataclass(frozen=True)
class KeyGroup:
    """Keys that belong to one place."""

    title: str
    lines: tuple[KeyLine, ...]


def _group(title: str, *lines: tuple[str, str]) -> KeyGroup:
    """Caps are separated by spaces."""
    return KeyGroup(title, tuple(KeyLine(words, tuple(caps.split())) for words, caps in lines))


EVERYWHERE = _group(
    "Everywhere",
    ("Next or previous control", "Tab"),
    ("Press what has the keyboard", "Enter"),
    ("Tick or press it", "Space"),
    ("Choose another of several", "← →"),
    ("Take a filter or a tag away", "Del"),
    ("Close a card, clear a field", "Esc"),
)
LISTS = _group(
    "Lists",
    ("Move", "↑ ↓"),
    ("Open what is chosen", "Enter"),
    ("Select several", "Shift ↑ ↓"),
    ("Select all that is shown", "Ctrl A"),
    ("Copy the chosen rows", "Ctrl C"),
    ("From a filter into its list", "↓"),
)
FEATURES = _group(
    "List of features",
    ("Star, or take the star away", "Space"),
    ("Hide, or show again", "H"),
    ("Tag", "T"),
    ("Edit the label", "F2"),
    ("Select one only", "Esc"),
)
FEATURE_PAGE = _group(
    "Page of a feature",
    ("Next bar of the histogram", "← →"),
    ("Its documents", "Enter"),
    ("Move the threshold", "Shift ← →"),
    ("Next document", "↑ ↓"),
    ("First or last document", "Home End"),
    ("Next marked sentence", "← →"),
    ("Open the document in Corpus", "Enter"),
    ("Copy the document", "Ctrl C"),
    ("Keep or give up a label", "Enter Esc"),
    ("Slide through the quantiles", "← →"),
    ("Slide in smaller steps", "Shift ← →"),
)
FAMILIES = _group(
    "Families",
    ("Name the family", "F2"),
    ("Merge the selected ones", "M"),
    ("Pin, or let go", "P"),
    ("Hide, or show again", "H"),
    ("Walk along the edges", "← → ↑ ↓"),
    ("Fold or unfold", "Space"),
    ("To the root, to the last", "Home End"),
    ("Show the family of the node", "Enter"),
    ("Larger, smaller, all of it", "+ − 0"),
    ("Scroll the drawing", "PgUp PgDn"),
    ("Move in the map", "← → ↑ ↓"),
    ("By whole families", "Ctrl ← → ↑ ↓"),
    ("Choose the row of a cell", "Enter"),
    ("Choose its column", "Shift Enter"),
    ("Choose its family", "Ctrl Enter"),
    ("A threshold up or down", "← →"),
    ("The threshold as it is kept", "Home"),
)
CORPUS = _group(
    "Corpus",
    ("Tick a value of a field", "Space"),
    ("Move an end of a range", "← →"),
    ("The other end of the range", "↑ ↓"),
    ("All of the range", "Del"),
    ("Mark the sentences of a feature", "Space"),
    ("Next mark", "N"),
    ("Previous mark", "Shift N"),
    ("Rename a saved selection", "F2"),
    ("Delete a saved selection", "Del"),
)
RESULTS = _group(
    "Search results",
    ("Next result", "↑ ↓"),
    ("First or last result", "Home End"),
    ("Between plain and steered", "← →"),
    ("Open the document in Corpus", "Enter"),
    ("Choose several", "Shift ↑ ↓"),
    ("Choose or leave one", "Space"),
    ("Choose all", "Ctrl A"),
    ("More like the chosen", "+"),
    ("Less like the chosen", "−"),
    ("Copy the results", "Ctrl C"),
    ("Last searches, in an empty query", "↓"),
    ("From the query to the results", "↓"),
    ("The next part of Search", "F6"),
    ("The part before", "Shift F6"),
    ("Read on in the text under Why", "↑ ↓"),
    ("To its beginning, to its end", "Home End"),
    ("Palette: search for the text", "Ctrl Enter"),
)
SLIDERS = _group(
    "Steering sliders",
    ("A little up or down", "← →"),
    ("More up or down", "Shift ← →"),
    ("Back to the query as typed", "Home"),
    ("To zero", "0"),
    ("So many of ten results", "1 9"),
    ("Turn by places", "P"),
    ("Turn by direction", "D"),
    ("Turn by less", "−"),
    ("Lock", "L"),
    ("Slider before, slider after", "PgUp PgDn"),
    ("Cap the distance", "← →"),
    ("Cap on or off", "Enter"),
)
TRAIN = _group(
    "Train and projects",
    ("Start the training", "Ctrl Enter"),
    ("Show the curve of a run", "Space"),
    ("Delete a run", "Del"),
    ("Forget a recent project", "Del"),
)
PLACES = (
    EVERYWHERE,
    LISTS,
    FEATURES,
    FEATURE_PAGE,
    FAMILIES,
    CORPUS,
    RESULTS,
    SLIDERS,
    TRAIN,
)


def command_groups() -> tuple[KeyGroup, ...]:
    """The commands of the window that have a key."""
    groups: dict[str, list[KeyLine]] = {}
    for entry in ACTIONS:
        if entry.shortcuts:
            caps = tuple(entry.shortcuts[0].split("+"))
            line = KeyLine(entry.title.removesuffix("…"), caps)
            groups.setdefault(entry.group, []).append(line)
    order = ("Workspaces", "Projects", "Changes", "Window")
    assert set(groups) <= set(order)
    return tuple(KeyGroup(title, tuple(groups[title])) for title in order if title in groups)


def key_columns(is_wide: bool) -> tuple[tuple[KeyGroup, ...], ...]:
    """The groups as they stand side by side: in four columns where there is room, else three."""
    if is_wide:
        return (
            (*command_groups(), TRAIN),
            (EVERYWHERE, LISTS, FAMILIES),
            (FEATURES, FEATURE_PAGE, CORPUS),
            (RESULTS, SLIDERS),
        )
    return (
        (*command_groups(), EVERYWHERE, LISTS, TRAIN),
        (FEATURES, FEATURE_PAGE, FAMILIES),
        (RESULTS, SLIDERS, CORPUS),
    )
