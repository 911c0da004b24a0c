"""A session and its account are read together, and never taken for another's."""

import pytest
from django.contrib import auth
from django.db import connection
from django.test import Client
from django.utils import timezone

from core.models import Edition
from people import sessions
from people.models import Session, User
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def test_session_and_account_are_one_question(django_assert_num_queries):
    browser = signed_in(make_user())
    browser.get("/om/")
    with django_assert_num_queries(3) as asked:  # the edition, the session, who may be asked
        browser.get("/om/")
    read = [query["sql"] for query in asked if "people_session" in query["sql"]]
    assert len(read) == 1
    assert "people_user" in read[0]


def test_a_session_says_whose_it_is():
    user = make_user()
    signed_in(user)
    assert [session.user for session in Session.objects.all()] == [user]


def test_a_session_before_the_login_is_nobodys():
    Client().post("/konto/logga-in/", {"login": "nagon@example.org"})
    assert [session.user for session in Session.objects.all()] == [None]


def test_a_closed_account_is_out_at_its_next_request():
    user = make_user()
    browser = signed_in(user)
    assert browser.get("/mina-sidor/").status_code == 200

    User.objects.filter(pk=user.pk).update(is_active=False)
    assert browser.get("/mina-sidor/").status_code == 302


def test_another_password_ends_the_session():
    user = make_user()
    browser = signed_in(user)
    user.set_password("ett helt annat lösenord")
    user.save()
    assert browser.get("/mina-sidor/").status_code == 302


def test_erasing_the_account_ends_its_sessions():
    user = make_user()
    signed_in(user)
    user.delete()
    assert Session.objects.count() == 0


def test_two_browsers_are_two_people():
    one, other = make_user("enhetschef@example.org"), make_user("samordnare@example.org")
    browsers = {user: signed_in(user) for user in (one, other)}
    for user, browser in [*browsers.items(), *browsers.items()]:
        assert browser.get("/mina-sidor/").context["user"] == user


def test_nothing_is_at_hand_after_the_request():
    user = make_user()
    browser = signed_in(user)
    browser.get("/mina-sidor/")
    assert sessions.of_this_request.get() is None


def test_the_account_of_another_session_is_asked_for():
    """Allauth looks at all the sessions of a person from within one of them."""
    mine, other = make_user("enhetschef@example.org"), make_user("samordnare@example.org")
    key = signed_in(other).session.session_key
    backend = auth.load_backend("people.backends.Accounts")
    store = sessions.SessionStore(key)
    store.load()
    sessions.of_this_request.set(store)
    try:
        assert backend.get_user(mine.pk) == mine
        assert backend.get_user(other.pk) is store.account
    finally:
        sessions.of_this_request.set(None)


@pytest.mark.parametrize("key", ["abcdefgh\\000", "å" * 32, "' OR 1=1 --", "x" * 4000, "abcdefgh"])
def test_a_made_up_session_is_nobodys(client, key):
    client.cookies["ksi_session"] = key
    client.cookies["ksi_session"].set("ksi_session", key, f'"{key}"')
    assert client.get("/mina-sidor/").status_code == 302


def test_a_session_that_ran_out_is_nobodys():
    browser = signed_in(make_user())
    Session.objects.update(expire_date=timezone.now())
    assert browser.get("/mina-sidor/").status_code == 302


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server to lose")
def test_a_connection_that_died_between_two_requests_is_opened_again(client):
    assert client.get("/om/").status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    with connection.copy("other").cursor() as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])
        other.connection.close()

    number = Edition.JUMP  # another edition, so that the page is not served from memory
    assert client.get(f"/om/?{number}").status_code == 200
