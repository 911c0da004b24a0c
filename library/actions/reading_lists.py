"""Reading lists: kept, shared by link, published by curators."""

import secrets

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from core.models import AuditEntry, Edition
from library.models import ReadingList, ReadingListEntry
from library.search import LIST_KIND
from people.models import User
from search import catalogue


class TooMany(Exception):
    """No more lists, or no more things in a list."""


def _changed(reading_list: ReadingList) -> None:
    """Note when it changed; what everybody reads follows."""
    there = ReadingList.objects.filter(pk=reading_list.pk)
    if there.update(changed_at=timezone.now()) and there.published().exists():
        catalogue.refresh(LIST_KIND, [reading_list.pk])


def _locked(reading_list: ReadingList) -> ReadingList:
    """The list as it is now; who changes it at the same time waits."""
    return ReadingList.objects.select_for_update().get(pk=reading_list.pk)


@transaction.atomic
def make_list(*, title: str, description: str, key: str, by: User) -> ReadingList:
    """A new list of one's own; the same key again gives the same one.

    Raises TooMany when she has ReadingList.MOST already.
    """
    known = ReadingList.objects.filter(key=key).first()
    if known:
        return known
    if ReadingList.objects.filter(owner=by).count() >= ReadingList.MOST:
        raise TooMany
    made, _ = ReadingList.objects.get_or_create(
        key=key, defaults={"title": title, "description": description, "owner": by}
    )
    return made


@transaction.atomic
def describe_list(*, reading_list: ReadingList, title: str, description: str, by: User) -> None:
    """Give it another name or description."""
    ReadingList.objects.filter(pk=reading_list.pk).update(title=title, description=description)
    reading_list.title, reading_list.description = title, description
    _changed(reading_list)
    if reading_list.published_at:
        AuditEntry.record("ändrad", reading_list, by=by)


@transaction.atomic
def delete_list(*, reading_list: ReadingList, by: User) -> None:
    """Delete it for good. Side effects: history and the catalogue, where it was published."""
    locked = ReadingList.objects.select_for_update().filter(pk=reading_list.pk).first()
    if locked is None:
        return
    reading_list = locked
    if reading_list.published_at:
        AuditEntry.record("borttagen", reading_list, by=by, from_state="publicerad")
        catalogue.remove(LIST_KIND, [reading_list.pk])
    reading_list.delete()


@transaction.atomic
def add_entry(
    *, reading_list: ReadingList, kind: str, object_id: int, note: str = "", by: User
) -> bool:
    """Put something last in the list; whether it was not there before.

    Raises TooMany when the list is full.
    """
    reading_list = _locked(reading_list)
    entries = reading_list.entries.all()
    if entries.filter(kind=kind, object_id=object_id).exists():
        return False
    if entries.count() >= ReadingList.MOST_ENTRIES:
        raise TooMany
    last = entries.aggregate(last=Max("position"))["last"] or 0
    entries.create(
        reading_list=reading_list, kind=kind, object_id=object_id, note=note, position=last + 1
    )
    _changed(reading_list)
    return True


@transaction.atomic
def remove_entry(*, entry: ReadingListEntry, by: User) -> None:
    """Take something out of its list."""
    reading_list = entry.reading_list
    entry.delete()
    _changed(reading_list)


@transaction.atomic
def note_entry(*, entry: ReadingListEntry, note: str, by: User) -> None:
    """Say why it is there; does nothing when it is not there any more."""
    if ReadingListEntry.objects.filter(pk=entry.pk).update(note=note):
        _changed(entry.reading_list)


@transaction.atomic
def move_entry(*, entry: ReadingListEntry, up: bool, by: User) -> None:
    """Let it change places with the one before or after it.

    Does nothing at the ends, and when it is not there any more.
    """
    reading_list = _locked(entry.reading_list)
    order = list(reading_list.entries.all())
    if entry not in order:
        return
    place = order.index(entry)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(order):
        return
    order[place], order[other] = order[other], order[place]
    for position, each in enumerate(order, 1):
        each.position = position
    ReadingListEntry.objects.bulk_update(order, ["position"])
    _changed(reading_list)


@transaction.atomic
def share_list(*, reading_list: ReadingList, by: User) -> None:
    """Let whoever has the link read it; a link that was handed out before stays dead."""
    if not reading_list.token:
        reading_list.token = secrets.token_urlsafe(32)
        reading_list.save(update_fields=["token"])


@transaction.atomic
def stop_sharing(*, reading_list: ReadingList, by: User) -> None:
    """Let the link lead nowhere, from now on."""
    reading_list.token = ""
    reading_list.save(update_fields=["token"])


@transaction.atomic
def publish_list(*, reading_list: ReadingList, by: User) -> None:
    """Let everybody read it. Side effects: history, the catalogue."""
    unpublished = ReadingList.objects.filter(pk=reading_list.pk, published_at=None)
    if not unpublished.update(published_at=timezone.now()):
        return
    reading_list.refresh_from_db()
    AuditEntry.record("publicerad", reading_list, by=by, to_state="publicerad")
    catalogue.refresh(LIST_KIND, [reading_list.pk])
    Edition.raise_number()


@transaction.atomic
def withdraw_list(*, reading_list: ReadingList, by: User) -> None:
    """Let only its owner, and whoever has a link, read it. Side effects: history, the catalogue."""
    published = ReadingList.objects.filter(pk=reading_list.pk).published()
    if not published.update(published_at=None):
        return
    AuditEntry.record("avpublicerad", reading_list, by=by, from_state="publicerad", to_state="egen")
    reading_list.refresh_from_db()
    catalogue.refresh(LIST_KIND, [reading_list.pk])
