"""Following, and the digests of what is followed."""

import datetime
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from core.models import AuditEntry
from core.tasks import later
from inventory import emails
from inventory.models import DigestSetting, Follow, Frequency, Project, next_day
from people.models import User

WRITE_DIGEST = "inventory.tasks.write_digest"
# Tasks that are written in one transaction.
AT_ONCE = 200


class TooManyFollows(Exception):
    """Somebody follows as much as one can."""


@transaction.atomic
def follow(*, query: str = "", project: Project | None = None, by: User) -> tuple[Follow, bool]:
    """Follow a choice in the inventory, or a project; also whether that is new.

    Side effects: history, without what is followed; weekly digests, for who had not chosen.
    Raises TooManyFollows.
    """
    DigestSetting.objects.get_or_create(user=by)
    # One at a time, so that the count holds.
    DigestSetting.objects.select_for_update().get(user=by)
    mine = Follow.objects.filter(user=by)
    found = mine.filter(query=query, project=project).first()
    if found:
        return found, False
    if mine.count() >= Follow.MOST:
        raise TooManyFollows
    made = Follow.objects.create(user=by, query=query, project=project)
    AuditEntry.record("följs", made, by=by)
    return made, True


@transaction.atomic
def unfollow(*, follow: Follow, by: User) -> None:
    """Stop following; does nothing to what is not followed any longer. Writes history."""
    if Follow.objects.filter(pk=follow.pk).delete()[0]:
        AuditEntry.record("följs inte längre", follow, by=by)


@transaction.atomic
def change_frequency(*, user: User, frequency: str, by: User | None, reason: str = "") -> None:
    """Send digests so often, or never. Does nothing when it is so already.

    Who begins again is not told of what happened meanwhile. Writes history.
    """
    DigestSetting.objects.get_or_create(user=user)
    setting = DigestSetting.objects.select_for_update().get(user=user)
    before = setting.frequency
    if frequency == before:
        return
    setting.frequency = frequency
    setting.next_on = next_day(frequency, timezone.localdate())
    if before == Frequency.NEVER:
        setting.told_until = timezone.now()
    setting.save()
    changes = {"frequency": [str(Frequency(each).label) for each in (before, frequency)]}
    AuditEntry.record("ändrad", setting, by=by, reason=reason, changes=changes)


def digests_due() -> int:
    """Have workers write the digests whose day has come; returns how many.

    Each batch is a transaction. What is enqueued twice is written once (`send_digest`), and what
    was not reached is still due the next time.
    """
    due = list(DigestSetting.objects.due().values_list("pk", flat=True))
    for start in range(0, len(due), AT_ONCE):
        with transaction.atomic():
            for pk in due[start : start + AT_ONCE]:
                later(WRITE_DIGEST, pk)
    return len(due)


@transaction.atomic
def send_digest(
    *,
    setting: DigestSetting,
    sections: Sequence[emails.Section],
    until: datetime.datetime,
) -> bool:
    """Tell of what was found up to that moment, and move on to the next day.

    Side effect: a mail, unless nothing was found. False, and nothing done, when another has told
    of it or the setting was changed since it was read. The history tells of people, not of mail.
    """
    as_read = DigestSetting.objects.filter(
        pk=setting.pk, next_on=setting.next_on, told_until=setting.told_until
    )
    next_on = next_day(setting.frequency, timezone.localdate())
    if not as_read.update(next_on=next_on, told_until=until):
        return False
    if sections:
        emails.digest(setting, sections)
    return True
