"""How an item is referred to: in words, and for reference managers (RIS, BibTeX, CSL-JSON).

Each function is given the item and its permalink, which is told where there is no other link.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.utils.html import format_html
from django.utils.safestring import SafeString

from library.models import Item

RIS_TYPE = "application/x-research-info-systems; charset=utf-8"
BIBTEX_TYPE = "application/x-bibtex; charset=utf-8"
CSL_TYPE = "application/vnd.citationstyles.csl+json; charset=utf-8"

# More authors than these are "m.fl." in running text.
MOST_NAMED = 3

_Kind = Item.Kind
# kind → as RIS, BibTeX and CSL call it.
TYPES: dict[str, tuple[str, str, str]] = {
    _Kind.RESEARCH: ("RPRT", "techreport", "report"),
    _Kind.EVALUATION: ("RPRT", "techreport", "report"),
    _Kind.PROJECT_REPORT: ("RPRT", "techreport", "report"),
    _Kind.EXAMPLE: ("GEN", "misc", "document"),
    _Kind.STORY: ("GEN", "misc", "document"),
    _Kind.GUIDELINE: ("GOVDOC", "techreport", "report"),
    _Kind.BOOK: ("BOOK", "book", "book"),
    _Kind.FILM: ("VIDEO", "misc", "motion_picture"),
    _Kind.LINK: ("ELEC", "misc", "webpage"),
}


@dataclass(frozen=True)
class Person:
    """An author; the family name alone when no more was written."""

    family: str
    given: str = ""

    @classmethod
    def read(cls, line: str) -> "Person":
        """From "Efternamn, Förnamn"."""
        family, _, given = line.partition(",")
        return cls(family.strip(), given.strip(" ,"))

    def __str__(self) -> str:
        return f"{self.family}, {self.given}" if self.given else self.family

    @property
    def brief(self) -> str:
        """With initials: "Öberg, Å.-L."."""
        names = [
            "-".join(f"{part[0]}." for part in name.split("-") if part)
            for name in self.given.split()
        ]
        return f"{self.family}, {' '.join(names)}" if names else self.family


def one_line(text: str) -> str:
    """A text on one line, without signs that no file format can hold."""
    return "".join(sign for sign in " ".join(text.split()) if sign >= " " and sign != "\x7f")


def people(item: Item) -> list[Person]:
    """The authors who are persons."""
    lines = (one_line(line) for line in item.authors.splitlines())
    return [Person.read(line) for line in lines if line.strip(" ,")]


def organisations(item: Item) -> list[str]:
    """The authors who are organisations."""
    return [found for line in item.corporate_authors.splitlines() if (found := one_line(line))]


def doi_link(item: Item) -> str:
    """Where its DOI leads; nothing without one."""
    return f"https://doi.org/{quote(item.doi)}" if item.doi else ""


# --- In words -------------------------------------------------------------------------------------


def in_words(item: Item) -> SafeString:
    """The reference as one writes it in a Swedish text (Harvard); the link stands after it."""
    names = [person.brief for person in people(item)] + organisations(item)
    if len(names) > MOST_NAMED:
        names = [names[0], "m.fl."]
        who = " ".join(names)
    else:
        who = " & ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
    year = str(item.year or "u.å.")
    series = " ".join(filter(None, [one_line(item.series), one_line(item.number)]))
    publisher = item.published_by
    after = [part for part in (series, publisher if publisher not in names else "") if part]
    title = one_line(item.title)
    told = format_html("<cite>{}</cite>{}", title, "" if title[-1:] in "?!." else ".")
    first = (
        format_html("{} ({}). {}", who, year, told)
        if who
        else format_html("{} ({}).", format_html("<cite>{}</cite>", title), year)
    )
    rest = "".join(f" {part.removesuffix('.')}." for part in after)
    return format_html("{}{}", first, rest)


# --- RIS ------------------------------------------------------------------------------------------


def ris(item: Item, permalink: str) -> str:
    """One reference as RIS."""
    pairs = [
        ("TY", TYPES[item.kind][0]),
        ("ID", f"ksi{item.pk}"),
        ("TI", item.title),
        *(("AU", str(person)) for person in people(item)),
        *(("AU", name) for name in organisations(item)),
        ("PY", str(item.year or "")),
        ("PB", item.published_by),
        ("T3", item.series),
        ("IS", item.number),
        ("SN", item.isbn or item.issn),
        ("DO", item.doi),
        ("UR", item.url or permalink),
        ("LA", item.language),
        ("AB", item.abstract or item.plain_summary),
        *(("KW", theme.name) for theme in item.themes.all()),
        ("N1", _withdrawn(item)),
    ]
    told = "".join(f"{tag}  - {text}\r\n" for tag, value in pairs if (text := one_line(value)))
    return f"{told}ER  - \r\n\r\n"


def _withdrawn(item: Item) -> str:
    return f"Tillbakadragen: {item.withdrawn_reason}" if item.withdrawn_at else ""


# --- BibTeX ---------------------------------------------------------------------------------------

# Braces are counted wherever they stand, also after a backslash, so they are written in words.
_TEX = {ord(sign): f"\\{sign}" for sign in "&%$#_"} | {
    ord("\\"): r"\textbackslash{}",
    ord("{"): r"\ensuremath{\lbrace}",
    ord("}"): r"\ensuremath{\rbrace}",
    ord("~"): r"\textasciitilde{}",
    ord("^"): r"\textasciicircum{}",
}
_IN_URL = {ord(sign): f"%{ord(sign):02X}" for sign in "{}\\"}


def tex(text: str) -> str:
    """A text that BibTeX reads as it stands."""
    return one_line(text).translate(_TEX)


def bibtex(item: Item, permalink: str) -> str:
    """One reference as BibTeX. Its key is the item's number: the same whatever it is called."""
    kind = TYPES[item.kind][1]
    names = [
        f"{tex(person.family)}, {tex(person.given)}"
        if person.given and " and " not in f"{person}"
        else f"{{{tex(str(person))}}}"
        for person in people(item)
    ]
    names += [f"{{{tex(name)}}}" for name in organisations(item)]
    publisher = {"techreport": "institution", "book": "publisher"}.get(kind, "howpublished")
    fields = {
        "title": f"{{{tex(item.title)}}}",  # in braces of its own: capitals stay
        "author": " and ".join(names),
        "year": str(item.year or ""),
        publisher: tex(item.published_by),
        "series" if kind == "book" else "type": tex(item.series),
        "number": tex(item.number),
        "isbn": item.isbn,
        "issn": item.issn,
        "doi": one_line(item.doi).translate(_IN_URL),
        "url": one_line(item.url or permalink).translate(_IN_URL),
        "language": tex(item.get_language_display()).lower(),
        "note": tex(_withdrawn(item)),
    }
    told = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@{kind}{{ksi{item.pk},\n{told}\n}}\n\n"


# --- CSL-JSON -------------------------------------------------------------------------------------


def csl(item: Item, permalink: str) -> dict[str, Any]:
    """One reference as CSL-JSON has it; what is unknown is left out."""
    made: dict[str, Any] = {
        "id": f"ksi{item.pk}",
        "type": TYPES[item.kind][2],
        "title": one_line(item.title),
        "author": [
            {"family": person.family, "given": person.given}
            if person.given
            else {"literal": person.family}
            for person in people(item)
        ]
        + [{"literal": name} for name in organisations(item)],
        "issued": {"date-parts": [[item.year]]} if item.year else None,
        "publisher": item.published_by,
        "genre": item.get_kind_display(),
        "collection-title": one_line(item.series),
        "number": one_line(item.number),
        "ISBN": item.isbn,
        "ISSN": item.issn,
        "DOI": item.doi,
        "URL": item.url or permalink,
        "language": item.language,
        "abstract": one_line(item.abstract or item.plain_summary),
        "note": _withdrawn(item),
    }
    return {name: value for name, value in made.items() if value}


# --- Files ----------------------------------------------------------------------------------------

Items = Iterable[Item]


def _each(write: Callable[[Item, str], str]) -> Callable[[Items, str], Iterator[str]]:
    def pieces(items: Items, host: str) -> Iterator[str]:
        return (write(item, host + item.get_absolute_url()) for item in items)

    return pieces


def _csl_pieces(items: Items, host: str) -> Iterator[str]:
    separator = "[\n"
    for item in items:
        told = csl(item, host + item.get_absolute_url())
        yield separator + json.dumps(told, ensure_ascii=False)
        separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"


# ending → type, and the text of items at a host, in pieces
FORMS: dict[str, tuple[str, Callable[[Items, str], Iterator[str]]]] = {
    "ris": (RIS_TYPE, _each(ris)),
    "bib": (BIBTEX_TYPE, _each(bibtex)),
    "csl.json": (CSL_TYPE, _csl_pieces),
}
