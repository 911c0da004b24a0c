"""Who may do what in the inventory, beyond what the matrix of roles says by itself."""

from django.contrib.auth.models import AnonymousUser

from inventory.models import Inquiry, Project
from people import roles
from people.models import User


def may_follow_up(user: User | AnonymousUser, project: Project) -> bool:
    """Whether somebody may confirm, measure and end a project: by a role with one of its owners."""
    return any(roles.may(user, roles.FOLLOW_UP, owner) for owner in project.owners)


def may_answer(user: User | AnonymousUser, inquiry: Inquiry) -> bool:
    """Whether somebody may answer an inquiry on behalf of its unit."""
    return roles.may(user, roles.ANSWER_INQUIRY, inquiry.unit)
