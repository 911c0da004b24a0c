"""Changes to what is published in the library. Each raises the edition through the catalogue."""

import datetime
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core.models import AuditEntry
from library.actions.files import forget_stored
from library.gap_search import KIND as GAP_KIND
from library.models import Gap, Item, ItemFile, StoryOffer, Voice
from library.search import FRESHNESS, KIND, NEW, label_publishers
from people.models import User
from search import catalogue
from search.models import EntryFacet

Changes = Mapping[str, tuple[Any, Any] | None]


def history_of(item: Item, changes: Changes) -> dict[str, list[str] | None]:
    """{field: (old, new)} as the history keeps it; of a story, no words of its teller's."""
    kind_before = str((changes.get("kind") or ("",))[0])
    told_kinds = {name for kind in Item.TOLD for name in (kind.value, str(kind.label))}
    untold = item.is_told or kind_before in told_kinds
    return {
        field: None if pair is None or untold else [str(part) for part in pair]
        for field, pair in changes.items()
    }


def refresh(item: Item) -> None:
    """Write the item's row, and those of the methods and instruments whose pages list it."""
    if item.publisher:
        label_publishers([item.publisher])
    catalogue.refresh(KIND, [item.pk])
    for tools in (item.methods, item.instruments):
        pks = list(tools.values_list("pk", flat=True))
        catalogue.refresh(tools.model.FACET, pks)


@transaction.atomic
def publish(*, item: Item, by: User | None, reason: str = "") -> None:
    """Show a complete, saved item in the library. Writes history and the catalogue."""
    AuditEntry.record("publicerad", item, by=by, to_state="publicerad", reason=reason)
    refresh(item)


@transaction.atomic
def record_change(*, item: Item, by: User | None, changes: Changes, reason: str = "") -> None:
    """Tell of a change to a published item. Writes history and the catalogue."""
    AuditEntry.record("ändrad", item, by=by, reason=reason, changes=history_of(item, changes))
    refresh(item)


@transaction.atomic
def withdraw(*, item: Item, reason: str, by: User) -> None:
    """Say that the item no longer holds, and why; it stays where it is, with the reason.

    The history has the reason too, unless the item is told: its teller may take all of it back.
    Raises ValueError without a reason. Does nothing when it is withdrawn already.
    """
    if not reason.strip():
        raise ValueError("A withdrawal needs a reason.")
    standing = Item.objects.published().filter(pk=item.pk, withdrawn_at=None)
    if not standing.update(withdrawn_at=timezone.now(), withdrawn_reason=reason):
        return
    item.refresh_from_db()
    AuditEntry.record(
        "tillbakadragen",
        item,
        by=by,
        from_state="publicerad",
        to_state="tillbakadragen",
        reason="" if item.is_told else reason,
    )
    refresh(item)


@transaction.atomic
def restore(*, item: Item, by: User) -> None:
    """Let a withdrawn item hold again; does nothing to others. Writes history and the catalogue."""
    withdrawn = Item.objects.published().filter(pk=item.pk).exclude(withdrawn_at=None)
    if not withdrawn.update(withdrawn_at=None, withdrawn_reason=""):
        return
    item.refresh_from_db()
    AuditEntry.record(
        "gäller igen", item, by=by, from_state="tillbakadragen", to_state="publicerad"
    )
    refresh(item)


@transaction.atomic
def reviewed(*, item: Item, due: datetime.date, by: User) -> None:
    """Say that somebody has read the item today and that it holds, until `due`.

    Writes history and the catalogue.
    """
    before, item.reviewed_on, item.review_due = item.review_due, timezone.localdate(), due
    item.save(update_fields=["reviewed_on", "review_due"])
    AuditEntry.record(
        "granskad", item, by=by, changes={"review_due": [str(before or ""), str(due)]}
    )
    refresh(item)


AT_ONCE = 500


def refresh_ages() -> int:
    """Write again the items that have grown old at New Year; returns how many.

    The facet of their freshness is the only thing in the catalogue that changes with the calendar.
    """
    turned = EntryFacet.objects.filter(facet=FRESHNESS, value=NEW, entry__kind=KIND)
    youngest = timezone.localdate().year - Item.YEARS_UNTIL_OLD
    old = Item.objects.published().filter(year__lt=youngest)
    pks = list(
        turned.filter(entry__object_id__in=old.values("pk")).values_list(
            "entry__object_id", flat=True
        )
    )
    for start in range(0, len(pks), AT_ONCE):
        with transaction.atomic():
            catalogue.refresh(KIND, pks[start : start + AT_ONCE])
    return len(pks)


# What a teller's words stand in; emptied when she takes them back.
WORDS = (
    *("title", "plain_summary", "key_messages", "so_what", "authors", "corporate_authors"),
    *("full_text", "abstract", "limitations", "url", "source_section"),
    *("publisher_name", "series", "number", "commissioned_by", "licence", "withdrawn_reason"),
)


def _reopen_gaps(item: Item, *, by: User | None) -> None:
    """Erase what gaps say of an item that is taken back; those with no other answer open again."""
    gaps = Gap.objects.filter(answer_item=item)
    pks = list(gaps.values_list("pk", flat=True))
    for gap in gaps.filter(state=Gap.State.ANSWERED, answer_url=""):
        Gap.objects.filter(pk=gap.pk).update(state=Gap.State.OPEN, answered_at=None)
        AuditEntry.record(
            "öppen igen", gap, by=by, from_state=Gap.State.ANSWERED, to_state=Gap.State.OPEN
        )
    Gap.objects.filter(pk__in=pks).update(answer_item=None, answer_text="")
    catalogue.refresh(GAP_KIND, pks)


@transaction.atomic
def take_back(*, item: Item, by: User | None) -> None:
    """Empty an item that its teller takes back; its address answers 410 from now on.

    Side effects: its words, files and answers are deleted, as are what its drafts, its offer,
    readers' voices and the gaps that it answered say of it; catalogue, search and history tell
    nothing of them. Does nothing when it is taken back already.
    """
    blank: dict[str, Any] = dict.fromkeys(WORDS, "")
    standing = Item.objects.published().filter(pk=item.pk)
    gone: dict[str, Any] = {"how_known": {}, "withdrawn_at": None, "taken_back_at": timezone.now()}
    if not standing.update(**blank, **gone):
        return
    tools = list(item.methods.all()), list(item.instruments.all())
    item.refresh_from_db()
    # Also what it was written in.
    for file in ItemFile.objects.filter(Q(item=item) | Q(draft__item=item)):
        forget_stored(file)
        file.delete()
    for field in (*Item.REQUIRED_TERMS, "service_areas", "methods", "instruments"):
        getattr(item, field).clear()
    _reopen_gaps(item, by=by)
    StoryOffer.objects.filter(draft__item=item).take_back()
    Voice.objects.filter(item=item).forget()
    item.drafts.all().delete()
    AuditEntry.record("återtagen", item, by=by, from_state="publicerad", to_state="återtagen")
    refresh(item)
    for found in tools:
        for tool in found:
            catalogue.refresh(tool.FACET, [tool.pk])
