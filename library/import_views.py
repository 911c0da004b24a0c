"""References become drafts: chosen, shown row by row, and those that are ticked kept."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from library import actions
from library.draft_access import writer
from library.import_forms import ReferencesForm
from library.models import Draft
from library.references import NotReferences, Reference, read
from people.models import User

A_DAY = 86_400
OLD = "Förhandsvisningen gäller inte längre. Läs in listan igen; inget har sparats."


@login_required
def import_references(request: HttpRequest) -> HttpResponse:
    """Choose a file or paste; what is read is shown row by row, and nothing is saved yet."""
    user = writer(request)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ReferencesForm(*sent)
    if sent and form.is_valid():
        try:
            rows = read(form.references)
        except NotReferences as problem:
            form.add_error("text" if form.cleaned_data.get("text") else "file", str(problem))
        else:
            return render(request, "library/curating/import_preview.html", preview(user, rows))
    status = 422 if form.errors else 200
    return render(request, "library/curating/import.html", {"form": form}, status=status)


def preview(user: User, rows: list[Reference]) -> dict[str, Any]:
    """What the preview shows, and what it carries to be saved."""
    kept = [(row.number, row.payload) for row in rows if row.can_be_kept]
    return {
        "rows": rows,
        "new": sum(row.is_new for row in rows),
        "same": sum(row.can_be_kept and not row.is_new for row in rows),
        "faulty": sum(not row.can_be_kept for row in rows),
        "carried": signing.dumps(kept, salt=_salt(user), compress=True),
    }


def _salt(user: User) -> str:
    return f"library.import.{user.pk}"


@login_required
def accept(request: HttpRequest) -> HttpResponse:
    """Make drafts of the ticked rows; the same preview sent twice makes them once."""
    user = writer(request)
    carried = request.POST.get("rader", "")
    try:
        kept = signing.loads(carried, salt=_salt(user), max_age=A_DAY)
    except signing.BadSignature:
        form = ReferencesForm({})
        form.errors["file"] = form.error_class([OLD])
        return render(request, "library/curating/import.html", {"form": form}, status=422)
    ticked = set(request.POST.getlist("rad"))
    chosen = [row for row in kept if str(row[0]) in ticked]
    stamp = carried.rpartition(":")[2]
    with transaction.atomic():
        for number, payload in chosen:
            actions.begin_draft(
                subject=Draft.Subject.ITEM, payload=payload, key=f"{stamp[:48]}-{number}", by=user
            )
    if not chosen:
        messages.warning(request, "Ingen rad var vald, så inget har sparats.")
        return redirect("library:import")
    made = "Ett utkast är sparat" if len(chosen) == 1 else f"{len(chosen)} utkast är sparade"
    messages.success(request, f"{made}. Fyll i det som saknas och publicera.")
    return redirect("library:drafts")
