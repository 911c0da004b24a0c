"""The form that takes a unit's own list."""

from typing import Any

from django import forms

from core.forms import UploadField
from core.uploads import DOCUMENTS

SPREADSHEETS = tuple(kind for kind in DOCUMENTS if ".xlsx" in kind.extensions)
MOST_BYTES = 2_000_000


class ListForm(forms.Form):
    """An Excel file."""

    file = UploadField(
        label="Er lista",
        kinds=SPREADSHEETS,
        help_text="En Excel-fil (.xlsx), högst 2 MB. Filen sparas inte.",
        error_messages={"required": "Välj en Excel-fil."},
    )

    def clean_file(self) -> Any:
        """Small enough to be read while somebody waits."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                "Filen är för stor för en lista. Ta bort bilder och blad som inte behövs, eller"
                " dela den: högst 2 MB.",
                code="large",
            )
        return file
