"""What holds for every public address: documented, only read, safe in the browser."""

import re
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from unittest.mock import patch

import pytest
from django.conf import settings
from django.db import OperationalError, connection, connections
from django.test import Client

from inventory import actions
from search import indexing
from tests.addresses import addresses, all_routes
from tests.factories import make_curator, make_document, make_measure, make_project, make_user
from tests.reading import body

pytestmark = pytest.mark.django_db

CSP = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
FILE_CSP = {"default-src": "'none'", "frame-ancestors": "'none'", "sandbox": ""}
FILES = (
    *("inventory:document", "inventory:ordered-file", "library:file", "library:ordered-file"),
    "library:picture",
)
OTHER_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Strict-Transport-Security": None,  # the demonstration runs over http
}
FORBIDDEN_FEATURES = {
    *("accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen"),
    *("geolocation", "gyroscope", "magnetometer", "microphone", "midi", "payment", "usb"),
}


@pytest.fixture
def known() -> dict[str, str]:
    project = make_project(title="Stöd", themes=["Boende"])
    make_measure(project, ("2015", 92, 145))
    return addresses(make_document(project))


# --- Documented ---------------------------------------------------------------------------------


def test_every_public_address_is_documented_and_nothing_else():
    told = (Path(settings.BASE_DIR) / "docs" / "addresses.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"\| address \| answers \|\n(.*?)\n\n", told, re.S)
    documented = re.findall(r"^\| `(/[^`]*)`", table, re.M)
    assert sorted(documented) == sorted(
        ["/admin/", *(f"/{route}" for route in all_routes().values())]
    )


# --- Only read ----------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "FOO"])
def test_an_address_is_read_and_nothing_else(known, method):
    """As a stranger's browser would: with the CSRF check on."""
    browser = Client(enforce_csrf_checks=True)
    answers = {}
    for name, address in known.items():
        answer = browser.generic(method, address, b"a=1", "application/x-www-form-urlencoded")
        (heading,) = re.findall("<h1>(.*?)</h1>", answer.content.decode()) or [""]
        answers[name] = (answer.status_code, answer.get("Allow"), heading)
    told = (405, "GET, HEAD", "Sidan kan inte ta emot det du skickade")
    assert answers == dict.fromkeys(known, told)


def test_head_answers_as_get_does_without_a_body(known, unlimited):
    expected, found = {}, {}
    for name, address in known.items():
        get, head = Client().get(address), Client().head(address)
        body(get)
        expected[name] = (get.status_code, get.get("Content-Type"), b"")
        found[name] = (head.status_code, head.get("Content-Type"), body(head))
    assert found == expected


@contextmanager
def only_reading(wrote: list[str]):
    """Refuse whatever would change the database, and note it."""

    def watch(execute, sql, params, many, context):
        if not sql.lstrip().upper().startswith("SELECT"):
            wrote.append(sql)
            raise AssertionError(f"An anonymous GET wrote: {sql}")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield


@pytest.mark.parametrize(
    "query", ["", "?q=st%C3%B6d&tema=boende&sida=1&id=1", "?tema=okant&sida=abc"]
)
def test_reading_without_an_account_never_writes(known, client, query):
    """The count of fetched files is in the cache, which is no database here.

    Of what was searched for, only words that find nothing are noted; these are found.
    """
    indexing.index()
    wrote: list[str] = []
    with only_reading(wrote):
        for address in known.values():
            body(client.get(address + query))
    assert wrote == []


# --- Cookies and forms --------------------------------------------------------------------------


class Forms(HTMLParser):
    """Methods of a page's forms, and what could run or load from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.methods: list[str] = []
        self.inline: list[str] = []
        self.elsewhere: list[str] = []

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.methods.append(given.get("method", "get").lower())
        data = tag == "script" and given.get("type") == "application/ld+json"
        if tag == "style" or (tag == "script" and "src" not in given and not data):
            self.inline.append(tag)
        self.inline += [name for name in given if name == "style" or name.startswith("on")]
        loads = given.get("src", "") or (given.get("href", "") if tag == "link" else "")
        if loads.startswith(("http:", "https:", "//")) and given.get("rel") not in {
            "canonical",
            "alternate",
        }:
            self.elsewhere.append(loads)


def pages_of_every_kind(known: dict[str, str]) -> list[str]:
    """All addresses, and some that are wrong."""
    wrong = ["/finns/inte/", "/inventering/?tema=okant", "/inventering/?sida=99", "/?q=%00"]
    searches = ["/sok/?q=st%C3%B6d", "/sok/?q=kvastskaft", "/sok/?q=st%C3%B6d&tema=okant"]
    return [*known.values(), *wrong, *searches]


@pytest.mark.parametrize("signed", [False, True])
def test_reading_sets_no_cookie(known, signed):
    browser = Client()
    if signed:
        browser.force_login(make_user())
    set_by = []
    for address in pages_of_every_kind(known):
        response = browser.get(address)
        body(response)
        if response.cookies:
            set_by.append(address)
    assert set_by == []


@pytest.mark.parametrize("signed", [False, True])
def test_no_page_holds_a_form_that_posts_or_anything_that_the_policy_forbids(known, signed):
    browser = Client()
    if signed:
        browser.force_login(make_user())
    seen = 0
    for address in pages_of_every_kind(known):
        response = browser.get(address)
        content = body(response)
        if response.get("Content-Type", "").startswith("text/html"):
            found = Forms()
            found.feed(content.decode())
            assert (set(found.methods) - {"get"}, found.inline, found.elsewhere) == (set(), [], [])
            seen += bool(found.methods)
    assert seen >= 12


# --- Headers ------------------------------------------------------------------------------------


def assert_safe(response, csp: dict[str, str] = CSP) -> None:
    parts = (part.strip() for part in response["Content-Security-Policy"].split(";"))
    assert {name: rest for name, _, rest in (part.partition(" ") for part in parts)} == csp
    assert {name: response.get(name) for name in OTHER_HEADERS} == OTHER_HEADERS
    features = dict(part.strip().split("=") for part in response["Permissions-Policy"].split(","))
    assert features == dict.fromkeys(FORBIDDEN_FEATURES, "()")


@pytest.mark.parametrize("signed", [False, True])
def test_every_address_is_safe_in_the_browser_also_when_it_is_kept(known, signed, unlimited):
    browser = Client()
    if signed:
        browser.force_login(make_user())
    for name, address in known.items():
        for _ in range(2):
            response = browser.get(address)
            body(response)
            assert_safe(response, FILE_CSP if name in FILES else CSP)


@pytest.mark.parametrize(
    ("status", "address"),
    [
        (301, "/stadsdelar"),
        (301, "/inventering/1/"),
        (400, "/inventering/?tema=okant"),
        (400, "/inventering/?q=%00"),
        (404, "/finns/inte/"),
        (404, "/inventering/?sida=99"),
    ],
)
def test_mistakes_are_answered_safely(known, client, status, address):
    response = client.get(address)
    assert response.status_code == status
    assert_safe(response)


def test_a_refused_method_a_refused_host_and_a_withdrawn_project_are_answered_safely(client):
    project = make_project()
    actions.withdraw(project=project, reason="Dubblett.", by=make_curator())
    answers = [
        client.post("/"),
        client.get("/", headers={"host": "ond.example"}),
        client.get(project.get_absolute_url()),
    ]
    assert [answer.status_code for answer in answers] == [405, 400, 410]
    for answer in answers:
        assert_safe(answer)


def test_too_many_and_too_much_are_answered_safely(client, monkeypatch):
    make_project()
    monkeypatch.setattr("search.export_views.MOST_XLSX_ROWS", 0)
    too_much = client.get("/inventering/export.xlsx")
    monkeypatch.setattr("core.visitors.Limit.wait", lambda self, key: 9)
    too_many = client.get("/inventering/export.csv")
    assert [too_much.status_code, too_many.status_code] == [422, 429]
    for answer in (too_much, too_many):
        assert_safe(answer)


def test_a_fault_of_ours_is_answered_safely(client, monkeypatch):
    monkeypatch.setattr("ksi.views.districts_today", lambda: 1 / 0)
    client.raise_request_exception = False
    response = client.get("/")
    assert response.status_code == 500
    assert_safe(response)


def test_a_database_that_is_down_is_answered_safely(client):
    gone = OperationalError("gone")
    with patch.object(type(connections["default"]), "ensure_connection", side_effect=gone):
        response = client.get("/")
    assert response.status_code == 503
    assert_safe(response)
