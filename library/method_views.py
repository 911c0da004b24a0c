"""Methods, read by anyone, and what is common to the pages of methods and instruments."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string

from core import sheets
from core.keeping import edition_of, kept_for_visitor
from core.pages import Pages
from core.reading import reading
from core.templatetags.ksi import UNKNOWN
from library import panels
from library.models import Instrument, Item, Method, Tool
from library.tool_filters import MethodFilter, ToolFilter
from library.voice_panels import voices_of
from people.models import audiences_of
from search.facets import entries_by_key, snapshot

PER_PAGE = 50
# The newest of what has been written about a method; the rest is a list in the library.
MOST_ITEMS = 20


def list_context(request: HttpRequest, filter_class: type[ToolFilter]) -> dict[str, Any]:
    """What the list of methods or of instruments shows."""
    edition, audiences = edition_of(request)[0], audiences_of(request.user)
    found = snapshot(filter_class.kind, edition)
    wanted = filter_class(request.GET, snapshot=found, audiences=audiences)
    keys = list(wanted.keys)
    pages = Pages(request.GET.get("sida"), len(keys), PER_PAGE, wanted.address)
    entries = entries_by_key(keys[pages.start : pages.stop])
    uses: dict[str, str] = {}
    for told in panels.tool_uses:
        uses |= told(filter_class.kind, audiences, edition)
    first = next(iter(filter_class.facets))
    return {
        "filter": wanted,
        "panel": list(wanted.panel),
        "chips": list(wanted.chips),
        "pages": pages,
        "found": wanted.finding,
        "facet_names": wanted.facets,
        "rows": [
            (
                entry,
                [label for _, label in found.facts(entry.object_id).get(first, [])],
                uses.get(entry.card.get("slug", ""), ""),
            )
            for entry in entries
        ],
    }


def tool_context(request: HttpRequest, tool: Tool) -> dict[str, Any]:
    """What the page of a method and that of an instrument both show."""
    edition, audiences = edition_of(request)[0], audiences_of(request.user)
    items = Item.objects.visible_to(audiences).filter(**{tool.FIELD: tool})
    return {
        "tool": tool,
        "missing": UNKNOWN if tool.source_id else "Uppgift saknas",
        "facts": snapshot(tool.FACET, edition).facts(tool.pk),
        "items": list(items.select_related("publisher")[:MOST_ITEMS]),
        "panels": [panel(tool, audiences, edition) for panel in panels.tool_panels],
        "voices": voices_of(tool),
    }


def visible(tools: Any, request: HttpRequest, slug: str) -> Any:
    """The method or instrument if the visitor may see it. Raises Http404."""
    seen = tools.visible_to(audiences_of(request.user)).select_related("source__publisher")
    return get_object_or_404(seen, slug=slug)


def alphabetical(tools: Any, request: HttpRequest) -> Iterable[Tool]:
    """Those of these that the visitor may see."""
    return list(tools.visible_to(audiences_of(request.user)))


@reading
@kept_for_visitor
def method_list(request: HttpRequest) -> HttpResponse:
    """All of them, by name, with a filter panel."""
    context = list_context(request, MethodFilter)
    status = 400 if context["filter"].form.errors else 200
    return render(request, "library/methods.html", context, status=status)


@reading
@kept_for_visitor
def method_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One method: what it is, where it stands, what is known, who uses it."""
    return method_page(request, visible(Method.objects, request, slug))


def method_page(request: HttpRequest, method: Method, **more: Any) -> HttpResponse:
    """A method's page, also as it would be once a draft is published."""
    context = tool_context(request, method) | {
        "method": method,
        "profile": method.profile,
        "moves": list(method.moves.all()),
        "instruments": alphabetical(Instrument.objects.filter(methods=method), request),
    }
    return render(request, "library/method.html", context | more)


@reading
def method_sheet(request: HttpRequest, slug: str) -> HttpResponse:
    """A sheet of paper to take along to the workplace meeting, as tagged PDF."""
    method: Method = visible(Method.objects, request, slug)
    if too_soon := sheets.wait(request):
        return too_soon
    page, profile = method.get_absolute_url(), method.profile
    # All of it on one page: what nobody has graded leaves its lines to the texts.
    spare = sum(line.grade is None for line in profile)
    context = {
        "method": method,
        "missing": UNKNOWN if method.source_id else "Uppgift saknas",
        "profile": profile,
        "room": {"what": 240 + 50 * spare, "how": 230 + 60 * spare},
        "address": request.build_absolute_uri(page),
    }
    html = render_to_string("library/method_sheet.html", context)
    return sheets.answer(html, name=f"ksi-{method.slug}.pdf", page=page)
