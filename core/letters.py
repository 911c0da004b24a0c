"""How a message looks: subject, plain text and HTML from one template.

A template of a message says what, never how:

    {% extends letter %}
    {% block subject %}Ny ansökan från {{ name }}{% endblock %}
    {% block body %}<p><a href="{{ portal }}{% url 'x' %}">Läs ansökan</a></p>{% endblock %}

Bare p, h2, ul, ol, li, strong and a are enough. Values are escaped by Django as on any page; the
plain text is derived from the body.
"""

import re
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

# Links keep the reader's own colours, which suit light and dark.
_STYLES = {
    "p": "margin:0 0 16px",
    "h2": "margin:28px 0 8px;font-size:19px;line-height:1.3",
    "ul": "margin:0 0 16px;padding-left:22px",
    "ol": "margin:0 0 16px;padding-left:22px",
    "li": "margin:0 0 6px",
}
_BARE_TAG = re.compile(rf"<({'|'.join(_STYLES)})(?=[\s>])")


class BadSubject(ValueError):
    """A subject that is empty, too long or more than one line."""


@dataclass(frozen=True)
class Letter:
    """A message that has been written."""

    subject: str
    text: str
    html: str


def write(template: str, context: dict[str, Any], *, unsubscribe: str = "") -> Letter:
    """Render a message. Raises BadSubject where a value would break the subject."""
    values = {**context, "portal": settings.PORTAL_URL}

    def part(name: str) -> str:
        return render_to_string(template, {**values, "letter": f"core/letter/{name}.txt"}).strip()

    subject = unescape(part("subject"))
    if not subject or len(subject) > 200 or not subject.isprintable():
        raise BadSubject(f"Not a subject: {subject[:250]!r}")
    body = part("body")
    around = {"subject": subject, "portal": settings.PORTAL_URL, "unsubscribe": unsubscribe}
    styled = _BARE_TAG.sub(lambda tag: f'<{tag[1]} style="{_STYLES[tag[1]]}"', body)
    return Letter(
        subject=subject,
        text=render_to_string("core/letter/page.txt", {**around, "body": plain(body)}).strip()
        + "\n",
        html=render_to_string("core/letter/page.html", {**around, "body": styled}),
    )


def plain(body: str) -> str:
    """The HTML of a body as plain text: paragraphs apart, lists with dashes, addresses written."""
    reader = _Plain()
    reader.feed(body)
    reader.close()
    return reader.text()


class _Plain(HTMLParser):
    BLOCKS = frozenset({"p", "h2", "ul", "ol", "div", "blockquote", "table"})

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[str] = []
        self.line = ""
        self.lists: list[int | None] = []
        self.link: tuple[str, int] | None = None

    def handle_data(self, data: str) -> None:
        self.line += re.sub(r"\s+", " ", data)

    def _end_line(self, *, block: bool) -> None:
        line = re.sub(r" *\n *", "\n", self.line.strip(" "))
        self.line = ""
        if line:
            self.blocks.append(line)
        if block and self.blocks and self.blocks[-1]:
            self.blocks.append("")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.BLOCKS:
            self._end_line(block=not self.lists)
        if tag in {"ul", "ol"}:
            self.lists.append(None if tag == "ul" else 0)
        elif tag == "li":
            self._end_line(block=False)
            number = self.lists[-1] if self.lists else None
            if number is not None:
                self.lists[-1] = number + 1
            self.line = "- " if number is None else f"{number + 1}. "
        elif tag == "br":
            self.line += "\n"
        elif tag == "a":
            self.link = (dict(attrs).get("href") or "", len(self.line))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.link:
            address, start = self.link
            self.link = None
            words = self.line[start:].strip()
            address = address.removeprefix("mailto:")
            if address and words != address:
                self.line = f"{self.line.rstrip()}: {address}"
        elif tag == "li":
            self._end_line(block=False)
        elif tag in self.BLOCKS:
            if tag in {"ul", "ol"} and self.lists:
                self.lists.pop()
            self._end_line(block=not self.lists)

    def text(self) -> str:
        """What was read."""
        self._end_line(block=False)
        return "\n".join(self.blocks).strip()
