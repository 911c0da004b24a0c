"""Files of a draft: uploaded, described, deleted, fetched by those who write (methods: urls)."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render

from core import uploads
from core.drafting import NotAllowedMove
from library import actions
from library.curating_forms import FileFactsForm, NewFileForm
from library.draft_access import open_draft
from library.models import Draft, ItemFile
from people.views import known_user

MOST_FILES = 30
CLOSED = "Utkastet har publicerats eller kastats. Filerna är som de var då."


def item_draft(request: HttpRequest, pk: int) -> Draft:
    """An open draft of an item: methods and instruments have no files. Raises Http404."""
    draft = open_draft(request, pk)
    if draft.subject != Draft.Subject.ITEM:
        raise Http404
    return draft


def closed(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that somebody closed the draft meanwhile, on the draft's own page."""
    messages.error(request, CLOSED)
    return redirect("library:draft", pk)


@login_required
def files(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft's files, and a form for one more."""
    draft = item_draft(request, pk)
    uploads.examine_all(request.FILES)  # before anything is written: it can take long
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = NewFileForm(*sent)
    there = draft.files.all()
    if sent and len(there) >= MOST_FILES:
        form.add_error(None, f"Högst {MOST_FILES} filer får plats. Ta bort någon först.")
    if sent and form.is_valid():
        try:
            file = form.save(commit=False)
            actions.add_draft_file(draft=draft, file=file, by=known_user(request))
        except NotAllowedMove:
            return closed(request, pk)
        messages.success(request, "Filen är uppladdad. Sidorna läses om en stund.")
        return redirect("library:draft-files", pk)
    published = draft.item.files.all() if draft.item else ()
    context = {"draft": draft, "form": form, "files": there, "published": published}
    status = 422 if form.errors else 200
    return render(request, "library/curating/files.html", context, status=status)


@login_required
def file_change(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """What is said of a file, and a button that deletes it."""
    draft = item_draft(request, pk)
    found = get_object_or_404(ItemFile, pk=file, draft=draft)
    user = known_user(request)
    form = FileFactsForm(request.POST if request.method == "POST" else None, instance=found)
    try:
        if request.method == "POST" and "ta-bort" in request.POST:
            actions.delete_draft_file(file=found, by=user)
            messages.success(request, "Filen är borttagen.")
            return redirect("library:draft-files", pk)
        if form.is_bound and form.is_valid():
            actions.change_draft_file(file=form.save(commit=False), by=user)
            messages.success(request, "Sparat.")
            return redirect("library:draft-files", pk)
    except NotAllowedMove:
        return closed(request, pk)
    status = 422 if form.errors else 200
    context = {"draft": draft, "file": found, "form": form}
    return render(request, "library/curating/file.html", context, status=status)


@login_required
def file_of_draft(request: HttpRequest, pk: int, file: int) -> HttpResponseBase:
    """The file itself."""
    found = get_object_or_404(ItemFile, pk=file, draft=open_draft(request, pk))
    return uploads.serve(found.file, found.name, request=request)


@login_required
def picture_of_draft(request: HttpRequest, pk: int, file: int) -> HttpResponseBase:
    """Its first page as a picture."""
    found = get_object_or_404(ItemFile, pk=file, draft=open_draft(request, pk))
    return uploads.serve(found.picture, "forsta-sidan.jpg", request=request)
