"""A project's own fields, as the questions ask for them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html

from core.draft_fields import Several, malformed, plainly
from core.forms import NOBODY, SwedishWhole, careful_formfield
from core.payloads import answer
from inventory.draft_forms.fields import SHORT, told
from inventory.forms import ProjectForm
from inventory.models import Project
from inventory.models.drafts import first
from inventory.questions import LINKS, MEASURES, PARTNERS, Question, questions
from people.models import Organisation

ROWS = frozenset({MEASURES, LINKS, PARTNERS})
# Fields of the model that must be answered in a field of their own; besides, when it has ended.
ASKED = frozenset({"title", "kind", *Project.REQUIRED, *Project.REQUIRED_TERMS})
ASKED_WHEN_ENDED = frozenset({*Project.REQUIRED_WHEN_ENDED, "reach_actual"})
BOXES = (
    *("service_areas", "themes", "interventions", "target_groups"),
    *("methods", "instruments", "co_owners"),
)
RADIOS = ("kind", "status", "user_involvement", "evaluation", "visibility")
WHOLE_NUMBERS = ("reach_planned", "reach_actual", "cost_total", "running_cost")
OWNERS = (Organisation.Kind.DISTRICT, Organisation.Kind.DEPARTMENT, Organisation.Kind.UNIT)


class DraftForm(ProjectForm):
    """A project's own fields as the questions ask for them. Files and rows are apart.

    What a revised project lacks already (`lacked`) may go on lacking: its source does not tell.
    """

    class Meta:
        model = Project
        fields = [
            name for question in questions() if question.key not in ROWS for name in question.names
        ]
        widgets = {
            **dict.fromkeys(BOXES, forms.CheckboxSelectMultiple),
            **dict.fromkeys(RADIOS, forms.RadioSelect),
        }
        field_classes = {
            **dict.fromkeys(BOXES, Several),
            **dict.fromkeys(WHOLE_NUMBERS, SwedishWhole),
        }
        formfield_callback = careful_formfield

    def __init__(
        self, payload: Mapping[str, list[str]], *, lacked: Iterable[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(MultiValueDict(dict(payload)), use_required_attribute=False, **kwargs)
        self.lacked = frozenset(lacked)
        ended = Project(status=first(payload, "status")).has_ended
        asked = (ASKED | ASKED_WHEN_ENDED if ended else ASKED) - self.lacked
        for name, field in self.fields.items():
            field.required = name in asked
            plainly(field, short=name in SHORT)
        for question in questions():
            if len(question.names) == 1 and question.key in self.fields:
                self.fields[question.key].label = question.label
                self._help(question)
        owners = self.fields["co_owners"]
        assert isinstance(owners, forms.ModelMultipleChoiceField)  # noqa: S101
        owners.queryset = possible_owners(answer(payload, "co_owners"))

    def _help(self, question: Question) -> None:
        """Tell what helps to answer, and in free text to point nobody out."""
        field = self.fields[question.key]
        nobody = NOBODY if isinstance(field.widget, forms.Textarea) else ""
        field.help_text = format_html("{} {}", told(question), nobody) if nobody else told(question)

    def clean(self) -> dict[str, Any]:
        """Besides what is missing: an end before the start, said at the end."""
        cleaned = super().clean()
        start, end = cleaned.get("start_date"), cleaned.get("end_date")
        if start and end and end < start and not str(start).startswith(str(end)):
            self.add_error("end_date", forms.ValidationError(BEFORE_START, code="order"))
        return cleaned

    def _require(self, name: str, message: str) -> None:
        if name not in self.lacked:
            super()._require(name, message)

    @property
    def malformed(self) -> dict[str, list[str]]:
        """What is typed and cannot be understood, by field; what is missing is another matter."""
        return malformed(self)


BEFORE_START = "Slutet ligger före starten. Ändra det ena."


def possible_owners(chosen: Iterable[str]) -> QuerySet[Organisation]:
    """Organisations of the city that there are today, and those that are chosen already."""
    there = Q(pk__in=Organisation.objects.on(timezone.localdate()))
    there |= Q(pk__in=[int(pk) for pk in chosen if pk.isdecimal() and len(pk) < 10])
    return Organisation.objects.filter(there, kind__in=OWNERS).alphabetical()
