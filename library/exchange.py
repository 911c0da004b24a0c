"""Items as rows of files. The column names are documented in docs/addresses.md and stay."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from core.text import plain
from library import citing
from library.models import Item
from library.search import lines

# Items read at once: keeps the memory of an export the same whatever its size.
BATCH = 250

COLUMNS: dict[str, Callable[[Item], Any]] = {
    "nummer": lambda item: item.pk,
    "typ": lambda item: item.get_kind_display(),
    "titel": lambda item: item.title,
    "kort_pa_latt_svenska": lambda item: item.plain_summary,
    "det_viktigaste": lambda item: item.key_message_list,
    "vad_betyder_det": lambda item: item.so_what,
    "kunskapskallor": lambda item: _names(item.knowledge_sources.all()),
    "forfattare": lambda item: lines(item.authors),
    "organisationer": lambda item: lines(item.corporate_authors),
    "utgivare": lambda item: item.published_by,
    "ar": lambda item: item.year,
    "sprak": lambda item: item.get_language_display(),
    "teman": lambda item: _names(item.themes.all()),
    "for_vem": lambda item: _names(item.readers.all()),
    "verksamhetsomraden": lambda item: _names(item.service_areas.all()),
    "metoder": lambda item: _names(item.shown_methods),
    "instrument": lambda item: _names(item.shown_instruments),
    "sammanfattning": lambda item: plain(item.abstract),
    "begransningar": lambda item: plain(item.limitations),
    "serie": lambda item: item.series,
    "nummer_i_serien": lambda item: item.number,
    "isbn": lambda item: item.isbn,
    "issn": lambda item: item.issn,
    "doi": lambda item: item.doi,
    "urn": lambda item: item.urn,
    "lank": lambda item: item.url,
    "licens": lambda item: item.licence,
    "pa_uppdrag_av": lambda item: item.commissioned_by,
    "granskning": lambda item: item.get_peer_review_display(),
    "tillbakadragen": lambda item: item.withdrawn_reason if item.withdrawn_at else "",
    "senast_granskad": lambda item: item.reviewed_on,
    "kalla": lambda item: str(item.source) if item.source else "",
    "avsnitt_i_kallan": lambda item: item.source_section,
    "exempel": lambda item: "ja" if item.generated else "",
}


def _names(terms: Iterable[Any]) -> list[str]:
    return [term.name for term in terms]


def items_by_number(pks: Iterable[int]) -> Iterator[Item]:
    """The items with all that a row shows, in the given order, a batch at a time."""
    waiting = iter(pks)
    while batch := list(islice(waiting, BATCH)):
        found = Item.objects.published().with_everything().in_bulk(batch)
        yield from (found[pk] for pk in batch if pk in found)


def row(item: Item) -> dict[str, Any]:
    """One line of a table."""
    return {name: value(item) for name, value in COLUMNS.items()}


_SCHEMA_TYPES: dict[str, str] = {
    Item.Kind.RESEARCH: "ScholarlyArticle",
    Item.Kind.EVALUATION: "Report",
    Item.Kind.PROJECT_REPORT: "Report",
    Item.Kind.GUIDELINE: "Report",
    Item.Kind.BOOK: "Book",
    Item.Kind.FILM: "VideoObject",
}


def schema_org(item: Item, address: str) -> dict[str, Any]:
    """The item as linked data with schema.org's words; what is unknown is left out."""
    persons = [
        {"@type": "Person", "familyName": person.family, "givenName": person.given}
        if person.given
        else {"@type": "Person", "name": person.family}
        for person in citing.people(item)
    ]
    bodies = [{"@type": "Organization", "name": name} for name in citing.organisations(item)]
    publisher = item.published_by
    made: dict[str, Any] = {
        "@type": _SCHEMA_TYPES.get(item.kind, "CreativeWork"),
        "@id": address,
        "identifier": item.pk,
        "name": item.title,
        "description": item.plain_summary,
        "abstract": plain(item.abstract),
        "author": persons + bodies,
        "publisher": {"@type": "Organization", "name": publisher} if publisher else None,
        "datePublished": str(item.year or ""),
        "inLanguage": item.language,
        "isbn": item.isbn,
        "issn": item.issn,
        "sameAs": [link for link in (citing.doi_link(item), item.url) if link],
        "about": _names(item.themes.all()),
        "audience": [
            {"@type": "Audience", "audienceType": name} for name in _names(item.readers.all())
        ],
        "license": item.licence,
        "creativeWorkStatus": "Withdrawn" if item.withdrawn_at else "",
    }
    return {name: value for name, value in made.items() if value not in ("", [], None)}
