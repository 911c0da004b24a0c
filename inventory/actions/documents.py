"""A project's files: published with a draft, changed at the desk, their pages in the search."""

from collections.abc import Iterable

from django.db import transaction

from core import stored, uploads
from core.models import Edition
from core.tasks import later
from inventory.actions.publishing import Changes
from inventory.models import Document, Draft, Project
from inventory.search import KIND, READ_DOCUMENT
from search import passages
from search.models import Entry


@transaction.atomic
def document_saved(*, document: Document, new_file: bool) -> None:
    """Have a worker read the pages of a file that was saved below its project.

    Side effects: a task; the pages of a file that was replaced, or is for staff from now on, go at
    once. Files of a project that is not in the catalogue are read when it comes there.
    """
    number = document.project.public_id
    if new_file or not document.is_searched:
        passages.remove_pages(KIND, number, file=document.search_file)
    shown = Entry.objects.filter(kind=KIND, object_id=number).exclude(audience="")
    has_pages = document.is_searched and uploads.has_pages(document.file.name)
    if has_pages and shown.exists():
        later(READ_DOCUMENT, document.pk)


@transaction.atomic
def delete_document(*, document: Document) -> None:
    """Delete a project's file. Side effects: its pages are found no longer, from now on; what is
    stored is removed, unless a draft that is kept brought it.
    """
    passages.remove_pages(KIND, document.project.public_id, file=document.search_file)
    stored.let_go(document.file)
    document.delete()


@transaction.atomic
def put_pages(*, document: Document, pages: Iterable[str]) -> None:
    """Let the pages be found; not when the file was replaced or deleted while they were read.

    Side effect: the search.
    """
    Edition.raise_number()  # whoever replaces or deletes it comes wholly before or after
    current = Document.objects.searched().filter(pk=document.pk, file=document.file.name)
    for document in current.select_related("project"):
        passages.put_pages(
            KIND,
            document.project.public_id,
            file=document.search_file,
            title=document.title,
            address=document.get_absolute_url(),
            pages=pages,
        )


@transaction.atomic
def publish_files(*, draft: Draft, project: Project) -> Changes:
    """Make a draft's files the project's, and delete those that it takes away; what was changed.

    What is stored is the same file, under the same name. Side effects: a worker reads the pages,
    those of a project that is new when it comes into the catalogue. The caller writes the history.
    """
    told: dict[str, tuple[str, str]] = {}
    for document in draft.dropped.filter(project=project).select_related("project"):
        told[f"filer: {document.title}"] = ("", "borttagen")
        delete_document(document=document)
    for file in draft.files.attached():
        document = Document.objects.create(
            project=project,
            title=file.title,
            kind=file.kind,
            visibility=file.visibility,
            file=file.file.name,
            name=file.name,
        )
        told[f"filer: {file.title}"] = ("", "tillagd")
        draft.files.filter(pk=file.pk).update(document=document)
        document_saved(document=document, new_file=True)
    return told
