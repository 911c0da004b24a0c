from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from people import roles

PATH = Path(settings.BASE_DIR) / "docs" / "roles.md"


def page() -> str:
    """docs/roles.md as the matrix says."""
    lines = [
        "# Roller",
        "",
        "Made by `manage.py write_roles` from the matrix in `people/roles.py`; a test compares.",
        "",
        "| roll | vad den är till för |",
        "|---|---|",
        *(f"| {role.label} | {role.__doc__} |" for role in roles.ROLES),
        "",
        "| får | " + " | ".join(role.label for role in roles.ROLES) + " |",
        "|---|" + "---|" * len(roles.ROLES),
    ]
    for action in roles.MATRIX:
        marks = ["ja" if role in action.roles else "" for role in roles.ROLES]
        where = " (i sin organisation)" if action.within else ""
        lines.append(f"| {action.label}{where} | " + " | ".join(marks) + " |")
    return "\n".join(lines) + "\n"


class Command(BaseCommand):
    """Write docs/roles.md."""

    help = "Skriver docs/roles.md efter matrisen i people/roles.py."

    def handle(self, **options: Any) -> None:
        """Write it."""
        PATH.write_text(page(), encoding="utf-8")
