"""Knowledge gaps: read, proposed and supported by anyone."""

import hashlib
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from core import export
from core.errors import error_page, too_many
from core.keeping import kept_for_visitor
from core.pages import Pages
from core.reading import reading
from core.visitors import Limit, address
from library import actions, voice_records
from library.gap_forms import GapFilter, GapForm
from library.models import Gap, Item
from people.models import User, audiences_of

PER_PAGE = 25
export_limit = Limit("export", times=settings.EXPORTS_PER_MINUTE, seconds=60)
proposal_limit = Limit("lucka-adress", times=10, seconds=3600)
support_limit = Limit("lucka-stod", times=30, seconds=600)


# --- Read -----------------------------------------------------------------------------------------


@reading
@kept_for_visitor
def gap_list(request: HttpRequest) -> HttpResponse:
    """Open and answered gaps, those that most people need to know of first."""
    form = GapFilter(request.GET)
    found = form.narrow(Gap.objects.published().counted())
    pages = Pages(request.GET.get("sida"), found.count(), PER_PAGE, _address(request, form))
    gaps = _with_answer(request, found).select_related("source").prefetch_related("themes")
    context = {
        "form": form,
        "pages": pages,
        "gaps": list(gaps[pages.start : pages.stop]),
        "narrowed": any(request.GET.get(name) for name in form.fields),
    }
    return render(request, "library/gaps.html", context, status=400 if form.errors else 200)


def _address(request: HttpRequest, form: GapFilter) -> Callable[[Callable[[QueryDict], Any]], str]:
    """Addresses of the list with its known parameters and a change made."""

    def address(change: Callable[[QueryDict], Any]) -> str:
        params = QueryDict(mutable=True)
        for name in form.fields:
            if value := request.GET.get(name):
                params[name] = value
        change(params)
        return f"{request.path}?{params.urlencode()}" if params else request.path

    return address


def _with_answer(request: HttpRequest, gaps: Any) -> Any:
    """With `seen`, the number of the item that answers it, if the visitor may see that."""
    visible = Item.objects.visible_to(audiences_of(request.user))
    return gaps.annotate(seen=Subquery(visible.filter(pk=OuterRef("answer_item")).values("pk")))


@reading
@kept_for_visitor
def gap_detail(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """One gap: what nobody knows, who needs to, what answered it."""
    gap = _public(pk)
    if slug != gap.slug or gap.pk != pk:
        return redirect(gap, permanent=True)
    items = Item.objects.visible_to(audiences_of(request.user))
    context = {
        "gap": gap,
        "themes": list(gap.themes.all()),
        "answer": items.filter(pk=gap.answer_item_id).first() if gap.answer_item_id else None,
    }
    return render(request, "library/gap.html", context)


def _public(pk: int) -> Any:
    """The gap, or the one that it was joined with, if everybody reads it; raises Http404."""
    into = Gap.objects.filter(pk=pk, state=Gap.State.MERGED).values_list("merged_into", flat=True)
    gaps = Gap.objects.published().counted().select_related("source")
    return get_object_or_404(gaps, pk=into.first() or pk)


@reading
def gap_export(request: HttpRequest) -> HttpResponseBase:
    """The list as CSV, with the same parameters."""
    form = GapFilter(request.GET)
    if not form.is_valid():
        return error_page(400)
    if seconds := export_limit.wait(address(request)):
        return too_many(request, seconds)
    gaps = _with_answer(request, form.narrow(Gap.objects.published().counted()))
    rows = (
        voice_records.gap_row(gap, request.build_absolute_uri)
        for gap in gaps.select_related("source").prefetch_related("themes")
    )
    name = f"ksi-kunskapsluckor-{timezone.localdate():%Y-%m-%d}.csv"
    return export.csv_response(name, voice_records.GAP_COLUMNS, rows)


# --- Proposed and supported -----------------------------------------------------------------------


def new_gap(request: HttpRequest) -> HttpResponse:
    """The form. What was typed stays, whatever goes wrong."""
    form = GapForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "library/gap_form.html", {"form": form}, status=status)
    key = form.key()
    if not Gap.objects.filter(key=key).exists():
        if seconds := proposal_limit.wait(address(request)):
            form.add_too_many(seconds, "Frågan")
            response = render(request, "library/gap_form.html", {"form": form}, status=429)
            response["Retry-After"] = str(seconds)
            return response
        actions.propose_gap(**form.facts, key=key)
    return redirect("library:gap-thanks")


@reading
def gap_thanks(request: HttpRequest) -> HttpResponse:
    """What happens next."""
    return render(request, "library/gap_thanks.html")


def visitor_of(request: HttpRequest, gap: Gap) -> str:
    """A digest of the visitor's network address and browser, for this gap alone."""
    browser = request.META.get("HTTP_USER_AGENT", "")
    return hashlib.blake2b(
        repr([gap.pk, address(request), browser]).encode(),
        key=settings.SECRET_KEY.encode()[:64],
        digest_size=16,
    ).hexdigest()


def support(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """A page whose button says that one needs to know, too; once."""
    gap = _public(pk)
    if gap.pk != pk or (request.method != "POST" and slug != gap.slug):
        return redirect("library:gap-support", gap.pk, gap.slug, permanent=True)
    context: dict[str, Any] = {"gap": gap}
    if request.method != "POST":
        return render(request, "library/gap_support.html", context)
    if seconds := support_limit.wait(address(request)):
        return too_many(request, seconds)
    user = request.user if isinstance(request.user, User) else None
    try:
        context["new"] = actions.support_gap(
            gap=gap, user=user, visitor="" if user else visitor_of(request, gap)
        )
    except actions.GapIsClosed:
        return redirect(gap)
    context["gap"] = _public(pk)
    return render(request, "library/gap_support.html", context | {"done": True})
