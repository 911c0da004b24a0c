"""`manage.py reindex`: the whole portal's words, made anew as far as they have to be."""

import resource
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from search import indexing


class Command(BaseCommand):
    help = (
        "Läser in det som sökningen inte har läst. Går att avbryta: nästa gång fortsätter den där"
        " den var. Med --all görs allt om från början."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="Gör om allt från början.")

    def handle(self, **options: Any) -> None:
        if options["all"]:
            indexing.begin_anew()
        begun = time.monotonic()
        self.fetch()
        count = self.read(begun)
        if options["all"]:
            indexing.recount()
        seconds = time.monotonic() - begun
        if count or options["verbosity"] > 1:
            # Linux counts in kB.
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            self.stdout.write(
                f"{count} textstycken lästa på {seconds:.0f} s,"
                f" {count / max(seconds, 0.001):.0f} i sekunden, som mest {peak} MB minne."
            )

    def fetch(self) -> None:
        """Fetch what the catalogue lacks from the apps that publish it."""
        for fetched in indexing.fetch_missing():
            self.progress(f"{fetched} poster hämtade")

    def read(self, begun: float) -> int:
        """Read, and tell how far it has come."""
        waiting = indexing.waiting()
        done = 0

        def tell(count: int) -> None:
            nonlocal done
            done += count
            pace = done / max(time.monotonic() - begun, 0.001)
            self.progress(f"{done} av {waiting} textstycken, {pace:.0f} i sekunden")

        return indexing.index(tell)

    def progress(self, line: str) -> None:
        """Show how far it has come to somebody who watches; a log gets the end alone."""
        if sys.stdout.isatty():
            self.stdout.write(f"\r{line}   ", ending="")
            self.stdout.flush()
