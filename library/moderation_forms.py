"""What curators type about what visitors have sent in."""

from typing import Any

from django import forms
from django.http import QueryDict

from core.forms import FreeText
from library.models import Gap, Item
from library.voice_forms import SentForm

NUMBER = "Ett nummer är bara siffror, till exempel 42."


class DeclineForm(forms.Form):
    """Why something is not shown."""

    reason = FreeText(
        label="Varför inte?",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Skriv varför."},
    )

    def __init__(self, data: QueryDict | None = None, *, told: str) -> None:
        super().__init__(data, auto_id="avboj_%s")
        self.fields["reason"].help_text = f"{told} {self.fields['reason'].help_text}"


class AskForm(SentForm):
    """A question to a teller."""

    text = FreeText(
        label="Din fråga",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Visas på sidan för den som berättade.",
        error_messages={"required": "Skriv en fråga."},
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, auto_id="fraga_%s")


class _Numbered(forms.RegexField):
    """The number of something, as it stands in its address."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            r"^[0-9]{1,9}\Z",
            widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "short"}),
            error_messages={"invalid": NUMBER, "required": "Skriv numret."},
            **kwargs,
        )


class AnsweredForm(forms.Form):
    """What answered a gap."""

    text = FreeText(
        label="Svaret i korthet",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Skriv med någon mening vad svaret är."},
    )
    number = _Numbered(
        label="Post i biblioteket",
        required=False,
        help_text="Numret i postens adress: /bibliotek/42/.",
    )
    address = forms.URLField(
        label="Adress någon annanstans",
        required=False,
        max_length=500,
        assume_scheme="https",
        error_messages={"invalid": "Skriv en hel adress, till exempel https://example.org/."},
    )

    def __init__(self, data: QueryDict | None = None, *, gap: Gap) -> None:
        known = {
            "text": gap.answer_text,
            "number": gap.answer_item_id or "",
            "address": gap.answer_url,
        }
        super().__init__(data, auto_id="svar_%s", initial=known)
        self.item: Item | None = None

    def clean(self) -> dict[str, Any]:
        """One of the two says where the answer is."""
        cleaned = super().clean() or {}
        number = cleaned.get("number")
        if number:
            self.item = Item.objects.published().filter(pk=int(number)).first()
            if self.item is None:
                self.add_error("number", f"Det finns ingen post med nummer {number}.")
        elif not cleaned.get("address") and not {"number", "address"} & self.errors.keys():
            self.add_error("number", "Skriv en post i biblioteket eller en adress.")
        return cleaned


class MergeForm(forms.Form):
    """Which other gap asks the same."""

    number = _Numbered(
        label="Nummer på den andra", help_text="Numret i dess adress: /kunskapsluckor/42/…"
    )

    def __init__(self, data: QueryDict | None = None, *, gap: Gap) -> None:
        super().__init__(data, auto_id="samma_%s")
        self.gap = gap
        self.into: Gap | None = None

    def clean_number(self) -> str:
        """Of another one that is public."""
        number: str = self.cleaned_data["number"]
        others = Gap.objects.published().exclude(pk=self.gap.pk)
        self.into = others.filter(pk=int(number)).first()
        if self.into is None:
            raise forms.ValidationError(f"Det finns ingen annan publicerad med nummer {number}.")
        return number
