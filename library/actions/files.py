"""Files of items, and their pages as the search finds them."""

from collections.abc import Sequence

from django.db import transaction

from core import uploads
from core.tasks import later
from library.models import ItemFile
from library.search import KIND, READ_FILE
from search import catalogue, passages
from search.models import Audience, Entry


@transaction.atomic
def file_saved(*, file: ItemFile, new_file: bool) -> None:
    """Have a worker read the pages of a file that was saved below its item.

    Side effects: a task; the pages of a file that was replaced, or that the public may no longer
    see, go at once; the item's page is made anew.
    """
    catalogue.touch(KIND, [file.item_id])
    if new_file or file.visibility != Audience.PUBLIC:
        passages.remove_pages(KIND, file.item_id, file=file.search_file)
    if not uploads.has_pages(file.file.name):
        ItemFile.objects.filter(pk=file.pk).update(reading=ItemFile.Reading.NOT_READ)
        return
    if new_file:
        ItemFile.objects.filter(pk=file.pk).update(reading=ItemFile.Reading.WAITING)
    if Entry.objects.filter(kind=KIND, object_id=file.item_id).exclude(audience="").exists():
        later(READ_FILE, file.pk)


@transaction.atomic
def delete_file(*, file: ItemFile) -> None:
    """Delete an item's file. Side effect: its pages are found no longer, from now on."""
    catalogue.touch(KIND, [file.item_id])
    passages.remove_pages(KIND, file.item_id, file=file.search_file)
    file.delete()


@transaction.atomic
def put_pages(*, file: ItemFile, pages: Sequence[str]) -> None:
    """Let the pages be found; not when the file was replaced or deleted while they were read.

    Pages of a file for staff alone are not searched. Side effects: the search, and its item's page,
    which tells how many pages it has.
    """
    # Whoever replaces or deletes it comes wholly before or after.
    catalogue.touch(KIND, [file.item_id])
    current = ItemFile.objects.filter(pk=file.pk, file=file.file.name)
    found = any(page.strip() for page in pages)
    reading = ItemFile.Reading.READ if found else ItemFile.Reading.NO_TEXT
    current.update(reading=reading, pages=len(pages) or None)
    for shown in current.filter(visibility=Audience.PUBLIC).select_related("item"):
        passages.put_pages(
            KIND,
            shown.item_id,
            file=shown.search_file,
            title=shown.title,
            address=shown.get_absolute_url(),
            pages=pages,
        )
