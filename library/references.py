"""Lists of references (RIS and BibTeX), read into rows that can become drafts."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import bibtexparser
import rispy
from bibtexparser import model as bibtex
from pylatexenc.latex2text import LatexNodes2Text

from core.forms import clean_text, one_line
from core.payloads import Payload, answer
from core.personnummer import found_in
from core.text import fold
from library import identifiers
from library.models import Draft, Item
from people.models import Organisation

MOST_BYTES = 2_000_000
MOST_ROWS = 500
LONGEST_TITLE = 250
FREE = ("title", "authors", "corporate_authors", "publisher_name", "abstract", "series")
PERSONNUMMER = (
    "Texten innehåller något som ser ut som ett personnummer. Ta bort det och läs in igen."
)
NOT_READ = "Det gick inte att läsa någon referens. Filen ska vara RIS eller BibTeX."


class NotReferences(Exception):
    """Nothing can be read of it; the text is the sentence for who sent it."""


@dataclass
class Reference:
    """One row: what a draft of it would hold, what is wrong, and what is the same already."""

    number: int
    payload: Payload = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    same: Item | Draft | None = None
    same_row: int | None = None

    @property
    def title(self) -> str:
        """As it is called so far."""
        return next(iter(answer(self.payload, "title")), "")

    @property
    def can_be_kept(self) -> bool:
        """Whether there is enough of it for a draft."""
        return bool(self.title)

    @property
    def is_new(self) -> bool:
        """Whether nothing is like it, neither in the library nor above it in the list."""
        return self.can_be_kept and self.same is None and self.same_row is None


def decoded(content: bytes) -> str:
    """The text of a file in any of the encodings that such files come in."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def read(text: str) -> list[Reference]:
    """The references of a text. Raises NotReferences with a sentence."""
    text = clean_text(text.lstrip("\ufeff"))
    is_ris = re.search(r"^\s*TY\s{1,2}-", text, re.M) is not None
    starts = re.findall(r"^\s*TY\s{1,2}-" if is_ris else r"^\s*@\w+\s*[{(]", text, re.M)
    if not starts:
        raise NotReferences(NOT_READ)
    if len(starts) > MOST_ROWS:
        raise NotReferences(
            f"Listan har {len(starts)} referenser. Läs in högst {MOST_ROWS} åt gången: dela den."
        )
    found = list(_ris(text) if is_ris else _bibtex(text))
    if not found:
        raise NotReferences(NOT_READ)
    rows = [_row(number, each) for number, each in enumerate(found, 1)]
    _match_publishers(rows)
    _compare(rows)
    return rows


# --- Either format, as the same names -------------------------------------------------------------

# What a reference holds: plain texts by these names, lists for `authors` and `organisations`.
Raw = dict[str, Any]

RIS_SERIES = ("journal_name", "secondary_title", "tertiary_title")
RIS_KINDS = {
    **dict.fromkeys(("BOOK", "CHAP", "EBOOK", "ECHAP", "EDBOOK"), Item.Kind.BOOK),
    **dict.fromkeys(("VIDEO", "MPCT", "SOUND", "MULTI"), Item.Kind.FILM),
    **dict.fromkeys(("ELEC", "WEB", "BLOG", "ICOMM"), Item.Kind.LINK),
    **dict.fromkeys(("GOVDOC", "LEGAL", "STAND", "BILL", "STAT"), Item.Kind.GUIDELINE),
}
BIBTEX_KINDS = {
    **dict.fromkeys(("book", "booklet", "inbook", "incollection"), Item.Kind.BOOK),
    **dict.fromkeys(("online", "electronic", "www"), Item.Kind.LINK),
    **dict.fromkeys(("video", "movie", "audio"), Item.Kind.FILM),
}
LANGUAGES = {
    **dict.fromkeys(("sv", "swe", "swedish", "svenska"), Item.Language.SWEDISH),
    **dict.fromkeys(("en", "eng", "english", "engelska"), Item.Language.ENGLISH),
    **dict.fromkeys(("no", "nor", "nob", "norwegian", "norska"), Item.Language.NORWEGIAN),
    **dict.fromkeys(("da", "dan", "danish", "danska"), Item.Language.DANISH),
    **dict.fromkeys(("fi", "fin", "finnish", "finska"), Item.Language.FINNISH),
}


def _ris(text: str) -> Iterator[Raw]:
    """Record by record, so that a broken one leaves the others alone."""
    for part in re.split(r"^(?=\s*TY\s{1,2}-)", text, flags=re.M)[1:]:
        body = re.split(r"^\s*ER\s{1,2}-.*$", part, maxsplit=1, flags=re.M)[0].strip()
        # Some programs write one space or none where the format has two.
        body = re.sub(r"^\s*([A-Z][A-Z0-9])\s{1,2}-[ ]?", r"\1  - ", body, flags=re.M)
        try:
            (entry,) = rispy.loads(f"{body}\nER  - \n")
        except (ValueError, KeyError, IndexError, OSError) as problem:
            yield {"broken": f"Referensen går inte att läsa ({type(problem).__name__})."}
            continue
        people = [*entry.get("authors", ()), *entry.get("first_authors", ())]
        number = entry.get("issn") or ""
        bare = re.sub(r"[^0-9Xx]", "", number)
        yield {
            "kind": RIS_KINDS.get(entry.get("type_of_reference", ""), Item.Kind.RESEARCH),
            "title": entry.get("title") or entry.get("primary_title") or "",
            "authors": [name for name in people if "," in name],
            "organisations": [name for name in people if "," not in name],
            "publisher": entry.get("publisher") or "",
            "year": entry.get("year") or entry.get("publication_year") or entry.get("date") or "",
            "language": entry.get("language") or "",
            "url": next(iter(entry.get("urls", ())), ""),
            "abstract": entry.get("abstract") or entry.get("notes_abstract") or "",
            "series": next((entry[name] for name in RIS_SERIES if entry.get(name)), ""),
            "number": entry.get("volume") or entry.get("number") or "",
            "doi": entry.get("doi") or "",
            "isbn": number if len(bare) in {10, 13} else "",
            "issn": number if number and len(bare) not in {10, 13} else "",
        }


def _bibtex(text: str) -> Iterator[Raw]:
    """Block by block: two with the same key are two, a broken one is told of."""
    for found in bibtexparser.parse_string(text).blocks:
        block: Any = found
        if isinstance(found, bibtex.DuplicateBlockKeyBlock):
            block = found.ignore_error_block
        if isinstance(block, bibtex.Entry):
            yield _entry(block)
        elif isinstance(block, bibtex.DuplicateFieldKeyBlock):
            yield {"broken": f"Samma fält står två gånger: {_start_of(block)}"}
        elif isinstance(block, bibtex.ParsingFailedBlock):
            yield {"broken": f"En klammer eller ett citattecken saknas: {_start_of(block)}"}


def _start_of(block: Any) -> str:
    line = (block.start_line or 0) + 1
    return f"rad {line}, ”{one_line(block.raw or '')[:60]}”."


def _entry(block: bibtex.Entry) -> Raw:
    told = {name.lower(): str(own.value) for name, own in block.fields_dict.items()}

    def text(*names: str) -> str:
        return next((_without_latex(told[name]) for name in names if told.get(name)), "")

    people = _people(told.get("author", ""))
    organisations = [part for part in people if re.fullmatch(r"\{.*\}", part, re.S)]
    return {
        "kind": BIBTEX_KINDS.get(block.entry_type.lower(), Item.Kind.RESEARCH),
        "title": ": ".join(filter(None, (text("title"), text("subtitle")))),
        "authors": [_turned(_without_latex(each)) for each in people if each not in organisations],
        "organisations": [_without_latex(each) for each in organisations],
        "publisher": text("publisher", "institution", "organization", "school"),
        "year": text("year", "date"),
        "language": text("language", "langid"),
        "url": text("url"),
        "abstract": text("abstract"),
        "series": text("series", "journal", "journaltitle", "booktitle"),
        "number": text("number", "volume"),
        "doi": text("doi"),
        "isbn": text("isbn"),
        "issn": text("issn"),
        "urn": text("urn"),
    }


def _people(text: str) -> list[str]:
    """The names between " and ", except within braces, and without "others"."""
    parts, depth, start = [], 0, 0
    for found in re.finditer(r"\\.|[{}]|\s+and\s+", text, re.S):
        sign = found.group()
        if sign == "{":
            depth += 1
        elif sign == "}":
            depth -= 1
        elif not sign.startswith("\\") and depth == 0:
            parts.append(text[start : found.start()])
            start = found.end()
    names = [part.strip() for part in (*parts, text[start:])]
    return [name for name in names if name and name != "others"]


def _turned(name: str) -> str:
    """ "Anna Berg" as "Berg, Anna"; one word, or what has a comma, as it is."""
    if "," in name or " " not in name:
        return name
    given, _, family = name.rpartition(" ")
    return f"{family}, {given}"


def _without_latex(text: str) -> str:
    if not re.search(r"[\\{}$~]", text):
        return text
    try:
        decoded: str = LatexNodes2Text(keep_comments=True).latex_to_text(text)
    except (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError):
        # Commands without what belongs to them: shown as they stand, which a reader can mend.
        return re.sub(r"[{}]", "", text)
    return decoded.replace("\u00a0", " ")


# --- A row ----------------------------------------------------------------------------------------


def _row(number: int, raw: Raw) -> Reference:
    if "broken" in raw:
        return Reference(number, problems=[raw["broken"]])
    row = Reference(number)
    title = one_line(raw["title"])
    if not title:
        row.problems.append("Titel saknas.")
    if len(title) > LONGEST_TITLE:
        row.problems.append(f"Titeln är längre än {LONGEST_TITLE} tecken. Korta den i utkastet.")
    found: dict[str, str] = {
        "kind": raw["kind"],
        "title": title,
        "authors": "\n".join(map(one_line, raw["authors"])),
        "corporate_authors": "\n".join(map(one_line, raw["organisations"])),
        "publisher_name": one_line(raw["publisher"]),
        "year": _year(raw["year"], row),
        "language": LANGUAGES.get(raw["language"].strip().lower(), ""),
        "url": raw["url"].strip(),
        "abstract": raw["abstract"].strip(),
        "series": one_line(raw["series"]),
        "number": one_line(raw["number"]),
        "visibility": "alla",
    }
    for name in ("isbn", "issn", "doi", "urn"):
        if typed := one_line(raw.get(name, "")):
            found[name] = _checked(name, typed, row)
    row.payload = {name: [text] for name, text in found.items() if text}
    if any(any(found_in(found[name])) for name in FREE):
        row.problems.append(PERSONNUMMER)
        row.payload = {}
    return row


def _year(text: str, row: Reference) -> str:
    found = re.search(r"\b(1[5-9]\d\d|20\d\d)\b", text)
    if text.strip() and not found:
        row.problems.append(f"Året går inte att förstå: ”{one_line(text)[:30]}”.")
    return found[1] if found else ""


def _checked(name: str, typed: str, row: Reference) -> str:
    """The number as it is kept; one that is wrong as it stands, and told of."""
    try:
        return str(getattr(identifiers, name)(typed))
    except identifiers.NotThat as problem:
        row.problems.append(f"{problem} I listan står ”{typed[:60]}”.")
        return typed


def _match_publishers(rows: Iterable[Reference]) -> None:
    """Publishers that are organisations of the portal's own are chosen instead of written."""
    named = {
        fold(row.payload["publisher_name"][0]) for row in rows if "publisher_name" in row.payload
    }
    if not named:
        return
    known = {
        fold(each.name): each.pk for each in Organisation.objects.all() if fold(each.name) in named
    }
    for row in rows:
        for name in row.payload.get("publisher_name", ()):
            if pk := known.get(fold(name)):
                row.payload["publisher"] = [str(pk)]
                del row.payload["publisher_name"]
                break


# --- The same already -----------------------------------------------------------------------------


def _keys(title: str, year: str, doi: str, isbn: str) -> Iterator[tuple[str, ...]]:
    """What makes two references the same."""
    if doi:
        yield ("doi", doi)
    if isbn:
        yield ("isbn", isbn)
    if title and year:
        yield ("title", fold(title), year)


def _keys_of(payload: Payload) -> list[tuple[str, ...]]:
    told = {
        name: next(iter(answer(payload, name)), "") for name in ("title", "year", "doi", "isbn")
    }
    # Whoever writes a draft may write them with hyphens, or as a link.
    for name, normal in (("doi", identifiers.doi), ("isbn", identifiers.isbn)):
        with suppress(identifiers.NotThat):
            told[name] = told[name] and normal(told[name])
    return list(_keys(**told))


def _compare(rows: list[Reference]) -> None:
    """Find what is published, is being written, or stands higher up in the list already."""
    wanted = {key for row in rows for key in _keys_of(row.payload)}
    there: dict[tuple[str, ...], tuple[type[Item] | type[Draft], int]] = {}
    drafts = Draft.objects.open().filter(subject=Draft.Subject.ITEM, item=None)
    for pk, payload in drafts.values_list("pk", "payload").iterator():
        there |= {key: (Draft, pk) for key in _keys_of(payload) if key in wanted}
    columns = ("pk", "title", "year", "doi", "isbn")
    for pk, title, year, doi, isbn in Item.objects.published().values_list(*columns).iterator():
        found = _keys(title, str(year or ""), doi, isbn)
        there |= {key: (Item, pk) for key in found if key in wanted}
    things = {
        model: model._default_manager.in_bulk([pk for own, pk in there.values() if own is model])
        for model in (Item, Draft)
    }
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        keys = _keys_of(row.payload)
        for key in keys:
            if row.same is None and key in there:
                model, pk = there[key]
                row.same = things[model].get(pk)
            if row.same_row is None:
                row.same_row = seen.get(key)
        for key in keys:
            seen.setdefault(key, row.number)
