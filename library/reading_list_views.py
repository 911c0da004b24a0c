"""Reading lists: one's own, shared by link, and those that curators have published."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from core.errors import NotHere
from core.keeping import kept_for_visitor
from core.reading import reading
from library import actions, rules
from library.models import ReadingList, ReadingListEntry
from library.reading_list_forms import AddForm, NoteForm, ReadingListForm
from people import roles
from people.models import User, audiences_of
from people.views import known_user
from search import catalogue
from search.models import Entry

MOST_IN_PANEL = 5
FULL = f"Listan är full: den rymmer högst {ReadingList.MOST_ENTRIES}. Ta bort något först."
TOO_MANY = f"Du kan ha högst {ReadingList.MOST} listor. Ta bort en som du inte behöver."


@dataclass(frozen=True)
class Shown:
    """One thing of a list as a reader sees it."""

    row: ReadingListEntry
    entry: Entry

    @property
    def kind(self) -> str:
        """What kind of thing it is."""
        return self.entry.card.get("kind") or catalogue.sources[self.entry.kind].label


def shown(reading_list: ReadingList, audiences: frozenset[str]) -> list[Shown]:
    """The things of a list that these audiences may see, in its order; two queries."""
    rows = list(reading_list.entries.all())
    found = Entry.objects.filter(
        kind__in={row.kind for row in rows},
        object_id__in={row.object_id for row in rows},
        audience__in=audiences,
    )
    entries = {(entry.kind, entry.object_id): entry for entry in found}
    pairs = ((row, entries.get((row.kind, row.object_id))) for row in rows)
    return [Shown(row, entry) for row, entry in pairs if entry]


# --- Read -----------------------------------------------------------------------------------------


@reading
@kept_for_visitor
def published_lists(request: HttpRequest) -> HttpResponse:
    """The lists that curators have published."""
    lists = ReadingList.objects.published().order_by("-published_at", "-pk")
    return render(request, "library/reading_lists.html", {"lists": lists})


@reading
@kept_for_visitor
def published_list(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """One of them."""
    found = get_object_or_404(ReadingList.objects.published(), pk=pk)
    if slug != found.slug:
        return redirect(found, permanent=True)
    return _read(request, found)


@never_cache
@reading
def shared_list(request: HttpRequest, token: str) -> HttpResponse:
    """A list for whoever has its link; what it holds is shown as the reader may see it."""
    return _read(request, get_object_or_404(ReadingList.objects.exclude(token=""), token=token))


def _read(request: HttpRequest, found: ReadingList) -> HttpResponse:
    rows = shown(found, audiences_of(request.user))
    context = {"list": found, "rows": rows, "hidden": found.entries.count() - len(rows)}
    return render(request, "library/reading_list.html", context)


# --- One's own ------------------------------------------------------------------------------------


def keeper(request: HttpRequest) -> User:
    """Who keeps reading lists; raises PermissionDenied for who may have none."""
    user = known_user(request)
    if not roles.may(user, roles.KEEP_READING_LISTS):
        raise PermissionDenied
    return user


def own_list(request: HttpRequest, pk: int) -> ReadingList:
    """One of the visitor's own lists; raises Http404 for anybody else's."""
    return get_object_or_404(rules.lists_of(keeper(request)), pk=pk)


def my_reading_lists(request: HttpRequest) -> dict[str, Any] | None:
    """What the panel on "Mina sidor" shows; None for who may have no lists."""
    user = known_user(request)
    if not roles.may(user, roles.KEEP_READING_LISTS):
        return None
    return {"lists": rules.lists_of(user)[:MOST_IN_PANEL]}


@login_required
def my_lists(request: HttpRequest) -> HttpResponse:
    """One's lists, and the form for a new one."""
    user = keeper(request)
    posted = request.POST if request.method == "POST" else None
    form = ReadingListForm(posted, initial={"key": uuid.uuid4().hex})
    if posted is not None and form.is_valid():
        try:
            made = actions.make_list(
                title=form.cleaned_data["title"],
                description=form.cleaned_data["description"],
                key=f"{user.pk}-{form.cleaned_data['key']}"[:64],
                by=user,
            )
        except actions.TooMany:
            form.add_error(None, TOO_MANY)
        else:
            messages.success(request, "Listan finns. Lägg till från sidan för det du vill spara.")
            return redirect("library:my-list", made.pk)
    context = {"lists": rules.lists_of(user), "form": form}
    status = 422 if form.errors else 200
    return render(request, "library/my_lists.html", context, status=status)


@login_required
def my_list(request: HttpRequest, pk: int) -> HttpResponse:
    """One list, to be changed, shared and published."""
    found = own_list(request, pk)
    posted = request.POST if request.method == "POST" else None
    initial = {"title": found.title, "description": found.description}
    form = ReadingListForm(posted, initial=initial)
    if posted is not None and form.is_valid():
        actions.describe_list(
            reading_list=found,
            title=form.cleaned_data["title"],
            description=form.cleaned_data["description"],
            by=known_user(request),
        )
        messages.success(request, "Det är sparat.")
        return redirect("library:my-list", found.pk)
    rows = shown(found, audiences_of(request.user))
    context = {
        "list": found,
        "form": form,
        "rows": rows,
        "hidden": found.entries.count() - len(rows),
        "may_publish": roles.may(request.user, roles.PUBLISH_READING_LISTS),
        "link": request.build_absolute_uri(reverse("library:shared-list", args=[found.token]))
        if found.token
        else "",
    }
    status = 422 if form.errors else 200
    return render(request, "library/my_list.html", context, status=status)


@login_required
def add_to_list(request: HttpRequest) -> HttpResponse:
    """Put something in one of one's lists, or in a new one."""
    user = keeper(request)
    entry = _wanted(request)
    lists = list(rules.lists_of(user))
    posted = request.POST if request.method == "POST" else None
    form = AddForm(posted, lists=lists, initial={"key": uuid.uuid4().hex})
    if posted is not None and form.is_valid():
        told = _add(form, entry, lists, user)
        if told is not None:
            messages.success(request, told)
            return redirect(entry.address)
    context = {"entry": entry, "form": form}
    status = 422 if form.errors else 200
    return render(request, "library/add_to_list.html", context, status=status)


def _wanted(request: HttpRequest) -> Entry:
    """What the address names; raises NotHere where nothing is, Http404 for what is not shown."""
    kind, number = request.GET.get("slag", ""), request.GET.get("nr", "")
    if not kind or not number:
        raise NotHere(
            "Här finns inget att lägga till. Öppna det du vill spara, och välj ”Lägg i en"
            " läslista”.",
            (reverse("library:items"), "Till biblioteket"),
        )
    if kind not in catalogue.sources or not (number.isdecimal() and len(number) < 10):
        raise Http404
    visible = Entry.objects.filter(audience__in=audiences_of(request.user))
    return get_object_or_404(visible, kind=kind, object_id=int(number))


def _add(form: AddForm, entry: Entry, lists: list[ReadingList], user: User) -> str | None:
    """Add as the form says; what happened, or None when the form now says why it did not."""
    typed: dict[str, Any] = form.cleaned_data
    try:
        if typed["reading_list"] == AddForm.NEW:
            key = f"{user.pk}-{typed['key']}"[:64]
            into = actions.make_list(title=typed["title"], description="", key=key, by=user)
        else:
            into = next(each for each in lists if str(each.pk) == typed["reading_list"])
    except actions.TooMany:
        form.add_error("reading_list", TOO_MANY)
        return None
    try:
        new = actions.add_entry(
            reading_list=into,
            kind=entry.kind,
            object_id=entry.object_id,
            note=typed["note"],
            by=user,
        )
    except actions.TooMany:
        form.add_error("reading_list", FULL)
        return None
    return f"Den ligger nu i ”{into.title}”." if new else f"Den låg redan i ”{into.title}”."


# --- Buttons --------------------------------------------------------------------------------------


@login_required
def share(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out a link."""
    found = own_list(request, pk)
    actions.share_list(reading_list=found, by=known_user(request))
    messages.success(request, "Listan är delad. Skicka länken till dem som ska läsa.")
    return redirect("library:my-list", found.pk)


@login_required
def stop_sharing(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the link lead nowhere."""
    found = own_list(request, pk)
    actions.stop_sharing(reading_list=found, by=known_user(request))
    messages.success(request, "Listan är inte delad längre. Länken fungerar inte.")
    return redirect("library:my-list", found.pk)


@login_required
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Let everybody read it."""
    found = own_list(request, pk)
    _curators_only(request)
    actions.publish_list(reading_list=found, by=known_user(request))
    messages.success(request, "Listan är publicerad för alla.")
    return redirect("library:my-list", found.pk)


@login_required
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Let it be one's own again."""
    found = own_list(request, pk)
    _curators_only(request)
    actions.withdraw_list(reading_list=found, by=known_user(request))
    messages.success(request, "Listan är inte publicerad längre.")
    return redirect("library:my-list", found.pk)


def _curators_only(request: HttpRequest) -> None:
    if not roles.may(request.user, roles.PUBLISH_READING_LISTS):
        raise PermissionDenied


@login_required
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask first; then delete it for good."""
    found = own_list(request, pk)
    if request.method == "POST":
        actions.delete_list(reading_list=found, by=known_user(request))
        messages.success(request, "Listan är borttagen.")
        return redirect("library:my-lists")
    return render(request, "library/delete_list.html", {"list": found})


def own_entry(request: HttpRequest, pk: int, entry: int) -> ReadingListEntry:
    """A thing of one of the visitor's own lists; raises Http404."""
    return get_object_or_404(ReadingListEntry, pk=entry, reading_list=own_list(request, pk))


@login_required
def note(request: HttpRequest, pk: int, entry: int) -> HttpResponse:
    """Say why it is there."""
    found = own_entry(request, pk, entry)
    form = NoteForm(
        request.POST if request.method == "POST" else None, initial={"note": found.note}
    )
    if request.method == "POST" and form.is_valid():
        actions.note_entry(entry=found, note=form.cleaned_data["note"], by=known_user(request))
        messages.success(request, "Det är sparat.")
        return redirect("library:my-list", pk)
    named = shown(found.reading_list, audiences_of(request.user))
    title = next((each.entry.title for each in named if each.row == found), "Inte synlig för dig")
    context = {"list": found.reading_list, "title": title, "form": form}
    status = 422 if form.errors else 200
    return render(request, "library/note_entry.html", context, status=status)


@login_required
def move_up(request: HttpRequest, pk: int, entry: int) -> HttpResponse:
    """Let it change places with the one before."""
    actions.move_entry(entry=own_entry(request, pk, entry), up=True, by=known_user(request))
    return redirect("library:my-list", pk)


@login_required
def move_down(request: HttpRequest, pk: int, entry: int) -> HttpResponse:
    """Let it change places with the one after."""
    actions.move_entry(entry=own_entry(request, pk, entry), up=False, by=known_user(request))
    return redirect("library:my-list", pk)


@login_required
def remove(request: HttpRequest, pk: int, entry: int) -> HttpResponse:
    """Take it out of the list."""
    actions.remove_entry(entry=own_entry(request, pk, entry), by=known_user(request))
    messages.success(request, "Den är borttagen ur listan.")
    return redirect("library:my-list", pk)


@login_required
def remove_hidden(request: HttpRequest, pk: int) -> HttpResponse:
    """Take out what is no longer shown to the owner herself."""
    found = own_list(request, pk)
    seen = {each.row.pk for each in shown(found, audiences_of(request.user))}
    for row in found.entries.exclude(pk__in=seen):
        actions.remove_entry(entry=row, by=known_user(request))
    messages.success(request, "Det som inte visas längre är borttaget.")
    return redirect("library:my-list", pk)
