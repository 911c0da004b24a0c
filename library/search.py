"""What the library puts in the catalogue."""

import datetime
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from django.utils import timezone

from core import uploads
from core.tasks import later
from core.text import plain
from library.models import (
    Instrument,
    Item,
    ItemFile,
    KnowledgeSource,
    Method,
    Reader,
    ReadingList,
    ServiceArea,
    Theme,
    Tool,
)
from people.lineage import PARTNER_FACET
from people.models import Organisation
from search import catalogue
from search.catalogue import YEAR, Document
from search.models import Audience

KIND, LIST_KIND = "bibliotek", "laslista"
METHOD_KIND, INSTRUMENT_KIND = Method.FACET, Instrument.FACET
# Not filtered by: it finds what was written from a source, when the source is corrected.
SOURCE_FACET = "kalla"

TYPE, LANGUAGE, PUBLISHER, FRESHNESS = "publikation", "sprak", "utgivare", "aktualitet"
STAGE, INSTRUMENT_TYPE = "verkstad", "instrumenttyp"
# Facets of methods and of instruments, in the order of their filter panels.
METHOD_FACETS = {
    STAGE: "Läge i metodverkstaden",
    Theme.FACET: "Tema",
    ServiceArea.FACET: "Verksamhetsområde",
}
INSTRUMENT_FACETS = {
    INSTRUMENT_TYPE: "Typ",
    Theme.FACET: "Tema",
    ServiceArea.FACET: "Verksamhetsområde",
}
# Not filtered by either: every method and instrument of a thing, also those that it does not name
# because they are for staff and it is not.
TOOL_FACET = "verktyg"
# Facets of the library, in the order of the filter panel; the years are the period.
FACETS = {
    TYPE: "Typ",
    KnowledgeSource.FACET: "Kunskapskälla",
    Theme.FACET: "Tema",
    Reader.FACET: "För vem",
    ServiceArea.FACET: "Verksamhetsområde",
    Method.FACET: "Metod",
    LANGUAGE: "Språk",
    PUBLISHER: "Utgivare",
    FRESHNESS: "Aktualitet",
}
VOCABULARIES = {
    KnowledgeSource.FACET: "knowledge_sources",
    Theme.FACET: "themes",
    Reader.FACET: "readers",
    ServiceArea.FACET: "service_areas",
    Method.FACET: "methods",
    Instrument.FACET: "instruments",
}
# What of them it is about; whom it is for and where it comes from is not.
ABOUT = (Theme.FACET, ServiceArea.FACET, Method.FACET, Instrument.FACET)
UNKNOWN = "okand"

NEW, OLD, WITHDRAWN = "nyare", "aldre", "tillbakadragen"
FRESHNESS_LABELS = {
    NEW: f"Högst {Item.YEARS_UNTIL_OLD} år gammal",
    OLD: f"Äldre än {Item.YEARS_UNTIL_OLD} år",
    WITHDRAWN: "Tillbakadragen",
    UNKNOWN: "Framgår inte av källan",
}


def freshness(item: Item, this_year: int) -> str:
    """Whether the item is young, old or withdrawn: a value of the facet."""
    if item.withdrawn_at:
        return WITHDRAWN
    if item.year is None:
        return UNKNOWN
    return NEW if this_year - item.year <= Item.YEARS_UNTIL_OLD else OLD


def label_choices() -> None:
    """Name the values of facets that are written in code, in the order of the code."""
    choices = {
        TYPE: dict(Item.Kind.choices),
        LANGUAGE: dict(Item.Language.choices) | {UNKNOWN: FRESHNESS_LABELS[UNKNOWN]},
        FRESHNESS: FRESHNESS_LABELS,
        STAGE: dict(Method.Stage.choices),
        INSTRUMENT_TYPE: dict(Instrument.Kind.choices),
    }
    for facet, labels in choices.items():
        places = {value: f"{place:02}" for place, value in enumerate(labels)}
        catalogue.label(facet, {value: str(label) for value, label in labels.items()}, places)


def label_vocabularies() -> None:
    """Name the values of facets whose words curators edit."""
    models: tuple[Any, ...] = (KnowledgeSource, Reader, ServiceArea, Theme, Method, Instrument)
    for model in models:
        catalogue.label(model.FACET, {term.slug: str(term) for term in model.objects.all()})
    label_publishers(Organisation.objects.exclude(items=None))


def label_publishers(publishers: Iterable[Organisation]) -> None:
    """Name the organisations that publish."""
    catalogue.label(PUBLISHER, {publisher.slug: publisher.label for publisher in publishers})


def documents(pks: Iterable[int]) -> Iterator[Document]:
    """The catalogue's rows for those of these items that are published."""
    yield from documents_of(Item.objects.published().filter(pk__in=list(pks)).with_everything())


def documents_of(items: Iterable[Item]) -> Iterator[Document]:
    """The catalogue's rows for these items, whose terms and files are prefetched."""
    this_year = timezone.localdate().year
    for item in items:
        yield _document(item, this_year)


def _document(item: Item, this_year: int) -> Document:
    terms = {facet: list(getattr(item, field).all()) for facet, field in VOCABULARIES.items()}
    tools = [*terms[Method.FACET], *terms[Instrument.FACET]]
    # A public item must not tell that a method is there which only staff may see.
    terms |= {METHOD_KIND: item.shown_methods, INSTRUMENT_KIND: item.shown_instruments}
    facets: dict[str, list[str]] = {
        facet: [term.slug for term in found] for facet, found in terms.items()
    }
    facets |= {
        TYPE: [item.kind],
        LANGUAGE: [item.language or UNKNOWN],
        FRESHNESS: [freshness(item, this_year)],
        PUBLISHER: [item.publisher.slug] if item.publisher else [],
        PARTNER_FACET: [item.publisher.slug] if item.publisher else [],
        SOURCE_FACET: [item.source.slug] if item.source else [],
        YEAR: [str(item.year)] if item.year else [],
        TOOL_FACET: [tool.key for tool in tools],
    }
    return Document(
        kind=KIND,
        object_id=item.pk,
        title=item.title,
        summary=item.plain_summary,
        address=item.get_absolute_url(),
        audience=item.visibility,
        published_at=item.published_at,
        date=str(item.year or ""),
        confirmed_on=item.reviewed_on,
        card={
            "kind": item.get_kind_display(),
            "who": "; ".join([*lines(item.authors), *lines(item.corporate_authors)][:3]),
            "publisher": item.published_by,
            "when": str(item.year or ""),
            "year": item.year,
            "language": "" if item.language == "sv" else item.get_language_display(),
            "sources": [term.name for term in terms[KnowledgeSource.FACET]],
            "themes": [theme.name for theme in terms[Theme.FACET]],
            "state": "Tillbakadragen" if item.withdrawn_at else "",
            "status": "tillbakadragen" if item.withdrawn_at else "",
            "generated": item.generated,
        },
        words=[
            *lines(item.authors),
            *lines(item.corporate_authors),
            *([item.published_by] if item.published_by else []),
            *(str(term) for facet in ABOUT for term in terms[facet]),
        ],
        text=_text(item),
        aside=[
            *(part for part in (item.isbn, item.issn, item.doi, item.urn) if part),
            *(
                str(term)
                for facet in (KnowledgeSource.FACET, Reader.FACET)
                for term in terms[facet]
            ),
        ],
        facets=facets,
    )


def _text(item: Item) -> str:
    said = [item.key_messages, item.so_what, item.abstract, item.full_text, item.limitations]
    said += [item.series, item.number, item.commissioned_by, *map(str, item.how_known.values())]
    said += [file.title for file in item.files.all() if file.visibility == Audience.PUBLIC]
    return "\n".join(plain(text) for text in said if text)


def lines(text: str) -> list[str]:
    """The lines of a text that say something."""
    return [line.strip() for line in text.splitlines() if line.strip()]


# What apps above say that methods and instruments are found by besides their own texts:
# from a tool to names, such as those of the projects that use it.
found_by: list[Callable[[Tool], Iterable[str]]] = []
# And what they are filtered by: from a tool to facets, such as the districts that use it.
faceted_by: list[Callable[[Tool], Mapping[str, Iterable[str]]]] = []


def methods(pks: Iterable[int]) -> Iterator[Document]:
    """The catalogue's rows for methods."""
    for method in Method.objects.filter(pk__in=list(pks)).select_related("source"):
        texts = [
            *(method.purpose, method.how, method.target_group, method.training, method.cost),
            *(method.fidelity, method.risks, method.research_says, method.staff_say),
            method.experience_says,
        ]
        facets = {STAGE: [method.stage]}
        yield _tool(method, method.plain_summary or method.purpose, texts, facets)


def instruments(pks: Iterable[int]) -> Iterator[Document]:
    """The catalogue's rows for instruments."""
    for found in Instrument.objects.filter(pk__in=list(pks)).select_related("source"):
        texts = [
            *(found.measures_what, found.target_group, found.filled_in_by, found.time),
            *(found.training, found.manual, found.feedback, found.tried_how),
        ]
        facets = {INSTRUMENT_TYPE: [found.kind]}
        yield _tool(found, found.plain_summary or found.measures_what, texts, facets)


OLDEST = 1997  # the year in which Stockholm got its district councils


def _tool(tool: Any, summary: str, texts: list[str], facets: dict[str, list[str]]) -> Document:
    year = tool.source.year if tool.source else OLDEST
    themes, areas = list(tool.themes.all()), list(tool.service_areas.all())
    return Document(
        kind=tool.FACET,
        object_id=tool.pk,
        title=str(tool),
        summary=plain(summary),
        address=tool.get_absolute_url(),
        audience=tool.visibility,
        published_at=timezone.make_aware(datetime.datetime(year, 1, 1)),
        confirmed_on=tool.reviewed_on,
        words=[str(term) for term in [*themes, *areas]],
        text="\n".join(plain(text) for text in texts if text),
        aside=sorted({name for names in found_by for name in names(tool)}),
        card={
            "slug": tool.slug,
            "themes": [theme.name for theme in themes],
            "generated": tool.generated,
        },
        facets={facet: values for more in faceted_by for facet, values in more(tool).items()}
        | facets
        | {
            tool.FACET: [tool.slug],
            Theme.FACET: [theme.slug for theme in themes],
            ServiceArea.FACET: [area.slug for area in areas],
            SOURCE_FACET: [tool.source.slug] if tool.source else [],
        },
    )


def reading_lists(pks: Iterable[int]) -> Iterator[Document]:
    """The catalogue's rows for lists that are published.

    Not with their notes: a note is hidden with the thing that it is about.
    """
    for found in ReadingList.objects.published().filter(pk__in=list(pks)):
        assert found.published_at is not None  # noqa: S101 - published
        yield Document(
            kind=LIST_KIND,
            object_id=found.pk,
            title=found.title,
            summary=found.description,
            address=found.get_absolute_url(),
            audience=Audience.PUBLIC,
            published_at=found.published_at,
        )


READ_FILE = "library.tasks.read_file"


def read_files(pks: Collection[int]) -> None:
    """Have a worker read the files of these items, which have come into the catalogue."""
    for file in ItemFile.objects.filter(item__in=pks):
        if uploads.has_pages(file.file.name):
            later(READ_FILE, file.pk)


def register() -> None:
    """Tell the catalogue how items, methods and instruments become entries."""

    def keys(model: Any) -> Any:
        return lambda: model._default_manager.order_by("pk").values_list("pk", flat=True)

    catalogue.register(
        KIND,
        documents=documents,
        ids=keys(Item),
        label="I biblioteket",
        plural="I biblioteket",
        arrived=read_files,
    )
    catalogue.register(
        LIST_KIND,
        documents=reading_lists,
        ids=keys(ReadingList),
        label="Läslista",
        plural="Läslistor",
    )
    catalogue.register(
        METHOD_KIND, documents=methods, ids=keys(Method), label="Metod", plural="Metoder"
    )
    catalogue.register(
        INSTRUMENT_KIND,
        documents=instruments,
        ids=keys(Instrument),
        label="Bedömningsinstrument",
        plural="Bedömningsinstrument",
    )
