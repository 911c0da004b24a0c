"""What is typed about reading lists."""

import uuid

from django import forms

from core.forms import FreeText, one_line
from core.personnummer import refuse_personnummer
from library.models import ReadingList

TOO_LONG = "Texten är för lång: %(show_value)d tecken. Korta den till högst %(limit_value)d."


def _line(label: str, most: int, missing: str = "", **more: object) -> forms.CharField:
    field = forms.CharField(
        label=label,
        max_length=most,
        required=bool(missing),
        widget=forms.TextInput(attrs={"maxlength": None}),
        validators=[refuse_personnummer],
        error_messages={"required": missing, "max_length": TOO_LONG},
    )
    for name, value in more.items():
        setattr(field, name, value)
    return field


class ReadingListForm(forms.Form):
    """The name of a list, and what it is for."""

    title = _line("Vad ska listan heta?", 120, "Skriv ett namn på listan.")
    description = FreeText(
        label="Vad är den till för? (frivilligt)",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Till exempel: Läs det här först om du är ny boendestödjare.",
    )
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def clean_title(self) -> str:
        """On one line."""
        return one_line(self.cleaned_data["title"])

    def clean_key(self) -> str:
        """The form's own, so that a double click makes one list."""
        return str(self.cleaned_data["key"] or uuid.uuid4().hex)


class NoteForm(forms.Form):
    """Why something is in the list."""

    note = _line("Varför står den här? (frivilligt)", 300)

    def clean_note(self) -> str:
        """On one line."""
        return one_line(self.cleaned_data["note"])


class AddForm(NoteForm):
    """Which of one's lists, or a new one."""

    NEW = "ny"

    reading_list = forms.ChoiceField(
        label="I vilken lista?",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Välj en lista.",
            "invalid_choice": "Den listan finns inte längre. Välj en annan.",
        },
    )
    title = _line("Vad ska den nya listan heta?", 120, help_text="Bara om du väljer en ny lista.")
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    field_order = ("reading_list", "title", "note", "key")

    def __init__(self, *args: object, lists: list[ReadingList], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choices = [(str(each.pk), each.title) for each in lists]
        self.fields["reading_list"].choices = [*choices, (self.NEW, "En ny lista")]  # type: ignore[attr-defined]
        if not lists:
            self.fields["reading_list"].initial = self.NEW

    def clean_title(self) -> str:
        """On one line."""
        return one_line(self.cleaned_data["title"])

    def clean_key(self) -> str:
        """The form's own."""
        return str(self.cleaned_data["key"] or uuid.uuid4().hex)

    def clean(self) -> None:
        """A new list has a name."""
        super().clean()
        chosen, title = self.cleaned_data.get("reading_list"), self.cleaned_data.get("title")
        if chosen == self.NEW and title == "" and "title" not in self.errors:
            self.add_error("title", "Skriv vad den nya listan ska heta.")
