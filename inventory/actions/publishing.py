"""Changes to what is published in the inventory. Each raises the edition through the catalogue."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core.models import AuditEntry
from inventory.models import Project
from inventory.search import KIND, RELATED
from library.models import Instrument, Item, Method
from library.search import TOOL_FACET
from people.models import User
from search import catalogue
from search.models import Entry, EntryFacet

# Changed values of these are not written in the history: they can point at a person.
PERSONAL_FIELDS = {"contact_function", "contact_phone", "contact_email", "last_confirmed_by"}


Changes = Mapping[str, tuple[Any, Any] | None]


def history_of(changes: Changes) -> dict[str, list[str] | None]:
    """{field: (old, new)} as the history keeps it: texts, and nothing for personal fields."""
    return {
        field: None if pair is None or field in PERSONAL_FIELDS else [str(part) for part in pair]
        for field, pair in changes.items()
    }


def refresh(project: Project) -> None:
    """Write the project's row, and those of the projects whose pages name it."""
    related = Project.objects.filter(Q(inspired_by=project) | Q(inspired=project))
    # Those whose pages named it until now may no longer do.
    named_it = EntryFacet.objects.filter(
        entry__kind=KIND, entry__object_id=project.public_id, facet=RELATED
    ).values_list("value", flat=True)
    numbers = {project.public_id, *related.values_list("public_id", flat=True)}
    before = _tools(project)
    catalogue.refresh(KIND, numbers | {int(number) for number in named_it})
    for model in (Method, Instrument):
        # Their rows tell which projects use them, and where.
        keys = {key for key in before | _tools(project) if key.startswith(f"{model.FACET}-")}
        catalogue.refresh(model.FACET, [int(key.removeprefix(f"{model.FACET}-")) for key in keys])


def _tools(project: Project) -> set[str]:
    """The keys of the methods and instruments that the catalogue knows of the project."""
    facets = EntryFacet.objects.filter(entry__kind=KIND, entry__object_id=project.public_id)
    return set(facets.filter(facet=TOOL_FACET).values_list("value", flat=True))


@transaction.atomic
def name_report(*, item: Item, projects: Iterable[Project]) -> None:
    """Let these projects, and no others, name an item of the library as their report.

    Side effects: the catalogue, so that their pages follow.
    """
    before = set(Project.objects.filter(reports=item))
    after = set(projects)
    item.projects.set(after)
    for project in before ^ after:
        refresh(project)


@transaction.atomic
def publish(*, project: Project, by: User | None, reason: str = "") -> None:
    """Show a complete, saved project in the inventory. Writes history and the catalogue."""
    AuditEntry.record("publicerad", project, by=by, to_state="publicerad", reason=reason)
    refresh(project)


@transaction.atomic
def record_change(*, project: Project, by: User | None, changes: Changes, reason: str = "") -> None:
    """Tell of a change to a published project. Writes history and the catalogue."""
    AuditEntry.record("ändrad", project, by=by, reason=reason, changes=history_of(changes))
    refresh(project)


@transaction.atomic
def withdraw(*, project: Project, reason: str, by: User) -> None:
    """Take the project out of the inventory, with a reason; its address then answers 410.

    Raises ValueError without a reason. Does nothing when it is withdrawn already.
    """
    if not reason.strip():
        raise ValueError("A withdrawal needs a reason.")
    if not Project.objects.filter(pk=project.pk, withdrawn_at=None).update(
        withdrawn_at=timezone.now(), withdrawn_reason=reason
    ):
        return
    project.refresh_from_db()
    AuditEntry.record(
        "avpublicerad",
        project,
        by=by,
        from_state="publicerad",
        to_state="avpublicerad",
        reason=reason,
    )
    refresh(project)


@transaction.atomic
def restore(*, project: Project, by: User) -> None:
    """Show a withdrawn project again; does nothing to others. Writes history and the catalogue."""
    withdrawn = Project.objects.filter(pk=project.pk).exclude(withdrawn_at=None)
    if not withdrawn.update(withdrawn_at=None, withdrawn_reason=""):
        return
    project.refresh_from_db()
    AuditEntry.record(
        "publicerad", project, by=by, from_state="avpublicerad", to_state="publicerad"
    )
    refresh(project)


@transaction.atomic
def publish_due() -> int:
    """Put projects whose embargo has passed into the catalogue; returns how many.

    Side effects: history and the catalogue.
    """
    shown = Entry.objects.filter(kind=KIND).exclude(audience="").values("object_id")
    due = Project.objects.published().exclude(embargo_until=None).exclude(public_id__in=shown)
    projects = list(due)
    for project in projects:
        AuditEntry.record("visas", project, by=None, reason="Första publiceringsdagen har kommit.")
        refresh(project)
    return len(projects)
