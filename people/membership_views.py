"""Joining and leaving units, and deciding about those who want to join."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import forbidden
from people import actions, roles
from people.membership_forms import JoinForm
from people.models import Membership, Organisation
from people.views import known_user

DECISIONS = {
    "godkann": actions.approve_membership,
    "avsla": actions.decline_membership,
    "avsluta": actions.end_membership,
}
ALREADY = "Ansökan är redan avgjord. Här ser du hur det blev."


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Ask to join a unit."""
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        membership = actions.ask_to_join(
            organisation=form.cleaned_data["organisation"],
            role=form.cleaned_data["role"],
            by=known_user(request),
        )
        messages.success(request, f"Din ansökan till {membership.organisation} är skickad.")
        return redirect("my-pages")
    status = 422 if form.errors else 200
    return render(request, "people/join.html", {"form": form}, status=status)


@login_required
@require_POST
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave a unit, or take back a request."""
    membership = get_object_or_404(Membership, pk=pk, user=known_user(request))
    try:
        actions.end_membership(membership=membership, by=known_user(request))
    except actions.NotAllowedMove:
        messages.warning(request, "Medlemskapet var redan avslutat.")
    else:
        messages.success(request, f"Du är inte längre med i {membership.organisation}.")
    return redirect("my-pages")


def managed_organisation(request: HttpRequest, slug: str) -> Organisation:
    """The organisation if the visitor decides about its members; raises Http404 otherwise."""
    organisation = get_object_or_404(Organisation, slug=slug)
    if not roles.may(known_user(request), roles.DECIDE_MEMBERSHIP, organisation):
        raise Http404
    return organisation


@login_required
@require_http_methods(["GET", "HEAD"])
def members(request: HttpRequest, slug: str) -> HttpResponse:
    """A unit's requests and members, for those who decide about them."""
    organisation = managed_organisation(request, slug)
    found = Membership.objects.filter(organisation__covered_by__ancestor=organisation)
    listed = found.select_related("user", "organisation").order_by("asked_at")
    context = {
        "organisation": organisation,
        "waiting": listed.waiting(),
        "current": listed.current(),
    }
    return render(request, "people/members.html", context)


@login_required
@require_POST
def decide(request: HttpRequest, pk: int, decision: str) -> HttpResponse:
    """Approve, decline or end a membership."""
    user = known_user(request)
    membership = get_object_or_404(Membership.objects.select_related("user", "organisation"), pk=pk)
    if not roles.may(user, roles.DECIDE_MEMBERSHIP, membership.organisation):
        raise Http404
    if membership.user_id == user.pk and decision == "godkann":
        return forbidden(request)
    act = DECISIONS[decision]
    try:
        act(membership=membership, by=user)
    except actions.NotAllowedMove:
        messages.warning(request, ALREADY)
    else:
        messages.success(request, f"{membership.user}: {membership.get_state_display().lower()}.")
    return redirect("members", slug=membership.organisation.slug)


def my_memberships(request: HttpRequest) -> dict[str, object]:
    """What the panel on "Mina sidor" shows."""
    user = known_user(request)
    mine = user.memberships.select_related("organisation")
    managed = Organisation.objects.filter(
        memberships__in=Membership.objects.current().filter(user=user, role=Membership.Role.MANAGER)
    ).distinct()
    waiting = Membership.objects.waiting().filter(
        organisation__in=roles.organisations_where(user, roles.DECIDE_MEMBERSHIP)
    )
    return {
        "current": mine.current(),
        "waiting": mine.waiting(),
        "managed": managed,
        "waiting_for_me": waiting.exclude(user=user).count(),
        "today": timezone.localdate(),
    }
