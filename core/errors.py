"""Error pages, as well made as the others, that work when the database is down.

They are rendered without a request, so that no context processor asks for a session or a user.
"""

from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string

from core.middleware import request_id
from core.uploads.receiving import TooMuchSent


def error_page(status: int, **context: object) -> HttpResponse:
    """The page `errors/<status>.html` with that status."""
    context["request_id"] = request_id.get()
    response = HttpResponse(
        render_to_string(f"errors/{status}.html", context), status=HTTPStatus(status)
    )
    response["Cache-Control"] = "no-store"
    return response


class NotHere(Http404):
    """404 with a sentence for the visitor and a way on: address and words of a link."""

    def __init__(self, sentence: str, way_on: tuple[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.way_on = way_on


class Gone(Http404):
    """410: it was public and has been withdrawn, for this reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the address or what was sent cannot be understood; 413: it is too much to read."""
    too_much = isinstance(exception, RequestDataTooBig | TooManyFieldsSent)
    if too_much and request.method == "POST":
        return error_page(413, file=isinstance(exception, TooMuchSent))
    return error_page(400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: known, but not allowed."""
    return error_page(403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: nothing here that this visitor may see; 410 for what was withdrawn."""
    if isinstance(exception, Gone):
        return error_page(410, reason=exception.reason)
    if isinstance(exception, NotHere):
        return error_page(404, sentence=exception.sentence, way_on=exception.way_on)
    return error_page(404)


def wrong_method(request: HttpRequest, allowed: str) -> HttpResponse:
    """405: the page is there, but not for this."""
    response = error_page(405)
    response["Allow"] = allowed
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault."""
    return error_page(500)


def unavailable(request: HttpRequest) -> HttpResponse:
    """503: the database does not answer; try again soon."""
    response = error_page(503)
    response["Retry-After"] = "30"
    return response


def too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    """429: slow down, and how long to wait."""
    response = error_page(429, seconds=seconds)
    response["Retry-After"] = str(seconds)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that was sent without its cookie or too late."""
    return error_page(403, csrf=True)
