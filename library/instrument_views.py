"""Instruments, read by anyone."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.keeping import kept_for_visitor
from core.reading import reading
from library.method_views import alphabetical, list_context, tool_context, visible
from library.models import Instrument, Method
from library.tool_filters import InstrumentFilter


@reading
@kept_for_visitor
def instrument_list(request: HttpRequest) -> HttpResponse:
    """All of them, by name, with a filter panel."""
    context = list_context(request, InstrumentFilter)
    status = 400 if context["filter"].form.errors else 200
    return render(request, "library/instruments.html", context, status=status)


@reading
@kept_for_visitor
def instrument_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One instrument: what it measures, what it asks for, how well it has been tried."""
    return instrument_page(request, visible(Instrument.objects, request, slug))


def instrument_page(request: HttpRequest, instrument: Instrument, **more: Any) -> HttpResponse:
    """An instrument's page, also as it would be once a draft is published."""
    context = tool_context(request, instrument) | {
        "instrument": instrument,
        "methods": alphabetical(Method.objects.filter(instruments=instrument), request),
        "similar": alphabetical(instrument.similar, request),
    }
    return render(request, "library/instrument.html", context | more)
