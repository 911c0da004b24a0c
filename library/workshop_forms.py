"""The method workshop: what a move and a new method are told with."""

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone

from core.forms import FreeText, one_line, refuse_unseen
from core.payloads import Payload
from core.personnummer import refuse_personnummer
from library.models import Method
from people.history_forms import DayField

NOWHERE = "Dit kan metoden inte flyttas härifrån. Välj ett av lägena."


class MoveForm(forms.Form):
    """Where a method goes from where it stands, when and why."""

    # Where it stood when the page was opened: what one has not seen is not decided about.
    from_stage = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)
    to = forms.ChoiceField(
        label="Nytt läge",
        widget=forms.RadioSelect,
        error_messages={"required": "Välj ett nytt läge.", "invalid_choice": NOWHERE},
    )
    date = DayField("Från och med", required=True, help_text="Till exempel 2026-03-01.")
    reason = FreeText(
        label="Skäl",
        max_length=1000,
        help_text="En eller ett par meningar. Visas för alla på metodens sida.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Skriv varför metoden flyttas."},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, method: Method) -> None:
        self.method = method
        initial = {"from_stage": method.stage, "date": timezone.localdate()}
        super().__init__(data, initial=initial)
        moves = [(stage.value, stage.label) for stage in method.allowed_moves]
        self.fields["to"].choices = moves  # type: ignore[attr-defined]

    @property
    def is_of_another_stage(self) -> bool:
        """Whether the method has been moved since the page was opened."""
        return self.data.get("from_stage") != self.method.stage

    def clean_date(self) -> Any:
        """A day that has come, and not before the move that brought it where it stands."""
        day = self.cleaned_data["date"]
        if day > timezone.localdate():
            raise forms.ValidationError("Skriv en dag som har kommit, i dag eller tidigare.")
        last = self.method.last_move
        if last and day < last.date:
            raise forms.ValidationError(
                f"Metoden kom hit {last.date:%Y-%m-%d}. Skriv den dagen eller en senare."
            )
        return day


class NoticeForm(forms.Form):
    """A method that somebody has noticed: enough to begin a draft with."""

    name = forms.CharField(
        label="Namn",
        max_length=150,
        validators=[refuse_unseen, refuse_personnummer],
        error_messages={
            "required": "Skriv vad metoden heter.",
            "max_length": "Namnet är för långt. Korta det till högst 150 tecken.",
        },
    )
    purpose = FreeText(
        label="Syfte",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Skriv vad metoden är till för."},
    )
    reason = FreeText(
        label="Varför den är intressant",
        max_length=1000,
        help_text="Var den har uppmärksammats, och varför KSI bör titta på den.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Skriv varför metoden är intressant."},
    )
    # Made anew each time the page is opened.
    opened = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial={"opened": uuid.uuid4().hex})

    def clean_name(self) -> str:
        """On one line, and of no method that there is already."""
        name = one_line(self.cleaned_data["name"])
        if Method.objects.filter(name__iexact=name).exists():
            raise forms.ValidationError("Den metoden finns redan. Flytta den i stället.")
        return name

    @property
    def payload(self) -> Payload:
        """The draft's first answers. The reason becomes that of the method's first move."""
        said = {name: [self.cleaned_data[name]] for name in ("name", "purpose")}
        return said | {
            "stage": [Method.Stage.NOTICED.value],
            "stage_reason": [self.cleaned_data["reason"]],
        }

    @property
    def key(self) -> str:
        """The same for a page that is sent twice."""
        sent = [*(self.cleaned_data[name] for name in ("name", "purpose", "reason"))]
        opened = self.cleaned_data["opened"] or uuid.uuid4().hex
        return hashlib.blake2b(repr([*sent, opened]).encode(), digest_size=16).hexdigest()
