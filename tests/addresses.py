"""Every public address, taken from the URLconf itself, so that none is forgotten."""

import re
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from inventory.models import Document, Project
from library.models import Instrument, Theme
from tests.factories import make_idea, make_instrument, make_ordered_file
from tests.library_factories import (
    make_file,
    make_gap,
    make_item,
    make_method,
    make_reading_list,
)

# The routes that the admin owns are nobody's public addresses.
NOT_PUBLIC = "admin/"
# Addresses for one visitor (accounts): they hold forms and cookies, unlike those that are read.
OWN = (
    *("konto/", "mina-sidor/", "enheter/", "redaktion/", "registrator/", "demo/", "foljer/"),
    "laslistor/delad/",
    *("inventering/stammer/", "inventering/lamna-in/", "beratta/"),
)
# Forms that stand among what is read, each at an address of its own.
FORMS = (
    *("inventory:contact", "inventory:order-file", "inventory:idea-new", "inventory:idea-change"),
    *("inventory:idea-close", "inventory:idea-echo", "inventory:echo-take-back"),
    *("inventory:follow-up", "inventory:follow-up-confirm", "inventory:follow-up-end"),
    *("inventory:follow-up-point", "inventory:revise", "inventory:adopt", "library:order-file"),
    *("library:item-voice", "library:method-voice", "library:instrument-voice"),
    *("library:gap-new", "library:gap-support"),
)


def _patterns(resolver: URLResolver, route: str, names: str) -> Iterator[tuple[str, str]]:
    for part in resolver.url_patterns:
        whole = route + str(part.pattern)
        if isinstance(part, URLPattern):
            yield whole, names + (part.name or "")
        elif whole != NOT_PUBLIC:
            inner = f"{names}{part.namespace}:" if part.namespace else names
            yield from _patterns(part, whole, inner)


def all_routes() -> dict[str, str]:
    """Name → route of every address."""
    return {name: route for route, name in _patterns(get_resolver(), "", "")}


def routes() -> dict[str, str]:
    """Those that are only read, such as "inventory:district" → "stadsdelar/<slug:slug>/"."""
    return {
        name: route
        for name, route in all_routes().items()
        if not route.startswith(OWN) and name not in FORMS
    }


def own_routes() -> dict[str, str]:
    """Those for one visitor, such as "account_login" → "konto/logga-in/"."""
    return {name: route for name, route in all_routes().items() if route.startswith(OWN)}


def addresses(document: Document) -> dict[str, str]:
    """Name → an address that answers, for a project with a document, run by a district.

    In the library: an item with a file, a method and an instrument.
    """
    project: Project = document.project
    known: dict[str, Any] = {
        "public_id": project.public_id,
        "section": "poster",
    }
    tokens = {
        "inventory": make_ordered_file().token,
        "library": make_ordered_file(label="Biblioteket som Excel-fil").token,
    }
    idea = make_idea(project.lead, visibility="alla")
    file = make_file(make_item(title="En rapport", themes=["Boende"]))
    file.picture.save("forsta-sidan.jpg", ContentFile(b"\xff\xd8\xff"))
    item = file.item
    instrument = Instrument.objects.first() or make_instrument()
    tool = {"method": make_method().slug, "instrument": instrument.slug}
    slugs = {
        "inventory:district": project.lead.slug,
        "inventory:idea": idea.slug,
        "library:method-sheet": tool["method"],
        **{f"library:{name}": slug for name, slug in tool.items()},
    }
    gap, theme = make_gap(), Theme.objects.get(slug="boende")
    reading_list = make_reading_list()
    slugs |= {
        "library:gap": gap.slug,
        "library:theme": theme.slug,
        "library:theme-feed": theme.slug,
        "library:reading-list": reading_list.slug,
    }
    keys = {
        "inventory:idea": idea.pk,
        "library:gap": gap.pk,
        "library:reading-list": reading_list.pk,
    }
    made = {}
    for name, route in routes().items():
        app = name.partition(":")[0]
        wanted = re.findall(r"<(?:\w+:)?(\w+)>", route)
        slug, pk = (item.slug, item.pk) if app == "library" else (project.slug, document.pk)
        named = name.removesuffix("-voice-thanks")
        values = known | {"slug": slugs.get(named, slug), "pk": keys.get(named, pk)}
        values |= {"token": tokens.get(app), "file": file.pk}
        made[name] = reverse(name, kwargs={key: values[key] for key in wanted})
    return made
