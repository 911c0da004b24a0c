""" "Berätta om din erfarenhet": offering a story, and the teller's own page behind its secret link.

Methods: library.urls. Whoever has the link is the teller; no account is asked for.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from core.errors import NotHere
from core.visitors import Limit, address
from library import actions
from library.emails import story_address
from library.models import StoryOffer
from library.story_forms import AnswerForm, StoryForm

# A group may sit together and write at one address.
story_limit = Limit("berattelse-adress", times=10, seconds=3600)
OLD_LINK = "Länken leder ingenstans. Kanske blev den inte hel när den kopierades."


def new_story(request: HttpRequest) -> HttpResponse:
    """The form. What was typed stays, whatever goes wrong."""
    form = StoryForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "library/story_form.html", {"form": form}, status=_status(form))
    key = form.key()
    offer = StoryOffer.objects.filter(key=key).first()
    if offer is None:
        if seconds := story_limit.wait(address(request)):
            form.add_too_many(seconds, "Berättelsen")
            response = render(request, "library/story_form.html", {"form": form}, status=429)
            response["Retry-After"] = str(seconds)
            return response
        offer = actions.offer_story(**form.facts, key=key)
    return redirect(story_address(offer))


def _status(form: Any) -> int:
    return 422 if form.is_bound else 200


def for_teller(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view behind the secret link of a story."""

    @wraps(view)
    def answer(request: HttpRequest, token: str, *args: Any, **more: Any) -> HttpResponse:
        found = StoryOffer.objects.opened_by(token).select_related("draft__item", "theme")
        offer = found.first()
        if offer is None:
            raise NotHere(OLD_LINK, (reverse("library:story-new"), "Berätta om din erfarenhet"))
        # As the link was opened: the portal's secret may have been changed since.
        return view(request, offer, token, *args, **more)

    return answer


def _page(
    request: HttpRequest,
    offer: StoryOffer,
    token: str,
    *,
    failed: tuple[int, AnswerForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    questions = [
        (each, failed[1] if failed and failed[0] == each.pk else AnswerForm(number=each.pk))
        for each in offer.questions.exclude(text="")
    ]
    here = reverse("library:story", args=[token])
    can_answer = offer.state in {StoryOffer.State.WAITING, StoryOffer.State.ACCEPTED}
    context = {
        "offer": offer,
        "token": token,
        "questions": questions,
        "can_answer": can_answer,
        "is_asked": can_answer and any(not each.answered_at for each, _ in questions),
        "link": request.build_absolute_uri(here),
        "form": failed[1] if failed else None,
    }
    return render(request, "library/story.html", context, status=status)


@for_teller
def story(request: HttpRequest, offer: StoryOffer, token: str) -> HttpResponse:
    """Where it stands, what is asked, and how it is taken back."""
    return _page(request, offer, token)


@for_teller
def story_answer(request: HttpRequest, offer: StoryOffer, token: str, pk: int) -> HttpResponse:
    """Answer a question; the first answer stands."""
    question = get_object_or_404(offer.questions, pk=pk)
    form = AnswerForm(request.POST, number=pk)
    if not form.is_valid():
        return _page(request, offer, token, failed=(pk, form), status=422)
    text = form.cleaned_data["text"]
    if not actions.answer_question(question=question, text=text):
        question.refresh_from_db()
        if question.answer != text:
            form.add_error(
                None, "Svaret är inte skickat: frågan har redan fått ett svar eller gäller inte."
            )
            return _page(request, offer, token, failed=(pk, form), status=409)
    return redirect("library:story", token)


@for_teller
def story_take_back(request: HttpRequest, offer: StoryOffer, token: str) -> HttpResponse:
    """A page whose button erases the story."""
    if request.method == "POST":
        actions.take_back_story(offer=offer)
        return redirect("library:story", token)
    if offer.is_taken_back:
        return redirect("library:story", token)
    return render(request, "library/story_take_back.html", {"offer": offer, "token": token})
