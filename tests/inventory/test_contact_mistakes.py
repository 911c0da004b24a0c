"""Writing to the function of a project: once, and what is told when it goes wrong."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client

from core import mail
from core.models import AuditEntry, Mail
from inventory import actions, contact_views
from inventory.models import Message, Project
from tests.factories import make_project
from tests.reading import page

from .writing import NUMBER, TYPED, form_of, kept, send, shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make_project(title="Kvällsstöd", contact_email="enheten@example.org")


# --- Once -----------------------------------------------------------------------------------------


def test_a_double_click_or_a_reload_sends_one(client, project):
    first, second = send(client, project), send(client, project)
    assert first["Location"] == second["Location"]
    assert (Message.objects.count(), Mail.objects.count()) == (1, 1)
    assert AuditEntry.objects.filter(verb="meddelande mottaget").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_the_very_same_time_send_one():
    project = make_project()
    fields = {"text": "Hej", "email": "bo@example.org", "name": "", "key": "k"}
    start = threading.Barrier(2)

    def receive() -> Message:
        try:
            start.wait(timeout=20)
            return actions.receive_message(project=project, **fields)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        made = [each.result() for each in [threads.submit(receive) for _ in range(2)]]
    assert made[0] == made[1]
    assert (Message.objects.count(), Mail.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "change",
    [{"text": "Hur slutade ni?"}, {"email": "bo@b.example.org"}, {"name": ""}, {"opened": "b2"}],
)
def test_what_was_changed_after_the_way_back_is_another_message(client, project, change):
    send(client, project)
    send(client, project, **change)
    assert (Message.objects.count(), Mail.objects.count()) == (2, 2)


def test_the_same_words_about_another_project_are_another_message(client, project):
    send(client, project)
    send(client, make_project(title="Ett annat"))
    assert Message.objects.count() == 2


def test_each_opened_page_has_a_number_of_its_own(client, project):
    numbers = [
        re.findall(r'name="opened" value="(\w+)"', page(client, form_of(project)))[0]
        for _ in range(2)
    ]
    assert len(set(numbers)) == 2
    for _ in range(2):
        send(client, project, opened="")
    assert Message.objects.count() == 2


# --- What goes wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"text": " \r\n"}, "Skriv ett meddelande."),
        ({"text": "\0\x07"}, "Skriv ett meddelande."),
        ({"email": ""}, "Skriv din e-postadress, så att funktionen kan svara."),
        (
            {"text": "å" * 4001},
            "Texten är för lång: 4001 tecken. Korta den till högst 4000.",
        ),
        (
            {"text": f"Han heter Bo, {NUMBER}."},
            "Texten innehåller något som ser ut som ett personnummer (1981…). Ta bort det: ingen"
            " enskild person ska pekas ut här. Är det ett annat slags nummer? Dela upp det med"
            " mellanslag.",
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_lost(client, project, fields, told):
    response = send(client, project, **fields)
    typed = {name: value for name, value in (TYPED | fields).items() if name != "opened"}
    found = shown(response)
    assert (response.status_code, found["told"]) == (422, told)
    assert {name: found.get(name, "").strip() for name in typed} == {
        name: value.strip() for name, value in typed.items()
    }
    assert (kept(), Mail.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    "email",
    [
        *("bo", "bo@example", "bo@example.org\r\nBcc: alla@example.org", "bo@example.org\nX: y"),
        *("bo@example.org, eva@example.org", "Bo <bo@example.org>", "bо@example.org"),
        *("bo@example.org\0", f"{'b' * 64}@{'.'.join(['a' * 60] * 4)}.org", "@", "=cmd@"),
    ],
)
def test_an_address_that_is_none_is_answered_with_an_example(client, project, email):
    """Among them header injection, and a Cyrillic о."""
    response = send(client, project, email=email)
    assert response.status_code == 422
    assert shown(response)["text"] == TYPED["text"]
    assert (kept(), Mail.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("name", "text", "as_kept"),
    [
        ("Bo\r\nBcc: alla@example.org", "Hej", ("Bo Bcc: alla@example.org", "Hej")),
        ("Во Ек", "👩‍👩‍👧 häj\r\n\r\nmed\tluft ", ("Во Ек", "👩‍👩‍👧 häj\n\nmed\tluft")),
        ("", "a\0b\x1bc\u202ed", ("", "abcd")),
        ("x" * 100, "y" * 4000, ("x" * 100, "y" * 4000)),
        ("{{ 7 }}", "{% now %} <script>alert(1)</script>", None),
    ],
)
def test_odd_names_and_texts_are_carried_as_text(client, project, name, text, as_kept):
    assert send(client, project, name=name, text=text).status_code == 302
    as_kept = as_kept or (name, text)
    assert kept() == [(as_kept[0], "bo@example.org", as_kept[1])]
    written = Mail.objects.get()
    message = mail.message_of(written).message()
    assert set(message.keys()) == {
        *("Subject", "From", "To", "Reply-To", "Date", "MIME-Version", "Content-Type"),
        *("Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"),
    }
    assert "<script>" not in written.html


def test_a_name_is_refused_that_is_too_long_or_a_number(client, project):
    for name in ("x" * 101, f"Bo {NUMBER}", "Bo\0"):
        assert send(client, project, name=name).status_code == 422
    assert kept() == []


def test_too_many_from_one_address_are_told_to_wait_and_nothing_is_lost(client, project):
    limit = contact_views.sender_limit.times
    statuses = [
        send(client, project, text=f"Fråga {number}").status_code for number in range(limit)
    ]
    response = send(client, project, text="En fråga till")
    assert (statuses, response.status_code) == ([302] * limit, 429)
    assert 0 < int(response["Retry-After"]) <= 600
    found = shown(response)
    assert {name: found[name] for name in ("text", "email", "name")} == {
        "text": "En fråga till",
        "email": "bo@example.org",
        "name": "Bo Ek",
    }
    assert re.fullmatch(
        r"Meddelandet är inte skickat\. .* Vänta \d+ minut(er)? och tryck på Skicka igen\."
        r" Det du skrev står kvar\.",
        found["told"],
    )
    assert Message.objects.count() == limit
    # What has arrived is still thanked for, and others may write.
    assert send(client, project, text="Fråga 0").status_code == 302
    assert send(Client(REMOTE_ADDR="192.0.2.7"), project, text="Från en annan").status_code == 302


def test_too_many_to_one_project_wait_wherever_they_come_from(project, monkeypatch):
    limit = replace(contact_views.project_limit, times=2)
    monkeypatch.setattr(contact_views, "project_limit", limit)
    statuses = [
        send(Client(REMOTE_ADDR=f"192.0.2.{number}"), project).status_code for number in (1, 2, 3)
    ]
    assert statuses == [302, 302, 302]  # the same page from three windows is one message
    Message.objects.update(key="x")
    statuses = [
        send(Client(REMOTE_ADDR=f"192.0.2.{number}"), project, opened=f"{number}").status_code
        for number in (4, 5)
    ]
    assert statuses == [302, 429]
    assert send(Client(REMOTE_ADDR="192.0.2.6"), make_project()).status_code == 302


@pytest.mark.parametrize("seconds", [1, 60, 61, 600])
def test_the_wait_is_told_in_whole_minutes(client, project, monkeypatch, seconds):
    monkeypatch.setattr("core.visitors.Limit.wait", lambda self, key: seconds)
    said = {1: "Vänta 1 minut och", 60: "Vänta 1 minut och", 61: "Vänta 2 minuter och"}
    assert said.get(seconds, "Vänta 10 minuter och") in shown(send(client, project))["told"]


def test_a_form_that_was_forged_or_is_too_old_is_refused_in_words(project):
    browser = Client(enforce_csrf_checks=True)
    forged = send(browser, project)
    browser.get(form_of(project))
    stale = send(browser, project, csrfmiddlewaretoken="x" * 64)
    for response in (forged, stale):
        assert response.status_code == 403
        assert "Formuläret hade legat öppet för länge" in response.content.decode()
    assert kept() == []
    (token,) = re.findall(
        r'name="csrfmiddlewaretoken" value="(\w+)"', page(browser, form_of(project))
    )
    assert send(browser, project, csrfmiddlewaretoken=token).status_code == 302
