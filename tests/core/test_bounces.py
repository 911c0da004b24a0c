"""Reports of non-delivery, and what is no such report."""

import io
import sys
from textwrap import dedent

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from core import bounces, mail
from core.models import Mail


def report(
    message_id: str = "abc@example.org",
    action: str = "failed",
    kind: str = "message/rfc822",
    report_type: str = "multipart/report",
) -> bytes:
    text = f"""\
        Return-Path: <>
        From: MAILER-DAEMON@mx.example.com (Mail Delivery System)
        To: ksi@example.org
        Subject: Undelivered Mail Returned to Sender
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: {report_type}; report-type=delivery-status; boundary="b"

        --b
        Content-Type: text/plain; charset=utf-8

        Mejlet kunde inte levereras.

        --b
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.example.com

        Final-Recipient: rfc822; asa@example.com
        Action: {action}
        Status: 5.1.1
        Diagnostic-Code: smtp; 550 5.1.1 <asa@example.com>: Recipient
            address rejected

        --b
        Content-Type: {kind}

        From: KSI <ksi@example.org>
        To: asa@example.com
        Subject: =?utf-8?q?V=C3=A4lkommen?=
        Message-ID: <{message_id}>

        Hej
        --b--
        """
    return dedent(text).replace("\n", "\r\n").encode()


def sent() -> Mail:
    written = mail.write(
        to="asa@example.com", template="tests/letter.html", context={"name": "Å"}, purpose="prov"
    )
    Mail.objects.update(state=mail.State.SENT, sent_at=timezone.now())
    return written


def receive(monkeypatch, data: bytes) -> str:
    """Give the command a report on standard input; what it says."""
    said = io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    call_command("receive_bounce", stdout=said)
    return said.getvalue().strip()


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_a_report_names_the_message_and_why(kind):
    found = bounces.read(report(kind=kind))
    assert found == bounces.Bounce(
        "abc@example.org", "5.1.1 550 5.1.1 <asa@example.com>: Recipient address rejected"
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\x00\xfe",
        b"Subject: Hej\r\n\r\nHej",
        report(action="delayed"),
        report(action="relayed"),
        report(message_id=""),
        report(report_type="multipart/mixed"),
    ],
)
def test_anything_else_is_none(data):
    assert bounces.read(data) is None


@given(st.binary(max_size=300), st.integers(0, 1200))
def test_no_input_stops_the_reader(junk, place):
    data = report()
    bounces.read(data[:place] + junk + data[place:])
    bounces.read(data[:place])


@pytest.mark.django_db
def test_the_mail_is_marked_with_the_reason(monkeypatch):
    written = sent()
    answer = receive(monkeypatch, report(message_id=written.message_id))

    written.refresh_from_db()
    assert (answer, written.state) == ("Mejlet är märkt som studsat.", "studsad")
    assert written.trouble.startswith("5.1.1 550")


@pytest.mark.django_db
def test_what_is_not_ours_is_received_and_changes_nothing(monkeypatch):
    written = sent()
    answers = [receive(monkeypatch, report()), receive(monkeypatch, b"Hej")]

    written.refresh_from_db()
    assert written.state == "skickad"
    assert answers == ["Rapporten gäller inget mejl.", "Ingen rapport om utebliven leverans."]


@pytest.mark.django_db
def test_mail_that_waits_cannot_be_made_to_bounce(monkeypatch):
    written = sent()
    Mail.objects.update(state=mail.State.WAITING)
    receive(monkeypatch, report(message_id=written.message_id))
    written.refresh_from_db()
    assert written.state == "vantar"


@pytest.mark.django_db
def test_without_a_database_the_mail_server_keeps_the_report(monkeypatch):
    def away(**facts):
        raise OperationalError

    monkeypatch.setattr(mail, "bounced", away)
    with pytest.raises(SystemExit) as end:
        receive(monkeypatch, report())
    assert end.value.code == 75
