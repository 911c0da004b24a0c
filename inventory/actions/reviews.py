"""What curators do with what was handed in: claim, comment, return, publish, decline."""

from collections import Counter
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.drafting import NotAllowedMove
from core.models import AuditEntry
from core.payloads import Payload, answer, rows_of
from core.text import plain_number
from inventory import emails
from inventory.actions.confirming import settle
from inventory.actions.documents import publish_files
from inventory.actions.drafts import Clean, move
from inventory.actions.publishing import Changes, publish, record_change
from inventory.models import (
    Comment,
    Draft,
    InquiryEntry,
    Measure,
    MeasurePoint,
    Project,
    PublicNumber,
)
from people.models import User

State = Draft.State
PUBLISHED = "utkast publicerat"  # what the history of a draft says


@transaction.atomic
def claim(*, draft: Draft, by: User) -> None:
    """Say that one reviews it, also instead of who did as `draft` was read. Side effect: history.

    Does nothing when it is one's own already. Raises NotAllowedMove when somebody else was first.
    """
    if draft.claimed_by_id == by.pk:
        return
    waiting = Draft.objects.filter(pk=draft.pk, state=State.SUBMITTED, claimed_by=draft.claimed_by)
    if not waiting.update(claimed_by=by):
        raise NotAllowedMove("claim")
    draft.claimed_by = by
    AuditEntry.record("tagen för granskning", draft, by=by)


@transaction.atomic
def release(*, draft: Draft, by: User) -> None:
    """Say that one reviews it no longer; does nothing if one does not. Side effect: history."""
    if not Draft.objects.filter(pk=draft.pk, claimed_by=by).update(claimed_by=None):
        return
    draft.claimed_by = None
    AuditEntry.record("släppt", draft, by=by)


@transaction.atomic
def comment(*, draft: Draft, question: str, text: str, by: User, key: str) -> Comment:
    """Say something of a question, or of the whole; the same key once. Side effect: history.

    The unit reads it when the draft is returned. Raises NotAllowedMove when it is not for
    curators to read any more.
    """
    state = Draft.objects.select_for_update().values_list("state", flat=True).get(pk=draft.pk)
    if there := Comment.objects.filter(key=key).first():
        return there
    if state != State.SUBMITTED:
        raise NotAllowedMove("comment")
    made = Comment.objects.create(key=key, draft=draft, question=question, text=text, written_by=by)
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
    """Return the draft to its unit with the comments. Side effects: history; one mail each.

    Raises NotAllowedMove, and ValueError without a reason when no comment waits for an answer.
    """
    if not reason.strip() and not draft.comments.filter(answer="").exists():
        raise ValueError("Without comments, a return needs a reason.")
    move(draft, State.RETURNED, by=by, verb="återsänd", reason=reason)
    emails.draft_returned(draft, reason)


@transaction.atomic
def decline(*, draft: Draft, reason: str, by: User) -> None:
    """Decline the draft for good. Side effects: history; mail to the unit.

    Raises NotAllowedMove, and ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("To decline needs a reason.")
    move(draft, State.DECLINED, by=by, verb="avböjd", reason=reason, claimed_by=None)
    emails.draft_declined(draft, reason)


@transaction.atomic
def publish_draft(
    *,
    draft: Draft,
    clean: Clean,
    names: Collection[str],
    version: int,
    changes: Changes,
    by: User,
) -> Project:
    """Publish the answers: a new project, or the changes to the published one.

    Of a revision `names` are the fields, and questions with rows, that are written, and `changes`
    what the history tells. The permalink never changes, and no point that was added to a measure
    in the meantime is lost. The draft's files become the project's. Side effects: history of both,
    the catalogue, mail to the unit.
    Raises OldVersion, and NotAllowedMove, also when the project has been withdrawn.
    """
    new = draft.project is None
    if draft.project is None:
        project = Project(lead=draft.unit, public_id=PublicNumber.take())
    else:
        project = Project.objects.select_for_update().get(pk=draft.project.pk)
        if project.withdrawn_at:
            raise NotAllowedMove("withdrawn")
    for name, value in clean.fields.items():
        if new or name in names:
            setattr(project, name, value)
    project.last_confirmed_at = timezone.localdate()
    project.last_confirmed_by = None
    project.save()
    for name, terms in clean.terms.items():
        if new or name in names:
            getattr(project, name).set(terms)
    if new or "measures" in names:
        _write_measures(project, clean.measures, draft.base)
    for name in ("links", "partners"):
        if new or name in names:
            rows = getattr(project, name)
            rows.all().delete()
            for row in getattr(clean, name):
                rows.create(**row)
    project.inspired_by.add(*draft.inspired_by.exclude(pk=project.pk))
    told = publish_files(draft=draft, project=project)
    move(
        draft,
        State.PUBLISHED,
        by=by,
        verb=PUBLISHED,
        version=version,
        project=project,
        claimed_by=None,
    )
    settle(project, InquiryEntry.Answer.TRUE)
    if new:
        publish(project=project, by=by)
    else:
        record_change(project=project, by=by, changes={**changes, **told})
    emails.draft_published(draft, new=new)
    return project


# A point as it compares: date, value, number of answers and source, however they were typed.
POINT = ("date", "value", "n", "source")
Typed = tuple[str, ...]


def _typed(date: Any, value: Any, n: Any, source: str) -> Typed:
    return (str(date), f"{value.normalize():f}", str(n or ""), source)


def _as_typed(point: Payload) -> Typed:
    date, value, n, source = ("".join(answer(point, name)) for name in POINT)
    return (date, plain_number(value), plain_number(n), source)


def _points_in(base: Payload) -> dict[str, Counter[Typed]]:
    """The points that each measure had when the revision began, by the measure's number."""
    return {
        "".join(answer(row, "id")): Counter(_as_typed(point) for point in rows_of(row, "point"))
        for row in rows_of(base, "measures")
    }


def _write_measures(project: Project, wanted: list[dict[str, Any]], base: Payload) -> None:
    """Make the project's measures and points these; what is the same stays as it is.

    What has come to the project since `base` is nobody's to take away: it stays as well.
    """
    there = {measure.pk: measure for measure in project.measures.prefetch_related("points")}
    known = _points_in(base)
    written = set()
    for row in wanted:
        fields = dict(row)
        points, pk = fields.pop("points"), fields.pop("id", None)
        measure = there.get(pk) if pk not in written else None
        if measure is None:
            measure = Measure(project=project)
        for name, value in fields.items():
            setattr(measure, name, value)
        measure.save()
        written.add(measure.pk)
        _write_points(measure, points, known.get(str(measure.pk), Counter()))
    for pk, measure in there.items():
        if pk not in written and str(pk) in known and not _come_since(measure, known[str(pk)]):
            measure.delete()


def _come_since(measure: Measure, known: Counter[Typed]) -> list[MeasurePoint]:
    """The measure's points that were not there."""
    left, found = known.copy(), []
    for point in measure.points.all():
        typed = _typed(point.date, point.value, point.n, point.source)
        if left[typed]:
            left[typed] -= 1
        else:
            found.append(point)
    return found


def _write_points(measure: Measure, wanted: list[dict[str, Any]], known: Counter[Typed]) -> None:
    since = {point.pk for point in _come_since(measure, known)}
    left = Counter(_typed(**fields) for fields in wanted)
    for point in measure.points.all():
        typed = _typed(point.date, point.value, point.n, point.source)
        if left[typed]:
            left[typed] -= 1
        elif point.pk not in since:
            point.delete()
    for fields in wanted:
        if left[_typed(**fields)]:
            left[_typed(**fields)] -= 1
            measure.points.create(**fields)
