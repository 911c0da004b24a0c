"""One's own pages: documented, never kept, in Swedish; sessions that their owner sees and ends."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse

from core.models import AuditEntry
from people.models import User
from people.panels import Panel, my_pages
from tests.addresses import all_routes, own_routes
from tests.factories import make_curator, make_user

from .walking import (
    LOGIN,
    add_app,
    app_code,
    ask_for_code,
    last_mail,
    log_in,
    stranger,
    text_of,
    who,
)

pytestmark = pytest.mark.django_db

SESSIONS = "/konto/inloggningar/"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Safari/604.1"

# Words that an untranslated page of allauth's would hold.
ENGLISH = re.compile(
    r"\b(Sign|Sign-in|Password|Email|E-mail|Code|Log|Login|Logout|Enter|Your|The|You|Please|Key|Keys"
    r"|Security|Account|Confirm|Change|Remove|Session|Sessions|Recovery|Use|Add|Invalid|Incorrect)\b"
)


# --- Every address ------------------------------------------------------------------------------


def test_every_own_address_is_documented():
    told = (Path(settings.BASE_DIR) / "docs" / "addresses.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `(/[^`]*)`", told, re.M))
    missing = {f"/{route}" for route in own_routes().values()} - documented
    assert missing == set()
    gone = documented - {"/admin/"} - {f"/{route}" for route in all_routes().values()}
    assert gone == set()


def own_paths() -> dict[str, str]:
    """Name → path, with a made-up number or token."""
    return {name: "/" + re.sub(r"<\w+:\w+>", "1", route) for name, route in own_routes().items()}


@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize("name", sorted(own_routes()))
def test_an_own_address_is_never_kept_and_always_well_answered(client, name, signed_in):
    if signed_in:
        client.force_login(make_user(name="Anna"))
    for method in ("get", "head", "post", "put", "delete", "options"):
        response = getattr(client, method)(own_paths()[name])
        assert response.status_code in {200, 302, 401, 403, 404, 405, 422}, method
        if response.status_code == 200:
            assert "no-store" in response["Cache-Control"], method
        if response.status_code == 302:
            assert re.match(r"/[^/\\]", response.url)
        elif method == "get" and response["Content-Type"].startswith("text/html"):
            assert response.content.decode().count("<h1") == 1


def test_without_a_login_own_pages_lead_to_it(client):
    for name in ("my-pages", "own-name", "mfa_index", "usersessions_list", "account_set_password"):
        path = own_paths()[name]
        assert client.get(path).url == f"{LOGIN}?next={path}", name


def test_reading_pages_stay_without_cookie_and_post(client):
    make_user()
    for path in ("/", "/om/", "/inventering/", "/stadsdelar/"):
        response = client.get(path)
        assert response.cookies == {}
        page = response.content.decode()
        assert 'method="post"' not in page
        assert '<p class="who"><a href="/konto/logga-in/">Logga in</a></p>' in page


def test_the_head_leads_who_is_signed_in_to_her_own_pages(client):
    client.force_login(make_user(name="Anna <b>"))
    page = client.get("/om/").content.decode()
    assert '<p class="who">Inloggad: <a href="/mina-sidor/">Anna &lt;b&gt;</a></p>' in page


# --- Words --------------------------------------------------------------------------------------


def pages_of_somebody_new() -> list[str]:
    """Every page on the way in, with its errors."""
    client, pages = stranger(), []
    user = make_user(name="Anna")
    for path in ("/konto/logga-in/", "/konto/logga-in/losenord/", "/konto/ny/"):
        pages += [text_of(client.get(path)), text_of(client.post(path, {}))]
    pages.append(text_of(client.post("/konto/ny/", {"name": "A", "email": "x"})))
    for path in ("/konto/avstangt/", "/konto/sso/avbruten/", "/konto/sso/fel/"):
        pages.append(text_of(client.get(path)))
    ask_for_code(client, user.email)
    pages += [text_of(client.get("/konto/logga-in/kod/"))]
    pages += [text_of(client.post("/konto/logga-in/kod/", {"code": code})) for code in ("", "1")]
    add_app(user)
    other = stranger()
    log_in(other, user)
    pages.append(text_of(other.get("/konto/logga-in/andra-faktor/")))
    pages += [
        text_of(other.post("/konto/logga-in/andra-faktor/", sent))
        for sent in ({"code": ""}, {"code": "1"}, {"credential": ""}, {"credential": "{}"})
    ]
    return pages


def pages_of_somebody_signed_in() -> list[str]:
    """Every page behind the login, with its errors and what is said after."""
    client = stranger()
    user = make_user("inne@example.org", name="Anna")
    client.force_login(user)
    pages = [text_of(client.get(path)) for path in ("/mina-sidor/", "/konto/logga-ut/", SESSIONS)]
    for path in ("/konto/namn/", "/konto/losenord/", "/konto/sakerhet/app/"):
        pages += [text_of(client.get(path)), text_of(client.post(path, {}))]
    pages.append(text_of(client.post("/konto/losenord/", {"password1": "password"}, follow=True)))
    pages.append(text_of(client.get("/konto/sakerhet/nycklar/ny/")))
    for sent in ({}, {"credential": "x"}, {"credential": "{}"}, {"credential": "[]"}):
        pages.append(text_of(client.post("/konto/sakerhet/nycklar/ny/", sent)))
    word = "fyra ord som ingen gissar"
    pages.append(text_of(client.post("/konto/losenord/", {"password1": word}, follow=True)))
    for path in ("/konto/losenord/byt/", "/konto/losenord/ta-bort/", "/konto/bekrafta/losenord/"):
        pages.append(text_of(client.get(path)))
    pages.append(text_of(client.post("/konto/losenord/byt/", {"oldpassword": "x"})))
    pages.append(text_of(client.post("/konto/bekrafta/losenord/", {"password": "x"})))
    client.post("/konto/bekrafta/losenord/", {"password": word})
    add_app(user)
    pages.append(text_of(client.get("/konto/sakerhet/")))
    pages.append(text_of(client.get("/konto/bekrafta/kod/")))
    pages.append(text_of(client.post("/konto/bekrafta/kod/", {"code": "1"})))
    client.post("/konto/bekrafta/kod/", {"code": app_code()})
    for path in ("app/ta-bort/", "reservkoder/", "reservkoder/nya/", "reservkoder/fil/"):
        pages.append(text_of(client.get(f"/konto/sakerhet/{path}")))
    pages.append(text_of(client.post("/konto/sakerhet/app/ta-bort/", follow=True)))
    pages.append(text_of(client.post(SESSIONS, follow=True)))
    pages.append(text_of(client.post("/konto/logga-ut/", follow=True)))
    return pages


def test_everything_is_said_in_swedish():
    for page in pages_of_somebody_new() + pages_of_somebody_signed_in():
        assert ENGLISH.findall(page) == [], page
    messages: list[Any] = mail.outbox
    for message in messages:
        for told in (message.subject, message.body, message.alternatives[0][0]):
            assert ENGLISH.findall(re.sub(r"<[^>]*>", "", told)) == []


# --- Sessions -----------------------------------------------------------------------------------


def two_places(user: User) -> tuple[Any, Any]:
    """Signed in at a computer and on a telephone."""
    here, there = stranger(HTTP_USER_AGENT=CHROME), stranger(HTTP_USER_AGENT=PHONE)
    log_in(here, user)
    log_in(there, user)
    return here, there


def test_sessions_are_shown_with_what_and_since_when(time_machine):
    time_machine.move_to("2026-05-04 09:05:00+02:00", tick=False)
    here, _ = two_places(make_user())
    page = text_of(here.get(SESSIONS))
    assert "Chrome på Windows (den här)" in page
    assert "Safari på iPhone" in page
    assert "Inloggad måndag 4 maj 2026 kl. 9.05 från adressen 127.0.0.1." in page


def test_one_session_is_ended(client):
    here, there = two_places(make_user())
    end = re.findall(
        r'action="(/konto/inloggningar/\d+/avsluta/)"', str(here.get(SESSIONS).content)
    )
    assert len(end) == 2
    for path in end:
        if "den här" not in path and path != own_session(here):
            assert here.post(path).url == SESSIONS
    assert (here.get("/mina-sidor/").status_code, there.get("/mina-sidor/").status_code) == (
        200,
        302,
    )
    assert here.post(own_session(here)).url == LOGIN
    assert here.get("/mina-sidor/").status_code == 302


def own_session(client: Client) -> str:
    """The address that ends this client's own session."""
    from allauth.usersessions.models import UserSession

    row = UserSession.objects.get(session_key=client.session.session_key)
    return reverse("session-end", args=[row.pk])


def test_all_others_are_ended():
    here, there = two_places(make_user())
    assert here.post(SESSIONS).url == SESSIONS
    assert (here.get("/mina-sidor/").status_code, there.get("/mina-sidor/").status_code) == (
        200,
        302,
    )


def test_signing_out_everywhere():
    user = make_user()
    here, there = two_places(user)
    other = stranger()
    log_in(other, make_user("annan@example.org"))
    assert here.post("/konto/inloggningar/avsluta-alla/").url == LOGIN
    statuses = [one.get("/mina-sidor/").status_code for one in (here, there, other)]
    assert statuses == [302, 302, 200]


@pytest.mark.parametrize("path", ["1/avsluta/", "99/avsluta/", "avsluta-alla/"])
def test_nobody_ends_somebody_elses_session(client, path):
    owner, thief = stranger(), stranger()
    log_in(owner, make_user())
    log_in(thief, make_user("annan@example.org"))
    assert client.post(f"{SESSIONS}{path}").status_code == 302  # a stranger: to the login
    if path != "avsluta-alla/":
        assert thief.post(own_session(owner)).status_code == 404
        assert thief.get(own_session(owner)).status_code == 405
    assert owner.get("/mina-sidor/").status_code == 200


def test_logging_out_is_a_button(client):
    log_in(client, make_user())
    assert "Vill du logga ut?" in text_of(client.get("/konto/logga-ut/"))
    assert who(client) == "handlaggare@example.org"
    page = client.post("/konto/logga-ut/", follow=True)
    assert (page.request["PATH_INFO"], who(client)) == (LOGIN, "")
    assert "Du är utloggad." in text_of(page)


def test_logging_out_leads_nowhere_else(client):
    log_in(client, make_user())
    assert client.post("/konto/logga-ut/", {"next": "https://evil.example/"}).url == LOGIN


# --- Account ------------------------------------------------------------------------------------


def test_changing_ones_name_changes_nothing_else(client):
    user = make_user(name="Anna")
    client.force_login(user)
    sent = {"name": " Anna Ny ", "email": "x@example.org", "is_staff": "1", "is_superuser": "1"}
    assert client.post("/konto/namn/", sent).url == "/mina-sidor/"
    user.refresh_from_db()
    assert (user.name, user.email, user.is_staff, user.is_superuser) == (
        "Anna Ny",
        "handlaggare@example.org",
        False,
        False,
    )
    assert "Namnet är ändrat." in text_of(client.get("/mina-sidor/"))
    empty = client.post("/konto/namn/", {"name": " "})
    assert (empty.status_code, User.objects.get().name) == (422, "Anna Ny")
    assert "Skriv ditt namn" in text_of(empty)


def test_other_rooms_add_panels_in_their_order(client, monkeypatch):
    def panel(order: int, facts: dict | None) -> Panel:
        return Panel("_parts/crumbs.html", lambda request: facts, order)

    panels = [panel(30, {"here": "Andra"}), panel(10, {"here": "Första"}), panel(1, None)]
    monkeypatch.setattr("people.panels.my_pages", panels)
    client.force_login(make_user())
    page = text_of(client.get("/mina-sidor/"))
    assert page.index("Första") < page.index("Andra") < page.index("Ditt konto")
    assert isinstance(my_pages, list)


def test_curators_find_their_tools(client):
    client.force_login(make_curator())
    assert 'href="/admin/"' in client.get("/mina-sidor/").content.decode()
    other = stranger()
    other.force_login(make_user())
    assert 'href="/admin/"' not in other.get("/mina-sidor/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_what_changes_about_a_login_is_told_in_the_history_without_secrets(client):
    user = make_user()
    log_in(client, user)
    client.post("/konto/losenord/", {"password1": "fyra ord som ingen gissar"})
    client.post("/konto/losenord/ta-bort/")
    entries = AuditEntry.about(user).values_list("verb", "by", "changes")
    assert list(entries) == [("lösenord borttaget", user.pk, {}), ("lösenord bytt", user.pk, {})]
    assert last_mail().subject == "Ditt konto i KSI har fått ett lösenord"
