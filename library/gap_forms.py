"""What visitors propose and what is asked of the list of knowledge gaps."""

from typing import Any

from django import forms
from django.http import QueryDict

from core.forms import FreeText, one_line
from core.personnummer import refuse_personnummer
from library.models import Gap, Theme
from library.voice_forms import SentForm


def title_field() -> forms.CharField:
    """The question on one line."""
    return forms.CharField(
        label="Vad är det ingen vet?",
        max_length=200,
        widget=forms.TextInput(attrs={"maxlength": None}),
        help_text="Gärna som en fråga: ”Hjälper boendestöd på kvällen?”",
        validators=[refuse_personnummer],
        error_messages={
            "required": "Skriv vad det är ingen vet.",
            "max_length": "Frågan är för lång: %(show_value)d tecken. Korta den till högst"
            " %(limit_value)d.",
        },
    )


def text_field() -> FreeText:
    """Why it matters."""
    return FreeText(
        label="Varför spelar det roll?",
        max_length=1500,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="För vem vore det bra att veta, och vad skulle bli bättre? Högst 1 500 tecken.",
        error_messages={"required": "Skriv med någon mening varför det spelar roll."},
    )


class GapForm(SentForm):
    """A proposed gap, and a proposal as a curator makes it clear."""

    title = title_field()
    text = text_field()
    themes = forms.MultipleChoiceField(
        label="Tema",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Ett av ämnena finns inte längre. Välj om."},
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        initial: dict[str, Any] | None = None,
        auto_id: str = "id_%s",
    ) -> None:
        super().__init__(data, initial=initial, auto_id=auto_id)
        themes = self.fields["themes"]
        assert isinstance(themes, forms.MultipleChoiceField)  # noqa: S101
        themes.choices = list(Theme.objects.values_list("slug", "name"))

    def clean_title(self) -> str:
        """On one line."""
        title = one_line(self.cleaned_data["title"])
        if not title:
            raise forms.ValidationError("Skriv vad det är ingen vet.", code="required")
        return title

    @property
    def facts(self) -> dict[str, Any]:
        """What was typed, as actions take it."""
        chosen = self.cleaned_data["themes"]
        typed = {name: self.cleaned_data[name] for name in ("title", "text")}
        return typed | {"themes": list(Theme.objects.filter(slug__in=chosen))}


class GapFilter(forms.Form):
    """What of the list somebody wants to see. What is wrong is left out of it."""

    MOST_SUPPORTED, NEWEST = "flest", "nyast"

    tema = forms.ModelChoiceField(
        label="Tema",
        queryset=Theme.objects.all(),
        to_field_name="slug",
        required=False,
        empty_label="Alla",
        error_messages={"invalid_choice": "Vi känner inte igen temat. Välj i listan."},
    )
    lage = forms.ChoiceField(
        label="Läge",
        choices=[("", "Alla"), (Gap.State.OPEN, "Obesvarade"), (Gap.State.ANSWERED, "Besvarade")],
        required=False,
        error_messages={"invalid_choice": "Vi känner inte igen läget. Välj i listan."},
    )
    sortera = forms.ChoiceField(
        label="Ordna efter",
        choices=[(MOST_SUPPORTED, "Flest som behöver veta"), (NEWEST, "Senast tillagda")],
        required=False,
        error_messages={"invalid_choice": "Den ordningen finns inte. Välj i listan."},
    )

    def narrow(self, gaps: Any) -> Any:
        """Those of these gaps that are asked for, in the asked order."""
        self.is_valid()
        asked = self.cleaned_data
        if asked.get("tema"):
            gaps = gaps.filter(themes=asked["tema"])
        if asked.get("lage"):
            gaps = gaps.filter(state=asked["lage"])
        newest = ("-received_at", "-pk")
        by_date = asked.get("sortera") == self.NEWEST
        # What is answered stands last: the list is of what nobody knows.
        return gaps.order_by(*(newest if by_date else ("-state", "-supported", *newest)))
