"""The small forms around a draft: begin it, answer whether it exists already, answer a comment."""

import uuid
from typing import Any

from django import forms
from django.db.models import QuerySet

from core.draft_fields import Several
from core.drafting import digest
from core.forms import FreeText, one_line
from core.payloads import Payload
from core.personnummer import refuse_personnummer
from inventory.models import Draft, Project
from people.models import Organisation, User


class NewDraftForm(forms.Form):
    """What is needed to begin: a unit, a kind and a name."""

    use_required_attribute = False

    unit = forms.ModelChoiceField(
        Organisation.objects.none(),
        label="Vilken enhet lämnar in?",
        empty_label=None,
        error_messages={
            "required": "Välj en enhet.",
            "invalid_choice": "Välj en av dina enheter.",
        },
    )
    kind = forms.ChoiceField(
        label="Vad är det?",
        choices=Project.Kind.choices,
        widget=forms.RadioSelect,
        help_text="En verksamhet pågår tills vidare, ett projekt tar slut.",
        error_messages={"required": "Välj vad det är."},
    )
    title = forms.CharField(
        label="Vad heter det?",
        help_text="Ett namn som säger vad det är. Du kan ändra det senare.",
        validators=[refuse_personnummer],
        error_messages={"required": "Skriv ett namn."},
    )
    plain_summary = FreeText(
        label="Berätta kort, på lätt svenska",
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Då kan vi visa vad som liknar det i andra stadsdelar.",
    )
    # Made anew each time the page is opened.
    opened = forms.CharField(
        max_length=64, required=False, widget=forms.HiddenInput, initial=lambda: uuid.uuid4().hex
    )

    def __init__(self, *args: Any, units: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["unit"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101
        field.queryset = units
        field.initial = units.first()

    def clean_title(self) -> str:
        """On one line, no longer than a project's."""
        title = one_line(self.cleaned_data["title"])
        most = Project._meta.get_field("title").max_length or 0
        if len(title) > most:
            raise forms.ValidationError(
                f"Namnet är för långt: {len(title)} tecken. Korta det till högst {most}."
            )
        if not title:
            raise forms.ValidationError("Skriv ett namn.")
        return title

    @property
    def payload(self) -> Payload:
        """The answers so far."""
        names = ("kind", "title", "plain_summary")
        answers = {name: [self.cleaned_data[name]] for name in names if self.cleaned_data[name]}
        return answers | {"visibility": ["alla"]}

    def key(self, by: User) -> str:
        """The same for a page that is sent twice; another once anything in it was changed."""
        sent = [
            self.cleaned_data["opened"] or uuid.uuid4().hex,
            by.pk,
            self.cleaned_data["unit"].pk,
        ]
        return digest(sent, self.payload)


class AlikeForm(forms.Form):
    """The answer to "Finns det redan?". Where nothing is alike, there is nothing to explain."""

    use_required_attribute = False

    choice = forms.ChoiceField(
        label="Hur gör ni?",
        choices=Draft.Choice.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Välj hur ni gör."},
    )
    projects = Several(
        Project.objects.none(),
        label="Vad bygger ni på?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Om ni återanvänder eller anpassar något: välj vad.",
        error_messages={"invalid_choice": "Välj bland projekten på sidan."},
    )
    reason = FreeText(
        label="Varför gör ni något nytt?",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Det räcker med en mening. Redaktionen läser den.",
    )

    def __init__(
        self, *args: Any, projects: QuerySet[Project], alike: list[Project], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.alike = alike
        field = self.fields["projects"]
        assert isinstance(field, forms.ModelMultipleChoiceField)  # noqa: S101
        field.queryset = projects
        field.choices = [(project.pk, f"{project.title} ({project.lead})") for project in alike]

    def clean(self) -> dict[str, Any]:
        """What the choice asks for besides."""
        cleaned = super().clean() or {}
        choice = cleaned.get("choice")
        if choice == Draft.Choice.NEW:
            cleaned["projects"] = Project.objects.none()
            if self.alike and not cleaned.get("reason") and "reason" not in self.errors:
                self.add_error("reason", "Skriv varför ni gör något nytt.")
        elif choice and not cleaned.get("projects") and "projects" not in self.errors:
            self.add_error("projects", "Välj vad ni bygger på.")
        return cleaned


class CommentAnswerForm(forms.Form):
    """What a unit answers a curator's comment."""

    answer = FreeText(
        label="Ert svar",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Skriv ett svar."},
    )


class UnitRulesForm(forms.Form):
    """How a unit wants it."""

    manager_approves = forms.BooleanField(
        label="Chefen godkänner det som enheten skriver innan det lämnas in", required=False
    )
