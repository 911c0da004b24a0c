"""Every public address, taken from the URLconf itself, so that none is forgotten."""

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from inventory.models import Document, Project
from library.models import Instrument
from tests.factories import make_idea, make_instrument, make_ordered_file
from tests.library_factories import make_file, make_gap, make_item, make_method

# The routes that the admin owns are nobody's public addresses.
NOT_PUBLIC = "admin/"
# Addresses for one visitor (accounts): they hold forms and cookies, unlike those that are read.
OWN = (
    *("konto/", "mina-sidor/", "enheter/", "redaktion/", "registrator/", "demo/", "foljer/"),
    *("inventering/stammer/", "inventering/lamna-in/", "beratta/"),
)
# Forms that stand among what is read, each at an address of its own.
FORMS = (
    *("inventory:contact", "inventory:order-file", "inventory:idea-new", "inventory:idea-change"),
    *("inventory:idea-close", "inventory:idea-echo", "inventory:echo-take-back"),
    *("inventory:follow-up", "inventory:follow-up-confirm", "inventory:follow-up-end"),
    *("inventory:follow-up-point", "inventory:revise", "inventory:adopt"),
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
    """Name → an address that answers, for a project with a document, run by a district."""
    project: Project = document.project
    known: dict[str, Any] = {
        "public_id": project.public_id,
        "section": "poster",
        "token": make_ordered_file().token,
    }
    idea = make_idea(project.lead, visibility="alla")
    slugs = {"inventory:district": project.lead.slug, "inventory:idea": idea.slug}
    keys = {"inventory:idea": idea.pk}
    library = library_values()
    made = {}
    for name, route in routes().items():
        wanted = re.findall(r"<(?:\w+:)?(\w+)>", route)
        values = known | {"slug": slugs.get(name, project.slug)}
        values["pk"] = keys.get(name, document.pk)
        values |= library.get(name.removesuffix("-voice-thanks"), {})
        made[name] = reverse(name, kwargs={key: values[key] for key in wanted})
    return made


def library_values() -> dict[str, dict[str, Any]]:
    """Name of an address in the library → what it is of."""
    item, gap = make_item(), make_gap()
    file = make_file(item)
    return {
        "library:number": {"pk": item.pk},
        "library:item": {"pk": item.pk, "slug": item.slug},
        "library:file": {"pk": item.pk, "file": file.pk},
        "library:method": {"slug": make_method().slug},
        "library:instrument": {"slug": (Instrument.objects.first() or make_instrument("Asi")).slug},
        "library:gap": {"pk": gap.pk, "slug": gap.slug},
    }
