"""Messages to functions: to whom they go, and the letter that carries them."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.text import Truncator

from core import mail
from core.models import Mail
from inventory.models import Draft, Message, Project
from people import roles as site_roles
from people.models import Membership, Organisation, User

EDITORS = "redaktionen för KSI"


@dataclass(frozen=True)
class Relay:
    """Who gets a message: a function's name, for everybody, and its mailbox, for the letter."""

    function: str
    address: str


def relay_of(project: Project) -> Relay:
    """The project's own function, else that of its lead or of the nearest organisation above.

    Where none has a mailbox that mail can be sent to, the knowledge centre's own (KSI_CONTACT):
    a message always reaches somebody. What has ceased to exist reads no mail.
    """
    if mail.is_address(project.contact_email):
        return Relay(project.contact_function or project.lead.name, project.contact_email)
    above: Organisation | None = project.lead
    asked: set[int] = set()
    while above is not None and above.pk not in asked:
        if above.is_current and mail.is_address(above.contact_email):
            return Relay(above.contact_function or above.name, above.contact_email)
        asked.add(above.pk)
        above = above.parent
    return Relay(EDITORS, settings.CONTACT)


def message_relayed(message: Message, relay: Relay) -> Mail:
    """Carry a message to its function; an answer goes to the one who wrote.

    She gets no copy: anybody could then have the portal send anything to anybody.
    """
    project = message.project
    printable = "".join(sign if sign.isprintable() else " " for sign in project.title)
    return mail.write(
        to=relay.address,
        reply_to=message.email,
        template="inventory/letters/message.html",
        context={
            "message": message,
            "title": Truncator(printable).chars(150),
            "address": project.get_absolute_url(),
        },
        purpose="meddelande-till-funktion",
    )


# --- Drafts -------------------------------------------------------------------------------------


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
            context={"draft": draft, "title": subject_of(draft), "address": address, **told},
            purpose=f"utkast-{what.replace('_', '-')}",
        )


def subject_of(draft: Draft) -> str:
    """Its title, fit for a subject."""
    printable = "".join(sign if sign.isprintable() else " " for sign in draft.title)
    return Truncator(printable).chars(120)


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


def units_introduced(draft: Draft, project: Project) -> None:
    """Let a unit that reuses, and the function of what it reuses, know of each other."""
    theirs = relay_of(project)
    ours = _function_of(draft.unit)
    context = {
        "draft": draft,
        "project": project,
        "title": Truncator(project.title).chars(120),
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


def _function_of(unit: Organisation) -> Relay:
    """A unit's own function, or that of the nearest organisation above with a mailbox."""
    return relay_of(Project(lead=unit))
