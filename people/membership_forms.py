"""Joining a unit."""

from typing import Any

from django import forms
from django.utils import timezone

from people.models import Membership, Organisation


class JoinForm(forms.Form):
    """Which unit, and as what."""

    organisation = forms.ModelChoiceField(
        label="Enhet eller organisation",
        queryset=Organisation.objects.none(),
        empty_label="Välj i listan",
        error_messages={
            "required": "Välj en enhet i listan.",
            "invalid_choice": "Enheten finns inte längre. Välj en annan i listan.",
        },
    )
    role = forms.ChoiceField(
        label="Din roll där",
        choices=Membership.Role.choices,
        initial=Membership.Role.REPORTER,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Välj vilken roll du har.",
            "invalid_choice": "Rollen finns inte. Välj en i listan.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = Organisation.objects.on(timezone.localdate()).alphabetical()
        chosen = self.fields["organisation"]
        assert isinstance(chosen, forms.ModelChoiceField)  # noqa: S101
        chosen.queryset = today
