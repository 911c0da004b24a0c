"""One entry, followed up by its unit: still true, a new value, over (methods: inventory.urls).

The same pages are reached in two ways. Who is signed in comes from the project or her own pages,
by a role with one of its owners. Who has a letter comes with its key, for the entries that it asks
about; a key that was sent to accounts opens nothing without one of the unit's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from core.errors import NotHere, forbidden
from inventory import actions, rules
from inventory.follow_up_forms import EndingForm, PointForm
from inventory.models import Inquiry, InquiryEntry, Measure, Project
from people.models import User, audiences_of

BY_LETTER = "Med länken i ett mejl till funktionsbrevlådan."
OLD_LINK = "Länken har gått ut, eller så blev den inte hel. Logga in för att se era projekt."


def revise_address(user: User, project: Project) -> str:
    """Where somebody's unit changes its entry; empty where she writes for none of its owners."""
    if rules.revising_unit(user, project) is None:
        return ""
    return reverse("inventory:revise", args=[project.public_id, project.slug])


@dataclass(frozen=True)
class Letter:
    """An inquiry that somebody came to with the key of a letter."""

    inquiry: Inquiry
    # As it was sent: the portal's secret may have been changed since.
    key: str
    by: User | None

    @property
    def address(self) -> str:
        """The page of all that it asks about."""
        return reverse("inventory:inquiry", args=[self.key])

    @property
    def reason(self) -> str:
        """What the history says when no account did it."""
        return "" if self.by else BY_LETTER


@dataclass(frozen=True)
class Entry:
    """A project that the visitor may follow up, and by which way she came."""

    project: Project
    by: User | None
    letter: Letter | None = None
    asked: InquiryEntry | None = None

    @property
    def reason(self) -> str:
        """What the history says besides who did it."""
        return self.letter.reason if self.letter else ""

    @property
    def home(self) -> str:
        """Where one goes when something is done."""
        if self.letter:
            return f"{self.letter.address}#post-{self.project.public_id}"
        return reverse("inventory:follow-up", args=[self.project.public_id, self.project.slug])

    def address(self, name: str, *more: object) -> str:
        """The address of one thing to do with the entry, by the same way."""
        if self.letter:
            where = [self.letter.key, self.project.public_id]
            return reverse(f"inventory:inquiry-{name}", args=[*where, *more])
        where = [self.project.public_id, self.project.slug]
        return reverse(f"inventory:follow-up-{name}", args=[*where, *more])

    @property
    def confirm_address(self) -> str:
        """Where its button Stämmer leads."""
        return self.address("confirm")

    @property
    def end_address(self) -> str:
        """Where its form for the end is."""
        return self.address("end")

    @property
    def change_address(self) -> str:
        """Where one says that something is to be changed; empty where there is no way to."""
        return self.address("change") if self.letter else self.revise_address

    @property
    def revise_address(self) -> str:
        """Where the entry is changed at once, by who has an account; else curators are told."""
        return revise_address(self.by, self.project) if self.by else ""

    @property
    def measures(self) -> list[tuple[Measure, str]]:
        """Its measures, each with where a value is added."""
        found = self.project.measures.all()
        return [(measure, self.address("point", measure.pk)) for measure in found]

    @property
    def goes_on(self) -> bool:
        """Whether there is anything to confirm or end."""
        return self.project.status in Project.GOING_ON

    @property
    def confirmed_today(self) -> bool:
        """Whether nothing is left to say today."""
        return self.project.last_confirmed_at == timezone.localdate()

    @property
    def is_unanswered(self) -> bool:
        """Whether a letter asks about it, and nobody has said anything yet."""
        return self.goes_on and self.asked is not None and not self.asked.answer

    @property
    def will_change(self) -> bool:
        """Whether the unit has said that something is to be changed."""
        return self.asked is not None and self.asked.answer == InquiryEntry.Answer.CHANGE


def shown_projects() -> Any:
    """Published projects with what a follow-up shows."""
    projects = Project.objects.published().select_related("lead", "source__publisher")
    return projects.prefetch_related("co_owners", "measures__points")


# --- Ways in --------------------------------------------------------------------------------------


class NeedsLogin(Exception):
    """The key of a letter to accounts, without one."""


def letter_of(request: HttpRequest, token: str) -> Letter:
    """What a letter's key opens for this visitor.

    Raises NotHere for a key that opens nothing to her, NeedsLogin where that is not known yet.
    """
    inquiry = Inquiry.objects.opened_by(token).select_related("unit").first()
    if inquiry is None:
        raise NotHere(OLD_LINK, (reverse("my-pages"), "Mina sidor"))
    by = request.user if isinstance(request.user, User) else None
    if inquiry.needs_account and by is None:
        raise NeedsLogin
    if inquiry.needs_account and not rules.may_answer(request.user, inquiry):
        raise NotHere(OLD_LINK, (reverse("my-pages"), "Mina sidor"))
    return Letter(inquiry, token, by)


def with_key(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view behind the key of a letter, which leads to the login where that is needed."""

    @wraps(view)
    def answer(request: HttpRequest, token: str, *args: Any, **more: Any) -> HttpResponse:
        try:
            letter = letter_of(request, token)
        except NeedsLogin:
            return redirect_to_login(request.get_full_path())
        return view(request, letter, *args, **more)

    return answer


def for_the_unit(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view of one entry, by either way. Who may see the project, and no more, gets a 403."""

    @with_key
    def by_letter(
        request: HttpRequest, letter: Letter, public_id: int, **more: Any
    ) -> HttpResponse:
        asked = get_object_or_404(letter.inquiry.entries, project__public_id=public_id)
        project = get_object_or_404(shown_projects(), public_id=public_id)
        return view(request, Entry(project, letter.by, letter, asked), **more)

    def by_role(request: HttpRequest, public_id: int, slug: str, **more: Any) -> HttpResponse:
        user = request.user
        if not isinstance(user, User):
            return redirect_to_login(request.get_full_path())
        project = get_object_or_404(shown_projects(), public_id=public_id)
        if not rules.may_follow_up(user, project):
            if project.visibility not in audiences_of(user):
                raise Http404
            return forbidden(request)
        return view(request, Entry(project, user), **more)

    @wraps(view)
    def answer(request: HttpRequest, **asked: Any) -> HttpResponse:
        return by_letter(request, **asked) if "token" in asked else by_role(request, **asked)

    return answer


def done(request: HttpRequest, entry: Entry, sentence: str) -> HttpResponse:
    """Back to where one came from; told there to who is signed in, others see it at the entry."""
    if entry.by:
        messages.success(request, sentence)
    return redirect(entry.home)


# --- The letter's page ----------------------------------------------------------------------------


@with_key
def inquiry_page(request: HttpRequest, letter: Letter) -> HttpResponse:
    """All entries that a letter asks about, as they stand now."""
    asked = {entry.project_id: entry for entry in letter.inquiry.entries.order_by("pk")}
    projects = shown_projects().in_bulk(asked)
    entries = [
        Entry(projects[pk], letter.by, letter, entry)
        for pk, entry in asked.items()
        if pk in projects
    ]
    context = {
        "inquiry": letter.inquiry,
        "entries": entries,
        "left": sum(entry.is_unanswered for entry in entries),
        "all_address": reverse("inventory:inquiry-all", args=[letter.key]),
    }
    return render(request, "inventory/inquiry.html", context)


@with_key
def confirm_rest(request: HttpRequest, letter: Letter) -> HttpResponse:
    """POST: all that nobody has answered is still true."""
    waiting = letter.inquiry.entries.waiting().values("project")
    projects = shown_projects().filter(pk__in=waiting)
    actions.confirm_all(projects=projects, by=letter.by, reason=letter.reason)
    if letter.by:
        messages.success(request, "Tack! Era uppgifter är bekräftade.")
    return redirect(letter.address)


@for_the_unit
def change(request: HttpRequest, entry: Entry) -> HttpResponse:
    """Say that something in an entry is to be changed. GET shows the entry and a button."""
    if request.method != "POST":
        return render(request, "inventory/entry_change.html", {"entry": entry})
    assert entry.asked is not None  # noqa: S101 - only letters lead here
    actions.want_to_change(entry=entry.asked, by=entry.by, reason=entry.reason)
    if entry.revise_address:
        return redirect(entry.revise_address)
    return done(request, entry, "Tack! En redaktör hör av sig om vad som ska ändras.")


# --- One entry ------------------------------------------------------------------------------------


@for_the_unit
def follow_up(request: HttpRequest, entry: Entry) -> HttpResponse:
    """What stands about a project, and what its unit can do about it."""
    return render(request, "inventory/follow_up.html", {"entry": entry})


@for_the_unit
def confirm(request: HttpRequest, entry: Entry) -> HttpResponse:
    """Say that an entry is still true. GET shows what stands and a button."""
    if request.method != "POST":
        return render(request, "inventory/entry_confirm.html", {"entry": entry})
    if not entry.goes_on:
        return redirect(entry.home)
    actions.confirm(project=entry.project, by=entry.by, reason=entry.reason)
    return done(request, entry, f"Tack! {entry.project} är bekräftat i dag.")


@for_the_unit
def end(request: HttpRequest, entry: Entry) -> HttpResponse:
    """Tell that a project is over and what came of it."""
    if not entry.goes_on:
        return redirect(entry.home)
    form = EndingForm(
        request.POST if request.method == "POST" else None,
        instance=Project.objects.get(pk=entry.project.pk),
        initial={"status": Project.Status.ENDED},
    )
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        context = {"entry": entry, "form": form}
        return render(request, "inventory/end.html", context, status=status)
    actions.end_project(
        project=entry.project, facts=form.cleaned_data, by=entry.by, reason=entry.reason
    )
    return done(request, entry, f"Tack för det ni delar med er av! {entry.project} är avslutat.")


@for_the_unit
def point(request: HttpRequest, entry: Entry, pk: int) -> HttpResponse:
    """Add a value to one of a project's measures."""
    measure = get_object_or_404(Measure.objects.select_related("project"), pk=pk)
    if measure.project_id != entry.project.pk:
        raise Http404
    form = PointForm(request.POST if request.method == "POST" else None, measure=measure)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                new = actions.add_point(
                    measure=measure, **form.cleaned_data, by=entry.by, reason=entry.reason
                )
            except actions.AlreadyThere:
                form.refuse_twice()
            else:
                told = "Värdet är sparat." if new else "Det värdet fanns redan."
                return done(request, entry, told)
    context = {"entry": entry, "measure": measure, "form": form}
    return render(request, "inventory/point.html", context, status=status)
