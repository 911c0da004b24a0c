"""What tellers write: a good example or a story, and answers to questions about it."""

from typing import Any

from django import forms
from django.http import QueryDict

from core.forms import FreeText, one_line
from core.mail import LONGEST_ADDRESS, refuse_bad_address
from core.personnummer import refuse_personnummer
from library.models import StoryOffer, Theme
from library.voice_forms import SentForm


def _line(label: str, most: int, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=most,
        required=False,
        widget=forms.TextInput(attrs={"maxlength": None}),
        help_text=help_text,
        validators=[refuse_personnummer],
        error_messages={
            "max_length": "Texten är för lång: %(show_value)d tecken. Korta den till högst"
            " %(limit_value)d.",
        },
    )


class StoryForm(SentForm):
    """A good example or a story. Nobody is asked who she is."""

    kind = forms.ChoiceField(
        label="Vad vill du berätta?",
        choices=[
            (StoryOffer.Kind.STORY, "Något jag har varit med om"),
            (StoryOffer.Kind.EXAMPLE, "Ett gott exempel: något som fungerar"),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Välj vad du vill berätta. Det som ligger närmast räcker.",
            "invalid_choice": "Välj vad du vill berätta. Det som ligger närmast räcker.",
        },
    )
    text = FreeText(
        label="Berätta med dina egna ord",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text="Skriv som du pratar. Det får vara kort, och det behöver inte vara färdigt.",
        error_messages={"required": "Skriv något. Några meningar räcker."},
    )
    learning = FreeText(
        label="Vad kan andra lära av det?",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    title = _line("Rubrik", 150, "Om du vill. Annars hittar redaktionen på en.")
    theme = forms.ChoiceField(
        label="Vad handlar det mest om?",
        required=False,
        error_messages={"invalid_choice": "Ämnet finns inte längre. Välj ett annat."},
    )
    signature = _line(
        "Vad ska stå under texten?",
        80,
        "Ett namn som du väljer eller en funktion, till exempel ”boendestödjare”. Skriv inte"
        " efternamn. Lämna tomt om du vill vara anonym.",
    )
    email = forms.EmailField(
        label="Din e-postadress",
        max_length=LONGEST_ADDRESS,
        required=False,
        validators=[refuse_bad_address],
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text="Då mejlar vi länken till din sida, och säger till om vi har en fråga. Bara"
        " redaktionen och registratorn ser adressen. Den raderas 30 dagar efter att ärendet är"
        " klart.",
        error_messages={
            "invalid": "Skriv en e-postadress, till exempel namn@example.org, eller lämna tomt.",
            "max_length": f"Adressen får ha högst {LONGEST_ADDRESS} tecken.",
        },
    )
    consent = forms.BooleanField(
        label="Ja, KSI får publicera det jag berättar, på det sätt som står här.",
        error_messages={
            "required": "Kryssa i att KSI får publicera det. Vill du inte det kan vi inte ta emot"
            " berättelsen. Inget är skickat."
        },
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        theme = self.fields["theme"]
        assert isinstance(theme, forms.ChoiceField)  # noqa: S101
        theme.choices = [("", "Välj om du vill"), *Theme.objects.values_list("slug", "name")]

    def clean_title(self) -> str:
        """On one line."""
        return one_line(self.cleaned_data["title"])

    def clean_signature(self) -> str:
        """On one line."""
        return one_line(self.cleaned_data["signature"])

    @property
    def facts(self) -> dict[str, Any]:
        """What was typed, as the action takes it."""
        names = ("kind", "text", "learning", "title", "signature", "email")
        typed = {name: self.cleaned_data[name] for name in names}
        return typed | {"theme": Theme.objects.filter(slug=self.cleaned_data["theme"]).first()}


class AnswerForm(forms.Form):
    """The teller's answer to a question."""

    text = FreeText(
        label="Ditt svar",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Skriv ett svar, eller låt frågan vara."},
    )

    def __init__(self, data: QueryDict | None = None, *, number: int) -> None:
        super().__init__(data, auto_id=f"svar-{number}_%s")
