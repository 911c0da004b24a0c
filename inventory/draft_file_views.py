"""Files that go with a draft: attached, corrected, taken away and fetched, one page each."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render

from core import uploads
from inventory import actions, rules
from inventory.attached import Attached
from inventory.draft_access import BUTTON, FORM, READ, Seen, for_account, seen_draft
from inventory.file_forms import AddFileForm, FactsForm
from inventory.models import Document, DraftFile
from people.views import known_user

CLOSED = (
    "Det är inte sparat: utkastet går inte att ändra nu. Det du skrev står kvar på sidan, så att du"
    " kan kopiera det."
)


@for_account(*FORM)
def draft_files(request: HttpRequest, pk: int) -> HttpResponse:
    """All files of the draft, and the form that attaches one more."""
    seen = seen_draft(request, pk)
    if request.method != "POST":
        if not seen.writes:
            return redirect("inventory:draft", pk)
        return files_page(request, seen, AddFileForm())
    form = AddFileForm(request.POST, request.FILES)
    if not seen.writes:
        return files_page(request, seen, form, status=409)
    if not form.is_valid():
        return files_page(request, seen, form, status=422)
    try:
        made = actions.add_file(
            draft=seen.draft,
            file=form.cleaned_data["file"],
            facts=form.facts,
            key=form.key(pk),
            by=known_user(request),
        )
    except actions.TooManyFiles:
        form.add_too_many()
        return files_page(request, seen, form, status=422)
    except actions.NotAllowedMove:
        return files_page(request, seen, form, status=409)
    messages.success(request, f"”{made.title}” är bifogad.")
    return redirect("inventory:draft-files", pk)


def files_page(
    request: HttpRequest, seen: Seen, form: AddFileForm, *, status: int = 200
) -> HttpResponse:
    """The page, with the form as it was typed."""
    context = {
        "draft": seen.draft,
        "attached": Attached.of(seen.draft),
        "form": form,
        "trouble": CLOSED if status == 409 else "",
    }
    return render(request, "inventory/draft/files.html", context, status=status)


@for_account(*READ)
def draft_file(request: HttpRequest, pk: int, file: int) -> HttpResponseBase:
    """The file itself."""
    found = get_object_or_404(rules.draft_files_seen_by(known_user(request)), pk=file, draft=pk)
    return uploads.serve(found.file, found.name, request=request)


def attached_file(request: HttpRequest, pk: int, file: int) -> tuple[Seen, DraftFile]:
    """A file of a draft that the visitor sees, as it is told of today."""
    seen = seen_draft(request, pk)
    found = get_object_or_404(DraftFile.objects.attached(), pk=file, draft=seen.draft)
    if not seen.mine and found.handed_in_at is None:
        raise Http404
    found.draft = seen.draft
    return seen, found


@for_account(*FORM)
def change_file(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """Correct what is told of a file."""
    seen, found = attached_file(request, pk, file)
    if not seen.writes and request.method != "POST":
        return redirect("inventory:draft", pk)
    initial = {name: getattr(found, name) for name in ("title", "kind", "visibility")}
    form = FactsForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            status = 409
            if changed(request, seen, found, form):
                return redirect("inventory:draft-files", pk)
    trouble = CLOSED if status == 409 else ""
    context = {"draft": seen.draft, "file": found, "form": form, "trouble": trouble}
    return render(request, "inventory/draft/file_change.html", context, status=status)


def changed(request: HttpRequest, seen: Seen, file: DraftFile, form: FactsForm) -> bool:
    """Keep what was typed, if the draft can be written in."""
    if not seen.writes:
        return False
    try:
        actions.change_file(file=file, facts=form.facts, by=known_user(request))
    except actions.NotAllowedMove:
        return False
    messages.success(request, f"Sparat: ”{form.facts['title']}”.")
    return True


@for_account(*FORM)
def remove_file(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """Take a file away, after a question."""
    seen, found = attached_file(request, pk, file)
    if request.method != "POST":
        if not seen.writes:
            return redirect("inventory:draft", pk)
        context = {"draft": seen.draft, "file": found}
        return render(request, "inventory/draft/file_remove.html", context)
    try:
        if not seen.writes:
            raise actions.NotAllowedMove
        actions.remove_file(file=found, by=known_user(request))
    except actions.NotAllowedMove:
        return not_now(request, pk)
    messages.success(request, f"”{found.title}” är borttagen.")
    return redirect("inventory:draft-files", pk)


@for_account(*BUTTON)
def drop_document(request: HttpRequest, pk: int, document: int) -> HttpResponse:
    """Let a revision take away a published file, or keep it."""
    seen = seen_draft(request, pk)
    if not seen.draft.is_revision:
        raise Http404
    found = get_object_or_404(Document, pk=document, project=seen.draft.project)
    drop = request.POST.get("vad") != "behall"
    try:
        if not seen.writes:
            raise actions.NotAllowedMove
        actions.drop_document(draft=seen.draft, document=found, drop=drop, by=known_user(request))
    except actions.NotAllowedMove:
        return not_now(request, pk)
    told = "tas bort när ändringen publiceras" if drop else "finns kvar"
    messages.success(request, f"”{found.title}” {told}.")
    return redirect("inventory:draft-files", pk)


def not_now(request: HttpRequest, pk: int) -> HttpResponse:
    """Back to the draft's page, which tells where it stands."""
    messages.info(request, "Utkastet går inte att ändra nu. Så här står det.")
    return redirect("inventory:draft", pk)
