"""manage.py generate_content: made-up projects and items for tests of size and speed."""

import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command

from inventory import generating
from inventory.generating.items import generate_items
from people.models import Organisation


class Command(BaseCommand):
    """Fills an empty database with made-up projects and items of the library, marked as such.

    They are never mixed into real content: where a real project or item exists, nothing is written.
    Only a demonstration, whose content nobody relies on, may be told to do it all the same.
    """

    help = "Skapar påhittat innehåll för prov av storlek, i en databas utan riktigt innehåll."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many, which ones, and the way around the refusal."""
        parser.add_argument("--projects", type=int, default=0, metavar="N")
        parser.add_argument("--items", type=int, default=0, metavar="N")
        parser.add_argument("--seed", type=int, default=1, metavar="S")
        parser.add_argument(
            "--anyway",
            action="store_true",
            help="Blanda med riktigt innehåll. Går bara i demonstrationsläge (KSI_MODE=demo).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Generate, and say how it goes."""
        projects, items = options["projects"], options["items"]
        if min(projects, items) < 0 or not projects + items:
            raise CommandError("Ange hur många: --projects 1000, --items 1000 eller båda.")
        self.guard(anyway=options["anyway"])
        if not Organisation.objects.districts().exists():
            call_command("load_seed", without_projects=True, stdout=self.stdout)
        if projects:
            self.make(generating.generate, projects, "projekt", options["seed"])
        if items:
            self.make(generate_items, items, "poster i biblioteket", options["seed"])

    def make(self, generate: Callable[..., None], count: int, called: str, seed: int) -> None:
        """Generate so many of something."""
        begun = time.monotonic()

        def progress(done: int) -> None:
            seconds = time.monotonic() - begun
            if done % 10_000 and done < count:
                return
            self.stdout.write(f"{done} av {count} {called}, {seconds:.0f} s")
            self.stdout.flush()

        generate(count=count, seed=seed, progress=progress)
        self.stdout.write(self.style.SUCCESS(f"{count} påhittade {called} är skapade."))

    def guard(self, *, anyway: bool) -> None:
        """Refuse to mix made-up content with real."""
        if anyway and not settings.DEMO:
            raise CommandError("--anyway går bara i demonstrationsläge (KSI_MODE=demo).")
        try:
            generating.refuse_real_content()
        except generating.RealContentError:
            if not anyway:
                raise CommandError(
                    "Databasen innehåller riktigt innehåll, och påhittat blandas inte med det."
                    " Använd en tom databas (DATABASE_URL)."
                ) from None
