""" "Vi vill göra likadant": said for one of one's units, and later told how it went."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from inventory import actions, rules
from inventory.adoption_forms import AdoptForm, HowItWentForm
from inventory.draft_alike_views import reused
from inventory.emails import relay_of
from inventory.models import Adoption, HowItWent
from inventory.views import visible_project
from people import roles
from people.models import audiences_of
from people.views import known_user


@login_required
def adopt(request: HttpRequest, public_id: int, slug: str) -> HttpResponse:
    """Say for a unit that it wants to do as this project did; a draft begins, the owner is told."""
    project = visible_project(request, public_id)
    user = known_user(request)
    units = rules.units_of(user).exclude(pk__in=[owner.pk for owner in project.owners])
    if not units:
        return render(request, "inventory/adopt.html", {"project": project}, status=403)
    form = AdoptForm(request.POST or None, units=units)
    if request.method == "POST" and form.is_valid():
        unit = form.cleaned_data["unit"]
        payload = reused({"title": [project.title], "kind": [project.kind]}, project)
        adoption, new = actions.adopt(
            project=project, unit=unit, text=form.cleaned_data["text"], payload=payload, by=user
        )
        if new:
            told = "Vi har skrivit till dem. Här är ert utkast, med det som går att återanvända."
            messages.success(request, told)
        else:
            messages.info(request, f"{unit} har redan sagt det. Inget mejl skickades.")
        if adoption.draft_id:
            return redirect("inventory:draft", adoption.draft_id)
        return redirect(project)
    context = {
        "project": project,
        "function": relay_of(project).function,
        "form": form,
        "said": Adoption.objects.filter(project=project, unit__in=units).select_related("unit"),
    }
    status = 422 if form.errors else 200
    return render(request, "inventory/adopt.html", context, status=status)


@login_required
def how_it_went(request: HttpRequest, pk: int) -> HttpResponse:
    """The unit that was asked tells how it went; it can tell again."""
    asked = HowItWent.objects.select_related("adoption__project", "adoption__unit")
    question = get_object_or_404(asked, pk=pk)
    user = known_user(request)
    if not roles.may(user, roles.WRITE_DRAFT, question.adoption.unit):
        raise Http404
    form = HowItWentForm(request.POST or None, instance=question)
    if request.method == "POST" and form.is_valid():
        actions.answer_how_it_went(
            question=HowItWent.objects.get(pk=pk),
            answer=form.cleaned_data["answer"],
            text=form.cleaned_data["text"],
            by=user,
        )
        messages.success(request, "Tack. Vi har berättat det för dem som gjorde det före er.")
        return redirect("my-pages")
    context = {
        "question": question,
        "adoption": question.adoption,
        "project": question.adoption.project_shown_to(audiences_of(user)),
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "inventory/how_it_went.html", context, status=status)
