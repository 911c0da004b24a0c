import sys
from typing import Any

from django.core.management.base import BaseCommand

from core import periodic


class Command(BaseCommand):
    help = "Gör det återkommande arbete som är dags. Körs varje minut (ksi-periodic.timer)."

    def handle(self, **options: Any) -> None:
        outcome = periodic.run_due()
        for name, trouble in outcome.items():
            self.stdout.write(f"{name}: {trouble or 'klart'}")
        if any(outcome.values()):
            sys.exit(1)
