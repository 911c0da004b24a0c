"""The curators' desk: what was handed in and waits, what was returned, what was published lately.

Methods: inventory.urls. Whoever may not review finds nothing here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone

from core.models import AuditEntry
from core.pages import Pages
from inventory.actions.reviews import PUBLISHED
from inventory.models import Comment, Draft
from people import roles
from people.history_views import only_for
from people.models import Lineage, Organisation
from people.panels import my_editorial

State = Draft.State
PER_PAGE = 25
MOST_LATELY = 10
DESK = "inventory:desk"


@dataclass(frozen=True)
class Waiting:
    """A draft in a list of the desk."""

    draft: Draft
    district: str
    since: Any = None  # when it came to stand where it does
    comments: int = 0
    unanswered: int = 0

    @property
    def days(self) -> int:
        """How many days it has stood there."""
        return (timezone.localdate() - timezone.localdate(self.since)).days if self.since else 0


def districts_of(drafts: list[Draft]) -> dict[int, str]:
    """Unit → the district of today that it belongs to; where it is none itself and there is one."""
    lines = Lineage.objects.exclude(ancestor=F("descendant")).filter(
        descendant__in={draft.unit_id for draft in drafts},
        ancestor__kind=Organisation.Kind.DISTRICT,
        ancestor__valid_to=None,
    )
    return {line.descendant_id: str(line.ancestor) for line in lines.select_related("ancestor")}


def listed() -> QuerySet[Draft]:
    """Drafts as lists show them."""
    return Draft.objects.select_related("unit", "claimed_by").defer("base")


def comments_of(drafts: list[Draft]) -> dict[int, tuple[int, int]]:
    """Draft → how many comments it has, and how many of them without an answer."""
    found = Comment.objects.filter(draft__in=drafts).order_by().values_list("draft")
    counted = found.annotate(all=Count("pk"), unanswered=Count("pk", filter=Q(answer="")))
    return {pk: (every, unanswered) for pk, every, unanswered in counted}


@login_required
def desk(request: HttpRequest) -> HttpResponse:
    """What waits, oldest first; one's own; what was returned; what was published lately."""
    user = only_for(request, roles.REVIEW)
    waiting = Draft.objects.waiting()

    def address(change: Callable[[QueryDict], Any]) -> str:
        params = QueryDict(mutable=True)
        change(params)
        return f"{request.path}?{params.urlencode()}" if params else request.path

    pages = Pages(request.GET.get("sida"), waiting.count(), PER_PAGE, address)
    ordered = listed().filter(state=State.SUBMITTED).order_by("submitted_at", "pk")
    queue = list(ordered[pages.start : pages.stop])
    mine = list(ordered.filter(claimed_by=user))
    returned = list(listed().filter(state=State.RETURNED).order_by("submitted_at", "pk"))
    published_here = AuditEntry.objects.filter(verb=PUBLISHED, app_model=Draft._meta.label_lower)
    entries = published_here.order_by("-pk")[:MOST_LATELY]
    lately = Draft.objects.select_related("unit", "project").defer("base")
    published = lately.in_bulk([int(entry.object_id) for entry in entries])
    places = districts_of([*queue, *mine, *returned, *published.values()])
    counts = comments_of([*queue, *mine, *returned])
    back = AuditEntry.objects.filter(
        app_model=Draft._meta.label_lower,
        object_id__in=[str(draft.pk) for draft in returned],
        to_state=State.RETURNED,
    )
    returned_at = {int(entry.object_id): entry.at for entry in back.order_by("pk")}

    def rows(drafts: list[Draft]) -> list[Waiting]:
        return [
            Waiting(
                draft,
                places.get(draft.unit_id, ""),
                returned_at.get(draft.pk, draft.submitted_at)
                if draft.state == State.RETURNED
                else draft.submitted_at,
                *counts.get(draft.pk, (0, 0)),
            )
            for draft in drafts
        ]

    editorial = my_editorial(request) or {"ways": []}
    context = {
        "pages": pages,
        "queue": rows(queue),
        "mine": rows(mine),
        "returned": sorted(rows(returned), key=lambda row: (row.since, row.draft.pk)),
        "published": [
            (published[int(entry.object_id)], entry.at)
            for entry in entries
            if int(entry.object_id) in published
        ],
        "ways": [way for way in editorial["ways"] if way[0] != DESK],
    }
    return render(request, "inventory/review/desk.html", context)
