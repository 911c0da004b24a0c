"""Outgoing mail: written in the transaction, claimed and committed before it is sent.

    mail.write(to=..., template="people/letters/approved.html", context={...}, purpose="medlemskap")

The worker hands each message over at most once. One whose fate is unknown becomes "oviss" and
waits for a person; nothing but a person's hand sends it again (docs/adr/0011-tasks-and-mail.md).
Codes for logging in are not written here: `send_now` sends them at once and keeps nothing.
"""

import datetime
import logging
import uuid
from email.charset import QP, Charset
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import sanitize_address
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from core import letters, post
from core.models import AuditEntry, Mail, WorkerSign
from core.worker import Worker, living_workers

log = logging.getLogger(__name__)

State = Mail.State

# Minutes between one attempt and the next: about three days in all.
PAUSES = (1, 5, 25, 120, 360, 720, 1440, 1440)
ATTEMPTS = len(PAUSES) + 1

# Quoted-printable: passes servers that take seven bits, and no line is too long.
_UTF8 = Charset("utf-8")
_UTF8.body_encoding = QP


class BadAddress(ValueError):
    """Not an address that mail can be sent to."""


def write(
    *,
    to: str,
    template: str,
    context: dict[str, Any],
    purpose: str,
    reply_to: str | None = None,
    unsubscribe: str | None = None,
    not_before: datetime.datetime | None = None,
) -> Mail:
    """Write a message in the running transaction; a rollback drops it.

    `purpose` says in a word what it is for and outlives the text. `reply_to` is the one address
    that answers go to, where it is not the portal's own. `unsubscribe` is the whole address where
    a POST ends such mail. Raises BadAddress or letters.BadSubject.
    """
    letter = letters.write(template, context, unsubscribe=unsubscribe or "")
    return Mail.objects.create(
        message_id=_message_id(),
        purpose=purpose,
        to=_checked(to),
        reply_to=_checked(reply_to) if reply_to else "",
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        unsubscribe=_one_line(unsubscribe or ""),
        next_at=not_before or timezone.now(),
    )


def send_now(*, to: str, template: str, context: dict[str, Any]) -> None:
    """Send at once and keep nothing: codes for logging in.

    Raises post.NotDelivered or post.Unknown when it did not surely go.
    """
    letter = letters.write(template, context)
    way = post.door()
    try:
        way.deliver(_message(_checked(to), letter.subject, letter.text, letter.html, _message_id()))
    finally:
        way.close()


def _message_id() -> str:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"{uuid.uuid4().hex}@{domain}"


LONGEST_ADDRESS = 254


def is_address(address: str) -> bool:
    """Whether it is one whole address that a letter can carry in its head and be sent to.

    Django's validator lets signs through that are line breaks to Python's e-mail library (RFC 5322
    allows them in quotes), signs that nobody sees, and names that no domain can have.
    """
    try:
        validate_email(address)
        sanitize_address(address, "utf-8")
    except (ValidationError, ValueError):  # a UnicodeError is a ValueError
        return False
    return address.isprintable() and len(address) <= LONGEST_ADDRESS


def refuse_bad_address(address: str) -> None:
    """A validator beside Django's own: what passes that, and yet no letter can carry."""
    try:
        validate_email(address)
    except ValidationError:
        return  # told by that one already
    if not is_address(address):
        raise ValidationError(
            "Skriv en e-postadress, till exempel namn@example.org.", code="invalid"
        )


def _checked(address: str) -> str:
    if not is_address(address):
        raise BadAddress(f"Not an address: {address[:100]!r}")
    return address


def _one_line(address: str) -> str:
    if not address.isprintable() or set(address) & set("<> "):
        raise BadAddress(f"Not an address for a header: {address[:100]!r}")
    return address


def _message(
    to: str,
    subject: str,
    text: str,
    html: str,
    message_id: str,
    *,
    reply_to: str = "",
    unsubscribe: str = "",
) -> EmailMultiAlternatives:
    headers = {
        "Message-ID": f"<{message_id}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
    }
    if unsubscribe:
        headers["List-Unsubscribe"] = f"<{unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    answers = reply_to or settings.MAIL_REPLY_TO
    message = EmailMultiAlternatives(
        subject, text, to=[to], headers=headers, reply_to=[answers] if answers else None
    )
    message.encoding = _UTF8
    message.attach_alternative(html, "text/html")
    return message


def message_of(mail: Mail) -> EmailMultiAlternatives:
    """The message as it goes out; the same Message-ID every time."""
    return _message(
        *(mail.to, mail.subject, mail.text, mail.html, mail.message_id),
        reply_to=mail.reply_to,
        unsubscribe=mail.unsubscribe,
    )


# --- Moves ----------------------------------------------------------------------------------------


def _move(mails: QuerySet[Mail], to: str, **fields: Any) -> int:
    """Move those that stand where that is allowed; returns how many."""
    return mails.filter(state__in=Mail.may_become(to)).update(state=to, **fields)


def claim(worker_id: str) -> Mail | None:
    """Take the next message that is due, or None. A conditional UPDATE: one worker gets it."""
    now = timezone.now()
    waiting = Mail.objects.filter(state=State.WAITING)
    for at_once in (1, 20):  # the first is nearly always free
        candidates = list(waiting.filter(next_at__lte=now).order_by("next_at", "pk")[:at_once])
        for mail in candidates:
            if waiting.filter(pk=mail.pk).update(
                state=State.TAKEN, claimed_at=now, claimed_by=worker_id, attempts=F("attempts") + 1
            ):
                mail.state, mail.claimed_at, mail.claimed_by = State.TAKEN, now, worker_id
                mail.attempts += 1
                return mail
        if len(candidates) < at_once:
            break
    return None


def _settle(mail: Mail, to: str, **fields: Any) -> bool:
    """Write how the sending of a claimed message ended.

    Its worker may do so also after the reaper took it for dead: it knows better. False when a
    person has decided otherwise meanwhile.
    """
    ours = Mail.objects.filter(
        pk=mail.pk,
        claimed_by=mail.claimed_by,
        claimed_at=mail.claimed_at,
        state__in=[State.TAKEN, State.UNCERTAIN],
    )
    return bool(ours.update(state=to, **fields))


class MailWorker(Worker):
    """Claims messages one at a time, commits that, sends, and writes how it went."""

    kind = WorkerSign.Kind.MAIL
    LONGEST_WITHOUT_SERVER = 60.0

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.door = post.door()
        self.without_server = 0.0

    def run(self) -> None:
        """As every worker; hangs up at the end."""
        try:
            super().run()
        finally:
            self.door.close()

    def step(self) -> bool:
        """Send one message, if one is due."""
        mail = claim(self.id)
        if mail is None:
            return False
        outcome = self.outcome(mail)
        self.surely(lambda: _settle(mail, **outcome))
        if self.without_server:  # leave the rest of the queue alone for a while
            self.rest(self.without_server)
        return True

    def let_go(self) -> None:
        """Nothing is being sent: what stands as ours was claimed when contact broke."""
        _move(Mail.objects.filter(state=State.TAKEN, claimed_by=self.id), State.WAITING)

    def outcome(self, mail: Mail) -> dict[str, Any]:
        """Try to send it; where it stands after that."""
        without_server, self.without_server = self.without_server, 0.0
        try:
            self.door.deliver(message_of(mail))
        except post.NotDelivered as problem:
            if problem.server:
                self.without_server = min(without_server * 2 or 1.0, self.LONGEST_WITHOUT_SERVER)
            if problem.final or mail.attempts >= ATTEMPTS:
                log.warning("Mail %s was not delivered: %s", mail.pk, problem)
                return {"to": State.FAILED, "trouble": str(problem)}
            log.info("Mail %s was not delivered, attempt %s", mail.pk, mail.attempts)
            pause = datetime.timedelta(minutes=PAUSES[mail.attempts - 1])
            next_at = timezone.now() + pause
            return {"to": State.WAITING, "next_at": next_at, "trouble": str(problem)}
        except post.Unknown as problem:
            log.warning("Mail %s: nobody knows whether it was delivered: %s", mail.pk, problem)
            return {"to": State.UNCERTAIN, "trouble": str(problem)}
        except Exception as problem:
            # Nothing we know of; whether the text had begun to go we do not know either.
            log.exception("Mail %s could not be sent", mail.pk)
            return {"to": State.UNCERTAIN, "trouble": f"{type(problem).__name__}: {problem}"}
        return {"to": State.SENT, "sent_at": timezone.now(), "trouble": ""}


def reap() -> int:
    """Messages taken by a worker that is dead become uncertain; never sent again by themselves."""
    left = Mail.objects.filter(state=State.TAKEN).exclude(claimed_by__in=living_workers())
    trouble = "Arbetaren som tog mejlet gav inget livstecken längre. Det kan ha kommit fram."
    if count := _move(left, State.UNCERTAIN, trouble=trouble):
        log.warning("%s mails were left by a dead worker and wait for a person", count)
    return count


@transaction.atomic
def send_again(*, mail: Mail, by: Any) -> bool:
    """A person has it sent again, under the same Message-ID. False where that cannot be.

    Side effect: history.
    """
    return _by_hand(mail, State.WAITING, "skickas igen", by, attempts=0, next_at=timezone.now())


@transaction.atomic
def strike(*, mail: Mail, by: Any) -> bool:
    """A person decides that it shall not be sent. False where that cannot be. Writes history."""
    return _by_hand(mail, State.STRUCK, "struken", by)


def _by_hand(mail: Mail, to: str, verb: str, by: Any, **fields: Any) -> bool:
    before = Mail.objects.get(pk=mail.pk)
    # What a worker holds is the worker's; what has been erased cannot be sent.
    free = Mail.objects.filter(pk=mail.pk, state=before.state, erased_at=None)
    if before.state == State.TAKEN or not _move(free, to, **fields):
        return False
    AuditEntry.record(verb, before, by=by, from_state=before.state, to_state=to)
    return True


def bounced(*, message_id: str, reason: str) -> bool:
    """Another server told that it could not be delivered. False when it is none of ours."""
    mails = Mail.objects.filter(message_id=message_id)
    return bool(_move(mails, State.BOUNCED, trouble=reason[:500]))


# --- Personal data --------------------------------------------------------------------------------

# Ended, one way or another; what waits is not erased before its attempts are used up.
ENDED = [state for state in State if state not in {State.WAITING, State.TAKEN}]


def _older(before: datetime.datetime) -> QuerySet[Mail]:
    return Mail.objects.filter(state__in=ENDED, written_at__lt=before, erased_at=None)


def count_old(before: datetime.datetime) -> int:
    """How many messages `erase_old` would erase."""
    return _older(before).count()


def erase_old(before: datetime.datetime) -> int:
    """Erase addresses, subject and text of what ended and was written before; returns how many.

    Purpose, state and times stay.
    """
    return _erase(_older(before))


def erase_all(address: str) -> int:
    """Erase what ended of mail to an address, however new; returns how many.

    A message whose answers go there, and that may not have reached the one it was for, stays.
    """
    unread = [State.FAILED, State.UNCERTAIN, State.BOUNCED]
    ended = kept_for(address).filter(state__in=ENDED)
    return _erase(ended.exclude(~Q(to__iexact=address), state__in=unread))


def _erase(mails: QuerySet[Mail]) -> int:
    personal = ("to", "reply_to", "subject", "text", "html", "unsubscribe", "trouble")
    return mails.update(**dict.fromkeys(personal, ""), erased_at=timezone.now())


def kept_for(address: str) -> QuerySet[Mail]:
    """What is kept of mail to an address, and of mail whose answers go there."""
    found = Q(to__iexact=address) | Q(reply_to__iexact=address)
    return Mail.objects.filter(found, erased_at=None)
