"""Who may do what in the inventory, beyond what the matrix of roles says by itself."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils import timezone

from inventory.models import Draft, DraftFile, Idea, Inquiry, Project
from inventory.models.drafts import DraftQuerySet
from people import roles
from people.models import Organisation, User
from search.models import Audience


def may_follow_up(user: User | AnonymousUser, project: Project) -> bool:
    """Whether somebody may confirm, measure and end a project: by a role with one of its owners."""
    return any(roles.may(user, roles.FOLLOW_UP, owner) for owner in project.owners)


def may_answer(user: User | AnonymousUser, inquiry: Inquiry) -> bool:
    """Whether somebody may answer an inquiry on behalf of its unit."""
    return roles.may(user, roles.ANSWER_INQUIRY, inquiry.unit)


def speaks_for(user: User) -> QuerySet[Organisation]:
    """The organisations of today whose ideas and needs somebody may tell."""
    today = Organisation.objects.on(timezone.localdate()).alphabetical()
    if roles.roles_of(user) & roles.POST_IDEA.roles:
        return today  # by a role in the whole portal
    return today.filter(pk__in=roles.organisations_where(user, roles.POST_IDEA))


def may_steer(user: User, idea: Idea) -> bool:
    """Whether somebody may change and close an idea."""
    return roles.may(user, roles.POST_IDEA, idea.organisation)


def may_share(units: QuerySet[Organisation], idea: Idea) -> QuerySet[Organisation]:
    """Those of these units that may say "vi också" about an idea."""
    others = units.exclude(pk=idea.organisation_id)
    if idea.visibility == Audience.PUBLIC:
        return others
    return others.filter(pk__in=Organisation.objects.of_the_city().values("pk"))


def audiences_within(organisation: Organisation) -> frozenset[str]:
    """What may be told to an organisation's mailbox: what is for staff stays in the city."""
    of_the_city = Organisation.objects.of_the_city().filter(pk=organisation.pk).exists()
    return frozenset({Audience.PUBLIC, Audience.STAFF} if of_the_city else {Audience.PUBLIC})


def may_read(organisation: Organisation, idea: Idea) -> bool:
    """Whether an idea may be told to an organisation."""
    return idea.visibility in audiences_within(organisation)


# --- Drafts ---------------------------------------------------------------------------------------


def drafts_of(user: User) -> DraftQuerySet:
    """The drafts of somebody's units."""
    return Draft.objects.filter(unit__in=roles.organisations_where(user, roles.WRITE_DRAFT))


def drafts_seen_by(user: User) -> DraftQuerySet:
    """Those of her units, and for who reviews, whatever was ever handed in."""
    seen = Q(unit__in=roles.organisations_where(user, roles.WRITE_DRAFT))
    if roles.may(user, roles.REVIEW):
        seen |= Q(submitted_at__isnull=False)
    return Draft.objects.filter(seen)


def draft_files_seen_by(user: User) -> QuerySet[DraftFile]:
    """Files of drafts that somebody may fetch: those of her units that have not been taken away,
    and what was ever handed in for who reviews or hands out official documents.
    """
    mine = Q(draft__unit__in=roles.organisations_where(user, roles.WRITE_DRAFT))
    seen = mine & Q(removed_at=None)
    if roles.may(user, roles.REVIEW) or roles.may(user, roles.EXPORT_RECORDS):
        seen |= Q(handed_in_at__isnull=False)
    return DraftFile.objects.filter(seen)


def units_of(user: User) -> QuerySet[Organisation]:
    """The units for which somebody may begin something new: those that there are today."""
    units = Organisation.objects.filter(pk__in=roles.organisations_where(user, roles.WRITE_DRAFT))
    return units.filter(valid_to=None).alphabetical()


def may_write(user: User, draft: Draft) -> bool:
    """Whether somebody may change the answers now."""
    if draft.state in Draft.WRITABLE:
        return roles.may(user, roles.WRITE_DRAFT, draft.unit)
    return draft.state == Draft.State.SUBMITTED and roles.may(user, roles.REVIEW)


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
