"""What somebody follows: in words, as a choice in the inventory, and what has happened to it."""

import datetime
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db.models import F
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator

from core.models import AuditEntry, Edition
from inventory.emails import Item, Section
from inventory.filters import ProjectFilter
from inventory.models import Follow, Project
from inventory.search import KIND
from people import roles
from people.actions import DISTRICT_FACET
from people.models import Lineage, Organisation, User, audiences_of
from search.facets import Snapshot, snapshot

# What the history says of a project → what a digest says, the most telling first.
NEWS = {
    "publicerad": "Publicerat",
    "visas": "Publicerat",
    "avslutad": "Avslutat",
    "ändrad": "Ändrat",
    "bekräftad": "Bekräftat",
}
_RANK = list(NEWS)
# Only who follows the project itself wants to know that it was confirmed.
OF_PROJECTS_ONLY = {"bekräftad"}
MOST_ITEMS = 20
HIDDEN = "Ett projekt som inte visas längre"
GONE = "Ett urval som inte går att göra längre"


@dataclass(frozen=True)
class Followed:
    """A follow as it is understood today, for the one who follows."""

    follow: Follow
    label: str
    address: str  # nothing for what is not shown any longer
    wanted: ProjectFilter | None = None
    # Districts that the chosen ones went over into, and that are followed with them.
    heirs: list[Organisation] = field(default_factory=list)

    @property
    def numbers(self) -> Iterator[int]:
        """The numbers of the projects that belong to it."""
        if self.follow.project:
            return iter([self.follow.project.public_id])
        return self.wanted.numbers if self.wanted else iter(())


def heirs_of(slugs: Iterable[str]) -> dict[str, list[Organisation]]:
    """District → those that it went over into, today's and later former ones; one query."""
    lines = (
        Lineage.objects.filter(
            descendant__slug__in=set(slugs),
            descendant__kind=Organisation.Kind.DISTRICT,
            ancestor__kind=Organisation.Kind.DISTRICT,
        )
        .exclude(ancestor=F("descendant"))
        .select_related("ancestor", "descendant")
        .order_by("ancestor__sort_key", "pk")
    )
    found: dict[str, list[Organisation]] = {}
    for line in lines:
        found.setdefault(line.descendant.slug, []).append(line.ancestor)
    return found


def followed(user: User, edition: int) -> list[Followed]:
    """What somebody follows, in the order in which she began."""
    follows = list(Follow.objects.filter(user=user).select_related("project"))
    params = {follow.pk: QueryDict(follow.query) for follow in follows}
    slugs = {slug for each in params.values() for slug in each.getlist(DISTRICT_FACET)}
    heirs = heirs_of(slugs) if slugs else {}
    shown, audiences = snapshot(KIND, edition), audiences_of(user)
    return [understood(follow, shown=shown, audiences=audiences, heirs=heirs) for follow in follows]


def understood(
    follow: Follow,
    *,
    shown: Snapshot,
    audiences: frozenset[str],
    heirs: dict[str, list[Organisation]],
) -> Followed:
    """A follow in words, with what it finds. A project that is hidden from her is not named."""
    if project := follow.project:
        if shown.visible(project.public_id, audiences):
            return Followed(follow, project.title, project.get_absolute_url())
        return Followed(follow, HIDDEN, "")

    def asked(params: QueryDict) -> ProjectFilter:
        return ProjectFilter(params, snapshot=shown, audiences=audiences, everything=True)

    params = QueryDict(follow.query, mutable=True)
    wanted = asked(params)
    if wanted.form.errors:
        # What was left of the choice would find more than was asked for.
        return Followed(follow, GONE, "")
    label = wanted.in_words
    chosen = params.getlist(DISTRICT_FACET)
    also = {heir.slug: heir for slug in chosen for heir in heirs.get(slug, [])}
    for slug in chosen:
        also.pop(slug, None)
    if also:
        params.setlist(DISTRICT_FACET, [*chosen, *also])
        wanted = asked(params)
    address = f"{reverse('inventory:list')}?{wanted.subject}"
    return Followed(follow, label, address, wanted, list(also.values()))


# --- News -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """Something that the history tells of a project."""

    verb: str
    at: datetime.datetime


def this_monday() -> datetime.datetime:
    """The beginning of the week, in local time: digests tell of what happened before."""
    today = timezone.localdate()
    monday = today - datetime.timedelta(days=today.weekday())
    return timezone.make_aware(datetime.datetime.combine(monday, datetime.time.min))


def changes_between(since: datetime.datetime, until: datetime.datetime) -> dict[int, list[Change]]:
    """Primary key of a project → what the history tells of it from one moment to another."""
    lines = AuditEntry.objects.filter(
        app_model=Project._meta.label_lower, verb__in=NEWS, at__gte=since, at__lt=until
    )
    found: dict[int, list[Change]] = {}
    for pk, verb, at in lines.order_by("pk").values_list("object_id", "verb", "at"):
        found.setdefault(int(pk), []).append(Change(verb, at))
    return found


def news(user: User, *, since: datetime.datetime, until: datetime.datetime) -> list[Section]:
    """What has happened to what somebody follows, as far as she may see it today.

    A project stands under the first follow that finds it, and those that are followed themselves
    stand first. What happened before she began to follow is not news, and nothing is to who may
    follow no longer.
    """
    if not roles.may(user, roles.FOLLOW):
        return []
    changes = changes_between(since, until)
    visible = Project.objects.visible_to(audiences_of(user)).filter(pk__in=changes)
    projects = {project.public_id: project for project in visible}
    if not projects:
        return []
    mine = followed(user, Edition.current())
    told: set[int] = set()

    def items_of(each: Followed) -> Iterator[tuple[Change, Item]]:
        for number in {*each.numbers} & projects.keys() - told:
            project = projects[number]
            if change := _most_telling(changes[project.pk], each.follow):
                told.add(number)
                yield change, _item(project, change)

    own = [found for each in mine if each.follow.project_id for found in items_of(each)]
    sections = [_section("Projekt du följer", "", own, Follow.MOST)]
    for each in mine:
        if not each.follow.project_id:
            sections.append(_section(each.label, each.address, items_of(each), MOST_ITEMS))
    return [section for section in sections if section.items]


def _section(label: str, address: str, found: Iterable[tuple[Change, Item]], most: int) -> Section:
    """The newest first; the rest are counted."""
    newest = sorted(found, key=lambda pair: (pair[0].at, pair[1].address), reverse=True)
    items = [item for _, item in newest]
    return Section(label, address, items[:most], max(0, len(items) - most))


def _most_telling(changes: list[Change], follow: Follow) -> Change | None:
    """That it was published rather than that it was changed, and the last time it was."""
    left_out = set() if follow.project_id else OF_PROJECTS_ONLY
    since = [each for each in changes if each.at >= follow.created_at and each.verb not in left_out]
    return min(since, key=lambda each: (_RANK.index(each.verb), -each.at.timestamp()), default=None)


def _item(project: Project, change: Change) -> Item:
    return Item(
        title=project.title,
        address=project.get_absolute_url(),
        sentence=first_sentence(project.plain_summary),
        what=NEWS[change.verb],
        on=timezone.localdate(change.at),
    )


# Not the full stop of "t.ex." or "bl.a.".
_END = re.compile(r"(?<=\w\w\w[.!?]|\s\w\w[.!?])\s+(?=[A-ZÅÄÖ])")


def first_sentence(text: str) -> str:
    """The first sentence of a text, not longer than a reader in a hurry reads."""
    first = _END.split(text.strip(), maxsplit=1)[0]
    return Truncator(" ".join(first.split())).chars(200)
