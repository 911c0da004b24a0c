import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError

from core import bounces, mail

EX_TEMPFAIL = 75  # sysexits.h: the mail server keeps the report and tries again


class Command(BaseCommand):
    help = "Läser en rapport om utebliven leverans från standard in och märker mejlet som studsat."

    def handle(self, **options: Any) -> None:
        data = sys.stdin.buffer.read(bounces.LARGEST)
        bounce = bounces.read(data)
        # Always "received": an answer to a report would be a report about a report.
        if bounce is None:
            self.stdout.write("Ingen rapport om utebliven leverans.")
            return
        try:
            ours = mail.bounced(message_id=bounce.message_id, reason=bounce.reason)
        except (DatabaseError, InterfaceError):
            sys.exit(EX_TEMPFAIL)
        self.stdout.write(
            "Mejlet är märkt som studsat." if ours else "Rapporten gäller inget mejl."
        )
