"""What curators write about a draft."""

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from core.forms import FreeText
from core.payloads import carried, since_carried
from inventory.differences import Joined
from inventory.questions import questions

KEEP, TAKE = "publicerat", "andringen"
UNKNOWN_QUESTION = "Frågan finns inte. Ladda om sidan och försök igen."
MOVED_ON = "Det publicerade har ändrats igen sedan du öppnade sidan. Läs svaren och välj på nytt."


class CommentForm(forms.Form):
    """A comment to one question, or to the whole."""

    question = forms.ChoiceField(
        widget=forms.HiddenInput,
        required=False,
        choices=lambda: [("", "Helheten"), *((each.key, each.label) for each in questions())],
        error_messages={"invalid_choice": UNKNOWN_QUESTION},
    )
    text = FreeText(
        label="Din kommentar",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Skriv en kommentar."},
    )
    # Made anew each time the page is opened.
    opened = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, question: str = "", opened: str = ""
    ) -> None:
        super().__init__(
            data,
            auto_id=f"kommentar-{question or 'helheten'}_%s",
            initial={"question": question, "opened": opened},
        )

    def key(self, draft: int) -> str:
        """The same for a page that is sent twice; another once anything in it was changed."""
        sent = [draft, *(self.cleaned_data[name] for name in ("question", "text"))]
        opened = self.cleaned_data["opened"] or uuid.uuid4().hex
        return hashlib.blake2b(repr([*sent, opened]).encode(), digest_size=16).hexdigest()


class ReturnForm(forms.Form):
    """Back to the unit. The comments say why, or else the reason does."""

    reason = FreeText(
        label="Några ord till enheten",
        max_length=2000,
        help_text="Kommer i mejlet, tillsammans med vägen till kommentarerna.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Skriv vad enheten ska ändra, eller kommentera en fråga."},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, has_comments: bool) -> None:
        super().__init__(data, auto_id="atersand_%s")
        self.fields["reason"].required = not has_comments


class DeclineDraftForm(forms.Form):
    """Not to be published, for good."""

    reason = FreeText(
        label="Varför det inte publiceras",
        max_length=2000,
        help_text="Skickas till enheten.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Skriv varför det inte publiceras."},
    )

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, auto_id="avboj_%s")


class PublishForm(forms.Form):
    """Publish what the curator has read; of what both sides changed, which answer stands."""

    version = forms.IntegerField(
        widget=forms.HiddenInput,
        min_value=1,
        max_value=2**31 - 1,
        error_messages={
            "required": "Ladda om sidan och försök igen.",
            "invalid": "Ladda om sidan och försök igen.",
        },
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
        self.published = union.published if union else {}
        super().__init__(
            data,
            auto_id="publicera_%s",
            initial={"version": version, "seen": carried(self.published, self.disputed)},
        )
        for name in self.disputed:
            self.fields[f"val-{name}"] = forms.ChoiceField(
                label=labels[name],
                widget=forms.RadioSelect,
                choices=[(KEEP, "Behåll det publicerade"), (TAKE, "Ta enhetens ändring")],
                error_messages={
                    "required": f"Välj vilket svar som ska gälla: {labels[name]}.",
                    "invalid_choice": f"Välj vilket svar som ska gälla: {labels[name]}.",
                },
            )

    def clean(self) -> dict[str, Any]:
        """Refuse a choice between other answers than those that were read."""
        cleaned = super().clean() or {}
        was_seen = since_carried(cleaned.get("seen", ""))
        if any(not was_seen(name, self.published.get(name, [])) for name in self.disputed):
            self.add_error(None, MOVED_ON)
        return cleaned

    def read_again(self) -> None:
        """Let the page that comes back tell of what it shows, not of what was read before."""
        self.data = {name: self.data.get(name) for name in self.data} | dict(self.initial)

    @property
    def taken(self) -> set[str]:
        """The names whose answer is to be the revision's, of those that both sides changed."""
        return {name for name in self.disputed if self.cleaned_data.get(f"val-{name}") == TAKE}

    @property
    def chosen(self) -> dict[str, forms.BoundField]:
        """Name → the field that chooses."""
        return {name: self[f"val-{name}"] for name in self.disputed}
