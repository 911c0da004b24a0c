"""A step of a draft; how it is saved is core.draft_pages's."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from core.draft_pages import DraftPage, Sent, Written
from core.errors import csrf_failure, wrong_method
from core.payloads import Payload
from inventory.draft_access import FORM, seen_draft
from inventory.draft_forms import ROWS, Answers, names_shown, typed
from inventory.models.drafts import first
from inventory.questions import BY_KEY, STEPS, Question, Step, is_asked, question_of


@csrf_exempt  # core.draft_pages checks: a page that is too old must not lose what was typed there
@never_cache
def draft_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """A step's form, and what becomes of what is sent from it."""
    if request.method not in FORM:
        return wrong_method(request, ", ".join(FORM))
    if step not in BY_KEY:
        if request.method == "POST" and Sent.elsewhere(request):
            return csrf_failure(request)
        raise Http404
    return StepPage(request, pk, BY_KEY[step]).respond()


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


class StepPage(DraftPage):
    """The questions of one step."""

    def __init__(self, request: HttpRequest, pk: int, step: Step) -> None:
        super().__init__(request, pk)
        self.step = step

    @property
    def place(self) -> str:
        """Its draft and step."""
        return f"{self.pk}/{self.step.key}"

    def find(self) -> None:
        """For its unit, and for a curator once it was handed in."""
        seen = seen_draft(self.request, self.pk)
        self.draft, self.writes = seen.draft, seen.writes

    def names_shown(self) -> list[str]:
        """Those of the step, and of its rows."""
        return names_shown(self.draft.payload, self.step)

    def typed(self, posted: QueryDict) -> Payload:
        """Without signs that nobody sees."""
        return typed(posted, self.step)

    def is_malformed(self) -> bool:
        """In this step."""
        return any(lack.step is self.step for lack in Answers.of(self.draft).malformed())

    def told(self, payload: Payload, name: str) -> tuple[str, list[str]]:
        """Also in a row."""
        answers = Answers(payload, self.draft.base)
        return answers.label(name), answers.spoken(name)

    def called(self, name: str) -> str:
        """As the question."""
        question = question_of(name)
        return question.label if question else name

    @property
    def title(self) -> str:
        """The step's."""
        return self.step.label

    def all_drafts(self) -> tuple[str, str]:
        """Those of the visitor's units."""
        return reverse("inventory:drafts"), "Lämna in"

    def above(self) -> tuple[str, str]:
        """The draft's page."""
        return reverse("inventory:draft", args=[self.draft.pk]), self.step.label

    def closed(self) -> HttpResponse:
        """Where the draft stands."""
        return redirect("inventory:draft", self.draft.pk)

    def onwards(self) -> HttpResponse:
        """To the next step, to one more row, or here again."""
        button, draft, step = self.request.POST.get("knapp", ""), self.draft, self.step
        here = reverse("inventory:draft-step", args=[draft.pk, step.key])
        if button in ROWS & set(step.names):
            return redirect(f"{here}#fraga-{button}")
        number = STEPS.index(step) + 1
        if button == "vidare" and number < len(STEPS):
            return redirect("inventory:draft-step", draft.pk, STEPS[number].key)
        return redirect("inventory:draft", draft.pk) if button == "vidare" else redirect(here)

    def page(
        self,
        *,
        written: Written | None = None,
        waited: bool = False,
        trouble: str = "",
        saved: bool = False,
        status: int = 200,
    ) -> HttpResponse:
        """The step's form; with `saknas` in the address, what is missing is told at the fields."""
        request, draft, step = self.request, self.draft, self.step
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
            "sums": written.sums if written else self.sums(),
            "waited": waited,
            "trouble": trouble,
            "saved": saved,
            "writes": self.writes,
            "now": timezone.localtime(),
        }
        return render(request, "inventory/draft/step.html", context, status=status)


def shown_question(answers: Answers, question: Question, errors: list[Any]) -> Shown:
    """A question's fields or rows, with what is wrong with the whole of it."""
    if question.key in ROWS:
        found = [lack.text for lack in errors if lack.name == question.key]
        return Shown(question, [], answers.rows[question.key], found)
    return Shown(question, [answers.form[name] for name in question.names], None, [])
