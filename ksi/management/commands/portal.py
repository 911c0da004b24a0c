"""`manage.py portal`: everything the portal needs, in the foreground, on this machine only."""

import errno
import http.client
import os
import socket
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import reverse

from ksi.supervisor import supervise
from people.demo import demo_users

HOST = "127.0.0.1"
READY_PATH = "/driftstatus/redo/"


def check_port(port: int) -> None:
    """Refuse, with one line, a port that cannot be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as problem:
            if getattr(problem, "errno", None) == errno.EADDRINUSE:
                why = "är upptagen"
            else:
                why = "går inte att använda"
            sys.exit(f"Port {port} {why}. Välj en annan, till exempel: make run PORT=8001")


def answers(port: int) -> bool:
    """Whether the portal answers that it, its database and its migrations are ready."""
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", READY_PATH, headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def demo_logins(base: str) -> str:
    """What `make run` says about the demonstration's roles and its mail."""
    roles = [f"    {user.name:<34}{user.email}\n" for user in demo_users()]
    told = "  Välj en roll där, eller skriv adressen och få en kod:\n" if roles else ""
    return (
        f"  Logga in:           {base}{reverse('account_login')}\n{told}{''.join(roles)}"
        f"  Mejl som skickas:   {base}{reverse('demo-mail')}\n"
    )


class Command(BaseCommand):
    help = "Startar allt som portalen behöver på den här datorn. Avsluta med Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", default="8000", help="Portnummer, från början 8000.")

    def handle(self, *, port: str, **options: Any) -> None:
        if not port.isdecimal() or not 0 < int(port) < 65536:
            sys.exit(f"PORT ska vara ett tal mellan 1 och 65535, inte ”{port}”.")
        number = int(port)
        check_port(number)
        os.chdir(settings.BASE_DIR)
        os.environ["KSI_BIND"] = f"{HOST}:{number}"
        os.environ.setdefault("KSI_URL", f"http://localhost:{number}")

        def say_when_ready() -> bool:
            if not answers(number):
                return False
            self.stdout.write(f"\n  Portalen är igång:  http://localhost:{number}\n")
            if settings.DEMO:
                self.stdout.write(demo_logins(f"http://localhost:{number}"))
            self.stdout.write("  Avsluta med Ctrl-C.\n\n")
            self.stdout.flush()
            return True

        supervise(
            {
                "Webbservern": [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py"],
                "Arbetaren": [sys.executable, "manage.py", "worker", "--periodic"],
                "Postarbetaren": [sys.executable, "manage.py", "mail_worker"],
            },
            until_true=say_when_ready,
        )
        self.stdout.write("\nPortalen är avslutad.")
