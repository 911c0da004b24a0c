"""Letters about drafts: to managers, curators, those who wrote, and who is reused."""

from django.urls import reverse

from core import mail
from inventory.emails.relays import for_subject, function_of, relay_of
from inventory.models import Draft, Project
from people import roles as site_roles
from people.models import Membership, Organisation, User


def members(unit: Organisation, *roles: str) -> list[User]:
    """Who holds one of these roles in the unit or above it."""
    held = Membership.objects.current().filter(
        role__in=roles, organisation__covers__descendant=unit
    )
    return list(User.objects.filter(is_active=True, memberships__in=held).distinct())


def writers_of(draft: Draft) -> list[User]:
    """Who wrote it, or where they have left, the unit's reporters and manager."""
    wrote = [user for user in (draft.created_by, draft.changed_by) if user and user.is_active]
    still = {user.pk for user in members(draft.unit, *Membership.Role.values)}
    if found := list({user.pk: user for user in wrote if user.pk in still}.values()):
        return found
    return members(draft.unit, Membership.Role.REPORTER, Membership.Role.MANAGER)


def _about_draft(draft: Draft, users: list[User], what: str, address: str, **told: object) -> None:
    """One mail to each. What was typed stays in the portal but for the title."""
    for user in users:
        mail.write(
            to=user.email,
            template=f"inventory/letters/draft_{what}.html",
            context={
                "draft": draft,
                "title": for_subject(draft.title),
                "address": address,
                **told,
            },
            purpose=f"utkast-{what.replace('_', '-')}",
        )


def draft_for_manager(draft: Draft) -> None:
    """Ask the unit's managers to approve."""
    managers = members(draft.unit, Membership.Role.MANAGER)
    _about_draft(draft, managers, "for_manager", reverse("inventory:draft", args=[draft.pk]))


def draft_submitted(draft: Draft) -> None:
    """Tell the one who reviews it, or every curator."""
    reviewing = draft.claimed_by
    # Who has left, or may not any more, reads it no longer.
    if reviewing is not None and site_roles.may(reviewing, site_roles.REVIEW):
        told = [reviewing]
    else:
        curators = User.objects.filter(is_active=True, site_roles__role="redaktor")
        told = list(curators.distinct())
    _about_draft(draft, told, "submitted", reverse("inventory:review", args=[draft.pk]))


def draft_returned(draft: Draft, reason: str) -> None:
    """Tell those who wrote it that there are comments."""
    address = reverse("inventory:draft", args=[draft.pk])
    _about_draft(draft, writers_of(draft), "returned", address, reason=reason)


def draft_declined(draft: Draft, reason: str) -> None:
    """Tell those who wrote it why it is not published."""
    address = reverse("inventory:draft", args=[draft.pk])
    _about_draft(draft, writers_of(draft), "declined", address, reason=reason)


def draft_published(draft: Draft, *, new: bool) -> None:
    """Tell those who wrote it where it is."""
    assert draft.project is not None  # noqa: S101
    address = draft.project.get_absolute_url()
    _about_draft(draft, writers_of(draft), "published", address, new=new)


def reuse_introduced(draft: Draft, project: Project) -> None:
    """Let a unit that reuses, and the function of what it reuses, know of each other."""
    theirs = relay_of(project)
    ours = function_of(draft.unit)
    context = {
        "draft": draft,
        "project": project,
        "title": for_subject(project.title),
        "address": project.get_absolute_url(),
        "ours": ours,
        "theirs": theirs,
    }
    for relay, other, template in ((theirs, ours, "reused"), (ours, theirs, "reuses")):
        mail.write(
            to=relay.address,
            reply_to=other.address,
            template=f"inventory/letters/{template}.html",
            context=context,
            purpose="enheter-presenterade",
        )
