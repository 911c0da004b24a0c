"""Panels on "Mina sidor". An app adds its own in its AppConfig.ready():

my_pages.append(Panel("people/_memberships.html", memberships_of, order=20))
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString


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


def panels_for(request: HttpRequest) -> list[SafeString]:
    """All panels in their order."""
    return [panel.html(request) for panel in sorted(my_pages, key=lambda panel: panel.order)]
