"""manage.py signin_url: a way in from the server, once, within ten minutes, told in the history."""

import json
from datetime import timedelta
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from core.models import AuditEntry
from ksi.logs import access_line
from people.accounts import digest
from people.models import SigninToken
from tests.factories import make_curator, make_user

from .walking import LOGIN, add_app, app_code, stranger, text_of, who

pytestmark = pytest.mark.django_db


def signin_path(email: str) -> str:
    """What the command prints, from its path on."""
    out = StringIO()
    call_command("signin_url", email, stdout=out, stderr=StringIO())
    base, _, rest = out.getvalue().strip().partition("/konto/")
    assert base == "http://localhost:8000"
    return f"/konto/{rest}"


def test_opening_shows_a_page_and_its_button_signs_in_once(client):
    user = make_user()
    path = signin_path("Handlaggare@example.org")
    for _ in range(2):  # programs that look at links use nothing up
        assert "Länken loggar in handlaggare@example.org." in text_of(client.get(path))
    assert who(client) == ""

    done = client.post(path)
    assert (done.url, who(client)) == ("/mina-sidor/", user.email)
    for method in ("get", "post"):
        again = getattr(stranger(), method)(path)
        assert again.status_code == 404
        assert "Länken är redan använd, eller så har den gått ut." in text_of(again)
    assert list(AuditEntry.about(user).values_list("verb", "by")) == [
        ("engångslänk använd", user.pk),
        ("engångslänk gjord", None),
    ]


def test_it_lasts_ten_minutes(client, time_machine):
    time_machine.move_to("2026-05-04 12:00:00+02:00", tick=False)
    make_user()
    path = signin_path("handlaggare@example.org")
    time_machine.move_to("2026-05-04 12:09:59+02:00", tick=False)
    assert client.get(path).status_code == 200
    time_machine.move_to("2026-05-04 12:10:00+02:00", tick=False)
    assert [client.get(path).status_code, client.post(path).status_code] == [404, 404]
    assert who(client) == ""


def test_only_a_digest_is_stored_and_a_new_link_ends_the_old(client):
    make_user()
    old, new = signin_path("handlaggare@example.org"), signin_path("handlaggare@example.org")
    token = new.split("/")[-2]
    assert len(token) == 43
    assert SigninToken.objects.get().token_hash == digest(token) != token
    assert [client.get(path).status_code for path in (old, new)] == [404, 200]


def test_the_second_factor_is_still_asked(client, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    curator = make_curator()
    path = signin_path(curator.email)
    client.post(path)
    assert client.get("/admin/").url == "/konto/sakerhet/"

    add_app(curator)
    other = stranger()
    assert other.post(signin_path(curator.email)).url == "/konto/logga-in/andra-faktor/"
    assert who(other) == ""
    other.post("/konto/logga-in/andra-faktor/", {"code": app_code()})
    assert who(other) == curator.email


def test_it_needs_the_form_it_came_from():
    make_user()
    path = signin_path("handlaggare@example.org")
    assert stranger(enforce_csrf_checks=True).post(path).status_code == 403
    assert SigninToken.objects.get().used_at is None


def test_a_closed_account_gets_none_and_a_link_from_before_is_worth_nothing(client):
    user = make_user()
    path = signin_path(user.email)
    user.is_active = False
    user.save()
    assert client.post(path).status_code == 404
    with pytest.raises(CommandError, match="är avstängt"):
        signin_path(user.email)
    with pytest.raises(CommandError, match="Det finns inget konto"):
        signin_path("ingen@example.org")


def test_links_cannot_be_guessed_for_long(client):
    answers = [client.post(f"/konto/engangslank/{n}/").status_code for n in range(21)]
    assert answers == [404] * 20 + [429]


def test_it_replaces_who_was_signed_in(client):
    client.force_login(make_user("annan@example.org"))
    make_user()
    before = client.session.session_key
    client.post(signin_path("handlaggare@example.org"))
    assert who(client) == "handlaggare@example.org"
    assert client.session.session_key != before
    assert client.get(LOGIN).status_code == 302


@pytest.mark.parametrize("kind", ["engangslank", "inbjudan"])
def test_the_access_log_holds_no_token(kind):
    environ = {"REQUEST_METHOD": "GET", "RAW_URI": f"/konto/{kind}/hemligt/"}
    response = SimpleNamespace(status="200 OK", sent=1, headers=[])
    line = json.loads(access_line(response, environ, timedelta(milliseconds=1)))
    assert line["path"] == f"/konto/{kind}/…/"
