"""Methods, read by anyone."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from core.keeping import kept_for_visitor
from core.reading import reading
from library.models import Method
from people.models import audiences_of


@reading
@kept_for_visitor
def method_list(request: HttpRequest) -> HttpResponse:
    """All of them."""
    found = Method.objects.visible_to(audiences_of(request.user))
    return render(request, "library/methods.html", {"methods": found})


@reading
@kept_for_visitor
def method_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One of them."""
    found = get_object_or_404(Method.objects.visible_to(audiences_of(request.user)), slug=slug)
    return method_page(request, found)


def method_page(request: HttpRequest, method: Method, **more: Any) -> HttpResponse:
    """The page; of one that is not published, for its preview."""
    return render(request, "library/method.html", {"method": method, **more})
