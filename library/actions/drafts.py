"""What is being written in the library, until it is published or discarded."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.text import slugify

from core.drafting import NotAllowedMove, OldVersion
from core.models import AuditEntry, Edition
from core.payloads import Payload
from library.actions.files import file_saved
from library.actions.items import Changes, publish, record_change
from library.actions.methods import tool_changed
from library.models import Draft, Grade, Instrument, Item, Method, StageMove
from people.models import User

Published = Item | Method | Instrument
FIELDS: dict[type[Model], str] = {Item: "item", Method: "method", Instrument: "instrument"}
MODELS: dict[str, type[Published]] = {
    Draft.Subject.ITEM: Item,
    Draft.Subject.METHOD: Method,
    Draft.Subject.INSTRUMENT: Instrument,
}


@dataclass(frozen=True)
class Clean:
    """Answers that are complete and understood, as they are published."""

    fields: dict[str, Any]
    terms: dict[str, list[Any]]
    grades: list[dict[str, str]] = field(default_factory=list)
    stage_reason: str = ""


@transaction.atomic
def begin_draft(
    *, subject: str, payload: Payload, key: str, by: User | None, of: Published | None = None
) -> Draft:
    """Begin to write something new, or the revision of something published; writes history.

    The same key answers the same draft; something published has one revision at a time, which is
    answered if there is one.
    """
    if of is not None:
        type(of)._default_manager.select_for_update().get(pk=of.pk)
        open_one = Draft.objects.open().filter(**{FIELDS[type(of)]: of}).first()
        if open_one:
            return open_one
    made, new = Draft.objects.get_or_create(
        key=key,
        defaults={
            "subject": subject,
            "payload": payload,
            "base": payload if of is not None else {},
            "created_by": by,
            "changed_by": by,
            **({FIELDS[type(of)]: of} if of is not None else {}),
        },
    )
    if new:
        AuditEntry.record("påbörjat", made, by=by, to_state=str(made.get_state_display()))
    return made


def _move(draft: Draft, to: Draft.State, *, by: User, verb: str, **fields: Any) -> None:
    """Move a draft as it was read, with a line of history. Raises NotAllowedMove, OldVersion."""
    before = Draft.State(draft.state)
    if to not in Draft.MOVES[before]:
        raise NotAllowedMove(f"{before} → {to}")
    there = Draft.objects.filter(pk=draft.pk, state=before)
    if not there.filter(version=draft.version).update(state=to, **fields):
        raise OldVersion(str(draft.pk)) if there.exists() else NotAllowedMove(f"{before} → {to}")
    draft.refresh_from_db()
    AuditEntry.record(
        verb, draft, by=by, from_state=str(before.label), to_state=str(Draft.State(to).label)
    )


@transaction.atomic
def discard_draft(*, draft: Draft, by: User) -> None:
    """Throw a draft away; what was written is erased in its time (personal_data). History.

    Raises NotAllowedMove, and OldVersion when somebody has written in it since it was read.
    """
    _move(draft, Draft.State.DISCARDED, by=by, verb="kastat", changed_at=timezone.now())


@transaction.atomic
def publish_draft(
    *, draft: Draft, clean: Clean, names: Collection[str], changes: Changes, by: User
) -> Published:
    """Publish the answers: something new, or the changes to what is published.

    Of a revision `names` are the fields, and groups of fields, that are written, and `changes`
    what the history tells. The permalink never changes. Side effects: history of both; the
    catalogue; the draft's files become the item's. Raises OldVersion when the draft was written in
    since it was read, and NotAllowedMove, also when what it revises is withdrawn.
    """
    is_new = draft.target is None
    if draft.target is None:
        thing = MODELS[draft.subject]()
    else:
        thing = type(draft.target)._default_manager.select_for_update().get(pk=draft.target.pk)
        if isinstance(thing, Item) and (thing.withdrawn_at or thing.taken_back_at):
            raise NotAllowedMove("withdrawn")
    put(thing, clean, None if is_new else names, by=by)
    _move(
        draft,
        Draft.State.PUBLISHED,
        by=by,
        verb="utkast publicerat",
        **{FIELDS[type(thing)]: thing},
    )
    if isinstance(thing, Item):
        files = list(draft.files.all())
        draft.files.update(item=thing, draft=None)
        if is_new:
            publish(item=thing, by=by)
        else:
            added = {"files": ("", ", ".join(file.title for file in files))} if files else {}
            record_change(item=thing, by=by, changes={**changes, **added})
        for file in files:
            file.refresh_from_db()
            file_saved(file=file, new_file=False)
        return thing
    if is_new:
        AuditEntry.record("publicerad", thing, by=by, to_state="publicerad")
    else:
        told = {name: [str(part) for part in pair or ()] or None for name, pair in changes.items()}
        AuditEntry.record("ändrad", thing, by=by, changes=told)
    Edition.raise_number()
    tool_changed(tool=thing)
    return thing


def put(thing: Published, clean: Clean, names: Collection[str] | None, *, by: User | None) -> None:
    """Write the answers in their rows, in the running transaction: all, or these names.

    A method that is new begins in its first stage, with the reason.
    """
    is_new = thing.pk is None
    for name, value in clean.fields.items():
        if names is None or name in names or _is_part(name, names):
            setattr(thing, name, value)
    if isinstance(thing, Item):
        thing.reviewed_on = timezone.localdate()
    elif is_new:
        thing.slug = _free_slug(type(thing), thing.name)
    thing.save()
    for name, terms in clean.terms.items():
        if names is None or name in names:
            getattr(thing, name).set(terms)
    if isinstance(thing, Method):
        _put_grades(thing, clean.grades, names)
        if is_new:
            StageMove.objects.create(
                method=thing, to_stage=thing.stage, reason=clean.stage_reason, moved_by=by
            )


def _is_part(name: str, names: Collection[str]) -> bool:
    """Whether a field is written with others, under the name of them all."""
    if name.startswith("psychometrics"):
        return "psychometrics" in names
    return name == "how_known" and any(each.startswith("how_known-") for each in names)


def _put_grades(
    method: Method, grades: list[dict[str, str]], names: Collection[str] | None
) -> None:
    wanted = {row["dimension"]: row for row in grades}
    for dimension in Grade.Dimension.values:
        if names is not None and f"grade-{dimension}" not in names:
            continue
        method.grades.filter(dimension=dimension).delete()
        if row := wanted.get(dimension):
            method.grades.create(**row)


def _free_slug(model: type[Method] | type[Instrument], name: str) -> str:
    """An address of its own, from the name."""
    wanted = slugify(name)[:70].strip("-") or model.FACET
    slug, number = wanted, 1
    while model._default_manager.filter(slug=slug).exists():
        number += 1
        slug = f"{wanted}-{number}"
    return slug
