"""The small forms around the library's drafts: begin one, its files, publish it."""

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from core.drafting import digest
from core.forms import FreeText, careful_formfield, one_line
from core.payloads import Payload
from core.personnummer import refuse_personnummer
from core.uploads.kinds import kind_of
from library.draft_answers import Joined
from library.models import Draft, Instrument, Item, ItemFile
from people.models import User

KINDS = [
    *((f"{Draft.Subject.ITEM}:{value}", label) for value, label in Item.Kind.choices),
    (Draft.Subject.METHOD.value, Draft.Subject.METHOD.label),
    *(
        (f"{Draft.Subject.INSTRUMENT}:{value}", f"Instrument: {label.lower()}")
        for value, label in Instrument.Kind.choices
    ),
]
NAME = {Draft.Subject.ITEM: "title"}
LONGEST_NAME = {Draft.Subject.ITEM: 250}


class NewDraftForm(forms.Form):
    """What is needed to begin: what it is, and what it is called."""

    use_required_attribute = False

    kind = forms.ChoiceField(
        label="Vad är det?",
        choices=KINDS,
        widget=forms.RadioSelect,
        error_messages={"required": "Välj vad det är.", "invalid_choice": "Välj vad det är."},
    )
    name = forms.CharField(
        label="Vad heter det?",
        help_text="Du kan ändra det senare.",
        validators=[refuse_personnummer],
        error_messages={"required": "Skriv en titel eller ett namn."},
    )
    # Made anew each time the page is opened.
    opened = forms.CharField(
        max_length=64, required=False, widget=forms.HiddenInput, initial=lambda: uuid.uuid4().hex
    )

    @property
    def subject(self) -> str:
        """What the draft becomes."""
        return str(self.cleaned_data["kind"]).partition(":")[0]

    def clean(self) -> dict[str, Any]:
        """A name on one line, no longer than what is published may have."""
        cleaned = super().clean() or {}
        if "kind" not in cleaned or "name" not in cleaned:
            return cleaned
        name, most = one_line(cleaned["name"]), LONGEST_NAME.get(Draft.Subject(self.subject), 150)
        if not name:
            self.add_error("name", "Skriv en titel eller ett namn.")
        elif len(name) > most:
            told = f"Namnet är för långt: {len(name)} tecken. Korta det till högst {most}."
            self.add_error("name", told)
        cleaned["name"] = name
        return cleaned

    @property
    def payload(self) -> Payload:
        """The answers so far."""
        kind = str(self.cleaned_data["kind"]).partition(":")[2]
        answers = {NAME.get(Draft.Subject(self.subject), "name"): [self.cleaned_data["name"]]}
        return answers | ({"kind": [kind]} if kind else {}) | {"visibility": ["alla"]}

    def key(self, by: User) -> str:
        """The same for a page that is sent twice; another once anything in it was changed."""
        opened = self.cleaned_data["opened"] or uuid.uuid4().hex
        return digest("bibliotek", opened, by.pk, self.subject, self.payload)


class FileFactsForm(forms.ModelForm):
    """What is said of a file. What is heard must also be possible to read."""

    use_required_attribute = False

    class Meta:
        model = ItemFile
        fields = ["title", "visibility", "accessible", "transcript"]
        widgets = {"visibility": forms.RadioSelect, "accessible": forms.RadioSelect}
        formfield_callback = careful_formfield

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].error_messages["required"] = "Skriv vad filen är."

    def file_name(self) -> str:
        """What tells the kind of the file."""
        return str(self.instance.file.name or "")

    def clean(self) -> dict[str, Any]:
        """A transcript of what is heard."""
        cleaned = super().clean() or {}
        need_transcript(self, self.file_name(), cleaned.get("transcript", ""))
        return cleaned


def need_transcript(form: forms.BaseForm, name: str, transcript: str) -> None:
    """Ask for what is said, in text, where the file is sound."""
    kind = kind_of(name)
    if kind and kind.group == "audio" and not transcript.strip():
        told = "Skriv det som sägs, så att den som inte hör kan läsa det."
        form.add_error("transcript", forms.ValidationError(told, code="transcript"))


class NewFileForm(FileFactsForm):
    """A file to upload."""

    class Meta(FileFactsForm.Meta):
        fields = ["title", "file", "visibility", "accessible", "transcript"]

    def file_name(self) -> str:
        """As it is sent."""
        sent = self.cleaned_data.get("file")
        return str(sent.name) if sent else ""


KEEP, TAKE = "publicerat", "andringen"


class PublishForm(forms.Form):
    """Publish what was read; of what was changed on both sides, which answer stands."""

    version = forms.IntegerField(
        widget=forms.HiddenInput,
        min_value=1,
        max_value=2**31 - 1,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), "Ladda om sidan och försök igen."
        ),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        version: int,
        union: Joined | None,
        labels: Mapping[str, str],
    ) -> None:
        self.disputed = union.disputed if union else []
        published = union.published if union else {}
        self.stamp = digest(*((name, published.get(name)) for name in self.disputed))
        super().__init__(
            data, auto_id="publicera_%s", initial={"version": version, "seen": self.stamp}
        )
        for name in self.disputed:
            self.fields[f"val-{name}"] = forms.ChoiceField(
                label=labels[name],
                choices=[(KEEP, "Det som är publicerat"), (TAKE, "Det som står i utkastet")],
                widget=forms.RadioSelect,
                error_messages={"required": f"Välj vad som ska gälla: {labels[name].lower()}."},
            )

    def clean(self) -> dict[str, Any]:
        """What is published must be what the choices were made upon."""
        cleaned = super().clean() or {}
        if self.disputed and cleaned.get("seen") != self.stamp:
            raise forms.ValidationError(
                "Det publicerade har ändrats igen sedan du öppnade sidan. Läs och välj på nytt.",
                code="moved",
            )
        return cleaned

    @property
    def take(self) -> list[str]:
        """The disputed names of which the draft's answer stands."""
        return [name for name in self.disputed if self.cleaned_data[f"val-{name}"] == TAKE]


class WithdrawItemForm(forms.Form):
    """Why an item does not hold any more; everybody reads it."""

    reason = FreeText(
        label="Varför posten inte gäller längre",
        max_length=2000,
        help_text="Står på postens sida för alla.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Skriv varför posten inte gäller längre."},
    )
