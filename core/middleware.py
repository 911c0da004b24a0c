"""What happens around every request, apart from the kept pages (core.keeping)."""

import logging
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

request_id: ContextVar[str] = ContextVar("request_id", default="")

Answer = Callable[[HttpRequest], HttpResponse]


class RequestId:
    """Give each request a number of its own, for the logs, the history and the error page."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the number in X-Request-ID."""
        number = uuid.uuid4().hex
        request_id.set(number)
        response = self.get_response(request)
        response["X-Request-ID"] = number
        return response


class RequestIdFilter(logging.Filter):
    """Put the request's number on every log line."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mark the record; every record passes."""
        record.request_id = request_id.get()
        return True


class Compress(GZipMiddleware):
    """Compressed answers; the same bytes each time for who brought no session.

    Django adds random bytes against BREACH (https://breachattack.com), which guesses secrets from
    the length of answers. Anonymous reading pages hold none, and must have the same ETag from
    every process.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> Any:
        """Compress, with random bytes only where there can be a secret."""
        if response.cookies or settings.SESSION_COOKIE_NAME in request.COOKIES:
            return super().process_response(request, response)
        return _compress_alike.process_response(request, response)


class _CompressAlike(GZipMiddleware):
    max_random_bytes = 0


_compress_alike = _CompressAlike(lambda request: HttpResponse())


class DatabaseDown:
    """Say that the portal cannot be reached when core.keeping found that the database is down."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer 503 before anything asks the database again."""
        from core.errors import unavailable

        if getattr(request, "database_is_down", False):
            return unavailable(request)
        return self.get_response(request)


class CleanInput:
    """Refuse addresses that no database and no page can hold: NUL and bytes that are not UTF-8."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer 400 where the path or the query cannot be text."""
        from core.errors import bad_request

        query = unquote_to_bytes(request.META.get("QUERY_STRING", "").replace("+", " "))
        path = request.path_info.encode("utf-8", "surrogatepass")
        for raw in (query, path):
            if b"\0" in raw:
                return bad_request(request)
            try:
                raw.decode("utf-8")
            except UnicodeDecodeError:
                return bad_request(request)
        return self.get_response(request)
