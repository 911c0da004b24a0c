"""What somebody ought to see to in the library (methods: library.urls)."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from library.attention import heaps
from library.draft_access import writer


@login_required
def attention(request: HttpRequest) -> HttpResponse:
    """The heaps, for those who write in the library."""
    writer(request)
    return render(request, "library/curating/attention.html", {"heaps": heaps()})
