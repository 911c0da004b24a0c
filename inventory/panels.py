"""Pieces of pages that lists and other rooms show, kept until what they show is written again."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from django.db.models import Q
from django.db.models.functions import Coalesce, TruncDate
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from core.keeping import edition_of, kept_part
from inventory import rules
from inventory.models import Project
from inventory.search import KIND
from library.models import Theme
from people import roles
from people.models import Organisation, User, audiences_of
from people.views import known_user
from search.facets import Selection, Snapshot, entries_by_key, snapshot

MOST_TO_FOLLOW_UP = 25
MOST_ABOUT_A_THEME = 5


def rows(found: Snapshot, keys: Iterable[int], *, pick: bool = False) -> list[SafeString]:
    """List rows of these entries in this order; with a box to choose for comparison if `pick`.

    A row's key is its entry and the edition that wrote it, so that only new ones are rendered,
    and only when one is missing is the database asked.
    """
    keys = list(keys)
    entries = None

    def render(key: int) -> str:
        nonlocal entries
        if entries is None:
            entries = {entry.pk: entry for entry in entries_by_key(keys)}
        if key not in entries:
            return ""
        return render_to_string("inventory/_row.html", {"entry": entries[key], "pick": pick})

    made = []
    for key in keys:
        edition = found.rows[found.positions[key]].edition
        made.append(kept_part(("row", key, edition, pick), lambda key=key: render(key)))  # type: ignore[misc]
    return [mark_safe(row) for row in made]  # noqa: S308 - rendered by a template


def projects_about(theme: Theme, request: HttpRequest) -> SafeString:
    """The newest projects about a theme, as a section of the theme's page."""
    found = snapshot(KIND, edition_of(request)[0])
    about = Selection(found, audiences_of(request.user), {Theme.FACET: [theme.slug]})
    newest = rows(found, islice(about.keys("nyast"), MOST_ABOUT_A_THEME))
    context = {"theme": theme, "rows": newest, "total": len(about)}
    return render_to_string("inventory/_theme_projects.html", context)


def my_ideas(request: HttpRequest) -> dict[str, Any]:
    """Ways to ideas and needs, for the panel on "Mina sidor"."""
    assert isinstance(request.user, User)  # noqa: S101
    return {"may_post": rules.speaks_for(request.user).exists()}


def my_follow_up(request: HttpRequest) -> dict[str, Any] | None:
    """What runs in the visitor's own units, with what was confirmed longest ago first; None where
    she follows up nothing.
    """
    user = known_user(request)
    mine = Organisation.objects.filter(pk__in=roles.organisations_where(user, roles.FOLLOW_UP))
    running = Project.objects.going_on().filter(
        Q(lead__in=mine)
        | Q(
            pk__in=Project.co_owners.through.objects.filter(organisation__in=mine).values("project")
        )
    )
    freshness = Coalesce("last_confirmed_at", TruncDate("published_at"))
    projects = running.select_related("source").prefetch_related("measures")
    shown = list(projects.order_by(freshness, "title", "pk")[: MOST_TO_FOLLOW_UP + 1])
    if not shown:
        return None
    return {"projects": shown[:MOST_TO_FOLLOW_UP], "more": len(shown) > MOST_TO_FOLLOW_UP}
