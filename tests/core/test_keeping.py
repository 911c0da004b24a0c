"""Kept pages: quick when nothing has changed, true when something has, never somebody else's."""

import gzip
from collections.abc import Callable
from contextlib import contextmanager
from itertools import count
from unittest.mock import patch

import pytest
import time_machine
from django.conf import settings
from django.db import OperationalError, connections, transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from core import keeping
from core.keeping import KeepPages, Store, do_not_keep, kept_for_visitor, kept_part
from core.models import Edition
from inventory import actions
from search import facets
from tests.factories import make_curator, make_district, make_project, make_user

pytestmark = pytest.mark.django_db

LIST = "/inventering/"


@contextmanager
def database_down():
    """The database neither answers nor can be reached."""
    gone = OperationalError("the server closed the connection unexpectedly")
    with patch.object(type(connections["default"]), "ensure_connection", side_effect=gone):
        yield


class Process:
    """A web process: its own memory, the same database."""

    def __init__(self) -> None:
        self.store, self.parts = Store(settings.KEPT_BYTES), Store(settings.KEPT_BYTES)
        self.snapshots: dict = {}

    def ask(self, address: str, **extra) -> HttpResponse:
        with (
            patch.object(keeping, "store", self.store),
            patch.object(keeping, "parts", self.parts),
            patch.object(facets, "_snapshots", self.snapshots),
        ):
            return Client().get(address, **extra)

    def get(self, address: str) -> str:
        return self.ask(address).content.decode()


def portal(make: Callable[[HttpRequest, int], HttpResponse] | None = None) -> KeepPages:
    """A portal that counts how often it is asked to make a page."""
    numbers = count(1)
    make = make or (lambda request, number: HttpResponse(f"svar {number}"))
    return KeepPages(lambda request: make(request, next(numbers)))


def ask(pages: KeepPages, address: str = "/sida/", **extra: str) -> HttpResponse:
    return pages(RequestFactory().get(address, **extra))


# --- The portal's own pages ---------------------------------------------------------------------


def test_a_repeated_anonymous_page_is_one_query(client, django_assert_num_queries):
    make_project()
    first = client.get(LIST)

    with django_assert_num_queries(1):
        again = client.get(LIST)

    assert again.content == first.content


def test_a_published_project_shows_at_the_next_request_in_every_process():
    make_project(title="Gammalt")
    here, there = Process(), Process()
    assert "Nytt boendestöd" not in here.get(LIST) + there.get(LIST)

    make_project(title="Nytt boendestöd")

    assert ["Nytt boendestöd" in process.get(LIST) for process in (here, there)] == [True, True]


def test_a_withdrawn_project_is_gone_at_the_next_request_in_every_process():
    project = make_project(title="Nedlagd träfflokal")
    processes = [Process(), Process()]
    assert ["Nedlagd träfflokal" in process.get(LIST) for process in processes] == [True, True]

    actions.withdraw(project=project, reason="Fel uppgifter.", by=make_curator())

    assert ["Nedlagd träfflokal" in process.get(LIST) for process in processes] == [False, False]


def test_anonymous_visitors_never_get_what_was_made_for_somebody_signed_in(client):
    make_project(title="Öppet")
    make_project(title="Bara för personal", visibility="personal")
    client.force_login(make_user())
    assert "Bara för personal" in client.get(LIST).content.decode()

    page = Client().get(LIST).content.decode()

    assert ("Bara för personal" in page, "Inloggad" in page) == (False, False)


def test_somebody_signed_in_never_gets_what_was_kept_for_anonymous_visitors(client):
    make_project(title="Bara för personal", visibility="personal")
    Client().get(LIST)
    Client().get(LIST)

    client.force_login(make_user())
    page = client.get(LIST).content.decode()

    assert ("Bara för personal" in page, "Inloggad" in page) == (True, True)


def test_two_people_signed_in_share_the_page_but_not_their_names():
    make_project()
    pages = []
    for name in ("Ada", "Bo"):
        browser = Client()
        browser.force_login(make_user(f"{name.lower()}@example.org", name=name))
        pages.append(browser.get(LIST).content.decode())

    assert [("Ada" in page, "Bo</a></p>" in page) for page in pages] == [
        (True, False),
        (False, True),
    ]


def test_a_made_up_session_sees_what_everybody_sees(client):
    make_project(title="Bara för personal", visibility="personal")
    member = Client()
    member.force_login(make_user())
    member.get(LIST)
    client.cookies[settings.SESSION_COOKIE_NAME] = "pahittad"

    assert "Bara för personal" not in client.get(LIST).content.decode()


def test_a_signed_in_visitor_is_told_of_an_edition_at_once(client):
    make_project()
    client.force_login(make_user())
    client.get(LIST)

    make_project(title="Nytt boendestöd")

    assert "Nytt boendestöd" in client.get(LIST).content.decode()


def test_plain_and_compressed_pages_are_kept_apart(client):
    make_project()
    packed = client.get(LIST, headers={"accept-encoding": "gzip"})
    plain = client.get(LIST)
    packed_again = client.get(LIST, headers={"accept-encoding": "gzip"})

    assert packed["Content-Encoding"] == packed_again["Content-Encoding"] == "gzip"
    assert packed.content == packed_again.content
    assert "Content-Encoding" not in plain
    assert plain.content.startswith(b"<!DOCTYPE html>")


def test_another_host_name_gets_pages_with_its_own_addresses(client):
    project = make_project()
    canonical = '<link rel="canonical" href="http://{}{}">'
    address = project.get_absolute_url()

    pages = {
        host: client.get(address, headers={"host": host}).content.decode()
        for host in ("localhost", "127.0.0.1:8000", "localhost")
    }

    assert [canonical.format(host, address) in page for host, page in pages.items()] == [True, True]


def test_somebody_elses_host_name_is_refused_before_and_after_the_page_is_kept(client):
    make_district()
    statuses = [
        client.get("/stadsdelar/", headers={"host": host}).status_code
        for host in ("ond.example", "localhost", "ond.example")
    ]
    assert statuses == [400, 200, 400]


def test_head_gets_the_kept_headers_and_no_body(client):
    make_project()
    page = client.get(LIST)

    head = client.head(LIST)

    assert (head.status_code, head.content) == (200, b"")
    assert head["ETag"] == page["ETag"]
    assert head["Content-Length"] == str(len(page.content))


def test_a_browser_that_has_the_page_is_told_so_and_sent_nothing(client):
    make_project()
    first = client.get(LIST)

    again = client.get(LIST, headers={"if-none-match": first["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    # RFC 9110, 15.4.5: what a cache must know stands in a 304 as well.
    shared = ("ETag", "Cache-Control", "Vary")
    assert [again.get(name) for name in shared] == [first.get(name) for name in shared]


def test_every_process_knows_the_page_by_the_same_mark():
    """Or a browser is sent the page again by each process that it happens to ask."""
    make_project()
    for headers in ({}, {"accept-encoding": "gzip"}):
        marks = {Process().ask(LIST, headers=headers)["ETag"] for _ in range(2)}
        assert len(marks) == 1


def test_a_browser_with_the_page_of_an_earlier_edition_gets_the_new_one(client):
    make_project()
    first = client.get(LIST)
    make_project(title="Nytt boendestöd")

    again = client.get(LIST, headers={"if-none-match": first["ETag"]})

    assert again.status_code == 200
    assert "Nytt boendestöd" in again.content.decode()


def test_browsers_are_told_to_ask_each_time(client):
    make_district()
    assert client.get("/stadsdelar/")["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/inventering/?typ=okant", 400),
        ("/inventering/?sida=99", 404),
        ("/finns/inte/", 404),
        ("/inventering/999/x/", 404),
    ],
)
def test_a_mistaken_address_is_never_kept(client, address, status):
    assert client.get(address).status_code == status
    assert dict(keeping.store.values) == {}


# --- What may be kept ---------------------------------------------------------------------------


def test_a_page_is_made_once_per_edition():
    pages = portal()
    assert [ask(pages).content for _ in range(2)] == [b"svar 1", b"svar 1"]

    with transaction.atomic():
        Edition.raise_number()

    assert [ask(pages).content for _ in range(2)] == [b"svar 2", b"svar 2"]


def test_a_page_is_made_anew_when_the_day_changes_in_stockholm():
    pages = portal()
    seen = []
    for moment in ("2026-02-28T12:00Z", "2026-02-28T22:59Z", "2026-02-28T23:01Z"):
        with time_machine.travel(moment, tick=False):
            seen.append(ask(pages).content)
    assert seen == [b"svar 1", b"svar 1", b"svar 2"]


def test_addresses_queries_hosts_and_schemes_have_pages_of_their_own():
    pages = portal()
    asked = [
        {"address": "/a/"},
        {"address": "/b/"},
        {"address": "/a/?x=1"},
        {"address": "/a/", "HTTP_HOST": "127.0.0.1"},
        {"address": "/a/", "wsgi.url_scheme": "https"},
        {"address": "/a/", "HTTP_ACCEPT_ENCODING": "gzip, br"},
    ]
    made = [ask(pages, **request).content for request in asked]
    assert made == [f"svar {number}".encode() for number in range(1, 7)]
    assert [ask(pages, **request).content for request in asked] == made


def with_cookie(request: HttpRequest, number: int) -> HttpResponse:
    response = HttpResponse(f"svar {number}")
    response.set_cookie("val", "1")
    return response


def streamed(request: HttpRequest, number: int) -> StreamingHttpResponse:
    return StreamingHttpResponse([f"svar {number}"])


@pytest.mark.parametrize(
    "make",
    [
        with_cookie,
        streamed,
        lambda request, number: do_not_keep(HttpResponse(f"svar {number}")),
        lambda request, number: HttpResponse(f"svar {number}", status=404),
        lambda request, number: HttpResponse(f"svar {number}", status=301),
        lambda request, number: HttpResponse(f"svar {number}", status=500),
    ],
    ids=["cookie", "streamed", "no-store", "404", "301", "500"],
)
def test_what_is_not_the_same_for_everybody_is_never_kept(make):
    pages = portal(make)
    made = [b"".join(ask(pages)) for _ in range(2)]
    assert made == [b"svar 1", b"svar 2"]


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch", "options"])
def test_only_reading_is_answered_from_memory(method):
    pages = portal()
    ask(pages)
    answer = pages(getattr(RequestFactory(), method)("/sida/"))
    assert answer.content == b"svar 2"


def test_what_a_head_was_answered_is_not_kept_for_those_who_get():
    pages = portal()
    pages(RequestFactory().head("/sida/"))
    assert ask(pages).content == b"svar 2"


# --- Pages for those who are signed in ----------------------------------------------------------


class Member:
    """Somebody signed in."""

    def __init__(self, *kept_as: object) -> None:
        self.kept_as = kept_as


ADA, BO = Member(1, "Ada"), Member(2, "Bo")


def signed_in(user: Member, address: str = "/sida/", **extra: str) -> HttpRequest:
    request = RequestFactory().get(address, **extra)
    request.COOKIES[settings.SESSION_COOKIE_NAME] = "nagon"
    request.user = user
    return request


def counting(**headers: str) -> Callable[[HttpRequest], HttpResponse]:
    """A view that counts how often it is asked."""
    numbers = count(1)
    return kept_for_visitor(lambda request: HttpResponse(f"svar {next(numbers)}", headers=headers))


def test_a_page_is_kept_for_each_visitor_and_address():
    view = counting()
    asked = [
        signed_in(ADA),
        signed_in(BO),
        signed_in(ADA, "/annan/"),
        signed_in(ADA, "/sida/?x=1"),
        signed_in(ADA, HTTP_HOST="127.0.0.1"),
    ]
    made = [view(request).content for request in asked]
    assert made == [f"svar {number}".encode() for number in range(1, 6)]
    assert [view(request).content for request in asked] == made


def test_a_visitors_page_is_made_anew_for_each_edition():
    view = counting()
    made = [view(signed_in(ADA)).content]
    with transaction.atomic():
        Edition.raise_number()
    made.append(view(signed_in(ADA)).content)
    assert made == [b"svar 1", b"svar 2"]


def test_a_visitors_page_is_kept_compressed_and_plain_apart():
    view = counting()
    packed = [view(signed_in(ADA, HTTP_ACCEPT_ENCODING="gzip")) for _ in range(2)]
    plain = view(signed_in(ADA))
    assert [gzip.decompress(page.content) for page in packed] == [b"svar 1"] * 2
    assert {page["Content-Encoding"] for page in packed} == {"gzip"}
    assert (plain.content, "Content-Encoding" in plain) == (b"svar 2", False)
    assert {page["Vary"] for page in [*packed, plain]} == {"Accept-Encoding"}


def test_a_visitors_page_that_says_so_is_not_kept():
    view = counting(**{"Cache-Control": "no-store"})
    assert [view(signed_in(ADA)).content for _ in range(2)] == [b"svar 1", b"svar 2"]


def test_pages_of_the_anonymous_are_not_kept_twice():
    view = counting()
    made = [view(RequestFactory().get("/sida/")).content for _ in range(2)]
    assert (made, dict(keeping.store.values)) == ([b"svar 1", b"svar 2"], {})


# --- Parts --------------------------------------------------------------------------------------


def test_a_part_is_made_once_per_key_and_outlives_editions():
    numbers = count(1)

    def made(*key: object) -> str:
        return kept_part(key, lambda: f"del {next(numbers)}")

    assert [made("rad", 1), made("rad", 2), made("rad", 1)] == ["del 1", "del 2", "del 1"]
    with transaction.atomic():
        Edition.raise_number()
    assert made("rad", 1) == "del 1"


# --- The store ----------------------------------------------------------------------------------


def test_the_least_recently_used_is_dropped_when_memory_is_full():
    store = Store(max_bytes=100)
    for name in "abcdefghij":
        store.put(1, name, name.upper(), 10)
    store.get(1, "a")

    store.put(1, "k", "K", 10)

    assert list(store.values) == [*"cdefghij", "a", "k"]
    assert store.bytes == 100


def test_writing_over_a_value_counts_its_bytes_once():
    store = Store(max_bytes=100)
    store.put(1, "a", "lång", 10)
    store.put(1, "a", "kort", 4)
    assert (store.get(1, "a"), store.bytes) == ("kort", 4)


def test_what_would_fill_more_than_a_tenth_is_not_kept():
    store = Store(max_bytes=100)
    store.put(1, "stor", "…", 11)
    assert (store.get(1, "stor"), store.bytes) == (None, 0)


def test_a_new_edition_empties_the_store():
    store = Store(max_bytes=100)
    store.put(1, "a", "gammal", 5)
    assert store.get(2, "a") is None

    store.put(2, "b", "ny", 5)

    assert (store.get(2, "a"), store.get(2, "b"), store.bytes) == (None, "ny", 5)


# --- The database is down -----------------------------------------------------------------------


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("address", ["/", LIST, "/stadsdelar/", "/finns/inte/"])
def test_every_page_says_so_in_swedish_when_the_database_is_down(client, address, signed):
    if signed:
        client.force_login(make_user())

    with database_down():
        response = client.get(address)

    assert (response.status_code, response["Retry-After"]) == (503, "30")
    assert response["Cache-Control"] == "no-store"
    page = response.content.decode()
    assert '<html lang="sv">' in page
    assert "<h1>KSI svarar inte just nu</h1>" in page


def test_the_page_is_there_again_when_the_database_is(client):
    make_project(title="Kvar")
    with database_down():
        client.get(LIST)
    assert "Kvar" in client.get(LIST).content.decode()


def test_the_process_says_that_it_lives_when_the_database_is_down(client):
    with database_down():
        alive = client.get(reverse("alive"))
        ready = client.get(reverse("ready"))
    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
    assert (ready.status_code, ready.json()) == (
        503,
        {"status": "fel", "databas": "svarar inte", "migreringar": "okänt"},
    )


def test_a_page_of_what_is_not_published_neither_uses_nor_leaves_anything():
    assert kept_part("del", lambda: "publicerat") == "publicerat"
    with keeping.nothing_kept():
        assert kept_part("del", lambda: "utkast") == "utkast"
        assert kept_part("annan", lambda: "utkast") == "utkast"
    assert kept_part("del", lambda: "nytt") == "publicerat"
    assert kept_part("annan", lambda: "publicerat") == "publicerat"
