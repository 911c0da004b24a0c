"""Merging organisations: which, into what, from when and why."""

import hashlib
import re
import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import slugify

from core.forms import FreeText, one_line, refuse_unseen
from core.personnummer import refuse_personnummer
from people import merging
from people.history_forms import DayField
from people.models import Organisation

GONE = "Organisationen finns inte längre. Välj en annan i listan."
LATIN = "Använd bara bokstäverna a–z, siffror och bindestreck."


# A key that any database can hold.
NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


class ChosenField(forms.ModelMultipleChoiceField):
    """Organisations by their keys, in hidden fields."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> Any:
        """What no database can look for is none of them."""
        if not all(NUMBER.fullmatch(str(key)) for key in value or ()):
            raise forms.ValidationError(GONE, code="invalid_choice")
        return super().clean(value)


class MergeForm(forms.Form):
    """Says at each field why the organisations cannot be merged so; `plan` is what would happen."""

    organisations = ChosenField(
        queryset=Organisation.objects.all(),
        error_messages={
            "required": "Välj organisationerna i listan över organisationer.",
            "invalid_choice": GONE,
        },
    )
    date = DayField(
        "Från och med",
        required=True,
        help_text="En dag som kommer: det blir en plan, som kan ställas in fram till dess.",
    )
    successor = forms.ModelChoiceField(
        label="Går upp i",
        queryset=Organisation.objects.none(),
        required=False,
        empty_label="En ny organisation",
        error_messages={"invalid_choice": GONE},
    )
    name = forms.CharField(
        label="Den nyas namn",
        max_length=150,
        required=False,
        help_text="Bara om det är en ny.",
        validators=[refuse_personnummer, refuse_unseen],
        error_messages={"max_length": "Namnet får ha högst 150 tecken."},
    )
    short_name = forms.CharField(
        label="Den nyas kortnamn (frivilligt)",
        max_length=60,
        required=False,
        validators=[refuse_personnummer, refuse_unseen],
        error_messages={"max_length": "Kortnamnet får ha högst 60 tecken."},
    )
    slug = forms.SlugField(
        label="Den nyas adressnamn (frivilligt)",
        max_length=80,
        required=False,
        help_text="Står i adressen till dess sida. Lämna tomt, så görs det av namnet.",
        error_messages={
            "invalid": LATIN,
            "max_length": "Adressnamnet får ha högst 80 tecken.",
        },
    )
    parent = forms.ModelChoiceField(
        label="Den nya ingår i (frivilligt)",
        queryset=Organisation.objects.none(),
        required=False,
        empty_label="Samma som de som slås samman",
        error_messages={"invalid_choice": GONE},
    )
    reason = FreeText(
        label="Skäl",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Till exempel vilket beslut. Står i historiken.",
        error_messages={"required": "Skriv varför de slås samman."},
    )
    # Made anew each time the page is opened: a form that is sent twice makes one merger.
    opened = forms.CharField(
        max_length=64, required=False, widget=forms.HiddenInput, initial=lambda: uuid.uuid4().hex
    )

    plan: merging.Plan
    key: str | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = Organisation.objects.alphabetical().select_related("parent")
        lasting = known.exclude(valid_to__lte=timezone.localdate())
        for name in ("successor", "parent"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)  # noqa: S101
            field.queryset = lasting
        chosen = self.fields["organisations"]
        assert isinstance(chosen, forms.ModelMultipleChoiceField)  # noqa: S101
        chosen.queryset = known

    def clean_name(self) -> str:
        """On one line."""
        return one_line(self.cleaned_data["name"])

    def clean_short_name(self) -> str:
        """On one line."""
        return one_line(self.cleaned_data["short_name"])

    def clean(self) -> dict[str, Any]:
        """With the plan, if there can be one."""
        cleaned = super().clean() or {}
        if cleaned.get("successor") and cleaned.get("name"):
            told = "Lämna namnet tomt: du har valt en som finns. Eller välj En ny organisation."
            self.add_error("name", told)
        if self.errors:
            return cleaned
        successor = cleaned["successor"] or Organisation(
            name=cleaned["name"],
            short_name=cleaned["short_name"],
            slug=cleaned["slug"] or slugify(cleaned["name"])[:80].strip("-"),
            parent=cleaned["parent"],
        )
        self.plan = merging.Plan(cleaned["organisations"], successor, cleaned["date"])
        self.key = self._key(cleaned["opened"])
        self.add_problems(self.plan.problems())
        return cleaned

    def _key(self, opened: str) -> str | None:
        """The same for a page that is sent twice; another once what it says was changed."""
        into = self.plan.successor.pk or self.plan.successor.slug
        sent = repr([opened, self.plan.pks, into, self.plan.date])
        return hashlib.blake2b(sent.encode(), digest_size=16).hexdigest() if opened else None

    def add_problems(self, problems: Iterable[tuple[str, str]]) -> None:
        """Say why not, at the field; above them where it is about the organisations themselves."""
        for name, sentence in problems:
            self.add_error(None if name == merging.WHICH else name, sentence)


class CancelForm(forms.Form):
    """Why a planned merger does not come about."""

    reason = FreeText(
        label="Varför ställs den in?",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Står i historiken.",
        error_messages={"required": "Skriv varför sammanslagningen ställs in."},
    )
