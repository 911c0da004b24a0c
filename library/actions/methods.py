"""Changes to methods and instruments."""

import datetime

from django.db import transaction
from django.utils import timezone

from core.models import AuditEntry
from library.actions.vocabularies import term_changed
from library.models import Method, StageMove, Tool
from library.search import KIND
from people.models import User
from search import catalogue


class WrongMove(ValueError):
    """A stage that a method cannot go to from where it stands."""


@transaction.atomic
def move_stage(
    *, method: Method, to: str, reason: str, by: User | None, date: datetime.date | None = None
) -> StageMove:
    """Move a method in the workshop; writes the move, history and the catalogue.

    Raises WrongMove when it cannot go there from where it stands now, whoever moved it meanwhile,
    and ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("A move needs a reason.")
    before = method.stage
    allowed = to in Method.MOVES[Method.Stage(before)]
    if not allowed or not Method.objects.filter(pk=method.pk, stage=before).update(stage=to):
        raise WrongMove(f"{before} → {to}")
    method.refresh_from_db()
    move = StageMove.objects.create(
        method=method,
        from_stage=before,
        to_stage=to,
        date=date or timezone.localdate(),
        reason=reason.strip(),
        moved_by=by,
    )
    AuditEntry.record(
        "flyttad",
        method,
        by=by,
        from_state=str(Method.Stage(before).label),
        to_state=str(Method.Stage(to).label),
        reason=reason.strip(),
    )
    term_changed(term=method)
    return move


@transaction.atomic
def tool_changed(*, tool: Tool, old_slug: str = "") -> None:
    """Let the catalogue and the pages that name it follow a new or changed method or instrument.

    Also those that have not named it yet, because those who read them could not see it.
    """
    term_changed(term=tool, old_slug=old_slug)
    items: list[int] = list(tool.items.values_list("pk", flat=True))  # type: ignore[attr-defined]
    catalogue.refresh(KIND, items)
