"""Methods, read by anyone."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from core.keeping import kept_for_visitor
from core.reading import reading
from library.models import Method
from library.voice_panels import voices_of
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
    return render(request, "library/method.html", {"method": found, "voices": voices_of(found)})
