"""The forms of a draft's files."""

import hashlib
import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files import File

from core.forms import UploadField, one_line, refuse_unseen, told
from core.personnummer import refuse_personnummer
from core.uploads import DOCUMENTS, IMAGES
from inventory.models import DraftFile, FileKind
from search.models import Audience

KINDS = (*DOCUMENTS, *IMAGES)
NOBODY_IN_FILE = "Filen får inte peka ut en person: inga namn, inget personnummer."
LONGEST_TITLE = 200


class FactsForm(forms.Form):
    """What is told of a file."""

    use_required_attribute = False

    title = forms.CharField(
        label="Rubrik",
        max_length=LONGEST_TITLE,
        help_text="Det som står på projektets sida, till exempel Slutrapport 2025.",
        validators=[refuse_unseen, refuse_personnummer],
        error_messages={
            "required": "Skriv en rubrik, till exempel Slutrapport 2025.",
            "max_length": "Rubriken är för lång: %(show_value)d tecken. Korta den till högst"
            " %(limit_value)d.",
        },
    )
    kind = forms.ChoiceField(
        label="Vad är det för fil?",
        choices=[("", "Välj"), *FileKind.choices],
        error_messages={
            "required": "Välj vad det är för fil.",
            "invalid_choice": "Välj vad det är för fil i listan.",
        },
    )
    visibility = forms.ChoiceField(
        label="Vem ska kunna läsa filen?",
        choices=[
            (Audience.PUBLIC, "Alla som kan läsa om projektet"),
            (Audience.STAFF, "Bara inloggad personal"),
        ],
        initial=Audience.PUBLIC,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Välj vem som ska kunna läsa filen.",
            "invalid_choice": "Välj vem som ska kunna läsa filen.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A browser would cut off what is pasted in silence.
        self.fields["title"].widget.attrs.pop("maxlength", None)

    def clean_title(self) -> str:
        """On one line."""
        return one_line(self.cleaned_data["title"])

    @property
    def facts(self) -> dict[str, str]:
        """What was typed, as it is kept."""
        return {name: self.cleaned_data[name] for name in ("title", "kind", "visibility")}


class AddFileForm(FactsForm):
    """A file, and what is told of it."""

    file = UploadField(label="Fil", kinds=KINDS, help_text=f"{NOBODY_IN_FILE} {told(KINDS)}")
    # Made anew each time the page is opened.
    opened = forms.CharField(
        max_length=64, required=False, widget=forms.HiddenInput, initial=lambda: uuid.uuid4().hex
    )
    field_order = ("file", "title", "kind", "visibility", "opened")

    def clean_file(self) -> File:
        """Under a name that points nobody out: it is what the file is saved as when fetched."""
        file: File = self.cleaned_data["file"]
        try:
            refuse_personnummer(file.name or "")
        except ValidationError:
            raise ValidationError(
                "Filnamnet innehåller något som ser ut som ett personnummer. Byt namn på filen och"
                " försök igen.",
                code="personnummer",
            ) from None
        return file

    def add_too_many(self) -> None:
        """The draft is full."""
        self.add_error(
            "file", f"Högst {DraftFile.MOST} filer får plats. Ta bort någon och försök igen."
        )

    def key(self, draft: int) -> str:
        """The same for a page that is sent twice; another once anything in it was changed."""
        file: File = self.cleaned_data["file"]
        opened = self.cleaned_data["opened"] or uuid.uuid4().hex
        sent = [draft, opened, file.name, file.size, *self.facts.values()]
        return hashlib.blake2b(repr(sent).encode(), digest_size=16).hexdigest()
