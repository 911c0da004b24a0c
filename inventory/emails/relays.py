"""Whom a letter goes to: functions by their mailboxes; and messages to them."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.text import Truncator

from core import mail
from core.models import Mail
from inventory.models import Message, Project
from people.models import Organisation

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
            "title": for_subject(project.title),
            "address": project.get_absolute_url(),
        },
        purpose="meddelande-till-funktion",
    )


def for_subject(title: str) -> str:
    """What something is called, as the subject of a letter can hold it."""
    printable = "".join(sign if sign.isprintable() else " " for sign in title)
    return Truncator(printable).chars(150)
