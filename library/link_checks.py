"""The links of the library, asked for now and then, politely: a few each night, one at a time."""

import datetime
import time
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from core import outside
from library.models import Item, LinkCheck

EVERY = datetime.timedelta(days=30)
AGAIN = datetime.timedelta(days=2)  # for what did not answer
AT_ONCE = 100
SECONDS = 20 * 60  # for one night
PAUSE = 1.0  # seconds, between two questions to the same site
# A site that is away for a night has not lost its pages.
TIMES_UNTIL_TOLD = 2


def check_due() -> str:
    """Ask for the links whose time has come; nothing unless KSI_CHECK_LINKS is set."""
    if not settings.CHECK_LINKS:
        return ""
    now, ends = timezone.now(), time.monotonic() + SECONDS
    standing = Item.objects.published().filter(withdrawn_at=None).exclude(url="")
    due = standing.filter(
        Q(link_check=None)
        | ~Q(link_check__url=F("url"))
        | Q(link_check__is_broken=False, link_check__checked_at__lt=now - EVERY)
        | Q(link_check__is_broken=True, link_check__checked_at__lt=now - AGAIN)
    ).order_by(F("link_check__checked_at").asc(nulls_first=True), "pk")
    asked, last_host = 0, ""
    for item in due.select_related("link_check")[:AT_ONCE]:
        if time.monotonic() > ends:
            break
        host = urlsplit(item.url).hostname or ""
        if host == last_host:
            time.sleep(PAUSE)
        last_host = host
        keep(item, outside.ask(item.url))
        asked += 1
    return f"{asked} länkar prövade" if asked else ""


def keep(item: Item, answered: outside.Answered) -> None:
    """Write down what came of asking for an item's link."""
    before = getattr(item, "link_check", None)
    same = before is not None and before.url == item.url
    times = (before.times_broken if before and same else 0) + 1
    LinkCheck.objects.update_or_create(
        item=item,
        defaults={
            "url": item.url,
            "checked_at": timezone.now(),
            "is_broken": not answered.is_there,
            "told": answered.told,
            "times_broken": 0 if answered.is_there else min(times, 1000),
        },
    )
