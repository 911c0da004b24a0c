"""The moderation desk: what visitors have sent in waits here, oldest first.

Methods: library.urls. Whoever may not moderate finds nothing here.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from core.models import AuditEntry
from core.pages import Pages
from library import actions
from library.gap_forms import GapForm
from library.models import Gap, StoryOffer, Voice
from library.moderation_forms import AnsweredForm, AskForm, DeclineForm, MergeForm
from people import roles
from people.history import Line
from people.history_views import only_for
from people.models import User

PER_PAGE = 25
DESK = "library:moderation"
ACCEPTED_VOICES = "godtagna"


# --- The desk -------------------------------------------------------------------------------------


@login_required
def desk(request: HttpRequest) -> HttpResponse:
    """All that waits, oldest first; or with `visa`, the voices that readers see."""
    only_for(request, roles.MODERATE)
    shows_voices = request.GET.get("visa") == ACCEPTED_VOICES
    found = _accepted_voices() if shows_voices else _waiting()

    def address(change: Callable[[QueryDict], Any]) -> str:
        params = QueryDict(mutable=True)
        if shows_voices:
            params["visa"] = ACCEPTED_VOICES
        change(params)
        return f"{request.path}?{params.urlencode()}" if params else request.path

    pages = Pages(request.GET.get("sida"), len(found), PER_PAGE, address)
    writing = StoryOffer.objects.being_written().order_by("received_at", "pk")
    context = {
        "pages": pages,
        "rows": _rows(found[pages.start : pages.stop]),
        "shows_voices": shows_voices,
        "writing": [] if shows_voices else list(writing.select_related("draft")),
    }
    return render(request, "library/moderation/desk.html", context)


Key = tuple[str, int]


def _waiting() -> list[Key]:
    """Kind and number of all that waits, oldest first."""
    found: list[tuple[Any, str, int]] = []
    for kind, rows in (
        ("voice", Voice.objects.waiting()),
        ("story", StoryOffer.objects.waiting()),
        ("gap", Gap.objects.waiting()),
    ):
        moments = rows.order_by().values_list("received_at", "pk")
        found += [(moment, kind, pk) for moment, pk in moments]
    return [(kind, pk) for _, kind, pk in sorted(found)]


def _accepted_voices() -> list[Key]:
    pks = Voice.objects.accepted().order_by("-decided_at", "-pk").values_list("pk", flat=True)
    return [("voice", pk) for pk in pks]


def _rows(keys: list[Key]) -> list[tuple[str, Any]]:
    """What a page of the list shows, in its order; one query for each kind."""
    listed: dict[str, QuerySet[Any]] = {
        "voice": _voices(),
        "story": StoryOffer.objects.select_related("draft").prefetch_related("questions"),
        "gap": Gap.objects.all(),
    }
    by_key = {
        (kind, pk): row
        for kind, rows in listed.items()
        for pk, row in rows.in_bulk([pk for each, pk in keys if each == kind]).items()
    }
    return [(kind, by_key[kind, pk]) for kind, pk in keys if (kind, pk) in by_key]


def _voices() -> QuerySet[Any]:
    return Voice.objects.select_related("item", "method", "instrument", "district", "decided_by")


# --- Deciding -------------------------------------------------------------------------------------

Page = Callable[..., HttpResponse]


def decided(
    request: HttpRequest,
    received: Any,
    user: User,
    act: Callable[[], Any],
    *,
    to: str,
    told: str,
    page: Page,
    then: Callable[[], str] = lambda: reverse(DESK),
) -> HttpResponse:
    """Act and go on, to the desk when nothing else is said. A second click goes on as the first;
    who was late gets a 409.
    """
    try:
        act()
    except actions.AlreadyDecided:
        received.refresh_from_db()
        if (received.state, received.decided_by) != (to, user):
            who = received.decided_by or "Den som berättade eller någon annan"
            now = received.get_state_display().lower()
            sentence = f"Det gick inte. {who} hann före, och läget är nu: {now}."
            return page(request, received, status=409, sentence=sentence)
    messages.success(request, told)
    return redirect(then())


def _history(received: Any) -> list[Line]:
    return [Line(entry) for entry in AuditEntry.about(received).select_related("by")]


# --- Voices ---------------------------------------------------------------------------------------

VOICE_DECLINED = "Ingen får veta det: den som svarade har inte lämnat någon adress."


def _one_voice(request: HttpRequest, pk: int) -> tuple[Voice, User]:
    user = only_for(request, roles.MODERATE)
    return get_object_or_404(_voices(), pk=pk), user


def _voice_page(
    request: HttpRequest,
    voice: Voice,
    *,
    status: int = 200,
    sentence: str = "",
    failed: DeclineForm | None = None,
) -> HttpResponse:
    context = {
        "received": voice,
        "decline_form": failed or DeclineForm(told=VOICE_DECLINED),
        "failed": failed,
        "sentence": sentence,
        "lines": _history(voice),
    }
    return render(request, "library/moderation/voice.html", context, status=status)


@login_required
def voice(request: HttpRequest, pk: int) -> HttpResponse:
    """One voice."""
    return _voice_page(request, _one_voice(request, pk)[0])


@login_required
def voice_accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Show it."""
    found, user = _one_voice(request, pk)
    return decided(
        request,
        found,
        user,
        lambda: actions.accept_voice(voice=found, by=user),
        to=Voice.State.ACCEPTED,
        told="Rösten är godtagen och syns nu på sidan.",
        page=_voice_page,
    )


@login_required
def voice_decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave it out, or take it off the page."""
    found, user = _one_voice(request, pk)
    form = DeclineForm(request.POST, told=VOICE_DECLINED)
    if not form.is_valid():
        return _voice_page(request, found, status=422, failed=form)
    return decided(
        request,
        found,
        user,
        lambda: actions.decline_voice(voice=found, reason=form.cleaned_data["reason"], by=user),
        to=Voice.State.DECLINED,
        told="Rösten är avböjd och syns inte på sidan.",
        page=_voice_page,
    )


# --- Stories --------------------------------------------------------------------------------------

STORY_DECLINED = (
    "Den som berättade läser det på sin sida, och i ett mejl om det finns en adress. Skriv vänligt."
)


def _one_story(request: HttpRequest, pk: int) -> tuple[StoryOffer, User]:
    user = only_for(request, roles.MODERATE)
    offers = StoryOffer.objects.select_related("draft__item", "theme", "decided_by")
    return get_object_or_404(offers, pk=pk), user


def _story_page(
    request: HttpRequest,
    offer: StoryOffer,
    *,
    status: int = 200,
    sentence: str = "",
    failed: DeclineForm | AskForm | None = None,
) -> HttpResponse:
    can_ask = offer.state in {StoryOffer.State.WAITING, StoryOffer.State.ACCEPTED}
    context = {
        "received": offer,
        "questions": offer.questions.exclude(text="").select_related("asked_by"),
        "can_ask": can_ask and not offer.published_told_at,
        "decline_form": failed
        if isinstance(failed, DeclineForm)
        else DeclineForm(told=STORY_DECLINED),
        "ask_form": failed if isinstance(failed, AskForm) else AskForm(),
        "failed": failed,
        "sentence": sentence,
        "thrown_away": offer.is_thrown_away,
        "lines": _history(offer),
    }
    return render(request, "library/moderation/story.html", context, status=status)


@login_required
def story(request: HttpRequest, pk: int) -> HttpResponse:
    """One story."""
    return _story_page(request, _one_story(request, pk)[0])


@login_required
def story_accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a draft of it, and go on to the draft."""
    found, user = _one_story(request, pk)

    def draft() -> str:
        found.refresh_from_db(fields=["draft"])
        return reverse("library:draft", args=[found.draft_id])

    return decided(
        request,
        found,
        user,
        lambda: actions.accept_story(offer=found, by=user),
        to=StoryOffer.State.ACCEPTED,
        told="Ett utkast är påbörjat med det som berättades.",
        page=_story_page,
        then=draft,
    )


@login_required
def story_decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Say no, kindly, and why."""
    found, user = _one_story(request, pk)
    form = DeclineForm(request.POST, told=STORY_DECLINED)
    if not form.is_valid():
        return _story_page(request, found, status=422, failed=form)
    return decided(
        request,
        found,
        user,
        lambda: actions.decline_story(offer=found, reason=form.cleaned_data["reason"], by=user),
        to=StoryOffer.State.DECLINED,
        told="Berättelsen är avböjd.",
        page=_story_page,
    )


@login_required
def story_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the teller something."""
    found, user = _one_story(request, pk)
    form = AskForm(request.POST)
    if not form.is_valid():
        return _story_page(request, found, status=422, failed=form)
    try:
        actions.ask_teller(
            offer=found, text=form.cleaned_data["text"], key=form.key(found.pk), by=user
        )
    except actions.AlreadyDecided:
        form.add_error(None, "Frågan är inte skickad: berättelsen är avböjd eller återtagen.")
        found.refresh_from_db()
        return _story_page(request, found, status=409, failed=form)
    told = "Frågan står på sidan för den som berättade"
    messages.success(
        request, f"{told}, och ett mejl om den är på väg." if found.email else f"{told}."
    )
    return redirect(found)


# --- Knowledge gaps -------------------------------------------------------------------------------

GAP_DECLINED = "Ingen får veta det: den som föreslog har inte lämnat någon adress."


def _one_gap(request: HttpRequest, pk: int) -> tuple[Gap, User]:
    user = only_for(request, roles.MODERATE)
    return get_object_or_404(Gap.objects.select_related("merged_into", "decided_by"), pk=pk), user


def _gap_page(
    request: HttpRequest,
    gap: Gap,
    *,
    status: int = 200,
    sentence: str = "",
    failed: Any = None,
) -> HttpResponse:
    known = {
        "title": gap.title,
        "text": gap.text,
        "themes": [theme.slug for theme in gap.themes.all()],
    }
    shown: dict[str, Any] = {
        "open_form": GapForm(initial=known, auto_id="publicera_%s"),
        "decline_form": DeclineForm(told=GAP_DECLINED),
        "answer_form": AnsweredForm(gap=gap),
        "merge_form": MergeForm(gap=gap),
    }
    context = {name: failed if type(failed) is type(form) else form for name, form in shown.items()}
    context |= {
        "received": gap,
        "is_public": gap.is_open or gap.is_answered,
        "failed": failed,
        "sentence": sentence,
        "lines": _history(gap),
    }
    return render(request, "library/moderation/gap.html", context, status=status)


@login_required
def gap(request: HttpRequest, pk: int) -> HttpResponse:
    """One gap: proposed, or public and to be answered."""
    return _gap_page(request, _one_gap(request, pk)[0])


@login_required
def gap_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Let everybody read it, as it was made clear."""
    found, user = _one_gap(request, pk)
    form = GapForm(request.POST, auto_id="publicera_%s")
    if not form.is_valid():
        return _gap_page(request, found, status=422, failed=form)
    return decided(
        request,
        found,
        user,
        lambda: actions.open_gap(gap=found, **form.facts, by=user),
        to=Gap.State.OPEN,
        told="Kunskapsluckan är publicerad.",
        page=_gap_page,
    )


@login_required
def gap_decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave it out."""
    found, user = _one_gap(request, pk)
    form = DeclineForm(request.POST, told=GAP_DECLINED)
    if not form.is_valid():
        return _gap_page(request, found, status=422, failed=form)
    return decided(
        request,
        found,
        user,
        lambda: actions.decline_gap(gap=found, reason=form.cleaned_data["reason"], by=user),
        to=Gap.State.DECLINED,
        told="Förslaget är avböjt.",
        page=_gap_page,
    )


@login_required
def gap_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what answered it."""
    found, user = _one_gap(request, pk)
    form = AnsweredForm(request.POST, gap=found)
    if not form.is_valid():
        return _gap_page(request, found, status=422, failed=form)
    try:
        actions.answer_gap(
            gap=found,
            text=form.cleaned_data["text"],
            item=form.item,
            address=form.cleaned_data["address"],
            by=user,
        )
    except actions.AlreadyDecided:
        return _gap_late(request, found, form)
    messages.success(request, "Nu visar kunskapsluckan vad som besvarade den.")
    return redirect(found)


@login_required
def gap_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Join it with another that asks the same."""
    found, user = _one_gap(request, pk)
    if found.state == Gap.State.MERGED and found.merged_into:
        return redirect(found.merged_into)
    form = MergeForm(request.POST, gap=found)
    if not form.is_valid() or form.into is None:
        return _gap_page(request, found, status=422, failed=form)
    try:
        actions.merge_gaps(gap=found, into=form.into, by=user)
    except actions.AlreadyDecided:
        return _gap_late(request, found, form)
    messages.success(request, "De två är nu en.")
    return redirect(form.into)


def _gap_late(request: HttpRequest, found: Gap, form: Any) -> HttpResponse:
    found.refresh_from_db()
    form.add_error(None, f"Det gick inte. Läget är nu: {found.get_state_display().lower()}.")
    return _gap_page(request, found, status=409, failed=form)
