"""Knowledge gaps: proposed, opened, supported, answered, joined."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.models import AuditEntry
from library.actions.received import AlreadyDecided, move
from library.gap_search import KIND
from library.models import Gap, GapSupport, Item, Theme
from people.models import User
from search import catalogue

State = Gap.State


class GapIsClosed(Exception):
    """The gap is answered or joined with another, perhaps just now."""


@transaction.atomic
def propose_gap(*, title: str, text: str, themes: Iterable[Theme], key: str) -> Gap:
    """Take a visitor's proposal, which waits for a curator; the same key gives the same one.

    Side effect: history, without what was written.
    """
    facts = {"title": title, "text": text, "received": f"{title}\n\n{text}"}
    gap, new = Gap.objects.get_or_create(key=key, defaults=facts | {"state": State.PROPOSED})
    if new:
        gap.themes.set(themes)
        AuditEntry.record("föreslagen", gap, by=None, to_state=gap.state)
    return gap


@transaction.atomic
def open_gap(*, gap: Gap, title: str, text: str, themes: Iterable[Theme], by: User) -> None:
    """Let everybody read a proposal, as a curator has made it clear. Writes history, the catalogue.

    Raises AlreadyDecided.
    """
    move(gap, State.OPEN, by=by, title=title, text=text)
    gap.themes.set(themes)
    catalogue.refresh(KIND, [gap.pk])


@transaction.atomic
def decline_gap(*, gap: Gap, reason: str, by: User) -> None:
    """Leave a proposal out. Writes history. Raises AlreadyDecided, ValueError without a reason."""
    if not reason.strip():
        raise ValueError("A gap is declined for a reason.")
    move(gap, State.DECLINED, by=by, reason=reason)


@transaction.atomic
def answer_gap(
    *, gap: Gap, text: str, by: User, item: Item | None = None, address: str = ""
) -> None:
    """Say what answered a gap: something in the library, or a page elsewhere.

    Side effects: history, the catalogue. Raises AlreadyDecided, and ValueError without either.
    """
    if item is None and not address:
        raise ValueError("A gap is answered by something.")
    answer: dict[str, Any] = {
        "answer_text": text,
        "answer_item": item,
        "answer_url": address,
        "answered_at": gap.answered_at or timezone.now(),
    }
    _move_public(gap, State.ANSWERED, by=by, **answer)


@transaction.atomic
def merge_gaps(*, gap: Gap, into: Gap, by: User) -> None:
    """Join a gap with another that asks the same; its address leads there from now on.

    Side effects: its supporters support the other, each once; history, the catalogue. Raises
    AlreadyDecided, and ValueError for itself or for one that is not public.
    """
    into = Gap.objects.select_for_update().get(pk=into.pk)
    if into.pk == gap.pk or into.state not in {State.OPEN, State.ANSWERED}:
        raise ValueError(f"{gap.pk} cannot be joined with {into.pk}.")
    _move_public(gap, State.MERGED, by=by, merged_into=into, answer_item=None, answer_url="")
    there = set(into.supports.exclude(user=None).values_list("user", flat=True))
    # A visitor's digest is of use for one gap alone: of her, only that she supported is moved.
    moved = gap.supports.exclude(user__in=there)
    moved.update(gap=into, visitor="")
    gap.supports.all().delete()
    Gap.objects.filter(merged_into=gap).update(merged_into=into)
    catalogue.refresh(KIND, [into.pk])


def _move_public(gap: Gap, to: str, *, by: User, **facts: Any) -> None:
    """Move a public gap; who let it be public, when, stays as it was."""
    before = gap.state
    states = [state for state, allowed in Gap.MOVES.items() if to in allowed]
    if not Gap.objects.filter(pk=gap.pk, state__in=states).update(state=to, **facts):
        raise AlreadyDecided(str(gap))
    gap.refresh_from_db()
    verb = gap.get_state_display().lower()
    AuditEntry.record(verb, gap, by=by, from_state=before, to_state=to)
    catalogue.refresh(KIND, [gap.pk])


@transaction.atomic
def support_gap(*, gap: Gap, user: User | None = None, visitor: str = "") -> bool:
    """Count somebody who needs to know, by her account or else by a visitor's digest, once.

    Returns whether she is new. Side effect: the catalogue. The history is not told who needs what.
    Raises GapIsClosed.
    """
    if not Gap.objects.select_for_update().filter(pk=gap.pk, state=State.OPEN).exists():
        raise GapIsClosed(str(gap.pk))
    who: dict[str, Any] = {"user": user} if user else {"visitor": visitor}
    _, new = GapSupport.objects.get_or_create(gap=gap, **who)
    if new:
        catalogue.refresh(KIND, [gap.pk])
    return new


@transaction.atomic
def gap_changed(*, gap: Gap) -> None:
    """Let the search follow a gap that was written or changed at the desk."""
    catalogue.refresh(KIND, [gap.pk])
