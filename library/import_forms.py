"""The form that takes a list of references."""

from typing import Any

from django import forms

from core.forms import FreeText
from core.uploads.names import BadName, clean_name
from library.references import MOST_BYTES, decoded

MOST_LETTERS = 1_000_000


class ReferencesForm(forms.Form):
    """A file, or what is pasted. The file is read and not kept, so that its name tells nothing."""

    use_required_attribute = False

    file = forms.FileField(
        label="Fil",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput({"accept": ".ris,.bib,.txt"}),
        help_text="RIS eller BibTeX (.ris, .bib eller .txt), högst 2 MB. Filen sparas inte.",
        error_messages={"invalid": "Filen kom inte fram. Välj den igen och försök igen."},
    )
    text = FreeText(
        label="Eller klistra in",
        required=False,
        max_length=MOST_LETTERS,
        help_text="Från Zotero, EndNote, Libris eller DiVA.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].help_text = "Från Zotero, EndNote, Libris eller DiVA."
        self.references = ""

    def clean_file(self) -> Any:
        """Small enough to be read while somebody waits, under an ordinary name."""
        file = self.cleaned_data["file"]
        if not file:
            return None
        try:
            clean_name(file.name or "")
        except BadName as problem:
            raise forms.ValidationError(str(problem), code="name") from problem
        if file.size > MOST_BYTES or getattr(file, "left_out", False):
            raise forms.ValidationError(
                "Filen är för stor: högst 2 MB. Dela listan i flera filer.", code="large"
            )
        if not file.size:
            raise forms.ValidationError("Filen är tom. Välj en annan.", code="empty")
        return file

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        cleaned = super().clean() or {}
        file, text = cleaned.get("file"), cleaned.get("text")
        if self.errors:
            return cleaned
        if file and text:
            self.add_error("file", "Välj en fil eller klistra in, inte båda.")
        elif not file and not text:
            self.add_error("file", "Välj en fil, eller klistra in referenserna.")
        else:
            self.references = decoded(file.read()) if file else str(text)
        return cleaned
