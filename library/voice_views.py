""" "Stämmer det här hos er?": a page of its own for each item, method and instrument."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from core.reading import reading
from core.visitors import Limit, address
from library import actions
from library.item_views import visible_item
from library.models import Instrument, Method, Thing, Voice
from library.voice_forms import VoiceForm
from library.voice_panels import voice_address
from people.models import audiences_of

# Many may sit behind one address, such as all of a unit that reads together.
voice_limit = Limit("rost-adress", times=15, seconds=600)


def _tool(request: HttpRequest, model: Any, slug: str) -> Any:
    return get_object_or_404(model.objects.visible_to(audiences_of(request.user)), slug=slug)


def item_voice(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """About an item."""
    item = visible_item(request, pk)
    if request.method != "POST" and slug != item.slug:
        return redirect(voice_address(item), permanent=True)
    return _voice(request, item)


def method_voice(request: HttpRequest, slug: str) -> HttpResponse:
    """About a method."""
    return _voice(request, _tool(request, Method, slug))


def instrument_voice(request: HttpRequest, slug: str) -> HttpResponse:
    """About an instrument."""
    return _voice(request, _tool(request, Instrument, slug))


def _voice(request: HttpRequest, thing: Thing) -> HttpResponse:
    """The form. What was typed stays, whatever goes wrong."""
    form = VoiceForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _page(request, thing, form, 422 if form.is_bound else 200)
    key = form.key(thing._meta.label, thing.pk)
    if not Voice.objects.filter(key=key).exists():
        if seconds := voice_limit.wait(address(request)):
            form.add_too_many(seconds, "Rösten")
            response = _page(request, thing, form, 429)
            response["Retry-After"] = str(seconds)
            return response
        actions.receive_voice(thing=thing, **form.facts, key=key)
    return redirect(f"{voice_address(thing)}tack/")


def _page(request: HttpRequest, thing: Thing, form: VoiceForm, status: int) -> HttpResponse:
    context = {"thing": thing, "form": form}
    return render(request, "library/voice.html", context, status=status)


@reading
def item_thanks(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """What happens next, about an item."""
    return _thanks(request, visible_item(request, pk))


@reading
def method_thanks(request: HttpRequest, slug: str) -> HttpResponse:
    """What happens next, about a method."""
    return _thanks(request, _tool(request, Method, slug))


@reading
def instrument_thanks(request: HttpRequest, slug: str) -> HttpResponse:
    """What happens next, about an instrument."""
    return _thanks(request, _tool(request, Instrument, slug))


def _thanks(request: HttpRequest, thing: Thing) -> HttpResponse:
    return render(request, "library/voice_thanks.html", {"thing": thing})
