"""Readable prose out of a docstring: without signature, markup, examples and tables.

Docstrings come as NumPy sections ("Parameters" with a line of dashes below), Google sections
("Args:") and reStructuredText; what is left here are paragraphs that a person reads.
"""

from __future__ import annotations

import inspect
import re
from collections import Counter

LONGEST_TEXT = 1500
"""Characters; an embedding model with a window of 256 tokens reads about 1,100 of them."""


MOST_LINES = 250
"""Lines of a docstring that are looked at; what is readable comes first."""

READ_SECTIONS = frozenset({"notes", "note", "description", "explanation", "warning", "warnings"})
_DROPPED = """
aliases, args, arguments, attributes, author, authors, call examples, classes, constants,
contents, copyright, data, example, examples, exceptions, functions, history, input, input
shape, inputs, keyword args, keyword arguments, methods, other parameters, output, output shape,
outputs, parameters, raises, references, return, returns, see also, shape, shapes, supported
formats, todo, type, usage, variables, version, warns, yields
"""
DROPPED_SECTIONS = frozenset(name.strip() for name in _DROPPED.split(","))

SIGNATURE = re.compile(r"^\s*[A-Za-z_][\w.]*\s*\(")
UNDERLINE = re.compile(r"^\s*([-=~^])\1{2,}\s*$")
SECTION_LINE = re.compile(r"^\s*(?:\*\*)?([A-Za-z][A-Za-z ]{2,24}?)(?:\*\*)?\s*::?\s*(?:\*\*)?$")
DIRECTIVE = re.compile(r"^(\s*)\.\. *([\w-]+)::\s*(.*)$")
OTHER_EXPLICIT_MARKUP = re.compile(r"^\s*\.\. ?(\[|_|\|)|^\s*\.\.\s*$")
READ_DIRECTIVES = frozenset({"note", "warning", "tip", "important", "attention", "seealso"})
TABLE_BORDER = re.compile(r"^\s*(={2,}|-{2,})(\s+(={2,}|-{2,}))+\s*$")
CODE_LINE = re.compile(
    r"^\s*(def |class |import |from \w[\w.]* import |for .* in .*:$|while .*:$|if .*:$|with .*:$"
    r"|return |yield |print\(|@\w|[\w.\[\], ]+ = )"
)
BOILERPLATE = re.compile(
    r"\s*(Read more in the [\w -]+\.|\(see examples?\)|For more details, see the User Guide\.|"
    r"Backwards-compatibility for this API is guaranteed\.)",
    re.IGNORECASE,
)
LIST_ITEM = re.compile(r"^\s*(?:[-*+•]|\d{1,2}[.)]|\(\d\))\s+")


def readable_text(docstring: str) -> str:
    """Paragraphs of prose; at most LONGEST_TEXT characters."""
    lines = inspect.cleandoc(docstring.expandtabs()).splitlines()[:MOST_LINES]
    prose = _without_other_sections(_without_signature(lines))
    paragraphs = _paragraphs(_without_code(_without_directives(prose)))
    return _shortened("\n\n".join(_without_boilerplate(paragraphs)), LONGEST_TEXT)


def _without_signature(lines: list[str]) -> list[str]:
    """Drop the leading lines that repeat how the thing is called."""
    while lines and SIGNATURE.match(lines[0]):
        depth, last = 0, None
        for number, line in enumerate(lines[:12]):
            depth += sum(line.count(mark) for mark in "([{") - sum(map(line.count, ")]}"))
            if depth <= 0:
                last = number
                break
        if last is None:
            break
        end = lines[last].rstrip()
        after = end[end.rfind(")") + 1 :].strip()
        # "abs(x) is the absolute value" is prose; "abs(x) -> number" and "abs(x)" are not.
        if after and not after.startswith(("->", ":", "--", "=>")):
            break
        lines = lines[last + 1 :]
        while lines and (not lines[0].strip() or lines[0].strip() == "--"):
            lines = lines[1:]
    return lines


def _without_other_sections(lines: list[str]) -> list[str]:
    """Lines of prose: no parameters, return values, examples and such."""
    prose: list[str] = []
    section, indent = "", 0
    for number, line in enumerate(lines):
        following = lines[number + 1] if number + 1 < len(lines) else ""
        heading = _heading(line, following)
        own_indent = len(line) - len(line.lstrip())
        if heading is not None:
            section, indent = heading, own_indent
            prose.append("")
            continue
        if UNDERLINE.match(line):
            continue
        below_google_section = line.strip() and own_indent <= indent and section.endswith(":")
        if below_google_section:
            section = ""
        if section.rstrip(":") not in DROPPED_SECTIONS:
            prose.append(line)
    return prose


def _heading(line: str, following: str) -> str | None:
    """The section that begins at `line`: "parameters" (underlined), "args:" (with a colon)."""
    stripped = line.strip()
    if not stripped or len(stripped) > 60:
        return None
    if UNDERLINE.match(following) and not UNDERLINE.match(line):
        return stripped.strip("*:. ").lower()
    found = SECTION_LINE.match(line)
    if found:
        name = found.group(1).strip().lower()
        if name in READ_SECTIONS | DROPPED_SECTIONS:
            return f"{name}:"
    return None


def _without_directives(lines: list[str]) -> list[str]:
    """Keep what notes and warnings say, drop every other reStructuredText directive."""
    kept: list[str] = []
    hidden_below: int | None = None
    for line in lines:
        own_indent = len(line) - len(line.lstrip())
        if hidden_below is not None and line.strip() and own_indent <= hidden_below:
            hidden_below = None
        if hidden_below is not None:
            continue
        directive = DIRECTIVE.match(line)
        if directive:
            kept.append("")
            if directive.group(2).lower() in READ_DIRECTIVES:
                kept.append(" " * own_indent + directive.group(3))
            else:
                hidden_below = own_indent
        elif OTHER_EXPLICIT_MARKUP.match(line):
            hidden_below = own_indent
        elif not re.match(r"^\s*:(?!math|class|func|meth|attr|mod|ref)[\w ]+:", line):
            kept.append(line)
    return kept


def _without_code(lines: list[str]) -> list[str]:
    """Drop doctests, tables, and code that is announced by "::" or by a colon."""
    kept: list[str] = []
    until_blank, block_indent, before = False, None, ""
    for line in lines:
        stripped = line.strip()
        own_indent = len(line) - len(line.lstrip())
        if block_indent is not None:
            if not stripped or own_indent > block_indent:
                continue
            block_indent = None
        if until_blank and stripped:
            continue
        until_blank = stripped.startswith((">>>", "+-", "+=")) or bool(TABLE_BORDER.match(line))
        code = before.endswith(":") and CODE_LINE.match(line)
        if until_blank or code or stripped.startswith(("|", "==", "--")):
            kept.append("")
            until_blank = until_blank or bool(code)
            continue
        if stripped.endswith("::"):
            block_indent = own_indent
            line = line.rstrip()[:-1]
        before = stripped or before
        kept.append(line)
        if block_indent is not None:
            kept.append("")
    return kept


def _without_boilerplate(paragraphs: list[str]) -> list[str]:
    """Drop what SciPy and scikit-learn say word for word in hundreds of places."""
    kept: list[str] = []
    hidden = False
    for paragraph in paragraphs:
        hidden = hidden or paragraph.startswith("Array API Standard Support")
        if not hidden:
            kept.append(BOILERPLATE.sub("", paragraph).strip())
        elif "dev-arrayapi" in paragraph:
            hidden = False
    return [paragraph for paragraph in kept if paragraph]


def _paragraphs(lines: list[str]) -> list[str]:
    """Lines joined into paragraphs, each item of a list on its own line."""
    paragraphs: list[str] = []
    current: list[str] = []
    for line in [*lines, ""]:
        if not line.strip():
            if current:
                paragraphs.append("\n".join(current))
            current = []
        elif current and not LIST_ITEM.match(line):
            current[-1] += " " + line.strip()
        else:
            current.append(line.strip())
    plain = [without_markup(paragraph).lstrip(": ") for paragraph in paragraphs]
    announced = r"\s*\b(Examples?( usage)?|Equivalent to):$"
    plain = [re.sub(announced, "", paragraph) for paragraph in plain]
    return [paragraph for paragraph in plain if _is_prose(paragraph)]


def _is_prose(paragraph: str) -> bool:
    """Not an announcement of code that has been dropped, not a formula or a listing."""
    letters = sum(map(str.isalpha, paragraph)) + paragraph.count(" ")
    if letters < 0.7 * len(paragraph) or len(paragraph) < 4:
        return False
    return not re.fullmatch(r"(for )?examples?( usage)?:?|usage:?", paragraph, re.IGNORECASE)


def without_markup(text: str) -> str:
    """Roles, literals, emphasis and links of reStructuredText as plain words."""
    text = re.sub(r":[\w:+-]+:`([^`<]*?)\s*<[^`>]*>`", r"\1", text)
    text = re.sub(r":math:`([^`]*)`", lambda found: _plain_formula(found.group(1)), text)
    text = re.sub(r":[\w:+-]+:`~?([^`]*)`", r"\1", text)
    text = re.sub(r"`([^`<]+?)\s*<[^`>]*>`__?", r"\1", text)
    text = re.sub(r"``([^`]*)``", r"\1", text)
    text = re.sub(r"`~?([^`]*)`_?", r"\1", text)
    text = re.sub(r"`([^`'\n]{1,40})'", r"'\1'", text)
    text = re.sub(r"(?<![\w*])\*\*([^*\n]+)\*\*(?![\w*])", r"\1", text)
    text = re.sub(r"(?<![\w*])\*([^*\s][^*\n]*)\*(?![\w*])", r"\1", text)
    text = re.sub(r"\s*\[[\w.-]+\]_", "", text)
    text = re.sub(r"\\([*_`|])", r"\1", text).replace("\\ ", "")
    return re.sub(r"[ \t]+", " ", text).strip()


FORMULA_SIGNS = {
    "le": "≤",
    "leq": "≤",
    "ge": "≥",
    "geq": "≥",
    "neq": "≠",
    "times": "×",
    "cdot": "·",
    "infty": "∞",
    "in": "∈",
    "sum": "Σ",
    "sim": "~",
    "ldots": "...",
    "dots": "...",
    "cdots": "...",
    "pm": "±",
    "to": "→",
    "rightarrow": "→",
    "approx": "≈",
    "lbrace": "{",
    "rbrace": "}",
    "left": "",
    "right": "",
    "quad": "",
    "displaystyle": "",
}


def _plain_formula(formula: str) -> str:
    formula = re.sub(r"\\(?:text|mathrm|mathbf|mathcal|operatorname)\{([^{}]*)\}", r"\1", formula)
    formula = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"(\1) / (\2)", formula)
    formula = re.sub(r"\\sqrt\{([^{}]*)\}", r"sqrt(\1)", formula)
    formula = re.sub(r"(?<!\\)[{}]", "", formula)
    formula = re.sub(
        r"\\([A-Za-z]+)", lambda found: FORMULA_SIGNS.get(found.group(1), found.group(1)), formula
    )
    return re.sub(r"\\([{}])", r"\1", re.sub(r"\\[,;!]", "", formula)).replace("\\", "")


def _shortened(text: str, longest: int) -> str:
    """Cut at the end of a sentence, or at least of a word."""
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    sentence = max(cut.rfind(". "), cut.rfind(".\n"))
    if sentence > longest // 2:
        return cut[: sentence + 1]
    return cut[: cut.rfind(" ")].rstrip(",;:") + "…"


def without_repeated_sentences(texts: list[str], too_often: int) -> list[str]:
    """The texts without sentences that stand in `too_often` or more of them."""
    in_texts = Counter(
        sentence for text in texts for sentence in set(_sentences(text)) if len(sentence) > 25
    )
    repeated = {sentence for sentence, number in in_texts.items() if number >= too_often}
    return [_without(text, repeated) for text in texts]


def _without(text: str, repeated: set[str]) -> str:
    if repeated.isdisjoint(_sentences(text)):
        return text
    paragraphs = (
        " ".join(sentence for sentence in _sentences(paragraph) if sentence not in repeated)
        for paragraph in text.split("\n\n")
    )
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _sentences(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"(?<=[.:!?])\s+|\n+", text) if part.strip()]
