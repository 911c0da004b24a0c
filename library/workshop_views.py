"""The method workshop as curators and the research council see it (methods: library.urls).

Whoever may not write in the library finds nothing here; whoever writes but does not publish may
read the board and notice methods, and not move them.
"""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from library import actions
from library.models import Draft, Method
from library.workshop_forms import MoveForm, NoticeForm
from people import roles
from people.history_views import only_for
from people.models import User

MOVED_MEANWHILE = (
    "Metoden har flyttats sedan du öppnade sidan. Den står nu under {}. Inget är ändrat av dig."
    " Läs det senaste skälet och välj på nytt."
)


@dataclass(frozen=True)
class Column:
    """A stage of the workshop with the methods that stand there."""

    stage: Method.Stage
    methods: list[Method]


@login_required
def workshop(request: HttpRequest) -> HttpResponse:
    """The board: each stage with its methods, those that came there last first."""
    user = only_for(request, roles.WRITE_LIBRARY)
    methods = list(Method.objects.prefetch_related("moves"))
    by_stage: dict[str, list[Method]] = {}
    for method in methods:
        by_stage.setdefault(method.stage, []).append(method)

    def newest(method: Method) -> int:
        return -method.last_move.date.toordinal() if method.last_move else 0

    drafts = Draft.objects.open().filter(subject=Draft.Subject.METHOD, method=None)
    context = {
        "columns": [
            Column(stage, sorted(by_stage.get(stage, []), key=newest)) for stage in Method.Stage
        ],
        "drafts": list(drafts.select_related("created_by")),
        "may_move": roles.may(user, roles.PUBLISH_LIBRARY),
    }
    return render(request, "library/workshop.html", context)


@login_required
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """A form that moves a method; 409 with what was typed when somebody else just moved it."""
    user = only_for(request, roles.WRITE_LIBRARY)
    if not roles.may(user, roles.PUBLISH_LIBRARY):
        raise PermissionDenied
    method = get_object_or_404(Method.objects.prefetch_related("moves"), pk=pk)
    if request.method != "POST":
        return _move_page(request, method, MoveForm(method=method))
    form = MoveForm(request.POST, method=method)
    if form.is_of_another_stage:
        return _moved_meanwhile(request, method, user)
    if not form.is_valid():
        return _move_page(request, method, form, status=422)
    said = form.cleaned_data
    try:
        actions.move_stage(
            method=method, to=said["to"], reason=said["reason"], date=said["date"], by=user
        )
    except actions.WrongMove:
        return _moved_meanwhile(request, method, user)
    messages.success(request, f"{method.name} är flyttad till {method.get_stage_display()}.")
    return redirect("library:workshop")


def _moved_meanwhile(request: HttpRequest, method: Method, user: User) -> HttpResponse:
    """Somebody was first: the form with what was typed, about where the method stands now.

    Who clicked twice goes on as after once.
    """
    method = Method.objects.prefetch_related("moves").get(pk=method.pk)
    last = method.last_move
    if last and last.moved_by_id == user.pk and last.to_stage == request.POST.get("to"):
        return redirect("library:workshop")
    typed = {name: request.POST.get(name, "") for name in ("date", "reason")}
    form = MoveForm(method=method)
    form.initial.update(typed)
    told = MOVED_MEANWHILE.format(method.get_stage_display())
    return _move_page(request, method, form, status=409, told=told)


def _move_page(
    request: HttpRequest, method: Method, form: MoveForm, *, status: int = 200, told: str = ""
) -> HttpResponse:
    context = {"method": method, "form": form, "told": told}
    return render(request, "library/workshop_move.html", context, status=status)


@login_required
def notice(request: HttpRequest) -> HttpResponse:
    """A form that begins a draft of a method that somebody has noticed."""
    user = only_for(request, roles.WRITE_LIBRARY)
    if request.method != "POST":
        return render(request, "library/workshop_notice.html", {"form": NoticeForm()})
    form = NoticeForm(request.POST)
    if not form.is_valid():
        return render(request, "library/workshop_notice.html", {"form": form}, status=422)
    draft = actions.begin_draft(
        subject=Draft.Subject.METHOD, payload=form.payload, key=form.key, by=user
    )
    messages.success(request, f"Ett utkast om {draft.title} är påbörjat.")
    return redirect("library:workshop")
