from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from ksi import seeding


class Command(BaseCommand):
    """Load the content written from the source documents; leaves what exists alone."""

    help = "Läser in innehållet från källdokumenten. Det som redan finns lämnas som det är."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One switch, for databases that get generated projects instead."""
        parser.add_argument(
            "--without-projects", action="store_true", help="Bara organisationer och ordlistor."
        )

    def handle(self, *, without_projects: bool, **options: Any) -> None:
        """Load, and say how much was new."""
        ground = seeding.load_ground()
        projects = 0 if without_projects else seeding.load_projects()
        self.stdout.write(f"Nytt innehåll: {projects} projekt, {ground} övriga poster.")
