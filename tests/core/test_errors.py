"""Error pages: Swedish, with a way on, and without the database."""

import re
from urllib.parse import urlencode

import pytest
from django.test import RequestFactory

from core import errors
from core.errors import Gone, NotHere

request = RequestFactory().get("/")

PAGES = {
    400: lambda: errors.bad_request(request),
    403: lambda: errors.forbidden(request),
    404: lambda: errors.not_found(request),
    405: lambda: errors.wrong_method(request, "GET, HEAD"),
    410: lambda: errors.not_found(request, Gone("Dubblett.")),
    422: lambda: errors.error_page(422, count=5001, most=5000, list_address="/inventering/"),
    429: lambda: errors.too_many(request, 17),
    500: lambda: errors.server_error(request),
    503: lambda: errors.unavailable(request),
}


@pytest.mark.parametrize("status", PAGES)
def test_an_error_page_needs_no_database_and_shows_ways_on(status):
    """Without the `db` fixture any query would fail."""
    response = PAGES[status]()
    page = response.content.decode()
    assert (response.status_code, response["Cache-Control"]) == (status, "no-store")
    assert page.startswith('<!DOCTYPE html>\n<html lang="sv">')
    assert (page.count("<h1"), page.count('name="q"')) == (1, 1)
    assert f"Felkod {status}" in page
    assert '<meta name="robots" content="noindex">' in page


def test_what_was_withdrawn_tells_why():
    assert "<p>Skäl: Dubblett.</p>" in PAGES[410]().content.decode()


def test_a_reason_cannot_carry_html():
    page = errors.not_found(request, Gone("<script>alert(1)</script>")).content.decode()
    assert "<p>Skäl: &lt;script&gt;alert(1)&lt;/script&gt;</p>" in page


def test_a_missing_page_of_a_list_shows_the_way_to_the_first():
    page = errors.not_found(request, NotHere("Sidan finns inte.", ("/a/?x=1&y=2", "Till a")))
    assert '<p><a href="/a/?x=1&amp;y=2">Till a</a></p>' in page.content.decode()


def test_a_wrong_method_is_told_what_is_right():
    assert PAGES[405]()["Allow"] == "GET, HEAD"


def test_too_many_requests_are_told_how_long_to_wait():
    response = PAGES[429]()
    assert response["Retry-After"] == "17"
    assert "Vänta 17 sekunder" in response.content.decode()


def test_a_form_without_its_cookie_is_told_what_to_do():
    response = errors.csrf_failure(request, reason="CSRF cookie not set.")
    assert response.status_code == 403
    assert "tar webbläsaren inte emot kakor" in response.content.decode()


@pytest.mark.django_db
def test_a_fault_of_ours_gives_its_number_and_no_details(
    client, monkeypatch, django_assert_num_queries
):
    def fail(*args):
        raise RuntimeError("hemlig detalj")

    monkeypatch.setattr("ksi.views.districts_today", fail)
    client.raise_request_exception = False

    with django_assert_num_queries(1):  # the edition, before it went wrong
        response = client.get("/")

    page = response.content.decode()
    assert response.status_code == 500
    assert "hemlig detalj" not in page
    (told,) = re.findall(r"ärende ([0-9a-f]{8})", page)
    assert response["X-Request-ID"].startswith(told)


@pytest.mark.django_db
def test_the_number_on_the_page_is_the_requests_own(client):
    pages = [client.get("/finns/inte/") for _ in range(2)]
    told = [re.findall(r"ärende ([0-9a-f]{8})", page.content.decode()) for page in pages]
    assert told == [[page["X-Request-ID"][:8]] for page in pages]


@pytest.mark.django_db
def test_more_than_a_form_may_send_is_said_so(client):
    """Not that the address is wrong: what was typed is still in the browser."""
    fields = urlencode({f"falt-{number}": "" for number in range(2001)})
    for body in (fields, f"text={'x' * 5_300_000}"):
        response = client.post("/konto/logga-in/", body, "application/x-www-form-urlencoded")
        assert response.status_code == 413
        told = response.content.decode()
        assert "Gå tillbaka i webbläsaren: det du skrev står kvar där." in told
        assert "välj en mindre fil" not in told
