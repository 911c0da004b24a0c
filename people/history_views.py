"""The history, read by those who may (methods: people.urls)."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from core.models import AuditEntry
from core.pages import Pages
from people import roles
from people.history import Line, kind_label, model_of
from people.history_forms import HistoryFilter
from people.models import User
from people.views import known_user

PER_PAGE = 25


def only_for(request: HttpRequest, action: roles.Action) -> User:
    """The visitor, if she may do it; raises Http404 otherwise."""
    user = known_user(request)
    if not roles.may(user, action):
        raise Http404
    return user


def page_of(request: HttpRequest, entries: QuerySet[AuditEntry], known: tuple[str, ...]) -> Any:
    """The asked page of these lines, newest first; `known` parameters stay in its addresses."""

    def address(change: Callable[[QueryDict], Any]) -> str:
        params = QueryDict(mutable=True)
        for name in known:
            if value := request.GET.get(name):
                params[name] = value
        change(params)
        return f"{request.path}?{params.urlencode()}" if params else request.path

    pages = Pages(request.GET.get("sida"), entries.count(), PER_PAGE, address)
    # The numbers first: a page far down then passes over nothing but numbers.
    numbers = list(entries.order_by("-pk").values_list("pk", flat=True)[pages.start : pages.stop])
    found = AuditEntry.objects.select_related("by").filter(pk__in=numbers).order_by("-pk")
    return {"pages": pages, "lines": [Line(entry) for entry in found]}


@login_required
def history(request: HttpRequest) -> HttpResponse:
    """All that has happened, newest first, narrowed by the address."""
    only_for(request, roles.READ_HISTORY)
    form = HistoryFilter(request.GET)
    context = page_of(request, form.narrow(AuditEntry.objects.all()), tuple(form.fields))
    context |= {"form": form, "narrowed": any(request.GET.get(name) for name in form.fields)}
    status = 422 if form.errors else 200
    return render(request, "people/history.html", context, status=status)


@login_required
def object_history(request: HttpRequest, app_model: str, object_id: str) -> HttpResponse:
    """All that has happened to one object, and the way to it."""
    user = only_for(request, roles.READ_HISTORY)
    entries = AuditEntry.objects.filter(app_model=app_model, object_id=object_id)
    context = page_of(request, entries, ())
    if not context["lines"]:
        raise Http404
    obj = _object(app_model, object_id)
    context |= {
        "kind": kind_label(app_model),
        "label": AuditEntry.label_of(obj) if obj else context["lines"][0].entry.object_label,
        "ways": _ways(obj, user) if obj else [],
        "is_gone": obj is None and model_of(app_model) is not None,
    }
    return render(request, "people/object_history.html", context)


def _object(app_model: str, object_id: str) -> models.Model | None:
    model = model_of(app_model)
    if model is None:
        return None
    try:
        return model._default_manager.filter(pk=object_id).first()
    except (ValueError, ValidationError, OverflowError):
        return None


def _ways(obj: models.Model, user: User) -> list[tuple[str, str]]:
    """Addresses and words of links to where the object is shown and edited."""
    ways = []
    if public := getattr(obj, "get_absolute_url", None):
        ways.append((public(), "Till sidan"))
    name = f"{obj._meta.app_label}_{obj._meta.model_name}"
    if user.has_perm(f"{obj._meta.app_label}.view_{obj._meta.model_name}"):
        with suppress(NoReverseMatch):  # what is not edited by hand
            ways.append((reverse(f"admin:{name}_change", args=[obj.pk]), "Öppna i verktygen"))
    return ways
