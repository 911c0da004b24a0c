from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from core import personal_data


class Command(BaseCommand):
    """Erase personal data that has outlived its period; runs every night."""

    help = "Raderar personuppgifter vars tid har gått ut. Körs varje natt."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """A dry run counts without erasing."""
        parser.add_argument("--dry-run", action="store_true", help="Räkna bara, radera inget.")

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        """Erase or count, and say how much of each kind."""
        word = "skulle raderas" if dry_run else "raderade"
        for key, count in personal_data.erase_due(dry_run=dry_run).items():
            self.stdout.write(f"{key}: {count} {word}")
