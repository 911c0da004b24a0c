"""Joining a unit: somebody asks, its manager answers, she leaves; what is the unit's stays."""

import pytest
from django.urls import reverse

from core.models import AuditEntry, Mail
from people import actions
from people.actions import NotAllowedMove
from people.models import Membership, User
from tests.factories import make_curator, make_district, make_user

pytestmark = pytest.mark.django_db

State = Membership.State


@pytest.fixture
def farsta():
    return make_district("Farsta")


@pytest.fixture
def manager(farsta) -> User:
    user = make_user("chef@annan.example.org")
    Membership.objects.create(
        user=user, organisation=farsta, role="enhetschef", state=State.APPROVED
    )
    return user


@pytest.fixture
def asking() -> User:
    return make_user("ny@annan.example.org")


def request_of(asking, farsta) -> Membership:
    return actions.ask_to_join(organisation=farsta, role="uppgiftslamnare", by=asking)


def test_somebody_asks_and_the_manager_is_told_by_mail(client, asking, farsta, manager):
    client.force_login(asking)
    response = client.post(reverse("join"), {"organisation": farsta.pk, "role": "uppgiftslamnare"})
    assert response["Location"] == reverse("my-pages")
    membership = Membership.objects.get(user=asking)
    assert (membership.state, membership.decided_at) == (State.REQUESTED, None)
    assert list(Mail.objects.values_list("to", flat=True)) == [manager.email]


def test_asking_twice_is_one_request_and_one_mail(asking, farsta, manager):
    assert request_of(asking, farsta) == request_of(asking, farsta)
    assert (Membership.objects.filter(user=asking).count(), Mail.objects.count()) == (1, 1)


def test_where_no_manager_is_the_curators_are_asked(asking, farsta):
    curator = make_curator()
    actions.give_role(user=curator, role="redaktor", by=None)
    request_of(asking, farsta)
    assert list(Mail.objects.values_list("to", flat=True)) == [curator.email]


@pytest.mark.parametrize(
    ("decision", "state"), [("godkann", State.APPROVED), ("avsla", State.DECLINED)]
)
def test_the_manager_answers_and_the_one_who_asked_is_told(
    client, asking, farsta, manager, decision, state
):
    membership = request_of(asking, farsta)
    client.force_login(manager)
    response = client.post(reverse(f"membership-{decision}", args=[membership.pk]))
    assert response["Location"] == reverse("members", args=["farsta"])
    membership.refresh_from_db()
    assert (membership.state, membership.decided_by) == (state, manager)
    assert Mail.objects.filter(to=asking.email).count() == 1


@pytest.mark.parametrize("decision", ["godkann", "avsla", "avsluta"])
def test_nobody_else_may_answer_or_see(client, asking, farsta, manager, decision):
    membership = request_of(asking, farsta)
    address = reverse(f"membership-{decision}", args=[membership.pk])
    assert client.post(address).status_code == 302  # to the login
    for user in (asking, make_user("annan@annan.example.org")):
        client.force_login(user)
        assert client.post(address).status_code == 404
        assert client.get(reverse("members", args=["farsta"])).status_code == 404
    membership.refresh_from_db()
    assert membership.state == State.REQUESTED


def test_a_manager_cannot_approve_herself(client, farsta, manager):
    own = actions.ask_to_join(organisation=farsta, role="samordnare", by=manager)
    client.force_login(manager)
    assert client.post(reverse("membership-godkann", args=[own.pk])).status_code == 403


def test_an_answer_is_given_once(asking, farsta, manager):
    membership = request_of(asking, farsta)
    late = Membership.objects.get(pk=membership.pk)
    actions.decline_membership(membership=membership, by=manager)
    with pytest.raises(NotAllowedMove):
        actions.approve_membership(membership=late, by=manager)
    assert Mail.objects.filter(to=asking.email).count() == 1


def test_only_the_member_leaves_and_may_ask_again(client, asking, farsta, manager):
    membership = request_of(asking, farsta)
    actions.approve_membership(membership=membership, by=manager)
    address = reverse("membership-leave", args=[membership.pk])
    client.force_login(make_user("annan@annan.example.org"))
    assert client.post(address).status_code == 404
    client.force_login(asking)
    assert client.post(address)["Location"] == reverse("my-pages")
    membership.refresh_from_db()
    assert (membership.state, membership.ended_at is not None) == (State.ENDED, True)
    assert request_of(asking, farsta).pk != membership.pk


def test_a_missing_choice_is_told_at_its_field_and_nothing_is_lost(client, asking, farsta):
    client.force_login(asking)
    response = client.post(reverse("join"), {"organisation": farsta.pk, "role": "kung"})
    text = response.content.decode()
    assert (response.status_code, "Rollen finns inte." in text) == (422, True)
    assert f'<option value="{farsta.pk}" selected>' in text


def test_the_history_names_no_person(asking, farsta, manager):
    membership = request_of(asking, farsta)
    actions.approve_membership(membership=membership, by=manager)
    told = " ".join(AuditEntry.objects.values_list("object_label", flat=True))
    assert asking.email not in told
