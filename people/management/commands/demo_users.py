"""`manage.py demo_users`: the demonstration's logins. Again changes nothing."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from people.demo import make_demo_users


class Command(BaseCommand):
    help = "Gör demonstrationens konton, ett för varje roll."

    def handle(self, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Det finns demokonton bara i demonstrationsläget (KSI_MODE=demo).")
        for user in make_demo_users():
            self.stdout.write(f"{user.name}  {user.email}")
