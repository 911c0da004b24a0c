"""What becomes of a draft: begun, written, handed in, taken back. Publishing is in reviews."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.drafting import MOST_TRIES as MOST_TRIES
from core.drafting import NotAllowedMove as NotAllowedMove
from core.drafting import OldVersion as OldVersion
from core.drafting import save as save
from core.drafting import write as write
from core.models import AuditEntry
from core.payloads import Payload
from inventory import emails
from inventory.actions.draft_files import hand_in
from inventory.models import Draft, Project, Submission, UnitRules
from people.models import Organisation, User

State = Draft.State


@dataclass(frozen=True)
class Clean:
    """Answers that are complete and understood, as they are published."""

    fields: dict[str, Any]
    terms: dict[str, list[Any]]
    measures: list[dict[str, Any]]
    links: list[dict[str, Any]]
    partners: list[dict[str, Any]]


def move(
    draft: Draft,
    to: State,
    *,
    by: User | None,
    verb: str,
    reason: str = "",
    version: int | None = None,
    **fields: Any,
) -> None:
    """Move a draft in the running transaction, with a line of history.

    With `version`, only as it was read. Raises NotAllowedMove, OldVersion.
    """
    before = State(draft.state)
    if to not in Draft.MOVES[before]:
        raise NotAllowedMove(f"{before} → {to}")
    at = Draft.objects.filter(pk=draft.pk, state=before)
    if version is not None:
        at = at.filter(version=version)
    if not at.update(state=to, **fields):
        moved = not Draft.objects.filter(pk=draft.pk, state=before).exists()
        raise NotAllowedMove(f"{before} → {to}") if moved else OldVersion(str(draft.pk))
    draft.refresh_from_db()
    AuditEntry.record(verb, draft, by=by, from_state=before, to_state=to, reason=reason)


@transaction.atomic
def begin(
    *,
    unit: Organisation,
    payload: Payload,
    by: User,
    key: str,
    project: Project | None = None,
    inspired_by: Iterable[Project] = (),
) -> Draft:
    """Begin a draft; the same key gives the same one. `project` is what it revises.

    A project has one open revision: whoever begins another gets the one there is.
    Side effect: history.
    """
    if project is not None:
        Project.objects.select_for_update().get(pk=project.pk)
        if there := Draft.objects.open().filter(project=project).first():
            return there
    draft, new = Draft.objects.get_or_create(
        key=key,
        defaults={
            "unit": unit,
            "payload": payload,
            "base": payload if project else {},
            "project": project,
            "created_by": by,
            "changed_by": by,
        },
    )
    if new:
        draft.inspired_by.set(inspired_by)
        AuditEntry.record("påbörjat", draft, by=by, to_state=State.WRITING)
    return draft


@transaction.atomic
def choose(
    *,
    draft: Draft,
    choice: str,
    reason: str,
    projects: Iterable[Project],
    payload: Payload,
    version: int,
    by: User,
) -> None:
    """Answer "Finns det redan?": what is reused of which projects, or why it is new.

    `payload` is the draft with what is copied. The same answer again changes nothing. Side effects:
    history; when something is reused, the units are introduced to each other by mail, once for
    each pair. Raises OldVersion.
    """
    projects, before = list(projects), draft.choice
    known = set(draft.inspired_by.values_list("pk", flat=True))
    if (before, draft.choice_reason, known) == (choice, reason, {each.pk for each in projects}):
        return
    save(draft=draft, payload=payload, version=version, by=by)
    Draft.objects.filter(pk=draft.pk).update(choice=choice, choice_reason=reason)
    draft.choice, draft.choice_reason = choice, reason
    draft.inspired_by.set(projects)
    AuditEntry.record(
        "svarade om det finns redan",
        draft,
        by=by,
        reason=reason,
        changes={"choice": [before and Draft.Choice(before).label, Draft.Choice(choice).label]},
    )
    if choice != Draft.Choice.NEW:
        for project in projects:
            if project.pk not in known:
                emails.reuse_introduced(draft, project)


@transaction.atomic
def submit(*, draft: Draft, version: int, by: User, approves: bool) -> None:
    """Hand the draft in, or to the unit's manager where the unit wants that and `by` is not she.

    The caller has seen that nothing is lacking. Side effects: history; the submission as it was
    handed in; mail to curators or managers. Raises NotAllowedMove, OldVersion.
    """
    wants = UnitRules.objects.filter(unit=draft.unit, manager_approves=True).exists()
    if wants and not approves:
        move(draft, State.WITH_MANAGER, by=by, verb="lämnad till chefen", version=version)
        emails.draft_for_manager(draft)
        return
    again = draft.state == State.RETURNED
    move(
        draft,
        State.SUBMITTED,
        by=by,
        verb="inlämnad igen" if again else "inlämnad",
        version=version,
        submitted_at=timezone.now(),
        claimed_by=draft.claimed_by if again else None,
    )
    Submission.objects.create(
        draft=draft,
        number=draft.submissions.count() + 1,
        payload=draft.payload,
        submitted_by=by,
        **hand_in(draft),
    )
    emails.draft_submitted(draft)


@transaction.atomic
def take_back(*, draft: Draft, by: User) -> None:
    """Let the unit write on in what waits for a manager or curator. Side effect: history."""
    move(draft, State.WRITING, by=by, verb="återtagen", claimed_by=None)


@transaction.atomic
def discard(*, draft: Draft, by: User) -> None:
    """Throw away a draft that was never handed in, with its files. Side effect: history.

    Raises NotAllowedMove: what was received is kept.
    """
    thrown = Draft.objects.filter(pk=draft.pk, state=State.WRITING, submissions=None)
    if not thrown.exists():
        raise NotAllowedMove("discard")
    AuditEntry.record("kastat", draft, by=by, from_state=State.WRITING)
    draft.files.all().erase()
    draft.comments.all().delete()
    draft.delete()


@transaction.atomic
def set_rules(*, unit: Organisation, manager_approves: bool, by: User) -> None:
    """Say whether the unit's manager approves before something is handed in. History."""
    rules, _ = UnitRules.objects.get_or_create(unit=unit)
    if rules.manager_approves == manager_approves:
        return
    before, rules.manager_approves = rules.manager_approves, manager_approves
    rules.save()
    AuditEntry.record(
        "ändrad",
        rules,
        by=by,
        changes={"manager_approves": [str(before), str(manager_approves)]},
    )
