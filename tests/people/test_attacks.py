"""Forged forms, slipped-in fields, addresses and names that break letters, two at once."""

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core import mail, post
from core.models import AuditEntry, Mail
from inventory import contact_views
from inventory.emails import relay_of
from inventory.models import Message
from people import actions, erasure, membership_views
from people.models import ErasureRequest, Membership, Session, SiteRole, User
from people.sessions import SessionStore
from tests.addresses import own_routes
from tests.factories import make_curator, make_district, make_project, make_user
from tests.inventory.writing import kept, send

pytestmark = pytest.mark.django_db

# What somebody who knows the models would add to a form.
SLIPPED_IN = {
    "is_staff": "on",
    "is_superuser": "on",
    "is_active": "on",
    "is_city_staff": "on",
    "reads_internal": "on",
    "state": "godkand",
    "user": "1",
    "by": "1",
    "decided_by": "1",
    "decided_at": "2020-01-01",
    "erased_at": "2020-01-01",
    "pk": "1",
    "id": "1",
}


def addresses_with_forms() -> list[str]:
    """Every own address, with a made-up number."""
    return sorted("/" + re.sub(r"<\w+:\w+>", "1", route) for route in own_routes().values())


@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize("token", ["", "x" * 64])
def test_a_form_from_elsewhere_changes_nothing(signed_in, token):
    """403 wherever a form is taken; no address takes one without the cookie and the token.

    But for the one that mail programs post to, whose secret is its address.
    """
    user = make_curator()
    before = (User.objects.count(), Membership.objects.count(), Mail.objects.count())
    answers = {}
    for address in addresses_with_forms():
        browser = Client(enforce_csrf_checks=True)
        if signed_in:
            browser.force_login(user)
        browser.cookies["ksi_csrf"] = token
        answers[address] = browser.post(
            address, {"csrfmiddlewaretoken": "y" * 63 + "z"}
        ).status_code
    assert answers.pop("/foljer/avsluta/1/") == 404
    assert {address for address, status in answers.items() if status not in {403, 405}} == set()
    assert before == (User.objects.count(), Membership.objects.count(), Mail.objects.count())


def test_nothing_is_slipped_in_when_joining(client):
    user, farsta = make_user("ny@annan.example.org", is_city_staff=False), make_district("Farsta")
    client.force_login(user)
    asked = {"organisation": farsta.pk, "role": "uppgiftslamnare"}
    client.post("/mina-sidor/ga-med/", SLIPPED_IN | asked)
    membership = Membership.objects.get()
    assert (membership.user, membership.state, membership.decided_by) == (user, "begard", None)
    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser, user.is_city_staff, user.reads_internal) == (
        *(False, False),
        *(False, False),
    )


def test_nothing_is_slipped_in_with_a_message(client):
    project = make_project()
    typed = {"text": "Hur började ni?", "email": "bo@example.org"}
    slipped = {
        "sent_to_function": "Någon annan",
        "to": "x@example.org",
        "received_at": "2020-01-01",
    }
    client.post(f"{project.get_absolute_url()}kontakt/", SLIPPED_IN | slipped | typed)
    message = Message.objects.get()
    assert (message.erased_at, message.sent_to_function) == (None, relay_of(project).function)
    assert message.received_at.year == timezone.now().year
    assert Mail.objects.get().to == relay_of(project).address


def test_nothing_is_slipped_in_with_a_decision(client):
    registrar, other = make_user("registrator@example.org"), make_curator()
    actions.give_role(user=registrar, role="registrator", by=None)
    asked, _ = erasure.ask(by=make_user("jag@example.org"))
    client.force_login(registrar)
    decided = {"reason": "Ett ärende pågår.", "decided_by": other.pk, "user": other.pk}
    client.post(f"/redaktion/radering/{asked.pk}/avsla/", SLIPPED_IN | decided)
    request = ErasureRequest.objects.get()
    assert (request.decided_by, request.user.email, request.state) == (
        registrar,
        "jag@example.org",
        "avslagen",
    )
    assert request.decided_at.year == timezone.now().year


# --- Addresses and names ------------------------------------------------------------------------

NO_LETTER_CARRIES = [
    '"a\x0bb"@example.org',  # a line break to Python's e-mail library
    '"a\x1cBcc:x"@example.org',
    "bo@example.org\u202e",
    "bo@example.org\u200b",
    f"bo@{'å' * 60}.se",
]


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def with_role(role: str, name: str = "") -> User:
    user = make_user(f"{name or role}@annan.example.org")
    actions.give_role(user=user, role=role, by=None)
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("address", NO_LETTER_CARRIES, ids=ascii)
def test_nobody_is_thanked_for_an_address_that_no_letter_can_carry(client, address):
    project = make_project(contact_email="enheten@example.org")
    response = send(client, project, email=address)
    assert (response.status_code, kept(), Mail.objects.count()) == (422, [], 0)
    assert "Skriv en e-postadress, till exempel namn@example.org." in response.content.decode()


@pytest.mark.parametrize("address", NO_LETTER_CARRIES, ids=ascii)
def test_nobody_is_invited_or_made_a_contact_at_such_an_address(address):
    desk = signed_in(make_curator())
    assert desk.post("/admin/people/invitation/add/", {"email": address}).status_code == 200
    unit = make_district("Farsta")
    fields = {"name": "Farsta", "slug": "farsta", "kind": unit.kind, "contact_email": address}
    desk.post(f"/admin/people/organisation/{unit.pk}/change/", fields)
    unit.refresh_from_db()
    assert unit.contact_email == ""


@pytest.mark.parametrize("address", ["bo@example.org", '"bo"@example.org', "bo@åkeri.se"])
def test_every_line_of_a_letters_head_is_a_header(address):
    written = mail.write(
        to="enheten@example.org",
        template="tests/letter.html",
        context={"name": "Bo"},
        purpose="prov",
        reply_to=address,
    )
    head = post.as_bytes(mail.message_of(written).message()).split(b"\r\n\r\n")[0]
    assert all(b":" in line or line[:1] in b" \t" for line in head.split(b"\r\n")), head


@pytest.mark.parametrize("sign", ["\u202e", "\u200b", "\n", "\x0b"], ids=ascii)
def test_an_unseen_sign_in_a_name_hinders_no_request_to_join(sign):
    with_role("redaktor")
    unit, user = make_district("Farsta"), make_user("ny@annan.example.org")
    browser = signed_in(user)
    browser.post("/konto/namn/", {"name": f"Enhets{sign}chefen"})
    user.refresh_from_db()
    assert user.name in {"Enhetschefen", "Enhets chefen"}
    asked = {"organisation": unit.pk, "role": "uppgiftslamnare"}
    assert browser.post("/mina-sidor/ga-med/", asked).status_code == 302


def test_a_year_that_no_calendar_has_is_a_filter_that_is_not_understood():
    desk = signed_in(with_role("administrator"))
    for listing, field in (("core_auditentry", "at"), ("inventory_message", "received_at")):
        address = reverse(f"admin:{listing}_changelist")
        response = desk.get(f"{address}?{field}__year={'9' * 20}")
        assert (response.status_code, response.headers["Location"]) == (302, f"{address}?e=1")


# --- Who reads what -----------------------------------------------------------------------------


def test_curators_read_no_message_in_the_mail_and_not_who_wrote_it():
    writer = make_user("bo@annan.example.org", name="Skrivaren")
    project = make_project(contact_email="enheten@example.org")
    send(signed_in(writer), project, text="Ordet Xyzzy", email="bo@annan.example.org")
    desk = signed_in(with_role("redaktor"))
    one = reverse("admin:core_mail_change", args=[Mail.objects.get().pk])
    for address in (one, "/admin/core/mail/?q=bo@annan.example.org", "/redaktion/historik/"):
        page = desk.get(address).content.decode()
        assert ("Xyzzy" in page, "Skrivaren" in page) == (False, False), address
    assert AuditEntry.objects.get(verb="meddelande mottaget").by is None


def test_what_names_the_erased_is_not_in_mail_to_others():
    with_role("redaktor")
    user = make_user("ny@annan.example.org", name="Den sökande")
    actions.ask_to_join(organisation=make_district("Farsta"), role="uppgiftslamnare", by=user)
    told = " ".join(f"{each.subject} {each.text} {each.html}" for each in Mail.objects.all())
    assert ("Den sökande" in told, user.email in told) == (False, False)


def test_asking_to_be_erased_drops_no_message_that_has_not_reached_its_function():
    user = make_user("bo@annan.example.org")
    project = make_project(contact_email="enheten@example.org")
    send(signed_in(user), project, email=user.email)
    Mail.objects.update(state=Mail.State.FAILED)
    erasure.ask(by=user)
    relayed = Mail.objects.get(purpose="meddelande-till-funktion")
    assert mail.send_again(mail=relayed, by=with_role("redaktor"))


def test_a_login_that_was_begun_is_erased_with_the_account():
    user = make_user("bo@annan.example.org")
    browser = Client()
    browser.post("/konto/logga-in/", {"login": user.email})
    begun = Session.objects.get()
    code = re.search(r"'code': '([^']+)'", str(SessionStore().decode(begun.session_data)))
    user.delete()
    assert Session.objects.count() == 0
    assert browser.post("/konto/logga-in/kod/", {"code": code[1]}).status_code == 302


# --- The last administrator ---------------------------------------------------------------------


def test_the_last_administrator_is_not_deleted_at_the_desk():
    last = with_role("administrator")
    desk = signed_in(last)
    for address in (
        reverse("admin:people_user_delete", args=[last.pk]),
        reverse("admin:people_siterole_delete", args=[last.site_roles.get().pk]),
    ):
        assert desk.post(address, {"post": "yes"}).status_code == 403
    assert SiteRole.objects.filter(role="administrator").count() == 1


def test_of_all_administrators_chosen_together_none_is_deleted():
    one, other = with_role("administrator", "a1"), with_role("administrator", "a2")
    chosen = {"action": "delete_selected", "_selected_action": [one.pk, other.pk], "post": "yes"}
    assert signed_in(one).post("/admin/people/user/", chosen).status_code == 403
    assert SiteRole.objects.filter(role="administrator").count() == 2


# --- Two at once --------------------------------------------------------------------------------


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Do these at the very same time, each on a connection of its own."""
    gate = threading.Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        try:
            gate.wait(20)
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as threads:
        return list(threads.map(run, jobs))


@pytest.mark.django_db(transaction=True)
def test_two_who_grant_at_once_erase_once():
    request, _ = erasure.ask(by=make_user("jag@annan.example.org"))
    address = f"/redaktion/radering/{request.pk}/radera/"
    one, other = signed_in(with_role("registrator")), signed_in(with_role("administrator"))
    answers = at_once(lambda: one.post(address), lambda: other.post(address))
    assert sorted(answer.status_code for answer in answers) == [302, 404]
    assert AuditEntry.objects.filter(verb="konto raderat").count() == 1
    assert Mail.objects.filter(purpose="radering-beviljad").count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_who_grants_and_one_who_declines_do_one_of_the_two():
    user = make_user("jag@annan.example.org")
    request, _ = erasure.ask(by=user)
    one, other = signed_in(with_role("registrator")), signed_in(with_role("administrator"))
    address = f"/redaktion/radering/{request.pk}"
    answers = at_once(
        lambda: one.post(f"{address}/radera/"),
        lambda: other.post(f"{address}/avsla/", {"reason": "Ett ärende pågår."}),
    )
    assert sorted(answer.status_code for answer in answers) == [302, 404]
    purposes = ["radering-beviljad", "radering-avslagen"]
    told = Mail.objects.filter(purpose__in=purposes).values_list("purpose", flat=True)
    erased = not User.objects.filter(pk=user.pk).exists()
    assert list(told) == [purposes[0 if erased else 1]]


@pytest.mark.django_db(transaction=True)
def test_two_administrators_erased_at_once_leave_one():
    asked = [erasure.ask(by=with_role("administrator", f"a{number}"))[0] for number in (1, 2)]
    browsers = [signed_in(with_role("registrator", f"r{number}")) for number in (1, 2)]
    at_once(
        *(
            lambda browser=browser, pk=request.pk: browser.post(f"/redaktion/radering/{pk}/radera/")
            for browser, request in zip(browsers, asked, strict=True)
        )
    )
    assert SiteRole.objects.filter(role="administrator").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_message_survives_that_its_account_is_erased_meanwhile(monkeypatch):
    project = make_project(contact_email="enheten@example.org")
    user = make_user("jag@annan.example.org")
    browser, receive = signed_in(user), contact_views.actions.receive_message

    def erased_first(**facts: Any) -> Message:
        at_once(lambda: User.objects.get(pk=user.pk).delete())
        return receive(**facts)

    monkeypatch.setattr(contact_views.actions, "receive_message", erased_first)
    assert send(browser, project).status_code == 302
    assert Message.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_somebody_who_is_erased_while_she_asks_for_something_is_a_stranger(monkeypatch):
    unit, user = make_district("Farsta"), make_user("jag@annan.example.org")
    browser, ask = signed_in(user), membership_views.actions.ask_to_join

    def erased_first(**facts: Any) -> Membership:
        at_once(lambda: User.objects.get(pk=user.pk).delete())
        return ask(**facts)

    monkeypatch.setattr(membership_views.actions, "ask_to_join", erased_first)
    asked = {"organisation": unit.pk, "role": "uppgiftslamnare"}
    response = browser.post("/mina-sidor/ga-med/", asked)
    assert (response.status_code, response["Location"]) == (302, "/konto/logga-in/")
    assert Membership.objects.count() == 0
