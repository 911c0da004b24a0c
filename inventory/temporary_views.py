"""Stands in for the unit's pages of a draft until they are there."""

from django.http import HttpRequest, HttpResponse


def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Nothing yet."""
    return HttpResponse(status=404)
