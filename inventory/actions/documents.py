"""Pages of projects' files, as the search finds them."""

from collections.abc import Iterable

from django.db import transaction

from core import uploads
from core.models import Edition
from core.tasks import later
from inventory.models import Document
from inventory.search import KIND, READ_DOCUMENT
from search import passages
from search.models import Entry


@transaction.atomic
def document_saved(*, document: Document, new_file: bool) -> None:
    """Have a worker read the pages of a file that was saved below its project.

    Side effects: a task; the pages of a file that was replaced go at once. Files of a project that
    is not in the catalogue are read when it comes there.
    """
    number = document.project.public_id
    if new_file:
        passages.remove_pages(KIND, number, file=document.search_file)
    shown = Entry.objects.filter(kind=KIND, object_id=number).exclude(audience="")
    if uploads.has_pages(document.file.name) and shown.exists():
        later(READ_DOCUMENT, document.pk)


@transaction.atomic
def delete_document(*, document: Document) -> None:
    """Delete a project's file. Side effect: its pages are found no longer, from now on."""
    passages.remove_pages(KIND, document.project.public_id, file=document.search_file)
    document.delete()


@transaction.atomic
def put_pages(*, document: Document, pages: Iterable[str]) -> None:
    """Let the pages be found; not when the file was replaced or deleted while they were read.

    Side effect: the search.
    """
    Edition.raise_number()  # whoever replaces or deletes it comes wholly before or after
    current = Document.objects.filter(pk=document.pk, file=document.file.name)
    for document in current.select_related("project"):
        passages.put_pages(
            KIND,
            document.project.public_id,
            file=document.search_file,
            title=document.title,
            address=document.get_absolute_url(),
            pages=pages,
        )
