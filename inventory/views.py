"""The inventory, read by anyone."""

from itertools import islice
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from core import export, uploads
from core.errors import Gone, error_page, too_many
from core.keeping import edition_of, kept_for_visitor, kept_part
from core.reading import reading
from core.templatetags.ksi import UNKNOWN
from core.visitors import Limit, address
from inventory import exchange, panels, sheets
from inventory.filters import ProjectFilter
from inventory.models import Document, Project
from inventory.reports import GOES_ON, Overview
from inventory.search import KIND
from library.models import Item
from people.models import Organisation, audiences_of
from search.alike import kept_alike
from search.facets import Selection, Snapshot, snapshot
from search.lists import list_context
from search.models import Entry

PER_PAGE = 25
MOST_COMPARED = 4
# What makes two projects alike.
AKIN_BY = ("tema", "insats", "malgrupp", "metod", "omrade")
MOST_AKIN = 3

sheet_limit = Limit("faktablad", times=settings.EXPORTS_PER_MINUTE, seconds=60)


def catalogue_of(request: HttpRequest) -> Snapshot:
    """The inventory's facets as of this request's edition."""
    return snapshot(KIND, edition_of(request)[0])


def asked(request: HttpRequest, *, everything: bool = False) -> ProjectFilter:
    """The address's filters for this visitor; `everything` for a file of all that match."""
    return ProjectFilter(
        request.GET,
        snapshot=catalogue_of(request),
        audiences=audiences_of(request.user),
        everything=everything,
    )


@reading
@kept_for_visitor
def project_list(request: HttpRequest) -> HttpResponse:
    """The list with its filter panel."""
    wanted = asked(request)

    def rows(keys: list[int]) -> list[SafeString]:
        return panels.rows(wanted.snapshot, keys, pick=len(keys) > 1)

    context = list_context(wanted, request.GET.get("sida"), PER_PAGE, rows) | {
        "place": _place_called(wanted),
        "subject": "" if wanted.form.errors else wanted.subject,
    }
    status = 400 if wanted.form.errors else 200
    return render(request, "inventory/list.html", context, status=status)


def _place_called(wanted: ProjectFilter) -> Organisation | None:
    """The district of today that the words name, such as Rågsved; a way in besides the hits."""
    words = wanted.values.get("q")
    if not words or len(words) > 60:
        return None
    today = Organisation.objects.districts().on(timezone.localdate())
    return next((district for district in today if district.is_called(words)), None)


@reading
def project_by_number(request: HttpRequest, public_id: int, slug: str = "") -> HttpResponse:
    """The short address of a project leads to its permalink."""
    project = visible_project(request, public_id)
    return redirect(project, permanent=True)


def visible_project(request: HttpRequest, public_id: int) -> Project:
    """The project if the visitor may see it; raises Http404, or Gone for a withdrawn one."""
    projects = Project.objects.select_related("lead", "source__publisher")
    audiences = audiences_of(request.user)
    project = projects.filter(public_id=public_id, visibility__in=audiences).first()
    if project is None:
        raise Http404
    if project.embargo_until and project.embargo_until > timezone.localdate():
        raise Http404
    if project.withdrawn_at:
        raise Gone(project.withdrawn_reason)
    return project


@reading
@kept_for_visitor
def project_detail(request: HttpRequest, public_id: int, slug: str) -> HttpResponse:
    """One project on one calm page."""
    audiences = audiences_of(request.user)
    facets = catalogue_of(request)
    row = facets.visible(public_id, audiences)
    if row is None:
        # Withdrawn, for others, or due today and not yet in the catalogue.
        own, alike = own_part(visible_project(request, public_id), facets, audiences), []
    else:
        own = kept_part(
            ("project", row.pk, row.edition, audiences),
            lambda: own_part(visible_project(request, public_id), facets, audiences),
        )
        near = kept_alike(row.pk, audiences, facets.edition, AKIN_BY, MOST_AKIN)
        alike = [key for key in near if facets.shows(key, audiences)]
    if slug != own["slug"]:
        return redirect(own["path"], permanent=True)
    address = request.build_absolute_uri(own["path"])
    compared = [public_id, *(facets.rows[facets.positions[key]].number for key in alike)]
    context = {
        "own": own,
        "address": address,
        "akin": panels.rows(facets, alike),
        "reports": Item.objects.visible_to(audiences).filter(projects=own["pk"]).order_by("title"),
        "compare": "&".join(f"id={number}" for number in compared[:MOST_COMPARED]),
        "json_ld": {**own["json_ld"], "url": address},
    }
    return render(request, "inventory/project.html", context)


def missing_in(project: Project) -> str:
    """What stands where a fact is missing: only a source can fail to tell."""
    return UNKNOWN if project.source_id else "Uppgift saknas"


def own_part(project: Project, facets: Snapshot, audiences: frozenset[str]) -> dict[str, Any]:
    """What a project's page says of itself; holds until its row in the catalogue is written."""
    context = detail_context(project, facets, audiences)
    return {
        "pk": str(project.pk),
        "number": str(project.public_id),
        "title": project.title,
        "description": Truncator(project.plain_summary).chars(300),
        "slug": project.slug,
        "path": project.get_absolute_url(),
        "html": render_to_string("inventory/_project.html", context),
        "json_ld": {
            "@context": "https://schema.org",
            "@type": "Project",
            "name": project.title,
            "description": project.plain_summary,
            "parentOrganization": [
                {"@type": "Organization", "name": owner.name} for owner in context["owners"]
            ],
        },
    }


def detail_context(project: Project, facets: Snapshot, audiences: frozenset[str]) -> dict[str, Any]:
    """What the project's page and fact sheet show."""
    pairs = list(
        Project.inspired_by.through.objects.filter(
            Q(from_project=project) | Q(to_project=project)
        ).values_list("from_project__public_id", "to_project__public_id")
    )
    roots = {root for heir, root in pairs if heir == project.public_id}
    heirs = {heir for heir, root in pairs if root == project.public_id}
    linked: list[Entry] = []
    if pairs:
        linked = list(
            Entry.objects.filter(
                kind=KIND, object_id__in=roots | heirs, audience__in=audiences
            ).order_by("title_key")
        )
    return {
        "project": project,
        "missing": missing_in(project),
        "owners": project.owners,
        "facts": facets.facts(project.public_id),
        "partners": list(project.partners.select_related("organisation")),
        "measures": list(project.measures.prefetch_related("points")),
        "documents": list(project.documents.all()),
        "links": list(project.links.all()),
        "roots": [entry for entry in linked if entry.object_id in roots],
        "heirs": [entry for entry in linked if entry.object_id in heirs],
        "is_staff_audience": len(audiences) > 1,
    }


@reading
def project_sheet(request: HttpRequest, public_id: int, slug: str) -> HttpResponse:
    """The fact sheet as a tagged PDF."""
    project = visible_project(request, public_id)
    if slug != project.slug:
        return redirect("inventory:sheet", project.public_id, project.slug, permanent=True)
    if seconds := sheet_limit.wait(address(request)):
        return too_many(request, seconds)
    html = render_to_string(
        "inventory/sheet.html",
        detail_context(project, catalogue_of(request), audiences_of(request.user))
        | {"address": request.build_absolute_uri(project.get_absolute_url())},
    )
    try:
        pdf = sheets.pdf(html)
    except sheets.NoPrinter:
        return error_page(503, print_page=project.get_absolute_url())
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="ksi-{project.public_id}.pdf"'
    return response


@reading
def project_document(request: HttpRequest, public_id: int, pk: int) -> HttpResponseBase:
    """A project's file, for those who may see the project."""
    project = visible_project(request, public_id)
    document = get_object_or_404(Document, pk=pk, project=project)
    return uploads.serve(document.file, document.name, request=request)


def districts_today() -> list[Organisation]:
    """Today's districts in alphabetical order."""
    return list(Organisation.objects.districts().on(timezone.localdate()).alphabetical())


@reading
@kept_for_visitor
def overview(request: HttpRequest) -> HttpResponse:
    """The city at a glance: matrix, map, timeline, what is little covered."""
    districts = districts_today()
    figures = Overview(catalogue_of(request), audiences_of(request.user))
    context = {
        "districts": districts,
        "matrix": list(figures.matrix(districts)),
        "places": figures.places(districts),
        "amounts": figures.amounts(districts),
        "timeline": figures.timeline(),
        "reused": figures.reused(),
        "little_covered": figures.little_covered(),
    }
    return render(request, "inventory/overview.html", context)


@reading
def compare(request: HttpRequest) -> HttpResponse:
    """Two to four projects side by side."""
    typed = request.GET.getlist("id")
    wrong = [number for number in typed if not (number.isdecimal() and len(number) < 10)]
    asked_for = list(dict.fromkeys(int(number) for number in typed if number not in wrong))
    visible = Project.objects.visible_to(audiences_of(request.user)).with_everything()
    found = {
        project.public_id: project
        for project in visible.filter(public_id__in=asked_for[:MOST_COMPARED])
    }
    projects = [found[number] for number in asked_for if number in found]
    missing = [number for number in asked_for[:MOST_COMPARED] if number not in found]
    problem = ""
    if wrong:
        problem = "Ett löpnummer är bara siffror. Välj projekten i inventeringen."
    elif len(asked_for) > MOST_COMPARED:
        problem = f"Det går att jämföra högst {MOST_COMPARED} åt gången. Här visas de första."
    elif missing:
        listed = ", ".join(str(number) for number in missing)
        problem = f"Vi hittar inte projekt nummer {listed}."
    elif len(projects) == 1:
        problem = "Välj minst ett projekt till att jämföra med."
    context = {
        "projects": projects,
        "problem": problem,
        "rows": comparison(projects),
        "removals": [
            (project, "&".join(f"id={kept.public_id}" for kept in projects if kept is not project))
            for project in projects
        ],
    }
    status = 400 if wrong or len(asked_for) > MOST_COMPARED else 404 if missing else 200
    return render(request, "inventory/compare.html", context, status=status)


COMPARED = {
    "Kort på lätt svenska": "kort_pa_latt_svenska",
    "Typ": "typ",
    "Läge": "lage",
    "Ansvarig": "ansvarig",
    "Övriga ägare": "ovriga_agare",
    "Start": "start",
    "Slut": "slut",
    "Tema": "teman",
    "Insats": "insatser",
    "Målgrupp": "malgrupper",
    "Metod": "metoder",
    "Instrument": "instrument",
    "Medverkande": "medverkande",
    "Brukares och anhörigas medverkan": "medverkan",
    "Behov": "behov",
    "Antal nådda": "antal_nadda",
    "Uppföljning": "uppfoljning",
    "Mått": "matt",
    "Resultat": "resultat",
    "Vad fungerade inte": "vad_fungerade_inte",
    "Råd till nästa": "rad_till_nasta",
    "Kostnad, kronor": "kostnad_kronor",
    "Finansiering": "finansiering",
    "Kontakt": "kontakt",
}


def comparison(projects: list[Project]) -> list[dict[str, Any]]:
    """Rows of the comparison: label, (text, what stands for none), whether they differ."""
    rows = []
    for label, column in COMPARED.items():
        texts = [export.cell_text(exchange.COLUMNS[column](project)) for project in projects]
        cells = [(text, missing_in(project)) for text, project in zip(texts, projects, strict=True)]
        rows.append({"label": label, "cells": cells, "differs": len(set(texts)) > 1})
    return rows


@reading
@kept_for_visitor
def district_list(request: HttpRequest) -> HttpResponse:
    """Today's districts on the map and in a table; earlier ones below."""
    districts = districts_today()
    figures = Overview(catalogue_of(request), audiences_of(request.user))
    earlier = Organisation.objects.districts().exclude(pk__in=[row.pk for row in districts])
    context = {
        "places": figures.places(districts),
        "amounts": figures.amounts(districts),
        "earlier": earlier.prefetch_related("successors").alphabetical(),
    }
    return render(request, "inventory/district_list.html", context)


@reading
@kept_for_visitor
def district_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """What one district runs and has run, with its predecessors."""
    audiences = audiences_of(request.user)
    districts = Organisation.objects.districts().prefetch_related(
        Prefetch("units", Organisation.objects.alphabetical()),
        "succeeds__predecessor",
        "succeeded_by__successor",
    )
    district = get_object_or_404(districts, slug=slug)
    facets = catalogue_of(request)
    everything = Selection(facets, audiences, {"stadsdel": [slug]})
    ongoing = Selection(facets, audiences, {"stadsdel": [slug], "lage": list(GOES_ON)})
    over = Selection(
        facets,
        audiences,
        {"stadsdel": [slug], "lage": [Project.Status.ENDED, Project.Status.CLOSED]},
    )
    methods = sorted(
        everything.counts("metod").items(), key=lambda row: facets.label("metod", row[0])
    )
    context = {
        "district": district,
        "before": district.succeeds.all(),
        "after": district.succeeded_by.all(),
        "total": len(everything),
        "ongoing_count": len(ongoing),
        "over_count": len(over),
        "ongoing": panels.rows(facets, islice(ongoing.keys("start"), 20)),
        "over": panels.rows(facets, islice(over.keys("start"), 20)),
        "methods": [(value, facets.label("metod", value), count) for value, count in methods],
        "places": Overview(facets, audiences).places(districts_today()),
    }
    return render(request, "inventory/district_detail.html", context)
