"""A form page of a draft: saved by itself and by button, by several at once, never lost.

What is typed is kept whatever goes wrong: malformed answers are saved and told of; where two have
changed the same answer the second sees both; what is sent by somebody whose session has ended waits
in her browser's new session until she has logged in; and what cannot be saved stays on the page.
"""

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render
from django.utils import timezone

from core import drafting, payloads
from core.errors import csrf_failure
from core.long_forms import take_in
from core.payloads import Payload
from core.visitors import Limit, address

# What a draft may hold, and what waits for a login, in letters.
MOST_KEPT = 1_000_000
MOST_WAITING = 300_000
# A page with all rows in full has some 2 500; whatever else comes is kept and told of.
MOST_FIELDS = 100_000
# Answers that are shown where they are held; shorter ones follow unseen.
LONG = 100
WAITING = "skrivet-utan-inloggning"
waiting_limit = Limit("skrivet-utan-inloggning", times=30, seconds=600)

LOGGED_OUT = "Du är utloggad. Tryck på Spara, så loggar du in igen. Det du har skrivit följer med."
OLD_PAGE = (
    "Det är inte sparat: sidan var öppnad före den senaste inloggningen. Det du skrev står kvar."
    " Tryck på Spara igen."
)
CLOSED = (
    "Det är inte sparat: utkastet går inte att skriva i nu. Det du skrev står kvar på sidan, så att"
    " du kan kopiera det."
)
TOO_MUCH = (
    "Det är inte sparat: det är för mycket text, mer än en miljon tecken i hela utkastet. Det du"
    " skrev står kvar på sidan. Korta det, och spara igen."
)
BUSY = "Det är inte sparat: många sparar samtidigt. Det du skrev står kvar. Försök igen."
DISPUTED = "Någon annan har ändrat samma svar. Tryck på Spara, så ser du båda och kan välja."

MINE, THEIRS = "mitt", "deras"


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
    """What was sent from a page: what was typed, and the sums of what it began from."""

    own: Payload
    names: list[str]
    sums: str

    def is_too_much_with(self, payload: Payload) -> bool:
        """Whether a draft with these answers would hold more than it may."""
        return letters(self.over(payload)) > MOST_KEPT

    def over(self, payload: Payload) -> Payload:
        """The answers as this page showed them."""
        return payload | self.own


def letters(payload: Payload) -> int:
    """How many letters answers take, with their names."""
    return sum(len(name) + sum(map(len, values)) for name, values in payload.items())


def said() -> str:
    """That it is saved, and when."""
    return f"Sparat kl. {timezone.localtime():%H.%M}."


class DraftPage(ABC):
    """One form page of a draft, asked for once. An app says what stands on it and where it leads.

    Its view is exempt from Django's own CSRF check: it is made here, because a page that is too
    old must not lose what was typed there.
    """

    draft: Any  # after `find`
    writes: bool

    def __init__(self, request: HttpRequest, pk: int) -> None:
        self.request, self.pk = request, pk

    # What each app tells.

    @property
    @abstractmethod
    def place(self) -> str:
        """What the page is known by among those that wait for a login."""

    @abstractmethod
    def find(self) -> None:
        """Find the draft, and whether the visitor may write in it; raises Http404."""

    @abstractmethod
    def names_shown(self) -> list[str]:
        """The fields of the page in which something can have been answered."""

    @abstractmethod
    def typed(self, posted: QueryDict) -> Payload:
        """What was typed at the fields of the page, as it is kept.

        Boxes that are all empty are not sent, and are typed all the same.
        """

    @abstractmethod
    def page(
        self,
        *,
        written: Written | None = None,
        waited: bool = False,
        trouble: str = "",
        saved: bool = False,
        status: int = 200,
    ) -> HttpResponse:
        """The form, with what was typed if that is not what is saved."""

    @abstractmethod
    def is_malformed(self) -> bool:
        """Whether something that is saved on this page cannot be understood."""

    @abstractmethod
    def told(self, payload: Payload, name: str) -> tuple[str, list[str]]:
        """What a field is called, and what is answered there, as one reads it."""

    @abstractmethod
    def called(self, name: str) -> str:
        """What a field is called, without asking the database."""

    @abstractmethod
    def above(self) -> tuple[str, str]:
        """The draft's own address, and what this page is called there."""

    @abstractmethod
    def all_drafts(self) -> tuple[str, str]:
        """The address of the list that the draft stands in, and what it is called."""

    @property
    @abstractmethod
    def title(self) -> str:
        """What the page is called."""

    @abstractmethod
    def closed(self) -> HttpResponse:
        """What answers who asks for the form and may not write."""

    @abstractmethod
    def onwards(self) -> HttpResponse:
        """Where the button that was pressed leads."""

    # The same for all.

    def respond(self) -> HttpResponse:
        """The form, or what becomes of what is sent from it."""
        request = self.request
        try:
            take_in(request, MOST_FIELDS)
        except (RequestDataTooBig, TooManyFieldsSent):
            if not request.accepts("text/html"):
                return JsonResponse({"fel": TOO_MUCH}, status=413)
            raise
        if request.method != "POST":
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            self.find()
            return self._show()
        refused, by_itself = Sent.elsewhere(request), "autosparar" in request.POST
        if not request.user.is_authenticated:
            return self._without_login(refused=refused, by_itself=by_itself)
        if by_itself:
            return self._save_by_itself(refused=refused)
        try:
            self.find()
        except Http404:
            if refused:
                return csrf_failure(request)
            raise
        written = self._written()
        if refused:
            return self.page(written=written, trouble=OLD_PAGE, status=403)
        return self._save(written)

    def sums(self) -> str:
        """What the form begins from."""
        return payloads.carried(self.draft.payload, self.names_shown())

    def write(self, written: Written, names: list[str]) -> list[str]:
        """Join what was typed with what is saved; the names that are disputed."""
        return drafting.write(
            draft=self.draft,
            own=written.own,
            was_base=payloads.since_carried(written.sums),
            names=names,
            by=self.request.user,
        )

    def _show(self) -> HttpResponse:
        """The form as it was saved, or as somebody typed it before she logged in again."""
        if not self.writes:
            return self.closed()
        waits = self.request.session.get(WAITING, {}).get(self.place)
        if waits:
            written = Written(waits["own"], list(waits["own"]), waits["sums"])
            return self.page(written=written, waited=True)
        return self.page()

    def _written(self) -> Written:
        """What was sent, without the answers of which the writer has chosen the other one."""
        posted = self.request.POST
        given_up = {name for name in posted.getlist("tvist") if posted.get(f"val-{name}") == THEIRS}
        own = {name: texts for name, texts in self.typed(posted).items() if name not in given_up}
        return Written(own, list(own), posted.get("bas", ""))

    def _save(self, written: Written) -> HttpResponse:
        """Save by button: on to what was asked for, or back with what must be put right."""
        posted = self.request.POST
        if not self.writes:
            return self.page(written=written, trouble=CLOSED, status=409)
        if written.is_too_much_with(self.draft.payload):
            return self.page(written=written, trouble=TOO_MUCH, status=422)
        undecided = [
            name
            for name in posted.getlist("tvist")
            if name in written.names and posted.get(f"val-{name}") not in {MINE, THEIRS}
        ]
        names = [name for name in written.names if name not in undecided]
        try:
            disputed = self.write(written, names)
        except drafting.NotAllowedMove:
            self.writes = False
            return self.page(written=written, trouble=CLOSED, status=409)
        except drafting.OldVersion:
            return self.page(written=written, trouble=BUSY, status=409)
        if disputed or undecided:
            return self._conflict(written, [*disputed, *undecided])
        self._forget_waiting()
        if self.is_malformed():
            return self.page(saved=True, status=422)
        messages.success(self.request, said())
        return self.onwards()

    def _conflict(self, written: Written, disputed: list[str]) -> HttpResponse:
        """Both answers side by side, and a choice for each. All else that was typed is saved."""
        ours = written.over(self.draft.payload)
        above, label = self.above()
        rows = []
        for name in disputed:
            called, mine = self.told(ours, name)
            rows.append((name, called, mine, self.told(self.draft.payload, name)[1]))
        context = {
            "draft": self.draft,
            "here": self.request.path,
            "parent": above,
            "label": label,
            "disputed": rows,
            "mine": [(name, text) for name, values in written.own.items() for text in values],
            "sums": self.sums(),
            "by": self.draft.changed_by,
        }
        return render(self.request, "core/conflict.html", context, status=409)

    def _save_by_itself(self, *, refused: bool) -> HttpResponse:
        """Save while somebody writes: nothing is judged, and the answer is for a script."""
        if refused:
            return JsonResponse({"fel": OLD_PAGE}, status=403)
        try:
            self.find()
        except Http404:
            return JsonResponse({"fel": "Utkastet finns inte längre."}, status=404)
        written = self._written()
        if written.is_too_much_with(self.draft.payload):
            return JsonResponse({"fel": TOO_MUCH}, status=422)
        try:
            if not self.writes:
                raise drafting.NotAllowedMove
            disputed = self.write(written, written.names)
        except drafting.NotAllowedMove:
            return JsonResponse({"fel": CLOSED}, status=409)
        except drafting.OldVersion:
            return JsonResponse({"fel": BUSY}, status=409)
        shown = dict.fromkeys([*self.names_shown(), *written.names])
        sums = payloads.carried_on(written.sums, self.draft.payload, shown, disputed)
        if disputed:
            return JsonResponse({"fel": DISPUTED, "bas": sums}, status=409)
        return JsonResponse({"sparat": said(), "bas": sums})

    def _without_login(self, *, refused: bool, by_itself: bool) -> HttpResponse:
        """Keep what was typed in the new session, and lead to the login, which leads back here.

        Whether there is such a draft nobody is told.
        """
        request = self.request
        if by_itself:
            return JsonResponse({"fel": LOGGED_OUT}, status=403)
        if refused:
            return csrf_failure(request)
        written = self._written()
        seconds = waiting_limit.wait(address(request))
        waiting = request.session.get(WAITING, {}) | {
            self.place: {"own": written.own, "sums": written.sums}
        }
        if seconds or len(json.dumps(waiting)) > MOST_WAITING:
            return self._held_here(written, seconds)
        request.session[WAITING] = waiting
        return redirect_to_login(request.path)

    def _held_here(self, written: Written, seconds: int) -> HttpResponse:
        """Too much to wait for a login, or too often: the page itself holds what was typed.

        It can be sent again as it stands once somebody has logged in beside it.
        """
        typed = [(name, text) for name, values in written.own.items() for text in values]
        parent, label = self.all_drafts()
        context = {
            "here": self.request.path,
            "title": self.title,
            "parent": parent,
            "label": label,
            "sums": written.sums,
            "texts": [
                (name, self.called(name), text)
                for name, text in typed
                if len(text) > LONG or "\n" in text
            ],
            "hidden": [
                (name, text) for name, text in typed if len(text) <= LONG and "\n" not in text
            ],
            "letters": letters(written.own),
            "most": MOST_WAITING,
            "seconds": seconds,
        }
        status = 429 if seconds else 413
        response = render(self.request, "core/logged_out.html", context, status=status)
        if seconds:
            response["Retry-After"] = str(seconds)
        return response

    def _forget_waiting(self) -> None:
        """What waited for a login is saved now."""
        waiting = self.request.session.get(WAITING, {})
        if waiting.pop(self.place, None):
            self.request.session[WAITING] = waiting
