"""Stands in for the unit's pages of a draft until they are there."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse


@login_required
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Nothing yet."""
    raise Http404
