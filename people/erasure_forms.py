"""Forms of those who hand out personal data and decide about erasing."""

from django import forms

from core.forms import FreeText
from core.mail import refuse_bad_address


class AddressForm(forms.Form):
    """Whose data are asked for."""

    email = forms.EmailField(
        label="E-postadress",
        error_messages={
            "required": "Skriv en e-postadress",
            "invalid": "Skriv en e-postadress, till exempel namn@example.org",
        },
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        validators=[refuse_bad_address],
    )


class DeclineForm(forms.Form):
    """Why not."""

    reason = FreeText(
        label="Skäl",
        max_length=2000,
        help_text="Skickas till den som bad om det. Skriv vad som måste finnas kvar och varför.",
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Skriv skälet"},
    )
