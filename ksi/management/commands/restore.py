import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from ksi import backup


class Command(BaseCommand):
    help = "Läser tillbaka en säkerhetskopia. Det som finns i portalen ersätts helt."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="Kopian, till exempel var/backups/ksi-….tar.gz")
        parser.add_argument("--yes", action="store_true", help="Ersätt det som finns.")

    def handle(self, *, file: Path, yes: bool, **options: Any) -> None:
        if not file.is_file():
            sys.exit(
                "Ange vilken kopia som ska läsas tillbaka:"
                " make restore FILE=var/backups/ksi-….tar.gz"
            )
        if not yes and not backup.is_empty():
            sys.exit(
                "Portalen har redan innehåll, som skulle ersättas helt."
                " Lägg till JA=1 (eller --yes) om det är meningen."
            )
        try:
            manifest = backup.restore(file)
        except backup.BackupError as problem:
            sys.exit(str(problem))
        self.stdout.write(f"Återläst: {file} (gjord {manifest['made_at']})")
        self.stdout.write("Starta om portalen om den är igång.")
