"""Forms of the curators' desk for the library."""

from typing import Any

from django import forms

from core.forms import careful_formfield
from library import actions
from library.curating_forms import need_transcript
from library.draft_base import possible_year
from library.models import Item, ItemFile

MISSING = "Krävs av det som inte är hämtat ur en källa."


class ItemForm(forms.ModelForm):
    """A published item. What its source does not tell may be missing; nothing else may."""

    url = forms.URLField(
        label="Länk till fulltext", max_length=500, assume_scheme="https", required=False
    )

    class Meta:
        model = Item
        # The admin chooses among the others; answers to the seven questions are written in a draft.
        exclude = ("how_known",)  # noqa: DJ006
        formfield_callback = careful_formfield

    def clean_year(self) -> int | None:
        """A year that something can have been published in."""
        return possible_year(self.cleaned_data["year"])

    def clean(self) -> dict[str, Any]:
        """Everything that is required of what has no source, at its field."""
        cleaned = super().clean() or {}
        if not cleaned.get("source"):
            for name in (*Item.REQUIRED, *Item.REQUIRED_TERMS):
                if name in self.fields and not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, forms.ValidationError(MISSING, code="missing"))
        return cleaned


class ItemFileForm(forms.ModelForm):
    """A file below its item."""

    class Meta:
        model = ItemFile
        fields = ("title", "file", "visibility", "accessible", "transcript")
        formfield_callback = careful_formfield

    def clean(self) -> dict[str, Any]:
        """What is heard can also be read."""
        cleaned = super().clean() or {}
        sent = cleaned.get("file")
        if sent:
            need_transcript(self, str(sent.name), cleaned.get("transcript", ""))
        return cleaned


class ItemFileFormSet(forms.BaseInlineFormSet):
    """Files below their item; workers and the search follow what becomes of them."""

    def save_new(self, form: Any, commit: bool = True) -> ItemFile:
        """Save a new file, which will be read."""
        file: ItemFile = super().save_new(form, commit)
        if commit:
            actions.file_saved(file=file, new_file=True)
        return file

    def save_existing(self, form: Any, obj: ItemFile, commit: bool = True) -> ItemFile:
        """Save another file, or what is said of it."""
        file: ItemFile = super().save_existing(form, obj, commit)
        if commit:
            actions.file_saved(file=file, new_file="file" in form.changed_data)
        return file

    def delete_existing(self, obj: ItemFile, commit: bool = True) -> None:
        """Delete a file and its pages."""
        if commit:
            actions.delete_file(file=obj)
