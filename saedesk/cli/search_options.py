"""Options that several commands share: what is steered, and which documents count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

    from saedesk.corpus.document import FieldType
    from saedesk.project.document_filter import DocumentFilter
    from saedesk.project.project_folder import Project


def add_steer_option(parser: argparse.ArgumentParser) -> None:
    """`--steer ID=STRENGTH`, as often as wanted."""
    parser.add_argument(
        "--steer",
        metavar="ID=STRENGTH",
        action="append",
        default=[],
        help="turn a feature up or down; useful strengths lie between -0.75 and 0.75",
    )


def add_where_option(parser: argparse.ArgumentParser) -> None:
    """`--where FIELD=VALUE`, as often as wanted."""
    parser.add_argument(
        "--where",
        metavar="FIELD=VALUE",
        action="append",
        default=[],
        help="only these documents; numbers and dates also as FIELD=LOW..HIGH",
    )


def parse_strength(entry: str) -> tuple[int, float]:
    """“12=0.5” as (12, 0.5); raises BadSetting for anything else."""
    from saedesk.errors import BadSetting

    latent, _, strength = entry.partition("=")
    try:
        return int(latent), float(strength)
    except ValueError as error:
        raise BadSetting(f"“{entry}” is not ID=STRENGTH, for example 12=0.5 or 12=-0.3.") from error


def parse_where(project: Project, entries: list[str]) -> DocumentFilter:
    """“year=2010..2015” and “kind=letter” as a filter; raises BadSetting for an unknown field."""
    from saedesk.corpus.document import FieldType
    from saedesk.errors import BadSetting
    from saedesk.project.document_filter import DocumentFilter

    types = {field.name: field.type for field in project.documents.fields()}
    categories: dict[str, tuple[str, ...]] = {}
    ranges: dict[str, tuple[Any, Any]] = {}
    for entry in entries:
        name, sign, value = entry.partition("=")
        if not sign or name not in types:
            known = ", ".join(types) or "none"
            raise BadSetting(f"“{entry}” is not FIELD=VALUE; the fields are: {known}.")
        low, dots, high = value.partition("..")
        if dots or types[name] in (FieldType.NUMBER, FieldType.LATITUDE, FieldType.LONGITUDE):
            ranges[name] = _range(low, high if dots else low, types[name], entry)
        else:
            categories[name] = (*categories.get(name, ()), value)
    return DocumentFilter(categories=categories, ranges=ranges)


def _range(low: str, high: str, type_: FieldType, entry: str) -> tuple[Any, Any]:
    from saedesk.corpus.document import FieldType
    from saedesk.errors import BadSetting

    if type_ is FieldType.DATE:
        # A year or month as the upper bound includes all of its days.
        return low or None, f"{high}\uffff" if high else None
    try:
        return (float(low) if low else None), (float(high) if high else None)
    except ValueError as error:
        raise BadSetting(f"“{entry}” needs numbers, for example 2010..2015.") from error
