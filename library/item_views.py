"""The library's items, read by anyone."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from core import uploads
from core.errors import Gone
from core.keeping import edition_of, kept_for_visitor, kept_part
from core.reading import reading
from core.templatetags.ksi import UNKNOWN
from library import citing, exchange, questions, search
from library.filters import ItemFilter
from library.models import Item, ItemFile
from library.panels import item_panels, rows
from library.search import KIND
from library.voice_panels import voices_of
from people.models import audiences_of
from search.alike import kept_alike
from search.facets import Snapshot, snapshot
from search.lists import list_context
from search.models import Audience

PER_PAGE = 25
# What makes two items alike.
AKIN_BY = ("tema", "lasare", "kunskapskalla", "metod", "instrument", "omrade")
MOST_AKIN = 3

# The ending of an address → type, and the text of one reference.
REFERENCES = {
    "ris": citing.FORMS["ris"],
    "bib": citing.FORMS["bib"],
    "json": citing.FORMS["csl.json"],
}


def catalogue_of(request: HttpRequest) -> Snapshot:
    """The library's facets as of this request's edition."""
    return snapshot(KIND, edition_of(request)[0])


def asked(request: HttpRequest, *, everything: bool = False) -> ItemFilter:
    """The address's filters for this visitor; `everything` for a file of all that match."""
    return ItemFilter(
        request.GET,
        snapshot=catalogue_of(request),
        audiences=audiences_of(request.user),
        everything=everything,
    )


@reading
@kept_for_visitor
def item_list(request: HttpRequest) -> HttpResponse:
    """The list with its filter panel."""
    wanted = asked(request)

    def drawn(keys: list[int]) -> list[SafeString]:
        return rows(wanted.snapshot, keys)

    context = list_context(wanted, request.GET.get("sida"), PER_PAGE, drawn)
    status = 400 if wanted.form.errors else 200
    return render(request, "library/items.html", context, status=status)


def visible_item(request: HttpRequest, pk: int, *, whole: bool = True) -> Item:
    """The item if the visitor may see it; raises Http404, or Gone for what was taken back.

    `whole` with all that its page shows.
    """
    items = Item.objects.with_everything() if whole else Item.objects.all()
    item = items.filter(pk=pk, visibility__in=audiences_of(request.user)).first()
    if item is None:
        raise Http404
    if item.taken_back_at:
        raise Gone("Den som berättade har tagit tillbaka sin berättelse.")
    return item


@reading
def item_by_number(request: HttpRequest, pk: int) -> HttpResponse:
    """The short address of an item leads to its permalink."""
    return redirect(visible_item(request, pk, whole=False), permanent=True)


@reading
@kept_for_visitor
def item_detail(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """One item on one calm page."""
    audiences = audiences_of(request.user)
    facets = catalogue_of(request)
    row = facets.visible(pk, audiences)
    if row is None:
        # Taken back, for others, or not in the catalogue.
        item = visible_item(request, pk)
        own, alike = own_part(item, facets.facts(pk), audiences), []
    else:
        # Of the day as well: it tells how old the item is.
        own = kept_part(
            ("item", row.pk, row.edition, audiences, timezone.localdate().toordinal()),
            lambda: own_part(visible_item(request, pk), facets.facts(pk), audiences),
        )
        near = kept_alike(row.pk, audiences, facets.edition, AKIN_BY, MOST_AKIN)
        alike = [key for key in near if facets.shows(key, audiences)]
    if slug != own["slug"]:
        return redirect(own["path"], permanent=True)
    return item_page(
        request,
        own,
        panels=[panel(pk, audiences) for panel in item_panels],
        akin=rows(facets, alike),
        above_page="",
    )


def item_page(request: HttpRequest, own: dict[str, Any], **more: Any) -> HttpResponse:
    """The page, from what it says of itself and what others say of it."""
    address = request.build_absolute_uri(own["path"])
    context = {
        "own": own,
        "address": address,
        "pdf": request.build_absolute_uri(own["pdf"]) if own["pdf"] else "",
        "link": own["link"] or address,
        "json_ld": own["json_ld"] | {"@id": address, "url": address},
        **more,
    }
    response = render(request, "library/item.html", context)
    response["Link"] = _links(own, address)
    return response


def item_preview(request: HttpRequest, item: Item, **more: Any) -> HttpResponse:
    """The page of an item that is not in the catalogue, or differs from what is there."""
    labels = catalogue_of(request)
    (document,) = search.documents([item.pk])
    facts = {
        facet: [(value, labels.label(facet, value)) for value in values]
        for facet, values in document.facets.items()
    }
    own = own_part(item, facts, audiences_of(request.user))
    return item_page(request, own, panels=[], akin=[], **more)


def _links(own: dict[str, Any], address: str) -> str:
    """What programs are told of the page: what to cite, and where it is described (RFC 8574)."""
    told = [f'<{own["doi_link"] or address}>; rel="cite-as"']
    for form, (content_type, _) in REFERENCES.items():
        where = f"{address}referens.{form}"
        told.append(f'<{where}>; rel="describedby"; type="{content_type.partition(";")[0]}"')
    return ", ".join(told)


def missing_in(item: Item) -> str:
    """What stands where a fact is missing: only a source can fail to tell."""
    return UNKNOWN if item.source_id else "Uppgift saknas"


def own_part(
    item: Item, facts: dict[str, list[tuple[str, str]]], audiences: frozenset[str]
) -> dict[str, Any]:
    """What an item's page says of itself; holds for a day, until its row is written again."""
    files = [file for file in item.files.all() if file.visibility in audiences]
    from_practice = item.kind in Item.FROM_PRACTICE
    context = {
        "item": item,
        "missing": missing_in(item),
        "facts": facts,
        "people": citing.people(item),
        "organisations": citing.organisations(item),
        "answers": list(questions.answered(item)) if from_practice else [],
        "files": files,
    }
    shown = [each for each in files if each.is_pdf and each.visibility == Audience.PUBLIC]
    return {
        "pk": str(item.pk),
        "title": item.title,
        "description": Truncator(item.plain_summary).chars(300),
        "slug": item.slug,
        "path": item.get_absolute_url(),
        "doi_link": citing.doi_link(item),
        "link": citing.doi_link(item) or item.url,
        "html": render_to_string("library/_item.html", context),
        "cited": citing.in_words(item),
        "tools": render_to_string("library/_item_tools.html", context),
        "voices": render_to_string("library/_voices.html", {"voices": voices_of(item)}),
        "meta": _citation_meta(item),
        "pdf": shown[0].get_absolute_url() if item.visibility == Audience.PUBLIC and shown else "",
        "json_ld": {"@context": "https://schema.org", **exchange.schema_org(item, "")},
    }


def _citation_meta(item: Item) -> list[tuple[str, str]]:
    """What reference managers and Google Scholar read in the page's head (Highwire's names)."""
    reported = citing.TYPES[item.kind][0] == "RPRT"
    pairs = [
        ("citation_title", item.title),
        *(("citation_author", str(person)) for person in citing.people(item)),
        *(("citation_author", name) for name in citing.organisations(item)),
        ("citation_publication_date", str(item.year or "")),
        ("citation_language", item.language),
        ("citation_publisher", item.published_by),
        ("citation_technical_report_institution", item.published_by if reported else ""),
        ("citation_technical_report_number", item.number if reported else ""),
        ("citation_isbn", item.isbn),
        ("citation_issn", item.issn),
        ("citation_doi", item.doi),
    ]
    return [(name, text) for name, value in pairs if (text := citing.one_line(value))]


@reading
@kept_for_visitor
def item_reference(request: HttpRequest, pk: int, slug: str, form: str) -> HttpResponse:
    """The item as a file for reference managers."""
    item = visible_item(request, pk)
    if slug != item.slug:
        return redirect(f"library:reference-{form}", item.pk, item.slug, permanent=True)
    content_type, pieces = REFERENCES[form]
    host = request.build_absolute_uri("/")[:-1]
    response = HttpResponse("".join(pieces([item], host)), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="ksi-{item.pk}.{form}"'
    return response


@reading
def item_file(request: HttpRequest, pk: int, file: int) -> HttpResponseBase:
    """An item's file, for those who may see the item and the file."""
    item = visible_item(request, pk, whole=False)
    files = ItemFile.objects.filter(item=item, visibility__in=audiences_of(request.user))
    found = get_object_or_404(files, pk=file)
    return uploads.serve(found.file, found.name, request=request)


@reading
def item_picture(request: HttpRequest, pk: int, file: int) -> HttpResponseBase:
    """The first page of an item's file as a picture, for those who may see the file."""
    item = visible_item(request, pk, whole=False)
    files = ItemFile.objects.filter(item=item, visibility__in=audiences_of(request.user))
    found = get_object_or_404(files, pk=file)
    return uploads.serve(found.picture, "forsta-sidan.jpg", request=request)
