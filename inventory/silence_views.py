"""Units that have not answered whether their entries are true (methods: inventory.urls)."""

from itertools import groupby

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from core import export
from inventory import actions
from inventory.exchange import SILENCE_COLUMNS, silence_row
from inventory.models import Inquiry, InquiryEntry
from inventory.silence_reports import silences
from people import roles
from people.history_views import only_for


@login_required
def silent_units(request: HttpRequest) -> HttpResponse:
    """Open inquiries by district, and what units want to change."""
    only_for(request, roles.EDIT_CONTENT)
    rows = silences()
    to_change = InquiryEntry.objects.to_change().select_related("project__lead", "inquiry__unit")
    context = {
        "districts": [(name, list(each)) for name, each in groupby(rows, lambda row: row.district)],
        "silent": sum(row.inquiry.is_silent for row in rows),
        "total": len(rows),
        "to_change": to_change.order_by("answered_at", "pk"),
    }
    return render(request, "inventory/silent_units.html", context)


@login_required
def silent_units_file(request: HttpRequest) -> HttpResponseBase:
    """The same units as a table."""
    only_for(request, roles.EDIT_CONTENT)
    name = f"ksi-tysta-enheter-{timezone.localdate():%Y-%m-%d}.csv"
    return export.csv_response(name, list(SILENCE_COLUMNS), map(silence_row, silences()))


@login_required
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    """POST: ask a unit once more, with links that work for 60 days."""
    user = only_for(request, roles.EDIT_CONTENT)
    inquiry = get_object_or_404(Inquiry.objects.select_related("unit"), pk=pk)
    if not actions.ask_again(inquiry=inquiry, by=user):
        told = (
            "har redan svarat"
            if Inquiry.objects.get(pk=pk).answered_at
            else ("fick ett mejl för mindre än ett dygn sedan")
        )
        messages.warning(request, f"Inget nytt mejl: {inquiry.unit} {told}.")
        return redirect("inventory:silent-units")
    inquiry.refresh_from_db()
    if inquiry.recipients == Inquiry.Recipients.NOBODY:
        messages.warning(
            request,
            f"Det finns ännu ingen att fråga i {inquiry.unit}. Lägg till en funktionsbrevlåda,"
            " eller bjud in någon därifrån.",
        )
    else:
        messages.success(request, f"Frågan är skickad igen till {inquiry.unit}.")
    return redirect("inventory:silent-units")
