"""Pages that are asked for again are kept in the process's memory until the next edition.

`KeepPages` keeps answers to anonymous visitors, `kept_for_visitor` those to the signed in. They
live in one store that is emptied when the edition or the day changes, so that a published change
shows at the next request, in every process, and "i dag" is today. `kept_part` keeps pieces whose
keys say all that they depend on, so that a page is put together again quickly.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.text import compress_string

from core.models import Edition

Answer = Callable[..., HttpResponse]

_nothing_is_kept: ContextVar[bool] = ContextVar("nothing_is_kept", default=False)


@contextmanager
def nothing_kept() -> Iterator[None]:
    """Neither keep nor use what is kept: for a page made of what is not published."""
    token = _nothing_is_kept.set(True)
    try:
        yield
    finally:
        _nothing_is_kept.reset(token)


class Store:
    """Values of one edition, the least recently used dropped when the bytes do not suffice."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.lock = threading.Lock()
        self.clear(edition=None)

    def clear(self, edition: Hashable) -> None:
        """Forget everything and belong to `edition` from now on."""
        self.edition = edition
        self.values: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self.bytes = 0

    def get(self, edition: Hashable, key: Hashable) -> Any:
        """The value kept under `key` in this edition, or None."""
        if _nothing_is_kept.get():
            return None
        with self.lock:
            if self.edition != edition or key not in self.values:
                return None
            self.values.move_to_end(key)
            return self.values[key][0]

    def put(self, edition: Hashable, key: Hashable, value: Any, size: int) -> None:
        """Keep `value`, which takes about `size` bytes. More than a tenth is not kept."""
        if size > self.max_bytes // 10 or _nothing_is_kept.get():
            return
        with self.lock:
            if self.edition != edition:
                self.clear(edition)
            if key in self.values:
                self.bytes -= self.values.pop(key)[1]
            self.values[key] = (value, size)
            self.bytes += size
            while self.bytes > self.max_bytes:
                self.bytes -= self.values.popitem(last=False)[1][1]


# Three quarters for whole pages, a quarter for parts that outlive editions.
store = Store(settings.KEPT_BYTES * 3 // 4)
parts = Store(settings.KEPT_BYTES // 4)


def edition_of(request: HttpRequest) -> tuple[int, int]:
    """Which edition and day this request is answered in; read once per request."""
    found: tuple[int, int] | None = getattr(request, "edition", None)
    if found is None:
        found = (_first_question(), timezone.localdate().toordinal())
        request.edition = found  # type: ignore[attr-defined]
    return found


def _first_question() -> int:
    """The edition's number, the first thing that a request asks of the database.

    It finds out as well whether a connection left open by an earlier request still lives: Django's
    own health check, a question before each first one, would take as long again.
    """
    was_open = connection.connection is not None and not connection.in_atomic_block
    connection.health_check_done = True  # type: ignore[attr-defined]
    try:
        return Edition.current()
    except (OperationalError, InterfaceError):
        if not was_open:
            raise
    connection.close()
    return Edition.current()


def is_anonymous(request: HttpRequest) -> bool:
    """Whether the visitor brought no session, and so sees what everybody sees."""
    return settings.SESSION_COOKIE_NAME not in request.COOKIES


def address_key(request: HttpRequest) -> tuple[Hashable, ...]:
    """What an answer depends on besides who asks: host, address, and whether it is compressed."""
    return (
        request.META.get("HTTP_HOST"),
        request.scheme,
        request.META["PATH_INFO"],
        request.META.get("QUERY_STRING"),
        takes_gzip(request),
    )


def takes_gzip(request: HttpRequest) -> bool:
    """Whether the visitor's browser takes compressed answers."""
    return "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", "")


def may_be_kept(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether the same address gives the same answer until the next edition."""
    return (
        response.status_code == 200
        and request.method == "GET"
        and not response.streaming
        and not response.cookies
        and "no-store" not in response.get("Cache-Control", "")
    )


def has_shown_messages(request: HttpRequest) -> bool:
    """Whether the page tells something once, such as what was just saved."""
    return bool(getattr(getattr(request, "_messages", None), "used", False))


def kept_for_visitor(view: Answer) -> Answer:
    """Keep a page for each signed-in visitor, whole and compressed; KeepPages does the anonymous.

    For pages that depend on nothing but the edition, the day, the address and
    `request.user.kept_as`. The session and the account are still read each time.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_anonymous(request):
            return view(request, *args, **kwargs)
        edition = edition_of(request)
        key = (getattr(request.user, "kept_as", None), *address_key(request))
        page = store.get(edition, key)
        if page is None:
            response = view(request, *args, **kwargs)
            if not may_be_kept(request, response) or has_shown_messages(request):
                return response
            page = packed(response, compress=takes_gzip(request))
            store.put(edition, key, page, len(page[1]) + 1500)
        headers, body = page
        return HttpResponse(body, headers=headers)

    return answer


def packed(response: HttpResponse, *, compress: bool) -> tuple[dict[str, str], bytes]:
    """Headers and body of an answer that holds no secret, compressed if asked for."""
    body = response.content
    # A shared computer's browser must ask again, and no proxy may keep it.
    response.headers.setdefault("Cache-Control", "private, no-cache")
    patch_vary_headers(response, ("Accept-Encoding",))
    if compress:
        body = compress_string(body)
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(body))
    return dict(response.headers.items()), body


def kept_part(key: Hashable, build: Callable[[], Any]) -> Any:
    """Text, or a dict of texts, kept across editions: its key must hold all it depends on."""
    part = parts.get(None, key)
    if part is None:
        part = build()
        parts.put(None, key, part, len(str(part)) * 2 + 200)
    return part


def do_not_keep(response: HttpResponse) -> HttpResponse:
    """Mark an answer that depends on more than the edition, the day and the address."""
    response["Cache-Control"] = "no-store"
    return response


class KeepPages:
    """Serve anonymous visitors from memory; see the module's docstring.

    When the database does not answer, every address but those of /static/ and /driftstatus/
    says so with a 503 (core.middleware.DatabaseDown, further in, where answers get their headers).
    """

    # What a 304 repeats of the page's headers (RFC 9110, 15.4.5).
    SHARED = ("ETag", "Cache-Control", "Vary")

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer from memory, or ask further in and keep what may be kept."""
        if request.path_info.startswith("/driftstatus/"):
            return self.get_response(request)
        try:
            edition = edition_of(request)
        except (DatabaseError, InterfaceError):
            request.database_is_down = True  # type: ignore[attr-defined]
            return self.get_response(request)
        if request.method not in {"GET", "HEAD"} or not is_anonymous(request):
            return self.get_response(request)
        key = address_key(request)
        page = store.get(edition, key)
        if page is None:
            response = self.get_response(request)
            if not may_be_kept(request, response):
                return response
            page = self.keepable(response)
            store.put(edition, key, page, len(page[1]) + 1500)
        headers, body = page
        if request.META.get("HTTP_IF_NONE_MATCH") == headers["ETag"]:
            shared = {name: headers[name] for name in self.SHARED if name in headers}
            return HttpResponseNotModified(headers=shared)
        return HttpResponse(body, headers=headers)

    @staticmethod
    def keepable(response: HttpResponse) -> tuple[dict[str, str], bytes]:
        """Headers and body, with an ETag and word to browsers to ask each time."""
        digest = hashlib.blake2b(response.content, digest_size=12).hexdigest()
        response.headers["ETag"] = f'"{digest}"'
        response.headers.setdefault("Cache-Control", "no-cache")
        response.headers["Content-Length"] = str(len(response.content))
        return dict(response.headers.items()), response.content
