"""The yardstick: a Django with nothing in it but one view and a constant page of the wanted size.

Settings, addresses and view in one module; gunicorn starts it with the portal's own configuration.
"""

from collections.abc import Iterator
from functools import cache

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import path

DEBUG = False
SECRET_KEY = "nothing here is secret"
ALLOWED_HOSTS = ["localhost"]
ROOT_URLCONF = "tests.bench.bare"
MIDDLEWARE: list[str] = []
INSTALLED_APPS: list[str] = []

# Larger answers are streamed, as the portal streams its exports.
MOST_AT_ONCE = 2_000_000
PIECE = b"x" * 65_536


@cache
def body(size: int) -> bytes:
    """The constant page."""
    return b"x" * size


def pieces(size: int) -> Iterator[bytes]:
    """The constant page, a piece at a time."""
    while size > 0:
        yield PIECE[:size]
        size -= len(PIECE)


def page(request: HttpRequest, size: int) -> HttpResponseBase:
    """A page of `size` bytes. The length is said, or gunicorn would send it in chunks."""
    if size > MOST_AT_ONCE:
        return StreamingHttpResponse(pieces(size), headers={"Content-Length": str(size)})
    return HttpResponse(body(size), headers={"Content-Length": str(size)})


urlpatterns = [path("<int:size>", page)]
