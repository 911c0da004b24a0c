"""Letters that tell units of each other."""

from dataclasses import dataclass

from core import mail
from core.models import Mail
from inventory.emails.relays import Relay, for_subject, function_of
from inventory.models import Idea
from people.models import Organisation


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
                "title": for_subject(about.title),
            },
            purpose="presentation-av-enheter",
        )
        for to, they in ((owner, other), (other, owner))
    ]
