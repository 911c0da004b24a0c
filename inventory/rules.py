"""Who may do what with a draft."""

from django.db.models import Q, QuerySet

from inventory.models import Draft, Project
from inventory.models.drafts import DraftQuerySet
from people import roles
from people.models import Organisation, User

State = Draft.State


def drafts_of(user: User) -> DraftQuerySet:
    """The drafts of somebody's units."""
    return Draft.objects.filter(unit__in=roles.organisations_where(user, roles.WRITE_DRAFT))


def drafts_seen_by(user: User) -> DraftQuerySet:
    """Those of her units, and for who reviews, whatever was ever handed in."""
    seen = Q(unit__in=roles.organisations_where(user, roles.WRITE_DRAFT))
    if roles.may(user, roles.REVIEW):
        seen |= Q(submitted_at__isnull=False)
    return Draft.objects.filter(seen)


def units_of(user: User) -> QuerySet[Organisation]:
    """The units for which somebody may begin something new: those that there are today."""
    units = Organisation.objects.filter(pk__in=roles.organisations_where(user, roles.WRITE_DRAFT))
    return units.filter(valid_to=None).alphabetical()


def may_write(user: User, draft: Draft) -> bool:
    """Whether somebody may change the answers now."""
    if draft.state in Draft.WRITABLE:
        return roles.may(user, roles.WRITE_DRAFT, draft.unit)
    return draft.state == State.SUBMITTED and roles.may(user, roles.REVIEW)


def may_approve(user: User, draft: Draft) -> bool:
    """Whether what somebody hands in needs nobody else's approval in the unit."""
    return roles.may(user, roles.APPROVE_DRAFT, draft.unit)


def revising_unit(user: User, project: Project) -> Organisation | None:
    """The owner of a published project for whom somebody may begin a revision of it."""
    owners = project.owners
    return next((owner for owner in owners if roles.may(user, roles.WRITE_DRAFT, owner)), None)


def projects_of(user: User) -> QuerySet[Project]:
    """What somebody's units have published, and she may revise."""
    units = roles.organisations_where(user, roles.WRITE_DRAFT)
    owned = Q(lead__in=units) | Q(
        pk__in=Project.co_owners.through.objects.filter(organisation__in=units).values("project")
    )
    return Project.objects.published().filter(owned).select_related("lead")
