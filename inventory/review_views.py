"""One draft on the curators' desk: read, claimed, commented, returned, published or declined.

Methods: inventory.urls. Whoever may not review finds nothing here.
"""

import uuid
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from core.keeping import edition_of
from core.models import AuditEntry
from core.payloads import Payload, changed
from inventory import actions, panels
from inventory.attached import Attached, differ
from inventory.desk_views import DESK, Waiting, districts_of
from inventory.differences import (
    NAMES,
    Compared,
    Joined,
    Reader,
    changed_questions,
    compared,
    flat,
    joined,
    shown,
    told_changes,
)
from inventory.draft_forms import payload_of
from inventory.models import Comment, Draft, Project, Submission
from inventory.models.drafts import first
from inventory.questions import STEPS, question_of
from inventory.review_forms import CommentForm, DeclineDraftForm, PublishForm, ReturnForm
from inventory.search import KIND
from inventory.views import catalogue_of
from people import roles
from people.history import Line
from people.history_views import only_for
from people.models import User, audiences_of
from people.views import known_user
from search.alike import alike

State = Draft.State
MOST_ALIKE = 5
SOMEBODY_SAVED = (
    "Svaren har ändrats sedan du öppnade sidan. Inget är publicerat. Läs dem igen här nedanför."
)
NOT_KEPT = "Kommentaren är inte sparad: utkastet ligger inte längre för granskning."
WITHDRAWN = (
    "Projektet är avpublicerat, så ändringen kan inte publiceras. Visa det igen i redaktörernas"
    " verktyg först, eller avböj ändringen."
)


# --- One draft ----------------------------------------------------------------------------------


def handed_in(request: HttpRequest, pk: int) -> tuple[Draft, User]:
    """What was ever handed in, and who reviews. Raises Http404 for all else and for others."""
    user = only_for(request, roles.REVIEW)
    drafts = Draft.objects.select_related("unit", "project__lead", "claimed_by")
    return get_object_or_404(drafts, pk=pk, submitted_at__isnull=False), user


class Reviewed:
    """A draft beside what is published."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.mine = shown(draft)
        self.is_revision = bool(draft.base)
        self.union: Joined | None = None
        self.before: Payload = draft.base
        if draft.is_open and draft.project is not None:
            self.before = payload_of(draft.project)
            self.union = joined(self.mine, draft.base, self.before)

    @cached_property
    def standing(self) -> Reader:
        """The answers as they would be published; of what is disputed, what is published."""
        return Reader(self.union.payload if self.union else self.mine)

    @cached_property
    def new(self) -> Reader:
        """The answers as the unit wants them."""
        if not self.disputed:
            return self.standing
        wanted = joined(self.mine, self.draft.base, self.before, take=self.disputed)
        return Reader(wanted.payload)

    @cached_property
    def old(self) -> Reader:
        """The answers as they are published; before a revision, where it is done."""
        return Reader(self.before)

    @property
    def disputed(self) -> list[str]:
        """The names that were changed on both sides."""
        return self.union.disputed if self.union else []

    @cached_property
    def questions(self) -> list[Compared]:
        """All of them, in order."""
        if not self.is_revision:
            return compared(Reader({}), self.new, ())
        if self.union is None:
            names = changed(flat(self.before), flat(self.mine))
        else:
            names = [*self.union.names, *self.disputed]
        return compared(self.old, self.new, names, self.disputed)

    @property
    def labels(self) -> dict[str, str]:
        """Disputed name → what it is called."""
        found = {}
        for name in self.disputed:
            question = question_of(name)
            assert question is not None  # noqa: S101 - each name is asked for by one
            own = self.new.answers.form.fields.get(name)
            several = own is not None and len(question.names) > 1
            found[name] = f"{question.label} {own.label}" if several and own else question.label
        return found

    def publish_form(self, data: QueryDict | None = None) -> PublishForm:
        """The form that publishes."""
        version = self.draft.version
        return PublishForm(data, version=version, union=self.union, labels=self.labels)


def review_page(
    request: HttpRequest,
    draft: Draft,
    *,
    status: int = 200,
    sentence: str = "",
    typed: str = "",
    failed: forms.Form | None = None,
    reviewed: Reviewed | None = None,
) -> HttpResponse:
    """The page; with the form that `failed` as it was typed, or a sentence on what went wrong.

    `typed` is what was written in a form that is not there any more.
    """
    page = reviewed or Reviewed(draft)
    comments: dict[str, list[Comment]] = {}
    for each in draft.comments.select_related("written_by", "answered_by"):
        comments.setdefault(each.question, []).append(each)
    opened = uuid.uuid4().hex
    is_waiting = draft.state == State.SUBMITTED

    def told(key: str) -> dict[str, Any]:
        form: forms.Form = CommentForm(question=key, opened=opened)
        is_open = isinstance(failed, CommentForm) and failed.cleaned_data.get("question", "") == key
        if is_open and failed is not None:
            form = failed
        return {
            "comments": comments.get(key, []),
            "form": form if is_waiting or is_open else None,
            "open": is_open,
        }

    rows = {row.question.key: {"row": row} | told(row.question.key) for row in page.questions}
    has_comments = any(not each.answer for found in comments.values() for each in found)
    submissions = list(draft.submissions.select_related("submitted_by"))
    last = submissions[-1] if submissions else None
    unchanged = [item for item in rows.values() if not item["row"].is_changed]
    lacking = page.standing.answers.lacking() if is_waiting else []
    anchors = {lack.anchor for lack in lacking}
    context = {
        "draft": draft,
        "title": first(page.mine, "title") or "Utan namn",
        "page": page,
        "is_waiting": is_waiting,
        "is_shown_as_handed_in": draft.is_open and not is_waiting,
        "corrected": changed_questions(last.payload, draft.payload) if last and is_waiting else [],
        "last": last,
        "district": districts_of([draft]).get(draft.unit_id, ""),
        "days": Waiting(draft, "", draft.submitted_at).days,
        "is_mine": draft.claimed_by_id == known_user(request).pk,
        "changed": [row for row in rows.values() if row["row"].is_changed],
        "unchanged": unchanged,
        "open_unchanged": any(
            item["comments"] or item["open"] or item["row"].anchor in anchors for item in unchanged
        ),
        "steps": [
            (step, *apart([rows[each.key] for each in step.questions], anchors)) for step in STEPS
        ],
        "whole": told(""),
        "lacking": lacking,
        "attached": Attached.handed_in(draft),
        "named": draft.inspired_by.all(),
        "akin": akin(request, draft, page.mine),
        "submissions": [
            (
                each,
                told_since(submissions[place - 1], each) if place else None,
            )
            for place, each in enumerate(submissions)
        ],
        "lines": [Line(entry) for entry in AuditEntry.about(draft).select_related("by")],
        "return_form": ReturnForm(has_comments=has_comments),
        "decline_form": DeclineDraftForm(),
        "publish_form": page.publish_form(),
        "old_name": "Publicerat nu" if draft.is_open else "Före ändringen",
        "sentence": sentence,
        "typed": typed,
        "failed": failed,
    }
    for name, kind in (
        ("return_form", ReturnForm),
        ("decline_form", DeclineDraftForm),
        ("publish_form", PublishForm),
    ):
        if isinstance(failed, kind):
            context[name] = failed
    return render(request, "inventory/review/review.html", context, status=status)


def told_since(before: Submission, after: Submission) -> list[str]:
    """What was changed from one submission to the next."""
    files = ["Filer"] if differ(before, after) else []
    return changed_questions(before.payload, after.payload) + files


def apart(items: list[dict[str, Any]], anchors: set[str]) -> tuple[list[Any], list[Any]]:
    """What there is something to say of, and questions that nobody had to answer or talks of."""
    spoken = [
        item
        for item in items
        if item["row"].new or item["comments"] or item["open"] or item["row"].anchor in anchors
    ]
    return spoken, [item for item in items if item not in spoken]


def akin(request: HttpRequest, draft: Draft, payload: Payload) -> list[Any]:
    """Rows of published projects like it."""
    facets, audiences = catalogue_of(request), audiences_of(request.user)
    text = f"{first(payload, 'title')} {first(payload, 'plain_summary')}"
    own = facets.visible(draft.project.public_id, audiences) if draft.project else None
    keys = [
        key
        for key in alike(text, audiences, edition_of(request)[0], kind=KIND)
        if facets.shows(key, audiences) and not (own and key == own.pk)
    ]
    return panels.rows(facets, keys[:MOST_ALIKE])


@login_required
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """All that a curator needs to decide."""
    draft, _ = handed_in(request, pk)
    return review_page(request, draft)


def too_late(request: HttpRequest, draft: Draft, user: User, to: State | None) -> HttpResponse:
    """Somebody was first: 409 with what stands now. Who clicked twice goes on as after once."""
    draft, _ = handed_in(request, draft.pk)
    moved = AuditEntry.about(draft).exclude(to_state="").select_related("by").first()
    if to is not None and draft.state == to and moved is not None and moved.by == user:
        return redirect(DESK)
    who = str(moved.by) if moved and moved.by else "någon"
    now = State(draft.state).label.lower()
    sentence = f"Det gick inte. {who} hann före, och läget är nu: {now}."
    typed = request.POST.get("reason", "")
    return review_page(request, draft, status=409, sentence=sentence, typed=typed)


@login_required
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it; also from the one who had it as the page was read."""
    draft, user = handed_in(request, pk)
    had = request.POST.get("hade", "")
    if draft.claimed_by_id != user.pk and had != str(draft.claimed_by_id or ""):
        sentence = f"{draft.claimed_by or 'Någon annan'} hann före med att ta eller släppa det."
        return review_page(request, draft, status=409, sentence=sentence)
    try:
        actions.claim(draft=draft, by=user)
    except actions.NotAllowedMove:
        return too_late(request, draft, user, None)
    messages.success(request, "Du granskar nu utkastet. De andra ser det i kön.")
    return redirect("inventory:review", pk)


@login_required
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody else take it."""
    draft, user = handed_in(request, pk)
    actions.release(draft=draft, by=user)
    messages.success(request, "Du har släppt utkastet. Det står kvar i kön.")
    return redirect("inventory:review", pk)


@login_required
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a comment to a question, or to the whole."""
    draft, user = handed_in(request, pk)
    known = question_of(request.POST.get("question", ""))
    form = CommentForm(request.POST, question=known.key if known else "")
    if not form.is_valid():
        return review_page(request, draft, status=422, failed=form)
    key = form.cleaned_data["question"]
    try:
        actions.comment(
            draft=draft,
            question=key,
            text=form.cleaned_data["text"],
            by=user,
            key=form.key(draft.pk),
        )
    except actions.NotAllowedMove:
        form.add_error(
            None, "Kommentaren är inte sparad: utkastet ligger inte längre för granskning."
        )
        return review_page(request, draft, status=409, failed=form)
    messages.success(request, "Kommentaren är sparad. Enheten ser den när du återsänder.")
    return redirect(f"{reverse('inventory:review', args=[pk])}#fraga-{key or 'helheten'}")


@login_required
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Return it to its unit with the comments."""
    draft, user = handed_in(request, pk)
    form = ReturnForm(request.POST, has_comments=draft.comments.filter(answer="").exists())
    if draft.state != State.SUBMITTED:
        return too_late(request, draft, user, State.RETURNED)
    if not form.is_valid():
        return review_page(request, draft, status=422, failed=form)
    try:
        actions.give_back(draft=draft, reason=form.cleaned_data["reason"], by=user)
    except actions.NotAllowedMove:
        return too_late(request, draft, user, State.RETURNED)
    messages.success(request, f"”{draft.title}” är återsänt. Enheten har fått ett mejl.")
    return redirect(DESK)


@login_required
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Decline it for good."""
    draft, user = handed_in(request, pk)
    form = DeclineDraftForm(request.POST)
    if draft.state != State.SUBMITTED:
        return too_late(request, draft, user, State.DECLINED)
    if not form.is_valid():
        return review_page(request, draft, status=422, failed=form)
    try:
        actions.decline(draft=draft, reason=form.cleaned_data["reason"], by=user)
    except actions.NotAllowedMove:
        return too_late(request, draft, user, State.DECLINED)
    messages.success(request, f"”{draft.title}” är avböjt. Enheten har fått skälet i ett mejl.")
    return redirect(DESK)


@login_required
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish it, joined with what was changed in the published project meanwhile."""
    draft, user = handed_in(request, pk)
    if draft.state != State.SUBMITTED:
        return too_late(request, draft, user, State.PUBLISHED)
    try:
        with transaction.atomic():
            return _publish(request, draft, user)
    except actions.OldVersion:
        draft, _ = handed_in(request, pk)
        return review_page(request, draft, status=409, sentence=SOMEBODY_SAVED)
    except actions.NotAllowedMove:
        return too_late(request, draft, user, State.PUBLISHED)


def _publish(request: HttpRequest, draft: Draft, user: User) -> HttpResponse:
    if draft.project is not None:
        # What is compared is what is written upon.
        draft.project = Project.objects.select_for_update().get(pk=draft.project.pk)
        if draft.project.withdrawn_at:
            return review_page(request, draft, status=409, sentence=WITHDRAWN)
    page = Reviewed(draft)
    form = page.publish_form(request.POST)
    if not form.is_valid():
        form.read_again()
        return review_page(request, draft, status=422, failed=form, reviewed=page)
    if form.cleaned_data["version"] != draft.version:
        raise actions.OldVersion(str(draft.pk))
    union = None
    if page.union is not None:
        union = joined(page.mine, draft.base, page.before, take=form.taken)
    reader = Reader(union.payload if union else page.mine, page.draft.base)
    if reader.answers.lacking():
        form.add_error(None, "Inget är publicerat. Något saknas eller är fel: se listan nedanför.")
        return review_page(request, draft, status=422, failed=form, reviewed=page)
    names = union.names if union else list(NAMES)
    actions.publish_draft(
        draft=draft,
        clean=reader.answers.clean(),
        names=names,
        version=draft.version,
        changes=told_changes(page.old, reader, names) if union else {},
        by=user,
    )
    messages.success(request, f"”{draft.title}” är publicerat. Enheten har fått ett mejl.")
    return redirect(DESK)
