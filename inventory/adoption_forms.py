"""What a unit writes when it wants to do as another one did, and when it tells how it went."""

from django import forms

from core.forms import FreeText
from inventory.models import HowItWent
from people.models import Organisation


class AdoptForm(forms.Form):
    """For which unit, and a word to the owner."""

    unit = forms.ModelChoiceField(
        label="För vilken enhet?",
        queryset=Organisation.objects.none(),
        empty_label="Välj i listan",
        error_messages={
            "required": "Välj vilken enhet det gäller.",
            "invalid_choice": "Välj en av dina enheter i listan.",
        },
    )
    text = FreeText(
        label="Hälsning till dem",
        max_length=2000,
        required=False,
        help_text="Vad vill ni veta? Vad är likt hos er, och vad är annorlunda?",
    )

    def __init__(self, *args: object, units: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        chosen = self.fields["unit"]
        chosen.queryset = units  # type: ignore[attr-defined]
        if len(units) == 1:  # type: ignore[arg-type]
            chosen.initial = units[0]  # type: ignore[index]


class HowItWentForm(forms.ModelForm):
    """How far it came, and what others can learn."""

    text = FreeText(
        label="Vad kan andra lära sig?",
        max_length=2000,
        required=False,
        help_text="Vad fungerade hos er? Vad fick ni ändra, eller varför blev det inte av?",
    )

    class Meta:
        model = HowItWent
        fields = ["answer", "text"]
        widgets = {"answer": forms.RadioSelect}
        labels = {"answer": "Hur gick det?"}
        error_messages = {"answer": {"required": "Välj hur det gick."}}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        answer = self.fields["answer"]
        answer.required = True
        answer.choices = HowItWent.Answer.choices  # type: ignore[attr-defined]
