"""A unit's own list becomes drafts: the template, the preview, and the rows that are accepted."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from core import export
from inventory import actions, rules
from inventory.import_forms import ListForm
from inventory.spreadsheets import NotASpreadsheet, ReadRow, explained, read, template
from people.models import User
from people.views import known_user

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
A_DAY = 86_400
OLD = "Förhandsvisningen gäller inte längre. Välj filen igen; inget har sparats."


def writer(request: HttpRequest) -> User:
    """Who is signed in and writes for some unit; raises Http404 for others."""
    user = known_user(request)
    if not rules.units_of(user).exists():
        raise Http404
    return user


@login_required
def list_template(request: HttpRequest) -> HttpResponse:
    """The empty list, with the words that can be chosen today."""
    writer(request)
    response = HttpResponse(template(), content_type=EXCEL)
    return export.attachment(response, "ksi-mall.xlsx")


@login_required
def import_list(request: HttpRequest) -> HttpResponse:
    """Choose a file; what is read of it is shown row by row, and nothing is saved yet."""
    user = writer(request)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ListForm(*sent)
    rows: list[ReadRow] = []
    if form.is_valid():
        try:
            rows = read(form.cleaned_data["file"], rules.units_of(user))
        except NotASpreadsheet as problem:
            form.add_error("file", str(problem))
    if rows:
        return render(request, "inventory/draft/import_preview.html", preview(user, rows))
    context = {"form": form, "columns": list(explained())}
    status = 422 if form.errors else 200
    return render(request, "inventory/draft/import.html", context, status=status)


def preview(user: User, rows: list[ReadRow]) -> dict[str, Any]:
    """What the preview shows, and what it carries to be saved."""
    names = {unit.pk: str(unit) for unit in rules.units_of(user)}
    kept = [(row.number, row.unit, row.payload) for row in rows if row.title and row.unit]
    return {
        "rows": [(row, names.get(row.unit or 0, ""), bool(row.title and row.unit)) for row in rows],
        "whole": sum(not row.problems for row in rows),
        "carried": signing.dumps(kept, salt=_salt(user), compress=True),
    }


def _salt(user: User) -> str:
    return f"inventory.import.{user.pk}"


@login_required
def accept_list(request: HttpRequest) -> HttpResponse:
    """Make drafts of the ticked rows; the same preview sent twice makes them once."""
    user = writer(request)
    carried = request.POST.get("rader", "")
    try:
        kept = signing.loads(carried, salt=_salt(user), max_age=A_DAY)
    except signing.BadSignature:
        form = ListForm({})
        form.errors["file"] = form.error_class([OLD])
        context = {"form": form, "columns": list(explained())}
        return render(request, "inventory/draft/import.html", context, status=422)
    ticked = set(request.POST.getlist("rad"))
    units = {unit.pk: unit for unit in rules.units_of(user)}
    chosen = [row for row in kept if str(row[0]) in ticked and row[1] in units]
    stamp = carried.rpartition(":")[2]
    with transaction.atomic():
        for number, unit, payload in chosen:
            actions.begin(unit=units[unit], payload=payload, by=user, key=f"{stamp[:48]}-{number}")
    if not chosen:
        messages.warning(request, "Ingen rad var vald, så inget har sparats.")
        return redirect("inventory:draft-import")
    made = "Ett utkast är sparat" if len(chosen) == 1 else f"{len(chosen)} utkast är sparade"
    messages.success(request, f"{made}. Öppna dem här, fyll i det som saknas och lämna in.")
    return redirect("inventory:drafts")
