"""One's own data, the curators' overview of what is left, and requests to be erased."""

import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from core import export, register
from core.errors import forbidden
from core.models import AuditEntry
from people import erasure, roles
from people.erasure_forms import AddressForm, DeclineForm
from people.history_views import only_for
from people.models import ErasureRequest, User
from people.views import known_user

# More rows of one kind than this are in the file only.
MOST_SHOWN = 20


def own(request: HttpRequest) -> register.Person:
    """The visitor, as the register knows people."""
    user = known_user(request)
    return register.Person(user.email, user)


@login_required
def my_data(request: HttpRequest) -> HttpResponse:
    """Everything that is kept about oneself."""
    person = own(request)
    in_force = register.rules()
    context = {
        "found": [
            (holding, in_force.get(holding.key), rows[:MOST_SHOWN], len(rows) - MOST_SHOWN)
            for holding, rows in register.handed_out(person)
        ],
        "asked": person.user.erasure_requests.last(),
    }
    return render(request, "people/my_data.html", context)


@login_required
def my_data_file(request: HttpRequest) -> HttpResponse:
    """The same as JSON."""
    return _file(own(request), "mina-uppgifter")


def _file(person: register.Person, name: str) -> HttpResponse:
    data = {
        "om": person.email,
        "hamtat": timezone.localtime(),
        "uppgifter": {
            holding.key: {"rubrik": holding.label, "rader": rows}
            for holding, rows in register.handed_out(person)
        },
    }
    options = {"ensure_ascii": False, "indent": 1}
    response = JsonResponse(data, DjangoJSONEncoder, json_dumps_params=options)
    return export.attachment(response, f"ksi-{name}.json")


def _told(count: int) -> str:
    if not count:
        return ""
    return "En uppgift är raderad nu. " if count == 1 else f"{count} uppgifter är raderade nu. "


@login_required
def ask_for_erasure(request: HttpRequest) -> HttpResponse:
    """A page that says what happens, whose button asks."""
    user = known_user(request)
    if request.method == "POST":
        _, erased = erasure.ask(by=user)
        told = _told(sum(erased.values()))
        messages.success(request, f"{told}En människa svarar på resten, inom en månad.")
        return redirect("my-data")
    kept = [holding for holding, _ in register.handed_out(own(request))]
    context = {
        "at_once": [holding for holding in register.holdings() if holding.at_request],
        "with_account": [holding for holding in kept if holding.goes_with_account],
        "stays": [
            holding for holding in kept if not holding.goes_with_account and not holding.at_request
        ],
    }
    return render(request, "people/ask_for_erasure.html", context)


# --- For those who keep order ---------------------------------------------------------------------


@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """What personal data is left, until when, and how the last nights went."""
    user = only_for(request, roles.READ_RETENTION)
    return _overview(request, user, AddressForm())


def _overview(
    request: HttpRequest, user: User, form: AddressForm, status: int = 200
) -> HttpResponse:
    in_force = register.rules()
    rows = []
    for holding in register.holdings():
        count, oldest = holding.left()
        rule = in_force.get(holding.key)
        until = oldest + datetime.timedelta(days=rule.days) if oldest and rule else None
        rows.append({"holding": holding, "rule": rule, "count": count, "until": until})
    may_decide = roles.may(user, roles.DECIDE_ERASURE)
    context = {
        "rows": rows,
        "runs": AuditEntry.objects.filter(verb="gallrat").order_by("-pk")[:20],
        "form": form if may_decide else None,
        "waiting": ErasureRequest.objects.filter(state=ErasureRequest.State.WAITING).count()
        if may_decide
        else 0,
    }
    return render(request, "people/retention.html", context, status=status)


@login_required
def extract(request: HttpRequest) -> HttpResponse:
    """What is kept about an address, as a file, for a person who has asked for it."""
    user = only_for(request, roles.DECIDE_ERASURE)
    form = AddressForm(request.POST)
    if not form.is_valid():
        return _overview(request, user, form, status=422)
    email = form.cleaned_data["email"].lower()
    whose = User.objects.filter(email=email).first()
    erasure.tell_handed_out(about=whose, by=user)
    return _file(register.Person(email, whose), "utdrag")


@login_required
def requests(request: HttpRequest) -> HttpResponse:
    """Requests to be erased that wait for somebody to decide."""
    only_for(request, roles.DECIDE_ERASURE)
    waiting = ErasureRequest.objects.filter(state=ErasureRequest.State.WAITING)
    context = {"waiting": waiting.select_related("user")}
    return render(request, "people/erasure_requests.html", context)


def _waiting(request: HttpRequest, pk: int) -> tuple[ErasureRequest, User]:
    """The request, and who decides about it. Raises Http404 when it has been decided."""
    user = only_for(request, roles.DECIDE_ERASURE)
    waiting = ErasureRequest.objects.select_related("user")
    return get_object_or_404(waiting, pk=pk, state=ErasureRequest.State.WAITING), user


def _request_page(
    request: HttpRequest, asked: ErasureRequest, form: DeclineForm, status: int = 200
) -> HttpResponse:
    person = register.Person(asked.user.email, asked.user)
    context = {
        "asked": asked,
        "form": form,
        "found": [(holding, len(rows)) for holding, rows in register.handed_out(person)],
        "memberships": asked.user.memberships.current().select_related("organisation"),
    }
    return render(request, "people/erasure_request.html", context, status=status)


@login_required
def erasure_request(request: HttpRequest, pk: int) -> HttpResponse:
    """One request, with its two ways to go."""
    asked, _ = _waiting(request, pk)
    return _request_page(request, asked, DeclineForm())


@login_required
def grant(request: HttpRequest, pk: int) -> HttpResponse:
    """Erase the account. Nobody decides about her own."""
    asked, user = _waiting(request, pk)
    if asked.user_id == user.pk:
        return forbidden(request)
    try:
        erasure.grant(request=asked, by=user)
    except erasure.AlreadyDecided:
        raise Http404 from None
    except erasure.CannotErase as why:
        form = DeclineForm(request.POST)
        form.errors.clear()
        form.add_error(None, str(why))
        return _request_page(request, asked, form, status=422)
    messages.success(request, "Kontot är raderat. Den som bad om det får ett mejl.")
    return redirect("erasure-requests")


@login_required
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Say no, with a reason. Nobody decides about her own."""
    asked, user = _waiting(request, pk)
    if asked.user_id == user.pk:
        return forbidden(request)
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return _request_page(request, asked, form, status=422)
    try:
        erasure.decline(request=asked, reason=form.cleaned_data["reason"], by=user)
    except erasure.AlreadyDecided:
        raise Http404 from None
    messages.success(request, "Begäran är avslagen. Den som bad om det får skälet i ett mejl.")
    return redirect("erasure-requests")
