"""A search as a line for a terminal and as lines of Python that give the same answer again."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from saedesk.corpus.document import FieldType
from saedesk.errors import BadSetting
from saedesk.jobs.family_sliders import slider_of_family
from saedesk.jobs.loaded_sae import LoadedSae
from saedesk.jobs.search_request import RESULTS, SearchRequest, check_question
from saedesk.project.document_filter import DocumentFilter
from saedesk.project.document_keys import keys_of
from saedesk.project.project_folder import Project
from saedesk.search.family_steering import FamilySlider
from saedesk.search.steering_plan import SteeringPlan, Target

Shell = Literal["posix", "powershell"]
MOST_DOCUMENTS = 200
"""A filter of more documents than this does not fit into a line that anybody can read."""
_AFTER_DATES = "\uffff"
"""Behind every date that goes on from a year or a month."""


@dataclass(frozen=True, eq=False)
class AskedSearch:
    """What a script is to repeat."""

    project: Project
    request: SearchRequest
    """Without what `families` add to the strengths."""
    sae: LoadedSae | None
    families: tuple[FamilySlider, ...] = ()
    """Families turned along their directions."""
    saved: str = ""
    """The name under which the very search is saved; "" where it is not."""


def command_line(asked: AskedSearch, shell: Shell = "posix") -> str:
    """The line for a terminal; raises BadSetting where the search does not fit into one.

    Every word is quoted, so that nothing in a text means anything to the shell.
    """
    quote = shlex.quote if shell == "posix" else _quoted_for_powershell
    return " ".join(quote(word) for word in command_words(asked))


def command_words(asked: AskedSearch) -> list[str]:
    """The words of the line, unquoted."""
    text = "" if asked.saved else asked.request.text
    what = [str(asked.project.folder.absolute()), *([text] if text.strip() else [])]
    options = [] if asked.sae is None else [f"--sae={asked.sae.hash}"]
    options += [f"--saved={asked.saved}"] if asked.saved else _options(asked)
    if text.startswith("-"):
        # Behind this mark nothing is an option.
        return ["saedesk", "search", *options, "--", *what]
    return ["saedesk", "search", *what, *options]


def _options(asked: AskedSearch) -> list[str]:
    _check(asked)
    request = asked.request
    words = [f"--like={key}" for key in _keys(asked.project, request.like)]
    words += [f"--unlike={key}" for key in _keys(asked.project, request.unlike)]
    if request.like_by != "vectors":
        words.append(f"--by={request.like_by}")
    if request.match != "meaning":
        words.append(f"--match={request.match}")
    if isinstance(request.target, FamilySlider):
        words.append(f"--family-query={_name(request.target).removeprefix('family:')}")
    elif request.target is not None:
        words.append(f"--feature={request.target}")
    words += _steering_words(request.plan, asked.families)
    words += _filter_words(asked.project, request.wanted)
    if request.count != RESULTS:
        words.append(f"--top={request.count}")
    return words


def python_lines(asked: AskedSearch) -> str:
    """The lines of Python; raises BadSetting where the search does not fit into some."""
    request = asked.request
    folder = repr(str(asked.project.folder.absolute()))
    sae = "" if asked.sae is None else f", sae={asked.sae.hash!r}"
    if asked.saved:
        arguments = [f"saved={asked.saved!r}"]
    else:
        _check(asked)
        arguments = list(_python_arguments(request, asked.families))
    inside = "".join(f"        {argument},\n" for argument in arguments)
    return (
        "import saedesk\n\n"
        f"with saedesk.open_project({folder}{sae}) as project:\n"
        f"    found = project.search(\n{inside}    )\n"
        "    print(found)\n"
    )


def _check(asked: AskedSearch) -> None:
    """Raises BadSetting for what a script would not repeat as it is."""
    check_question(asked.request)
    ids = asked.request.wanted.document_ids
    if ids is not None and len(ids) > MOST_DOCUMENTS:
        raise BadSetting(
            f"The filter names {len(ids):,} documents, too many for a line. Save the search under "
            "a name, then copy it."
        )
    plan = asked.request.plan
    targets = [*plan.targets, asked.request.target, *asked.families]
    for family in (one for one in targets if isinstance(one, FamilySlider)):
        now = slider_of_family(asked.project, asked.sae, family.root, family.part, family.weighting)
        if now != family.with_strength(0.0):
            raise BadSetting(
                f"The family of feature {family.root} has changed since it was put into the "
                "search. Put it in again, or save the search under a name, then copy it."
            )
    if any("\0" in text for text in (asked.request.text, asked.request.wanted.words)):
        raise BadSetting("The text holds a sign that no command line can carry. Take it away.")


def _steering_words(plan: SteeringPlan, families: Sequence[FamilySlider]) -> list[str]:
    words = [f"--steer={latent}={strength!r}" for latent, strength in plan.strengths]
    words += [
        f"--family={one.root}={one.strength!r}:{one.part}:{one.weighting}"
        for one in families
        if one.strength
    ]
    words += [f"--places={_name(target)}={m}" for target, m in plan.places]
    words += [f"--less={_name(target)}={share!r}" for target, share in plan.less]
    if plan.mode != "add":
        words.append(f"--mode={plan.mode}")
    if plan.cap is not None:
        words.append(f"--cap={plan.cap!r}")
    return [*words, "--optimise"] if plan.optimise else words


def _name(target: Target) -> str:
    if not isinstance(target, FamilySlider):
        return str(target)
    return f"family:{target.root}:{target.part}:{target.weighting}"


def _filter_words(project: Project, wanted: DocumentFilter) -> list[str]:
    types = {one.name: one.type for one in project.documents.fields()}
    words = [f"--containing={wanted.words}"] if wanted.words.strip() else []
    for name, values in wanted.categories.items():
        words += [f"--where={name}={value}" for value in values]
    for name, (low, high) in wanted.ranges.items():
        words.append(f"--where={name}={_bound(low)}..{_upper(high, types.get(name))}")
    words += [f"--where={name}~{said}" for name, said in wanted.field_words.items()]
    if wanted.document_ids is not None:
        words += [f"--only={key}" for key in _keys(project, wanted.document_ids.tolist())]
    return words


def _bound(bound: float | str | None) -> str:
    return "" if bound is None else bound if isinstance(bound, str) else repr(float(bound))


def _upper(bound: float | str | None, type_: FieldType | None) -> str:
    """An upper bound as the command line takes it, where a date goes on to its end."""
    if type_ is not FieldType.DATE or not isinstance(bound, str):
        return _bound(bound)
    is_whole = len(bound) >= len("2015-12-31")
    if not bound.endswith(_AFTER_DATES) and not is_whole:
        raise BadSetting(
            f"The filter ends before “{bound}” is over, which no line can say. Save the search "
            "under a name, then copy it."
        )
    return bound.removesuffix(_AFTER_DATES)


def _keys(project: Project, ids: Sequence[int]) -> list[str]:
    found = keys_of(project.database, ids)
    if None in found:
        raise BadSetting("A document of this search is no longer in the project. Take it away.")
    return [key for key in found if key is not None]


def _python_arguments(request: SearchRequest, families: Sequence[FamilySlider]) -> Iterable[str]:
    plan, wanted = request.plan, request.wanted
    if request.text.strip():
        yield repr(request.text)
    if isinstance(request.target, FamilySlider):
        yield f"family={_python_name(request.target)}"
    elif request.target is not None:
        yield f"feature={request.target}"
    for name in ("like", "unlike"):
        if getattr(request, name):
            yield f"{name}={[int(one) for one in getattr(request, name)]!r}"
    if request.like_by != "vectors":
        yield f"by={request.like_by!r}"
    if request.match != "meaning":
        yield f"match={request.match!r}"
    if plan.strengths:
        yield f"steer={dict(plan.strengths)!r}"
    moved = [(one, one.strength) for one in families if one.strength]
    for name, entries in (("families", moved), ("places", plan.places), ("less", plan.less)):
        if entries:
            inside = ", ".join(f"{_python_name(target)}: {value!r}" for target, value in entries)
            yield f"{name}={{{inside}}}"
    if plan.mode != "add":
        yield f"mode={plan.mode!r}"
    if plan.cap is not None:
        yield f"cap={plan.cap!r}"
    if plan.optimise:
        yield "optimise=True"
    where: dict[str, object] = {name: list(values) for name, values in wanted.categories.items()}
    where |= wanted.ranges
    where |= {name: {"contains": said} for name, said in wanted.field_words.items()}
    if where:
        yield f"where={where!r}"
    if wanted.words.strip():
        yield f"containing={wanted.words!r}"
    if wanted.document_ids is not None:
        yield f"only={wanted.document_ids.tolist()!r}"
    if request.count != RESULTS:
        yield f"count={request.count}"


def _python_name(target: Target) -> str:
    if not isinstance(target, FamilySlider):
        return str(target)
    return f"project.family({target.root}, {target.part!r}, {target.weighting!r})"


def _quoted_for_powershell(word: str) -> str:
    is_plain = bool(word) and all(sign.isalnum() or sign in "-_./=:" for sign in word)
    # PowerShell takes curly marks for straight ones, so they are doubled too.
    for mark in "'‘’‚‛":
        word = word.replace(mark, mark + mark)
    return word if is_plain else f"'{word}'"
