"""Pieces of pages that lists and other rooms show, kept until what they show is written again."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.db.models.functions import Coalesce, TruncDate
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from inventory import rules
from inventory.models import Project
from library.models import Item
from people import roles
from people.models import Organisation, User
from people.views import known_user
from search.facets import Snapshot
from search.lists import kept_rows

MOST_TO_FOLLOW_UP = 25
MOST_OF_AN_ITEM = 20


def rows(found: Snapshot, keys: Iterable[int], *, pick: bool = False) -> list[SafeString]:
    """List rows of these projects in this order; with a box to choose for comparison if `pick`."""
    return kept_rows(found, keys, "inventory/_row.html", pick=pick)


def projects_of(item: Item, audiences: frozenset[str]) -> SafeString:
    """Projects that an item reports, or that were written from it; for its page."""
    told = Q(pk__in=Project.reports.through.objects.filter(item=item).values("project"))
    told |= Q(source__item=item)
    found = Project.objects.visible_to(audiences).filter(told).select_related("lead")
    projects = list(found.order_by("-published_at", "title", "pk")[: MOST_OF_AN_ITEM + 1])
    if not projects:
        return SafeString("")
    context = {"projects": projects[:MOST_OF_AN_ITEM], "more": len(projects) > MOST_OF_AN_ITEM}
    return render_to_string("inventory/_projects_of_item.html", context)


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
