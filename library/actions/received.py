"""What a curator decides about something that a visitor sent in."""

from typing import Any

from django.utils import timezone

from core.models import AuditEntry
from people.models import User


class AlreadyDecided(Exception):
    """Somebody was first, or its teller has taken it back."""


def move(received: Any, to: str, *, by: User, reason: str = "", **facts: Any) -> None:
    """Move what was received, if it stands where that is allowed; writes history without why.

    Raises AlreadyDecided. For use inside a transaction.
    """
    model: Any = type(received)
    before = received.state
    states = [state for state, allowed in received.MOVES.items() if to in allowed]
    standing = model._default_manager.filter(pk=received.pk, state__in=states)
    decided = {"decided_at": timezone.now(), "decided_by": by, "decided_reason": reason.strip()}
    if not standing.update(state=to, **decided | facts):
        raise AlreadyDecided(str(received))
    received.refresh_from_db()
    verb = received.get_state_display().lower()
    AuditEntry.record(verb, received, by=by, from_state=before, to_state=to)
