"""A step of a draft: written in, saved by itself and by button, by several at once, never lost.

What is typed is kept whatever goes wrong: malformed answers are saved and told of; where two have
changed the same answer the second sees both; what is sent by somebody whose session has ended waits
in her browser's new session until she has logged in; and what cannot be saved stays on the page.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from core import payloads
from core.errors import csrf_failure, wrong_method
from core.long_forms import take_in
from core.payloads import Payload
from core.visitors import Limit, address
from inventory import actions
from inventory.draft_access import FORM, Seen, seen_draft
from inventory.draft_forms import ROWS, Answers, names_shown, typed
from inventory.models import Draft
from inventory.models.drafts import first
from inventory.questions import BY_KEY, STEPS, Question, Step, is_asked, question_of
from people.models import User
from people.views import known_user

# What a draft may hold, and what waits for a login, in letters.
MOST_KEPT = 1_000_000
MOST_WAITING = 300_000
# A page with all rows in full has some 2 500; whatever else comes is kept and told of.
MOST_FIELDS = 100_000
WAITING = "skrivet-utan-inloggning"
waiting_limit = Limit("skrivet-utan-inloggning", times=30, seconds=600)

LOGGED_OUT = "Du är utloggad. Tryck på Spara, så loggar du in igen. Det du har skrivit följer med."
OLD_PAGE = (
    "Det är inte sparat: sidan var öppnad före den senaste inloggningen. Det du skrev står kvar."
    " Tryck på Spara igen."
)
# Answers that are shown where they are held; shorter ones follow unseen.
LONG = 100
CLOSED = (
    "Det är inte sparat: utkastet går inte att skriva i nu. Det du skrev står kvar på sidan, så att"
    " du kan kopiera det."
)
TOO_MUCH = (
    "Det är inte sparat: det är för mycket text, mer än en miljon tecken i hela utkastet. Det du"
    " skrev står kvar på sidan. Korta det, och spara igen."
)
BUSY = "Det är inte sparat: många sparar samtidigt. Det du skrev står kvar. Försök igen."


class Sent(CsrfViewMiddleware):
    """Whether a form was sent from a page of ours; a view decides what to do when it was not."""

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return HttpResponse(status=403)

    @classmethod
    def elsewhere(cls, request: HttpRequest) -> bool:
        """Whether the form's token is not that of the visitor's cookie."""
        check = cls(lambda request: HttpResponse())
        return check.process_view(request, lambda request: HttpResponse(), (), {}) is not None


@dataclass(frozen=True)
class Written:
    """What was sent from a step's page: what was typed, and the sums of what it began from."""

    step: Step
    own: Payload
    names: list[str]
    sums: str

    @classmethod
    def of(cls, request: HttpRequest, step: Step) -> "Written":
        """Without the answers of which the writer has chosen the other one."""
        posted = request.POST
        given_up = {name for name in posted.getlist("tvist") if posted.get(f"val-{name}") == THEIRS}
        own = {name: texts for name, texts in typed(posted, step).items() if name not in given_up}
        return cls(step, own, list(own), posted.get("bas", ""))

    def is_too_much_with(self, payload: Payload) -> bool:
        """Whether a draft with these answers would hold more than it may."""
        return letters(self.over(payload)) > MOST_KEPT

    def over(self, payload: Payload) -> Payload:
        """The answers as this page showed them."""
        return payload | self.own


MINE, THEIRS = "mitt", "deras"


def letters(payload: Payload) -> int:
    """How many letters answers take, with their names."""
    return sum(len(name) + sum(map(len, values)) for name, values in payload.items())


@csrf_exempt  # checked below: a page that is too old must not lose what was typed there
@never_cache
def draft_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """A step's form, and what becomes of what is sent from it."""
    if request.method not in FORM:
        return wrong_method(request, ", ".join(FORM))
    try:
        take_in(request, MOST_FIELDS)
    except (RequestDataTooBig, TooManyFieldsSent):
        if not request.accepts("text/html"):
            return JsonResponse({"fel": TOO_MUCH}, status=413)
        raise
    refused = request.method == "POST" and Sent.elsewhere(request)
    if step not in BY_KEY:
        if refused:
            return csrf_failure(request)
        raise Http404
    if request.method != "POST":
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        return show(request, seen_draft(request, pk), BY_KEY[step])
    by_itself = "autosparar" in request.POST
    if not isinstance(request.user, User):
        return without_login(request, pk, BY_KEY[step], refused=refused, by_itself=by_itself)
    if by_itself:
        return save_by_itself(request, pk, BY_KEY[step], refused=refused)
    try:
        seen = seen_draft(request, pk)
    except Http404:
        if refused:
            return csrf_failure(request)
        raise
    written = Written.of(request, BY_KEY[step])
    if refused:
        return page(request, seen, written.step, written=written, trouble=OLD_PAGE, status=403)
    return save(request, seen, written)


# --- Shown ----------------------------------------------------------------------------------------


def show(request: HttpRequest, seen: Seen, step: Step) -> HttpResponse:
    """The form as it was saved, or as somebody typed it before she logged in again."""
    if not seen.writes:
        return redirect("inventory:draft", seen.draft.pk)
    waits = request.session.get(WAITING, {}).get(f"{seen.draft.pk}/{step.key}")
    if waits:
        written = Written(step, waits["own"], list(waits["own"]), waits["sums"])
        return page(request, seen, step, written=written, waited=True)
    return page(request, seen, step)


@dataclass(frozen=True)
class Shown:
    """A question with its fields or rows."""

    question: Question
    fields: list[Any]
    rows: Any
    errors: list[str]

    @property
    def has_errors(self) -> bool:
        """Whether something in it cannot be understood."""
        return bool(self.errors) or any(field.errors for field in self.fields)


def page(
    request: HttpRequest,
    seen: Seen,
    step: Step,
    *,
    written: Written | None = None,
    waited: bool = False,
    trouble: str = "",
    saved: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The step's form, with what was typed if that is not what is saved."""
    draft = seen.draft
    payload = written.over(draft.payload) if written else draft.payload
    answers = Answers(payload, draft.base)
    wanted = answers.lacking() if "saknas" in request.GET else answers.malformed()
    errors = [lack for lack in wanted if lack.step is step]
    if "saknas" not in request.GET:
        answers.forgive()
    kind, state = first(payload, "kind"), first(payload, "status")
    shown = [shown_question(answers, question, errors) for question in step.questions]
    asked = [each for each in shown if is_asked(each.question, kind, state)]
    more = [each for each in shown if each not in asked]
    number = STEPS.index(step)
    context = {
        "draft": draft,
        "step": step,
        "number": number + 1,
        "steps": STEPS,
        "next": STEPS[number + 1] if number + 1 < len(STEPS) else None,
        "asked": asked,
        "more": more,
        "open": any(each.has_errors for each in more),
        "errors": errors,
        "sums": written.sums if written else sums_of(draft, step),
        "waited": waited,
        "trouble": trouble,
        "saved": saved,
        "writes": seen.writes,
        "now": timezone.localtime(),
    }
    return render(request, "inventory/draft/step.html", context, status=status)


def shown_question(answers: Answers, question: Question, errors: list[Any]) -> Shown:
    """A question's fields or rows, with what is wrong with the whole of it."""
    if question.key in ROWS:
        found = [lack.text for lack in errors if lack.name == question.key]
        return Shown(question, [], answers.rows[question.key], found)
    return Shown(question, [answers.form[name] for name in question.names], None, [])


def sums_of(draft: Draft, step: Step) -> str:
    """What a form of this step begins from."""
    return payloads.carried(draft.payload, names_shown(draft.payload, step))


# --- Saved ----------------------------------------------------------------------------------------


def save(request: HttpRequest, seen: Seen, written: Written) -> HttpResponse:
    """Save by button: on to what was asked for, or back with what must be put right."""
    draft, step = seen.draft, written.step
    if not seen.writes:
        return page(request, seen, step, written=written, trouble=CLOSED, status=409)
    if written.is_too_much_with(draft.payload):
        return page(request, seen, step, written=written, trouble=TOO_MUCH, status=422)
    undecided = [
        name
        for name in request.POST.getlist("tvist")
        if name in written.names and request.POST.get(f"val-{name}") not in {MINE, THEIRS}
    ]
    names = [name for name in written.names if name not in undecided]
    try:
        disputed = write(request, draft, written, names)
    except actions.NotAllowedMove:
        closed = Seen(draft, mine=seen.mine, writes=False)
        return page(request, closed, step, written=written, trouble=CLOSED, status=409)
    except actions.OldVersion:
        return page(request, seen, step, written=written, trouble=BUSY, status=409)
    if disputed or undecided:
        return conflict(request, draft, written, [*disputed, *undecided])
    forget_waiting(request, draft, step)
    if any(lack.step is step for lack in Answers.of(draft).malformed()):
        return page(request, seen, step, saved=True, status=422)
    return onwards(request, draft, step)


def write(request: HttpRequest, draft: Draft, written: Written, names: list[str]) -> list[str]:
    """Join what was typed with what is saved; the names that are disputed."""
    return actions.write(
        draft=draft,
        own=written.own,
        was_base=payloads.since_carried(written.sums),
        names=names,
        by=known_user(request),
    )


def onwards(request: HttpRequest, draft: Draft, step: Step) -> HttpResponse:
    """Where the button that was pressed leads."""
    messages.success(request, said())
    button = request.POST.get("knapp", "")
    here = reverse("inventory:draft-step", args=[draft.pk, step.key])
    if button in ROWS & set(step.names):
        return redirect(f"{here}#fraga-{button}")
    number = STEPS.index(step) + 1
    if button == "vidare" and number < len(STEPS):
        return redirect("inventory:draft-step", draft.pk, STEPS[number].key)
    return redirect("inventory:draft", draft.pk) if button == "vidare" else redirect(here)


def said() -> str:
    """That it is saved, and when."""
    return f"Sparat kl. {timezone.localtime():%H.%M}."


def conflict(
    request: HttpRequest, draft: Draft, written: Written, disputed: list[str]
) -> HttpResponse:
    """Both answers side by side, and a choice for each. All else that was typed is saved."""
    ours = Answers(written.over(draft.payload), draft.base)
    theirs = Answers.of(draft)
    context = {
        "draft": draft,
        "step": written.step,
        "disputed": [
            (name, ours.label(name), ours.spoken(name), theirs.spoken(name)) for name in disputed
        ],
        "mine": [(name, text) for name, values in written.own.items() for text in values],
        "sums": sums_of(draft, written.step),
        "by": draft.changed_by,
    }
    return render(request, "inventory/draft/conflict.html", context, status=409)


def save_by_itself(request: HttpRequest, pk: int, step: Step, *, refused: bool) -> HttpResponse:
    """Save while somebody writes: nothing is judged, and the answer is for a script."""
    if refused:
        return JsonResponse({"fel": OLD_PAGE}, status=403)
    try:
        seen = seen_draft(request, pk)
    except Http404:
        return JsonResponse({"fel": "Utkastet finns inte längre."}, status=404)
    written = Written.of(request, step)
    if written.is_too_much_with(seen.draft.payload):
        return JsonResponse({"fel": TOO_MUCH}, status=422)
    try:
        if not seen.writes:
            raise actions.NotAllowedMove
        disputed = write(request, seen.draft, written, written.names)
    except actions.NotAllowedMove:
        return JsonResponse({"fel": CLOSED}, status=409)
    except actions.OldVersion:
        return JsonResponse({"fel": BUSY}, status=409)
    shown = dict.fromkeys([*names_shown(seen.draft.payload, step), *written.names])
    sums = payloads.carried_on(written.sums, seen.draft.payload, shown, disputed)
    if disputed:
        told = "Någon annan har ändrat samma svar. Tryck på Spara, så ser du båda och kan välja."
        return JsonResponse({"fel": told, "bas": sums}, status=409)
    return JsonResponse({"sparat": said(), "bas": sums})


# --- Without a login ------------------------------------------------------------------------------


def without_login(
    request: HttpRequest, pk: int, step: Step, *, refused: bool, by_itself: bool
) -> HttpResponse:
    """Keep what was typed in the new session, and lead to the login, which leads back here.

    Whether there is such a draft nobody is told.
    """
    if by_itself:
        return JsonResponse({"fel": LOGGED_OUT}, status=403)
    if refused:
        return csrf_failure(request)
    written = Written.of(request, step)
    seconds = waiting_limit.wait(address(request))
    waiting = request.session.get(WAITING, {}) | {
        f"{pk}/{step.key}": {"own": written.own, "sums": written.sums}
    }
    if seconds or len(json.dumps(waiting)) > MOST_WAITING:
        return held_here(request, pk, written, seconds)
    request.session[WAITING] = waiting
    return redirect_to_login(request.path)


def held_here(request: HttpRequest, pk: int, written: Written, seconds: int) -> HttpResponse:
    """Too much to wait for a login, or too often: the page itself holds what was typed.

    It can be sent again as it stands once somebody has logged in beside it.
    """
    typed = [(name, text) for name, values in written.own.items() for text in values]
    context = {
        "pk": pk,
        "step": written.step,
        "sums": written.sums,
        "texts": [
            (name, told(name), text) for name, text in typed if len(text) > LONG or "\n" in text
        ],
        "hidden": [(name, text) for name, text in typed if len(text) <= LONG and "\n" not in text],
        "letters": letters(written.own),
        "most": MOST_WAITING,
        "seconds": seconds,
    }
    status = 429 if seconds else 413
    response = render(request, "inventory/draft/logged_out.html", context, status=status)
    if seconds:
        response["Retry-After"] = str(seconds)
    return response


def told(name: str) -> str:
    """What is asked at a field, without asking the database."""
    question = question_of(name)
    return question.label if question else name


def forget_waiting(request: HttpRequest, draft: Draft, step: Step) -> None:
    """What waited for a login is saved now."""
    waiting = request.session.get(WAITING, {})
    if waiting.pop(f"{draft.pk}/{step.key}", None):
        request.session[WAITING] = waiting
