"""Panels on "Mina sidor". An app adds its own in its AppConfig.ready():

my_pages.append(Panel("people/_memberships.html", memberships_of, order=20))
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from people import roles
from people.models import User


@dataclass(frozen=True)
class Panel:
    """A <section> of its own: a template, and what it needs. None from `facts` hides it."""

    template: str
    facts: Callable[[HttpRequest], dict[str, Any] | None]
    order: int = 50

    def html(self, request: HttpRequest) -> SafeString:
        """The panel as this visitor sees it."""
        facts = self.facts(request)
        if facts is None:
            return SafeString("")
        return render_to_string(self.template, facts, request)


my_pages: list[Panel] = []


def my_editorial(request: HttpRequest) -> dict[str, Any] | None:
    """Ways to what the visitor's roles open besides the public pages; None where that is nothing.

    Each is a name of an address, its words, and what one does there.
    """
    user = request.user
    assert isinstance(user, User)  # noqa: S101
    ways = [
        (
            roles.REVIEW,
            "inventory:desk",
            "Att granska",
            "Det som enheterna har lämnat in: läs, kommentera och publicera.",
        ),
        (roles.READ_HISTORY, "history", "Historik", "Vem som har gjort vad, när och varför."),
        (
            roles.EXPORT_RECORDS,
            "hand-out",
            "Lämna ut handlingar",
            "Som fil, med ärendets diarienummer.",
        ),
        (
            roles.READ_RETENTION,
            "retention",
            "Personuppgifter",
            "Vad som finns om människor, och när det gallras.",
        ),
        (
            roles.DECIDE_ERASURE,
            "erasure-requests",
            "Begäran om radering",
            "De som vill få sitt konto raderat.",
        ),
    ]
    found = [way for action, *way in ways if roles.may(user, action)]
    if user.is_staff:
        told = "Rätta och publicera innehåll."
        found.append(["admin:index", "Redaktörernas verktyg", told])
    return {"ways": found} if found else None


def panels_for(request: HttpRequest) -> list[SafeString]:
    """All panels in their order."""
    return [panel.html(request) for panel in sorted(my_pages, key=lambda panel: panel.order)]
