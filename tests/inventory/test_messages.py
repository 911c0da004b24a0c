"""Messages as the registrator meets them: in the desk, as rows of a file, and when erased."""

import datetime

import pytest
import time_machine
from django.db.models import ProtectedError
from django.utils import timezone

from core.models import Mail
from core.register import Person
from inventory import actions
from inventory.exchange import MESSAGE_COLUMNS, message_rows
from inventory.models import Message, Project
from inventory.personal_data import MESSAGES
from people.actions import give_role
from people.models import User
from tests.factories import make_project, make_user

pytestmark = pytest.mark.django_db

LIST = "/admin/inventory/message/"
# Ten past midnight in Stockholm, the day before in UTC.
NIGHT = datetime.datetime(2026, 3, 1, 23, 10, tzinfo=datetime.UTC)


def receive(project: Project, when: datetime.datetime = NIGHT, **fields: str) -> Message:
    typed = {"text": "Hur började ni?", "email": "bo@example.org", "name": "Bo"}
    key = f"{Message.objects.count()}"
    with time_machine.travel(when, tick=False):
        return actions.receive_message(project=project, key=key, **typed | fields)


def as_role(client, role: str) -> None:
    user = make_user(f"{role}@example.org")
    give_role(user=user, role=role, by=None)
    client.force_login(User.objects.get(pk=user.pk))


@pytest.mark.parametrize(
    ("role", "status"),
    [("registrator", 200), ("administrator", 200), ("redaktor", 403), ("forskningsrad", 302)],
)
def test_the_registrator_reads_messages_and_curators_do_not(client, role, status):
    message = receive(make_project())
    as_role(client, role)
    one = f"{LIST}{message.pk}/change/"
    assert [client.get(address).status_code for address in (LIST, one)] == [status] * 2
    if status == 200:
        text = client.get(one).content.decode()
        assert ("Hur började ni?" in text, "bo@example.org" in text) == (True, True)


@pytest.mark.parametrize("role", ["registrator", "administrator"])
def test_nothing_is_added_changed_or_deleted_by_hand(client, role):
    message = receive(make_project())
    as_role(client, role)
    for address in (f"{LIST}add/", f"{LIST}{message.pk}/delete/"):
        assert client.get(address).status_code == 403
    assert client.post(f"{LIST}{message.pk}/change/", {"text": "x"}).status_code == 403
    assert client.post(f"{LIST}{message.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Message.objects.get().text == "Hur började ni?"


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_as_much_for_one_as_for_three(client, count, django_assert_num_queries):
    for number in range(count):
        receive(make_project(title=f"Projekt {number}"))
    as_role(client, "registrator")
    client.get(LIST)
    with django_assert_num_queries(10):
        response = client.get(f"{LIST}?q=bo@example.org")
    assert response.content.decode().count('class="field-project') == count


def test_rows_hold_all_that_was_received_the_oldest_first(django_assert_num_queries):
    project = make_project(title="Kvällsstöd")
    later = receive(project, NIGHT + datetime.timedelta(hours=1), name="", text="Ett\ntvå")
    first = receive(project)
    Mail.objects.filter(pk=first.mail_id).update(state=Mail.State.STRUCK)
    erased = receive(project, NIGHT + datetime.timedelta(days=1))
    now = timezone.now()
    Message.objects.filter(pk=erased.pk).update(name="", email="", text="", erased_at=now)

    with django_assert_num_queries(1):
        rows = [dict(zip(MESSAGE_COLUMNS, row, strict=True)) for row in message_rows(None, None)]

    assert [(row["nummer"], row["namn"], row["meddelande"]) for row in rows] == [
        (first.pk, "Bo", "Hur började ni?"),
        (later.pk, "", "Ett\ntvå"),
        (erased.pk, "", ""),
    ]
    assert [(row["e_post"], row["mejlets_lage"], row["gallrat"]) for row in rows] == [
        ("bo@example.org", "Struken", None),
        ("bo@example.org", "Väntar", None),
        ("", "Väntar", now),
    ]
    about = {(row["lopnummer"], row["projekt"], row["skickat_till"]) for row in rows}
    assert about == {(project.public_id, "Kvällsstöd", "redaktionen för KSI")}
    assert f"{rows[0]['mottaget']:%Y-%m-%d %H:%M}" == "2026-03-02 00:10"


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        (None, None, [0, 1, 2]),
        ((2026, 3, 2), (2026, 3, 2), [0, 1]),
        ((2026, 3, 3), None, [2]),
        (None, (2026, 3, 1), []),
        ((2026, 3, 2), (2026, 3, 3), [0, 1, 2]),
    ],
)
def test_days_are_those_of_stockholm_and_both_are_counted(first, last, found):
    project = make_project()
    moments = [NIGHT, NIGHT + datetime.timedelta(hours=23), NIGHT + datetime.timedelta(hours=24)]
    made = [receive(project, moment).pk for moment in moments]
    days = [datetime.date(*day) if day else None for day in (first, last)]
    assert [row[0] for row in message_rows(*days)] == [made[place] for place in found]


def test_old_messages_are_erased_but_for_what_they_were_about():
    project = make_project()
    old, fresh = receive(project), receive(project, NIGHT + datetime.timedelta(days=40))
    before = NIGHT + datetime.timedelta(days=30)
    bo = Person("BO@example.org")
    received = [row["När"] for row in MESSAGES.of_person(bo)]
    assert received == [old.received_at, fresh.received_at]

    counts = (
        *(MESSAGES.period.due(before), MESSAGES.period.erase(before)),
        *(MESSAGES.period.due(before), MESSAGES.period.erase(before)),
    )

    assert counts == (1, 1, 0, 0)
    old.refresh_from_db()
    assert (old.name, old.email, old.text, old.project) == ("", "", "", project)
    assert (old.received_at, old.erased_at is not None) == (NIGHT, True)
    assert [row["När"] for row in MESSAGES.of_person(bo)] == [fresh.received_at]


def test_a_project_is_not_deleted_before_what_was_written_about_it():
    message = receive(make_project())
    with pytest.raises(ProtectedError):
        message.project.delete()
    Mail.objects.all().delete()
    message.refresh_from_db()
    assert (message.mail, message.text) == (None, "Hur började ni?")
