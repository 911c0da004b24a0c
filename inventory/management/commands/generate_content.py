"""manage.py generate_content: made-up projects for tests of size and speed."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command

from inventory import generating
from people.models import Organisation


class Command(BaseCommand):
    """Fills an empty database with made-up projects, marked as such.

    They are never mixed into real content: where a real project exists, nothing is written. Only
    a demonstration, whose content nobody relies on, may be told to do it all the same.
    """

    help = "Skapar påhittade projekt för prov av storlek, i en databas utan riktiga projekt."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many, which ones, and the way around the refusal."""
        parser.add_argument("--projects", type=int, required=True, metavar="N")
        parser.add_argument("--seed", type=int, default=1, metavar="S")
        parser.add_argument(
            "--anyway",
            action="store_true",
            help="Blanda med riktiga projekt. Går bara i demonstrationsläge (KSI_MODE=demo).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Generate, and say how it goes."""
        count = options["projects"]
        if count < 1:
            raise CommandError("Ange minst ett projekt: --projects 1000.")
        self.guard(anyway=options["anyway"])
        if not Organisation.objects.districts().exists():
            call_command("load_seed", without_projects=True, stdout=self.stdout)

        begun = time.monotonic()

        def progress(done: int) -> None:
            seconds = time.monotonic() - begun
            if done % 10_000 and done < count:
                return
            self.stdout.write(f"{done} av {count} projekt, {seconds:.0f} s")
            self.stdout.flush()

        generating.generate(count=count, seed=options["seed"], progress=progress)
        self.stdout.write(self.style.SUCCESS(f"{count} påhittade projekt är skapade."))

    def guard(self, *, anyway: bool) -> None:
        """Refuse to mix made-up content with real."""
        if anyway and not settings.DEMO:
            raise CommandError("--anyway går bara i demonstrationsläge (KSI_MODE=demo).")
        try:
            generating.refuse_real_content()
        except generating.RealContentError:
            if not anyway:
                raise CommandError(
                    "Databasen innehåller riktiga projekt, och påhittade blandas inte med dem."
                    " Använd en tom databas (DATABASE_URL)."
                ) from None
