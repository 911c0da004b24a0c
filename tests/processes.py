"""Real workers on the test's own database, and a real mail server on the loopback address."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiosmtpd.controller import Controller
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 60  # seconds until a test that hangs gives up


def until(true: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Wait until it is true, and return it."""
    give_up = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < give_up, "waited in vain"
        time.sleep(0.02)
    return found


def database_url() -> str:
    """The test's database as another process finds it."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    password = f":{quote(found['PASSWORD'], safe='')}" if found["PASSWORD"] else ""
    user = f"{quote(found['USER'], safe='')}{password}@" if found["USER"] else ""
    return f"postgres://{user}{found['HOST']}:{found['PORT'] or 5432}/{found['NAME']}"


def environment(**more: str) -> dict[str, str]:
    """What a process of the portal gets to know."""
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "ksi.settings",
        "KSI_MODE": "demo",
        "KSI_VAR": str(settings.VAR_DIR),
        "DATABASE_URL": database_url(),
        **more,
    }


@contextmanager
def portal_process(*command: str, **more: Any) -> Iterator[subprocess.Popen[str]]:
    """A Python process on the test's database; gone afterwards, come what may."""
    variables: Mapping[str, str] = environment(**more)
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=dict(variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Inbox:
    """What arrived: the aiosmtpd handler. Answers can be set per recipient and step."""

    def __init__(self, delay: float = 0.0) -> None:
        self.delay = delay
        self.received: list[EmailMessage] = []
        self.envelopes: list[Any] = []
        self.answers: dict[str, str] = {}  # "rcpt" or "data" → the server's answer
        self.hang_up_in_data = False

    @property
    def ids(self) -> list[str]:
        """The Message-IDs in the order in which they came."""
        return [str(message["Message-ID"]).strip("<>") for message in self.received]

    def has(self, count: int) -> bool:
        """Whether so many have come."""
        return len(self.received) >= count

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        """Take or refuse a recipient."""
        answer = self.answers.get("rcpt", "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take or refuse the text."""
        if self.hang_up_in_data:
            server.transport.abort()
            return "451 never seen"
        answer = self.answers.get("data", "250 OK")
        if answer.startswith("250"):
            message = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            self.received.append(message)
            self.envelopes.append(envelope)
        if self.delay:
            await asyncio.sleep(self.delay)
        return answer


@contextmanager
def mail_server(inbox: Inbox, port: int = 0) -> Iterator[int]:
    """A real SMTP server; yields its port."""
    port = port or free_port()
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
