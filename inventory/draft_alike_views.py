""" "Finns det redan?": what is like a draft in other districts, and what its unit makes of it."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from core.errors import forbidden
from core.keeping import edition_of
from core.payloads import Payload, answer
from inventory import actions
from inventory.draft_access import FORM, for_account, seen_draft
from inventory.draft_forms import payload_of
from inventory.emails import relay_of
from inventory.models import Draft, Project
from inventory.models.drafts import first
from inventory.search import KIND
from inventory.submit_forms import AlikeForm
from people import roles
from people.models import Organisation, audiences_of
from people.views import known_user
from search.alike import alike
from search.facets import entries_by_key

MOST_ALIKE = 5
# Of so many that are alike, those of other districts are shown.
MOST_FOUND = 40
# What one that is reused has in common with the new one; figures and results are its own.
REUSED = (
    *("need", "rationale", "themes", "service_areas", "interventions", "target_groups"),
    *("activities", "methods", "instruments", "staff_roles", "setting", "dose"),
    *("user_involvement", "user_involvement_text"),
)


@for_account(*FORM)
def draft_alike(request: HttpRequest, pk: int) -> HttpResponse:
    """What is like it elsewhere, with whom to ask; the unit answers reuse, adapt or new."""
    seen = seen_draft(request, pk)
    if not seen.mine:
        return forbidden(request)
    draft, user = seen.draft, known_user(request)
    visible = Project.objects.visible_to(audiences_of(user)).select_related("lead")
    chosen = list(draft.inspired_by.select_related("lead"))
    shown = [*chosen, *(each for each in nearest(request, draft, visible) if each not in chosen)]
    form = AlikeForm(
        request.POST or None,
        projects=visible.filter(pk__in=[project.pk for project in shown]),
        alike=shown,
        initial={
            "choice": draft.choice,
            "projects": [project.pk for project in chosen],
            "reason": draft.choice_reason,
        },
    )
    status = 200
    if request.method == "POST":
        status = 422
        if not seen.writes:
            status = 409
        elif form.is_valid():
            answer_alike(request, draft, form)
            return redirect("inventory:draft", pk)
    context = {
        "draft": draft,
        "form": form,
        "alike": [(project, relay_of(project)) for project in shown],
        "writes": seen.writes,
        "sees_mailboxes": roles.may(user, roles.READ_STAFF),
    }
    return render(request, "inventory/draft/alike.html", context, status=status)


def nearest(request: HttpRequest, draft: Draft, visible: QuerySet[Project]) -> list[Project]:
    """The projects of other districts most like it, the nearest first."""
    text = f"{first(draft.payload, 'title')}\n{first(draft.payload, 'plain_summary')}"
    keys = alike(text, audiences_of(request.user), edition_of(request)[0], kind=KIND)
    numbers = [entry.object_id for entry in entries_by_key(keys[:MOST_FOUND])]
    own = Organisation.objects.filter(covered_by__ancestor__in=district_of(draft.unit))
    found = {
        project.public_id: project
        for project in visible.filter(public_id__in=numbers)
        .exclude(pk=draft.project_id or 0)
        .exclude(lead__in=own)
    }
    return [found[number] for number in numbers if number in found][:MOST_ALIKE]


def district_of(unit: Organisation) -> QuerySet[Organisation]:
    """The districts that cover a unit, or the unit itself."""
    above = Organisation.objects.filter(covers__descendant=unit)
    districts = above.filter(kind=Organisation.Kind.DISTRICT)
    return districts if districts.exists() else Organisation.objects.filter(pk=unit.pk)


def answer_alike(request: HttpRequest, draft: Draft, form: AlikeForm) -> None:
    """Keep the answer; copy what is reused to where nothing is answered yet."""
    chosen = form.cleaned_data["choice"]
    projects = list(form.cleaned_data["projects"])
    reuses = chosen == Draft.Choice.REUSE
    for _ in range(actions.MOST_TRIES):
        payload = reused(draft.payload, projects[0]) if reuses else draft.payload
        try:
            actions.choose(
                draft=draft,
                choice=chosen,
                reason=form.cleaned_data["reason"],
                projects=projects,
                payload=payload,
                version=draft.version,
                by=known_user(request),
            )
        except actions.OldVersion:
            draft.refresh_from_db()
            if draft.state not in Draft.WRITABLE:
                break
        else:
            told = "Svaret är sparat."
            if reuses:
                told += f" Det som går att återanvända ur ”{projects[0]}” står nu i utkastet."
            messages.success(request, told)
            return
    messages.error(request, "Svaret är inte sparat: någon annan ändrade utkastet. Försök igen.")


def reused(payload: Payload, project: Project) -> Payload:
    """The answers with what can be reused of a project, where nothing is answered yet."""
    theirs = payload_of(Project.objects.with_everything().get(pk=project.pk))
    copied = {
        name: values
        for name, values in theirs.items()
        if (name in REUSED or _is_what_is_counted(name)) and not answer(payload, name)
    }
    if any(name.startswith("measures-") for name in payload):
        copied = {name: values for name, values in copied.items() if name in REUSED}
    return payload | copied


def _is_what_is_counted(name: str) -> bool:
    return name.startswith("measures-") and name.endswith(("-goal", "-indicator", "-unit"))
