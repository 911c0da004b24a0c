"""What the inventory keeps about people: those who wrote to a function."""

import datetime

from django.db.models import QuerySet
from django.utils import timezone

from inventory.models import Message


def _older(before: datetime.datetime) -> QuerySet[Message]:
    return Message.objects.filter(received_at__lt=before, erased_at=None)


def count_old_messages(before: datetime.datetime) -> int:
    """How many messages `erase_old_messages` would erase."""
    return _older(before).count()


def erase_old_messages(before: datetime.datetime) -> int:
    """Erase who wrote and what, of messages received before; returns how many.

    That there was one, about what, to whom and when, stays.
    """
    return _older(before).update(name="", email="", text="", erased_at=timezone.now())


def messages_from(address: str) -> QuerySet[Message]:
    """What somebody with that address has written and is still kept."""
    return Message.objects.filter(email__iexact=address, erased_at=None)
