"""What readers answer to "Stämmer det här hos er?", and the ground of what visitors send in."""

import hashlib
import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils import timezone

from core.forms import FreeText
from library.models import Voice
from people.models import Organisation


class SentForm(forms.Form):
    """A form that visitors send in, of which a double click makes one."""

    # Made anew each time the page is opened.
    opened = forms.CharField(
        max_length=64, required=False, widget=forms.HiddenInput, initial=lambda: uuid.uuid4().hex
    )

    def key(self, *about: object) -> str:
        """The same for a page that is sent twice; another once anything in it was changed.

        A form without its number is always a new one.
        """
        sent = {name: str(value) for name, value in self.cleaned_data.items()}
        sent["opened"] = sent["opened"] or uuid.uuid4().hex
        return hashlib.blake2b(
            repr([type(self).__name__, *about, sorted(sent.items())]).encode(),
            key=settings.SECRET_KEY.encode()[:64],
            digest_size=16,
        ).hexdigest()

    def add_too_many(self, seconds: int, what: str) -> None:
        """Nothing was sent, and nothing is lost."""
        minutes = -(-seconds // 60)
        self.add_error(
            None,
            f"{what} är inte skickad. Det har kommit många härifrån på kort tid. Vänta"
            f" {minutes} {'minut' if minutes == 1 else 'minuter'} och tryck på knappen igen. Det du"
            " skrev står kvar.",
        )


class VoiceForm(SentForm):
    """Whether it is so where the reader is. Nobody is asked who she is."""

    answer = forms.ChoiceField(
        label="Stämmer det här hos er?",
        choices=Voice.Answer,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Välj om det stämmer, stämmer delvis eller inte stämmer.",
            "invalid_choice": "Välj om det stämmer, stämmer delvis eller inte stämmer.",
        },
    )
    text = FreeText(
        label="Några ord",
        max_length=600,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Vad är likadant hos er, och vad är annorlunda? Högst 600 tecken.",
    )
    role = forms.ChoiceField(
        label="Hur vet du det?",
        required=False,
        choices=[
            ("", "Vill inte säga"),
            (Voice.Role.WORKS, "Jag arbetar med det här"),
            (Voice.Role.LEADS, "Jag leder arbetet"),
            (Voice.Role.LIVED, "Jag har egen erfarenhet"),
            (Voice.Role.CLOSE, "Jag är närstående"),
        ],
        initial="",
        widget=forms.RadioSelect,
        help_text="Du behöver inte säga det. Väljer du något visas det vid dina ord.",
        error_messages={"invalid_choice": "Välj i listan, eller ”Vill inte säga”."},
    )
    district = forms.ChoiceField(
        label="I vilket stadsdelsområde?",
        required=False,
        error_messages={"invalid_choice": "Stadsdelsområdet finns inte i listan. Välj ett annat."},
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        today = Organisation.objects.districts().on(timezone.localdate()).alphabetical()
        district = self.fields["district"]
        assert isinstance(district, forms.ChoiceField)  # noqa: S101
        district.choices = [("", "Vill inte säga"), *((each.slug, each.label) for each in today)]

    @property
    def facts(self) -> dict[str, Any]:
        """What was typed, as the action takes it."""
        typed = {name: self.cleaned_data[name] for name in ("answer", "text", "role")}
        slug = self.cleaned_data["district"]
        found = Organisation.objects.districts().filter(slug=slug).first() if slug else None
        return typed | {"district": found}
