"""Ideas and needs before they are projects: read, told, shared, changed and ended."""

import time
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from core import export
from core.errors import error_page, forbidden, too_many, wrong_method
from core.keeping import edition_of, kept_for_visitor, kept_part
from core.pages import Pages
from core.reading import reading
from core.visitors import address
from inventory import actions, exchange, idea_search, rules
from inventory.idea_forms import CloseIdeaForm, EchoForm, IdeaFilter, IdeaForm, NeedsFilter
from inventory.models import Echo, Idea, Project
from people import roles
from people.models import Organisation, User, audiences_of
from people.views import known_user
from search import export_views

PER_PAGE = 25
FORM = ("GET", "HEAD", "POST")
ENDED = "Den är avslutad och kan inte ändras längre. Här ser du hur det blev."


# --- Read -----------------------------------------------------------------------------------------


@reading
@kept_for_visitor
def idea_list(request: HttpRequest) -> HttpResponse:
    """Ideas and needs, newest first, narrowed by the address."""
    form = IdeaFilter(request.GET)
    audiences = audiences_of(request.user)
    visible = Idea.objects.visible_to(audiences).current()
    found = form.narrow(visible.counted())
    pages = Pages(request.GET.get("sida"), found.count(), PER_PAGE, _address(request, form))
    listed = found.select_related("organisation").prefetch_related("themes")
    context = {
        "form": form,
        "pages": pages,
        "ideas": list(listed[pages.start : pages.stop]),
        "narrowed": any(request.GET.get(name) for name in form.fields),
        "is_staff_audience": roles.may(request.user, roles.READ_STAFF),
    }
    status = 400 if form.errors else 200
    return render(request, "inventory/idea_list.html", context, status=status)


def _address(request: HttpRequest, form: IdeaFilter) -> Callable[[Callable[[QueryDict], Any]], str]:
    """Addresses of the list with its known parameters and a change made."""

    def address(change: Callable[[QueryDict], Any]) -> str:
        params = QueryDict(mutable=True)
        for name in form.fields:
            if value := request.GET.get(name):
                params[name] = value
        change(params)
        return f"{request.path}?{params.urlencode()}" if params else request.path

    return address


def visible_idea(request: HttpRequest, pk: int) -> Idea:
    """The idea if the visitor may see it; raises Http404."""
    ideas = Idea.objects.visible_to(audiences_of(request.user))
    return get_object_or_404(ideas.select_related("organisation", "project"), pk=pk)


@reading
def idea_detail(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """One idea: what, who, which units share it, what is like it."""
    idea = visible_idea(request, pk)
    if slug != idea.slug:
        return redirect(idea, permanent=True)
    audiences = audiences_of(request.user)
    visible_projects = Project.objects.visible_to(audiences)
    context = {
        "idea": idea,
        "themes": list(idea.themes.all()),
        "areas": list(idea.service_areas.all()),
        "echoes": list(idea.echoes.select_related("organisation")),
        "project": visible_projects.filter(pk=idea.project_id).first() if idea.project_id else None,
        "alike": idea_search.shown(_alike(request, idea, audiences), audiences, besides=idea),
        "may_steer": isinstance(request.user, User) and rules.may_steer(request.user, idea),
        "is_staff_audience": roles.may(request.user, roles.READ_STAFF),
    }
    return render(request, "inventory/idea.html", context)


def _alike(request: HttpRequest, idea: Idea, audiences: frozenset[str]) -> idea_search.Keys:
    """What is most like this one, found once an hour; another text is another question."""
    hour = int(time.time()) // 3600
    return kept_part(
        ("idea-alike", idea.pk, idea.title, idea.text, hour, audiences),
        lambda: idea_search.keys_alike(idea.title, idea.text, audiences, edition_of(request)[0]),
    )


@reading
def needs_export(request: HttpRequest, form: str) -> HttpResponseBase:
    """The needs of each district and year as a file, for those who read what is for staff."""
    if not roles.may(request.user, roles.READ_STAFF):
        raise Http404
    asked = NeedsFilter(request.GET)
    if not asked.is_valid():
        return error_page(400)
    if seconds := export_views.export_limit.wait(address(request)):
        return too_many(request, seconds)
    needs = asked.narrow(Idea.objects.visible_to(audiences_of(request.user)))
    rows = exchange.need_rows(
        needs.select_related("organisation", "project").prefetch_related(
            *("themes", "service_areas", "echoes__organisation")
        )
    )
    name = f"ksi-behov-{timezone.localdate():%Y-%m-%d}.{form}"
    make = export.csv_response if form == "csv" else export.xlsx_response
    return make(name, exchange.NEED_COLUMNS, rows)


# --- Told -----------------------------------------------------------------------------------------


@login_required
@never_cache
def new_idea(request: HttpRequest) -> HttpResponse:
    """The form. What is like it is shown once before it is published; nothing typed is lost."""
    user = known_user(request)
    units = rules.speaks_for(user)
    if not units:
        return forbidden(request)
    if request.method not in FORM:
        return wrong_method(request, ", ".join(FORM))
    if request.method != "POST":
        form = IdeaForm(user=user, organisations=units, initial=_known_of(units))
        return _form_page(request, form)
    form = IdeaForm(request.POST, user=user, organisations=units)
    if not form.is_valid():
        return _form_page(request, form, status=422)
    key = form.key
    if not form.is_compared and not Idea.objects.filter(key=key).exists():
        audiences = audiences_of(user)
        words = (form.cleaned_data["title"], form.cleaned_data["text"])
        keys = idea_search.keys_alike(*words, audiences, edition_of(request)[0])
        if alike := idea_search.shown(keys, audiences):
            return _form_page(request, form.with_compared(), alike=alike)
    idea = actions.post_idea(facts=form.facts, key=key, by=user)
    messages.success(request, f"Nu kan andra läsa {idea.named}.")
    return redirect(idea)


def _known_of(units: QuerySet[Organisation]) -> dict[str, Any]:
    """The unit and its function, of those who speak for one alone."""
    if len(units) != 1:
        return {}
    return {
        "organisation": units[0],
        "contact_function": units[0].contact_function,
        "contact_email": units[0].contact_email,
    }


def _form_page(
    request: HttpRequest, form: IdeaForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    return render(request, "inventory/idea_form.html", {"form": form, **more}, status=status)


# --- Changed and ended ----------------------------------------------------------------------------


def steered_idea(request: HttpRequest, pk: int) -> Idea:
    """The idea, for those who speak for its unit; raises Http404 or PermissionDenied."""
    idea = visible_idea(request, pk)
    if not rules.may_steer(known_user(request), idea):
        raise PermissionDenied
    return idea


def _is_ended(request: HttpRequest, idea: Idea) -> HttpResponse:
    messages.warning(request, ENDED)
    return redirect(idea)


@login_required
@never_cache
def change_idea(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """Correct an idea while it is open."""
    idea = steered_idea(request, pk)
    if request.method not in FORM:
        return wrong_method(request, ", ".join(FORM))
    if not idea.is_open:
        return _is_ended(request, idea)
    user = known_user(request)
    # Its own unit can stay though it has been merged into another; who shares it cannot have it.
    units = Organisation.objects.filter(
        Q(pk__in=rules.speaks_for(user).values("pk")) | Q(pk=idea.organisation_id)
    )
    units = units.exclude(echoes__idea=idea).alphabetical()
    if request.method != "POST":
        form = IdeaForm(user=user, organisations=units, initial=IdeaForm.typed_of(idea))
        return _form_page(request, form, idea=idea)
    form = IdeaForm(request.POST, user=user, organisations=units)
    if not form.is_valid():
        return _form_page(request, form, idea=idea, status=422)
    try:
        actions.change_idea(idea=idea, facts=form.facts, by=user)
    except actions.IdeaIsClosed:
        return _is_ended(request, idea)
    messages.success(request, "Ändringarna är sparade.")
    return redirect("inventory:idea", pk, slug)  # which leads on to another title's address


@login_required
@never_cache
def close_idea(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """End an idea: with the project that it became, or with a reason."""
    idea = steered_idea(request, pk)
    if request.method not in FORM:
        return wrong_method(request, ", ".join(FORM))
    if not idea.is_open:
        return _is_ended(request, idea)
    data = request.POST if request.method == "POST" else None
    form = CloseIdeaForm(data, audiences=audiences_of(request.user))
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        context = {"idea": idea, "form": form}
        return render(request, "inventory/idea_close.html", context, status=status)
    by = known_user(request)
    try:
        if form.project:
            actions.idea_became_project(idea=idea, project=form.project, by=by)
        else:
            actions.close_idea(idea=idea, reason=form.cleaned_data["reason"], by=by)
    except actions.IdeaIsClosed:
        return _is_ended(request, idea)
    messages.success(request, f"Nu är {idea.named} {'avslutat' if idea.is_need else 'avslutad'}.")
    return redirect(idea)


# --- Shared ---------------------------------------------------------------------------------------


@login_required
@never_cache
def echo_idea(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """Say "vi också" for one of one's units; those that have said it can take it back."""
    idea = visible_idea(request, pk)
    user = known_user(request)
    mine = rules.speaks_for(user)
    if not mine:
        return forbidden(request)
    if request.method not in FORM:
        return wrong_method(request, ", ".join(FORM))
    if not idea.is_open:
        return _is_ended(request, idea)
    said = list(idea.echoes.filter(organisation__in=mine).select_related("organisation"))
    units = rules.may_share(mine, idea)
    left = units.exclude(pk__in=[echo.organisation_id for echo in said])
    data = request.POST if request.method == "POST" else None
    form = EchoForm(data, organisations=units, left=left)
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        context = {"idea": idea, "form": form, "said": said, "units": left}
        return render(request, "inventory/idea_echo.html", context, status=status)
    unit = form.cleaned_data["organisation"]
    try:
        actions.echo_idea(idea=idea, organisation=unit, by=user)
    except actions.IdeaIsClosed:
        return _is_ended(request, idea)
    messages.success(request, f"{unit} säger ”vi också” om {idea.named}.")
    return redirect(idea)


@login_required
@require_POST
def take_back_echo(request: HttpRequest, pk: int, slug: str, echo: int) -> HttpResponse:
    """Take a "vi också" back for one of one's units."""
    idea = visible_idea(request, pk)
    said = Echo.objects.filter(idea=idea, pk=echo).select_related("organisation", "idea").first()
    if said is None:
        messages.warning(request, "Det var redan återtaget.")
        return redirect(idea)
    if not roles.may(request.user, roles.POST_IDEA, said.organisation):
        return forbidden(request)
    actions.take_back_echo(echo=said, by=known_user(request))
    messages.success(request, f"{said.organisation} säger inte längre ”vi också”.")
    return redirect(idea)
