"""Following, what one follows and how often one is told, and the way out without a login."""

import re
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.defaultfilters import date
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.views.decorators.csrf import csrf_exempt

from core.converters import NumberConverter
from core.errors import NotHere
from core.keeping import edition_of
from inventory import actions
from inventory.export_views import FILES
from inventory.filters import ProjectFilter
from inventory.following import Followed, followed, heirs_of, understood
from inventory.forms import FollowForm, FrequencyForm
from inventory.models import DigestSetting, Follow, Frequency
from inventory.views import asked, catalogue_of, visible_project
from people.actions import DISTRICT_FACET
from people.views import known_user

PROJECT = "projekt"


@login_required
def follow(request: HttpRequest) -> HttpResponse:
    """A page that says what will be followed, and what that gives; its button follows."""
    wanted = None if PROJECT in request.GET else asked(request)
    if wanted and wanted.form.errors:
        return FILES.not_understood(wanted)
    subject = to_follow(request, wanted)
    form = FollowForm(
        request.POST if request.method == "POST" else None,
        query=subject.follow.query,
        words=str(wanted.values.get("q") or "") if wanted else "",
    )
    if request.method == "POST" and form.is_valid():
        user = known_user(request)
        try:
            _, new = actions.follow(
                query=subject.follow.query, project=subject.follow.project, by=user
            )
        except actions.TooManyFollows:
            form.add_too_many()
        else:
            name = Truncator(subject.label).chars(150)
            told = "Nu följer du" if new else "Du följer redan"
            messages.success(request, f"{told} ”{name}”. {when_told(setting_of(request))}")
            return redirect("inventory:following")
    context = {"subject": subject, "form": form, "setting": setting_of(request)}
    status = 422 if form.errors else 200
    return render(request, "inventory/follow.html", context, status=status)


def to_follow(request: HttpRequest, wanted: ProjectFilter | None) -> Followed:
    """What the address names, not yet followed.

    Raises Http404 or Gone as the project's own page, NotHere where nothing was chosen.
    """
    if wanted is None:
        number = request.GET[PROJECT]
        if not re.fullmatch(NumberConverter.regex, number):
            raise Http404
        project = visible_project(request, int(number))
        return Followed(Follow(project=project), project.title, project.get_absolute_url())
    if not wanted.subject:
        raise NotHere(
            "Här finns inget att följa. Välj först ett projekt, eller något i inventeringens"
            " filter.",
            (reverse("inventory:list"), "Välj i inventeringen"),
        )
    chosen = QueryDict(wanted.subject).getlist(DISTRICT_FACET)
    return understood(
        Follow(query=wanted.subject),
        shown=catalogue_of(request),
        audiences=wanted.audiences,
        heirs=heirs_of(chosen) if chosen else {},
    )


def setting_of(request: HttpRequest) -> DigestSetting:
    """How often the visitor gets digests; what is proposed, unsaved, before she has chosen."""
    user = known_user(request)
    return DigestSetting.objects.filter(user=user).first() or DigestSetting(user=user)


def when_told(setting: DigestSetting) -> str:
    """When the next digest comes, in a sentence."""
    if setting.next_on is None:
        return "Du får inga mejl om det, för du har valt ”Aldrig”."
    if setting.next_on <= timezone.localdate():
        return "Nästa mejl kommer inom kort, om något nytt har kommit."
    return f"Nästa mejl kommer {date(setting.next_on, 'l j F')}, om något nytt har kommit."


@login_required
def following(request: HttpRequest) -> HttpResponse:
    """What one follows, how often one is told, and exactly what is sent."""
    setting = setting_of(request)
    form = FrequencyForm(
        request.POST if request.method == "POST" else None,
        initial={"frequency": setting.frequency},
    )
    if request.method == "POST" and form.is_valid():
        user = known_user(request)
        actions.change_frequency(user=user, frequency=form.cleaned_data["frequency"], by=user)
        messages.success(request, f"Ditt val är sparat. {when_told(setting_of(request))}")
        return redirect("inventory:following")
    context = {
        "mine": followed(known_user(request), edition_of(request)[0]),
        "setting": setting,
        "when": when_told(setting),
        "form": form,
        "most": Follow.MOST,
    }
    status = 422 if form.errors else 200
    return render(request, "inventory/following.html", context, status=status)


@login_required
def unfollow(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop following something; one's own only."""
    user = known_user(request)
    mine = Follow.objects.filter(pk=pk, user=user).first()
    if mine is None:
        raise NotHere(
            "Det här följer du inte längre.", (reverse("inventory:following"), "Det du följer")
        )
    actions.unfollow(follow=mine, by=user)
    messages.success(request, "Nu följer du inte det längre.")
    return redirect("inventory:following")


@csrf_exempt
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """A page whose button ends the digests; a POST from a mail program does it at once (RFC 8058).

    The token is what a login and a form's cookie are elsewhere.
    """
    setting = DigestSetting.of_token(token)
    if setting is None:
        raise NotHere(
            "Länken går inte att använda. Logga in, så kan du ändra hur ofta du får mejl.",
            (reverse("inventory:following"), "Det du följer"),
        )
    before = setting.frequency
    is_mine = request.user.pk == setting.pk
    if request.method == "POST":
        by = known_user(request) if is_mine else None
        actions.change_frequency(
            user=setting.user, frequency=Frequency.NEVER, by=by, reason="Länken i ett utskick."
        )
    context = {
        "ended": request.method == "POST" or before == Frequency.NEVER,
        # Offered where she can take it back at once; a page that is only read holds no such form.
        "undo": before if is_mine and request.method == "POST" else "",
    }
    return render(request, "inventory/unsubscribe.html", context)


def my_following(request: HttpRequest) -> dict[str, Any]:
    """What the panel on "Mina sidor" shows."""
    count = Follow.objects.filter(user=known_user(request)).count()
    return {"count": count, "when": when_told(setting_of(request)) if count else ""}
