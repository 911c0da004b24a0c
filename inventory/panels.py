"""Pieces of pages that lists and other rooms show, kept until what they show is written again."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from django.db.models import Q
from django.db.models.functions import Coalesce, TruncDate
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from core.keeping import edition_of
from inventory import rules
from inventory.models import Project
from inventory.search import KIND
from library.models import Theme
from people import roles
from people.models import Organisation, User, audiences_of
from people.views import known_user
from search.facets import Selection, Snapshot, snapshot
from search.lists import kept_rows

MOST_TO_FOLLOW_UP = 25
MOST_ABOUT_A_THEME = 5
MOST_OF_AN_ITEM = 20


def rows(found: Snapshot, keys: Iterable[int], *, pick: bool = False) -> list[SafeString]:
    """List rows of these projects in this order; with a box to choose for comparison if `pick`."""
    return kept_rows(found, keys, "inventory/_row.html", pick=pick)


def projects_of(item: int, audiences: frozenset[str]) -> SafeString:
    """Projects that an item reports, or that were written from it; for its page."""
    told = Q(pk__in=Project.reports.through.objects.filter(item=item).values("project"))
    told |= Q(source__item=item)
    found = Project.objects.visible_to(audiences).filter(told).select_related("lead")
    projects = list(found.order_by("-published_at", "title", "pk")[: MOST_OF_AN_ITEM + 1])
    if not projects:
        return SafeString("")
    context = {"projects": projects[:MOST_OF_AN_ITEM], "more": len(projects) > MOST_OF_AN_ITEM}
    return render_to_string("inventory/_projects_of_item.html", context)


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
