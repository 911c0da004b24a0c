"""What units type about their ideas and needs, and what is asked of the list of them."""

import hashlib
import re
import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.forms import model_to_dict
from django.http import QueryDict

from core.forms import FreeText, one_line
from core.mail import LONGEST_ADDRESS, refuse_bad_address
from core.personnummer import refuse_personnummer
from inventory.actions import IdeaFacts
from inventory.models import Idea, Project
from library.models import ServiceArea, Theme
from people.models import Organisation, User, audiences_of
from search.models import Audience

SEES = {
    Audience.STAFF: "Personal i staden, när de är inloggade",
    Audience.PUBLIC: "Alla",
}


def _line(label: str, most: int, missing: str, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=most,
        widget=forms.TextInput(attrs={"maxlength": None}),
        validators=[refuse_personnummer],
        error_messages={
            "required": missing,
            "max_length": "Texten är för lång: %(show_value)d tecken. Korta den till högst"
            " %(limit_value)d.",
        },
        **more,
    )


def _unit(label: str = "För vilken enhet?") -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        label=label,
        queryset=Organisation.objects.none(),
        empty_label="Välj i listan",
        error_messages={
            "required": "Välj en enhet i listan.",
            "invalid_choice": "Du kan inte välja den enheten. Välj en annan i listan.",
        },
    )


def _several(label: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Ett av valen finns inte längre. Välj om."},
    )


# Words of vocabularies are compared here: a database takes neither any sign nor any number.
TERMS: Mapping[str, type[Theme | ServiceArea]] = {"themes": Theme, "service_areas": ServiceArea}


class IdeaForm(forms.Form):
    """An idea or a need, for one of the units that somebody speaks for."""

    kind = forms.ChoiceField(
        label="Vad gäller det?",
        choices=[
            (Idea.Kind.IDEA, "En idé: något vi vill pröva"),
            (Idea.Kind.NEED, "Ett behov: något vi saknar"),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Välj om det är en idé eller ett behov.",
            "invalid_choice": "Välj om det är en idé eller ett behov.",
        },
    )
    organisation = _unit()
    title = _line(
        "Rubrik", 120, "Skriv en rubrik.", help_text="Så kort att andra ser vad det handlar om."
    )
    text = FreeText(
        label="Beskriv kort",
        max_length=1500,
        help_text="Vad vill ni göra eller vad saknas, för vem och varför? Högst 1 500 tecken.",
        error_messages={"required": "Beskriv idén eller behovet med några meningar."},
    )
    themes = _several("Tema")
    service_areas = _several("Verksamhetsområde")
    contact_function = _line(
        "Kontakt: funktion",
        150,
        "Skriv vilken funktion andra kan kontakta.",
        help_text="En funktion, inte en person: till exempel Enhetschefen, Boendestöd söder.",
    )
    contact_email = forms.EmailField(
        label="Kontakt: funktionsbrevlåda",
        max_length=LONGEST_ADDRESS,
        help_text="Enhetens gemensamma e-postadress. Inloggad personal ser den, och enheter som"
        " tänker lika får den i ett mejl.",
        validators=[refuse_bad_address],
        error_messages={
            "required": "Skriv funktionens e-postadress.",
            "invalid": "Skriv en e-postadress, till exempel enheten@example.org.",
            "max_length": f"Adressen får ha högst {LONGEST_ADDRESS} tecken.",
        },
    )
    visibility = forms.ChoiceField(
        label="Vem får läsa?",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Välj vem som får läsa.",
            "invalid_choice": "Välj vem som får läsa.",
        },
    )
    # Made anew each time the page is opened.
    opened = forms.CharField(
        max_length=64, required=False, widget=forms.HiddenInput, initial=lambda: uuid.uuid4().hex
    )
    # Which words the poster has seen others like, so that they are shown once.
    compared = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        user: User,
        organisations: QuerySet[Organisation],
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.user = user
        units = self.fields["organisation"]
        assert isinstance(units, forms.ModelChoiceField)  # noqa: S101
        units.queryset = organisations
        for name, model in TERMS.items():
            several = self.fields[name]
            assert isinstance(several, forms.MultipleChoiceField)  # noqa: S101
            several.choices = list(model._default_manager.values_list("slug", "name"))
        seen_by = self.fields["visibility"]
        assert isinstance(seen_by, forms.ChoiceField)  # noqa: S101
        # Nobody hides something from herself.
        audiences = audiences_of(user)
        choices = [(each.value, told) for each, told in SEES.items() if each in audiences]
        seen_by.choices, seen_by.initial = choices, choices[0][0]

    def clean_title(self) -> str:
        """On one line."""
        return self._on_one_line("title", "Skriv en rubrik.")

    def clean_contact_function(self) -> str:
        """On one line."""
        return self._on_one_line("contact_function", "Skriv vilken funktion andra kan kontakta.")

    def _on_one_line(self, name: str, missing: str) -> str:
        line = one_line(self.cleaned_data[name])
        if not line:
            raise forms.ValidationError(missing, code="required")
        return line

    def clean_contact_email(self) -> str:
        """A function's mailbox: one's own address is a person's."""
        address: str = self.cleaned_data["contact_email"]
        if address.lower() == self.user.email.lower():
            raise forms.ValidationError(
                "Det är din egen adress. Skriv en brevlåda som hör till funktionen.",
                code="personal",
            )
        return address

    @staticmethod
    def typed_of(idea: Idea) -> dict[str, Any]:
        """An idea as it would have been typed."""
        typed = model_to_dict(idea)
        return typed | {name: [term.slug for term in typed[name]] for name in TERMS}

    @property
    def facts(self) -> IdeaFacts:
        """What was typed, as actions take it."""
        unsaid = {"opened", "compared"}
        typed = {name: value for name, value in self.cleaned_data.items() if name not in unsaid}
        for name, model in TERMS.items():
            typed[name] = list(model._default_manager.filter(slug__in=typed[name]))
        return IdeaFacts(**typed)

    @property
    def key(self) -> str:
        """The same for a page that is sent twice; another once anything in it was changed."""
        cleaned = self.cleaned_data
        sent = [
            self.user.pk,
            cleaned["opened"] or uuid.uuid4().hex,
            *(str(cleaned[name]) for name in ("kind", "title", "text", "organisation")),
        ]
        return _digest(sent)

    @property
    def is_compared(self) -> bool:
        """Whether the poster has been shown what is like just these words."""
        return self.cleaned_data["compared"] == self._words

    def with_compared(self) -> "IdeaForm":
        """The same form, knowing that what is like its words is shown now."""
        assert isinstance(self.data, QueryDict)  # noqa: S101
        data = self.data.copy()
        data["compared"] = self._words
        self.data = data
        return self

    @property
    def _words(self) -> str:
        return _digest([self.cleaned_data["title"], self.cleaned_data["text"]])


def _digest(parts: list[Any]) -> str:
    return hashlib.blake2b(
        repr(parts).encode(), key=settings.SECRET_KEY.encode()[:64], digest_size=16
    ).hexdigest()


class EchoForm(forms.Form):
    """For which of one's units one says "vi också"."""

    organisation = _unit()

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        organisations: QuerySet[Organisation],
        left: QuerySet[Organisation],
    ) -> None:
        """`left` are those that have not said it: offered, while a second click is taken too."""
        super().__init__(data)
        units = self.fields["organisation"]
        assert isinstance(units, forms.ModelChoiceField)  # noqa: S101
        units.queryset = organisations if self.is_bound else left
        if len(left) == 1:
            units.initial = left[0]


class CloseIdeaForm(forms.Form):
    """How an idea ended: in a project, or without one."""

    PROJECT, WITHOUT = "projekt", "utan"

    ended = forms.ChoiceField(
        label="Hur slutade det?",
        choices=[
            (PROJECT, "Det blev ett projekt, som finns i inventeringen"),
            (WITHOUT, "Det avslutas utan projekt"),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Välj hur det slutade.",
            "invalid_choice": "Välj hur det slutade.",
        },
    )
    number = forms.RegexField(
        re.compile(r"^[0-9]{1,9}\Z"),
        label="Projektets löpnummer, om det blev ett projekt",
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "short"}),
        help_text="Numret står överst på projektets sida.",
        error_messages={"invalid": "Ett löpnummer är bara siffror, till exempel 42."},
    )
    reason = FreeText(
        label="Skäl, om det avslutas utan projekt",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Visas på sidan.",
    )

    def __init__(self, data: QueryDict | None = None, *, audiences: frozenset[str]) -> None:
        super().__init__(data)
        self.audiences = audiences
        self.project: Project | None = None

    def clean(self) -> dict[str, Any]:
        """The chosen end tells what else must be there."""
        cleaned = super().clean() or {}
        if cleaned.get("ended") == self.PROJECT and "number" not in self.errors:
            self._find(cleaned.get("number") or "")
        if cleaned.get("ended") == self.WITHOUT and cleaned.get("reason") == "":
            self.add_error("reason", "Skriv varför.")
        return cleaned

    def _find(self, number: str) -> None:
        if not number:
            self.add_error("number", "Skriv projektets löpnummer.")
            return
        visible = Project.objects.visible_to(self.audiences)
        self.project = visible.filter(public_id=int(number)).first()
        if self.project is None:
            self.add_error("number", f"Vi hittar inget projekt med nummer {number}.")


class IdeaFilter(forms.Form):
    """What of the list somebody wants to see. What is wrong is left out of it."""

    NEWEST, MOST_SHARED = "nyast", "vi-ocksa"

    slag = forms.ChoiceField(
        label="Typ",
        choices=[("", "Idéer och behov"), *Idea.Kind.choices],
        required=False,
        error_messages={"invalid_choice": "Vi känner inte igen typen. Välj i listan."},
    )
    stadsdel = forms.ModelChoiceField(
        label="Stadsdelsområde",
        queryset=Organisation.objects.districts().alphabetical(),
        to_field_name="slug",
        required=False,
        empty_label="Alla",
        error_messages={
            "invalid_choice": "Vi känner inte igen stadsdelsområdet. Välj i listan.",
        },
    )
    tema = forms.ModelChoiceField(
        label="Tema",
        queryset=Theme.objects.all(),
        to_field_name="slug",
        required=False,
        empty_label="Alla",
        error_messages={"invalid_choice": "Vi känner inte igen temat. Välj i listan."},
    )
    sortera = forms.ChoiceField(
        label="Ordna efter",
        choices=[(NEWEST, "Senast upplagda"), (MOST_SHARED, "Flest som säger ”vi också”")],
        required=False,
        error_messages={"invalid_choice": "Den ordningen finns inte. Välj i listan."},
    )

    def narrow(self, ideas: Any) -> Any:
        """Those of these ideas that are asked for, in the asked order."""
        self.is_valid()
        asked = self.cleaned_data
        if asked.get("slag"):
            ideas = ideas.filter(kind=asked["slag"])
        if asked.get("stadsdel"):
            ideas = ideas.filter(organisation__covered_by__ancestor=asked["stadsdel"])
        if asked.get("tema"):
            ideas = ideas.filter(themes=asked["tema"])
        newest = ("-created_at", "-pk")
        shared = asked.get("sortera") == self.MOST_SHARED
        return ideas.order_by(*(("-echoed", *newest) if shared else newest))


class NeedsFilter(forms.Form):
    """Which needs are fetched as a file."""

    stadsdel = forms.ModelChoiceField(
        queryset=Organisation.objects.districts(), to_field_name="slug", required=False
    )
    ar = forms.RegexField(re.compile(r"^(19|20)[0-9]{2}\Z"), required=False)

    def narrow(self, ideas: Any) -> Any:
        """The needs among these ideas that are asked for; the form is valid."""
        needs = ideas.filter(kind=Idea.Kind.NEED)
        if district := self.cleaned_data["stadsdel"]:
            needs = needs.filter(organisation__covered_by__ancestor=district)
        if year := self.cleaned_data["ar"]:
            needs = needs.filter(created_at__year=int(year))
        return needs
