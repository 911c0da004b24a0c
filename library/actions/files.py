"""Files of items and drafts: read by workers, found by the search once they are published."""

import datetime

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from core import uploads
from core.drafting import NotAllowedMove
from core.models import AuditEntry, Edition
from core.stored import let_go
from core.tasks import later
from library.models import Draft, ItemFile
from library.search import KIND, READ_FILE
from people.models import User
from search import catalogue, passages
from search.models import Audience, Entry

TROUBLE = {
    uploads.Trouble.BROKEN: ItemFile.Trouble.BROKEN,
    uploads.Trouble.LOCKED: ItemFile.Trouble.LOCKED,
    uploads.Trouble.TOO_LARGE: ItemFile.Trouble.TOO_LARGE,
    uploads.Trouble.LOST: ItemFile.Trouble.LOST,
}


DOUBLE_CLICK = datetime.timedelta(minutes=1)


@transaction.atomic
def add_draft_file(*, draft: Draft, file: ItemFile, by: User) -> None:
    """Keep an unsaved file with a draft; the same one sent twice, by a double click, once.

    Side effects: history; a worker reads it. Raises NotAllowedMove when the draft is closed.
    """
    Draft.objects.select_for_update().get(pk=draft.pk)
    same = draft.files.filter(title=file.title, size=file.file.size)
    if same.filter(added_at__gt=timezone.now() - DOUBLE_CLICK).exists():
        return
    _write(draft, by=by)
    file.draft = draft
    file.save()
    AuditEntry.record("fil tillagd", draft, by=by)
    file_saved(file=file, new_file=True)


@transaction.atomic
def change_draft_file(*, file: ItemFile, by: User) -> None:
    """Keep what is said of a draft's file, if it is still there. Side effect: history.

    Raises NotAllowedMove when the draft is closed.
    """
    draft = _draft(file)
    _write(draft, by=by)
    if draft.files.filter(pk=file.pk).exists():
        file.save(update_fields=["title", "visibility", "accessible", "transcript"])
        AuditEntry.record("fil ändrad", draft, by=by)


@transaction.atomic
def delete_draft_file(*, file: ItemFile, by: User) -> None:
    """Delete a draft's file; what lies in the storage goes after the commit. History.

    Raises NotAllowedMove when the draft is closed: the file may be the published item's by now.
    """
    draft = _draft(file)
    _write(draft, by=by)
    if draft.files.filter(pk=file.pk).exists():
        AuditEntry.record("fil borttagen", draft, by=by)
        forget_stored(file)
        file.delete()


def _write(draft: Draft, *, by: User) -> None:
    """Note that the draft changed, so that nobody publishes files that she has not seen."""
    now = {"version": F("version") + 1, "changed_at": timezone.now(), "changed_by": by}
    if not Draft.objects.open().filter(pk=draft.pk).update(**now):
        raise NotAllowedMove("files")


def _draft(file: ItemFile) -> Draft:
    assert file.draft is not None  # noqa: S101 - of a draft's files alone
    return file.draft


def forget_stored(file: ItemFile) -> None:
    """Have the stored file and its picture removed when the row that names them is gone."""
    for each in (file.file, file.picture):
        let_go(each)


@transaction.atomic
def file_saved(*, file: ItemFile, new_file: bool) -> None:
    """Have a worker read a file that was saved below its item or draft.

    Side effects: a task; the pages of a file that was replaced, or that the public may no longer
    see, go at once; the item's page is made anew.
    """
    rows = ItemFile.objects.filter(pk=file.pk)
    if new_file:
        rows.update(size=file.file.size)
    if file.item_id:
        catalogue.touch(KIND, [file.item_id])
        if new_file or file.visibility != Audience.PUBLIC:
            passages.remove_pages(KIND, file.item_id, file=file.search_file)
    if not uploads.has_pages(file.file.name):
        rows.update(reading=ItemFile.Reading.NOT_READ, trouble="", pages=None, picture="")
        return
    if new_file:  # also what was read of the one before
        rows.update(reading=ItemFile.Reading.WAITING, trouble="", pages=None, picture="")
    shown = Entry.objects.filter(kind=KIND, object_id=file.item_id or 0).exclude(audience="")
    if file.draft_id or shown.exists():
        later(READ_FILE, file.pk)


@transaction.atomic
def delete_file(*, file: ItemFile) -> None:
    """Delete an item's file. Side effect: its pages are found no longer, from now on."""
    if file.item_id:
        catalogue.touch(KIND, [file.item_id])
        passages.remove_pages(KIND, file.item_id, file=file.search_file)
    forget_stored(file)
    file.delete()


@transaction.atomic
def put_reading(*, file: ItemFile, read: uploads.Read) -> None:
    """Keep what a worker found: the text of the pages, how many, the first one as a picture.

    Nothing is kept when the file was replaced or deleted while it was read. Pages of a draft's
    file, or of one for staff alone, are not searched. Side effects: the search, and its item's
    page, which tells how many pages it has.
    """
    # Whoever replaces or deletes it comes wholly before or after.
    Edition.raise_number()
    if file.item_id:
        catalogue.touch(KIND, [file.item_id])
    current = ItemFile.objects.filter(pk=file.pk, file=file.file.name)
    reading = ItemFile.Reading.READ
    if read.trouble:
        reading = ItemFile.Reading.FAILED
    elif not any(page.strip() for page in read.pages):
        reading = ItemFile.Reading.NO_TEXT
    trouble = TROUBLE[read.trouble] if read.trouble else ""
    current.update(reading=reading, pages=read.count or None, trouble=trouble)
    for found in current:
        if read.front:
            _keep_picture(found, read.front)
        if found.item_id and found.visibility == Audience.PUBLIC:
            passages.put_pages(
                KIND,
                found.item_id,
                file=found.search_file,
                title=found.title,
                address=found.get_absolute_url(),
                pages=read.pages,
            )


def _keep_picture(file: ItemFile, front: bytes) -> None:
    """Instead of the picture from an earlier reading, if there is one."""
    let_go(file.picture)
    file.picture.save("forsta-sidan.jpg", ContentFile(front), save=False)
    file.save(update_fields=["picture"])
