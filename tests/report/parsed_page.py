"""A page read with the standard library's parser: elements with their attributes and texts."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "input", "br", "hr", "img", "link", "rect", "path"}
END_MAY_BE_MISSING = {"tr", "td", "th", "li", "p", "tbody", "thead"}


@dataclass
class Element:
    name: str
    attributes: dict[str, str | None]
    text: str = ""
    """With the text of the elements inside."""
    inside: list[Element] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        return (self.attributes.get("class") or "").split()


class Page(HTMLParser):
    """Fails on an end tag without a beginning, and on one that is missing where it must not."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.raw = text
        self.elements: list[Element] = []
        self._open: list[Element] = []
        # The style is taken out first: a megabyte of fonts would keep the parser busy.
        before, _, rest = text.partition("<style>")
        style, _, after = rest.partition("</style>")
        self.feed(f"{before}<style></style>{after}")
        self.close()
        self.one("style").text = style
        left = [element.name for element in self._open]
        assert left == [], left

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_data(" ")
        element = Element(tag, dict(attrs))
        assert len(element.attributes) == len(attrs), f"{tag} has an attribute twice"
        self._end_implied(tag)
        if self._open:
            self._open[-1].inside.append(element)
        self.elements.append(element)
        if tag not in VOID or tag == "rect":
            self._open.append(element)

    def _end_implied(self, tag: str) -> None:
        closes = {"tr": ("td", "th", "tr"), "td": ("td", "th"), "th": ("td", "th")}.get(tag, ())
        while self._open and self._open[-1].name in closes:
            self._open.pop()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self._open and self._open[-1].name == tag:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("title", "script"):
            self.handle_data(" ")
        while self._open[-1].name != tag:
            assert self._open[-1].name in END_MAY_BE_MISSING, f"{self._open[-1].name} before /{tag}"
            self._open.pop()
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def all(self, name: str = "", class_: str = "", **attributes: str) -> list[Element]:
        """Elements of a name, a class and attributes."""
        return [
            element
            for element in self.elements
            if (not name or element.name == name)
            and (not class_ or class_ in element.classes)
            and all(element.attributes.get(key) == value for key, value in attributes.items())
        ]

    def one(self, name: str = "", class_: str = "", **attributes: str) -> Element:
        (element,) = self.all(name, class_, **attributes)
        return element

    @property
    def visible(self) -> str:
        """The text a person reads, runs of blanks as one."""
        text = self.one("body").text
        for script in self.all("script"):
            text = text.replace(script.text, "")
        return " ".join(text.split())

    def check_it_is_safe(self) -> None:
        """Nothing is loaded, nothing runs but the one script, everything is allowed by name."""
        known = {"script": 1, "style": 1, "link": 0, "img": 0, "iframe": 0, "object": 0, "base": 0}
        for name, count in known.items():
            assert len(self.all(name)) == count, name
        for element in self.elements:
            for name, value in element.attributes.items():
                assert not name.startswith("on"), name
                assert name not in ("style", "src", "srcset", "action", "data"), name
                if name == "href":
                    self._check_link(element, value or "")
        style, script = self.one("style").text, self.one("script").text
        addresses = re.findall(r"url\(\s*['\"]?([^)]{0,12})", style)
        assert addresses
        assert all(address.startswith("data:font/") for address in addresses)
        assert "@import" not in style
        assert "://" not in style + script
        (policy,) = [
            element.attributes["content"]
            for element in self.all("meta")
            if element.attributes.get("http-equiv") == "Content-Security-Policy"
        ]
        rules = dict(rule.strip().split(" ", 1) for rule in str(policy).split(";"))
        assert rules["default-src"] == "'none'"
        assert rules["style-src"] == _hash(style)
        assert rules["script-src"] == _hash(script)
        assert rules["font-src"] == "data:"
        assert "unsafe" not in str(policy)

    def _check_link(self, element: Element, address: str) -> None:
        assert element.name == "a"
        if address.startswith("#"):
            places = {other.attributes.get("id") for other in self.elements}
            assert address[1:] in places, address
        else:
            assert re.match(r"https?://", address, re.IGNORECASE), address
            assert "noopener" in str(element.attributes["rel"])


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
