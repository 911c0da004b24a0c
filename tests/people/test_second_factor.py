"""Those who can do much show a second factor; nothing opens before."""

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from core.models import AuditEntry
from people.models import User
from tests.addresses import all_routes
from tests.factories import make_curator, make_user

from .walking import (
    LOGIN,
    LOGIN_CODE,
    SECRET,
    add_app,
    app_code,
    ask_for_code,
    code_in,
    last_mail,
    log_in,
    stranger,
    text_of,
    who,
)

pytestmark = pytest.mark.django_db
# What follows from a new factor, follows when its transaction is over, in the same request.
really_commits = pytest.mark.django_db(transaction=True)

SECOND = "/konto/logga-in/andra-faktor/"
SECURITY = "/konto/sakerhet/"
APP = "/konto/sakerhet/app/"
CODES = "/konto/sakerhet/reservkoder/"
AGAIN = "/konto/bekrafta/kod/"


@pytest.fixture(autouse=True)
def production(settings: Any) -> None:
    """The demonstration asks for no second factor; these stories are about production."""
    settings.SECOND_FACTOR_REQUIRED = True


def lands(client: Client, path: str) -> str:
    """Where an address leads in the end."""
    request = client.get(path, follow=True).request
    return f"{request['PATH_INFO']}?{request['QUERY_STRING']}"


def secret_on(page: Any) -> str:
    """The key that an app is given."""
    (key,) = re.findall(r"<code>([A-Z2-7]{32})</code>", page.content.decode())
    return key


@really_commits
def test_a_curator_without_a_second_factor_is_led_to_get_one(client):
    curator = make_curator()
    assert log_in(client, curator).url == "/mina-sidor/"
    for path in ("/mina-sidor/", "/admin/", "/", "/inventering/", "/konto/losenord/", CODES):
        response = client.get(path)
        assert (response.status_code, response.url) == (302, SECURITY), path
    assert "Lägg till en andra faktor först" in text_of(client.get(SECURITY))

    page = client.get(APP)
    assert "data:image/svg+xml;base64," in page.content.decode()
    secret = secret_on(page)
    done = client.post(APP, {"code": app_code(secret)})
    assert done.url == CODES
    # Who has just shown the new app need not do so again.
    codes = re.findall(r"<code>(\d{8})</code>", client.get(CODES).content.decode())
    assert len(set(codes)) == 10
    assert client.get("/admin/").status_code == 200
    assert last_mail().subject == "En app är tillagd på ditt konto i KSI"
    assert ("andra faktor tillagd", "app") in AuditEntry.about(curator).values_list(
        "verb", "reason"
    )


def test_the_next_login_asks_for_the_app(client):
    curator = make_curator()
    add_app(curator)
    assert log_in(client, curator, next="/om/").url == SECOND
    assert who(client) == ""
    assert lands(client, "/admin/") == f"{SECOND}?"

    wrong = client.post(SECOND, {"code": "000000"})
    assert "Koden eller nyckeln stämmer inte" in text_of(wrong)
    done = client.post(SECOND, {"code": app_code()})
    assert (done.url, who(client)) == ("/om/", curator.email)
    assert client.get("/admin/").status_code == 200


def test_a_code_of_the_app_counts_once(client, time_machine):
    time_machine.move_to("2026-05-04 12:00:00+02:00", tick=False)
    curator = make_curator()
    add_app(curator)
    code = app_code()
    log_in(client, curator)
    client.post(SECOND, {"code": code})
    assert who(client) == curator.email

    for seconds in (1, 31, 44):  # it would still be taken after half a minute
        time_machine.move_to(1777888800 + seconds, tick=False)
        other = stranger()
        log_in(other, curator)
        other.post(SECOND, {"code": code})
        assert who(other) == ""


def test_a_recovery_code_counts_once(client):
    curator = make_curator()
    add_app(curator)
    code = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    log_in(client, curator)
    client.post(SECOND, {"code": code})
    assert who(client) == curator.email
    other = stranger()
    log_in(other, curator)
    other.post(SECOND, {"code": code})
    assert who(other) == ""


def test_codes_of_the_app_cannot_be_guessed_for_long():
    curator = make_curator()
    add_app(curator)
    for n in range(5):
        client = stranger(REMOTE_ADDR=f"192.0.2.{n}")
        log_in(client, curator)
        client.post(SECOND, {"code": "000000"})
    client = stranger(REMOTE_ADDR="192.0.2.99")
    log_in(client, curator)
    response = client.post(SECOND, {"code": app_code()})
    assert "Det blev för många försök." in text_of(response)
    assert who(client) == ""


def test_a_session_from_before_must_show_what_was_added_elsewhere(client):
    curator = make_user()
    log_in(client, curator)
    User.objects.update(is_staff=True, is_superuser=True)
    add_app(curator)
    assert client.get("/admin/people/").url == f"{AGAIN}?next=%2Fadmin%2Fpeople%2F"
    # Neither by getting another one, nor by taking it away, nor by password.
    for path in (
        SECURITY,
        APP,
        f"{APP}ta-bort/",
        "/konto/sakerhet/nycklar/ny/",
        "/konto/losenord/",
    ):
        assert client.get(path).url.startswith(AGAIN), path
        assert client.post(path).url.startswith(AGAIN), path
    done = client.post(f"{AGAIN}?next=%2Fadmin%2Fpeople%2F", {"code": app_code()})
    assert done.url == "/admin/people/"
    assert client.get("/admin/people/").status_code == 200


def test_every_address_is_closed_until_then(client):
    """All that the portal answers, but the way to a second factor, logging out and health."""
    client.force_login(make_curator())
    open_ones = {
        *("account_logout", "alive", "ready", "mfa_index", "mfa_activate_totp"),
        *("mfa_add_webauthn", "account_reauthenticate"),
    }
    for name, route in all_routes().items():
        path = "/" + re.sub(r"<(\w+:)?\w+>", "1", route)
        if name in open_ones:
            continue
        response = client.get(path)
        assert (response.status_code, response.get("Location")) == (302, SECURITY), path
    for path in ("/admin/", "/admin/people/user/", "/admin/people/user/1/change/"):
        assert client.get(path).url == SECURITY
        assert client.post(path).url == SECURITY


@really_commits
def test_others_need_none_and_may_have_one(client):
    user = make_user()
    log_in(client, user)
    assert client.get("/mina-sidor/").status_code == 200
    secret = secret_on(client.get(APP))
    client.post(APP, {"code": app_code(secret)})
    other = stranger()
    assert log_in(other, user).url == SECOND

    done = client.post(f"{APP}ta-bort/")
    assert done.url == SECURITY
    assert Authenticator.objects.count() == 0
    assert AuditEntry.about(user)[0].verb == "andra faktor borttagen"
    assert log_in(stranger(), user).url == "/mina-sidor/"


def test_a_curator_cannot_take_away_her_last_factor(client):
    curator = make_curator()
    add_app(curator)
    log_in(client, curator)
    client.post(SECOND, {"code": app_code()})
    client.post(f"{AGAIN}?next={APP}ta-bort/", {"code": next(iter(recovery()))})
    response = client.get(f"{APP}ta-bort/")
    assert "Du måste ha en andra faktor. Lägg till en annan först." in text_of(response)
    client.post(f"{APP}ta-bort/")
    assert Authenticator.objects.filter(type="totp").count() == 1


def recovery() -> list[str]:
    """The recovery codes that are left."""
    return Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()


def test_recovery_codes_are_shown_again_only_to_who_shows_a_factor(client):
    user = make_user()
    add_app(user)
    log_in(client, user)
    client.post(SECOND, {"code": app_code()})
    assert client.get(CODES).url == f"{AGAIN}?next=%2Fkonto%2Fsakerhet%2Freservkoder%2F"
    first = recovery()
    client.post(f"{AGAIN}?next={CODES}", {"code": first[0]})
    page = client.get(CODES)
    assert re.findall(r"<code>(\d{8})</code>", page.content.decode()) == first[1:]
    file = client.get(f"{CODES}fil/")
    assert file.content.decode().split("\n\n")[1].split() == first[1:]
    client.post(f"{CODES}nya/")
    assert set(recovery()) & set(first) == set()


@really_commits
def test_the_secret_is_not_readable_in_the_database(client):
    user = make_user()
    log_in(client, user)
    secret = secret_on(client.get(APP))
    client.post(APP, {"code": app_code(secret)})
    stored = [str(row.data) for row in Authenticator.objects.all()]
    assert not [row for row in stored if secret in row or any(code in row for code in recovery())]


def test_an_older_key_of_the_portal_still_reads_the_secrets(client, settings):
    user = make_user()
    from people.adapters import SecondFactorAdapter

    hidden = SecondFactorAdapter().encrypt(SECRET)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "x" * 50
    assert SecondFactorAdapter().decrypt(hidden) == SECRET
    assert user.pk


def test_an_administrator_helps_somebody_who_has_lost_everything(client):
    curator = make_curator("annan@example.org")
    add_app(curator)
    there = stranger()
    log_in(there, curator)
    there.post(SECOND, {"code": app_code()})

    administrator = make_curator()
    log_in(client, administrator)
    add_app(administrator)
    client.post(f"{AGAIN}?next=/admin/", {"code": app_code()})
    client.post(
        "/admin/people/user/",
        {"action": "remove_second_factor", "_selected_action": [curator.pk]},
    )
    assert not Authenticator.objects.filter(user=curator).exists()
    assert lands(there, "/admin/") == f"{LOGIN}?next=%2Fadmin%2F"
    entry = AuditEntry.about(curator)[0]
    assert (entry.verb, entry.by) == ("andra faktor borttagen", administrator)


def test_the_admins_own_login_leads_to_the_portals(client):
    for path in ("/admin/", "/admin/login/", "/admin/login/?next=/admin/people/"):
        response = client.get(path, follow=True)
        assert response.request["PATH_INFO"] == LOGIN
    assert client.post("/admin/login/", {"username": "x", "password": "y"}).url.startswith(LOGIN)
    client.force_login(make_user())
    assert client.get("/admin/").status_code in {302, 403}
    assert client.get("/admin/login/").status_code == 403


def test_what_allauth_keeps_is_not_in_the_admin(client, settings):
    settings.SECOND_FACTOR_REQUIRED = False
    client.force_login(make_curator())
    page = client.get("/admin/").content.decode()
    assert re.findall(r'href="/admin/(account|mfa|socialaccount|usersessions)/', page) == []


def test_sessions_of_those_who_can_do_much_are_shorter(client):
    log_in(client, make_user())
    assert client.session.get_expiry_age() == 7 * 24 * 3600
    other = stranger()
    log_in(other, make_curator())
    assert other.session.get_expiry_age() == 24 * 3600


def test_the_password_does_not_stand_in_for_the_second_factor(client):
    curator = make_curator(password="fyra ord som ingen gissar")
    add_app(curator)
    ask_for_code(client, curator.email)
    client.post(LOGIN_CODE, {"code": code_in(last_mail())})
    client.post(SECOND, {"code": app_code()})
    page = client.get(CODES, follow=True)
    assert page.request["PATH_INFO"] == AGAIN
    assert "lösenord" not in text_of(page).lower()
