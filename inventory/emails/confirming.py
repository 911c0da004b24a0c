"""Letters that ask whether a unit's entries are still true."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse

from core import mail
from inventory.emails.relays import Relay
from inventory.models import Inquiry, Project
from people.models import Membership, Organisation, User

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
