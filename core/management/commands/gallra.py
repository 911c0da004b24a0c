from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core import register


class Command(BaseCommand):
    help = "Raderar personuppgifter vars tid har gått ut. Görs annars varje natt."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Räkna bara, radera inget.")

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        outcome = register.count_due() if dry_run else register.erase_due()
        for key, count in outcome.items():
            self.stdout.write(f"{key}: {count}")
        self.stdout.write("Inget är raderat." if dry_run else "Klart.")
