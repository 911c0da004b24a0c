"""Pages that are only read."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from core.errors import wrong_method

View = Callable[..., HttpResponseBase]


def reading(view: View) -> View:
    """A view that answers GET and HEAD; anything else gets a 405 that says so.

    Exempt from the CSRF check, because that would answer 403 before the view can say 405.
    """

    @csrf_exempt
    @wraps(view)
    def read(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in {"GET", "HEAD"}:
            return wrong_method(request, "GET, HEAD")
        return view(request, *args, **kwargs)

    return read
