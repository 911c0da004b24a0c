"""Which districts use which methods, for anyone."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.keeping import edition_of, kept_for_visitor
from core.reading import reading
from inventory.reports import Overview
from inventory.views import catalogue_of, districts_today
from library.models import Method
from people.models import audiences_of
from search.facets import Selection, snapshot


@reading
@kept_for_visitor
def method_map(request: HttpRequest) -> HttpResponse:
    """Methods by districts, as a table and as text."""
    audiences = audiences_of(request.user)
    figures = Overview(catalogue_of(request), audiences)
    districts = districts_today()
    amounts = figures.by(Method.FACET)
    known = Selection(snapshot(Method.FACET, edition_of(request)[0]), audiences)
    seen = known.counts(Method.FACET)
    rows = [row for row in figures.matrix(districts, Method.FACET) if row[0] in amounts]
    context = {
        "districts": districts,
        "matrix": rows,
        "as_text": [
            (slug, name, amounts[slug], [(place, each) for place, each in cells if each.total])
            for slug, name, cells in rows
        ],
        "unused": [
            (slug, name)
            for slug, name in figures.snapshot.labels.get(Method.FACET, {}).items()
            if slug in seen and slug not in amounts
        ],
    }
    return render(request, "inventory/method_map.html", context)
