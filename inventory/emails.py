"""Letters: messages to functions, digests, units told of each other, questions to units."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.text import Truncator

from core import mail
from core.models import Mail
from inventory.models import (
    Adoption,
    DigestSetting,
    Draft,
    Frequency,
    HowItWent,
    Idea,
    Inquiry,
    Message,
    Project,
)
from people import roles as site_roles
from people.models import Membership, Organisation, User

EDITORS = "redaktionen för KSI"


@dataclass(frozen=True)
class Relay:
    """Who gets a message: a function's name, for everybody, and its mailbox, for the letter."""

    function: str
    address: str


def relay_of(project: Project) -> Relay:
    """The project's own function, else that of its lead; see function_of."""
    if mail.is_address(project.contact_email):
        return Relay(project.contact_function or project.lead.name, project.contact_email)
    return function_of(project.lead)


def function_of(organisation: Organisation) -> Relay:
    """The organisation's function, else that of the nearest organisation above.

    Where none has a mailbox that mail can be sent to, the knowledge centre's own (KSI_CONTACT):
    a message always reaches somebody. What has ceased to exist reads no mail.
    """
    above: Organisation | None = organisation
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
    return mail.write(
        to=relay.address,
        reply_to=message.email,
        template="inventory/letters/message.html",
        context={
            "message": message,
            "title": _for_subject(project.title),
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
            context={
                "draft": draft,
                "title": _for_subject(draft.title),
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
        "title": _for_subject(project.title),
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


# --- Doing likewise -------------------------------------------------------------------------------


def _about_adoption(adoption: Adoption, template: str, **told: object) -> None:
    """To the function of the project that is followed; answered to the unit's."""
    ours = function_of(adoption.unit)
    mail.write(
        to=relay_of(adoption.project).address,
        reply_to=ours.address,
        template=f"inventory/letters/{template}.html",
        context={
            "adoption": adoption,
            "title": _for_subject(adoption.project.title),
            "address": adoption.project.get_absolute_url(),
            "ours": ours,
            **told,
        },
        purpose=template.replace("_", "-"),
    )


def adoption_told(adoption: Adoption) -> None:
    """Tell the owner that a unit wants to do likewise, with what it writes."""
    _about_adoption(adoption, "adoption_told")


def adoption_answered(question: HowItWent) -> None:
    """Tell the owner how it went."""
    _about_adoption(question.adoption, "adoption_answered", question=question)


def adoption_asked(question: HowItWent) -> None:
    """Ask the unit's reporters, else its managers, else its function, how it went."""
    adoption = question.adoption
    asked = members(adoption.unit, Membership.Role.REPORTER) or members(
        adoption.unit, Membership.Role.MANAGER
    )
    addresses = [user.email for user in asked] or [function_of(adoption.unit).address]
    for address in addresses:
        mail.write(
            to=address,
            template="inventory/letters/adoption_asked.html",
            context={
                "question": question,
                "adoption": adoption,
                "title": _for_subject(adoption.project.title),
                "address": reverse("inventory:how-it-went", args=[question.pk]),
            },
            purpose="adoption-asked",
        )


# --- What is followed -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    """A project in a digest: what has happened to it, when, and what it is in a sentence."""

    title: str
    address: str
    sentence: str
    what: str
    on: datetime.date


@dataclass(frozen=True)
class Section:
    """What has happened to something that somebody follows; `more` is how many were left out."""

    label: str
    address: str
    items: list[Item]
    more: int = 0


def digest(setting: DigestSetting, sections: Sequence[Section]) -> Mail:
    """Tell somebody what has happened to what she follows. It can be ended with one click."""
    return mail.write(
        to=setting.user.email,
        template="inventory/letters/digest.html",
        context={
            "sections": sections,
            "address": reverse("inventory:following"),
            "monthly": setting.frequency == Frequency.MONTHLY,
        },
        unsubscribe=settings.PORTAL_URL + reverse("inventory:unsubscribe", args=[setting.token]),
        purpose="utskick-foljer",
    )


def _for_subject(title: str) -> str:
    printable = "".join(sign if sign.isprintable() else " " for sign in title)
    return Truncator(printable).chars(150)


@dataclass(frozen=True)
class Side:
    """One of two units that are told of each other: who, and the idea of its own if it has one."""

    organisation: Organisation
    relay: Relay
    idea: Idea | None = None


def side_of(idea: Idea) -> Side:
    """The unit behind an idea, by the function that the idea names."""
    relay = Relay(idea.contact_function, idea.contact_email)
    if not mail.is_address(idea.contact_email):
        relay = function_of(idea.organisation)
    return Side(idea.organisation, relay, idea)


def units_introduced(about: Idea, owner: Side, other: Side) -> list[Mail]:
    """Tell two units' functions of each other, each in a letter that the other's function answers.

    `about` is the owner's idea, which the other unit shares or has one like.
    """
    return [
        mail.write(
            to=to.relay.address,
            reply_to=they.relay.address,
            template="inventory/letters/introduction.html",
            context={
                "to": to,
                "they": they,
                "about": about,
                "title": _for_subject(about.title),
            },
            purpose="presentation-av-enheter",
        )
        for to, they in ((owner, other), (other, owner))
    ]


# --- Stämmer det fortfarande? ---------------------------------------------------------------------

MOST_IN_LETTER = 40


@dataclass(frozen=True)
class Asked:
    """Whom a question to a unit goes to: addresses for the letters, and words without names."""

    recipients: Inquiry.Recipients
    addresses: Sequence[str]
    told: str


def whom_to_ask(unit: Organisation, projects: Iterable[Project]) -> Asked:
    """The unit's reporters, else its managers, else its function's mailbox.

    For a unit that has ceased, those of the organisations that came after it.
    """
    units = _today(unit)
    for role, recipients in (
        (Membership.Role.REPORTER, Inquiry.Recipients.REPORTERS),
        (Membership.Role.MANAGER, Inquiry.Recipients.MANAGERS),
    ):
        members = Membership.objects.current().filter(organisation__in=units, role=role)
        found = User.objects.filter(is_active=True, memberships__in=members).distinct()
        if addresses := sorted(found.values_list("email", flat=True)):
            words = recipients.label if len(addresses) == 1 else _several(recipients)
            return Asked(recipients, addresses, f"{len(addresses)} {words.lower()}")
    if relay := _mailbox_of(units, projects):
        return Asked(Inquiry.Recipients.MAILBOX, [relay.address], relay.function)
    return Asked(Inquiry.Recipients.NOBODY, [], "")


def _several(recipients: Inquiry.Recipients) -> str:
    return "enhetschefer" if recipients == Inquiry.Recipients.MANAGERS else recipients.label


def _today(unit: Organisation) -> list[Organisation]:
    """The organisation; of one that has ceased, those that came after or what it was part of."""
    waiting, seen, found = [unit], set(), []
    while waiting:
        one = waiting.pop(0)
        if one.pk in seen:
            continue
        seen.add(one.pk)
        if one.is_current:
            found.append(one)
        else:
            waiting += list(one.successors.all()) or ([one.parent] if one.parent else [])
    return found


def _mailbox_of(units: list[Organisation], projects: Iterable[Project]) -> Relay | None:
    """The mailbox of the unit, else one that its entries name, else the nearest above it."""
    asked: set[int] = set()
    named = [
        Relay(project.contact_function or project.lead.name, project.contact_email)
        for project in projects
        if mail.is_address(project.contact_email)
    ]
    while units:
        for one in units:
            if mail.is_address(one.contact_email):
                return Relay(one.contact_function or one.name, one.contact_email)
        if named:
            return named[0]
        asked |= {one.pk for one in units}
        above = [each for one in units if one.parent for each in _today(one.parent)]
        units = [one for one in above if one.pk not in asked]
    return None


def still_true(inquiry: Inquiry, projects: Sequence[Project], addresses: Iterable[str]) -> None:
    """Ask whether a unit's entries are true: one letter to each address, with all of them."""
    for address in addresses:
        mail.write(
            to=address,
            template="inventory/letters/still_true.html",
            context={
                "inquiry": inquiry,
                "projects": projects[:MOST_IN_LETTER],
                "more": len(projects) - MOST_IN_LETTER,
                "count": len(projects),
                "address": reverse("inventory:inquiry", args=[inquiry.token]),
            },
            purpose="stammer-det-fortfarande",
        )
