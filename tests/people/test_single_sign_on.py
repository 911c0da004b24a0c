"""Single sign-on, against a small provider that runs in the test."""

import http.client
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core import mail

from core.models import AuditEntry
from people import accounts
from people.models import Invitation, User
from tests.factories import make_curator, make_user

from .provider import Provider, running_provider
from .walking import LOGIN, add_app, app_code, last_mail, stranger, text_of, who

pytestmark = pytest.mark.django_db

SSO = "/konto/sso/"
BACK = "/konto/sso/svar/"


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    with running_provider() as provider:
        settings.SOCIALACCOUNT_PROVIDERS = provider.settings()
        yield provider


def at_the_provider(address: str) -> str:
    """Visit the provider as a browser does; where it sends one back."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    connection.request("GET", f"{parts.path}?{parts.query}")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 302
    return answer.headers["Location"]


def sign_on(client: Any, **sent: str) -> Any:
    """The whole way: the button, the provider, and back."""
    leaving = client.post(SSO, sent)
    assert leaving.status_code == 302
    back = urlsplit(at_the_provider(leaving.url))
    assert (back.netloc, back.path) == ("testserver", BACK)
    return client.get(f"{BACK}?{back.query}")


def test_somebody_of_the_city_comes_in_and_gets_an_account(client, provider):
    page = client.get(LOGIN)
    assert "Logga in med Stadens konto" in text_of(page)

    done = sign_on(client, next="/om/")
    assert (done.status_code, done.url, who(client)) == (302, "/om/", "anna@example.org")
    user = User.objects.get()
    assert (user.name, user.is_city_staff, user.is_staff) == ("Anna Exempel", True, False)
    assert provider.asked == [
        "/.well-known/openid-configuration",
        "/authorize",
        "/.well-known/openid-configuration",
        "/token",
        "/userinfo",
    ]
    again = stranger()
    assert sign_on(again).url == "/mina-sidor/"
    assert (who(again), User.objects.count()) == ("anna@example.org", 1)
    # Nothing of the provider's tokens is kept.
    from allauth.socialaccount.models import SocialToken

    assert SocialToken.objects.count() == 0


def test_who_has_an_account_already_comes_into_it(client, provider):
    user = make_user("anna@example.org", name="Anna i stan")
    sign_on(client)
    assert (who(client), User.objects.get().name) == (user.email, "Anna i stan")
    assert SocialAccount.objects.get().user == user


def test_an_address_the_provider_does_not_vouch_for_opens_no_account(client, provider):
    make_user("gun@forening.example")
    provider.claims |= {"email": "gun@forening.example", "email_verified": False}
    response = sign_on(client)
    assert "Du behöver en inbjudan" in text_of(response)
    assert (who(client), SocialAccount.objects.count()) == ("", 0)


def test_a_vouched_address_outside_the_domains_makes_no_account(client, provider):
    provider.claims |= {"email": "gun@forening.example"}
    assert "Du behöver en inbjudan" in text_of(sign_on(client))
    assert (who(client), User.objects.count()) == ("", 0)


def test_the_invited_comes_in_that_way_too(client, provider):
    accounts.invite(email="gun@forening.example", by=make_curator())
    provider.claims |= {"email": "gun@forening.example"}
    assert sign_on(client).url == "/mina-sidor/"
    assert who(client) == "gun@forening.example"
    assert Invitation.objects.get().used_at is not None


def test_somebody_elses_account_at_the_provider_is_not_taken_for_ones_own(client, provider):
    sign_on(client)
    provider.claims |= {"sub": "b-2", "email": "bo@example.org", "name": "Bo"}
    other = stranger()
    sign_on(other)
    assert (who(client), who(other)) == ("anna@example.org", "bo@example.org")


def test_the_second_factor_is_asked_here_as_well(client, provider, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    curator = make_curator("anna@example.org")
    sign_on(client)
    assert client.get("/admin/").url == "/konto/sakerhet/"
    add_app(curator)
    other = stranger()
    assert sign_on(other).url == "/konto/logga-in/andra-faktor/"
    other.post("/konto/logga-in/andra-faktor/", {"code": app_code()})
    assert who(other) == curator.email


def test_a_closed_account_stays_closed(client, provider):
    make_user("anna@example.org", is_active=False)
    assert sign_on(client).url == "/konto/avstangt/"
    assert who(client) == ""


def test_interrupting_and_failing_are_told(client, provider):
    provider.refuses = "access_denied"
    assert sign_on(client).url == "/konto/sso/avbruten/"
    assert "Inloggningen avbröts" in text_of(client.get("/konto/sso/avbruten/"))
    provider.refuses = "server_error"
    failed = sign_on(client)
    assert (failed.status_code, who(client)) == (401, "")
    assert "Inloggningen gick inte" in text_of(failed)


@pytest.mark.parametrize(
    "claims",
    [{"aud": "en annan"}, {"iss": "https://evil.example"}, {"exp": 1}],
)
def test_a_token_for_somebody_else_or_from_somebody_else_opens_nothing(client, provider, claims):
    provider.token_claims = claims
    assert sign_on(client).status_code == 401
    assert (who(client), User.objects.count()) == ("", 0)


def test_an_answer_that_was_not_asked_for_opens_nothing(client, provider):
    thief = stranger()
    back = at_the_provider(thief.post(SSO).url)
    # Somebody is lured to the address where the thief's login ends.
    response = client.get(f"{BACK}?{urlsplit(back).query}")
    assert (response.status_code, who(client)) == (401, "")
    for query in ("", "?code=x", "?state=x", "?code=x&state=x"):
        assert client.get(f"{BACK}{query}").status_code == 401
    # And an answer is used once.
    assert thief.get(f"{BACK}?{urlsplit(back).query}").status_code == 302
    thief.logout()
    assert thief.get(f"{BACK}?{urlsplit(back).query}").status_code == 401


def test_the_question_is_for_us_alone(client, provider):
    query = parse_qs(urlsplit(client.post(SSO).url).query)
    assert query["redirect_uri"] == ["http://testserver/konto/sso/svar/"]
    assert query["code_challenge_method"] == ["S256"]
    assert len(query["state"][0]) >= 16


def test_a_provider_without_addresses_logs_nobody_in(client, provider):
    del provider.claims["email"]
    assert sign_on(client).status_code == 401
    assert User.objects.count() == 0


def test_a_provider_that_does_not_answer_is_told(client, provider):
    provider.server.shutdown()
    provider.server.server_close()
    response = client.post(SSO)
    assert response.status_code == 503
    assert "Inloggningen gick inte" in text_of(response)


def test_a_page_asks_before_one_leaves(client, provider):
    page = client.get(SSO)
    assert "Du skickas till Stadens konto och sedan tillbaka hit." in text_of(page)
    assert provider.asked == []


@pytest.mark.django_db(transaction=True)
def test_connecting_tells_by_mail_and_in_the_history(client, provider):
    user = make_user("anna@example.org")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    sign_on(client)
    told = [message.subject for message in mail.outbox]
    assert told == ["Ditt konto i KSI är kopplat till stadens inloggning"]
    lines = AuditEntry.about(user).values_list("verb", "by")
    assert list(lines) == [("stadens inloggning kopplad", user.pk)]
    assert "Ditt konto har kopplats till Stadens konto." in last_mail().body


def test_without_a_provider_there_is_no_button_and_no_address(client):
    assert "Stadens konto" not in text_of(client.get(LOGIN))
    assert client.get(SSO).status_code == 404
    assert client.post(SSO).status_code == 404
    assert client.get(BACK).status_code == 404
