"""`manage.py prepare`: everything between installed packages and a portal that can start.

One process instead of four, so that a second start takes a second or two. Each step leaves alone
what is already there.
"""

import hashlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand

from core import register
from people.demo import make_demo_users


def static_fingerprint() -> str:
    """What the static files are made from: names, sizes and times of all sources."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


class Command(BaseCommand):
    help = "Förbereder databas, innehåll och statiska filer. Kan köras hur många gånger som helst."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--without-content", action="store_true", help="Läs inte in källdokumentens innehåll."
        )

    def handle(self, *, without_content: bool, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        register.enter_rules()
        if not without_content:
            call_command("load_seed")
        call_command("reindex")
        if settings.DEMO:
            make_demo_users()
        # Collecting compresses a thousand files; not again when none has changed.
        stamp = Path(settings.STATIC_ROOT) / ".collected"
        fingerprint = static_fingerprint()
        if not stamp.is_file() or stamp.read_text() != fingerprint:
            call_command("collectstatic", interactive=False, verbosity=0)
            stamp.write_text(fingerprint)
