from typing import Any

from django.core.management.base import BaseCommand

from inventory import actions


class Command(BaseCommand):
    """Show projects whose first day of publication has come; run it once a day."""

    help = "Visar projekt vars första publiceringsdag har kommit. Körs en gång om dagen."

    def handle(self, **options: Any) -> None:
        """Publish, and say how many."""
        self.stdout.write(f"{actions.publish_due()} projekt visas nu.")
