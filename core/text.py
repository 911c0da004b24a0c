"""Swedish text: folding, sorting, numbers as they are typed, typed Markdown."""

import re
import unicodedata
from decimal import Decimal
from functools import cache
from html import unescape

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

# Code-point order puts ä before å, and é after ö; Swedish sorts a…z å ä ö and é with e.
_LETTERS_LAST = {"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}"}


def fold(text: str) -> str:
    """Text as it is compared in searches: composed, lower case, single spaces.

    å, ä and ö are letters and stay: "höra" is not "hora".
    """
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def sort_key(text: str) -> str:
    """A key whose code-point order is Swedish alphabetical order (å, ä, ö last; é as e)."""
    key = []
    for letter in fold(text):
        if letter in _LETTERS_LAST:
            key.append(_LETTERS_LAST[letter])
        else:
            base = unicodedata.normalize("NFD", letter)
            key.append("".join(part for part in base if not unicodedata.combining(part)))
    return "".join(key)


_NUMERAL = re.compile(r"[-+]?\d+(\.\d+)?", re.ASCII)


def numeral(typed: str) -> str:
    """A number as Swedes type it, as Python reads it: "1 250,5" is "1250.5".

    Spaces between its thousands do not count, and a point is taken for a comma. Empty for what is
    no such number, "1e5" included.
    """
    text = "".join(typed.split()).replace(",", ".").replace("\u2212", "-")
    return text if _NUMERAL.fullmatch(text) else ""


def plain_number(typed: str) -> str:
    """A number as it is compared: "12,50" and "12.5" are the same. What is none is as it was."""
    return f"{Decimal(text).normalize():f}" if (text := numeral(typed)) else typed


ALLOWED_TAGS = {"a", "blockquote", "br", "code", "em", "h3", "h4", "hr", "li", "ol", "p", "strong"}
ALLOWED_TAGS |= {"table", "tbody", "td", "th", "thead", "tr", "ul"}


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("js-default", {"html": False, "linkify": False, "typographer": False})


def markdown(text: str) -> SafeString:
    """Typed Markdown as sanitised HTML. Headings begin at h3, below the page's own."""
    tokens = _parser().parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 2, 4)}"
    html = _parser().renderer.render(tokens, _parser().options, {})
    clean = nh3.clean(
        html,
        tags=ALLOWED_TAGS,
        attributes={"a": {"href", "title"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener",
    )
    return mark_safe(clean)  # noqa: S308 - just sanitised


def plain(text: str) -> str:
    """Typed Markdown as one line of plain text, for tables and exports."""
    return " ".join(unescape(nh3.clean(_parser().render(text), tags=set())).split())
