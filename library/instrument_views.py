"""Instruments, read by anyone."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from core.keeping import kept_for_visitor
from core.reading import reading
from library.models import Instrument
from people.models import audiences_of


@reading
@kept_for_visitor
def instrument_list(request: HttpRequest) -> HttpResponse:
    """All of them."""
    found = Instrument.objects.visible_to(audiences_of(request.user))
    return render(request, "library/instruments.html", {"instruments": found})


@reading
@kept_for_visitor
def instrument_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One of them."""
    found = get_object_or_404(Instrument.objects.visible_to(audiences_of(request.user)), slug=slug)
    return instrument_page(request, found)


def instrument_page(request: HttpRequest, instrument: Instrument, **more: Any) -> HttpResponse:
    """The page; of one that is not published, for its preview."""
    return render(request, "library/instrument.html", {"instrument": instrument, **more})
