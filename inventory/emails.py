"""Messages to functions: to whom they go, and the letter that carries them; digests."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.text import Truncator

from core import mail
from core.models import Mail
from inventory.models import DigestSetting, Frequency, Message, Project
from people.models import Organisation

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
