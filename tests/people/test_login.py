"""Login by a code sent by e-mail, and by password."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.post import NotDelivered
from people.models import User
from tests.factories import make_user

from .walking import (
    LOGIN,
    LOGIN_CODE,
    ask_for_code,
    code_in,
    last_mail,
    log_in,
    stranger,
    text_of,
    who,
    wrong,
)

pytestmark = pytest.mark.django_db


def test_a_code_by_mail_logs_in(client):
    user = make_user()

    asked = ask_for_code(client, " Handlaggare@Example.org ")
    assert (asked.status_code, asked.url) == (302, LOGIN_CODE)
    assert [(message.to, message.subject) for message in mail.outbox] == [
        (["handlaggare@example.org"], "Din kod för att logga in i KSI")
    ]

    done = client.post(LOGIN_CODE, {"code": code_in(last_mail())})
    assert (done.status_code, done.url) == (302, "/mina-sidor/")
    assert who(client) == user.email
    assert EmailAddress.objects.values_list("email", "verified", "primary").get() == (
        user.email,
        True,
        True,
    )


@pytest.mark.parametrize("dash", ["", " ", "-"])
def test_the_code_may_be_written_with_or_without_its_dash(client, dash):
    ask_for_code(client, make_user().email)
    code = code_in(last_mail()).replace("-", dash)
    client.post(LOGIN_CODE, {"code": code})
    assert who(client) == "handlaggare@example.org"


def test_the_code_is_nowhere_in_the_database_but_in_the_session(client):
    ask_for_code(client, make_user().email)
    code = code_in(last_mail())
    tables = connection.introspection.table_names()
    found = []
    for table in tables:
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}"')
            if any(
                code in str(value) or code.replace("-", "") in str(value)
                for row in cursor
                for value in row
            ):
                found.append(table)
    assert found == []  # the session itself is signed and packed
    assert (
        client.session["account_login"]["state"]["stages"]["login_by_code"]["data"]["code"] == code
    )


def test_a_wrong_code_says_so_and_keeps_the_page(client):
    ask_for_code(client, make_user().email)
    response = client.post(LOGIN_CODE, {"code": wrong(code_in(last_mail()))})
    assert response.status_code == 200
    assert "Koden stämmer inte. Skriv siffrorna i den senaste koden du fick." in text_of(response)
    assert who(client) == ""
    client.post(LOGIN_CODE, {"code": code_in(last_mail())})
    assert who(client) == "handlaggare@example.org"


def test_after_five_wrong_codes_the_right_one_is_worth_nothing(client):
    ask_for_code(client, make_user().email)
    code = code_in(last_mail())
    answers = [client.post(LOGIN_CODE, {"code": wrong(code)}) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 302]
    assert answers[-1].url == LOGIN
    assert "Det blev för många försök." in client.get(LOGIN).content.decode()
    assert client.post(LOGIN_CODE, {"code": code}).url == LOGIN
    assert who(client) == ""


def test_a_code_lasts_a_quarter_of_an_hour(client, time_machine):
    time_machine.move_to("2026-05-04 12:00:00+02:00", tick=False)
    ask_for_code(client, make_user().email)
    time_machine.move_to("2026-05-04 12:15:01+02:00", tick=False)
    assert client.post(LOGIN_CODE, {"code": code_in(last_mail())}).url == LOGIN
    assert who(client) == ""


def test_a_code_logs_in_once_and_only_where_it_was_asked_for(client):
    user = make_user()
    ask_for_code(client, user.email)
    code = code_in(last_mail())
    other = stranger()
    assert other.post(LOGIN_CODE, {"code": code}).url == LOGIN
    ask_for_code(other, user.email)
    assert other.post(LOGIN_CODE, {"code": code}).status_code == 200
    assert (who(client), who(other)) == ("", "")


def test_a_new_code_replaces_the_old_one_and_may_be_asked_for_twice(client):
    ask_for_code(client, make_user().email)
    first = code_in(last_mail())
    for _ in range(3):
        client.post(LOGIN_CODE, {"action": "resend"})
    assert len(mail.outbox) == 3
    assert client.post(LOGIN_CODE, {"code": first}).status_code == 200
    client.post(LOGIN_CODE, {"code": code_in(last_mail())})
    assert who(client) == "handlaggare@example.org"


def story(email: str) -> tuple[list[Any], list[int]]:
    """What somebody meets who asks for a code with this address, and what it cost."""
    client, answers, queries = stranger(), [], []
    for step in (
        lambda: client.get(LOGIN),
        lambda: ask_for_code(client, email),
        lambda: client.get(LOGIN_CODE),
        lambda: client.post(LOGIN_CODE, {"code": "0000-0001"}),
        lambda: client.post(LOGIN_CODE, {"action": "resend"}),
    ):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            response = step()
        text = re.sub(r'value="[A-Za-z0-9]{64}"', "", response.content.decode()).replace(email, "X")
        answers.append((response.status_code, response.headers.get("Location"), text))
        queries.append(len(captured))
    return answers, queries


def test_an_unknown_address_meets_the_same_pages():
    known, unknown, closed = "aa@example.org", "bb@example.org", "cc@example.org"
    make_user(known)
    make_user(closed, is_active=False)
    stories = [story(email) for email in (known, unknown, closed)]
    assert stories[1][0] == stories[0][0]
    assert stories[2][0] == stories[0][0]
    # Who has an account is asked for once, either way; what follows knows whom it waits for.
    asked = [queries[1] for _, queries in stories]
    assert asked == [asked[0]] * 3


def test_an_unknown_address_gets_one_mail_as_a_known_one(client):
    ask_for_code(client, "okand@example.org")
    assert [(message.to, message.subject) for message in mail.outbox] == [
        (["okand@example.org"], "Det finns inget konto i KSI med din adress")
    ]


def test_codes_are_limited_per_account_whether_it_exists_or_not():
    for email in (make_user().email, "okand@example.org"):
        cache.clear()
        mail.outbox.clear()
        answers = [ask_for_code(stranger(REMOTE_ADDR=f"192.0.2.{n}"), email) for n in range(9)]
        assert [answer.status_code for answer in answers] == [302] * 8 + [200]
        assert "Det blev för många försök." in answers[-1].content.decode()
        assert len(mail.outbox) == 8


def test_codes_are_limited_per_address():
    make_user()
    answers = [ask_for_code(stranger(), f"person{n}@example.org") for n in range(21)]
    assert [answer.status_code for answer in answers] == [302] * 20 + [200]


def test_many_tries_to_log_in_from_one_address_are_429(client):
    for _ in range(30):
        client.post(LOGIN, {"login": "x"})
    response = client.post(LOGIN, {"login": "x"})
    assert (response.status_code, response["Retry-After"]) == (429, "60")
    assert "För många försök" in response.content.decode()


def test_behind_a_proxy_each_visitor_has_a_limit_of_her_own(client, settings):
    settings.PROXY_COUNT = settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    statuses = [
        client.post(LOGIN, {"login": "x"}, HTTP_X_FORWARDED_FOR=f"1.2.3.4, 192.0.2.{n}").status_code
        for n in range(35)
    ]
    assert set(statuses) == {200}
    made_up = [
        client.post(
            LOGIN, {"login": "x"}, HTTP_X_FORWARDED_FOR=f"1.2.3.{n}, 198.51.100.7"
        ).status_code
        for n in range(31)
    ]
    assert made_up == [200] * 30 + [429]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Skriv din e-postadress"),
        ("anna", "Skriv en e-postadress, till exempel namn@example.org"),
        ("anna@example.org\r\nBcc: x@example.org", "Skriv en e-postadress, till exempel"),
    ],
)
def test_what_is_no_address_is_told_so(client, typed, said):
    response = ask_for_code(client, typed)
    assert response.status_code == 200
    assert said in text_of(response)
    assert mail.outbox == []


def test_the_session_key_changes_at_login_so_that_a_planted_one_is_worth_nothing(client):
    user = make_user()
    ask_for_code(client, user.email)
    planted = client.session.session_key
    client.post(LOGIN_CODE, {"code": code_in(last_mail())})
    assert client.session.session_key != planted
    thief = stranger()
    thief.cookies["ksi_session"] = planted
    assert thief.get("/mina-sidor/").status_code == 302


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "https:evil.example",
        "javascript:alert(1)",
        "http://localhost.evil.example/",
        "http://[::1]/",
    ],
)
def test_next_leads_nowhere_else(client, elsewhere):
    done = log_in(client, make_user(), next=elsewhere)
    assert (done.status_code, done.url) == (302, "/mina-sidor/")


def test_next_leads_back_within_the_portal(client):
    asked = ask_for_code(client, make_user().email, next="/inventering/?q=a")
    assert asked.url == "/konto/logga-in/kod/?next=%2Finventering%2F%3Fq%3Da"
    done = client.post(asked.url, {"code": code_in(last_mail())})
    assert done.url == "/inventering/?q=a"


def test_a_forged_host_gets_nowhere_and_links_in_mail_are_the_portals_own(client, settings):
    assert (
        client.post(LOGIN, {"login": "x@example.org"}, HTTP_HOST="evil.example").status_code == 400
    )
    assert mail.outbox == []
    client.post(
        LOGIN,
        {"login": "x@example.org"},
        HTTP_HOST="127.0.0.1:1234",
        HTTP_X_FORWARDED_HOST="evil.example",
    )
    told = last_mail().body + last_mail().alternatives[0][0]
    assert set(re.findall(r"https?://[^/\s\"]+", told)) == {settings.PORTAL_URL}


def test_a_stale_form_is_told_kindly():
    client = stranger(enforce_csrf_checks=True)
    response = client.post(LOGIN, {"login": "x@example.org", "csrfmiddlewaretoken": "a" * 64})
    assert response.status_code == 403
    assert "Formuläret hade legat öppet för länge" in response.content.decode()
    assert mail.outbox == []


def test_a_mail_server_that_refuses_is_told_the_same_to_all(monkeypatch):
    class Shut:
        def deliver(self, message: Any) -> None:
            raise NotDelivered("Ingen svarar", server=True)

        def close(self) -> None:
            pass

    monkeypatch.setattr("core.post.door", Shut)
    answers = [
        ask_for_code(stranger(), email) for email in (make_user().email, "okand@example.org")
    ]
    assert [answer.status_code for answer in answers] == [503, 503]
    pages = [re.sub(r'value="[A-Za-z0-9]{64}"', "", a.content.decode()) for a in answers]
    assert pages[0] == pages[1]
    assert "Mejlet kunde inte skickas" in pages[0]


def test_a_closed_account_gets_no_further_than_an_unknown_one(client):
    ask_for_code(client, make_user(is_active=False).email)
    assert last_mail().subject == "Det finns inget konto i KSI med din adress"


def test_somebody_who_is_logged_in_needs_no_login_page(client):
    log_in(client, make_user())
    assert client.get(f"{LOGIN}?next=/om/").url == "/om/"
    assert client.get(LOGIN).url == "/mina-sidor/"


def test_an_address_that_has_changed_hands_logs_in_the_new_owner(client):
    before = make_user("gammal@example.org")
    EmailAddress.objects.create(user=before, email="ny@example.org", verified=True, primary=True)
    after = make_user("ny@example.org")
    log_in(client, after)
    assert who(client) == "ny@example.org"
    assert list(EmailAddress.objects.values_list("user__email", "email")) == [
        ("ny@example.org", "ny@example.org")
    ]


# --- Password -----------------------------------------------------------------------------------

PASSWORD = "fyra ord som ingen gissar"
BY_PASSWORD = "/konto/logga-in/losenord/"


def make_user_with_password() -> User:
    user = make_user(password=PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def test_a_password_logs_in_who_has_set_one(client):
    user = make_user_with_password()
    done = client.post(BY_PASSWORD, {"login": user.email, "password": PASSWORD, "next": "/om/"})
    assert (done.url, who(client), mail.outbox) == ("/om/", user.email, [])


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("handlaggare@example.org", "fel lösenord"),
        ("okand@example.org", PASSWORD),
        ("utan@example.org", PASSWORD),
    ],
)
def test_a_wrong_password_and_an_unknown_address_are_told_the_same(client, email, password):
    make_user_with_password()
    make_user("utan@example.org")
    response = client.post(BY_PASSWORD, {"login": email, "password": password})
    assert response.status_code == 200
    assert "Adressen eller lösenordet stämmer inte." in response.content.decode()
    assert who(client) == ""


def test_passwords_are_limited_per_account():
    user = make_user_with_password()
    for n in range(5):
        stranger(REMOTE_ADDR=f"192.0.2.{n}").post(
            BY_PASSWORD, {"login": user.email, "password": "x"}
        )
    client = stranger(REMOTE_ADDR="192.0.2.99")
    response = client.post(BY_PASSWORD, {"login": user.email, "password": PASSWORD})
    assert "Det blev för många försök." in response.content.decode()
    assert who(client) == ""


def test_a_password_alone_does_not_prove_an_address(client):
    user = make_user(password=PASSWORD)
    done = client.post(BY_PASSWORD, {"login": user.email, "password": PASSWORD})
    assert (done.url, who(client)) == ("/konto/ny/kod/", "")
    client.post("/konto/ny/kod/", {"code": code_in(last_mail())})
    assert who(client) == user.email


@pytest.mark.django_db(transaction=True)
def test_setting_changing_and_removing_a_password(client):
    user = make_user()
    log_in(client, user)
    other = stranger()
    log_in(other, user)

    short = client.post("/konto/losenord/", {"password1": "kort"})
    assert "Det här lösenordet är för kort. Det måste innehålla minst 12 tecken." in text_of(short)
    done = client.post("/konto/losenord/", {"password1": PASSWORD})
    assert done.url == "/mina-sidor/"
    assert last_mail().subject == "Ditt konto i KSI har fått ett lösenord"
    assert who(client) == user.email
    assert other.get("/mina-sidor/").status_code == 302  # other sessions end

    wrong_old = client.post(
        "/konto/losenord/byt/", {"oldpassword": "x", "password1": PASSWORD + "2"}
    )
    assert "Det är inte ditt nuvarande lösenord." in wrong_old.content.decode()
    done = client.post(
        "/konto/losenord/byt/", {"oldpassword": PASSWORD, "password1": PASSWORD + "2"}
    )
    assert done.url == "/mina-sidor/"
    assert User.objects.get().check_password(PASSWORD + "2")

    done = client.post("/konto/losenord/ta-bort/")
    assert (done.url, who(client)) == (LOGIN, "")
    assert not User.objects.get().has_usable_password()
    assert timezone.now()
