"""The start page, the pages about the portal, and its health."""

from itertools import islice
from typing import Any

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse

from core import register
from core.keeping import do_not_keep, edition_of, kept_for_visitor
from core.reading import reading
from core.worker import is_fresh, seconds_since_sign
from inventory import panels
from inventory.models import Project
from inventory.reports import Overview
from inventory.views import catalogue_of, districts_today
from library import panels as library_panels
from library.models import Source
from library.search import KIND as LIBRARY
from people.models import audiences_of
from search.facets import Selection, snapshot

NEWEST = 3
FOLLOWED_UP = (
    Project.Evaluation.OWN,
    Project.Evaluation.EXTERNAL,
    Project.Evaluation.RESEARCH,
)


@reading
@kept_for_visitor
def start(request: HttpRequest) -> HttpResponse:
    """What the portal is, a search field, ways in, the newest entries, the map."""
    districts = districts_today()
    figures = Overview(catalogue_of(request), audiences_of(request.user))
    followed = figures.everything.counts("uppfoljning")
    library = snapshot(LIBRARY, edition_of(request)[0])
    items = Selection(library, audiences_of(request.user))
    context = {
        "places": figures.places(districts),
        "newest": panels.rows(figures.snapshot, islice(figures.everything.keys("nyast"), NEWEST)),
        "newest_items": library_panels.rows(library, islice(items.keys("nyast"), NEWEST)),
        "items": len(items),
        "total": len(figures.everything),
        "districts": len(districts),
        "followed_up": sum(followed.get(value, 0) for value in FOLLOWED_UP),
    }
    return render(request, "ksi/start.html", context)


@reading
def about(request: HttpRequest) -> HttpResponse:
    """What KSI is, where the content comes from, whom to write to."""
    sources = Source.objects.select_related("publisher")
    return render(request, "ksi/about.html", {"sources": sources})


@reading
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement."""
    return render(request, "ksi/accessibility.html")


@reading
def personal_data(request: HttpRequest) -> HttpResponse:
    """What the portal keeps about people, as the register says it."""
    in_force = register.rules()
    kept = [(holding, in_force.get(holding.key)) for holding in register.holdings()]
    return render(request, "ksi/personal_data.html", {"kept": kept})


@reading
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may read: everything but searches, filtered lists, files and the admin."""
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /sok",
        "Disallow: /bibliotek/?",
        "Disallow: /bibliotek/export",
        "Disallow: /bibliotek/flode.atom?",
        "Disallow: /inventering/?",
        "Disallow: /inventering/export",
        "Disallow: /inventering/jamfor/",
        "Disallow: /foljer/",
        "Disallow: /inventering/ideer/?",
        "Disallow: /inventering/ideer/ny/",
        f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@reading
def favicon(request: HttpRequest) -> HttpResponse:
    """For browsers and pages that do not read the link in the head."""
    return redirect(static("img/favicon.svg"))


@reading
def alive(request: HttpRequest) -> HttpResponse:
    """This process answers; asks nothing of the database."""
    return do_not_keep(JsonResponse({"status": "ok"}))


@reading
def ready(request: HttpRequest) -> HttpResponse:
    """Whether the portal can serve: the database answers and is migrated. 503 otherwise.

    Without its workers it serves all the same, but somebody must look: "varning", and 200.
    """
    checks = {"databas": "ok", "migreringar": "ok"}
    workers: dict[str, dict[str, Any]] = {}
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            checks["migreringar"] = "saknas"
        else:
            workers = {
                kind: {
                    "status": "ok" if is_fresh(seconds) else "saknas",
                    "sekunder_sedan_livstecken": seconds,
                }
                for kind, seconds in seconds_since_sign().items()
            }
    except (DatabaseError, InterfaceError):
        checks = {"databas": "svarar inte", "migreringar": "okänt"}
    if set(checks.values()) != {"ok"}:
        return do_not_keep(JsonResponse({"status": "fel", **checks}, status=503))
    present = all(worker["status"] == "ok" for worker in workers.values())
    status = "ok" if present else "varning"
    return do_not_keep(JsonResponse({"status": status, **checks, "arbetare": workers}))
