"""Files that a unit attaches to a draft, until they are published with it (actions.documents)."""

from typing import Any

from django.core.files import File
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from core.drafting import NotAllowedMove
from core.models import AuditEntry
from inventory.models import Document, Draft, DraftFile
from people.models import User

FACTS = ("title", "kind", "visibility")


class TooManyFiles(Exception):
    """The draft has as many files as one may have."""


def _write(draft: Draft, by: User) -> None:
    """Take the draft for this transaction, as one that was changed.

    What was read before is another version: nothing is handed in or published that was not seen.
    Raises NotAllowedMove when it has been moved since it was read.
    """
    here = Draft.objects.filter(pk=draft.pk, state=draft.state)
    if not here.update(version=F("version") + 1, changed_at=timezone.now(), changed_by=by):
        raise NotAllowedMove(f"write {draft.state}")


@transaction.atomic
def add_file(*, draft: Draft, file: File, facts: dict[str, str], key: str, by: User) -> DraftFile:
    """Attach a file that has been examined; the same key again gives the same one.

    Side effect: history. Raises NotAllowedMove, TooManyFiles.
    """
    _write(draft, by)
    if there := DraftFile.objects.filter(draft=draft, key=key).first():
        return there
    if draft.files.attached().count() >= DraftFile.MOST:
        raise TooManyFiles
    # A curator who corrects what lies on the desk receives it there.
    received = timezone.now() if draft.state == Draft.State.SUBMITTED else None
    made = DraftFile(
        draft=draft, size=file.size, added_by=by, key=key, handed_in_at=received, **facts
    )
    made.file.save(file.name or "", file, save=False)
    made.save()
    AuditEntry.record("fil bifogad", draft, by=by)
    return made


@transaction.atomic
def change_file(*, file: DraftFile, facts: dict[str, str], by: User) -> None:
    """Correct what is told of a file; the same again changes nothing. Side effect: history.

    The submission remembers what was told when it was handed in. Raises NotAllowedMove.
    """
    if all(getattr(file, name) == value for name, value in facts.items()):
        return
    _write(file.draft, by)
    DraftFile.objects.filter(pk=file.pk).update(**facts)
    AuditEntry.record("bifogad fil ändrad", file.draft, by=by)


@transaction.atomic
def remove_file(*, file: DraftFile, by: User) -> None:
    """Take a file away from its draft; one that was taken away stays so. Side effect: history.

    What was never handed in is erased. Raises NotAllowedMove.
    """
    _write(file.draft, by)
    here = DraftFile.objects.attached().filter(pk=file.pk)
    if not here.exclude(handed_in_at=None).update(removed_at=timezone.now()):
        if not here.exists():
            return
        here.erase()
    AuditEntry.record("bifogad fil borttagen", file.draft, by=by)


@transaction.atomic
def drop_document(*, draft: Draft, document: Document, drop: bool, by: User) -> None:
    """Say that a revision takes a published file away, or that it stays. Side effect: history.

    Raises NotAllowedMove.
    """
    if draft.dropped.filter(pk=document.pk).exists() == drop:
        return
    _write(draft, by)
    if drop:
        draft.dropped.add(document)
    else:
        draft.dropped.remove(document)
    AuditEntry.record("fil tas bort" if drop else "fil behålls", draft, by=by)


def hand_in(draft: Draft) -> dict[str, list[Any]]:
    """Hand the files in with their draft, in the running transaction; what the submission keeps."""
    files = draft.files.attached()
    files.filter(handed_in_at=None).update(handed_in_at=timezone.now())
    return {
        "files": [
            {"pk": each.pk} | {name: getattr(each, name) for name in FACTS} for each in files
        ],
        "dropped": list(draft.dropped.values("pk", "title")),
    }
