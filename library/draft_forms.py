"""The forms that items, methods and instruments are written in; answers are kept as typed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.validators import MaxLengthValidator
from django.db.models import Model
from django.utils.datastructures import MultiValueDict

from core.draft_fields import Several, plainly
from core.forms import FreeText, careful_formfield, one_line
from core.payloads import answer
from core.personnummer import refuse_personnummer
from library.models import Draft, Grade, Instrument, Item, Method
from library.questions import QUESTIONS
from people.models import Organisation

BOXES = (
    *("knowledge_sources", "themes", "service_areas", "readers", "methods", "instruments"),
    "similar",
)
RADIOS = ("kind", "visibility", "stage", "tried_in_sweden", "psychometrics", "peer_review")
# Written so that everybody understands; their readability is shown beside them.
PLAIN = frozenset({"plain_summary", "key_messages", "so_what"})
SHORT = frozenset({"authors", "corporate_authors", "key_messages", "time"})
# Names of published authors are meant here.
NAMES_ARE_MEANT = frozenset({"authors", "corporate_authors"})
DATE = "Skriv datumet som år, månad och dag, till exempel 2027-05-31."
# Of these one at least is needed.
TOGETHER = {
    "corporate_authors": "En på varje rad. Minst en författare eller organisation behövs.",
    "publisher": "Välj här, eller skriv i nästa fält.",
    "url": "Behövs om hela texten inte står här eller i en fil.",
}
YEAR = "Skriv året med fyra siffror, till exempel 2024."
FIRST_YEAR, LAST_YEAR = 1500, 2100


@dataclass(frozen=True)
class Section:
    """Some fields of the page, under a heading."""

    key: str
    label: str
    names: tuple[str, ...]
    help: str = ""
    more: bool = False  # stands folded until something is written there


class DraftForm(forms.ModelForm):
    """What the three have in common. `lacked`: a revision may lack what is lacking already."""

    SECTIONS: ClassVar[tuple[Section, ...]]
    REQUIRED: ClassVar[frozenset[str]]
    # Fields that are one answer together: joined, disputed and told as one.
    GROUPS: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    class Meta:
        widgets = {
            **dict.fromkeys(BOXES, forms.CheckboxSelectMultiple),
            **dict.fromkeys(RADIOS, forms.RadioSelect),
        }
        field_classes = dict.fromkeys(BOXES, Several)
        formfield_callback = careful_formfield

    def __init__(
        self,
        payload: Mapping[str, list[str]],
        *,
        of: Model | None = None,
        lacked: Iterable[str] = (),
        has_file: bool = False,
        instance: Any = None,
    ) -> None:
        super().__init__(
            MultiValueDict(dict(payload)), instance=instance, use_required_attribute=False
        )
        self.of, self.lacked, self.has_file = of, frozenset(lacked), has_file
        self.add_fields()
        for name, field in self.fields.items():
            field.required = name in self.REQUIRED and name not in self.lacked
            field.error_messages["required"] = "Det här saknas."
            plainly(field, short=name in SHORT)
            if name == "year":
                field.error_messages["invalid"] = YEAR
            if isinstance(field, forms.DateField):
                field.error_messages["invalid"] = DATE
                field.help_text = field.help_text or DATE
        for name in NAMES_ARE_MEANT & set(self.fields):
            told = self._meta.model._meta.get_field(name).help_text
            self.fields[name].help_text = TOGETHER.get(name, told)

    def add_fields(self) -> None:
        """Fields that are none of the model's own."""

    def validate_unique(self) -> None:
        """Names are compared in `clean_name`, which knows what is revised."""

    def require_one(self, names: tuple[str, ...], message: str) -> None:
        """Ask for one of several at the first of them."""
        if any(self.cleaned_data.get(name) or name in self.errors for name in names):
            return
        if not self.lacked.issuperset(names):
            self.add_error(names[0], forms.ValidationError(message, code="missing"))

    def require_whole(self, names: tuple[str, ...], messages: Mapping[str, str]) -> None:
        """Ask, at its field, for what is missing of something that is told whole or not at all."""
        if not any(self.cleaned_data.get(name) for name in names):
            return
        for name in names:
            if not self.cleaned_data.get(name) and name not in self.errors:
                self.add_error(name, forms.ValidationError(messages[name], code="incomplete"))


class ItemDraftForm(DraftForm):
    """An item."""

    HOW = tuple(f"how_known-{question.key}" for question in QUESTIONS)
    SECTIONS = (
        Section(
            "vad",
            "Vad är det?",
            (
                *("kind", "title", "authors", "corporate_authors", "publisher", "publisher_name"),
                *("year", "language", "url"),
            ),
        ),
        Section(
            "kort",
            "Kort och lätt",
            ("plain_summary", "key_messages", "so_what"),
            "Det som de flesta läser. Korta meningar och vanliga ord.",
        ),
        Section(
            "om",
            "Vad handlar det om, och för vem?",
            (
                *("knowledge_sources", "readers", "themes", "service_areas"),
                *("methods", "instruments"),
            ),
        ),
        Section(
            "hela",
            "Hela texten",
            ("full_text", "abstract"),
            "Om texten inte finns någon annanstans, till exempel en berättelse.",
            more=True,
        ),
        Section(
            "hur",
            "Hur kunskapen kom till",
            (*HOW, "limitations", "commissioned_by", "peer_review"),
            "De sju frågorna gäller projektrapporter, goda exempel och berättelser.",
            more=True,
        ),
        Section(
            "nummer",
            "Serie, nummer och licens",
            ("series", "number", "isbn", "issn", "doi", "urn", "licence"),
            more=True,
        ),
        Section("granskning", "Granskning och synlighet", ("review_due", "visibility")),
    )
    REQUIRED = frozenset({"kind", "title", *Item.REQUIRED, *Item.REQUIRED_TERMS})

    url = forms.URLField(
        label="Länk till fulltext",
        max_length=500,
        assume_scheme="https",
        widget=forms.TextInput({"inputmode": "url"}),
        error_messages={"invalid": "Skriv en adress, till exempel https://example.org/rapport."},
    )

    class Meta(DraftForm.Meta):
        model = Item
        fields = (
            *("kind", "title", "authors", "corporate_authors", "publisher", "publisher_name"),
            *("year", "language", "url", "plain_summary", "key_messages", "so_what"),
            *("knowledge_sources", "readers", "themes", "service_areas"),
            *("methods", "instruments", "full_text", "abstract", "limitations"),
            *("commissioned_by", "peer_review", "series", "number", "isbn", "issn", "doi", "urn"),
            *("licence", "review_due", "visibility"),
        )

    def add_fields(self) -> None:
        """The seven questions; organisations in alphabetical order."""
        for question in QUESTIONS:
            self.fields[f"how_known-{question.key}"] = FreeText(
                label=question.asks, help_text=question.help, max_length=2000, required=False
            )
        publisher = self.fields["publisher"]
        assert isinstance(publisher, forms.ModelChoiceField)  # noqa: S101
        publisher.queryset = Organisation.objects.alphabetical()
        for name, told in TOGETHER.items():
            self.fields[name].help_text = told
        self.fields["review_due"].help_text = f"När någon ska läsa posten igen. {DATE}"

    def clean_key_messages(self) -> str:
        """At most three, one on each line."""
        lines = [line.strip() for line in self.cleaned_data["key_messages"].splitlines()]
        lines = [line for line in lines if line]
        if len(lines) > Item.MOST_KEY_MESSAGES:
            raise forms.ValidationError(
                f"Skriv högst tre saker, en på varje rad. Nu är det {len(lines)}.", code="many"
            )
        return "\n".join(lines)

    def clean_year(self) -> int | None:
        """A year that something can have been published in."""
        year: int | None = self.cleaned_data["year"]
        if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
            raise forms.ValidationError(
                f"Året måste ligga mellan {FIRST_YEAR} och {LAST_YEAR}.", code="range"
            )
        return year

    def clean(self) -> dict[str, Any]:
        """Who wrote and published it, and where it can be read. A story may be anonymous."""
        cleaned = super().clean() or {}
        if cleaned.get("kind") not in {Item.Kind.STORY, Item.Kind.EXAMPLE}:
            self.require_one(
                ("authors", "corporate_authors"),
                "Skriv minst en författare, eller en organisation som författare.",
            )
            self.require_one(
                ("publisher", "publisher_name"), "Välj en utgivare, eller skriv vem det är."
            )
        if not self.has_file:
            self.require_one(
                ("url", "full_text"),
                "Skriv en länk, skriv hela texten eller ladda upp en fil.",
            )
        return cleaned


class ToolDraftForm(DraftForm):
    """A method or an instrument."""

    def clean_name(self) -> str:
        """On one line, and no other's."""
        name = one_line(self.cleaned_data["name"])
        others = self._meta.model._default_manager.filter(name__iexact=name)
        if name and others.exclude(pk=self.of.pk if self.of else None).exists():
            raise forms.ValidationError(f"{name} finns redan. Ändra det som finns.", code="taken")
        return name


GRADED = {
    "value": "Välj en bedömning.",
    "reason": "Skriv skälet i en mening.",
    "graded_by": "Skriv vem som har bedömt.",
    "cited": "Skriv källan till bedömningen.",
}


def grade_names(dimension: str) -> tuple[str, ...]:
    """The fields of one dimension."""
    return tuple(f"grade-{dimension}-{part}" for part in GRADED)


class MethodDraftForm(ToolDraftForm):
    """A method, with its knowledge declaration; a new one also says where it begins."""

    GROUPS = {f"grade-{each}": grade_names(each) for each in Grade.Dimension.values}
    SECTIONS = (
        Section(
            "vad",
            "Vad är det?",
            ("name", "abbreviation", "plain_summary", "purpose", "target_group"),
        ),
        Section(
            "hur",
            "Så görs det",
            ("how", "training", "cost", "fidelity", "risks", "contact_function"),
        ),
        Section(
            "lage",
            "Läge i metodverkstaden",
            ("stage", "stage_reason"),
            "Var metoden börjar. Sedan flyttas den i metodverkstaden.",
        ),
        *(
            Section(
                f"grade-{value}",
                f"Kunskapsdeklaration: {label.lower()}",
                grade_names(value),
                "Allt eller inget: utan skäl, vem och källa är det ”ej bedömt”.",
                more=True,
            )
            for value, label in Grade.Dimension.choices
        ),
        Section(
            "roster",
            "Tre röster",
            ("research_says", "staff_say", "experience_says"),
            "Lämna tomt det som ingen har sagt än. Då bjuder sidan in den som vet.",
            more=True,
        ),
        Section("om", "Vad handlar det om?", ("themes", "service_areas", "instruments")),
        Section("granskning", "Granskning och synlighet", ("reviewed_on", "visibility")),
    )
    REQUIRED = frozenset(
        {"name", "plain_summary", "purpose", "target_group", "how", "stage", "stage_reason"}
    )

    class Meta(DraftForm.Meta):
        model = Method
        fields = (
            *("name", "abbreviation", "plain_summary", "purpose", "target_group", "how"),
            *("training", "cost", "fidelity", "risks", "contact_function", "stage"),
            *("research_says", "staff_say", "experience_says"),
            *("themes", "service_areas", "instruments", "reviewed_on", "visibility"),
        )

    def add_fields(self) -> None:
        """Why it begins where it does; four fields for each dimension."""
        if self.of is None:
            self.fields["stage_reason"] = FreeText(label="Varför där?", max_length=1000)
        else:
            del self.fields["stage"]
        for dimension in Grade.Dimension.values:
            levels = Grade.Effect if dimension == Grade.Dimension.EFFECT else Grade.Level
            fields = {
                "value": forms.ChoiceField(
                    label="Bedömning", choices=[("", Grade.NOT_GRADED), *levels.choices]
                ),
                "reason": short_text("Skäl, i en mening", 300),
                "graded_by": short_text("Bedömt av (funktion eller organisation)", 150),
                "cited": short_text("Källa till bedömningen", 300),
            }
            for part, field in fields.items():
                self.fields[f"grade-{dimension}-{part}"] = field

    def clean(self) -> dict[str, Any]:
        """Each dimension whole, or not at all."""
        cleaned = super().clean() or {}
        for names in self.GROUPS.values():
            self.require_whole(names, dict(zip(names, GRADED.values(), strict=True)))
        return cleaned


def short_text(label: str, most: int) -> forms.CharField:
    """One line that names nobody."""
    too_long = "Texten är för lång: %(show_value)d tecken. Korta den till högst %(limit_value)d."
    return forms.CharField(
        label=label, validators=[MaxLengthValidator(most, too_long), refuse_personnummer]
    )


class InstrumentDraftForm(ToolDraftForm):
    """An instrument."""

    MEASURED = ("psychometrics", "psychometrics_reason", "psychometrics_by", "psychometrics_cited")
    GROUPS = {"psychometrics": MEASURED}
    SECTIONS = (
        Section(
            "vad",
            "Vad är det?",
            ("name", "abbreviation", "kind", "plain_summary", "measures_what", "target_group"),
        ),
        Section(
            "hur",
            "Så används det",
            (
                *("filled_in_by", "time", "rights_and_cost", "training", "manual", "feedback"),
                *("tried_in_sweden", "tried_how"),
            ),
        ),
        Section(
            "matt",
            "Mätegenskaper",
            MEASURED,
            "Allt eller inget: utan skäl, vem och källa är det ”ej bedömt”.",
            more=True,
        ),
        Section("om", "Vad handlar det om?", ("themes", "service_areas", "similar")),
        Section("granskning", "Granskning och synlighet", ("reviewed_on", "visibility")),
    )
    REQUIRED = frozenset(
        (
            *("name", "kind", "plain_summary", "measures_what", "target_group", "filled_in_by"),
            *("time", "rights_and_cost", "tried_in_sweden"),
        )
    )

    class Meta(DraftForm.Meta):
        model = Instrument
        fields = (
            *("name", "abbreviation", "kind", "plain_summary", "measures_what", "target_group"),
            *("filled_in_by", "time", "rights_and_cost", "training", "manual", "feedback"),
            *("tried_in_sweden", "tried_how", "psychometrics", "psychometrics_reason"),
            *("psychometrics_by", "psychometrics_cited"),
            *("themes", "service_areas", "similar", "reviewed_on", "visibility"),
        )

    def add_fields(self) -> None:
        """Its own name is not like itself."""
        similar = self.fields["similar"]
        assert isinstance(similar, forms.ModelChoiceField)  # noqa: S101
        if self.of:
            similar.queryset = Instrument.objects.exclude(pk=self.of.pk)

    def clean(self) -> dict[str, Any]:
        """What is said of how well it measures is whole, or nothing."""
        cleaned = super().clean() or {}
        self.require_whole(self.MEASURED, dict(zip(self.MEASURED, GRADED.values(), strict=True)))
        return cleaned


FORMS: dict[str, type[DraftForm]] = {
    Draft.Subject.ITEM: ItemDraftForm,
    Draft.Subject.METHOD: MethodDraftForm,
    Draft.Subject.INSTRUMENT: InstrumentDraftForm,
}


def names_of(subject: str, *, is_revision: bool) -> list[str]:
    """All form fields of a subject's page, in order."""
    names = [name for section in FORMS[subject].SECTIONS for name in section.names]
    first = {"stage", "stage_reason"} if subject == Draft.Subject.METHOD and is_revision else set()
    return [name for name in names if name not in first]


def sections_of(form: DraftForm) -> Iterator[tuple[Section, list[Any]]]:
    """Each section with its bound fields, those that have any."""
    for section in form.SECTIONS:
        fields = [form[name] for name in section.names if name in form.fields]
        if fields:
            yield section, fields


def is_written(payload: Mapping[str, list[str]], section: Section) -> bool:
    """Whether something is answered in a section."""
    return any(answer(payload, name) for name in section.names)
