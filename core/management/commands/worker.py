from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core.periodic import run_due
from core.tasks import TaskWorker


class Command(BaseCommand):
    help = "Kör bakgrundsuppgifter tills det avslutas. Mejl har en egen arbetare: mail_worker."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--interval", type=float, default=1.0, help="Sekunder mellan frågor när kön är tom."
        )
        parser.add_argument(
            "--until-idle", action="store_true", help="Avsluta när inget mer finns att göra."
        )
        parser.add_argument(
            "--periodic",
            action="store_true",
            help="Gör också det återkommande arbetet, där ingen timer kör manage.py periodic.",
        )

    def handle(self, *, interval: float, until_idle: bool, periodic: bool, **options: Any) -> None:
        meanwhile = run_due if periodic else None
        TaskWorker(interval=interval, until_idle=until_idle, meanwhile=meanwhile).run()
