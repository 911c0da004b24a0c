"""Forged forms and slipped-in fields, at every address that takes a form."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from core.models import Mail
from inventory.emails import relay_of
from inventory.models import Message
from people import actions, erasure
from people.models import ErasureRequest, Membership, User
from tests.addresses import own_routes
from tests.factories import make_curator, make_district, make_project, make_user

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
    """403 wherever a form is taken; no address takes one without the cookie and the token."""
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
