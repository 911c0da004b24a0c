"""Voices from readers about items, methods and instruments."""

from django.db import transaction

from core.models import AuditEntry
from library.actions.drafts import FIELDS
from library.actions.received import move
from library.models import Item, Thing, Voice
from library.search import KIND
from people.models import Organisation, User
from search import catalogue


@transaction.atomic
def receive_voice(
    *,
    thing: Thing,
    answer: str,
    role: str = "",
    text: str = "",
    district: Organisation | None = None,
    key: str,
) -> Voice:
    """Take a reader's answer, which waits for a curator; the same key again gives the same one.

    Side effect: history, without what was written. By which account is kept nowhere.
    """
    voice, new = Voice.objects.get_or_create(
        key=key,
        defaults={
            FIELDS[type(thing)]: thing,
            "answer": answer,
            "role": role,
            "text": text,
            "district": district,
        },
    )
    if new:
        AuditEntry.record("mottagen", voice, by=None, to_state=voice.state)
    return voice


@transaction.atomic
def accept_voice(*, voice: Voice, by: User) -> None:
    """Show a voice on the page of what it is about. Writes history and the catalogue.

    Raises AlreadyDecided.
    """
    move(voice, Voice.State.ACCEPTED, by=by)
    _refresh(voice.thing)


@transaction.atomic
def decline_voice(*, voice: Voice, reason: str, by: User) -> None:
    """Leave a voice out, or take it off the page again. Writes history and the catalogue.

    Raises AlreadyDecided, and ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("A voice is declined for a reason.")
    move(voice, Voice.State.DECLINED, by=by, reason=reason)
    _refresh(voice.thing)


def _refresh(thing: Thing) -> None:
    catalogue.refresh(KIND if isinstance(thing, Item) else thing.FACET, [thing.pk])
