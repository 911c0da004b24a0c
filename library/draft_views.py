"""The library's drafts: the desk, a new one, its form page, preview, publishing (methods: urls)."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from core.draft_pages import DraftPage, Written
from core.drafting import NotAllowedMove, OldVersion, digest
from core.errors import forbidden
from core.keeping import nothing_kept
from core.pages import Pages
from core.payloads import Payload
from library import actions
from library.curating_forms import NewDraftForm, PublishForm
from library.draft_access import open_draft, published, seen_draft, writer
from library.draft_answers import (
    Answers,
    Joined,
    joined,
    names_typed,
    payload_of,
    subject_of,
    told_changes,
    typed,
)
from library.draft_base import BOXES
from library.draft_forms import FORMS, is_written, names_of, sections_of
from library.instrument_views import instrument_page
from library.item_views import item_preview
from library.method_views import method_page
from library.models import Draft, Instrument, Item, Method
from people import roles
from people.models import User
from people.views import known_user

PER_PAGE = 50
CHANGED = "Utkastet har ändrats sedan du öppnade sidan. Läs det igen. Inget är publicerat."
DONE = "Utkastet är redan publicerat eller kastat."
TAKEN = "Något med samma namn publicerades just nu. Inget annat är publicerat. Läs utkastet igen."
LACKING = "Det går inte att publicera än. Se vad som saknas."
MOVED = "Det publicerade ändrades just nu. Läs och välj på nytt. Inget är publicerat."
WITHDRAWN = "Posten är tillbakadragen. Låt den gälla igen innan du publicerar en ändring av den."


@login_required
def drafts(request: HttpRequest) -> HttpResponse:
    """What is being written, the latest first, and the ways to begin."""
    user = writer(request)
    found = Draft.objects.open().select_related("item", "method", "instrument", "changed_by")

    def address(change: Any) -> str:
        params = QueryDict(mutable=True)
        change(params)
        return f"{request.path}?{params.urlencode()}" if params else request.path

    pages = Pages(request.GET.get("sida"), found.count(), PER_PAGE, address)
    context = {
        "drafts": found[pages.start : pages.stop],
        "pages": pages,
        "edits": roles.may(user, roles.EDIT_CONTENT),
    }
    return render(request, "library/curating/drafts.html", context)


@login_required
def draft_new(request: HttpRequest) -> HttpResponse:
    """Begin to write something new."""
    user = writer(request)
    form = NewDraftForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        draft = actions.begin_draft(
            subject=form.subject, payload=form.payload, key=form.key(user), by=user
        )
        return redirect("library:draft", draft.pk)
    status = 422 if form.errors else 200
    return render(request, "library/curating/new.html", {"form": form}, status=status)


@login_required
def revise(request: HttpRequest, subject: str, pk: int) -> HttpResponse:
    """A page whose button begins a revision of what is published, or leads to the one there is."""
    user = writer(request)
    thing = published(subject, pk)
    drafts_of = Draft.objects.filter(**{actions.FIELDS[type(thing)]: thing}).order_by("-pk")
    there = drafts_of.open().first()
    if request.method != "POST":
        context = {"thing": thing, "there": there}
        return render(request, "library/curating/revise.html", context)
    draft = there or actions.begin_draft(
        subject=subject_of(thing),
        payload=payload_of(thing),
        # Their number would come back when one that was thrown away is erased.
        key=digest("andra", subject, pk, drafts_of.values_list("pk", flat=True).first() or 0),
        by=user,
        of=thing,
    )
    return redirect("library:draft", draft.pk)


# --- The form -------------------------------------------------------------------------------------


@csrf_exempt  # core.draft_pages checks: a page that is too old must not lose what was typed there
def draft_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft's form, and what becomes of what is sent from it."""
    return LibraryPage(request, pk).respond()


class LibraryPage(DraftPage):
    """All sections of a draft on one page."""

    draft: Draft

    @property
    def place(self) -> str:
        """Apart from the inventory's drafts, which have numbers of their own."""
        return f"bibliotek/{self.pk}"

    def find(self) -> None:
        """For those who write in the library."""
        self.draft = seen_draft(self.request, self.pk)
        self.writes = self.draft.state == Draft.State.WRITING

    def _names_typed(self, posted: QueryDict) -> list[str]:
        """Before it is known which draft it is, those of any."""
        if hasattr(self, "draft"):
            return names_typed(self.draft, posted)
        every = [name for each in Draft.Subject for name in names_of(each, is_revision=False)]
        sums = posted.get("bas", "")  # also names the boxes on the page that nobody has ticked
        return [
            name
            for name in dict.fromkeys(every)
            if name in posted or (name in BOXES and f'"{name}"' in sums)
        ]

    def names_shown(self) -> list[str]:
        """All of them."""
        return names_of(self.draft.subject, is_revision=bool(self.draft.base))

    def typed(self, posted: QueryDict) -> Payload:
        """Without signs that nobody sees."""
        return typed(self._names_typed(posted), posted)

    def is_malformed(self) -> bool:
        """Anywhere on the page."""
        return bool(Answers.of(self.draft).malformed())

    def told(self, payload: Payload, name: str) -> tuple[str, list[str]]:
        """In words."""
        answers = Answers.of(self.draft, payload)
        return answers.label(name), answers.spoken(name)

    def called(self, name: str) -> str:
        """As the model calls it."""
        fields = (form.base_fields.get(name) for form in FORMS.values())
        return next((str(field.label) for field in fields if field and field.label), name)

    @property
    def title(self) -> str:
        """Before it is known what is written."""
        return "Skriv"

    def all_drafts(self) -> tuple[str, str]:
        """Those of the library."""
        return reverse("library:drafts"), "Skriva i biblioteket"

    def above(self) -> tuple[str, str]:
        """The page itself."""
        return reverse("library:draft", args=[self.draft.pk]), "Skriv"

    def closed(self) -> HttpResponse:
        """What is done with is shown where it stands, or told of."""
        return render(self.request, "library/curating/closed.html", {"draft": self.draft})

    def onwards(self) -> HttpResponse:
        """On to what the button says, or here again."""
        button, draft = self.request.POST.get("knapp", ""), self.draft
        ways = {"forhandsvisa": "draft-preview", "filer": "draft-files", "publicera": "publish"}
        if button in ways:
            return redirect(f"library:{ways[button]}", draft.pk)
        return redirect("library:draft", draft.pk)

    def page(
        self,
        *,
        written: Written | None = None,
        waited: bool = False,
        trouble: str = "",
        saved: bool = False,
        status: int = 200,
    ) -> HttpResponse:
        """The form; with `saknas` in the address, what is missing is told at the fields."""
        request, draft = self.request, self.draft
        payload = written.over(draft.payload) if written else draft.payload
        answers = Answers.of(draft, payload)
        missing = "saknas" in request.GET
        errors = answers.lacking() if missing else answers.malformed()
        if not missing:
            answers.forgive()
        wrong = {lack.name for lack in errors}
        sections = [
            {
                "section": section,
                "fields": [(field, answers.readability(field.name)) for field in fields],
                "folded": section.more,
                "open": is_written(payload, section)
                or any(field.name in wrong for field in fields),
            }
            for section, fields in sections_of(answers.form)
        ]
        context = {
            "draft": draft,
            "sections": sections,
            "errors": errors,
            "missing": missing,
            "sums": written.sums if written else self.sums(),
            "waited": waited,
            "trouble": trouble,
            "saved": saved,
            "writes": self.writes,
            "files": draft.files.count() if draft.subject == Draft.Subject.ITEM else 0,
            "publishes": roles.may(known_user(request), roles.PUBLISH_LIBRARY),
        }
        return render(request, "library/curating/write.html", context, status=status)


# --- What becomes of it ---------------------------------------------------------------------------


def union_of(draft: Draft, *, take: list[str] | None = None) -> Joined | None:
    """A revision joined with what is published now; None for something new."""
    if draft.target is None:
        return None
    now = payload_of(draft.target)
    return joined(draft.subject, draft.payload, draft.base, now, take=take or ())


@login_required
def draft_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The public page as it would be: written, shown and undone in one transaction."""
    draft = open_draft(request, pk)
    union = union_of(draft)
    if union:  # as the writer wants it
        union = union_of(draft, take=union.disputed)
    answers = Answers.of(draft, union.payload if union else None)
    with nothing_kept(), transaction.atomic():
        thing = draft.target or actions.MODELS[draft.subject]()
        actions.put(thing, answers.shown(), None, by=None)
        if isinstance(thing, Item):
            draft.files.update(item=thing)
            thing = Item.objects.with_everything().get(pk=thing.pk)
        for name, value in answers.unknown.items():
            setattr(thing, name, value)
        response = public_page(request, thing, draft)
        transaction.set_rollback(True)
    return response


def public_page(
    request: HttpRequest, thing: Item | Method | Instrument, draft: Draft
) -> HttpResponse:
    """The thing's own page, with a line that says that it is a preview."""
    context = {"draft": draft, "above_page": "library/curating/_preview.html"}
    if isinstance(thing, Item):
        return item_preview(request, thing, **context)
    if isinstance(thing, Method):
        return method_page(request, thing, **context)
    return instrument_page(request, thing, **context)


@login_required
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """What is lacking or changed, and the button that publishes; 403 for who may not."""
    draft = seen_draft(request, pk)
    user = known_user(request)
    if not roles.may(user, roles.PUBLISH_LIBRARY):
        return forbidden(request)
    if draft.state != Draft.State.WRITING:
        messages.info(request, DONE)
        return redirect(draft.target or reverse("library:draft", args=[pk]))
    union = union_of(draft)
    answers = Answers.of(draft, union.payload if union else None)
    mine = Answers.of(draft)
    labels = {name: answers.label(name) for name in (union.disputed if union else ())}
    form = PublishForm(
        request.POST if request.method == "POST" else None,
        version=draft.version,
        union=union,
        labels=labels,
    )
    trouble = ""
    if form.is_bound and form.is_valid():
        if form.cleaned_data["version"] != draft.version:
            trouble = CHANGED
        else:
            response, trouble = publish_now(request, draft, union, form.take, user)
            if response:
                return response
            union = union_of(draft)
            answers = Answers.of(draft, union.payload if union else None)
            labels = {name: answers.label(name) for name in (union.disputed if union else ())}
    old = Answers.of(draft, payload_of(draft.target)) if draft.target else None
    changed = [
        (mine.label(name), old.spoken(name) if old else [], mine.spoken(name))
        for name in (dict.fromkeys([*union.names, *union.disputed]) if union else ())
    ]
    if trouble:
        form = PublishForm(version=draft.version, union=union, labels=labels)
    context = {
        "draft": draft,
        "form": form,
        "lacking": answers.lacking(),
        "changed": changed,
        "is_revision": union is not None,
        "files": draft.files.all(),
        "trouble": trouble,
    }
    status = 422 if form.errors or trouble == LACKING else 409 if trouble else 200
    return render(request, "library/curating/publish.html", context, status=status)


@transaction.atomic
def publish_now(
    request: HttpRequest, draft: Draft, read: Joined | None, take: list[str], user: User
) -> tuple[HttpResponse | None, str]:
    """Publish it; or why it cannot be done now. What is lacking is told by the page.

    What is compared is what is written upon: nobody changes what is published meanwhile.
    """
    if draft.target is not None:
        there = type(draft.target)._default_manager.select_for_update().get(pk=draft.target.pk)
        setattr(draft, actions.FIELDS[type(there)], there)
    if union_of(draft) != read:
        return None, MOVED
    union = union_of(draft, take=take)
    answers = Answers.of(draft, union.payload if union else None)
    if answers.lacking():
        return None, LACKING
    old = Answers.of(draft, payload_of(draft.target)) if draft.target else answers
    names = union.names if union else []
    try:
        thing = actions.publish_draft(
            draft=draft,
            clean=answers.clean(),
            names=names,
            changes=told_changes(old, answers, names),
            by=user,
        )
    except OldVersion:
        draft.refresh_from_db()
        return None, CHANGED
    except IntegrityError:
        return None, TAKEN
    except NotAllowedMove as problem:
        return None, WITHDRAWN if str(problem) == "withdrawn" else DONE
    messages.success(request, f"Publicerat: {thing}.")
    return redirect(thing), ""


@login_required
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw it away, after a question."""
    draft = seen_draft(request, pk)
    if draft.state != Draft.State.WRITING:
        messages.info(request, DONE)
        return redirect("library:drafts")
    if request.method != "POST":
        return render(request, "library/curating/discard.html", {"draft": draft})
    try:
        actions.discard_draft(draft=draft, by=known_user(request))
    except OldVersion:
        messages.error(request, "Någon skrev i utkastet just nu. Det är inte kastat.")
        return redirect("library:draft", pk)
    except NotAllowedMove:
        messages.info(request, DONE)
        return redirect("library:drafts")
    messages.success(request, "Utkastet är kastat.")
    return redirect("library:drafts")
