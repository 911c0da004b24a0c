"""The registrar's page: records are handed out with a reference number (methods: people.urls)."""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

from core import export
from people import records, roles
from people.history import Line
from people.history_views import only_for
from people.records_forms import HandOutForm

LATEST = 20
TYPES = {records.CSV: export.CSV_TYPE, records.JSON: export.JSON_TYPE}


@login_required
def hand_out(request: HttpRequest) -> HttpResponseBase:
    """Hand out records as a file; below the form, what was handed out last."""
    user = only_for(request, roles.EXPORT_RECORDS)
    form = HandOutForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        errand = form.errand
        file = records.hand_out(errand=errand, by=user)
        response = FileResponse(file, content_type=TYPES[errand.form])
        return export.attachment(response, errand.filename)
    latest = [Line(entry) for entry in records.handed_out()[:LATEST]]
    status = 422 if form.errors else 200
    context = {"form": form, "latest": latest}
    return render(request, "people/hand_out.html", context, status=status)
