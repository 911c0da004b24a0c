import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from ksi import backup


class Command(BaseCommand):
    help = "Sparar databasen och de lagrade filerna i en fil. Portalen kan vara igång."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", type=Path, help="Filens namn. Annars en ny i var/backups/.")
        parser.add_argument("--keep", type=int, help="Behåll bara så många av de nyaste kopiorna.")

    def handle(self, *, to: Path | None, keep: int | None, **options: Any) -> None:
        name = f"ksi-{timezone.localtime():%Y%m%d-%H%M%S}.tar.gz"
        target = to or settings.VAR_DIR / "backups" / name
        try:
            manifest = backup.save(target)
        except (backup.BackupError, OSError) as problem:
            sys.exit(f"Säkerhetskopian blev inte gjord. {problem}")
        if keep and keep > 0:
            backup.prune(target.parent, keep)
        files = len(manifest["parts"]) - 1
        size = target.stat().st_size / 1_000_000
        self.stdout.write(f"Sparat: {target} ({files} filer och databasen, {size:.1f} MB)")
        if backup.files_folder() is None:
            self.stdout.write("De lagrade filerna ligger i S3 och följer inte med.")
