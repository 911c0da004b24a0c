"""Mail: written in the transaction, claimed, sent once, and what happens when it does not go."""

import datetime
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import time_machine
from django.core import mail as django_mail
from django.db import IntegrityError, transaction
from django.test import override_settings
from django.utils import timezone

from core import mail, post
from core.letters import BadSubject
from core.mail import ATTEMPTS, BadAddress, MailWorker, State
from core.models import AuditEntry, Mail, WorkerSign
from tests.factories import make_curator
from tests.processes import Inbox, free_port, mail_server

NOW = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC)


def write(to: str = "asa@example.org", **more) -> Mail:
    context = {"name": more.pop("name", "Åsa Öberg")}
    return mail.write(to=to, template="tests/letter.html", context=context, purpose="prov", **more)


@contextmanager
def smtp(port: int, **more) -> Iterator[MailWorker]:
    """A mail worker of this process that sends to a server on that port."""
    where = {
        "EMAIL_BACKEND": post.SMTP_BACKEND,
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": "",
        "EMAIL_USE_TLS": False,
        "EMAIL_USE_SSL": False,
        "EMAIL_TIMEOUT": 5,
    }
    with override_settings(**where | more):
        worker = MailWorker()
        worker.rest = lambda seconds: None  # type: ignore[method-assign]
        try:
            yield worker
        finally:
            worker.door.close()


def states() -> dict[str, int]:
    found: dict[str, int] = {}
    for state in Mail.objects.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


# --- Writing --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_rollback_drops_the_mail():
    def half_done() -> None:
        with transaction.atomic():
            write()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_done()
    with transaction.atomic():
        kept = write()

    assert list(Mail.objects.all()) == [kept]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "to",
    ["", "asa", "a@b.se\nBcc: c@d.se", "a@b.se\r\n", "a@b.se, c@d.se", "<a@b.se>", "å@b.se", "a@b"],
)
def test_only_one_whole_address_is_written_to(to):
    with pytest.raises(BadAddress):
        write(to)
    assert states() == {}


@pytest.mark.django_db
def test_headers_cannot_be_injected():
    with pytest.raises(BadSubject):
        write(name="x\r\nBcc: alla@example.org")
    for address in ("https://x.se/>\r\nBcc: a@b.se", "https://x.se/> <y", "https://x.se/ y"):
        with pytest.raises(BadAddress):
            write(unsubscribe=address)
    assert states() == {}


@pytest.mark.django_db
@override_settings(MAIL_REPLY_TO="fragor@example.org", DEFAULT_FROM_EMAIL="KSI <ksi@example.org>")
def test_the_message_says_what_mail_programs_need():
    written = write(unsubscribe="https://ksi.example.org/avsluta/x/")
    message = mail.message_of(written).message()

    shown = {
        "From": "KSI <ksi@example.org>",
        "To": "asa@example.org",
        "Reply-To": "fragor@example.org",
        "Message-ID": f"<{written.message_id}>",
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": "<https://ksi.example.org/avsluta/x/>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert {name: message[name] for name in shown} == shown
    assert written.message_id.endswith("@example.org")
    assert [part.get_content_type() for part in message.walk()] == [
        *("multipart/alternative", "text/plain", "text/html"),
    ]
    assert mail.message_of(written).message()["Message-ID"] == message["Message-ID"]


@pytest.mark.django_db
def test_without_a_way_out_there_is_no_such_header():
    message = mail.message_of(write()).message()
    assert (message["List-Unsubscribe"], message["Reply-To"]) == (None, None)


@pytest.mark.django_db
@override_settings(MAIL_REPLY_TO="fragor@example.org")
def test_answers_go_to_the_address_that_a_message_names():
    written = write(reply_to="bo@example.org")
    assert mail.message_of(written).message()["Reply-To"] == "bo@example.org"
    assert mail.message_of(write()).message()["Reply-To"] == "fragor@example.org"
    foreign = write(reply_to="bo@åkeri.example.org")
    assert mail.message_of(foreign).message()["Reply-To"] == "bo@xn--keri-poa.example.org"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "reply_to",
    [
        *("bo", "bo@example.org\nBcc: c@example.org", "bo@example.org\r\n", "<bo@example.org>"),
        *("bo@example.org, c@example.org", "Bo <bo@example.org>", f"bo@{'a' * 60}.{'b' * 240}.org"),
        f"{'b' * 64}@{'.'.join(['a' * 60] * 4)}.org",
    ],
)
def test_answers_go_to_one_whole_address_or_the_mail_is_not_written(reply_to):
    with pytest.raises(BadAddress):
        write(reply_to=reply_to)
    assert states() == {}


@pytest.mark.django_db
def test_the_states_are_held_by_the_database():
    written = write()
    kept = {"to": "", "reply_to": "bo@example.org", "subject": "", "text": "", "html": ""}
    for wrong in (
        *({"state": State.TAKEN}, {"state": State.SENT}, {"erased_at": NOW}),
        {"erased_at": NOW} | kept,
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Mail.objects.filter(pk=written.pk).update(**wrong)


def test_every_state_has_its_moves_and_none_leads_to_sent_but_from_a_worker():
    assert set(Mail.MOVES) == set(State)
    assert set(Mail.may_become(State.SENT)) == {State.TAKEN, State.UNCERTAIN}
    assert set(Mail.may_become(State.TAKEN)) == {State.WAITING}


# --- Sending --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_mail_arrives_at_a_real_server_with_its_swedish_letters():
    inbox = Inbox()
    with mail_server(inbox) as port, smtp(port) as worker:
        written = write()
        assert worker.step() is True
        assert worker.step() is False

    (received,) = inbox.received
    assert received["Subject"] == "Välkommen, Åsa Öberg"
    text, html = (part.get_content() for part in received.iter_parts())
    assert text.replace("\r\n", "\n") == written.text
    assert html.replace("\r\n", "\n") == written.html
    assert (inbox.envelopes[0].mail_from, inbox.envelopes[0].rcpt_tos) == (
        "ksi@localhost",
        ["asa@example.org"],
    )
    written.refresh_from_db()
    assert (written.state, written.attempts, written.trouble) == (State.SENT, 1, "")
    assert written.sent_at is not None


@pytest.mark.django_db
@override_settings(MAIL_BOUNCES="studsar@example.org")
def test_reports_of_non_delivery_go_to_an_address_of_their_own():
    inbox = Inbox()
    with mail_server(inbox) as port, smtp(port) as worker:
        write()
        worker.step()
    assert inbox.envelopes[0].mail_from == "studsar@example.org"


@pytest.mark.django_db
def test_a_line_that_begins_with_a_dot_keeps_it():
    inbox = Inbox()
    with mail_server(inbox) as port, smtp(port) as worker:
        written = write()
        Mail.objects.update(text="rad\n.\n..två\n", html="<p>.</p>\n.\n")
        worker.step()
    text = inbox.received[0].get_body(("plain",))
    assert text
    assert text.get_content().replace("\r\n", "\n") == "rad\n.\n..två\n"
    assert inbox.ids == [written.message_id]


@pytest.mark.django_db
def test_a_server_that_is_down_is_tried_again_and_then_everything_goes_once():
    inbox, port = Inbox(), free_port()
    with time_machine.travel(NOW, tick=False) as clock, smtp(port) as worker:
        for _ in range(3):
            write()
        for _ in range(3):
            worker.step()
        assert states() == {"vantar": 3}
        assert worker.without_server == 4  # and the queue is left alone longer each time
        first = Mail.objects.earliest("pk")
        assert first.next_at == NOW + datetime.timedelta(minutes=1)
        assert first.trouble.startswith("Ingen kontakt med 127.0.0.1:")
        assert worker.step() is False

        clock.shift(60)
        with mail_server(inbox, port):
            while worker.step():
                pass
        assert worker.without_server == 0

    assert states() == {"skickad": 3}
    assert sorted(inbox.ids) == sorted(Mail.objects.values_list("message_id", flat=True))


@pytest.mark.django_db
def test_the_pauses_grow_and_in_the_end_it_is_listed():
    waits = []
    with time_machine.travel(NOW, tick=False) as clock, smtp(free_port()) as worker:
        written = write()
        while worker.step():
            written.refresh_from_db()
            if written.state != State.WAITING:
                break
            waits.append((written.next_at - timezone.now()).total_seconds() / 60)
            clock.move_to(written.next_at)

    assert waits == list(mail.PAUSES)
    assert (written.state, written.attempts) == (State.FAILED, ATTEMPTS)


@pytest.mark.django_db
@pytest.mark.parametrize("step", ["rcpt", "data"])
@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("450 4.2.0 Full brevlåda", State.WAITING),
        ("421 4.3.2 Stänger", State.WAITING),
        ("550 5.1.1 Okänd mottagare", State.FAILED),
    ],
)
def test_a_refusal_for_now_is_tried_again_and_one_for_good_is_not(step, answer, state):
    inbox = Inbox()
    with mail_server(inbox) as port, smtp(port) as worker:
        written = write()
        inbox.answers[step] = answer
        worker.step()
        written.refresh_from_db()
        assert (written.state, written.trouble, inbox.received) == (state, answer, [])

        # The next one goes all the same.
        inbox.answers.clear()
        other = write("annan@example.org")
        worker.step()
        assert inbox.ids == [other.message_id]


@pytest.mark.django_db
def test_mail_that_was_being_sent_when_contact_broke_is_uncertain_and_not_sent_again():
    inbox = Inbox()
    inbox.hang_up_in_data = True
    with mail_server(inbox) as port, smtp(port) as worker:
        written = write()
        worker.step()
        inbox.hang_up_in_data = False
        assert worker.step() is False

    written.refresh_from_db()
    assert (written.state, inbox.received) == (State.UNCERTAIN, [])
    assert written.trouble.startswith("Kontakten bröts under sändningen")


@pytest.mark.django_db
def test_a_kept_connection_that_the_server_closed_costs_no_attempt():
    inbox, port = Inbox(), free_port()
    with smtp(port) as worker:
        with mail_server(inbox, port):
            write()
            worker.step()
        with mail_server(inbox, port):
            write()
            worker.step()
    assert (states(), len(inbox.received)) == ({"skickad": 2}, 2)


@pytest.mark.django_db
@override_settings(EMAIL_HOST_USER="ksi", EMAIL_HOST_PASSWORD="fel")
def test_wrong_settings_refuse_no_mail_for_good():
    inbox = Inbox()
    with mail_server(inbox) as port, smtp(port, EMAIL_HOST_USER="ksi") as worker:
        written = write()
        worker.step()
    written.refresh_from_db()
    assert (written.state, inbox.received) == (State.WAITING, [])


@pytest.mark.django_db
def test_a_server_that_answers_nonsense_after_the_text_leaves_it_uncertain(monkeypatch):
    inbox = Inbox()
    inbox.answers["data"] = "250 OK"
    replies: list[tuple[int, bytes]] = []
    genuine = smtplib.SMTP.getreply

    def reply(self):
        found = genuine(self)
        replies.append(found)
        return (999, b"?") if replies[-2:-1] and replies[-2][0] == 354 else found

    monkeypatch.setattr(smtplib.SMTP, "getreply", reply)
    with mail_server(inbox) as port, smtp(port) as worker:
        written = write()
        worker.step()
    written.refresh_from_db()
    assert (written.state, len(inbox.received)) == (State.UNCERTAIN, 1)


@pytest.mark.django_db
def test_codes_go_at_once_and_nothing_is_kept():
    mail.send_now(to="asa@example.org", template="tests/letter.html", context={"name": "Åsa"})
    assert [message.subject for message in django_mail.outbox] == ["Välkommen, Åsa"]
    assert states() == {}


@pytest.mark.django_db
def test_a_code_that_cannot_be_sent_is_an_error_at_once():
    with smtp(free_port()), pytest.raises(post.NotDelivered):
        mail.send_now(to="asa@example.org", template="tests/letter.html", context={"name": "Åsa"})


# --- Dead workers, and people ---------------------------------------------------------------------


def taken_by(worker: str, *, silent: int) -> Mail:
    now = timezone.now()
    WorkerSign.objects.create(
        worker=worker,
        kind=WorkerSign.Kind.MAIL,
        started_at=now,
        seen_at=now - datetime.timedelta(seconds=silent),
    )
    write()
    found = mail.claim(worker)
    assert found
    return found


@pytest.mark.django_db
def test_what_a_dead_worker_had_taken_is_listed_and_never_taken_again():
    dead, living = taken_by("dead", silent=61), taken_by("living", silent=5)

    assert mail.reap() == 1

    for found, state in ((dead, State.UNCERTAIN), (living, State.TAKEN)):
        found.refresh_from_db()
        assert found.state == state
    assert mail.claim("next") is None


@pytest.mark.django_db
def test_a_worker_that_was_taken_for_dead_still_tells_what_it_did():
    found = taken_by("slow", silent=61)
    mail.reap()
    assert mail._settle(found, State.SENT, sent_at=NOW) is True
    assert states() == {"skickad": 1}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "may_send", "may_strike"),
    [
        (State.WAITING, False, True),
        (State.TAKEN, False, False),
        (State.SENT, False, False),
        (State.UNCERTAIN, True, True),
        (State.FAILED, True, True),
        (State.BOUNCED, True, True),
        (State.STRUCK, False, False),
    ],
)
def test_a_person_may_send_again_or_strike_what_needs_a_person(state, may_send, may_strike):
    curator = make_curator()
    facts = {"claimed_by": "x", "claimed_at": NOW, "sent_at": NOW, "attempts": 3}
    for do, may, after, verb in (
        (mail.send_again, may_send, State.WAITING, "skickas igen"),
        (mail.strike, may_strike, State.STRUCK, "struken"),
    ):
        written = write()
        message_id = written.message_id
        Mail.objects.filter(pk=written.pk).update(state=state, **facts)

        assert do(mail=written, by=curator) is may

        written.refresh_from_db()
        assert (written.state, written.message_id) == (after if may else state, message_id)
        told = [(entry.verb, entry.from_state, entry.by) for entry in AuditEntry.about(written)]
        assert told == ([(verb, state, curator)] if may else [])


# --- Personal data --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_old_mail_is_erased_but_for_purpose_state_and_times():
    with time_machine.travel(NOW - datetime.timedelta(days=40), tick=False):
        sent, waiting = write(reply_to="bo@example.org"), write("vantar@example.org")
    Mail.objects.filter(pk=sent.pk).update(state=State.SENT, sent_at=NOW, trouble="asa@…")
    fresh = write("ny@example.org")
    before = NOW - datetime.timedelta(days=30)

    assert (mail.count_old(before), mail.erase_old(before), mail.erase_old(before)) == (1, 1, 0)

    sent.refresh_from_db()
    assert {sent.to, sent.reply_to, sent.subject, sent.text, sent.html, sent.trouble} == {""}
    assert (sent.purpose, sent.state) == ("prov", State.SENT)
    assert sent.erased_at is not None
    assert list(mail.kept_for("VANTAR@example.org")) == [waiting]
    assert list(mail.kept_for("ny@example.org")) == [fresh]
    assert list(mail.kept_for("bo@example.org")) == []
    answered = write(reply_to="bo@example.org")
    assert list(mail.kept_for("BO@example.org")) == [answered]


@pytest.mark.django_db
def test_what_has_been_erased_cannot_be_sent_again():
    written = write()
    Mail.objects.update(state=State.BOUNCED)
    mail.erase_old(timezone.now() + datetime.timedelta(days=1))
    assert mail.send_again(mail=written, by=make_curator()) is False
