"""Who may do what in the inventory, beyond what the matrix of roles says by itself."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.utils import timezone

from inventory.models import Idea, Inquiry, Project
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


def may_read(organisation: Organisation, idea: Idea) -> bool:
    """Whether an idea may be told to an organisation: what is for staff stays in the city."""
    return (
        idea.visibility == Audience.PUBLIC
        or Organisation.objects.of_the_city().filter(pk=organisation.pk).exists()
    )
