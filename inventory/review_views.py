"""Temporary: stands in for the curators' own page, so that letters can name its address."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from inventory.draft_access import READ, for_account


@for_account(*READ)
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft's own page."""
    return redirect("inventory:draft", pk)
