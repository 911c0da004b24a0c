"""The door to the mail server, with three outcomes: delivered, surely not delivered, unknown."""

import re
import smtplib
import ssl
from contextlib import suppress
from email.message import Message
from email.utils import parseaddr
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.utils import DNS_NAME

SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"


class NotDelivered(Exception):
    """The message surely did not go. `final`: refused for good, so that trying again is no use.

    `server`: nothing can be sent at present, whatever the message.
    """

    def __init__(self, reason: str, *, final: bool = False, server: bool = False) -> None:
        super().__init__(reason)
        self.final, self.server = final, server


class Unknown(Exception):
    """Contact was lost after the text had begun to go: it may have been delivered or not."""


class Door(Protocol):
    """What the mail worker asks of it."""

    def deliver(self, message: EmailMessage) -> None:
        """Hand over one message; raises NotDelivered or Unknown."""

    def close(self) -> None:
        """Hang up."""


def door() -> Door:
    """The way out that the settings name."""
    return Smtp() if settings.EMAIL_BACKEND == SMTP_BACKEND else Backend()


class Backend:
    """Any other of Django's backends: files in a demonstration, memory in tests."""

    def deliver(self, message: EmailMessage) -> None:
        """Hand over one message."""
        try:
            get_connection().send_messages([message])
        except Exception as problem:
            raise Unknown(f"{type(problem).__name__}: {problem}") from problem

    def close(self) -> None:
        """Nothing is kept open."""


class Smtp:
    """SMTP by steps, because what a lost connection means depends on the step (RFC 5321)."""

    def __init__(self) -> None:
        self.server: smtplib.SMTP | None = None

    def _open(self) -> smtplib.SMTP:
        host, port, timeout = settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT
        try:
            if settings.EMAIL_USE_SSL:
                server: smtplib.SMTP = smtplib.SMTP_SSL(
                    host,
                    port,
                    local_hostname=DNS_NAME.get_fqdn(),
                    timeout=timeout,
                    context=ssl.create_default_context(),
                )
            else:
                server = smtplib.SMTP(
                    host, port, local_hostname=DNS_NAME.get_fqdn(), timeout=timeout
                )
            self.server = server
            server.ehlo_or_helo_if_needed()
            if settings.EMAIL_USE_TLS:
                server.starttls(context=ssl.create_default_context())
                server.ehlo_or_helo_if_needed()
            if settings.EMAIL_HOST_USER:
                server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
        except (OSError, smtplib.SMTPException) as problem:
            self.close()
            reason = f"Ingen kontakt med {host}:{port}: {problem}"
            raise NotDelivered(reason, server=True) from problem
        return server

    def _begin(self, sender: str) -> smtplib.SMTP:
        """Connect if needed and say who sends. A kept connection may be gone: then a new one."""
        if self.server:
            try:
                code, said = self.server.mail(sender)
                if code == 250:
                    return self.server
            except (OSError, smtplib.SMTPException):
                pass
            self.close()
        server = self._open()
        try:
            code, said = server.mail(sender)
        except (OSError, smtplib.SMTPException) as problem:
            self.close()
            raise NotDelivered(f"Kontakten bröts: {problem}", server=True) from problem
        if code != 250:
            # Our own address is refused: the settings are wrong, not the message.
            self.close()
            raise NotDelivered(_words(code, said), server=True)
        return server

    def deliver(self, message: EmailMessage) -> None:
        """Hand over one message to its one recipient."""
        built = message.message()
        data = as_bytes(built)
        server = self._begin(settings.MAIL_BOUNCES or _address(built["From"]))
        try:
            code, said = server.rcpt(_address(built["To"]))
            if code not in (250, 251):
                raise self._refused(code, said)
            server.putcmd("data")
            code, said = server.getreply()
            if code != 354:
                raise self._refused(code, said)
        except (OSError, smtplib.SMTPException) as problem:
            self.close()
            raise NotDelivered(f"Kontakten bröts före texten: {problem}") from problem
        # From here on only the server's answer tells.
        try:
            server.send(data + b".\r\n")
            code, said = server.getreply()
        except (OSError, smtplib.SMTPException) as problem:
            self.close()
            raise Unknown(f"Kontakten bröts under sändningen: {problem}") from problem
        if 400 <= code < 600:
            raise self._refused(code, said)
        if code != 250:
            self.close()
            raise Unknown(f"Obegripligt svar efter sändningen: {_words(code, said)}")

    def _refused(self, code: int, said: bytes) -> NotDelivered:
        """4xx: try again later; 5xx: never."""
        with suppress(OSError, smtplib.SMTPException):
            if self.server and code != 421:
                self.server.rset()
        if code == 421 or not (self.server and self.server.sock):
            self.close()
        return NotDelivered(_words(code, said), final=500 <= code < 600, server=code == 421)

    def close(self) -> None:
        """Hang up; without waiting for goodbye where the line is dead."""
        server, self.server = self.server, None
        if server:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()


def as_bytes(message: Message) -> bytes:
    """The message on the wire: CRLF, and lines that begin with a dot have two."""
    data = message.as_bytes(linesep="\r\n")  # type: ignore[call-arg]
    if not data.endswith(b"\r\n"):
        data += b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", data)


def _address(header: str) -> str:
    return parseaddr(str(header))[1]


def _words(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {text}"[:500]
