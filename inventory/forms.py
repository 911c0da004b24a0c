"""What curators type about a project."""

from typing import Any

from django import forms

from core.forms import FreeText, careful_formfield
from inventory.models import Project

MISSING = "Fyll i det här för att kunna publicera."
MISSING_WHEN_ENDED = "Fyll i det här när läget är avslutat."


class ProjectForm(forms.ModelForm):
    """A project as curators edit it; says at each field what a publication still lacks."""

    class Meta:
        model = Project
        exclude = ["last_confirmed_at", "last_confirmed_by"]  # noqa: DJ006 - all others
        formfield_callback = careful_formfield

    def clean(self) -> dict[str, Any]:
        """Entries from a source may lack what the source does not tell; others may not."""
        cleaned = super().clean() or {}
        if cleaned.get("source"):
            return cleaned
        for name in (*Project.REQUIRED, *Project.REQUIRED_TERMS):
            self._require(name, MISSING)
        if cleaned.get("status") in {Project.Status.ENDED, Project.Status.CLOSED}:
            for name in Project.REQUIRED_WHEN_ENDED:
                self._require(name, MISSING_WHEN_ENDED)
            if cleaned.get("reach_actual") is None:
                self._require("reach_actual", MISSING_WHEN_ENDED)
        return cleaned

    def _require(self, name: str, message: str) -> None:
        if not self.cleaned_data.get(name) and name not in self.errors:
            self.add_error(name, message)


class WithdrawForm(forms.Form):
    """Why a project is taken out of the inventory."""

    reason = FreeText(
        label="Skäl",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Visas för den som öppnar projektets adress.",
        error_messages={"required": "Skriv varför projektet avpubliceras."},
    )
