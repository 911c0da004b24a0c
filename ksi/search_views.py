"""The one search: its page, its suggestions, and how browsers are told of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse

from core.keeping import do_not_keep, edition_of, kept_for_visitor
from core.pages import Pages
from core.reading import reading
from core.visitors import Limit, address
from inventory.views import catalogue_of
from ksi.search_filters import BY_KIND, FACETS, NEWEST, ORDER_LABELS, SearchFilter
from ksi.search_hits import Shown, kind_of, shown
from ksi.search_told import headline, how_many, told, tried
from library.models import Theme
from people.models import audiences_of
from search import swedish
from search.actions import note_missed
from search.cards import cards
from search.catalogue import KIND
from search.facets import Selection
from search.filters import LITERALLY
from search.finding import Hit, Search
from search.models import Entry
from search.understanding import MOST_LETTERS

PER_PAGE = 20
MOST_OF_A_KIND = 5
SUGGESTIONS, MOST_SUGGESTIONS = 8, 20

# Whoever asks oftener is answered; what finds nothing is then not noted.
missed_limit = Limit("ord-utan-traff", times=20, seconds=60)


@reading
@kept_for_visitor
def search_page(request: HttpRequest) -> HttpResponse:
    """Everything visible that answers the words, best first, with its filter panel."""
    wanted = SearchFilter(
        request.GET, edition=edition_of(request)[0], audiences=audiences_of(request.user)
    )
    status = 400 if wanted.form.errors else 200
    context: dict[str, Any] = {"filter": wanted, "facet_names": FACETS}
    if not wanted.words or _says_nothing(wanted):
        context |= {"themes": _themes(request)}
        return render(request, "ksi/search.html", context, status=status)
    context |= _answered(request, wanted)
    if wanted.found.hits:
        return render(request, "ksi/search.html", context, status=status)
    context |= {
        "tried": tried(wanted.found, literally=wanted.literally),
        "themes": _themes(request),
        "contact": settings.CONTACT,
    }
    _note(request, wanted.found.missed)
    return do_not_keep(render(request, "ksi/search.html", context, status=status))


def _says_nothing(wanted: SearchFilter) -> bool:
    """Whether nothing can be looked for: stop words alone, unless something is called just that."""
    found = wanted.found
    return not found.question.meanings or not (found.hits or swedish.forms(wanted.words))


def _themes(request: HttpRequest) -> list[tuple[str, str, int]]:
    """Themes that the visitor can read something about: value, name, how many projects."""
    found = catalogue_of(request)
    counts = Selection(found, audiences_of(request.user)).counts(Theme.FACET)
    names = found.labels.get(Theme.FACET, {})
    return [(value, name, counts[value]) for value, name in names.items() if value in counts]


def _note(request: HttpRequest, words: list[str]) -> None:
    """Count the words that found nothing, for those who teach the search synonyms."""
    if words and not missed_limit.wait(address(request)):
        note_missed(words)


@dataclass(frozen=True)
class Group:
    """The best hits of one kind, and where all of them are."""

    name: str
    hits: list[Shown]
    count: int
    address: str


def _answered(request: HttpRequest, wanted: SearchFilter) -> dict[str, Any]:
    """What the page says of a question that says something."""
    found = wanted.found
    hits = _newest_first(found.hits) if wanted.order == NEWEST else found.hits
    count, more = how_many(found)
    context: dict[str, Any] = {
        "answered": True,
        "count": count,
        "more": more,
        "headline": headline(found, wanted.words),
        "told": told(found),
        "panel": list(wanted.panel),
        "chips": list(wanted.chips),
        "periods": list(wanted.periods),
        "orders": ORDER_LABELS,
        "with_synonyms": wanted.with_value(LITERALLY, ""),
        "as_list": wanted.with_value("visa", ""),
        "as_kinds": wanted.with_value("visa", BY_KIND),
    }
    pages = Pages(request.GET.get("sida"), len(hits), PER_PAGE, wanted.address)
    if wanted.by_kind:
        context["groups"] = _by_kind(hits, wanted)
    else:
        here = hits[pages.start : pages.stop]
        context |= {"pages": pages, "hits": shown(here, found.question, wanted.audiences)}
    if found.partial and pages.number == 1:
        context["partial"] = shown(found.partial, found.question, wanted.audiences)
    return context


def _newest_first(hits: list[Hit]) -> list[Hit]:
    by_entry = {hit.entry: hit for hit in hits}
    newest = Entry.objects.filter(pk__in=by_entry).order_by("-published_at", "-pk")
    return [by_entry[pk] for pk in newest.values_list("pk", flat=True)]


def _by_kind(hits: list[Hit], wanted: SearchFilter) -> list[Group]:
    """A few of each kind, in the order of the facet."""
    kinds = dict(Entry.objects.filter(pk__in=[h.entry for h in hits]).values_list("pk", "kind"))
    of_kind: dict[str, list[Hit]] = {}
    for hit in hits:
        of_kind.setdefault(kinds[hit.entry], []).append(hit)
    best = [hit for found in of_kind.values() for hit in found[:MOST_OF_A_KIND]]
    rows = shown(best, wanted.found.question, wanted.audiences)

    def only(kind: str) -> str:
        def change(params: Any) -> None:
            params.setlist(KIND, [kind])
            params.pop("visa", None)

        return wanted.address(change)

    return [
        Group(
            name,
            [row for row in rows if row.entry.kind == kind],
            len(of_kind[kind]),
            only(kind),
        )
        for kind, name in wanted.labels(KIND).items()
        if kind in of_kind
    ]


@reading
@kept_for_visitor
def suggestions(request: HttpRequest) -> HttpResponse:
    """What somebody who is typing may be looking for, best first, as JSON."""
    typed, wanted = request.GET.get("q", ""), request.GET.get("antal", str(SUGGESTIONS))
    if len(typed) > MOST_LETTERS:
        return _misunderstood(f"Skriv högst {MOST_LETTERS} tecken i q.")
    if not (wanted.isdecimal() and len(wanted) < 3 and 1 <= int(wanted) <= MOST_SUGGESTIONS):
        return _misunderstood(f"Skriv ett tal från 1 till {MOST_SUGGESTIONS} i antal.")
    audiences = audiences_of(request.user)
    found = Search(typed, audiences, edition_of(request)[0], typing=True).find()
    return _json(
        {
            "title": entry.title,
            "url": entry.address,
            "kind": kind_of(entry),
            "summary": entry.summary,
        }
        for entry in cards(found.entries[: int(wanted)], audiences)
    )


def _json(rows: Iterable[dict[str, str]]) -> JsonResponse:
    return JsonResponse(list(rows), safe=False, json_dumps_params={"ensure_ascii": False})


def _misunderstood(sentence: str) -> JsonResponse:
    return JsonResponse({"fel": sentence}, status=400, json_dumps_params={"ensure_ascii": False})


@reading
def opensearch(request: HttpRequest) -> HttpResponse:
    """How a browser can search the portal from its own field (OpenSearch 1.1)."""
    context = {
        "icon": request.build_absolute_uri(static("img/favicon.svg")),
        "page": request.build_absolute_uri(reverse("search")),
    }
    kind = "application/opensearchdescription+xml; charset=utf-8"
    return render(request, "ksi/opensearch.xml", context, content_type=kind)
