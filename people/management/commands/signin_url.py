"""`manage.py signin_url ADRESS`: for the administrator on the server, when mail does not work."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from people.accounts import make_signin_token
from people.models import User


class Command(BaseCommand):
    help = "Gör en länk som loggar in ett konto en gång inom tio minuter."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="Kontots e-postadress.")

    def handle(self, *, email: str, **options: Any) -> None:
        user = User.objects.filter(email=email.lower()).first()
        if not user:
            raise CommandError(f"Det finns inget konto med adressen {email}.")
        if not user.is_active:
            raise CommandError(f"Kontot {email} är avstängt.")
        token = make_signin_token(user=user)
        self.stdout.write(f"{settings.PORTAL_URL}{reverse('signin-link', args=[token])}")
        self.stderr.write("Länken gäller en gång, inom tio minuter. Visa den inte för någon annan.")
