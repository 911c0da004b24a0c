"""A unit's drafts: the list, a new one, where one stands, and what becomes of it."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from core.drafting import digest, whole
from core.errors import NotHere, forbidden
from inventory import actions, rules
from inventory.attached import Attached
from inventory.draft_access import BUTTON, FORM, READ, Seen, for_account, seen_draft
from inventory.draft_forms import Answers, payload_of
from inventory.models import Comment, Draft, Project
from inventory.questions import STEPS, question_of
from inventory.submit_forms import CommentAnswerForm, NewDraftForm, UnitRulesForm
from inventory.views import visible_project
from people import roles
from people.models import Organisation, audiences_of
from people.views import known_user

MOST_DONE = 20
MOST_PUBLISHED = 200
MOST_IN_PANEL = 10
# Under which heading of the list a draft stands that is not done.
BY_PLACE = (
    ("Redaktionen har kommenterat", (Draft.State.RETURNED,)),
    ("Ni skriver på", (Draft.State.WRITING,)),
    ("Hos chefen", (Draft.State.WITH_MANAGER,)),
    ("Hos redaktionen", (Draft.State.SUBMITTED,)),
)
# When a unit reads what curators have said; otherwise only what it has answered already.
COMMENTS_READ = (Draft.State.RETURNED, Draft.State.PUBLISHED, Draft.State.DECLINED)
CHANGED = (
    "Någon har ändrat utkastet medan du läste. Läs igenom det och tryck på Lämna in igen.",
    "Utkastet är inte längre där det var. Så här står det nu.",
)


@for_account(*READ)
def drafts(request: HttpRequest) -> HttpResponse:
    """What one's units write and have published, and how to begin."""
    user = known_user(request)
    mine = rules.drafts_of(user).select_related("unit", "project")
    managed = Organisation.objects.filter(
        pk__in=roles.organisations_where(user, roles.APPROVE_DRAFT), valid_to=None
    )
    on_the_way = list(mine.open())
    context = {
        "open": [
            (heading, [each for each in on_the_way if each.state in states])
            for heading, states in BY_PLACE
        ],
        "any_open": bool(on_the_way),
        "done": mine.exclude(state__in=Draft.OPEN)[:MOST_DONE],
        "published": rules.projects_of(user)[:MOST_PUBLISHED],
        "units": rules.units_of(user),
        "managed": managed.select_related("inventory_rules").alphabetical(),
    }
    return render(request, "inventory/draft/list.html", context)


def my_drafts(request: HttpRequest) -> dict[str, Any] | None:
    """What the panel on "Mina sidor" shows; None for who belongs to no unit."""
    user = known_user(request)
    if not rules.units_of(user).exists():
        return None
    mine = rules.drafts_of(user).open().select_related("unit", "project")
    approves = roles.organisations_where(user, roles.APPROVE_DRAFT)
    for_me = Q(state=Draft.State.RETURNED) | Q(state=Draft.State.WITH_MANAGER, unit__in=approves)
    return {
        "open": mine[:MOST_IN_PANEL],
        "waiting": mine.filter(for_me)[:MOST_IN_PANEL],
        "published": rules.projects_of(user)[:MOST_IN_PANEL],
    }


@for_account(*FORM)
def unit_rules(request: HttpRequest, slug: str) -> HttpResponse:
    """Whether the unit's manager reads first what is handed in; for the manager alone."""
    user = known_user(request)
    unit = get_object_or_404(Organisation, slug=slug)
    if not roles.may(user, roles.APPROVE_DRAFT, unit):
        raise Http404
    if request.method == "POST":
        form = UnitRulesForm(request.POST)
        form.is_valid()  # a box that is ticked or not
        actions.set_rules(unit=unit, by=user, **form.cleaned_data)
        messages.success(request, f"Sparat: {unit}.")
        return redirect("inventory:drafts")
    kept = getattr(unit, "inventory_rules", None)
    form = UnitRulesForm(initial={"manager_approves": bool(kept and kept.manager_approves)})
    return render(request, "inventory/draft/rules.html", {"unit": unit, "form": form})


@for_account(*FORM)
def draft_new(request: HttpRequest) -> HttpResponse:
    """Begin a draft; then, whether it exists already."""
    user = known_user(request)
    units = rules.units_of(user)
    if not units.exists():
        return forbidden(request)
    form = NewDraftForm(request.POST or None, units=units)
    if request.method == "POST" and form.is_valid():
        draft = actions.begin(
            unit=form.cleaned_data["unit"], payload=form.payload, by=user, key=form.key(user)
        )
        return redirect("inventory:draft-alike", draft.pk)
    context = {"form": form, "several": len(units) > 1}
    return render(request, "inventory/draft/new.html", context, status=422 if form.errors else 200)


@for_account(*READ)
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the draft stands, and what can be done; with `saknas` what is missing."""
    return overview(request, seen_draft(request, pk), missing="saknas" in request.GET)


def overview(
    request: HttpRequest, seen: Seen, *, missing: bool = False, status: int = 200
) -> HttpResponse:
    """A draft's page."""
    draft, user = seen.draft, known_user(request)
    answers = Answers.of(draft)
    lacking = answers.lacking()
    counted = Counter(lack.step.key for lack in lacking)
    comments = draft.comments.all()
    if draft.state not in COMMENTS_READ:
        comments = comments.exclude(answer="")
    waits_for_manager = draft.state == Draft.State.WITH_MANAGER
    context = {
        "draft": draft,
        "mine": seen.mine,
        "writes": seen.writes,
        "steps": [(step, counted[step.key]) for step in STEPS],
        "lacking": lacking if missing else [],
        "lacks_choice": lacks_choice(draft),
        "next": lacking[0].step if lacking else None,
        "ready": not lacking and not lacks_choice(draft),
        "missing": missing,
        "told": None if seen.mine and seen.writes else told(answers),
        "comments": [(each, question_of(each.question)) for each in comments],
        "approves": waits_for_manager and rules.may_approve(user, draft),
        "projects": draft.inspired_by.visible_to(audiences_of(user)).select_related("lead"),
        "attached": (Attached.of if seen.mine else Attached.handed_in)(draft),
    }
    return render(request, "inventory/draft/draft.html", context, status=status)


def lacks_choice(draft: Draft) -> bool:
    """Whether "Finns det redan?" is still to be answered."""
    return not draft.choice and not draft.is_revision


def told(answers: Answers) -> list[tuple[str, list[Any]]]:
    """All answers to be read, step by step."""
    steps = []
    for step in STEPS:
        questions = [(question, answers.told(question)) for question in step.questions]
        steps.append((step.label, [each for each in questions if each[1]]))
    return steps


def only_mine(request: HttpRequest, pk: int) -> Seen | None:
    """The draft of one's own unit; None for who sees it and may do nothing with it."""
    seen = seen_draft(request, pk)
    return seen if seen.mine else None


@for_account(*BUTTON)
def draft_submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand it in, or to the manager; the manager approves in the same way. Once, however often."""
    seen = only_mine(request, pk)
    if seen is None:
        return forbidden(request)
    draft, user = seen.draft, known_user(request)
    if draft.state not in (*Draft.WRITABLE, Draft.State.WITH_MANAGER):
        messages.info(request, CHANGED[1])
        return redirect("inventory:draft", pk)
    if Answers.of(draft).lacking() or lacks_choice(draft):
        return overview(request, seen, missing=True, status=422)
    try:
        actions.submit(
            draft=draft,
            version=whole(request.POST.get("version", "")),
            by=user,
            approves=rules.may_approve(user, draft),
        )
    except actions.OldVersion:
        messages.error(request, CHANGED[0])
    except actions.NotAllowedMove:
        messages.info(request, CHANGED[1])
    else:
        sent = draft.state == Draft.State.SUBMITTED
        messages.success(
            request,
            "Inlämnat. Redaktionen läser och hör av sig."
            if sent
            else "Lämnat till enhetens chef, som läser och godkänner.",
        )
    return redirect("inventory:draft", pk)


@for_account(*BUTTON)
def draft_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Write on in what waits for a manager or a curator."""
    seen = only_mine(request, pk)
    if seen is None:
        return forbidden(request)
    try:
        actions.take_back(draft=seen.draft, by=known_user(request))
    except actions.NotAllowedMove:
        messages.info(request, CHANGED[1])
    else:
        messages.success(request, "Ni har tagit tillbaka utkastet och kan skriva i det igen.")
    return redirect("inventory:draft", pk)


@for_account(*FORM)
def draft_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw it away, after a question; what was handed in is kept."""
    seen = only_mine(request, pk)
    if seen is None:
        return forbidden(request)
    draft = seen.draft
    can = draft.state == Draft.State.WRITING and not draft.submissions.exists()
    if request.method != "POST":
        if not can:
            return redirect("inventory:draft", pk)
        return render(request, "inventory/draft/discard.html", {"draft": draft})
    try:
        if not can:
            raise actions.NotAllowedMove
        actions.discard(draft=draft, by=known_user(request))
    except actions.NotAllowedMove:
        messages.info(request, "Det som har lämnats in sparas och kan inte kastas.")
        return redirect("inventory:draft", pk)
    messages.success(request, "Utkastet är kastat.")
    return redirect("inventory:drafts")


@for_account(*FORM)
def comment_answer(request: HttpRequest, pk: int, comment: int) -> HttpResponse:
    """Answer a curator's comment, while the draft is with its unit."""
    seen = only_mine(request, pk)
    if seen is None:
        return forbidden(request)
    found = get_object_or_404(Comment, pk=comment, draft=seen.draft)
    if seen.draft.state not in COMMENTS_READ and not found.answer:
        raise Http404
    open_now = seen.draft.state == Draft.State.RETURNED
    form = CommentAnswerForm(request.POST or None, initial={"answer": found.answer})
    if request.method == "POST" and open_now and form.is_valid():
        if form.cleaned_data["answer"] != found.answer:
            actions.answer_comment(
                comment=found, text=form.cleaned_data["answer"], by=known_user(request)
            )
        messages.success(request, "Svaret är sparat.")
        return redirect(reverse("inventory:draft", args=[pk]) + f"#kommentar-{found.pk}")
    context = {
        "draft": seen.draft,
        "comment": found,
        "question": question_of(found.question),
        "form": form,
        "open_now": open_now,
    }
    closed = 409 if request.method == "POST" else 200
    status = (422 if form.errors else 200) if open_now else closed
    return render(request, "inventory/draft/comment.html", context, status=status)


@for_account(*FORM)
def revise(request: HttpRequest, public_id: int, slug: str) -> HttpResponse:
    """Begin a revision of what one's unit has published; there is one at a time."""
    user = known_user(request)
    project = visible_project(request, public_id)
    unit = rules.revising_unit(user, project)
    if unit is None:
        raise Http404
    there = Draft.objects.open().filter(project=project).select_related("unit").first()
    if request.method != "POST":
        context = {"project": project, "unit": unit, "there": there}
        return render(request, "inventory/draft/revise.html", context)
    begun = there or _begin_revision(request, project, unit)
    if not rules.drafts_of(user).filter(pk=begun.pk).exists():
        raise NotHere(
            f"{begun.unit} håller redan på att ändra det här. Hör av dig till dem.",
            (project.get_absolute_url(), project.title),
        )
    return redirect("inventory:draft", begun.pk)


def _begin_revision(request: HttpRequest, project: Project, unit: Organisation) -> Draft:
    project = Project.objects.with_everything().get(pk=project.pk)
    last = Draft.objects.filter(project=project).count()
    return actions.begin(
        unit=unit,
        payload=payload_of(project),
        by=known_user(request),
        key=digest("andra", project.pk, last),
        project=project,
        inspired_by=project.inspired_by.all(),
    )
