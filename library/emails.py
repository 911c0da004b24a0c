"""Letters to those who have told a story. What was told, and its title, stay in the portal."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from core import mail
from library.models import StoryOffer


def story_address(offer: StoryOffer) -> str:
    """The teller's own page."""
    return reverse("library:story", args=[offer.token])


def _to_teller(offer: StoryOffer, what: str, **told: Any) -> None:
    if mail.is_address(offer.email):
        mail.write(
            to=offer.email,
            reply_to=settings.CONTACT,
            template=f"library/letters/story_{what}.html",
            context={"offer": offer, "address": story_address(offer), **told},
            purpose=f"berattelse-{what}",
        )


def story_received(offer: StoryOffer) -> None:
    """Thank her, with the link that takes it back."""
    _to_teller(offer, "received")


def story_asked_about(offer: StoryOffer) -> None:
    """Say that there is a question on her page."""
    _to_teller(offer, "question")


def story_declined(offer: StoryOffer) -> None:
    """Say that it is not published, and why."""
    _to_teller(offer, "declined", reason=offer.decided_reason)


def story_published(offer: StoryOffer) -> None:
    """Say that it can be read by everybody, and taken back."""
    _to_teller(offer, "published", item=offer.item)
