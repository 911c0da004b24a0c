"""Letters: messages to functions, digests, units told of each other, questions to units."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.text import Truncator

from core import mail
from core.models import Mail
from inventory.models import DigestSetting, Frequency, Idea, Inquiry, Message, Project
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
