"""What curators type about a project, and what visitors write to its function."""

import hashlib
import uuid
from typing import Any

from django import forms
from django.conf import settings

from core.forms import FreeText, careful_formfield, one_line
from core.mail import LONGEST_ADDRESS, refuse_bad_address
from core.personnummer import refuse_personnummer
from inventory import actions
from inventory.models import LONGEST_QUERY, Document, Follow, Frequency, Project

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
            self.add_error(name, forms.ValidationError(message, code="missing"))


class DocumentFormSet(forms.BaseInlineFormSet):
    """Files below their project; the search follows what becomes of them."""

    def save_new(self, form: Any, commit: bool = True) -> Document:
        """Save a new file, whose pages will be found."""
        document = super().save_new(form, commit)
        if commit:
            actions.document_saved(document=document, new_file=True)
        return document

    def save_existing(self, form: Any, obj: Document, commit: bool = True) -> Document:
        """Save another file or title, by which its pages will be found."""
        document = super().save_existing(form, obj, commit)
        if commit:
            actions.document_saved(document=document, new_file="file" in form.changed_data)
        return document

    def delete_existing(self, obj: Document, commit: bool = True) -> None:
        """Delete a file and its pages."""
        if commit:
            actions.delete_document(document=obj)


class WithdrawForm(forms.Form):
    """Why a project is taken out of the inventory."""

    reason = FreeText(
        label="Skäl",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Visas för den som öppnar projektets adress.",
        error_messages={"required": "Skriv varför projektet avpubliceras."},
    )


class ContactForm(forms.Form):
    """A message to a project's function. Nobody is asked who she is, or why."""

    text = FreeText(
        label="Ditt meddelande",
        max_length=4000,
        error_messages={"required": "Skriv ett meddelande."},
    )
    email = forms.EmailField(
        label="Din e-postadress",
        max_length=LONGEST_ADDRESS,
        help_text="Funktionen svarar dit.",
        validators=[refuse_bad_address],
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": "Skriv din e-postadress, så att funktionen kan svara.",
            "invalid": "Skriv en e-postadress, till exempel namn@example.org.",
            "max_length": f"Adressen får ha högst {LONGEST_ADDRESS} tecken.",
        },
    )
    name = forms.CharField(
        label="Ditt namn",
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"max_length": "Namnet får ha högst 100 tecken."},
        validators=[refuse_personnummer],
    )
    # Made anew each time the page is opened.
    opened = forms.CharField(
        max_length=64, required=False, widget=forms.HiddenInput, initial=lambda: uuid.uuid4().hex
    )

    def clean_name(self) -> str:
        """On one line."""
        return one_line(self.cleaned_data["name"])

    def key(self, public_id: int) -> str:
        """The same for a page that is sent twice; another once anything in it was changed.

        So a double click sends one message, and what was rewritten after the way back is not
        mistaken for the one that was sent. A form without its number is always a new one.
        """
        sent = [self.cleaned_data[name] for name in ("opened", "text", "email", "name")]
        sent[0] = sent[0] or uuid.uuid4().hex
        return hashlib.blake2b(
            repr([public_id, *sent]).encode(), key=settings.SECRET_KEY.encode()[:64], digest_size=16
        ).hexdigest()


class FollowForm(forms.Form):
    """What is to be followed: it stands in the address, since nobody types it."""

    def __init__(self, *args: Any, query: str = "", words: str = "", **kwargs: Any) -> None:
        """`words` are those that somebody looked for."""
        super().__init__(*args, **kwargs)
        self.query, self.words = query, words

    def clean(self) -> None:
        """What somebody looks for is kept here, so it is free text."""
        refuse_personnummer(self.words)
        if len(self.query) > LONGEST_QUERY:
            raise forms.ValidationError(
                "Urvalet har för många val för att följas. Ta bort några av dem och försök igen."
            )

    def add_too_many(self) -> None:
        """She follows as much as one can."""
        self.add_error(
            None,
            f"Du följer redan {Follow.MOST} saker, och fler går det inte att följa. Sluta följa"
            " något på Mina sidor och försök igen.",
        )


class FrequencyForm(forms.Form):
    """How often digests are sent."""

    frequency = forms.ChoiceField(
        label="Hur ofta vill du ha mejl?",
        choices=Frequency.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Välj hur ofta du vill ha mejl.",
            "invalid_choice": "Så ofta går det inte att få mejl. Välj i listan.",
        },
    )
