"""Drafts that several write: kept in one statement, joined when two have written at once.

A draft is a row with `payload` (core.payloads), `version`, `state`, `changed_at` and `changed_by`;
docs/adr/0019-drafts.md tells why. core.draft_pages shows its forms.
"""

import hashlib
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils import timezone

from core import payloads
from core.payloads import Payload

# How often somebody's answers are joined anew with what others have saved in that moment.
MOST_TRIES = 5


class NotAllowedMove(Exception):
    """The draft is not where that can be done: somebody else was first, or it is too early."""


class OldVersion(Exception):
    """Somebody else has saved since; the writer's answers are to be joined with theirs."""


def save(*, draft: Any, payload: Payload, version: int, by: Any) -> int:
    """Keep the answers, in one statement; the new version. No history: it is a draft.

    Raises OldVersion when somebody has saved since that version or moved it: nothing is kept.
    """
    rows = type(draft)._default_manager
    kept = rows.filter(pk=draft.pk, version=version, state=draft.state)
    if not kept.update(
        payload=payload, version=version + 1, changed_at=timezone.now(), changed_by=by
    ):
        raise OldVersion(str(draft.pk))
    draft.payload, draft.version = payload, version + 1
    return version + 1


def write(
    *, draft: Any, own: Payload, was_base: payloads.WasBase, names: Iterable[str], by: Any
) -> list[str]:
    """Keep what somebody wrote at these names beside what others have saved meanwhile.

    Returns the names where both changed to different answers: there theirs stands. Nothing is
    written when nothing differs. Raises NotAllowedMove when the draft has been moved since it was
    read, OldVersion when others save all the time.
    """
    names, state = list(names), draft.state
    for _ in range(MOST_TRIES):
        joined, disputed = payloads.merge(own, draft.payload, was_base, names)
        if not payloads.changed(draft.payload, joined):
            return disputed
        try:
            save(draft=draft, payload=joined, version=draft.version, by=by)
        except OldVersion:
            draft.refresh_from_db()
            if draft.state != state:
                raise NotAllowedMove(f"write {draft.state}") from None
        else:
            return disputed
    raise OldVersion(str(draft.pk))


def digest(*parts: object) -> str:
    """A key that nobody can make up: the same for the same parts."""
    secret = settings.SECRET_KEY.encode()[:64]
    return hashlib.blake2b(repr(parts).encode(), key=secret, digest_size=16).hexdigest()


def whole(text: str) -> int:
    """A version as a form carries it; one that was tampered with is none."""
    return int(text) if text.isdecimal() and len(text) < 10 else 0
