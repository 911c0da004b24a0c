from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from ksi import library_seeding, seeding


class Command(BaseCommand):
    """Load the content written from the source documents; leaves what exists alone."""

    help = "Läser in innehållet från källdokumenten. Det som redan finns lämnas som det är."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One switch, for databases that get generated content instead."""
        parser.add_argument(
            "--without-projects", action="store_true", help="Bara organisationer och ordlistor."
        )

    def handle(self, *, without_projects: bool, **options: Any) -> None:
        """Load, and say how much was new."""
        ground = seeding.load_ground()
        ground += library_seeding.load_gaps()
        projects = 0 if without_projects else seeding.load_projects()
        items = 0 if without_projects else library_seeding.load_items()
        self.stdout.write(
            f"Nytt innehåll: {projects} projekt, {items} poster i biblioteket,"
            f" {ground} övriga poster."
        )
