from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection
from django.db.backends.signals import connection_created

from core.mail import MailWorker


def write_through(connection: Any, **kwargs: Any) -> None:
    """Have SQLite wait for the disk at each commit.

    A claim that a power cut takes back would let the message be sent twice.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=FULL")


class Command(BaseCommand):
    help = "Skickar mejl tills det avslutas."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--interval", type=float, default=1.0, help="Sekunder mellan frågor när kön är tom."
        )
        parser.add_argument(
            "--until-idle", action="store_true", help="Avsluta när inget mer finns att skicka."
        )

    def handle(self, *, interval: float, until_idle: bool, **options: Any) -> None:
        connection_created.connect(write_through)
        connection.close()  # the next one is made with it
        MailWorker(interval=interval, until_idle=until_idle).run()
