"""What happens around every request, apart from the kept pages (core.keeping)."""

import logging
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from urllib.parse import unquote_to_bytes

from django.http import HttpRequest, HttpResponse

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
