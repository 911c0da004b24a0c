"""What curators do with what was handed in: claim, comment, return, publish, decline."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from core.models import AuditEntry
from inventory import emails
from inventory.actions.drafts import Clean, NotAllowedMove, move
from inventory.actions.publishing import publish, record_change
from inventory.models import Comment, Draft, MeasurePoint, Project, PublicNumber
from people.models import User

State = Draft.State


@transaction.atomic
def claim(*, draft: Draft, by: User) -> None:
    """Say who reviews it, or that one does no longer. Side effect: history.

    Raises NotAllowedMove when somebody else claimed it first.
    """
    mine = draft.claimed_by_id == by.pk
    waiting = Draft.objects.filter(pk=draft.pk, state=State.SUBMITTED, claimed_by=draft.claimed_by)
    if draft.claimed_by_id and not mine:
        raise NotAllowedMove("claim")
    if not waiting.update(claimed_by=None if mine else by):
        raise NotAllowedMove("claim")
    draft.claimed_by = None if mine else by
    AuditEntry.record("släppt" if mine else "tagen för granskning", draft, by=by)


@transaction.atomic
def comment(*, draft: Draft, question: str, text: str, by: User, key: str) -> Comment:
    """Say something of a question, or of the whole; the same key once. Side effect: history.

    The unit reads it when the draft is returned.
    """
    made, new = Comment.objects.get_or_create(
        key=key,
        defaults={"draft": draft, "question": question, "text": text, "written_by": by},
    )
    if new:
        AuditEntry.record("kommenterad", draft, by=by)
    return made


@transaction.atomic
def answer_comment(*, comment: Comment, text: str, by: User) -> None:
    """Answer a curator's comment; an answer can be changed. Side effect: history."""
    comment.answer, comment.answered_at, comment.answered_by = text, timezone.now(), by
    comment.save(update_fields=["answer", "answered_at", "answered_by"])
    AuditEntry.record("kommentar besvarad", comment.draft, by=by)


@transaction.atomic
def give_back(*, draft: Draft, reason: str, by: User) -> None:
    """Return the draft to its unit with the comments. Side effects: history; one mail each."""
    move(draft, State.RETURNED, by=by, verb="återsänd", reason=reason)
    emails.draft_returned(draft, reason)


@transaction.atomic
def decline(*, draft: Draft, reason: str, by: User) -> None:
    """Decline the draft for good, with a reason. Side effects: history; mail to the unit."""
    move(draft, State.DECLINED, by=by, verb="avböjd", reason=reason)
    emails.draft_declined(draft, reason)


@transaction.atomic
def publish_draft(
    *, draft: Draft, clean: Clean, names: set[str], version: int, changes: dict[str, Any], by: User
) -> Project:
    """Publish the answers: a new project, or the changes to the published one.

    `names` are the fields and questions that are written, `changes` what the history tells of a
    revision. The permalink never changes. Side effects: history of both, the catalogue, mail to
    the unit. Raises NotAllowedMove, OldVersion.
    """
    project = draft.project
    new = project is None
    if project is None:
        project = Project(lead=draft.unit, public_id=PublicNumber.take())
    else:
        project = Project.objects.select_for_update().get(pk=project.pk)
    for name, value in clean.fields.items():
        if new or name in names:
            setattr(project, name, value)
    project.last_confirmed_at = timezone.localdate()
    project.last_confirmed_by = None
    project.save()
    for name, rows in clean.terms.items():
        if new or name in names:
            getattr(project, name).set(rows)
    if new or "measures" in names:
        _write_measures(project, clean.measures)
    for name in ("links", "partners"):
        if new or name in names:
            rows = getattr(project, name)
            rows.all().delete()
            for row in getattr(clean, name):
                rows.create(**row)
    project.inspired_by.add(*draft.inspired_by.exclude(pk=project.pk))
    move(
        draft,
        State.PUBLISHED,
        by=by,
        verb="publicerad",
        version=version,
        project=project,
        claimed_by=None,
    )
    if new:
        publish(project=project, by=by)
    else:
        record_change(project=project, by=by, changes=changes)
    emails.draft_published(draft, new=new)
    return project


def _write_measures(project: Project, wanted: list[dict[str, Any]]) -> None:
    """Make the project's measures and points these; what is the same stays as it is."""
    there = {measure.pk: measure for measure in project.measures.all()}
    kept = set()
    for fields in wanted:
        fields = dict(fields)
        points, pk = fields.pop("points"), fields.pop("id", None)
        measure = there.get(pk) if pk not in kept else None
        if measure is None:
            measure = project.measures.create(**fields)
        else:
            for name, value in fields.items():
                setattr(measure, name, value)
            measure.save()
        kept.add(measure.pk)
        measure.points.all().delete()
        MeasurePoint.objects.bulk_create(MeasurePoint(measure=measure, **point) for point in points)
    project.measures.exclude(pk__in=kept).delete()
